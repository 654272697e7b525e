"""Specification of `lenet` as data, and the registry of its public checks."""

from __future__ import annotations

from cnnkit.checks.assigned_network import Brief
from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import ModelSpec, Setting

INPUT = (None, 32, 32, 1)
NETWORK = "build_lenet"
POOLINGS = ("average", "max")
LISTING_LINES = 10
"""Lines of the notes' code in the notebook."""

Row = tuple[str, dict[str, Setting]]


def _lenet(pooling: str, as_convolutions: int = 0) -> ModelSpec:
    """LeNet-5, its first Dense layers possibly written as convolutions, which is the same function."""
    kernel: dict[str, Setting] = {"kernel_size": (5, 5), "strides": (1, 1), "padding": "valid", "activation": "tanh"}
    kind = {"average": "AveragePooling2D", "max": "MaxPooling2D"}[pooling]
    pool: Row = (kind, {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"})
    rows: list[Row] = [("Conv2D", {"filters": 6, **kernel}), pool, ("Conv2D", {"filters": 16, **kernel}), pool]
    for number, units in enumerate((120, 84)):
        if number == as_convolutions:
            rows.append(("Flatten", {}))
        if number < as_convolutions:
            rows.append(("Conv2D", {"filters": units, **kernel, "kernel_size": (5, 5) if number == 0 else (1, 1)}))
        else:
            rows.append(("Dense", {"units": units, "activation": "tanh"}))
    if as_convolutions == 2:
        rows.append(("Flatten", {}))
    return sequence(INPUT, [*rows, ("Dense", {"units": 10, "activation": "softmax"})])


BRIEF = _lenet("average")
"""The network that the assignment asks for."""

MAX_BRIEF = Brief(NETWORK, _lenet("max"), forms=(_lenet("max", 1), _lenet("max", 2)))
"""The same with max pooling."""

TRAINING = TrainingExercise("train_lenet", POOLINGS, INPUT, optimizer="adam")

CHECKS = PublicChecks(
    "lenet",
    {
        "data": ("pad_to_32",),
        "table": ("lenet_table",),
        "mend": ("lines_to_mend",),
        "architecture": ("build_lenet",),
        "pooling": ("average_pool",),
        "field": ("receptive_field",),
        "training": ("train_lenet", "build_lenet"),
        "maps": ("feature_maps",),
    },
    Brief(NETWORK, BRIEF, TRAINING.watched, forms=(_lenet("average", 1), _lenet("average", 2))),
)
