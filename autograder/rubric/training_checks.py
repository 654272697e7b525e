"""The checks that every rubric has of an exercise in which a network is trained.

They are made for one `TrainingExercise` and worth the same in a rubric but for its records, so a rubric's
test_training.py adds them to its own with a line each, in the order in which they are to run::

    globals().update(compile_checks(TRAINING, points=0.25))
    globals().update(fit_checks(TRAINING, points=0.25))


    @pytest.mark.public
    @pytest.mark.points(0.5)
    def test_head_is_trained(evidence): ...


    globals().update(record_checks(RUNS, images=256, epochs=30, hold=0.25, complete=0.25, fall=0.25))

Each call makes new functions, because pytest keeps a check's points on the function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from cnnkit.checks.evidence import Evidence
from cnnkit.expect import records as expected
from cnnkit.expect.training import TrainingExercise
from cnnkit.recording.schema import TrainingRecord

Tests = dict[str, Callable[..., None]]
"""pytest functions by name, in the order in which they are collected."""


def compile_checks(exercise: TrainingExercise, *, points: float) -> Tests:
    """Public checks of how the networks are compiled.

    Args:
        exercise: the training function and its specification.
        points: what each check is worth.

    Returns:
        `test_loss_is_crossentropy` and, where the specification names one optimizer, `test_optimizer_is_<name>`.
    """
    tests = {"test_loss_is_crossentropy": _public(exercise.loss_is_right, points)}
    if exercise.optimizer:
        tests[f"test_optimizer_is_{exercise.optimizer}"] = _public(exercise.optimizer_is_right, points)
    return tests


def fit_checks(exercise: TrainingExercise, *, points: float, fresh: str = "fresh_network") -> Tests:
    """Public checks of how the networks are trained.

    Args:
        exercise: the training function and its specification.
        points: what each check is worth.
        fresh: name of the check that no run continues another, e.g. "fresh_head".

    Returns:
        `test_trains_for_epochs`, `test_validates`, `test_passes_callbacks`, `test_returns_history` and
        `test_<fresh>`.
    """
    return {
        "test_trains_for_epochs": _public(exercise.trains_for_epochs, points),
        "test_validates": _public(exercise.validates, points),
        "test_passes_callbacks": _public(exercise.passes_callbacks, points),
        "test_returns_history": _public(exercise.returns_history, points),
        f"test_{fresh}": _public(exercise.fresh_network, points),
    }


def record_checks(runs: Sequence[str], *, images: int, epochs: int, hold: float, complete: float, fall: float) -> Tests:
    """Hidden checks of the training records, each skipped where the one before it did not pass.

    Args:
        runs: names of the runs that are handed in.
        images: number of training images of the full run.
        epochs: of the full run.
        hold: points for records that verification does not contradict.
        complete: points for a record of every run, in full.
        fall: points for losses that fall.

    Returns:
        `test_records_hold`, `test_records_complete` and `test_losses_fall`.
    """

    @pytest.mark.points(hold)
    def records_hold(records: Mapping[str, TrainingRecord], contradicted: Mapping[str, str]) -> None:
        expected.records_hold(records, contradicted, runs)

    @pytest.mark.points(complete)
    @pytest.mark.depends("records_hold")
    def records_complete(records: Mapping[str, TrainingRecord]) -> None:
        expected.complete(records, runs, images=images, epochs=epochs)

    @pytest.mark.points(fall)
    @pytest.mark.depends("records_complete")
    def losses_fall(records: Mapping[str, TrainingRecord]) -> None:
        expected.losses_fall(records, runs)

    return {
        "test_records_hold": records_hold,
        "test_records_complete": records_complete,
        "test_losses_fall": losses_fall,
    }


def _public(expectation: Callable[[Evidence], None], points: float) -> Callable[..., None]:
    @pytest.mark.public
    @pytest.mark.points(points)
    def check(evidence: Evidence) -> None:
        expectation(evidence)

    return check
