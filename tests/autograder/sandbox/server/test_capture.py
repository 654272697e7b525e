"""Printed text is bounded, however it comes."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.server.capture import BoundedText


@given(st.lists(st.text(max_size=30), max_size=20), st.integers(0, 100))
def test_keeps_the_beginning_and_counts_everything(parts, limit):
    text = BoundedText(limit)
    for part in parts:
        assert text.write(part) == len(part)
    everything = "".join(parts)
    assert text.getvalue() == everything[:limit]
    assert text.written == len(everything)
