"""A record that contradicts itself is seen without any training."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.records.self_consistency import inconsistencies
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of


def single(*values):
    return [float(np.float32(value)) for value in values]


RECORD = TrainingRecord(
    run="adam",
    history={
        "loss": single(0.4, 0.2),
        "accuracy": single(10_000 / 12_000, 11_111 / 12_000),
        "val_loss": single(0.3, 0.1),
        "val_accuracy": single(4_700 / 5_000, 4_901 / 5_000),
    },
    images=12_000,
    batch_size=128,
    epochs=2,
    steps=[2.3] * 10,
    assignment="mnist_convnet",
    student="s1",
    seed=seed_of("mnist_convnet", "s1"),
    versions={"backend": "tensorflow"},
    data={"name": "mnist", "images": 12_000, "validation": 5_000, "size": 0, "scaled": 1.0},
    network=BRIEF,
    fingerprints=[[2.3, 0.1], [0.4, 0.2], [0.2, 0.3]],
)


def checks(**changes):
    return [finding.check for finding in inconsistencies(replace(RECORD, **changes))]


def history(**changes):
    return {**RECORD.history, **changes}


def test_an_honest_one():
    assert list(inconsistencies(RECORD)) == []


def test_one_of_an_older_package_has_less_and_is_fine():
    assert checks(network=None, fingerprints=[], data={}, steps=[]) == []


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"history": history(loss=single(0.4))}, "lengths"),
        ({"epochs": 1}, "lengths"),
        ({"fingerprints": RECORD.fingerprints[:2]}, "lengths"),
        ({"steps": [2.3] * 9}, "lengths"),
        ({"history": history(loss=[0.4, 0.2])}, "single precision"),
        ({"history": history(val_loss=[0.9 * value for value in RECORD.history["val_loss"]])}, "single precision"),
        ({"history": history(val_accuracy=single(0.94, 0.98765))}, "whole images"),
        ({"history": history(accuracy=single(0.83333, 0.9))}, "whole images"),
        ({"fingerprints": [[2.3, 0.1], [0.4, 0.2], [0.4, 0.2]]}, "fingerprints"),
        ({"fingerprints": [[2.3, 0.1], [0.4], [0.4, 0.2]]}, "fingerprints"),
        ({"seed": 3}, "seed"),
        ({"student": "s2"}, "seed"),
    ],
)
def test_what_gives_it_away(changes, check):
    assert checks(**changes) == [check]


@pytest.mark.parametrize(("off", "odd"), [(0.0105, False), (0.0107, True), (-0.0105, False), (-0.0107, True)])
def test_bound_of_images_that_are_no_integer(off, odd):
    history = {"val_accuracy": [(4_700 + off) / 5_000] * 2}
    changed = replace(RECORD, history=history, fingerprints=[], versions={})
    assert [finding.check for finding in inconsistencies(changed)] == ["whole images"] * odd


def test_every_whole_number_of_images_is_right():
    for images, name in ((55_000, "accuracy"), (5_000, "val_accuracy")):
        for count in range(0, images + 1, 997):
            changed = replace(RECORD, images=55_000, history={name: single(count / images)}, fingerprints=[])
            assert [f for f in inconsistencies(changed) if f.check == "whole images"] == []


def test_weights_that_stay_are_honest_where_the_loss_stays_too():
    """A learning rate of zero is a mistake, not a forgery."""
    marks = [[2.3, 0.1]] * 3
    assert checks(fingerprints=marks, history=history(val_loss=single(0.3, 0.3))) == []


def test_losses_that_are_no_numbers_are_no_contradiction():
    nan = float("nan")
    assert checks(history=history(loss=[nan, nan], val_loss=[nan, nan])) == []


def test_without_start_there_is_no_seed_to_compare():
    assert checks(assignment="", student="", seed=0) == []
