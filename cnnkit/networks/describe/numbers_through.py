"""Numbers through a student's own layer, which show what it computes, whatever its class is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_UNKNOWN_SIZE = 3
"""Size that stands for an unknown one, such as the batch's."""

_RANGES = ((-3.0, 3.0), (0.0, 255.0))
"""Ranges of the numbers: activations, and pixels."""

_TOLERANCE = 1e-4

_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "gelu", "silu", "softplus", "leaky_relu")


def computes_its_graph(layer: Any, args: Any, kwargs: Any, outputs: list[Any]) -> bool:
    """Compare a layer without weights, in training and outside it, with the graph that its `call` recorded.

    The numbers are drawn anew each time, so that no layer can know them.

    Args:
        layer: a `keras.layers.Layer` of the student's own.
        args: its arguments by position, with symbolic tensors among them.
        kwargs: its arguments by name.
        outputs: the symbolic tensors that its `call` made of them.

    Raises:
        Exception: whatever the layer raises.
    """
    import keras

    symbolic = [one for one in keras.tree.flatten((args, kwargs)) if isinstance(one, keras.KerasTensor)]
    if any(not str(tensor.dtype).startswith("float") for tensor in symbolic):
        return False
    graph = keras.Function(symbolic, outputs)
    generator = np.random.default_rng()
    modes = ({"training": False}, {"training": True}) if layer._call_has_training_arg else ({},)
    for low, high in _RANGES:
        drawn = {id(tensor): _drawn(tensor, generator, low, high) for tensor in symbolic}

        def number(value: Any, drawn: dict[int, Any] = drawn) -> Any:
            return drawn.get(id(value), value)

        wanted = keras.tree.flatten(graph([drawn[id(tensor)] for tensor in symbolic]))
        numbers, named = keras.tree.map_structure(number, (args, kwargs))
        for mode in modes:
            found = keras.tree.flatten(layer(*numbers, **{**named, **mode}))
            if len(found) != len(wanted) or not all(map(_close, found, wanted)):
                return False
    return True


def as_dense(layer: Any, tensors: Sequence[Any]) -> dict[str, Any] | None:
    """Settings of the Dense layer that a student's own layer with a kernel and perhaps a bias computes.

    Args:
        layer: a layer of the student's own.
        tensors: the symbolic tensors that it is applied to.

    Returns:
        `units`, `use_bias` and `activation`; None if numbers that go through it come out otherwise, in training or
        outside it, or if its weights are not those of a Dense layer.
    """
    try:
        return _as_dense(layer, tensors)
    except Exception:  # whatever a class of the student's own raises
        return None


def _as_dense(layer: Any, tensors: Sequence[Any]) -> dict[str, Any] | None:
    import keras

    weights = list(layer.trainable_variables or layer.non_trainable_variables)
    shapes = sorted((tuple(weight.shape) for weight in weights), key=len, reverse=True)
    if len(tensors) != 1 or len(weights) != len(layer.variables) or any(one.regularizer for one in weights):
        return None
    channels, units = tensors[0].shape[-1], layer.variables[0].shape[-1]
    if shapes not in ([(channels, units)], [(channels, units), (units,)]):
        return None
    generator = np.random.default_rng()
    candidates = [name for name in _ACTIVATIONS if hasattr(keras.activations, name)]
    modes = ({"training": False}, {"training": True}) if layer._call_has_training_arg else ({},)
    for low, high in ((-1.0, 1.0), (-4.0, 4.0)):
        image = _drawn(tensors[0], generator, low, high)
        values = {len(shape): generator.uniform(-1.0, 1.0, shape).astype("float32") for shape in shapes}
        drawn = [keras.ops.convert_to_tensor(values[len(weight.shape)]) for weight in weights]
        given = (drawn, []) if layer.trainable_variables else ([], drawn)
        sums = keras.ops.matmul(image, values[2]) + values.get(1, 0.0)
        for mode in modes:
            found, _ = layer.stateless_call(*given, image, **mode)
            candidates = [name for name in candidates if _close(found, getattr(keras.activations, name)(sums))]
    return {"units": units, "use_bias": len(shapes) == 2, "activation": candidates[0]} if candidates else None


def _drawn(tensor: Any, generator: np.random.Generator, low: float, high: float) -> Any:
    import keras

    shape = [_UNKNOWN_SIZE if size is None else size for size in tensor.shape]
    return keras.ops.convert_to_tensor(generator.uniform(low, high, shape).astype("float32"), dtype=tensor.dtype)


def _close(found: Any, wanted: Any) -> bool:
    import keras

    one, other = (keras.ops.convert_to_numpy(value) for value in (found, wanted))
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=_TOLERANCE, atol=_TOLERANCE))
