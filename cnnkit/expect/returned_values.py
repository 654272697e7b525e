"""What a check expects of a value: exact about meaning, generous about form.

A list or a tensor counts for an array, a NumPy integer or 13.0 for the number 13, and a remark says so; what does not
count is a wrong value, a wrong shape, or a type that would break what comes next. Whatever a student's function
returns, nothing but Mismatch is raised.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit.checks.remarks import remark
from cnnkit.mismatch import Mismatch
from cnnkit.probe.value_text import TensorValues, has_type, kind, number_text

_RETURN = "Does your function end with `return ...`?"
ANOTHER_SHAPE = "Another shape is right: work it out by hand."
"""What follows where the right shape is not said."""

_HIDDEN = "Another number is right: work this one out by hand."


def number(value: Any, expected: int | float | None, what: str, *, wanted: float, hint: str = "") -> None:
    """Expect a single number equal to `wanted`.

    Args:
        value: what the student's function returned.
        expected: what the message may say; None where the brief does not state the value.
        what: the call, as the student would write it.
        wanted: the right number.
        hint: what to try.

    Raises:
        Mismatch: it is no number, or another one.
    """
    found = scalar(value, what, hint=hint)
    if found != wanted:
        said = _HIDDEN if expected is None else ""
        raise Mismatch(what, expected=expected, found=number_text(found, beside=wanted), consequence=said, hint=hint)


def scalar(value: Any, what: str, *, hint: str = "") -> float | int:
    """Expect a single finite number, and return it as a Python number.

    Raises:
        Mismatch: it is None, text, a truth value, an array of several values, or not finite.
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
    """Expect an array of a shape, and of a dtype where one is named; return it as a NumPy array.

    Args:
        value: what the student's function returned.
        what: the call, as the student would write it.
        shape: the right one.
        dtype: the right one, or None where any will do.
        reveal: whether the message may say the right shape; not where the brief does not state it.
        hint: what to try.

    Raises:
        Mismatch: it is no array of numbers, or of another shape or dtype.
    """
    found = _numeric(value, what, f"an array of numbers{f', of shape {shape}' if reveal else ''}", hint)
    if found.shape != shape:
        said = "" if reveal else ANOTHER_SHAPE
        wanted = shape if reveal else None
        raise Mismatch(f"{what}, shape", expected=wanted, found=found.shape, consequence=said, hint=hint)
    if dtype is not None and has_type(value, np.ndarray, np.generic) and found.dtype != np.dtype(dtype):
        raise Mismatch(f"{what}, type of the values", expected=dtype, found=found.dtype, hint=hint)
    return found


def numbers(value: Any, what: str, *, like: np.ndarray, hint: str = "") -> np.ndarray:
    """Expect as many numbers as there are in `like`, whatever the shape; return them in its shape.

    For a check of values beside another one of the shape, so that one mistake is not counted twice.

    Raises:
        Mismatch: it is no array of numbers, or holds another number of them.
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
    except Exception as error:  # rows of different lengths, or objects in the list that refuse to become numbers
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
    """Expect equal values within what the type of the values can tell apart; the message names the first that differs.

    Args:
        found: what the student's function returned, as an array.
        wanted: the right values.
        what: the call, as the student would write it.
        tolerance: how far off a value may be; by default what suits the type: nothing for whole numbers, for others
            a share of the value, 1e-3 in half precision and 1e-6 otherwise, and as much in itself.
        reveal: whether the message may say the right value; not where the brief does not state it.
        instead: what the message says in its place, where it may not.
        hint: what to try.

    Raises:
        Mismatch: some value differs, or is not finite, or there are more or fewer of them.
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
    """Say that a right answer has another form, of the function rather than of one call: every call would say it."""
    function = re.match(r"(\w+)\(", what)
    if function is None or ")(" in what:
        return  # what something puts out that the function returned: its form is not the function's doing
    form = f"a {type(value).__name__}"
    if has_type(value, TensorValues):
        form = "a tensor"
    elif has_type(value, np.ndarray):
        form = "an array of one value"
    elif has_type(value, np.generic):
        form = f"a NumPy {type(value).__name__}"
    remark(f"`{function[1]}` returns {form}; it counts for {counts_for}.")


def _allowed(found: np.ndarray, wanted: np.ndarray, tolerance: float | None) -> np.ndarray | float:
    """How far off each value may be.

    Lists hold 64-bit numbers that may have been 32-bit ones before (`tensor.numpy().tolist()`), so both get one bound.
    """
    if tolerance is not None:
        return tolerance
    if found.dtype.kind != "f":
        return 0.0
    share = 1e-3 if found.dtype.itemsize == 2 else 1e-6
    return share * (1.0 + np.abs(wanted.astype(np.float64)))


def left_alone(function: str, mutated: Sequence[str], *, hint: str = "") -> None:
    """Expect that a call changed none of its arguments.

    Args:
        function: which was called.
        mutated: names of the arguments that it changed, see `Evidence.mutated`.
        hint: what to try; how to copy an array unless given.

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
