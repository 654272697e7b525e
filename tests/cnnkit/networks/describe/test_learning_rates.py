"""Schedules are known by their largest rate, also the student's own, and also without weights."""

import keras
import pytest

from cnnkit.networks.describe.compiled import describe_compile, optimizer_settings
from cnnkit.networks.describe.learning_rates import LARGEST_RATE_OF_A_SCHEDULE, largest_rate
from cnnkit.networks.describe.weightless import building_without_weights

pytestmark = pytest.mark.tensorflow

schedules = keras.optimizers.schedules


class Own(schedules.LearningRateSchedule):
    """A schedule as a student might write it; get_config is left out."""

    def __call__(self, step):
        return 1e-4 / (1.0 + keras.ops.cast(step, "float32"))


class Broken(schedules.LearningRateSchedule):
    """A schedule that raises."""

    def __call__(self, step):
        raise ZeroDivisionError


SCHEDULES = [
    (schedules.ExponentialDecay(1e-5, 100, 0.9), 1e-5),
    (schedules.ExponentialDecay(1e-3, 100, 0.5, staircase=True), 1e-3),
    (schedules.CosineDecay(1e-4, 500, alpha=0.1), 1e-4),
    (schedules.CosineDecay(0.0, 1000, warmup_target=1e-3, warmup_steps=97), 1e-3),
    (schedules.CosineDecayRestarts(1e-4, 50), 1e-4),
    (schedules.PolynomialDecay(1e-4, 400, 1e-6), 1e-4),
    (schedules.InverseTimeDecay(2e-5, 10, 0.5), 2e-5),
    (schedules.PiecewiseConstantDecay([50, 5000], [1e-5, 1e-4, 1e-2]), 1e-2),
    (schedules.PiecewiseConstantDecay([50, 5000], [1e-4, 1e-5, 1e-6]), 1e-4),
    (Own(), 1e-4),
]


@pytest.mark.parametrize(("schedule", "largest"), SCHEDULES)
def test_the_largest_rate_of_a_schedule(schedule, largest):
    assert largest_rate(schedule) == pytest.approx(largest, rel=1e-6)
    with building_without_weights():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(schedule), "mse", metrics=["accuracy"], weighted_metrics=["mae"])
        compiled = describe_compile(model)
    assert compiled.metrics == ("accuracy", "mae")
    settings = compiled.optimizer_config
    assert settings[LARGEST_RATE_OF_A_SCHEDULE] == pytest.approx(largest, rel=1e-6)


def test_what_has_no_largest_rate():
    assert largest_rate(Broken()) is None
    assert largest_rate(0.1) is None
    assert LARGEST_RATE_OF_A_SCHEDULE not in optimizer_settings(keras.optimizers.Adam(0.1))[1]
    assert LARGEST_RATE_OF_A_SCHEDULE not in optimizer_settings(None)[1]
