"""Numbers, shapes, settings, layers and whole networks as text: 1,179,904; 13×13×64; the second Conv2D; a table."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting, Shape

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HEADINGS = ("layer", "settings", "output", "parameters")


def shape_text(shape: Shape) -> str:
    """Format a shape without its batch axis: (None, 13, 13, 64) as "13×13×64", (None, 4608) as "4,608"."""
    return sizes_text(shape[1:])


def sizes_text(sizes: Sequence[int | None]) -> str:
    """Format sizes of axes: (13, 13) as "13×13"; an unknown size as "?"."""
    return "×".join("?" if size is None else f"{size:,}" for size in sizes)


def setting_text(value: Setting) -> str:
    """Format a setting as it is written in Python: 'same', (2, 2), 0.35."""
    return repr(value)


def ordinal(number: int) -> str:
    """Ordinal of a positive integer: "first" for 1, "12th" for 12, "21st" for 21."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def number_word(number: int) -> str:
    """Number as a word in a sentence: "no" for 0, "three" for 3, "1,200" for what is above twelve."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def layer_label(layers: Sequence[LayerSpec], index: int) -> str:
    """Name of a layer in messages: "the Flatten layer", or "the second Conv2D" if there are several of its kind."""
    kind = layers[index].kind
    same = [place for place, layer in enumerate(layers) if layer.kind == kind]
    if len(same) == 1:
        return f"the {kind} layer"
    return f"the {ordinal(same.index(index) + 1)} {kind}"


def count(number: int, noun: str) -> str:
    """Format a number with its noun: "1 parameter", "1,179,904 parameters", "0 parameters"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def table(spec: ModelSpec) -> str:
    """Format a network as a table: kind, settings, output shape and parameters of each layer, then the total.

    Shapes have no batch axis. Settings at Keras's defaults are left out, so that a line shows what was chosen.
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
    """Format the settings that differ from the defaults: "filters 64, kernel_size (3, 3), activation 'relu'"."""
    usual = SETTINGS.get(layer.kind, {})
    return ", ".join(
        f"{name} {setting_text(value)}"
        for name, value in layer.config.items()
        if value is not None and not _is_default(name, value, usual)
    )


def _is_default(name: str, value: Setting, usual: dict[str, Setting]) -> bool:
    # A pooling layer's window and strides are always shown: they are what students forget.
    return name in usual and usual[name] == value and not ("pool_size" in usual and name in ("pool_size", "strides"))
