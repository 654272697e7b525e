"""Public checks of the exercise `features`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnkit import expect
from cnnkit.assignments.transfer_learning.brief import CHECKS, Node, Row
from cnnkit.checks.evidence import Evidence
from cnnkit.networks.brief import wired
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.built import BuiltNetwork


def small_backbone(size: int, channels: int = 3) -> ModelSpec:
    """Backbone that can be computed by hand, with a skip connection and layers that behave differently in training."""
    around: Row = ("Conv2D", {"filters": 6, "kernel_size": (3, 3), "padding": "same"})
    rows: list[Node] = [
        ("Conv2D", {"filters": 6, "kernel_size": (3, 3), "strides": (2, 2), "use_bias": False}, (-1,)),
        ("BatchNormalization", {}, (0,)),
        ("Activation", {"activation": "relu"}, (1,)),
        ("Dropout", {"rate": 0.4}, (2,)),
        (*around, (3,)),
        ("Add", {}, (4, 3)),
        ("Conv2D", {"filters": 4, "kernel_size": (2, 2), "strides": (2, 2), "activation": "relu"}, (5,)),
    ]
    return wired((None, size, size, channels), _frozen(rows))


def _frozen(rows: Sequence[Node]) -> list[Node]:
    return [(kind, {**given, "trainable": False}, inputs) for kind, given, inputs in rows]


FEW = BuiltNetwork(small_backbone(12), 5)
FOUR = np.random.default_rng(3).normal(0.5, 1.5, size=(4, 12, 12, 3)).astype(np.float32)
"""A backbone, and images for it."""

EXTRACTED = "extract_features(backbone, images)"
"""The call, as a message has it."""


@CHECKS.add("features", "extract_features gives what the backbone puts out for each image")
def features_form(evidence: Evidence) -> None:
    """Expect one array of maps for each image."""
    wanted = FEW.network.layers[-1].output_shape[1:]
    shape = (4, *(int(size or 0) for size in wanted))
    hint = "backbone.predict(images) goes through them in batches; return all of what it gives, as it is."
    expect.array(evidence.call("extract_features", FEW, FOUR), EXTRACTED, shape=shape, hint=hint)
