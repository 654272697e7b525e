"""Operations of `keras.ops` and functions of the student's own as data: names, and arguments that are fixed."""

from __future__ import annotations

import hashlib
import re
from types import CodeType
from typing import Any

from cnnkit.networks.describe.normalise import MOST_ENTRIES, NotPlain, plain_setting
from cnnkit.networks.model_spec import Setting

_FLOAT32_DIGITS = 7


def operation_kind(operation: Any) -> str:
    """keras.ops.relu is the class Relu: "relu"; TrueDivide: "true_divide"."""
    name = type(operation).__name__
    name = {"ReLU": "relu", "ReLU6": "relu6"}.get(name, name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()[:100]


def operation_settings(node: Any) -> dict[str, Setting]:
    """The plain settings of an operation, and its arguments that are constants, by position ("argument_1") or name."""
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
            settings[str(key)[:100]] = _fixed(value)
        except NotPlain:
            continue
    return settings


def _fixed(value: Any) -> Setting:
    """A number, a text, or a constant tensor with one number for each channel.

    Raises:
        NotPlain: it is a tensor of another form, or a variable, which training may change.
    """
    if not hasattr(value, "shape") or not hasattr(value, "dtype") or hasattr(value, "assign"):
        return plain_setting(value)
    shape = tuple(value.shape)
    if any(size != 1 for size in shape[:-1]) or not 0 < (shape or (1,))[-1] <= MOST_ENTRIES:
        raise NotPlain("a tensor that is no row of numbers")
    from keras import ops

    try:
        array = ops.convert_to_numpy(value)
    except Exception as error:  # a tensor of the graph: it has no values yet
        raise NotPlain("a tensor without values") from error
    digits = _FLOAT32_DIGITS if array.dtype.itemsize <= 4 else 17  # 103.939 is 103.93900299072266 in float32
    numbers = tuple(float(f"{float(number):.{digits}g}") for number in array.reshape(-1))
    return numbers if shape else numbers[0]


def index_text(key: Any, rank: int) -> str:
    """What stands between the brackets of `x[...]`, in one spelling: x[:, :, :, 0] is "..., 0" for a batch of images.

    Args:
        key: an index, a slice, or a tuple of them.
        rank: the number of axes of x.
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
    """A function's name and a fingerprint of what it does, the same wherever its file lies: "caffe (3f9a1c04)"."""
    name = str(getattr(function, "__name__", type(function).__name__))[:60]
    code = getattr(function, "__code__", None)
    module = str(getattr(function, "__module__", ""))
    if module.split(".")[0] == "keras":
        return f"{module.removeprefix('keras.src.')}.{name}"[:100]
    return f"{name} ({hashlib.sha256(_code_text(code).encode()).hexdigest()[:8]})" if code is not None else name


def _code_text(code: CodeType) -> str:
    constants = [_code_text(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return f"{code.co_code.hex()} {constants} {code.co_names}"
