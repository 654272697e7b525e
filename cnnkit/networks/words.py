"""Numbers, shapes, settings and layers as a reader wants them: 1,179,904; 13×13×64; the second Conv2D."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.networks.model_spec import LayerSpec, Setting, Shape

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def shape_text(shape: Shape) -> str:
    """A shape without its batch axis: (None, 13, 13, 64) is "13×13×64", (None, 4608) is "4,608"."""
    return sizes_text(shape[1:])


def sizes_text(sizes: Sequence[int | None]) -> str:
    """Sizes of axes: (13, 13) is "13×13"; one that is open is "?"."""
    return "×".join("?" if size is None else f"{size:,}" for size in sizes)


def setting_text(value: Setting) -> str:
    """A setting as one writes it in Python: 'same', (2, 2), 0.35."""
    return repr(value)


def ordinal(number: int) -> str:
    """1 is "first", 12 is "12th", 21 is "21st"."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def layer_label(layers: Sequence[LayerSpec], index: int) -> str:
    """A layer as a student reads it: "the Flatten layer", or "the second Conv2D" where there are several."""
    kind = layers[index].kind
    same = [place for place, layer in enumerate(layers) if layer.kind == kind]
    if len(same) == 1:
        return f"the {kind} layer"
    return f"the {ordinal(same.index(index) + 1)} {kind}"


def count(number: int, noun: str) -> str:
    """Say "1 parameter", "1,179,904 parameters", "0 parameters"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
