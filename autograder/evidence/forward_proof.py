"""Proof that a network computes what its description says: one forward pass on numbers that the grader draws.

The child describes a network first. Only then does the grader draw weights and images (`cnnkit.probe.forward`), and it
computes the described network itself. Layers that it cannot compute, such as a class of the student's own, are
believed: the layer behind one is applied to drawn numbers in place of its input, so that nothing else has to be. Of a
large network only a block of layers is computed, drawn too; the others report what they were given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from autograder.evidence.layer_values import (
    Array,
    NotComputed,
    activation_of,
    can_be_computed,
    layer_values,
    multiplications,
)
from cnnkit.errors import KitError
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Shape
from cnnkit.networks.wording import layer_label
from cnnkit.probe.forward import drawn_images, drawn_input, drawn_output, drawn_weight, samples

BATCH = 2
"""Images of a forward pass."""

MOST_PARAMETERS = 5_000_000
"""Weights that are drawn for one forward pass; a larger network is proved by a block of at most as many."""

MOST_MULTIPLICATIONS = 500_000_000
"""Multiplications of one forward pass, likewise."""

MOST_VALUES = 40_000_000
"""Numbers in the outputs of all layers together; a network with more is not computed."""

_TOLERANCE = 0.02
"""Of the largest number in a sample. Half precision differs by less, another computation by more."""


class NotProved(KitError, ValueError):
    """A network that is too large to be applied to a single image."""


@dataclass(frozen=True)
class ProofPlan:
    """Numbers that a child is asked to compute.

    Attributes:
        seed: of weights, images and places.
        batch: number of images.
        restart: positions of layers that are applied to drawn numbers, since nobody knows their input.
        leave_out: positions of layers of which only the input is looked at.
    """

    seed: int
    batch: int
    restart: tuple[int, ...]
    leave_out: tuple[int, ...]


def proof_seed(*parts: str) -> int:
    """A seed of 31 bits that follows from these texts: the same for a regrade, foreseen by no submission.

    Example:
        >>> proof_seed("sha256:1") == proof_seed("sha256:2")
        False
    """
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4], "big") >> 1


def are_possible(spec: ModelSpec, origins: Sequence[int]) -> bool:
    """True if the layers of a network can have these origins.

    There is one for each layer: the first position of its live layer, or -1 for an operation, which has no weights.
    """
    return len(origins) == len(spec.layers) and all(
        (origin == -1 and not layer.parameters) or (0 <= origin <= position and origins[origin] == origin)
        for position, (origin, layer) in enumerate(zip(origins, spec.layers, strict=True))
    )


def plan(spec: ModelSpec, origins: Sequence[int], seed: int) -> ProofPlan:
    """Choose what is computed.

    Args:
        spec: the description, validated.
        origins: see `cnnkit.networks.describe.keras_model.TracedModel`; of the length of the layers.
        seed: draws the block of a large network.

    Raises:
        NotProved: the network's outputs alone are too large.
    """
    large = spec.parameters > MOST_PARAMETERS
    costs = [_multiplications(spec, position) for position in range(len(spec.layers))]
    batch = spec.input_shape[0] or (1 if large or sum(costs) * BATCH > MOST_MULTIPLICATIONS else BATCH)
    shapes = [spec.input_shape, *(layer.output_shape for layer in spec.layers)]
    if sum(prod(_sizes(shape, batch)) for shape in shapes) > MOST_VALUES:
        raise NotProved("its layers put out more numbers than can be computed")
    computed, restart = _computed(spec, origins)
    weighted = [p for p in computed if spec.layers[p].parameters and origins[p] == p]
    kept = _block(spec, weighted, [cost * batch for cost in costs], seed)
    left_out = tuple(p for p in weighted if p not in kept)
    return ProofPlan(seed, batch, tuple(p for p in restart if p not in left_out), left_out)


def _block(spec: ModelSpec, weighted: Sequence[int], costs: Sequence[int], seed: int) -> set[int]:
    """Layers with weights that are computed: all of them, or those from a drawn one on, as far as the bounds allow."""
    start = int(np.random.default_rng([seed, 4]).integers(0, max(len(weighted), 1)))
    small = sum(spec.layers[p].parameters for p in weighted) <= MOST_PARAMETERS
    if small and sum(costs[p] for p in weighted) <= MOST_MULTIPLICATIONS:
        return set(weighted)
    kept: set[int] = set()
    parameters, cost = MOST_PARAMETERS, MOST_MULTIPLICATIONS
    for position in [*weighted[start:], *weighted[:start]]:
        if spec.layers[position].parameters <= parameters and costs[position] <= cost:
            kept.add(position)
            parameters -= spec.layers[position].parameters
            cost -= costs[position]
    return kept


def _computed(spec: ModelSpec, origins: Sequence[int]) -> tuple[list[int], list[int]]:
    """Positions of the layers that the grader computes, and of those among them that begin with drawn numbers."""
    known = [False] * len(spec.layers)
    computed, restart = [], []
    for position, layer in enumerate(spec.layers):
        sure = all(source < 0 or known[source] for source in layer.inputs) and bool(layer.inputs)
        if not _is_computed(layer) or (not sure and origins[position] != position):
            continue
        computed.append(position)
        known[position] = True
        if not sure:
            restart.append(position)
    return computed, restart


_DRAWING = ("Random", "Dropout", "SpatialDropout", "Gaussian", "AlphaDropout")
"""Beginnings of the kinds that change nothing in prediction, and draw what they change in training."""


def _is_computed(layer: LayerSpec) -> bool:
    """True for a layer whose output the grader computes.

    One that draws is believed: who calls it with `training=True` has made a mistake that other checks name, and it
    would compute something else here.
    """
    return not layer.kind.startswith(_DRAWING) and can_be_computed(layer.kind, layer.config)


def disproof(
    spec: ModelSpec,
    origins: Sequence[int],
    asked: ProofPlan,
    layers: Mapping[int, Sequence[float]],
    outputs: Sequence[Sequence[float]],
) -> str:
    """The first layer that computes something else than its description says, in a sentence; "" for none.

    Args:
        spec, origins: as for `plan`.
        asked: the plan.
        layers, outputs: the numbers that came back; see `cnnkit.probe.forward.ForwardPass`.
    """
    values: dict[int, Array] = {-1: drawn_images(_sizes(spec.input_shape, asked.batch), asked.seed)}
    last_use = {source: position for position, layer in enumerate(spec.layers) for source in layer.inputs}
    for position, layer in enumerate(spec.layers):
        try:
            values[position], reports = _values(spec, position, origins[position], asked, values)
        except NotComputed:
            reports = []
        if reports and origins[position] == position:
            label = layer_label(spec.layers, position)
            if position not in layers:
                return f"{label} takes no part when the network is applied to images"
            if not any(_near(one, layers[position]) for one in reports):
                return f"{label} computes something else than its settings say"
        for source in layer.inputs:
            if last_use[source] == position and source >= 0 and source not in spec.outputs:
                values.pop(source, None)
    if len(outputs) != len(spec.outputs):
        return f"applied to images it has {len(outputs)} outputs, and {len(spec.outputs)} in its description"
    for end, found in zip(spec.outputs, outputs, strict=True):
        if end in values and not _near(samples(values[end], asked.seed, -1), found):
            return "its output is not what its layers compute"
    return ""


Report = list[float]
"""Samples that a layer may report."""


def _values(
    spec: ModelSpec, position: int, origin: int, asked: ProofPlan, values: Mapping[int, Array]
) -> tuple[Array, list[Report]]:
    """Output of a layer, and what it may report; nothing if that is unknown.

    A layer reports what it puts out, whether its activation is its own or a layer behind it; one that is left out
    reports its inputs.

    Raises:
        NotComputed: nobody knows the output.
    """
    layer = spec.layers[position]
    if not _is_computed(layer):
        raise NotComputed(layer.kind)
    activation = activation_of(layer.kind, layer.config)
    if origin in asked.leave_out:
        output = activation(drawn_output(_sizes(layer.output_shape, asked.batch), asked.seed, origin))
        if not all(source in values for source in layer.inputs):
            return output, []
        return output, [[one for at in layer.inputs for one in samples(values[at], asked.seed, position)]]
    if position in asked.restart:
        shapes = [spec.input_shape if source < 0 else spec.layers[source].output_shape for source in layer.inputs]
        inputs = [
            drawn_input(_sizes(shape, asked.batch), asked.seed, position, number) for number, shape in enumerate(shapes)
        ]
    elif layer.inputs and all(source in values for source in layer.inputs):
        inputs = [values[source] for source in layer.inputs]
    else:
        raise NotComputed("its input")

    def weights(name: str, shape: tuple[int, ...]) -> Array:
        return drawn_weight(shape, name, origin, asked.seed)

    with np.errstate(all="ignore"):
        bare = layer_values(layer.kind, layer.config, inputs, weights)
        output = np.asarray(activation(bare), np.float32)
    return output, [samples(one, asked.seed, position) for one in (output, bare)]


def _near(wanted: Sequence[float], found: Sequence[float]) -> bool:
    if len(wanted) != len(found):
        return False
    expected, got = np.asarray(wanted, np.float64), np.asarray(found, np.float64)
    if not np.isfinite(expected).all():
        return True  # our own computation overflowed: nothing can be said
    return bool(np.all(np.abs(expected - got) <= _TOLERANCE * np.abs(expected).max(initial=0.0) + 1e-6))


def _multiplications(spec: ModelSpec, position: int) -> int:
    layer = spec.layers[position]
    source = layer.inputs[0] if layer.inputs else -1
    shape = spec.input_shape if source < 0 else spec.layers[source].output_shape
    try:
        return multiplications(layer.kind, layer.config, shape[-1] or 1, _sizes(layer.output_shape)[1:])
    except (TypeError, ValueError, IndexError):  # settings that no layer has; it is not computed either
        return 0


def _sizes(shape: Shape, batch: int = 1) -> tuple[int, ...]:
    """A shape without unknown sizes: the batch, and 1 elsewhere."""
    return tuple(size if size is not None else (batch if axis == 0 else 1) for axis, size in enumerate(shape))
