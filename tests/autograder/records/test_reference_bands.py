"""Statistics of the reference runs, and findings for a run that is too far from them."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from autograder.records.reference_bands import (
    _WORDS,
    ENOUGH_SEEDS,
    Band,
    Reference,
    band_distances,
    claims_reference,
    load_references,
    run_measures,
    summarize_measures,
)
from autograder.records.requests import Examination, KernelSummary
from cnnkit.assignments.mnist_convnet.brief import OPTIMIZERS
from cnnkit.recording.validation_losses import packed_losses
from tests.autograder.records.test_self_consistency import LAYOUT_3, RECORD

EXAMINED = Examination(
    kernels=[KernelSummary(cosine=0.8, distance=0.5)],
    validation_loss=0.1,
    test_loss=0.12,
    holdout_loss=0.3,
    training_loss=0.05,
)
ADAM = replace(RECORD, optimizer={"name": "adam", "learning_rate": 0.001})


NEW_MEASURES = {"few_test": 1, "few_holdout": 1, "few_sample": 1, "pieces": 50}
"""Measures that the reference runs of some kinds lack, because they were made before."""


def runs():
    for factor in (0.97, 1.0, 1.03):
        history = {name: [factor * value for value in values] for name, values in ADAM.history.items()}
        yield replace(ADAM, history=history), EXAMINED


REFERENCE = Reference(
    run="adam",
    images=12_000,
    epochs=2,
    optimizer=dict(ADAM.optimizer),
    network=ADAM.network,
    seeds=24,
    bands=summarize_measures([run_measures(record, examined) for record, examined in runs()]),
)


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


@pytest.mark.parametrize(
    ("distance", "against"), [(5.99, None), (-5.99, None), (6.01, False), (9.99, False), (10.01, True), (-10.01, True)]
)
@pytest.mark.parametrize("deviation", [0.05, 0.001])
def test_bounds_in_standard_deviations_of_at_least_a_hundredth(distance, deviation, against):
    mean = math.log(0.2)
    bands = {"loss": [Band(mean=mean, deviation=deviation, least=mean, most=mean)]}
    reference = msgspec.structs.replace(REFERENCE, bands=bands)
    loss = math.exp(mean + distance * max(deviation, 0.01))
    found = list(band_distances(replace(ADAM, history={"loss": [loss]}), EXAMINED, reference))
    assert [finding.against for finding in found] == ([] if against is None else [against])


@pytest.mark.parametrize(("seeds", "against"), [(19, False), (20, True)])
def test_twenty_seeds_are_enough_to_contradict(seeds, against):
    reference = msgspec.structs.replace(REFERENCE, seeds=seeds)
    history = {**ADAM.history, "loss": [ADAM.history["loss"][0], 2 * ADAM.history["loss"][1]]}
    found = band_distances(replace(ADAM, history=history), EXAMINED, reference)
    assert [finding.against for finding in found] == [against]


def test_a_probe_loss_that_could_not_be_told_is_not_compared():
    marks = [[math.nan, *numbers[1:]] for numbers in ADAM.fingerprints]
    assert list(band_distances(replace(ADAM, fingerprints=marks), EXAMINED, REFERENCE)) == []


def test_a_few_runs_only_make_conspicuous():
    few = msgspec.structs.replace(REFERENCE, seeds=9)
    history = {**ADAM.history, "loss": [ADAM.history["loss"][0], 2 * ADAM.history["loss"][1]]}
    assert [f.against for f in band_distances(replace(ADAM, history=history), EXAMINED, few)] == [False]


def test_another_network_or_optimizer_is_another_experiment():
    strange = Examination(kernels=[KernelSummary(cosine=0.0, distance=9.0)])
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


def test_measures_of_single_validation_images_and_of_few_hidden_ones():
    few = {"test": 0.2, "holdout": 0.1, "training": 0.05}
    losses = np.full(5_000, 0.1)
    losses[3::50] = 0.2
    record = replace(LAYOUT_3, image_losses=packed_losses(losses))
    found = run_measures(record, msgspec.structs.replace(EXAMINED, few_losses=few, validation_loss=None))
    assert [found[name][0] for name in ("few_test", "few_holdout", "few_sample")] == pytest.approx(
        [math.log(2), 0, -math.log(2)], abs=1e-6
    )
    assert found["test"] == pytest.approx([math.log(1.2)])
    assert len(found["pieces"]) == 50
    assert found["pieces"][3] - found["pieces"][2] == pytest.approx(math.log(2), abs=1e-3)
    assert run_measures(replace(LAYOUT_3, image_losses=""), EXAMINED)["pieces"] == []


def test_a_measure_that_some_runs_lack_has_no_band():
    bands = summarize_measures([{"loss": [1.0, 2.0], "pieces": [1.0]}, {"loss": [2.0, 2.0], "pieces": []}])
    assert list(bands) == ["loss"]
    assert [(band.mean, band.least, band.most) for band in bands["loss"]] == [(1.5, 1.0, 2.0), (2.0, 2.0, 2.0)]


def test_every_measure_has_words():
    reference = msgspec.structs.replace(
        REFERENCE, bands={key: [Band(mean=-9.0, deviation=0.1, least=-9.0, most=-9.0)] for key in _WORDS}
    )
    few = msgspec.structs.replace(EXAMINED, few_losses={"test": 0.2, "holdout": 0.1, "training": 0.05})
    found = list(band_distances(replace(LAYOUT_3, optimizer=dict(ADAM.optimizer)), few, reference))
    assert [finding.check for finding in found] == [f"reference: {measure}" for measure in run_measures(ADAM, few)]
    assert all("in 24 reference runs" in finding.text for finding in found)


def test_the_references_of_the_main_assignment():
    kinds = load_references("mnist_convnet")
    assert {(run, 12_000, 3) for run in OPTIMIZERS} <= set(kinds)
    assert {(run, 55_000, 10) for run in OPTIMIZERS} <= set(kinds)
    for (_, _, epochs), one in kinds.items():
        assert {name: len(bands) for name, bands in one.bands.items() if name not in NEW_MEASURES} == {
            **dict.fromkeys(("loss", "val_loss", "probe"), epochs),
            **dict.fromkeys(("way", "angle"), 4),
            **dict.fromkeys(("test", "holdout", "sample"), 1),
        }
        assert (
            NEW_MEASURES.items() >= {name: len(one.bands[name]) for name in NEW_MEASURES if name in one.bands}.items()
        )
    assert ("adadelta_that_learns", 12_000, 3) in kinds
    assert min(one.seeds for one in kinds.values()) >= ENOUGH_SEEDS


def test_an_assignment_without_references():
    assert load_references("chess") == {}


CLAIMED = replace(
    LAYOUT_3,
    optimizer={"name": "adam", "learning_rate": 0.001},
    fit={"epochs": 2.0, "data": "train", "validation_data": "val", "validation_freq": 1.0},
)
BANDS = Reference(
    run="adam", images=12_000, epochs=2, optimizer=CLAIMED.optimizer, network=CLAIMED.network, seeds=20, bands={}
)


def test_a_record_that_says_nothing_else_claims_to_be_the_courses_run():
    assert claims_reference(CLAIMED, BANDS)
    assert claims_reference(replace(CLAIMED, schema=2, fit={}, floatx=""), BANDS)


@pytest.mark.parametrize(
    "changes",
    [
        {"network": None},
        {"optimizer": {"name": "sgd", "learning_rate": 0.001}},
        {"optimizer": {**CLAIMED.optimizer, "clipnorm": 1.0}},
        {"batch_size": 32},
        {"loss": "binary_crossentropy"},
        {"loss_settings": {"label_smoothing": 0.1}},
        {"loss_settings": {"reduction": "sum"}},
        {"floatx": "float64"},
        {"dtypes": ("mixed_float16",) * 8},
        {"class_weight": {"3": 2.0}},
        {"earlier_fits": 1},
        {"epoch_rates": [0.001, 0.0005]},
        {"step_rates": [0.01] * 10},
        {"fit": {**CLAIMED.fit, "steps_per_epoch": 50.0}},
        {"fit": {**CLAIMED.fit, "validation_steps": 5.0}},
        {"fit": {**CLAIMED.fit, "data": "other"}},
        {"fit": {**CLAIMED.fit, "epochs": 4.0}},
        {"unclear": {"beginning": "it had been trained before"}},
    ],
)
def test_a_record_that_says_it_trained_otherwise_is_not_held_to_the_reference_runs(changes):
    assert not claims_reference(replace(CLAIMED, **changes), BANDS)


def test_a_record_that_was_not_examined_is_compared_in_what_it_says_itself():
    typed = replace(CLAIMED, history={"loss": [0.9, 0.8], "val_loss": [0.9, 0.8]})
    narrow = Band(mean=-1.6, deviation=0.02, least=-1.7, most=-1.5)
    reference = msgspec.structs.replace(BANDS, bands={"loss": [narrow] * 2, "val_loss": [narrow] * 2})
    found = list(band_distances(typed, Examination(), reference))
    assert [(finding.check, finding.against) for finding in found] == [
        ("reference: loss", True),
        ("reference: val_loss", True),
    ]
