"""Values to and from the wire. `pack` runs beside the student's code; `unpack` trusts nothing that it is given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.sandbox.protocol.framing import ProtocolError
from autograder.sandbox.protocol.messages import (
    MAX_ARRAY,
    MAX_AXES,
    MAX_ITEMS,
    MAX_TEXT,
    ArrayValue,
    HistoriesArgument,
    MappingValue,
    NetworkArgument,
    OpaqueValue,
    OptimizerArgument,
    SequenceValue,
    Value,
)
from cnnkit.probe.built import BuiltNetwork
from cnnkit.probe.configured import configured
from cnnkit.probe.watching import OptimizerSpec
from cnnkit.recording.schema import TrainingRecord
from cnnkit.text import encodable

MAX_DEPTH = 12
"""Lists, tuples and dictionaries within each other; what lies deeper is described when packed and refused when
unpacked."""

TENSOR = "TensorFlow tensor"
"""How `type_name` calls a tensor."""

_KINDS = frozenset("?bhilqBHILQefd")
_DTYPES = {np.dtype(code).str: np.dtype(code) for code in _KINDS}


class _Budget:
    """Number of entries that one value may still have, in all."""

    def __init__(self, items: int = MAX_ITEMS) -> None:
        self.left = items

    def take(self, items: int) -> bool:
        """Take so many entries; False if there are not so many left."""
        self.left -= items
        return self.left >= 0


def pack_value(value: Any) -> Value:
    """The wire form of a live object; what is not data, or is too large, becomes Opaque.

    Entries of lists, tuples and dictionaries are counted in all: a list that would exceed `MAX_ITEMS`, with those
    before it, is described only.
    """
    return _packed(value, 0, _Budget())


def _packed(value: Any, depth: int, budget: _Budget) -> Value:
    if value is None or type(value) is bool or type(value) is float:
        return value
    if type(value) is str:
        return encodable(value, MAX_TEXT)
    if type(value) is int:
        return value if -(2**63) <= value < 2**63 else OpaqueValue("int", f"{value.bit_length()}-bit number")
    if isinstance(value, TrainingRecord):
        return HistoriesArgument({value.run: value})
    if isinstance(value, dict) and value and all(isinstance(item, TrainingRecord) for item in value.values()):
        return HistoriesArgument({str(name): record for name, record in value.items()})
    if isinstance(value, BuiltNetwork):
        return NetworkArgument(value.network, value.seed, value.is_open)
    array = _as_array(value)
    if array is not None:
        return _pack_array(array)
    optimizer = configured(value)
    if optimizer is not None:
        return OptimizerArgument(optimizer)
    if isinstance(value, (list, tuple, dict)) and depth < MAX_DEPTH and budget.take(len(value)):
        if isinstance(value, dict):
            items = {encodable(str(name), 200): _packed(item, depth + 1, budget) for name, item in value.items()}
            return MappingValue(items)
        return SequenceValue(type(value).__name__[:200], [_packed(item, depth + 1, budget) for item in value])
    return OpaqueValue(type_name(value)[:200], _short(value))


def type_name(value: Any) -> str:
    """The type as a student would say it: "int", "NumPy array (float32)", "TensorFlow tensor"."""
    if isinstance(value, np.ndarray):
        return f"NumPy array ({value.dtype})"
    if isinstance(value, np.generic):
        return f"NumPy scalar ({value.dtype})"
    module = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    if module == "tensorflow" and hasattr(value, "numpy"):
        return TENSOR
    return name if module in ("builtins", "__main__") else f"{module} {name}"


def _as_array(value: Any) -> np.ndarray | None:
    if isinstance(value, (np.ndarray, np.generic)):
        return np.asarray(value)
    if type(value).__module__.startswith(("tensorflow", "keras")) and hasattr(value, "numpy"):
        try:
            return np.asarray(value.numpy())
        except Exception:  # a symbolic tensor has no value: it is not data
            return None
    return None


def _pack_array(array: np.ndarray) -> ArrayValue | OpaqueValue:
    if array.dtype.str not in _DTYPES:
        return OpaqueValue(f"NumPy array ({array.dtype})", f"shape {array.shape}")
    if array.nbytes > MAX_ARRAY:
        return OpaqueValue(f"NumPy array ({array.dtype})", f"shape {array.shape}, {array.nbytes / 1e6:,.0f} MB")
    # ascontiguousarray would make a zero-dimensional array one-dimensional
    return ArrayValue(array.dtype.str, tuple(array.shape), array.tobytes("C"))


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # a student's __repr__ may raise anything; the type says enough
        return ""
    return encodable(text if len(text) <= 200 else text[:197] + "...", 200)


def unpack_value(value: Value) -> Any:
    """Return the Python or NumPy object that a decoded value stands for; an `OpaqueValue` is returned as it is.

    Args:
        value: a value that `decode_message` gave; it may come from hostile code.

    Raises:
        ProtocolError: the value is one that `pack_value` never makes: an array of a type that is not allowed, with a
            negative or too large shape or with bytes that do not fit it, lists nested too deeply or with too many
            entries in all, an optimizer with settings that none can have. Nothing else is raised, whatever the value
            is.
    """
    return _unpacked(value, 0, _Budget())


def _unpacked(value: Value, depth: int, budget: _Budget) -> Any:
    if isinstance(value, ArrayValue):
        return _unpack_array(value)
    if isinstance(value, SequenceValue | MappingValue) and depth >= MAX_DEPTH:
        raise ProtocolError("lists within lists within lists")
    if isinstance(value, SequenceValue | MappingValue) and not budget.take(len(value.items)):
        raise ProtocolError(f"more than {MAX_ITEMS:,} entries in its lists and dictionaries")
    if isinstance(value, SequenceValue):
        items = [_unpacked(item, depth + 1, budget) for item in value.items]
        return tuple(items) if value.kind == "tuple" else items
    if isinstance(value, MappingValue):
        return {name: _unpacked(item, depth + 1, budget) for name, item in value.items.items()}
    if isinstance(value, HistoriesArgument):
        return dict(value.runs)
    if isinstance(value, NetworkArgument):
        return BuiltNetwork(value.spec, value.seed, value.is_open)
    if isinstance(value, OptimizerArgument):
        return _optimizer(value.asked)
    return value


def _optimizer(asked: OptimizerSpec) -> OptimizerSpec:
    texts = [asked.name, *asked.settings, *(value for value in asked.settings.values() if isinstance(value, str))]
    plain = all(isinstance(value, bool | int | float | str | None) for value in asked.settings.values())
    if len(asked.settings) > 100 or not plain or any(len(text) > 100 or not text.isprintable() for text in texts):
        raise ProtocolError("an optimizer with settings that none can have")
    return asked


def _unpack_array(value: ArrayValue) -> np.ndarray:
    dtype = _DTYPES.get(value.dtype)
    if dtype is None:
        raise ProtocolError(f"an array of type {value.dtype[:20]!r}, which is not among the allowed ones")
    if len(value.shape) > MAX_AXES or any(size < 0 for size in value.shape):
        raise ProtocolError(f"an array of shape {value.shape[:MAX_AXES]}")
    # an axis of 0 must not hide the others: NumPy refuses a shape like (0, 2**62), though it holds nothing
    if math.prod(size for size in value.shape if size) * dtype.itemsize > MAX_ARRAY:
        raise ProtocolError(f"an array of shape {value.shape}, which takes more than {MAX_ARRAY:,} bytes")
    expected = math.prod(value.shape) * dtype.itemsize
    if expected != len(value.data):
        raise ProtocolError(f"an array of shape {value.shape} and {len(value.data):,} bytes, expected {expected:,}")
    return np.frombuffer(value.data, dtype=dtype).reshape(value.shape).copy()
