"""The checks of a training exercise: each fails for its own mistake, and all look at the right run."""

from dataclasses import replace

import pytest

from cnnkit.checks.registry import PublicChecks
from cnnkit.expect.training import TrainingExercise
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import CompileSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

SHAPE = (None, 4)
BY_OPTIMIZER = TrainingExercise("train", ("adam", "sgd"), SHAPE)
BY_NAME = TrainingExercise("train", ("average", "max"), SHAPE, ("mse", "mae"), optimizer="adam", vary=True)
NETWORK = sequence(SHAPE, [("Dense", {"units": 10, "activation": "softmax"})])


def fit(optimizer, loss="categorical_crossentropy", **changes):
    compiled = CompileSpec(optimizer, {}, loss)
    return replace(FitSpec(replace(NETWORK, compiled=compiled), True, 4, "train", "val", True), **changes)


class Evidence:
    """Runs that were watched already; notes what they are asked for with."""

    def __init__(self, *fits, returned="history"):
        self.runs = [WatchedRun(f'"{name}"', (one,), returned) for name, one in zip(("adam", "sgd"), fits, strict=True)]
        self.requests = []

    def training(self, function, optimizers, **arguments):
        self.requests.append((function, [optimizer.name for optimizer in optimizers], arguments))
        return self.runs


def public_checks(exercise):
    checks = PublicChecks("toy", {"training": ("train",)})
    exercise.add_to(checks)
    return checks.of("training")


def failing(exercise, evidence):
    failed = []
    for check in public_checks(exercise):
        try:
            check.run(evidence)
        except Mismatch:
            failed.append(check.run.__name__)
    return failed


def test_a_right_training_passes_all_checks():
    assert failing(BY_OPTIMIZER, Evidence(fit("adam"), fit("sgd"))) == []
    assert failing(BY_NAME, Evidence(fit("adam", "mae"), fit("adam", "mse"))) == []


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"epochs": 10}, "fits_as_asked"),
        ({"data": "other"}, "fits_as_asked"),
        ({"validation": "none"}, "fits_as_asked"),
        ({"callbacks": False}, "returns_history_and_passes_callbacks"),
        ({"fresh": False}, "fresh_network"),
        ({"loss": "mse"}, "loss_is_right"),
    ],
)
def test_a_mistake_fails_its_own_check(changes, check):
    assert failing(BY_OPTIMIZER, Evidence(fit("adam", **changes), fit("sgd"))) == [check]


def test_the_history_has_to_be_returned():
    evidence = Evidence(fit("adam"), fit("sgd"), returned="None")

    assert failing(BY_OPTIMIZER, evidence) == ["returns_history_and_passes_callbacks"]


def test_every_run_has_to_begin_afresh():
    assert failing(BY_OPTIMIZER, Evidence(fit("adam"), fit("sgd", fresh=False))) == ["fresh_network"]


def test_every_run_has_the_optimizer_that_it_is_called_with():
    with pytest.raises(Mismatch, match="expected sgd, found adam"):
        BY_OPTIMIZER.optimizer_is_right(Evidence(fit("adam"), fit("adam")))


def test_every_run_has_the_optimizer_of_the_specification():
    with pytest.raises(Mismatch, match="expected adam, found sgd"):
        BY_NAME.optimizer_is_right(Evidence(fit("adam"), fit("sgd")))


def test_the_optimizer_has_a_check_of_its_own_where_it_is_specified():
    with_optimizer, without = (
        [check.run.__name__ for check in public_checks(exercise)] for exercise in (BY_NAME, BY_OPTIMIZER)
    )

    assert "optimizer_is_right" in with_optimizer
    assert [name for name in with_optimizer if name != "optimizer_is_right"] == without


def test_the_function_is_watched_as_the_exercise_says():
    evidence = Evidence(fit("adam"), fit("sgd"))
    BY_OPTIMIZER.watched(evidence)
    BY_NAME.watched(evidence)

    assert evidence.requests == [
        ("train", ["adam", "sgd"], {"epochs": 4, "input_shape": SHAPE}),
        ("train", ["average", "max"], {"epochs": 4, "input_shape": SHAPE, "vary": True}),
    ]
