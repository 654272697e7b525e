"""Mutants of a network by rule: every setting of every layer, and every way to misplace a layer.

Each is a `Sample` that names the check it must fail, the words that name the culprit, and the consequence: numbers that
differ from the brief's, computed here from the whole wrong network rather than taken from the comparison under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.audit.alternatives import other_kinds, other_settings
from autograder.audit.samples import NetworkAnswer, Sample
from autograder.audit.source import function_source
from cnnkit.networks.brief import wired
from cnnkit.networks.compare.consequence import COUNTS_STAY, STAYS
from cnnkit.networks.describe.simplify import simplify
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting, Shape
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer, pads_nothing
from cnnkit.networks.wording import layer_label, setting_text, shape_text

LayerRow = tuple[str, dict[str, Setting]]
GraphNode = tuple[str, dict[str, Setting], tuple[int, ...]]

EXTRA: tuple[LayerRow, ...] = (
    ("BatchNormalization", {}),
    ("Dense", {"units": 64, "activation": "relu"}),
    ("Conv2D", {"filters": 16, "kernel_size": (3, 3), "padding": "same", "activation": "relu"}),
    ("Dropout", {"rate": 0.1}),
)
"""Layers that students add because they have seen them elsewhere."""


@dataclass(frozen=True)
class Target:
    """The function that returns a specified network, and the check that covers each part of it.

    Attributes:
        function: the student's function, which takes no arguments.
        cell: grade_id of its solution cell.
        brief: the network, a chain of layers.
        layers: the check of each layer.
        input: the check of the input's shape.
        others: the check of layers and connections that the brief does not have.
    """

    function: str
    cell: str
    brief: ModelSpec
    layers: tuple[str, ...]
    input: str
    others: str


def network_mutants(target: Target) -> list[Sample]:
    """Apply all rules to the brief; networks that cannot be built are left out.

    Raises:
        ValueError: the target has not one check for each layer of its brief.
    """
    if len(target.layers) != len(target.brief.layers):
        raise ValueError(f"expected {len(target.brief.layers)} checks, one for each layer, found {len(target.layers)}")
    maker = _Maker(target)
    rules: Sequence[Callable[[], Iterator[Sample | None]]] = (
        *(maker.settings, maker.frozen, maker.kinds, maker.missing, maker.doubled, maker.swapped),
        *(maker.moved, maker.truncated, maker.extra, maker.double_ending, maker.skips, maker.inputs),
    )
    return [sample for rule in rules for sample in rule() if sample is not None]


class _Maker:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._brief = target.brief
        self._rows: list[LayerRow] = [(layer.kind, dict(layer.config)) for layer in target.brief.layers]
        self._labels = [layer_label(target.brief.layers, k) for k in range(len(self._rows))]

    def settings(self) -> Iterator[Sample | None]:
        """Rule: a different value of each setting."""
        for k, (kind, config) in enumerate(self._rows):
            for name, value in other_settings(kind, config):
                if name == "padding" and pads_nothing(kind, config, self._before(k)):
                    continue  # the same function
                says = (self._labels[k], name, _shown(config.get(name)), _shown(value))
                changed: dict[str, Setting] = {**config, name: value}
                if name == "pool_size" and config.get("strides") == config["pool_size"]:
                    changed["strides"] = config["strides"]  # written out, or it would change too
                yield self._sample(f"{self._name(k)}_{name}_{_slug(value)}", self._with(k, (kind, changed)), says, k)

    def frozen(self) -> Iterator[Sample | None]:
        """Rule: weights that cannot learn."""
        for k, (kind, config) in enumerate(self._rows):
            if self._brief.layers[k].trainable:
                rows = self._with(k, (kind, config | {"trainable": False}))
                yield self._sample(f"{self._name(k)}_frozen", rows, (self._labels[k], "trainable", "frozen"), k)

    def kinds(self) -> Iterator[Sample | None]:
        """Rule: a layer of a different kind in the same position."""
        for k, row in enumerate(self._rows):
            for other in other_kinds(row, self._before(k)):
                rows = self._with(k, other)
                yield self._sample(f"{self._name(k)}_as_{other[0]}", rows, (self._labels[k], other[0]), k)

    def missing(self) -> Iterator[Sample | None]:
        """Rule: a layer left out."""
        for k in range(len(self._rows)):
            rows = self._rows[:k] + self._rows[k + 1 :]
            says = (self._labels[k], "no such layer")
            yield self._sample(f"{self._name(k)}_missing", rows, says, k, gone=self._brief.layers[k].parameters)

    def doubled(self) -> Iterator[Sample | None]:
        """Rule: a layer twice in a row."""
        for k, row in enumerate(self._rows):
            rows = [*self._rows[: k + 1], *self._rows[k:]]
            yield self._sample(f"{self._name(k)}_doubled", rows, (f"extra {row[0]}", self._labels[k]), None)

    def swapped(self) -> Iterator[Sample | None]:
        """Rule: two neighbours swapped."""
        for k in range(len(self._rows) - 1):
            rows = list(self._rows)
            rows[k], rows[k + 1] = rows[k + 1], rows[k]
            if rows != self._rows:
                says = ("order", self._labels[k], self._labels[k + 1])
                yield self._sample(f"{self._name(k)}_swapped_with_next", rows, says, k)

    def moved(self) -> Iterator[Sample | None]:
        """Rule: an inner layer moved to the beginning or to the end."""
        last = len(self._rows) - 1
        for k, row in enumerate(self._rows):
            rest = self._rows[:k] + self._rows[k + 1 :]
            places: dict[str, list[LayerRow]] = {"beginning": [row, *rest], "end": [*rest, row]}
            for name, rows in places.items():
                distance = k if name == "beginning" else last - k
                if distance > 1 and row not in rest:
                    yield self._sample(f"{self._name(k)}_at_the_{name}", rows, ("place", self._labels[k]), k)

    def truncated(self) -> Iterator[Sample | None]:
        """Rule: the first layers only."""
        for length in range(1, len(self._rows) - 1):
            fails = self._target.layers[length:]
            says = (self._labels[length], "no such layer")
            yield self._sample(f"first_{length}_layers_only", self._rows[:length], says, fails, shows=())

    def extra(self) -> Iterator[Sample | None]:
        """Rule: a layer that the brief does not have, in every position."""
        for kind, config in EXTRA:
            for k in range(len(self._rows) + 1):
                rows = [*self._rows[:k], (kind, config), *self._rows[k:]]
                where = "the input" if k == 0 else self._labels[k - 1]
                yield self._sample(f"{kind}_behind_{self._name(k - 1)}", rows, (f"extra {kind}", where), None)

    def double_ending(self) -> Iterator[Sample | None]:
        """Rule: the last layer's activation applied a second time."""
        activation = self._rows[-1][1].get("activation", "linear")
        if activation not in ("linear", None):
            again: LayerRow = ("Activation", {"activation": activation})
            yield self._sample(
                f"double_{activation}", [*self._rows, again], ("extra Activation", str(activation)), None
            )

    def skips(self) -> Iterator[Sample | None]:
        """Rule: the right layers, with a connection around one of them."""
        for k in range(len(self._rows)):
            before, after = self._before(k), self._brief.layers[k].output_shape
            if len(before) != len(after) or before[:-1] != after[:-1]:
                continue
            for kind in ("Add", "Concatenate") if before == after else ("Concatenate",):
                nodes: list[GraphNode] = [(*row, (place - 1,)) for place, row in enumerate(self._rows[: k + 1])]
                nodes.append((kind, {}, (k - 1, k)))
                nodes += [(*row, (len(nodes) + i - 1,)) for i, row in enumerate(self._rows[k + 1 :])]
                yield self._sample(f"{kind}_around_{self._name(k)}", nodes, (f"extra {kind}", self._labels[k]), None)

    def inputs(self) -> Iterator[Sample | None]:
        """Rule: a different shape of the input."""
        shape = self._brief.input_shape
        for other in _other_inputs(shape):
            says = ("input", shape_text(shape), shape_text(other))
            name = f"input_{shape_text(other).replace('×', 'x')}"
            yield self._sample(name, self._rows, says, (self._target.input,), shape=other)

    def _name(self, position: int) -> str:
        """The layer's check without the exercise, after which the mutants of a layer are named."""
        return "input" if position < 0 else self._target.layers[position].partition(".")[2]

    def _before(self, position: int) -> Shape:
        return self._brief.input_shape if position == 0 else self._brief.layers[position - 1].output_shape

    def _with(self, position: int, row: LayerRow) -> list[LayerRow]:
        return [*self._rows[:position], row, *self._rows[position + 1 :]]

    def _sample(
        self,
        name: str,
        layers: Sequence[LayerRow | GraphNode],
        says: tuple[str, ...],
        fails: int | tuple[str, ...] | None,
        *,
        shape: Shape | None = None,
        shows: tuple[str, ...] | None = None,
        gone: int = 0,
    ) -> Sample | None:
        nodes = [(row[0], row[1], row[2] if len(row) == 3 else (place - 1,)) for place, row in enumerate(layers)]
        try:
            network = _as_described(wired(shape or self._brief.input_shape, nodes))
        except ImpossibleLayer:
            return None
        checks = (self._target.others,) if fails is None else fails
        answer = NetworkAnswer(self._target.function, network)
        source = function_source(self._target.function, network)
        return Sample(
            name,
            self._target.cell,
            lambda _: source,
            (self._target.layers[checks],) if isinstance(checks, int) else checks,
            says,
            _consequences(network, self._brief, gone) if shows is None else shows,
            answer=answer,
        )


