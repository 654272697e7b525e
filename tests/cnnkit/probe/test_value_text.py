"""Values in words, whatever they are."""

import numpy as np
import pytest

from cnnkit.probe.value_text import TensorValues, has_type, kind, number_text


def test_every_kind_has_a_name_that_can_be_shown(odd):
    name = kind(odd)
    assert 0 < len(name) <= 120
    assert "\n" not in name
    name.encode()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (True, "True"),
        ("abc", "the text 'abc'"),
        ("a" * 41, f"the text '{'a' * 40}'…"),
        ([1, 2, 3], "a list of 3 values"),
        ((1,), "a tuple of 1 value"),
        ({}, "an empty dict"),
        ({1: 2, 3: 4}, "a dict of 2 entries"),
        (0.1 + 0.2, "float: 0.3"),
        (np.float32(0.5), "float32: 0.5"),
        (np.zeros((2, 3)), "an array of shape (2, 3), float64"),
        (np.zeros(2, "float32").view(TensorValues), "a tensor of shape (2,), float32"),
        (len, "the function len"),
        (int, "the class int"),
    ],
)
def test_kinds_in_a_student_s_words(value, words):
    assert kind(value) == words


def test_the_type_of_an_object_is_not_what_it_says():
    class Liar:
        __class__ = list

    assert isinstance(Liar(), list)
    assert not has_type(Liar(), list)
    assert has_type(True, int)


@pytest.mark.parametrize(
    ("value", "beside", "text"),
    [
        (1.0, None, "1"),
        (-0.0, None, "0"),
        (0.5000002, 0.5, "0.5000002"),
        (0.5, 0.5, "0.5"),
        (10**29, None, "1" + "0" * 29),
    ],
)
def test_numbers(value, beside, text):
    assert number_text(value, beside) == text


def test_a_number_that_no_line_holds_is_told_by_its_size():
    assert number_text(10**5000) == "a whole number of 16,610 bits"
