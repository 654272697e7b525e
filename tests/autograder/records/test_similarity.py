"""Copied records are found across a class; those of different seeds are not."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.records.similarity import similar_pairs
from autograder.report import similar_pairs_csv
from cnnkit.recording.schema import TrainingRecord


def run(student, factor=1.0, **changes):
    losses = [float(np.float32(factor * 2.0 * 0.7**epoch)) for epoch in range(5)]
    record = TrainingRecord("adam", {"loss": losses, "val_loss": [0.9 * loss for loss in losses]}, student=student)
    return replace(record, **changes)


def test_a_copy_is_found_whatever_id_it_has():
    pairs = similar_pairs({"s1": {"adam": run("s1")}, "s2": {"adam": run("s2")}, "s3": {"adam": run("s3", 1.01)}})
    assert [str(pair) for pair in pairs] == ["s1 and s2: adam (under different student ids)"]


def test_rounding_does_not_hide_it():
    copied = run("s2")
    rounded = {name: [round(value, 4) for value in values] for name, values in copied.history.items()}
    assert len(similar_pairs({"s1": {"adam": run("s1")}, "s2": {"adam": replace(copied, history=rounded)}})) == 1


def apart(metric, epoch, loss, difference):
    """Two students whose losses are all `loss`, but for one metric in one epoch."""
    same = {"loss": [loss] * 3, "val_loss": [loss] * 3}
    other = {name: list(values) for name, values in same.items()}
    other[metric][epoch] = loss - difference
    return {
        "s1": {"adam": replace(run("s1"), history=same)},
        "s2": {"adam": replace(run("s2"), history=other)},
    }


@pytest.mark.parametrize("metric", ["loss", "val_loss"])
@pytest.mark.parametrize("epoch", [0, 2])
@pytest.mark.parametrize(
    ("loss", "difference", "alike"),
    [(2.0, 4.59e-4, True), (2.0, 4.61e-4, False), (0.001, 6.01e-5, True), (0.001, 6.03e-5, False)],
)
def test_near_in_every_epoch_of_both_losses_or_not_alike(metric, epoch, loss, difference, alike):
    assert len(similar_pairs(apart(metric, epoch, loss, difference))) == alike


def test_another_training_is_not_told_by_its_accuracy_alone():
    other = {**run("s2").history, "accuracy": [0.5] * 5}
    assert len(similar_pairs({"s1": {"adam": run("s1")}, "s2": {"adam": replace(run("s2"), history=other)}})) == 1


def test_one_pair_for_all_runs():
    both = {"adam": run("s1"), "sgd": run("s1", 3.0, run="sgd")}
    (pair,) = similar_pairs({"s1": both, "s2": both})
    assert pair.runs == ("adam", "sgd")
    assert pair.same_id


@pytest.mark.parametrize(
    "history",
    [{}, {"loss": []}, {"loss": [float("nan")] * 5}, {"loss": [0.0] * 5}, {"loss": run("").history["loss"][:3]}],
)
def test_odd_histories_resemble_nothing(history):
    assert similar_pairs({"s1": {"adam": run("s1")}, "s2": {"adam": replace(run("s2"), history=history)}}) == []


def test_a_large_class_in_little_time():
    dice = np.random.default_rng(0)
    factors = dice.permutation(np.linspace(0.5, 1.5, 1_000))
    records = {f"s{number}": {"adam": run(f"s{number}", float(factor))} for number, factor in enumerate(factors)}
    assert [pair.students for pair in similar_pairs(records | {"copy": records["s7"]})] == [("copy", "s7")]


def test_the_table_is_safe_for_a_spreadsheet():
    pairs = similar_pairs({"=1+1": {"adam": run("a")}, "x,y": {"adam": run("a")}})
    assert similar_pairs_csv(pairs).splitlines()[1] == '\'=1+1,"x,y",adam,yes'
