"""Calls of TensorFlow's functions on symbolic tensors, carried out by the functions of `keras.ops` that do the same.

A student's `call` may use `tf.nn.avg_pool2d` or `tf.reshape`, as tutorials for TensorFlow 2 do. Keras runs it, but
cannot trace it: TensorFlow refuses Keras's symbolic tensors. TensorFlow asks registered dispatchers before it refuses,
by whatever name a function was imported, and the dispatcher here answers inside `tensorflow_calls_traced`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from math import prod
from typing import Any

import numpy as np

Arguments = Mapping[str, Any]
Twin = Callable[[Arguments], Any]

_ELEMENTWISE = {
    "abs": "abs",
    "cos": "cos",
    "exp": "exp",
    "math.log": "log",
    "math.log1p": "log1p",
    "math.softplus": "softplus",
    "math.reciprocal_no_nan": "reciprocal",
    "math.rsqrt": "rsqrt",
    "negative": "negative",
    "nn.elu": "elu",
    "nn.relu": "relu",
    "nn.relu6": "relu6",
    "nn.selu": "selu",
    "nn.softsign": "softsign",
    "round": "round",
    "sigmoid": "sigmoid",
    "sign": "sign",
    "sin": "sin",
    "sqrt": "sqrt",
    "square": "square",
    "tanh": "tanh",
}
"""Functions of one tensor."""

_OF_TWO = {
    "add": "add",
    "divide": "divide",
    "math.floormod": "mod",
    "math.truediv": "true_divide",
    "matmul": "matmul",
    "maximum": "maximum",
    "minimum": "minimum",
    "multiply": "multiply",
    "pow": "power",
    "subtract": "subtract",
}
"""Functions whose first two arguments are tensors or numbers."""

_REDUCTIONS = {
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_sum": "sum",
    "math.reduce_std": "std",
    "math.reduce_variance": "var",
}


def _ops() -> Any:
    from keras import ops

    return ops


def _elementwise(name: str) -> Twin:
    return lambda given: getattr(_ops(), name)(next(iter(given.values())))


def _of_two(name: str) -> Twin:
    return lambda given: getattr(_ops(), name)(*list(given.values())[:2])


def _reduction(name: str) -> Twin:
    def reduce(given: Arguments) -> Any:
        return getattr(_ops(), name)(
            given["input_tensor"], axis=_plain(given.get("axis")), keepdims=bool(given.get("keepdims"))
        )

    return reduce


def _plain(value: Any) -> Any:
    """Integers of an argument that may be a tensor, an array or a nested list."""
    if value is None or isinstance(value, int | str):
        return value
    array = np.asarray([-1 if size is None else size for size in value] if isinstance(value, list | tuple) else value)
    return array.tolist()


def _window(value: Any) -> Any:
    """Window or strides of the image's two axes, which TensorFlow takes as one number, two, or four."""
    sizes = _plain(value)
    if isinstance(sizes, list) and len(sizes) == 4:
        sizes = sizes[1:3]
    return tuple(sizes * 2 if len(sizes) == 1 else sizes) if isinstance(sizes, list) else (sizes, sizes)


def _pooling(name: str) -> Twin:
    def pool(given: Arguments) -> Any:
        if str(given.get("data_format") or "NHWC") != "NHWC":
            raise ValueError("channels come first")
        image = given.get("input", given.get("value"))
        window, strides = _window(given["ksize"]), _window(given["strides"])
        return getattr(_ops(), name)(image, window, strides, str(given["padding"]).lower())

    return pool


def _any_pooling(given: Arguments) -> Any:
    name = {"AVG": "average_pool", "MAX": "max_pool"}[str(given["pooling_type"])]
    window = {"ksize": given["window_shape"], "strides": given.get("strides") or 1}
    return _pooling(name)({**given, **window, "padding": given.get("padding") or "VALID"})


def _reshaped(given: Arguments) -> Any:
    tensor, sizes = given["tensor"], given["shape"]
    target = [sizes] if isinstance(sizes, int) else list(_plain(sizes))
    if target[0] == -1 and target.count(-1) == 2 and None not in tensor.shape[1:]:
        # the batch, as tf.shape(x)[0] gives it, and "the rest"
        target[target.index(-1, 1)] = prod(tensor.shape[1:]) // prod(size for size in target if size != -1)
    return _ops().reshape(tensor, tuple(target))


def _padded(given: Arguments) -> Any:
    mode, fill = str(given.get("mode") or "CONSTANT").lower(), given.get("constant_values") or 0
    widths = _plain(given["paddings"])
    return _ops().pad(given["tensor"], widths, mode=mode, constant_values=fill if mode == "constant" else None)


