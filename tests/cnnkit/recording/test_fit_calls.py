"""Calls of fit are counted and their settings read, and fit does what it always does."""

import sys
import types

import numpy as np
import pytest

from cnnkit.recording import record_bounds
from cnnkit.recording.fit_calls import FitCalls

TRAIN, VAL = object(), object()


@pytest.fixture
def model(monkeypatch):
    """A stand-in for `keras.Model`, whose fit comes from a base class and returns what it was given."""

    class Trainer:
        def fit(
            self,
            x=None,
            y=None,
            batch_size=None,
            epochs=1,
            verbose="auto",
            callbacks=None,
            validation_split=0.0,
            validation_data=None,
            shuffle=True,
            class_weight=None,
            sample_weight=None,
            initial_epoch=0,
            steps_per_epoch=None,
            validation_steps=None,
            validation_batch_size=None,
            validation_freq=1,
        ):
            return x, epochs

    fake = types.SimpleNamespace(Model=type("Model", (Trainer,), {}))
    monkeypatch.setitem(sys.modules, "keras", fake)
    return fake.Model


def calls_of(model, *calls):
    found = FitCalls(TRAIN, VAL)
    with found.watched():
        for arguments, settings in calls:
            model().fit(*arguments, **settings)
    return found


def test_fit_is_called_as_ever_and_put_back(model):
    before = model.fit
    found = FitCalls(TRAIN, VAL)
    with found.watched():
        assert model().fit(TRAIN, epochs=3) == (TRAIN, 3)
        assert type("Own", (model,), {})().fit(5) == (5, 1)
    assert found.count == 2
    assert model.fit is before
    assert "fit" not in vars(model)


def test_it_is_put_back_after_an_error(model):
    with pytest.raises(TypeError), FitCalls(TRAIN, VAL).watched():
        model().fit(nonsense=1)
    assert "fit" not in vars(model)


def test_settings_of_the_usual_call(model):
    found = calls_of(model, ((TRAIN,), {"validation_data": VAL, "epochs": 10}))
    assert found.settings == {
        "epochs": 10.0,
        "initial_epoch": 0.0,
        "shuffle": 1.0,
        "validation_split": 0.0,
        "validation_freq": 1.0,
        "sample_weight": 0.0,
        "class_weight": 0.0,
        "data": "train",
        "validation_data": "val",
    }
    assert found.class_weight == {}


def test_settings_of_a_call_with_everything(model):
    given = {
        "steps_per_epoch": np.int64(50),
        "validation_steps": 10,
        "validation_freq": [1, 5],
        "initial_epoch": 2,
        "shuffle": "batch",
        "batch_size": 32,
        "sample_weight": np.ones(3),
        "class_weight": {0: 1, 1: np.float32(2.5), 2: "x", 3: float("nan")},
        "validation_data": ([1], [2]),
    }
    found = calls_of(model, (([1, 2],), given))
    assert found.settings["steps_per_epoch"] == 50
    assert found.settings["validation_steps"] == 10
    assert found.settings["validation_freq"] == "1, 5"
    assert (found.settings["initial_epoch"], found.settings["batch_size"]) == (2, 32)
    assert (found.settings["shuffle"], found.settings["data"], found.settings["validation_data"]) == (
        "batch",
        "other",
        "other",
    )
    assert (found.settings["sample_weight"], found.settings["class_weight"]) == (1, 1)
    assert found.class_weight == {"0": 1.0, "1": 2.5}


def test_the_last_call_counts(model):
    found = calls_of(model, ((TRAIN,), {"class_weight": {0: 2}, "steps_per_epoch": 5}), ((TRAIN,), {}))
    assert found.count == 2
    assert "steps_per_epoch" not in found.settings
    assert found.class_weight == {}


def test_what_is_kept_is_bounded(model):
    weights = dict.fromkeys(range(1_000), 1.0)
    found = calls_of(model, ((TRAIN,), {"class_weight": weights, "validation_freq": list(range(1_000))}))
    assert len(found.class_weight) == record_bounds.MOST_METRICS
    assert len(found.settings["validation_freq"]) <= record_bounds.LONGEST_NAME
