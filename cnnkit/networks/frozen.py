"""Frozen and trainable layers of a network, read from its description."""

from __future__ import annotations

from collections.abc import Iterable

from cnnkit.networks.model_spec import LayerSpec, ModelSpec
from cnnkit.networks.wording import count, layer_label


def trainable_layers(spec: ModelSpec) -> tuple[int, ...]:
    """Positions of the layers that have at least one weight that training changes.

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> layers = [("Dense", {"units": 3, "trainable": False}), ("ReLU", {}), ("Dense", {"units": 1})]
        >>> trainable_layers(sequence((None, 4), layers))
        (2,)
    """
    return tuple(place for place, layer in enumerate(spec.layers) if layer.trainable > 0)


def frozen_layers(spec: ModelSpec) -> tuple[int, ...]:
    """Positions of the layers whose weights training leaves alone. A layer without weights is not frozen."""
    return tuple(place for place, layer in enumerate(spec.layers) if is_frozen(layer))


def is_frozen(layer: LayerSpec) -> bool:
    """True if a layer has weights and training changes none of them.

    A BatchNormalization without scale and center has nothing but its moving statistics and always counts as frozen.
    """
    return layer.parameters > 0 and layer.trainable == 0


def frozen_until(spec: ModelSpec) -> int:
    """Position of the first layer, in the order of computation, that training changes.

    All layers before it are frozen or have no weights. Layers after it may be frozen too, such as BatchNormalization
    in a block that is fine-tuned.

    Returns:
        0 if the first layer is trained, `len(spec.layers)` if none is.

    Example:
        >>> from cnnkit.networks.backbones import backbone
        >>> frozen_until(backbone("VGG16")), frozen_until(backbone("VGG16", frozen=True))
        (0, 18)
    """
    return min(trainable_layers(spec), default=len(spec.layers))


def trained_statistics(spec: ModelSpec, part: Iterable[int] | None = None) -> tuple[int, ...]:
    """Positions of the BatchNormalization layers whose moving mean and variance training updates: those not frozen.

    Args:
        spec: the network.
        part: positions to search, such as those that `backbone_in` returns; all by default.
    """
    wanted = range(len(spec.layers)) if part is None else part
    return tuple(
        place
        for place in wanted
        if spec.layers[place].kind == "BatchNormalization" and not is_frozen(spec.layers[place])
    )


def frozen_text(spec: ModelSpec) -> str:
    """Sentence on the parameters that training changes, for a message or a notebook.

    Example:
        >>> from cnnkit.networks.backbones import backbone_layers
        >>> from cnnkit.networks.brief import wired
        >>> layers = backbone_layers("VGG16", frozen=True)
        >>> head = [("Flatten", {}, (17,)), ("Dense", {"units": 1}, (18,))]
        >>> frozen_text(wired((None, 224, 224, 3), [*layers, *head]))
        'Training changes 25,089 of 14,739,777 parameters; it begins at the Dense layer.'
    """
    if not trainable_layers(spec):
        return f"Training changes none of the {count(spec.parameters, 'parameter')}: every layer is frozen."
    begins = layer_label(spec.layers, frozen_until(spec))
    of = f"{spec.trainable:,} of {count(spec.parameters, 'parameter')}"
    behind = sum(place > frozen_until(spec) for place in frozen_layers(spec))
    again = f" Behind it {count(behind, 'layer')} {'is' if behind == 1 else 'are'} frozen." if behind else ""
    return f"Training changes {of}; it begins at {begins}.{again}"
