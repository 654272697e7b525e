"""Specification of `mnist_convnet` as data, and the registry of its public checks."""

from __future__ import annotations

from cnnkit.checks.assigned_network import Brief
from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.brief import sequence

INPUT = (None, 28, 28, 1)
NETWORK = "build_convnet"

BRIEF = sequence(
    INPUT,
    [
        ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "padding": "valid", "activation": "relu"}),
        ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "strides": (1, 1), "padding": "same", "activation": "relu"}),
        ("MaxPooling2D", {"pool_size": (2, 2), "strides": (1, 1), "padding": "valid"}),
        ("Dropout", {"rate": 0.35}),
        ("Flatten", {}),
        ("Dense", {"units": 256, "activation": "tanh"}),
        ("Dropout", {"rate": 0.5}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ],
)
"""The network that the assignment asks for."""

OPTIMIZERS = ("adam", "adadelta", "sgd")
TRAINING = TrainingExercise("train_convnet", OPTIMIZERS, INPUT)
MORE_RUNS = ("adadelta_that_learns",)
"""Recorded runs beside those of the training exercise."""

CHECKS = PublicChecks(
    "mnist_convnet",
    {
        "data": ("prepare_images", "one_hot"),
        "arithmetic": ("conv_output_size", "conv_parameters"),
        "architecture": ("build_convnet",),
        "training": ("train_convnet",),
        "curves": ("plot_loss_curves",),
        "repair": ("adadelta_that_learns",),
    },
    Brief(NETWORK, BRIEF, TRAINING.watched),
)
