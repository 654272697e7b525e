"""Numbers through a student's own layer, to make sure that it computes what its symbolic graph says."""

from __future__ import annotations

from typing import Any

import numpy as np

_UNKNOWN_SIZE = 3
"""Size that stands for an unknown one, such as the batch's."""

_RANGES = ((-3.0, 3.0), (0.0, 255.0))
"""Ranges of the numbers: activations, and pixels."""

_TOLERANCE = 1e-4


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


def _drawn(tensor: Any, generator: np.random.Generator, low: float, high: float) -> Any:
    import keras

    shape = [_UNKNOWN_SIZE if size is None else size for size in tensor.shape]
    return keras.ops.convert_to_tensor(generator.uniform(low, high, shape).astype("float32"), dtype=tensor.dtype)


def _close(found: Any, wanted: Any) -> bool:
    import keras

    one, other = (keras.ops.convert_to_numpy(value) for value in (found, wanted))
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=_TOLERANCE, atol=_TOLERANCE))
