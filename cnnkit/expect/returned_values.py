"""Expectations on returned values: exact about values and shapes, lenient about types.

A list or a tensor is accepted as an array, a NumPy integer or 13.0 as the number 13, and a remark says so. A wrong
value, a wrong shape, or a type that would break the code that follows is not accepted. Whatever a student's function
returns, no exception but Mismatch is raised.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit.checks.remarks import remark
from cnnkit.linear_pattern import compile_anchored
from cnnkit.mismatch import Mismatch
from cnnkit.probe.value_text import TensorValues, has_type, kind, number_text

_CALLED = compile_anchored(r"(\w++)\(")

_RETURN = "Does your function end with `return ...`?"
ANOTHER_SHAPE = "Another shape is right: work it out by hand."
"""Consequence in a message that does not reveal the right shape."""

_HIDDEN = "Another number is right: work this one out by hand."
"""Consequence in a message that does not reveal the right number."""


def number(value: Any, expected: int | float | None, what: str, *, wanted: float, hint: str = "") -> None:
    """Expect a single number equal to `wanted`.

    Args:
        value: the value that the student's function returned: a Python or NumPy number, or an array or tensor of one.
        expected: the number to reveal in the message; None if the specification does not state it.
        what: the call, as a student would type it.
        wanted: the right number.
        hint: what to try.

    Raises:
        Mismatch: it is no number, or a different one.

    Example:
        >>> number(13, 13, "conv_output_size(28, 3, 2)", wanted=13)
    """
    found = scalar(value, what, hint=hint)
    if found != wanted:
        found_text = number_text(found, beside=wanted)
        advice = _HIDDEN if expected is None else ""
        raise Mismatch(what, expected=expected, found=found_text, consequence=advice, hint=hint)


def scalar(value: Any, what: str, *, hint: str = "") -> float | int:
    """Expect a single finite number, and return it as a Python number.

    Args:
        value: the value that the student's function returned: a Python or NumPy number, or an array or tensor of one.
        what: the call, as a student would type it.
        hint: what to try.

    Raises:
        Mismatch: it is None, text, a boolean, an array of several values, or not finite.

    Example:
        >>> scalar(2.5, "mean([2, 3])")
        2.5
    """
    if value is None:
        raise Mismatch(what, expected="a number", found="None", hint=_RETURN)
    if type(value) is int:
        return value
    if has_type(value, bool) or not has_type(value, int, float, np.ndarray, np.generic):
        raise Mismatch(what, expected="a number", found=kind(value), hint=hint)
    single = np.asarray(value)
    if single.size != 1 or single.dtype.kind not in "iuf":
        raise Mismatch(what, expected="a single number", found=kind(value), hint=hint)
    found: float | int = single.reshape(()).item()
    if not math.isfinite(found):
        raise Mismatch(what, expected="a finite number", found=found, hint=hint)
    if has_type(value, np.ndarray, np.generic):
        _remark_form(what, value, "the number it holds")
    return found


def array(
    value: Any, what: str, *, shape: tuple[int, ...], dtype: str | None = None, reveal: bool = True, hint: str = ""
) -> np.ndarray:
    """Expect an array of numbers of a shape and dtype, and return it as a NumPy array.

    Args:
        value: the value that the student's function returned: an array or tensor, or nested lists or tuples.
        what: the call, as a student would type it.
        shape: the right shape, e.g. (5, 28, 28, 1).
        dtype: the right dtype; None accepts any. The dtype of lists and tuples is not checked.
        reveal: True if the message may state the right shape, because the specification does.
        hint: what to try.

    Returns:
        The array, of that shape.

    Raises:
        Mismatch: it is no array of numbers, or has a different shape or dtype.

    Example:
        >>> array(np.zeros((2, 3)), "zeros()", shape=(2, 3)).shape
        (2, 3)
    """
    found = _numeric(value, what, f"an array of numbers{f', of shape {shape}' if reveal else ''}", hint)
    if found.shape != shape:
        advice = "" if reveal else ANOTHER_SHAPE
        wanted = shape if reveal else None
        raise Mismatch(f"{what}, shape", expected=wanted, found=found.shape, consequence=advice, hint=hint)
    if dtype is not None and has_type(value, np.ndarray, np.generic) and found.dtype != np.dtype(dtype):
        raise Mismatch(f"{what}, type of the values", expected=dtype, found=found.dtype, hint=hint)
    return found


def numbers(value: Any, what: str, *, like: np.ndarray, hint: str = "") -> np.ndarray:
    """Expect as many numbers as there are in `like`, in any shape, and return them in its shape.

    For a check of values when a different check compares the shape, so that one mistake is not counted twice.

    Args:
        value: the value that the student's function returned.
        what: the call, as a student would type it.
        like: an array of the right shape.
        hint: what to try.

    Returns:
        The numbers as an array of the shape of `like`.

    Raises:
        Mismatch: it is no array of numbers, or has a different number of them.

    Example:
        >>> numbers([[1], [2]], "double([0.5, 1])", like=np.zeros(2))
        array([1, 2])
    """
    found = _numeric(value, what, f"an array of {like.size:,} numbers", hint)
    if found.size != like.size:
        raise Mismatch(f"{what}, number of values", expected=f"{like.size:,}", found=f"{found.size:,}", hint=hint)
    return found.reshape(like.shape)


def _numeric(value: Any, what: str, wanted: str, hint: str) -> np.ndarray:
    if value is None:
        raise Mismatch(what, expected=wanted, found="None", hint=_RETURN)
    if not has_type(value, int, float, list, tuple, np.ndarray, np.generic):
        raise Mismatch(what, expected=wanted, found=kind(value), hint=hint)
    try:
        found = np.asarray(value)
    except Exception as error:  # rows of different lengths, or objects in the list whose conversion raises
        ragged = f"{kind(value)} that cannot become an array (are its rows of equal length?)"
        raise Mismatch(what, expected=wanted, found=ragged, hint=hint) from error
    if found.dtype.kind not in "biuf":
        raise Mismatch(what, expected=wanted, found=kind(value), hint=hint)
    if not has_type(value, np.ndarray) or has_type(value, TensorValues):
        _remark_form(what, value, "the NumPy array of the same values")
    return found


def values(
    found: np.ndarray,
    wanted: np.ndarray,
    what: str,
    *,
    tolerance: float | None = None,
    reveal: bool = True,
    instead: str = _HIDDEN,
    hint: str = "",
) -> None:
    """Expect values equal to `wanted` within a tolerance; the message names the first that differs.

    Args:
        found: the student's values, an array of any shape.
        wanted: the right values, of the same shape.
        what: the call, as a student would type it.
        tolerance: largest absolute difference; by default 0 for integers and booleans, and t·(1 + |wanted|) for floats,
            with t = 1e-3 in half precision and 1e-6 otherwise.
        reveal: True if the message may state the right value, because the specification does.
        instead: consequence in a message that does not reveal it.
        hint: what to try.

    Raises:
        Mismatch: a value differs or is not finite, or the shapes differ.

    Example:
        >>> values(np.array([0.1 + 0.2]), np.array([0.3]), "add(0.1, 0.2)")
    """
    if found.shape != wanted.shape:
        raise Mismatch(f"{what}, shape", expected=wanted.shape, found=found.shape, hint=hint)
    with np.errstate(all="ignore"):
        difference = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
    wrong = ~(difference <= _allowed(found, wanted, tolerance))
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        ours, theirs = wanted[place].item(), found[place].item()
        raise Mismatch(
            f"{what}, value at {list(place)}" if place else what,
            expected=number_text(ours, beside=theirs) if reveal else None,
            found=number_text(theirs, beside=ours),
            consequence="" if reveal else instead,
            hint=hint,
        )


def _remark_form(what: str, value: Any, counts_for: str) -> None:
    """Remark that a right answer has a different form; it names the function, not the call, so that it appears once."""
    function = _CALLED.match(what)
    if function is None or ")(" in what:
        return  # an output of the object that the function returned: its form is not the function's choice
    form = f"a {type(value).__name__}"
    if has_type(value, TensorValues):
        form = "a tensor"
    elif has_type(value, np.ndarray):
        form = "an array of one value"
    elif has_type(value, np.generic):
        form = f"a NumPy {type(value).__name__}"
    remark(f"`{function[1]}` returns {form}; it counts as {counts_for}.")


def _allowed(found: np.ndarray, wanted: np.ndarray, tolerance: float | None) -> np.ndarray | float:
    """Tolerance of each value, of the shape of `wanted` or a single number.

    Lists hold 64-bit numbers that may have been 32-bit ones before (`tensor.numpy().tolist()`), so both have the same.
    """
    if tolerance is not None:
        return tolerance
    if found.dtype.kind != "f":
        return 0.0
    relative = 1e-3 if found.dtype.itemsize == 2 else 1e-6
    return relative * (1.0 + np.abs(wanted.astype(np.float64)))


def left_alone(function: str, mutated: Sequence[str], *, hint: str = "") -> None:
    """Expect a call to leave its arguments unchanged.

    Args:
        function: name of the function.
        mutated: names of the arguments that it changed, see `Evidence.mutated`.
        hint: what to try; how to copy an array by default.

    Raises:
        Mismatch: it changed one.
    """
    if mutated:
        raise Mismatch(
            f"the argument `{mutated[0]}` of {function}",
            expected="left as it was",
            found="changed in place",
            consequence="Whoever calls the function twice gets another result the second time.",
            hint=hint or f"Work on a copy: `{mutated[0]}.copy()` makes one.",
        )
