"""The networks that transfer learning builds on, as data: VGG16, ResNet50, InceptionV3 and MobileNet without their top.

`scripts/describe_backbones.py` described them from `keras.applications` into the files of `backbone_specs`, kinds and
settings only; shapes and parameters are computed for the input shape at hand. Nothing here needs Keras.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from cnnkit.networks.brief import wired
from cnnkit.networks.compare.align import differing_settings
from cnnkit.networks.layer_settings import setting
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting, Shape

Row = tuple[str, dict[str, Setting], tuple[int, ...]]
"""Kind, settings and inputs of one layer, as `cnnkit.spec.wired` takes it."""

BACKBONES = ("VGG16", "ResNet50", "InceptionV3", "MobileNet")
"""Names of the backbones, as in `keras.applications`."""

FOLDER = Path(__file__).resolve().parent / "backbone_specs"


def backbone_layers(name: str, *, frozen: bool = False) -> list[Row]:
    """Layers of a backbone without its top, as input for `cnnkit.spec.wired`.

    Args:
        name: one of `BACKBONES`.
        frozen: True marks every layer as not trainable.

    Returns:
        (kind, settings, inputs) of each layer in the order of computation; inputs are positions in this list, -1 for
        the input.

    Raises:
        ValueError: there is no such backbone here.

    Example:
        >>> layers = backbone_layers("VGG16", frozen=True)
        >>> head = [("Flatten", {}, (len(layers) - 1,)), ("Dense", {"units": 1}, (len(layers),))]
        >>> wired((None, 224, 224, 3), [*layers, *head]).trainable
        25089
    """
    return [(kind, config | ({"trainable": False} if frozen else {}), inputs) for kind, config, inputs in _rows(name)]


def backbone(name: str, input_shape: Shape = (None, 224, 224, 3), *, frozen: bool = False) -> ModelSpec:
    """Network of a backbone without its top, equal to what `describe` returns for the Keras model.

    Args:
        name: one of `BACKBONES`.
        input_shape: (batch or None, height, width, 3).
        frozen: True if training leaves its weights alone.

    Raises:
        ValueError: there is no such backbone here.
        ImpossibleLayer: the images are too small for it.

    Example:
        >>> backbone("VGG16").parameters
        14714688
    """
    return wired(input_shape, backbone_layers(name, frozen=frozen))


def backbone_in(spec: ModelSpec, name: str) -> range | None:
    """Find a whole backbone in a network: all of its layers, with their settings, one after the other.

    Descriptions contain the layers of nested models, so it makes no difference whether the backbone is one layer of the
    network or its layers were taken one by one. Names, weights and what is frozen are not compared.

    Args:
        spec: any network.
        name: one of `BACKBONES`.

    Returns:
        Positions in `spec.layers`, of the first one if there are several; None if there is no whole backbone.

    Raises:
        ValueError: there is no such backbone here.

    Example:
        >>> backbone_in(backbone("VGG16"), "VGG16")
        range(0, 18)
    """
    rows = _rows(name)
    kinds = [kind for kind, _, _ in rows]
    theirs = [layer.kind for layer in spec.layers]
    for start in range(len(theirs) - len(kinds) + 1):
        if theirs[start : start + len(kinds)] == kinds and _is_backbone_at(spec, rows, start):
            return range(start, start + len(kinds))
    return None


def _is_backbone_at(spec: ModelSpec, rows: list[Row], start: int) -> bool:
    entrance = spec.layers[start].inputs
    for place, (kind, config, inputs) in enumerate(rows):
        layer = spec.layers[start + place]
        wanted = tuple(entrance[0] if source < 0 else start + source for source in inputs)
        if layer.inputs != wanted or differing_settings(layer, LayerSpec(kind, config, (), 0, 0)):
            return False
    return True


@functools.cache
def _rows(name: str) -> list[Row]:
    if name not in BACKBONES:
        raise ValueError(f"expected one of {', '.join(BACKBONES)}, found {name!r}")
    described = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    rows: list[Row] = []
    for place, (kind, config, *inputs) in enumerate(described["layers"]):
        settings: dict[str, Setting] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in config.items()
        }
        rows.append((kind, settings, tuple(inputs[0]) if inputs else (place - 1,)))
    return rows


def to_text(spec: ModelSpec, about: str) -> str:
    """JSON text of a network as in `backbone_specs`, one line a layer; settings at Keras's defaults are left out.

    Args:
        spec: the network; inputs are written only for a layer that does not follow the one before it.
        about: description of the network and its origin, stored in the text.
    """
    lines = []
    for place, layer in enumerate(spec.layers):
        chosen = {
            key: value for key, value in layer.config.items() if value != setting(layer.kind, _without(layer, key), key)
        }
        row: list[object] = [layer.kind, chosen]
        if layer.inputs != (place - 1,):
            row.append(list(layer.inputs))
        lines.append("    " + json.dumps(row))
    return f'{{\n  "about": {json.dumps(about)},\n  "layers": [\n' + ",\n".join(lines) + "\n  ]\n}\n"


def _without(layer: LayerSpec, name: str) -> dict[str, Setting]:
    return {key: value for key, value in layer.config.items() if key != name}
