"""A mismatch is one or two sentences, whatever is put into it."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.mismatch import LONGEST_CONSEQUENCE, LONGEST_FOUND, LONGEST_PART, Mismatch


class Unprintable:
    def __str__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("mismatch", "message"),
    [
        (Mismatch("strides", expected=(2, 2), found=(1, 1)), "strides: expected (2, 2), found (1, 1)."),
        (Mismatch("strides", expected=0, found=False), "strides: expected 0, found False."),
        (Mismatch("strides", found="none"), "strides: found none."),
        (Mismatch("not written yet."), "not written yet."),
        (Mismatch("is it written?"), "is it written?"),
        (Mismatch("and so on..."), "and so on..."),
        (Mismatch("a", found=1, consequence="It floors"), "a: found 1. It floors."),
        (Mismatch("a", found=1, consequence="It floors!"), "a: found 1. It floors!"),
        (Mismatch("a\n  b", found="1\n2"), "a b: found 1 2."),
        (Mismatch("a", found=Unprintable()), "a: found an object of type Unprintable."),
        (Mismatch("a", found=10**5000), "a: found an object of type int."),
    ],
)
def test_message(mismatch, message):
    assert mismatch.message == str(mismatch) == message


TEXTS = st.text(st.characters(exclude_categories=())) | st.integers() | st.lists(st.text()) | st.none()


@given(TEXTS.map(str), TEXTS, TEXTS, TEXTS.map(str))
def test_whatever_it_holds_it_can_be_shown_and_saved(what, expected, found, consequence):
    message = Mismatch(what, expected=expected, found=found, consequence=consequence).message
    message.encode()
    assert "\n" not in message


def test_it_stays_short():
    message = Mismatch("x" * 10**6, expected="y" * 10**6, found="z" * 10**6, consequence="c" * 10**6).message
    assert len(message) < 3 * LONGEST_PART + LONGEST_CONSEQUENCE + 40


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_it_can_be_sent_to_another_process(twin):
    found = twin(Mismatch("a", expected=1, found=2, consequence="So.", hint="Try."))
    assert (found.message, found.hint, found.expected) == ("a: expected 1, found 2. So.", "Try.", 1)


def test_colours_of_a_terminal_are_left_out():
    colourful = "\x1b[1mArguments received\x1b[0m: \x1bshape"
    assert Mismatch("a", found=colourful).message == "a: found Arguments received: shape."


def test_a_students_value_is_quoted_in_brief():
    said = str(Mismatch("f()", expected="e" * 400, found="x" * 5_000))
    assert said.count("x") <= LONGEST_FOUND  # one of them in "expected"
    assert said.count("e") > 400
