"""Parts of a training that an examination cannot compute again are named, and no others."""

from dataclasses import replace

import pytest

from autograder.records.training_conditions import (
    Obstacles,
    counted_images,
    epochs_done,
    epochs_of_fit,
    has_single_precision,
    obstacles,
    steps_in_epoch,
)
from tests.autograder.records.test_self_consistency import LAYOUT_3

FIT = LAYOUT_3.fit


def with_fit(**settings):
    return replace(LAYOUT_3, fit={**FIT, **settings})


def test_the_usual_training_is_computed_again():
    assert obstacles(LAYOUT_3) == Obstacles()
    assert not obstacles(LAYOUT_3).any


@pytest.mark.parametrize(
    "changes",
    [
        {"class_weight": {"3": 2.0}, "fit": {**FIT, "class_weight": 1.0}},
        {"loss_settings": {"label_smoothing": 0.1}},
        {"step_rates": [0.1] * 10, "epoch_rates": [0.1, 0.01]},
        {"fit": {**FIT, "steps_per_epoch": 20.0}},
        {"fit": {**FIT, "shuffle": 0.0}},
        {"earlier_fits": 1},  # of another network: this one began with the weights of its seeds
        {"batch_size": 32},
        {"settings": {"jit_compile": 1.0, "run_eagerly": 0.0}},
    ],
)
def test_what_is_followed_is_no_obstacle(changes):
    assert obstacles(replace(LAYOUT_3, **changes)) == Obstacles()


@pytest.mark.parametrize(
    ("changes", "parts", "reason"),
    [
        ({"dtypes": ("mixed_float16",) * 8}, "steps validation", "it was trained in mixed_float16"),
        ({"dtypes": ("float32", "mixed_bfloat16")}, "steps validation", "it was trained in mixed_bfloat16"),
        ({"floatx": "float64"}, "beginning steps validation", "it was trained in float64"),
        ({"dtypes": ("bfloat16",) * 8}, "beginning steps validation", "it was trained in bfloat16"),
        ({"unclear": {"beginning": "it had been trained before"}}, "beginning", "it had been trained before"),
        ({"unclear": {"steps": "its class takes steps"}}, "steps", "its class takes steps"),
        ({"unclear": {"validation": "its class validates"}}, "validation", "its class validates"),
        ({"fit": {}}, "steps", "does not say how fit was called"),
        ({"fit": {**FIT, "data": "other"}}, "steps", "other training data"),
        ({"fit": {**FIT, "sample_weight": 1.0}}, "steps", "sample_weight"),
        ({"fit": {**FIT, "class_weight": 1.0}}, "steps", "weights of its classes"),
        ({"fit": {**FIT, "initial_epoch": 3.0}}, "steps", "fit began at epoch 3"),
        ({"step_rates": [0.001] * 4}, "steps", "its learning rate changed within a step"),
        ({"fit": {**FIT, "validation_data": "other"}}, "validation", "other validation data"),
        ({"fit": {**FIT, "validation_steps": 2.0}}, "validation", "validation_steps"),
        ({"fit": {**FIT, "validation_freq": 3.0}}, "validation", "validation_freq"),
        ({"fit": {**FIT, "validation_freq": "1, 2"}}, "validation", "validation_freq"),
    ],
)
def test_what_cannot_be_followed_is_named(changes, parts, reason):
    found = obstacles(replace(LAYOUT_3, **changes))
    assert [part for part in ("beginning", "steps", "validation") if getattr(found, part)] == parts.split()
    assert all(reason in " ".join(getattr(found, part)) for part in parts.split())


def test_an_earlier_fit_is_counted_where_it_changed_the_beginning():
    record = replace(LAYOUT_3, earlier_fits=2, unclear={"beginning": "it had been trained before"})
    assert obstacles(record).beginning == (
        "it had been trained before (twice by fit in the same call of cnnkit.record)",
    )


def test_earlier_layouts_say_nothing_of_it():
    record = replace(LAYOUT_3, schema=2, floatx="float64", fit={"data": "other"}, unclear={"steps": "own"})
    assert obstacles(record) == Obstacles()
    assert has_single_precision(record)
    assert counted_images(record, "accuracy") == 12_000


@pytest.mark.parametrize(
    ("record", "metric", "images"),
    [
        (LAYOUT_3, "accuracy", 12_000),
        (LAYOUT_3, "val_accuracy", 5_000),
        (with_fit(steps_per_epoch=5.0), "accuracy", None),
        (with_fit(steps_per_epoch=5.0), "val_accuracy", 5_000),
        (with_fit(class_weight=1.0), "accuracy", None),
        (with_fit(validation_steps=5.0), "val_accuracy", None),
        (with_fit(data="other"), "accuracy", None),
        (with_fit(validation_data="other"), "val_accuracy", None),
        (replace(LAYOUT_3, data={}), "val_accuracy", None),
    ],
)
def test_images_of_an_accuracy(record, metric, images):
    assert counted_images(record, metric) == images


def test_epochs_and_steps():
    assert epochs_of_fit(with_fit(epochs=7.0)) == 7
    assert epochs_of_fit(with_fit(epochs="many")) == LAYOUT_3.epochs
    assert steps_in_epoch(LAYOUT_3) == 94
    assert steps_in_epoch(with_fit(steps_per_epoch=5.0)) == 5
    assert steps_in_epoch(with_fit(data="other")) is None
    assert epochs_done(with_fit(validation_freq=2.0)) == len(LAYOUT_3.history["loss"])
