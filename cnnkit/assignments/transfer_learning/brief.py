"""Specification of `transfer_learning` as data, and the registry of its public checks."""

from __future__ import annotations

from dataclasses import replace

from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.backbones import BACKBONES
from cnnkit.networks.model_spec import Setting, Shape

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


_HIDDEN: Row = ("Dense", {"units": 128, "activation": "relu"})
_OUTPUT: Row = ("Dense", {"units": 1, "activation": "sigmoid"})

HEADS: dict[str, list[Row]] = {
    name: [("Flatten" if name == "VGG16" else "GlobalAveragePooling2D", {}), _HIDDEN, _OUTPUT] for name in BACKBONES
}
"""Layers of the specified head, by backbone."""

MAPS: dict[str, Shape] = {
    "VGG16": (None, 3, 3, 512),
    "ResNet50": (None, 3, 3, 2048),
    "InceptionV3": (None, 1, 1, 2048),
    "MobileNet": (None, 3, 3, 1024),
}
"""Shape of a backbone's maps of the photographs, batch axis first."""


TRAINING = TrainingExercise("train_head", ("VGG16", "VGG16"), MAPS["VGG16"], ("binary_crossentropy",), optimizer="adam")
POOLED = replace(TRAINING, runs=("MobileNet",), input_shape=MAPS["MobileNet"])
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
