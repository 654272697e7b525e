"""Observations of a training: they go on from their saved state, and each step's loss comes out of Keras's means."""

import json

import numpy as np
import pytest

from cnnkit.recording.observed import ObservedTraining, StepLosses
from cnnkit.recording.schema import GeneratorState


def observed():
    found = ObservedTraining(
        steps=[2.3, 2.2], draws=(GeneratorState(1, "generator", "", (3, 4)),), initial="sha256:0", seconds=2.5
    )
    found.fingerprints = [[2.3, 0.5], [2.2, 0.25]]
    found.step_rates, found.epoch_rates = [0.1, 0.1], [0.05]
    found.add_epoch({"loss": 2.0, "val_loss": 1.5})
    return found


def test_epochs_are_counted_by_the_longest_metric():
    assert ObservedTraining().epochs == 0
    found = observed()
    found.add_epoch({"loss": 1.0})
    assert found.values == {"loss": [2.0, 1.0], "val_loss": [1.5]}
    assert found.epochs == 2


def test_it_goes_on_from_its_state():
    saved = json.loads(json.dumps(observed().state()))
    found = ObservedTraining(loss="mse").resumed_from(saved)
    assert found.resumed == (1,)
    assert found.loss == "mse"
    first = observed()
    for name in ("values", "steps", "draws", "initial", "fingerprints", "seconds", "step_rates", "epoch_rates"):
        assert getattr(found, name) == getattr(first, name)
    assert ObservedTraining().resumed_from(found.state()).resumed == (1, 1)


@pytest.mark.parametrize(
    "damage", [{"values": {"loss": 3}}, {"fingerprints": [3]}, {"step_rates": 3}, {"draws": [{"layer": 1}]}]
)
def test_a_state_of_a_different_form_is_refused(damage):
    with pytest.raises((TypeError, ValueError, KeyError)):
        ObservedTraining().resumed_from(observed().state() | damage)


def test_without_its_network_the_losses_stay():
    found = observed().without_network("it grew")
    assert (found.unclear, found.network, found.draws, found.initial, found.fingerprints) == (
        {"network": "it grew"},
        None,
        (),
        "",
        [],
    )
    assert (found.values, found.steps) == (observed().values, [2.3, 2.2])


def test_losses_of_steps_of_different_sizes():
    dice = np.random.default_rng(1)
    losses, images = dice.uniform(0, 3, 7), [16, 16, 16, 16, 16, 16, 4]
    means = np.cumsum(losses * images) / np.cumsum(images)
    steps = StepLosses()
    found = [steps.of_step(float(mean), count) for mean, count in zip(means, images, strict=True)]
    assert found == pytest.approx(losses)
