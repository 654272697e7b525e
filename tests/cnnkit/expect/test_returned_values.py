"""Values are judged by what they mean; whatever comes, the answer is a sentence."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.protocol.messages import OpaqueValue
from cnnkit import expect
from cnnkit.mismatch import Mismatch


def said(function, *args, **kwargs):
    with pytest.raises(Mismatch) as caught:
        function(*args, **kwargs)
    return caught.value.message


@pytest.mark.parametrize(
    "value", [13, 13.0, np.int64(13), np.float32(13), np.array(13), np.array([13]), np.longdouble(13)]
)
def test_a_number_may_have_any_form(value):
    expect.number(value, 13, "f()", wanted=13)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "f(): expected a number, found None."),
        (14, "f(): expected 13, found 14."),
        (13.5, "f(): expected 13, found 13.5."),
        (12.999999999, "f(): expected 13, found 12.999999999."),
        ("13", "f(): expected a number, found the text '13'."),
        (True, "f(): expected a number, found True."),
        ([13], "f(): expected a number, found a list of 1 value."),
        ((), "f(): expected a number, found an empty tuple."),
        (float("nan"), "f(): expected a finite number, found nan."),
        (np.array([1, 2]), "f(): expected a single number, found an array of shape (2,), int64."),
        (10**5000, "f(): expected 13, found a whole number of 16,610 bits."),
        (len, "f(): expected a number, found the function len."),
        (int, "f(): expected a number, found the class int."),
        (OpaqueValue("TensorFlow tensor", "shape ()"), "f(): expected a number, found TensorFlow tensor: shape ()."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_said_of_a_wrong_number(value, words):
    assert said(expect.number, value, 13, "f()", wanted=13) == words


def test_a_hidden_value_is_not_revealed():
    message = said(expect.number, 14, None, "f()", wanted=13)
    assert message.startswith("f(): found 14.")
    assert "13" not in message


def test_whole_numbers_are_compared_exactly():
    with pytest.raises(Mismatch):
        expect.number(2**60 + 1, None, "f()", wanted=2**60)


def test_whatever_comes_the_answer_is_a_mismatch(odd):
    for function, kwargs in (
        (expect.number, {"expected": 3, "wanted": -1.5}),
        (expect.array, {"shape": (77, 3), "dtype": "float32"}),
        (expect.numbers, {"like": np.zeros(77)}),
    ):
        with pytest.raises(Mismatch) as caught:
            function(odd, what="f()", **kwargs)
        assert 0 < len(caught.value.message) < 300
        caught.value.message.encode()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(), st.lists))
def test_nothing_but_mismatch_for_any_data(value):
    with suppress(Mismatch):
        expect.scalar(value, "f()")
    with suppress(Mismatch):
        expect.array(value, "f()", shape=(2, 2))
    with suppress(Mismatch):
        expect.values(expect.numbers(value, "f()", like=np.zeros(2)), np.zeros(2), "f()")
    assert expect.kind(value)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_equal_values_pass_in_every_form(values):
    wanted = np.array(values)
    for form in (values, tuple(values), wanted, wanted.reshape(1, -1), [np.float64(value) for value in values]):
        expect.values(expect.numbers(form, "f()", like=wanted), wanted, "f()")


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12), st.data())
def test_one_wrong_value_is_found_at_its_place(values, data):
    wanted = np.array(values)
    place = data.draw(st.integers(0, len(values) - 1))
    found = wanted.copy()
    found[place] += data.draw(st.sampled_from([1e-3, -5.0, np.nan, np.inf]))
    assert f"value at [{place}]" in said(expect.values, found, wanted, "f()")


def test_two_values_that_look_alike_are_told_apart():
    message = said(expect.values, np.array([0.500002]), np.array([0.5]), "f()")
    assert message == "f(), value at [0]: expected 0.5, found 0.500002."
    message = said(expect.values, np.array([0.50000002]), np.array([0.5]), "f()", tolerance=0.0)
    assert message == "f(), value at [0]: expected 0.5, found 0.50000002."


def test_values_of_another_shape_are_not_stretched():
    assert "shape" in said(expect.values, np.zeros((2, 2)), np.zeros(2), "f()")


@pytest.mark.parametrize("value", [[[1, 0], [0, 1]], ((1, 0), (0, 1)), np.eye(2), np.eye(2, dtype=bool)])
def test_an_array_may_be_a_list(value):
    assert expect.array(value, "f()", shape=(2, 2)).shape == (2, 2)


def test_the_type_of_the_values_counts_for_arrays_only():
    expect.array([1.0], "f()", shape=(1,), dtype="float32")
    message = said(expect.array, np.zeros(1), "f()", shape=(1,), dtype="float32")
    assert message == "f(), type of the values: expected float32, found float64."


def test_what_is_said_of_a_wrong_shape():
    assert said(expect.array, np.zeros((5, 28, 28)), "f()", shape=(5, 28, 28, 1)) == (
        "f(), shape: expected (5, 28, 28, 1), found (5, 28, 28)."
    )
    assert "are its rows of equal length?" in said(expect.array, [[1, 2], [3]], "f()", shape=(2, 2))


def test_a_missing_return_is_guessed():
    with pytest.raises(Mismatch) as caught:
        expect.array(None, "f()", shape=(2,))
    assert "return" in caught.value.hint


def test_hidden_values_are_not_revealed():
    with pytest.raises(Mismatch) as caught:
        expect.values(np.array([0.25, 0.5]), np.array([0.25, 0.75]), "f()", reveal=False)
    assert "0.75" not in str(caught.value)
    assert "found 0.5" in str(caught.value)


def test_a_shape_that_is_not_to_be_said():
    for value in (np.zeros((2, 3)), None):
        with pytest.raises(Mismatch) as caught:
            expect.array(value, "f()", shape=(7, 9), reveal=False)
        assert "7" not in caught.value.message
        assert caught.value.message.startswith("f()")


def test_arguments_left_alone():
    expect.left_alone("f", [])
    with pytest.raises(Mismatch, match="the argument `x` of f: expected left as it was, found changed in place"):
        expect.left_alone("f", ["x", "y"])
