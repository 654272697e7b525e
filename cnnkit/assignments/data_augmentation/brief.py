"""Specification of `data_augmentation` as data, and the registry of its public checks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.brief import sequence
from cnnkit.probe.built import BuiltNetwork

INPUT = (None, 28, 28, 1)
RUNS = ("plain", "augmented")
TRAINING = TrainingExercise("train_augmented", RUNS, INPUT, optimizer="adam", vary=True)

CHECKS = PublicChecks(
    "data_augmentation",
    {
        "pipeline": ("build_augmentation",),
        "show": ("show_augmented",),
        "digits": ("augmentation_for_digits",),
        "when": ("when_it_augments",),
        "model": ("build_augmented_model",),
        "batches": ("augmented_batches",),
        "training": ("train_augmented", "build_augmented_model", "build_augmentation"),
        "curves": ("plot_gap",),
    },
)

DRAWS = 100
"""Copies in each of two calls: what is drawn 200 times tells its limits. An honest pipeline fails once in 10⁹ times."""

BRIGHTER = BuiltNetwork(sequence(INPUT, [("RandomBrightness", {"factor": 0.1})]), 1, is_open=True)
"""A pipeline to pass to a student's function: each image becomes brighter or darker by its own draw, up to 25.5."""

SHOWS_ITS_INPUT = BuiltNetwork(sequence(INPUT, [("Flatten", {})]), 1)
"""A network to pass for a classifier: what it puts out is what it was given."""


def images(count: int, *shape: int, seed: int = 5) -> NDArray[np.float32]:
    """Images that differ from each other, values 80 to 170, so that BRIGHTER does not clip them."""
    return np.random.default_rng(seed).uniform(80, 170, (count, *shape)).astype(np.float32)
