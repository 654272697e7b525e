"""Remarks on right answers are collected inside `collecting`, ignored elsewhere, and cost no points."""

import numpy as np
import pytest

from cnnkit import expect
from cnnkit.checks.remarks import MOST_REMARKS, collecting, remark
from cnnkit.probe.value_text import TensorValues


def remarks(function, *args, **kwargs):
    with collecting() as said:
        function(*args, **kwargs)
    return said


def test_nothing_happens_where_nobody_listens():
    remark("lost")
    with collecting() as said:
        pass
    assert said == []


def test_each_is_said_once_and_not_too_many():
    with collecting() as said:
        for number in range(10):
            remark("the same")
            remark(f"number {number}\nand more")
    assert said[:2] == ["the same", "number 0 and more"]
    assert len(said) == MOST_REMARKS


def test_listeners_may_be_nested():
    with collecting() as outer:
        with collecting() as inner:
            remark("inside")
        remark("outside")
    assert (inner, outer) == (["inside"], ["outside"])


@pytest.mark.parametrize("value", [13, 13.0])
def test_a_python_number_needs_no_remark(value):
    assert remarks(expect.number, value, 13, "f()", wanted=13) == []


@pytest.mark.parametrize(
    ("value", "form"),
    [(np.int64(13), "a NumPy int64"), (np.float32(13), "a NumPy float32"), (np.array([13]), "an array of one value")],
)
def test_another_form_of_number_counts_with_a_remark(value, form):
    assert remarks(expect.number, value, 13, "f()", wanted=13) == [
        f"`f` returns {form}; it counts as the number it holds."
    ]


def test_another_form_of_array_counts_with_a_remark():
    assert remarks(expect.array, np.zeros(2), "f()", shape=(2,)) == []
    assert remarks(expect.array, [0, 0], "f()", shape=(2,)) == [
        "`f` returns a list; it counts as the NumPy array of the same values."
    ]
    tensor = np.zeros((2, 2), "float32").view(TensorValues)
    assert remarks(expect.numbers, tensor, "f()", like=np.zeros(4)) == [
        "`f` returns a tensor; it counts as the NumPy array of the same values."
    ]
