"""An architecture as a plain-text table, for terminals and messages."""

from __future__ import annotations

from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting
from cnnkit.networks.words import setting_text, shape_text

_HEADINGS = ("layer", "settings", "output", "parameters")


def table(spec: ModelSpec) -> str:
    """One line a layer: kind, settings, output shape without the batch axis, parameters; then the total.

    Settings at Keras's defaults are left out, so that the line shows what was chosen.
    """
    rows = [("input", "", shape_text(spec.input_shape), "")]
    rows += [
        (layer.kind, settings_text(layer), shape_text(layer.output_shape), f"{layer.parameters:,}")
        for layer in spec.layers
    ]
    rows.append(("total", "", "", f"{spec.parameters:,}"))
    widths = [max(len(heading), *(len(row[i]) for row in rows)) for i, heading in enumerate(_HEADINGS)]

    def line(cells: tuple[str, ...]) -> str:
        left = [cell.ljust(width) for cell, width in zip(cells[:3], widths, strict=False)]
        return "  ".join([*left, cells[3].rjust(widths[3])]).rstrip()

    rule = "  ".join("─" * width for width in widths)
    return "\n".join([line(_HEADINGS), rule, *(line(row) for row in rows[:-1]), rule, line(rows[-1])])


def settings_text(layer: LayerSpec) -> str:
    """The settings that were chosen: "filters 64, kernel_size (3, 3), strides (2, 2), activation 'relu'"."""
    usual = SETTINGS.get(layer.kind, {})
    return ", ".join(
        f"{name} {setting_text(value)}"
        for name, value in layer.config.items()
        if value is not None and not _is_default(name, value, usual)
    )


def _is_default(name: str, value: Setting, usual: dict[str, Setting]) -> bool:
    # A pooling layer's window and strides are always shown: they are what students forget.
    return name in usual and usual[name] == value and not ("pool_size" in usual and name in ("pool_size", "strides"))
