"""Changes to arguments are always noticed, and never where there are none."""

import copy
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnkit.probe.calling import call_function, call_text

ARRAYS = arrays.arrays(
    st.sampled_from([np.uint8, np.int64, np.float32, np.float64, np.bool_, np.dtype("<U2")]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ARRAYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.sets(st.integers()),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_a_function_that_reads_changes_nothing(first, second):
    assert call_function(lambda a, b: (copy.deepcopy(a), repr(b)), [first], {"b": second}).mutated == ()


@given(VALUES)
def test_the_caller_s_own_argument_is_safe(value):
    before = repr(value)

    def destroy(argument):
        if isinstance(argument, list | dict | set):
            argument.clear()
        if isinstance(argument, np.ndarray) and argument.size:
            argument.flat[0] = 0

    call_function(destroy, [value])
    assert repr(value) == before


@given(ARRAYS.filter(lambda array: array.size), st.data())
def test_a_change_of_one_element_is_noticed(array, data):
    place = data.draw(st.integers(0, array.size - 1))
    other = data.draw(arrays.from_dtype(array.dtype))

    def change(argument):
        argument.flat[place] = other

    changed = array.copy()
    change(changed)
    differs = changed.tobytes() != array.tobytes()
    assert call_function(change, [array]).mutated == (("argument",) if differs else ())


def items_replaced(argument):
    argument[0] = -0.0


def nested(argument):
    argument[1]["a"].append(1)


def reordered(argument):
    argument["first"] = argument.pop("first")


@dataclass
class Run:
    history: dict


def history(argument):
    argument.history["loss"] = []


def in_place(argument):
    argument /= 255


def shape(argument):
    argument.resize((2, 2), refcheck=False)


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        (list.sort, [2, 1]),
        (items_replaced, [0.0]),
        (nested, (1, {"a": []})),
        (reordered, {"first": 1, "second": 2}),
        (set.pop, {1, 2}),
        (bytearray.clear, bytearray(b"ab")),
        (history, Run({"loss": [1.0]})),
        (in_place, np.array([1.0, 255.0])),
        (shape, np.arange(4)),
        (lambda argument: argument[0].append(1), np.array([[], None], dtype=object)),
    ],
)
def test_changes_of_many_kinds_are_noticed(change, argument):
    assert len(call_function(change, [argument]).mutated) == 1


def test_nan_is_no_change():
    nan = float("nan")
    assert call_function(lambda *_: None, [np.array([nan]), nan, [nan], {"a": nan}, np.float32(nan)]).mutated == ()


def test_arguments_are_named_as_the_function_names_them():
    def f(images, labels, *rest, scale=1):
        for one in (images, labels, *rest, scale):
            one.append(1)

    assert call_function(f, [[], [], [], []], {"scale": []}).mutated == (
        "images",
        "labels",
        "argument 3",
        "argument 4",
        "scale",
    )


def test_what_the_function_raises_comes_through():
    with pytest.raises(ZeroDivisionError):
        call_function(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((28, 3), {"stride": 2, "padding": "same"}, "f(28, 3, stride=2, padding='same')"),
        ((np.array([3, 0, 9], np.uint8),), {}, "f([3, 0, 9])"),
        ((np.eye(2),), {}, "f([[1., 0.], [0., 1.]])"),
        ((np.zeros((5, 28, 28), np.uint8),), {"classes": 10}, "f(<uint8 array (5, 28, 28)>, classes=10)"),
        (("x" * 100,), {}, "f('" + "x" * 56 + "...)"),
    ],
)
def test_a_call_as_text(args, kwargs, text):
    assert call_text("f", args, kwargs).replace(" 0.", "0.").replace(" 1.", "1.").replace(" ", "") == text.replace(
        " ", ""
    )
