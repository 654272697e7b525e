"""The student's network beside the brief's, layer by layer, for the feedback page."""

from __future__ import annotations

from dataclasses import dataclass

from cnnkit.networks.compare.comparison import Difference, compare
from cnnkit.networks.layer_settings import setting
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting
from cnnkit.networks.wording import setting_text, settings_text, shape_text

MOST_ROWS = 60


@dataclass(frozen=True)
class LayerCell:
    """One layer in words.

    Attributes:
        kind: "Conv2D".
        settings: (text, whether it differs from the other side).
        shape: of the output, "13×13×64".
        parameters: "1,179,904".
        shape_differs, parameters_differ: from the other side.
    """

    kind: str
    settings: tuple[tuple[str, bool], ...]
    shape: str
    parameters: str
    shape_differs: bool = False
    parameters_differ: bool = False


@dataclass(frozen=True)
class LayerPair:
    """One line of the comparison.

    Attributes:
        state: "same", "differs", "missing", "extra", or "follows": the layer itself is right, but its shape or its
            parameters differ because of what comes before it.
        brief, found: the layer on either side; None where there is none.
    """

    state: str
    brief: LayerCell | None
    found: LayerCell | None


@dataclass(frozen=True)
class NetworkTable:
    """The table: its rows, the inputs and totals of both sides, and how many rows were left out."""

    rows: tuple[LayerPair, ...]
    brief_input: str
    found_input: str
    brief_total: str
    found_total: str
    left_out: int = 0

    @property
    def same_input(self) -> bool:
        """True if both networks take the same input."""
        return self.brief_input == self.found_input

    @property
    def same_total(self) -> bool:
        """True if both have the same number of parameters."""
        return self.brief_total == self.found_total

    @property
    def same(self) -> bool:
        """True if the networks are the same."""
        return self.same_input and all(row.state == "same" for row in self.rows)


def side_by_side(found: ModelSpec, brief: ModelSpec) -> NetworkTable:
    """Align the student's network with the specified one."""
    compared = compare(found, brief)
    rows = []
    for ours, theirs in compared.pairs[:MOST_ROWS]:
        layer = None if ours is None else found.layers[ours]
        wanted = None if theirs is None else brief.layers[theirs]
        rows.append(_row(layer, wanted, [] if theirs is None else list(compared.at(theirs))))
    return NetworkTable(
        tuple(rows),
        shape_text(brief.input_shape),
        shape_text(found.input_shape),
        f"{brief.parameters:,}",
        f"{found.parameters:,}",
        max(0, len(compared.pairs) - MOST_ROWS),
    )


def _row(found: LayerSpec | None, brief: LayerSpec | None, differences: list[Difference]) -> LayerPair:
    if found is None or brief is None:
        state = "missing" if found is None else "extra"
        return LayerPair(state, _layer(brief, ()) if brief else None, _layer(found, ()) if found else None)
    fields = tuple(difference.field for difference in differences if difference.kind == "setting")
    shape, parameters = found.output_shape != brief.output_shape, found.parameters != brief.parameters
    state = "differs" if differences else "follows" if shape or parameters else "same"
    kinds = found.kind != brief.kind
    return LayerPair(
        state,
        _layer(brief, fields, shape, parameters),
        _layer(found, () if kinds else fields, shape, parameters),
    )


def _layer(layer: LayerSpec, fields: tuple[str, ...], shape: bool = False, parameters: bool = False) -> LayerCell:
    # What differs is always shown, a default included; the rest as far as it was chosen.
    shown = [(f"{name} {setting_text(_setting(layer, name))}", True) for name in fields]
    chosen = LayerSpec(layer.kind, {k: v for k, v in layer.config.items() if k not in fields}, (), 0, 0)
    rest = settings_text(chosen)
    return LayerCell(
        layer.kind,
        (*shown, *([(rest, False)] if rest else [])),
        shape_text(layer.output_shape),
        f"{layer.parameters:,}",
        shape,
        parameters,
    )


def _setting(layer: LayerSpec, name: str) -> Setting:
    if name == "trainable":
        return bool(layer.trainable)
    return setting(layer.kind, layer.config, name)
