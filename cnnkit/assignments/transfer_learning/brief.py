"""Specification of `transfer_learning` as data, and the registry of its public checks."""

from __future__ import annotations

from dataclasses import replace

from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.backbones import BACKBONES, backbone
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import ModelSpec, Setting, Shape

SIZE = 96
"""Height and width of the photographs."""

CAFFE = ("VGG16", "ResNet50")
"""Backbones whose images are blue, green, red and centred on the mean colour; the others' lie between -1 and 1."""

MEANS = (103.939, 116.779, 123.68)
"""Mean blue, green and red of ImageNet."""

LARGEST_RATE = 1e-4
"""Of the learning rate with which a backbone is trained on."""

Row = tuple[str, dict[str, Setting]]
Node = tuple[str, dict[str, Setting], tuple[int, ...]]


def head(name: str, maps: Shape) -> ModelSpec:
    """Specified head on the maps of a backbone.

    Args:
        name: of the backbone.
        maps: their shape, batch axis first.
    """
    pooling = "Flatten" if name == "VGG16" else "GlobalAveragePooling2D"
    hidden: Row = ("Dense", {"units": 128, "activation": "relu"})
    return sequence(maps, [(pooling, {}), hidden, ("Dense", {"units": 1, "activation": "sigmoid"})])


def maps_of(name: str, size: int = SIZE) -> Shape:
    """Shape of a backbone's maps of square images, batch axis first."""
    return backbone(name, (None, size, size, 3)).layers[-1].output_shape


TRAINING = TrainingExercise(
    "train_head", ("VGG16", "VGG16"), maps_of("VGG16"), ("binary_crossentropy",), optimizer="adam"
)
POOLED = replace(TRAINING, runs=("MobileNet",), input_shape=maps_of("MobileNet"))
MORE_RUNS = tuple(name.lower() for name in BACKBONES)
"""Recorded runs: a head on each backbone. The checks above train two of them."""

CHECKS = PublicChecks(
    "transfer_learning",
    {
        "preprocessing": ("preprocess",),
        "parameters": ("head_parameters",),
        "model": ("build_transfer_model",),
        "features": ("extract_features",),
        "training": ("train_head",),
        "unfreezing": ("unfreeze_top",),
    },
)
