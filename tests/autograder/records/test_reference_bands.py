"""What the reference runs do, and how far away a run is told."""

import math
from dataclasses import replace

import msgspec
import pytest

from autograder.records.reference_bands import (
    ENOUGH,
    Band,
    band_distances,
    load_references,
    run_measures,
    summarize_reference,
)
from autograder.records.requests import Examination, KernelSummary
from cnnkit.assignments.mnist_convnet.brief import OPTIMIZERS
from tests.autograder.records.test_self_consistency import RECORD

EXAMINED = Examination(
    kernels=[KernelSummary(likeness=0.8, way=0.5)],
    validation_loss=0.1,
    test_loss=0.12,
    holdout_loss=0.3,
    training_loss=0.05,
)
ADAM = replace(RECORD, optimizer={"name": "adam", "learning_rate": 0.001})


def runs():
    for factor in (0.97, 1.0, 1.03):
        history = {name: [factor * value for value in values] for name, values in ADAM.history.items()}
        yield replace(ADAM, history=history), EXAMINED


REFERENCE = msgspec.structs.replace(summarize_reference(list(runs())), seeds=24)


def test_a_run_among_them_is_not_conspicuous():
    assert list(band_distances(ADAM, EXAMINED, REFERENCE)) == []


@pytest.mark.parametrize(
    ("factor", "against"),
    [(1.1, None), (1.25, False), (1.4, True), (0.7, True)],
)
def test_a_loss_outside_is_told_with_numbers(factor, against):
    history = {**ADAM.history, "loss": [ADAM.history["loss"][0], factor * ADAM.history["loss"][1]]}
    found = list(band_distances(replace(ADAM, history=history), EXAMINED, REFERENCE))
    assert [finding.against for finding in found] == ([] if against is None else [against])
    if found:
        assert found[0].text.startswith("The training loss of epoch 2 is 0.")
        assert "in 24 reference runs it was 0.194 to 0.206" in found[0].text


def test_a_few_runs_only_make_conspicuous():
    few = msgspec.structs.replace(REFERENCE, seeds=9)
    history = {**ADAM.history, "loss": [ADAM.history["loss"][0], 2 * ADAM.history["loss"][1]]}
    assert [f.against for f in band_distances(replace(ADAM, history=history), EXAMINED, few)] == [False]


def test_another_network_or_optimizer_is_another_experiment():
    strange = Examination(kernels=[KernelSummary(likeness=0.0, way=9.0)])
    assert len(list(band_distances(ADAM, strange, REFERENCE))) == 2
    other = replace(ADAM, optimizer={"name": "adam", "learning_rate": 0.01})
    assert list(band_distances(other, strange, REFERENCE)) == []
    network = replace(ADAM.network, layers=ADAM.network.layers[:-1], outputs=(6,))
    assert list(band_distances(replace(ADAM, network=network), strange, REFERENCE)) == []


def test_what_is_no_number_is_as_far_as_can_be():
    assert Band(mean=0.0, deviation=0.1, least=-1, most=1).distance(math.nan) == math.inf
    history = {**ADAM.history, "loss": [0.4, 0.0]}
    assert [f.against for f in band_distances(replace(ADAM, history=history), EXAMINED, REFERENCE)] == [True]


def test_measures_of_what_could_not_be_examined_are_missing():
    found = run_measures(ADAM, Examination())
    assert found["way"] == found["angle"] == found["test"] == found["holdout"] == found["sample"] == []
    assert len(found["loss"]) == 2


def test_the_references_of_the_main_assignment():
    kinds = load_references("mnist_convnet")
    assert {(run, 12_000, 3) for run in OPTIMIZERS} <= set(kinds)
    assert {(run, 55_000, 10) for run in OPTIMIZERS} <= set(kinds)
    for (_, _, epochs), one in kinds.items():
        assert {name: len(bands) for name, bands in one.bands.items()} == {
            **dict.fromkeys(("loss", "val_loss", "probe"), epochs),
            **dict.fromkeys(("way", "angle"), 4),
            **dict.fromkeys(("test", "holdout", "sample"), 1),
        }
    assert ("adadelta_that_learns", 12_000, 3) in kinds
    assert min(one.seeds for one in kinds.values()) >= ENOUGH


def test_an_assignment_without_references():
    assert load_references("chess") == {}
