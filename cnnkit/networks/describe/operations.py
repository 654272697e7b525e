"""Operations of `keras.ops` and students' own functions as data: names and constant arguments."""

from __future__ import annotations

import hashlib
from types import CodeType
from typing import Any

from cnnkit.linear_pattern import compile_linear
from cnnkit.networks.describe.keras_own import is_keras_function
from cnnkit.networks.describe.normalise import MOST_ENTRIES, NotPlain, plain_setting
from cnnkit.networks.model_spec import Setting

_HUMP = compile_linear(r"(?<=[a-z0-9])(?=[A-Z])")
"""Positions between the words of a name in CamelCase."""

_FLOAT32_DIGITS = 7


def operation_kind(operation: Any) -> str:
    """Snake-case name of an operation: "relu" for the class Relu of keras.ops.relu, "true_divide" for TrueDivide."""
    name = type(operation).__name__
    name = {"ReLU": "relu", "ReLU6": "relu6"}.get(name, name)
    return _HUMP.sub("_", name).lower()[:100]


def operation_settings(node: Any) -> dict[str, Setting]:
    """Plain settings of an operation, and its constant arguments by position ("argument_1") or name."""
    try:
        raw = {key: value for key, value in node.operation.get_config().items() if key != "name"}
    except Exception:  # an operation without a configuration
        raw = {}
    raw |= {f"argument_{i}": value for i, value in enumerate(node.arguments.args)} | dict(node.arguments.kwargs)
    if operation_kind(node.operation) == "get_item":
        shape = node.input_tensors[0].shape
        return {
            "key": index_text(raw.get("argument_1", raw.get("key")), len(shape)),
            "channels": shape[-1] if shape else None,
        }
    settings: dict[str, Setting] = {}
    for key, value in list(raw.items())[:MOST_ENTRIES]:
        if hasattr(value, "_keras_history") or (isinstance(value, list | tuple | dict) and not value):
            continue
        try:
            settings[str(key)[:100]] = _constant_value(value)
        except NotPlain:
            continue
    return settings


def _constant_value(value: Any) -> Setting:
    """Convert a number, a text, or a constant tensor with one number for each channel to a Setting.

    Raises:
        NotPlain: it is a tensor of a different form, or a variable, which training may change.
    """
    if not hasattr(value, "shape") or not hasattr(value, "dtype") or hasattr(value, "assign"):
        return plain_setting(value)
    shape = tuple(value.shape)
    if any(size != 1 for size in shape[:-1]) or not 0 < (shape or (1,))[-1] <= MOST_ENTRIES:
        raise NotPlain("a tensor that is no row of numbers")
    from keras import ops

    try:
        array = ops.convert_to_numpy(value)
    except Exception as error:  # a symbolic tensor has no values
        raise NotPlain("a tensor without values") from error
    digits = _FLOAT32_DIGITS if array.dtype.itemsize <= 4 else 17  # 103.939 is 103.93900299072266 in float32
    numbers = tuple(float(f"{float(number):.{digits}g}") for number in array.reshape(-1))
    return numbers if shape else numbers[0]


def index_text(key: Any, rank: int) -> str:
    """Canonical text of the index in `x[index]`: x[:, :, :, 0] and x[..., 0] are both "..., 0" for a batch of images.

    Args:
        key: an index, a slice, or a tuple of them.
        rank: the number of axes of x.

    Example:
        >>> index_text((slice(None), slice(None), slice(None), 0), 4), index_text((..., 0), 4)
        ('..., 0', '..., 0')
    """
    entries = [_entry(one) for one in (key if isinstance(key, list | tuple) else (key,))]
    if len(entries) == rank and "..." not in entries:
        ahead = next((place for place, entry in enumerate(entries) if entry != ":"), rank)
        entries = ["...", *entries[ahead:]] if ahead else entries
    elif "..." in entries:
        ahead = entries.index("...")
        if set(entries[:ahead]) <= {":"}:
            entries = entries[ahead:]
            rest = entries[1:]
            ahead = next((place for place, entry in enumerate(rest) if entry != ":"), len(rest))
            entries = ["...", *rest[ahead:]]
    return ", ".join(entries)[:100]


def _entry(one: Any) -> str:
    if one is Ellipsis:
        return "..."
    if isinstance(one, slice):
        start, stop, step = ("" if end is None else str(end) for end in (one.start, one.stop, one.step))
        return f"{start}:{stop}" + (f":{step}" if step not in ("", "1") else "")
    return str(one)[:30]


def function_text(function: Any) -> str:
    """Name of a function with a hash of its bytecode, which is independent of its file's path: "caffe (3f9a1c04)"."""
    name = str(getattr(function, "__name__", type(function).__name__))[:60]
    code = getattr(function, "__code__", None)
    module = str(getattr(function, "__module__", ""))
    if is_keras_function(function):
        return f"{module.removeprefix('keras.src.')}.{name}"[:100]
    return f"{name} ({hashlib.sha256(_code_text(code).encode()).hexdigest()[:8]})" if code is not None else name


def _code_text(code: CodeType) -> str:
    constants = [_code_text(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return f"{code.co_code.hex()} {constants} {code.co_names}"
