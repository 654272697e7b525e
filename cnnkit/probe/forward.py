"""Run a network once on numbers, with weights and images that somebody else draws.

A description says what the layers are; this shows what they compute. Whoever asks draws the seed after the description
has been given, and computes the same network for itself. Layers report a few of the numbers that they put out. A layer
may be given drawn numbers in place of its input (where the one who asks cannot know that input), or be left out (where
the network is large): then it reports what it was given, and drawn numbers take the place of its output.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.networks.describe.keras_model import TracedModel
from cnnkit.networks.describe.keras_own import is_keras_own
from cnnkit.networks.model_spec import LayerSpec
from cnnkit.probe.built import weight_values

SAMPLES = 32
"""Numbers reported of one array."""

_IMAGES, _INPUT, _OUTPUT, _PLACES = range(4)

_DRAWN = 4_093
"""Numbers drawn for one array; a larger one repeats them, since drawing takes longer than computing. It is prime, so
that no axis of an array fits into it."""


@dataclass(frozen=True)
class ForwardPass:
    """Numbers of one forward pass.

    Attributes:
        layers: by position in the description, samples of a layer's output at its first call; of its inputs, one
            after the other, where it was left out.
        outputs: samples of each output of the network.
    """

    layers: dict[int, list[float]] = field(default_factory=dict)
    outputs: list[list[float]] = field(default_factory=list)


def drawn_images(shape: Sequence[int], seed: int) -> NDArray[np.float32]:
    """Input of the network: float32 from 0 to 1, of this shape, batch axis included."""
    return np.random.default_rng([seed, _IMAGES]).random(tuple(shape), dtype=np.float32)


def drawn_input(shape: Sequence[int], seed: int, position: int, number: int = 0) -> NDArray[np.float32]:
    """Numbers in place of a layer's input, the one of that number where it has several; from -1 to 1."""
    return _drawn(shape, [seed, _INPUT, position, number])


def drawn_output(shape: Sequence[int], seed: int, position: int) -> NDArray[np.float32]:
    """Numbers in place of what a layer that is left out computes before its activation; from -1 to 1."""
    return _drawn(shape, [seed, _OUTPUT, position])


def _drawn(shape: Sequence[int], seed: Sequence[int]) -> NDArray[np.float32]:
    few = np.random.default_rng(list(seed)).uniform(-1, 1, min(_DRAWN, prod(shape))).astype(np.float32)
    return np.resize(few, tuple(shape))


def drawn_weight(shape: Sequence[int], name: str, position: int, seed: int) -> NDArray[np.float32]:
    """Values of a weight, those of `cnnkit.probe.built.weight_values`; a large one repeats the first few."""
    shape = tuple(shape)
    if len(shape) < 2 or prod(shape) <= _DRAWN:
        return weight_values(shape, name, position, seed)
    scale = (3.0 / prod(shape[:-1])) ** 0.5  # outputs have a similar size in every layer
    return np.resize(weight_values((_DRAWN,), name, position, seed) * np.float32(10 * scale), shape)


def samples(values: NDArray[Any], seed: int, position: int) -> list[float]:
    """Some numbers of an array, at places that depend on the seed and the position only (-1 for the network)."""
    flat = np.asarray(values, np.float32).reshape(-1)
    places = np.random.default_rng([seed, _PLACES, position + 1]).integers(0, max(flat.size, 1), SAMPLES)
    return [float(one) for one in flat[places]] if flat.size else []


