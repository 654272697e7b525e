"""The runs whose records an assignment asks for, with the optimizer that each is to train with."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from cnnkit.expect.training import TrainingExercise
from cnnkit.networks.describe.optimizers import DEFAULTS


@functools.cache
def asked_runs(assignment: str) -> Mapping[str, str]:
    """The optimizer by run, "" for one that the student chooses settings for; empty for an unknown assignment.

    They stand in `cnnkit.assignments.<assignment>.brief`: the runs of each `TrainingExercise`, and `MORE_RUNS`.

    Example:
        >>> asked_runs("mnist_convnet")["sgd"]
        'sgd'
    """
    package = f"cnnkit.assignments.{assignment}"
    if not assignment.isidentifier() or find_spec(package) is None:
        return {}
    brief = import_module(f"{package}.brief")
    found = dict.fromkeys(getattr(brief, "MORE_RUNS", ()), "")
    for exercise in vars(brief).values():
        if isinstance(exercise, TrainingExercise):
            for run in exercise.runs:
                found[run.lower()] = exercise.optimizer or (run if run in DEFAULTS else "")
    return found