def _as_described(network: ModelSpec) -> ModelSpec:
    """The network in the form that a description of the live model has."""
    layers, outputs = simplify(network.layers, network.outputs, len(network.input_shape))
    return replace(network, layers=layers, outputs=outputs)


def _consequences(network: ModelSpec, brief: ModelSpec, gone: int) -> tuple[str, ...]:
    """Shapes and counts that only the wrong network has; a message may name them as the consequence.

    Where no number of parameters is new, it may also say that a parameter count shows nothing.
    """
    usual = {(layer.kind, text) for layer in brief.layers for text in _numbers(layer)}
    new = dict.fromkeys(text for layer in network.layers for text in _numbers(layer) if (layer.kind, text) not in usual)
    if gone:
        new[f"{gone:,} parameters are missing"] = None
    if network.parameters == brief.parameters:
        new |= dict.fromkeys((STAYS, COUNTS_STAY))
    else:
        new[f"{network.parameters - brief.parameters:,} parameters"] = None
    return tuple(new)


def _numbers(layer: LayerSpec) -> list[str]:
    return [shape_text(layer.output_shape), *([f"{layer.parameters:,}"] if layer.parameters else [])]


def _other_inputs(shape: Shape) -> list[Shape]:
    sizes, channels = [size or 1 for size in shape[1:-1]], shape[-1] or 1
    others = [tuple(size + 4 for size in sizes), tuple(size - 1 for size in sizes), tuple(2 * size for size in sizes)]
    colours = 3 if channels == 1 else 1
    return [*((None, *other, channels) for other in others), (None, *sizes, colours)]


def _shown(value: Setting) -> str:
    return "none" if value is None else setting_text(value)


def _slug(value: Setting) -> str:
    text = "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "".join(c if c.isalnum() else "_" for c in text).strip("_")