def run_on_numbers(
    traced: TracedModel, seed: int, batch: int, *, restart: Collection[int] = (), leave_out: Collection[int] = ()
) -> ForwardPass:
    """Apply a model to drawn images, with drawn weights.

    Args:
        traced: the model, with its live layers. Its own weights, if it has any, are not touched.
        seed: of images, weights and places.
        batch: number of images.
        restart: positions of layers that are applied to `drawn_input`.
        leave_out: positions of layers that put out `drawn_output`, to which their activation is applied.

    Raises:
        Exception: whatever the student's code raises.
    """
    import keras

    found = ForwardPass()
    lives = {origin: traced.operations[origin] for origin in traced.origins if origin >= 0}
    dense = {at: traced.alone[at] for at, live in lives.items() if _is_own_dense(live, traced.alone[at])}
    values = [
        (variable, keras.ops.convert_to_tensor(drawn_weight(variable.shape, name, position, seed)))
        for position, live in lives.items()
        if position not in leave_out
        for variable, name in _named_weights(live, position in dense)
        if str(variable.dtype).startswith("float")
    ]
    first, *rest = traced.spec.input_shape
    images = drawn_images((first or batch, *(size or 1 for size in rest)), seed)
    replacing = {position: _replacing(lives[position], dense.get(position), position, seed) for position in leave_out}
    calls = {
        position: _watched(live.call, replacing.get(position), position, seed, found, position in restart)
        for position, live in lives.items()
    }
    weights = keras.StatelessScope(state_mapping=values, initialize_variables=False)
    with _replaced([(live, calls[position]) for position, live in lives.items()]), weights:
        outputs = keras.tree.flatten(traced.model(images, training=False))
        found.outputs.extend(samples(_numbers(one), seed, -1) for one in outputs)
    return found


def _is_own_dense(live: Any, described: LayerSpec) -> bool:
    """True for a layer of the student's own that is described as the Dense layer that it computes."""
    return described.kind == "Dense" and not is_keras_own(live)


def _named_weights(live: Any, is_own_dense: bool) -> Iterator[tuple[Any, str]]:
    """The weights of a layer, with the names that Keras gives them; a student's own layer may have others."""
    for variable in live.weights:
        name = ("kernel" if len(variable.shape) == 2 else "bias") if is_own_dense else variable.name
        yield variable, str(name)


def _replacing(live: Any, own_dense: LayerSpec | None, position: int, seed: int) -> Callable[[Any], Any]:
    """The `call` of a layer that is left out: its activation of drawn numbers."""
    import keras

    def replacing(inputs: Any) -> Any:
        if own_dense is None:
            shape, activation = live.compute_output_shape(_shapes(inputs)), getattr(live, "activation", None)
        else:  # its class need not have a shape or an activation that it tells
            shape = (*inputs.shape[:-1], own_dense.output_shape[-1])
            activation = keras.activations.get(own_dense.config.get("activation"))
        output = keras.ops.convert_to_tensor(drawn_output(shape, seed, position))
        return activation(output) if callable(activation) else output

    return replacing


def _watched(
    call: Callable[..., Any],
    replacing: Callable[[Any], Any] | None,
    position: int,
    seed: int,
    found: ForwardPass,
    restart: bool,
) -> Callable[..., Any]:
    """A layer's `call`, or what replaces it, which reports."""
    import keras

    def watched(*args: Any, **kwargs: Any) -> Any:
        inputs, *others = args or (kwargs.pop(next(iter(kwargs))),)
        again = position in found.layers
        if replacing is not None:
            if not again:
                flat = keras.tree.flatten(inputs)
                found.layers[position] = [one for x in flat for one in samples(_numbers(x), seed, position)]
            return replacing(inputs)
        if restart and not again:
            flat = keras.tree.flatten(inputs)
            fresh = [
                keras.ops.convert_to_tensor(drawn_input(tuple(x.shape), seed, position, number), dtype=x.dtype)
                for number, x in enumerate(flat)
            ]
            inputs = keras.tree.pack_sequence_as(inputs, fresh)
        output = call(inputs, *others, **kwargs)
        if not again:
            found.layers[position] = [
                one for x in keras.tree.flatten(output) for one in samples(_numbers(x), seed, position)
            ]
        return output

    return watched


def _shapes(inputs: Any) -> Any:
    return [tuple(x.shape) for x in inputs] if isinstance(inputs, list | tuple) else tuple(inputs.shape)


def _numbers(tensor: Any) -> NDArray[Any]:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(tensor))


@contextmanager
def _replaced(calls: Sequence[tuple[Any, Callable[..., Any]]]) -> Iterator[None]:
    """Context in which these objects have another `call`."""
    before = [(live, vars(live).get("call")) for live, _ in calls]
    for live, call in calls:
        object.__setattr__(live, "call", call)
    try:
        yield
    finally:
        for live, own in before:
            if own is None:
                object.__delattr__(live, "call")
            else:
                object.__setattr__(live, "call", own)
