"""Specification of `data_augmentation` as data, and the registry of its public checks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import Setting
from cnnkit.probe.built import BuiltNetwork
from cnnkit.probe.stand_ins import StandIn

Row = tuple[str, dict[str, Setting]]
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
    stand_ins={
        "build_augmentation": StandIn(sequence(INPUT, [("RandomFlip", {"mode": "horizontal"})]), "layer"),
        "build_augmented_model": StandIn(
            sequence(INPUT, [("Rescaling", {"scale": 1 / 255, "offset": 0.0})]),
            "wrapper",
            behind="build_classifier",
            outputs=(None, 10),
        ),
    },
)

DRAWS = 100
"""Copies in each of two calls: what is drawn 200 times tells its limits. An honest pipeline fails once in 10⁹ times."""

BRIGHTER = BuiltNetwork(sequence(INPUT, [("RandomBrightness", {"factor": 0.1})]), 1, is_open=True)
"""A pipeline to pass to a student's function: each image becomes brighter or darker by its own draw, up to 25.5."""

MARK = 40.0
"""Brightness that `marking` pipelines add to whatever passes them, in training and in prediction."""


def marking(mark: float = MARK) -> BuiltNetwork:
    """A pipeline like BRIGHTER that leaves a mark: what it was given is brighter by `mark` besides, also in prediction.

    So a function that ignores the pipeline it is given, and augments by itself, can be told from one that uses it.
    """
    rows: list[Row] = [("RandomBrightness", {"factor": 0.1}), ("Rescaling", {"scale": 1.0, "offset": mark})]
    return BuiltNetwork(sequence(INPUT, rows), 1, is_open=True)


def flipping(mode: str = "horizontal_and_vertical") -> BuiltNetwork:
    """A pipeline like BRIGHTER that flips too, so that copies differ in whatever scale of brightness they are shown."""
    rows: list[Row] = [("RandomFlip", {"mode": mode}), ("RandomBrightness", {"factor": 0.1})]
    return BuiltNetwork(sequence(INPUT, rows), 1, is_open=True)


SHOWS_ITS_INPUT = BuiltNetwork(sequence(INPUT, [("Flatten", {})]), 1)
"""A network to pass for a classifier: what it puts out is what it was given."""


def images(count: int, *shape: int, seed: int = 5) -> NDArray[np.float32]:
    """Images that differ from each other, values 80 to 170, so that BRIGHTER does not clip them."""
    return np.random.default_rng(seed).uniform(80, 170, (count, *shape)).astype(np.float32)
