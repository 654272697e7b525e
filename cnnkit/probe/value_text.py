"""Type and size of a value as text for a message; any value may come, hostile objects included."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Sized
from typing import Any

import numpy as np

from cnnkit.text import one_line


class TensorValues(np.ndarray):
    """Values of a tensor: an ordinary array whose type lets a check know that a tensor was returned."""


def kind(value: Any) -> str:
    """Type and size of a value in words; it never raises, and is short for a large value.

    Example:
        >>> kind([1, 2, 3]), kind("abc"), kind(None)
        ('a list of 3 values', "the text 'abc'", 'None')
    """
    try:
        return one_line(_kind(value), 120)
    except Exception:  # any method of a student's own class may raise
        return one_line(f"an object of type {type(value).__name__}", 120)


def _kind(value: Any) -> str:
    name = type(value).__name__
    if value is None or has_type(value, bool, np.bool_):
        return str(value)
    if has_type(value, str):
        return f"the text {value[:40]!r}" + ("…" if len(value) > 40 else "")
    if has_type(value, TensorValues):
        return f"a tensor of shape {value.shape}, {value.dtype}"
    if has_type(value, np.ndarray):
        return f"an array of shape {value.shape}, {value.dtype}"
    if has_type(value, int, float, complex, np.generic):
        return f"{name}: {number_text(value)}"
    if has_type(value, list, tuple, dict, set, frozenset, bytes):
        return _sized(name, value)
    if inspect.isroutine(value):
        return f"the function {value.__name__}"
    if has_type(value, type):
        return f"the class {value.__name__}"
    opaque = getattr(value, "type", None)  # an object that stayed in the process that ran the notebook
    if type(opaque) is str:
        return f"{opaque}: {value.text}" if getattr(value, "text", "") else opaque
    return f"{name}: {reprlib.repr(value)}"


def has_type(value: Any, *types: type) -> bool:
    """True if the value is of one of the types; unlike `isinstance` it ignores the object's own `__class__`."""
    return issubclass(type(value), types)


def _sized(name: str, value: Sized) -> str:
    if not len(value):
        return f"an empty {name}"
    noun = {"dict": "entries", "bytes": "bytes"}.get(name, "values")
    return f"a {name} of {len(value):,} {noun}" if len(value) > 1 else f"a {name} of 1 value"


def number_text(value: Any, beside: Any = None) -> str:
    """Format a number with six significant digits, or with all if six would make it look equal to `beside`.

    Example:
        >>> number_text(1 / 3), number_text(0.50000002, beside=0.5)
        ('0.333333', '0.50000002')
    """
    if isinstance(value, (int, np.integer)):
        whole = int(value)
        return str(whole) if abs(whole) < 10**30 else f"a whole number of {whole.bit_length():,} bits"
    try:
        text = f"{value + 0.0:g}"  # adding 0.0 turns -0.0 into 0.0
        if beside is not None and value != beside and text == f"{float(beside):g}":
            text = str(value)
    except Exception:  # a value that has no such form
        text = one_line(value, 80)
    return text