def _leaky(given: Arguments) -> Any:
    slope = given.get("alpha")
    return _ops().leaky_relu(given["features"], negative_slope=0.2 if slope is None else float(slope))


def _resized(given: Arguments) -> Any:
    method = given.get("method") or "bilinear"
    settings = {"interpolation": str(method), "antialias": bool(given.get("antialias"))}
    return _ops().image.resize(given["images"], tuple(_plain(given["size"])), **settings)


def _along_axis(name: str, argument: str, usual: int | None) -> Twin:
    def twin(given: Arguments) -> Any:
        axis = given.get("axis")
        return getattr(_ops(), name)(given[argument], axis=usual if axis is None else _plain(axis))

    return twin


def _sum_of_all(given: Arguments) -> Any:
    first, *others = given["inputs"]
    for other in others:
        first = _ops().add(first, other)
    return first


TWINS: dict[str, Twin] = {
    **{name: _elementwise(twin) for name, twin in _ELEMENTWISE.items()},
    **{name: _of_two(twin) for name, twin in _OF_TWO.items()},
    **{name: _reduction(twin) for name, twin in _REDUCTIONS.items()},
    **{f"nn.{kind}_pool2d": _pooling(twin) for kind, twin in (("avg", "average_pool"), ("max", "max_pool"))},
    **{f"nn.{kind}_pool": _pooling(twin) for kind, twin in (("avg", "average_pool"), ("max", "max_pool"))},
    "add_n": _sum_of_all,
    "cast": lambda given: _ops().cast(given["x"], getattr(given["dtype"], "name", given["dtype"])),
    "clip_by_value": lambda given: _ops().clip(given["t"], given["clip_value_min"], given["clip_value_max"]),
    "concat": _along_axis("concatenate", "values", None),
    "convert_to_tensor": lambda given: given["value"],
    "ensure_shape": lambda given: given["x"],
    "expand_dims": _along_axis("expand_dims", "input", None),
    "identity": lambda given: given["input"],
    "image.resize": _resized,
    "nn.gelu": lambda given: _ops().gelu(given["features"], approximate=bool(given.get("approximate"))),
    "nn.leaky_relu": _leaky,
    "nn.log_softmax": _along_axis("log_softmax", "logits", -1),
    "nn.pool": _any_pooling,
    "nn.silu": lambda given: _ops().silu(given["features"]),
    "nn.softmax": _along_axis("softmax", "logits", -1),
    "pad": _padded,
    "reshape": _reshaped,
    "reverse": _along_axis("flip", "tensor", None),
    "shape": lambda given: tuple(given["input"].shape),
    "squeeze": _along_axis("squeeze", "input", None),
    "stack": _along_axis("stack", "values", 0),
    "transpose": lambda given: _ops().transpose(given["a"], _plain(given.get("perm"))),
}
"""By the name of a TensorFlow function, what does the same with `keras.ops`, given the arguments by name."""

_depth = 0
"""Number of `tensorflow_calls_traced` that are open."""


@contextmanager
def tensorflow_calls_traced() -> Iterator[None]:
    """Context in which TensorFlow's functions take Keras's symbolic tensors, as far as they have a twin in `TWINS`.

    Without effect where Keras does not run on TensorFlow.

    Example:
        >>> import keras, tensorflow as tf
        >>> with tensorflow_calls_traced():
        ...     tf.reshape(keras.Input((5, 5, 16)), [-1, 400]).shape
        (None, 400)
    """
    global _depth
    import keras

    if keras.backend.backend() == "tensorflow":
        _register()
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


@cache
def _register() -> None:
    """Register the dispatcher once: TensorFlow has no way to remove one. Outside of the context it answers nothing."""
    import keras
    import tensorflow as tf

    twins = {}
    for name, twin in TWINS.items():
        function: Any = tf
        for part in name.split("."):
            function = getattr(function, part)
        twins[inspect.unwrap(function)] = twin

    def is_symbolic(value: Any) -> bool:
        if isinstance(value, list | tuple):
            return any(map(is_symbolic, value))
        return isinstance(value, keras.KerasTensor)

    class Dispatcher(tf.__internal__.dispatch.GlobalOpDispatcher):
        def handle(self, op: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
            plain = inspect.unwrap(op)
            twin = twins.get(plain)
            if not _depth or twin is None or not any(map(is_symbolic, [*args, *kwargs.values()])):
                return self.NOT_SUPPORTED
            given = inspect.signature(plain).bind_partial(*args, **kwargs).arguments
            given.pop("name", None)
            return twin(given)

    Dispatcher().register()
