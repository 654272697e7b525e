"""What a check expects of a value: exact about meaning, generous about form.

A list or a tensor counts for an array, a NumPy integer or 13.0 for the number 13; what does not count is a wrong value, a
wrong shape, or a type that would break what comes next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.mismatch import Mismatch


def number(value: Any, expected: int | float | None, what: str, *, wanted: float, hint: str = "") -> None:
    """Expect a single number equal to `wanted`.

    Args:
        expected: what the message may say; None where the brief does not state the value.

    Raises:
        Mismatch: it is no number, or another one.
    """
    found = scalar(value, what, hint=hint)
    if found != wanted:
        raise Mismatch(what, expected=expected, found=_plain(found), hint=hint)


def scalar(value: Any, what: str, *, hint: str = "") -> float | int:
    """Expect a single finite number, and return it as a Python number.

    Raises:
        Mismatch: it is None, text, an array of several values, or not finite.
    """
    if value is None:
        raise Mismatch(what, expected="a number", found="None", hint="Does your function end with `return ...`?")
    if isinstance(value, (str, bool, list, tuple, dict)) or not isinstance(value, (int, float, np.ndarray, np.generic)):
        raise Mismatch(what, expected="a number", found=kind(value), hint=hint)
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "iuf":
        raise Mismatch(what, expected="a single number", found=kind(value), hint=hint)
    found: float | int = array.reshape(()).item()
    if not np.isfinite(found):
        raise Mismatch(what, expected="a finite number", found=found, hint=hint)
    return found


def array(value: Any, what: str, *, shape: tuple[int, ...], dtype: str | None = None, hint: str = "") -> np.ndarray:
    """Expect an array of a shape, and of a dtype where one is named; return it as a NumPy array.

    Raises:
        Mismatch: it is no array of numbers, or of another shape or dtype.
    """
    found = _numeric(value, what, f"an array of numbers, of shape {shape}", hint)
    if found.shape != shape:
        raise Mismatch(f"{what}, shape", expected=shape, found=found.shape, hint=hint)
    if dtype is not None and isinstance(value, (np.ndarray, np.generic)) and found.dtype != np.dtype(dtype):
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
        raise Mismatch(what, expected=wanted, found="None", hint="Does your function end with `return ...`?")
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, (int, float, list, tuple, np.ndarray, np.generic)):
        raise Mismatch(what, expected=wanted, found=kind(value), hint=hint)
    try:
        found = np.asarray(value)
    except ValueError:  # rows of different lengths
        found = np.asarray(None)
    if found.dtype.kind not in "biuf":
        raise Mismatch(what, expected=wanted, found=kind(value), hint=hint)
    return found


def values(found: np.ndarray, wanted: np.ndarray, what: str, *, tolerance: float = 1e-6, hint: str = "") -> None:
    """Expect equal values within an absolute tolerance; the message names the first place that differs.

    Raises:
        Mismatch: some value differs, or is not finite.
    """
    difference = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
    wrong = ~(difference <= tolerance)
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise Mismatch(
            f"{what}, value at {list(place)}", expected=_plain(wanted[place]), found=_plain(found[place]), hint=hint
        )


def kind(value: Any) -> str:
    """A value's type and size as a student would say it: "None", "a list of 3 values", "the text 'abc'"."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)} values"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}, {value.dtype}"
    name = getattr(value, "type", None)
    if isinstance(name, str):  # an object that stayed in the process that ran the notebook
        return f"{name}{': ' + value.text if getattr(value, 'text', '') else ''}"
    return f"{type(value).__name__}: {value!r}"[:80]


def _plain(value: Any) -> str:
    return f"{np.asarray(value).item():g}" if np.asarray(value).dtype.kind == "f" else str(np.asarray(value).item())
