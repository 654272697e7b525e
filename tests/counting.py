"""Counting what a piece of code does: unlike seconds, the same on every machine."""

import sys


def calls(function, *args):
    """How many Python functions are called in `function(*args)`, itself included."""
    count = 0

    def note(_, event, __):
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function(*args)
    finally:
        sys.setprofile(before)
    return count
