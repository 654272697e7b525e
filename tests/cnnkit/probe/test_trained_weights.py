"""Fresh weights and weights of earlier runs, told apart by digests; `test_watching.py` does it with Keras models."""

import numpy as np
import pytest

from cnnkit.probe import trained_weights as freshness
from cnnkit.probe.trained_weights import FinalWeights


class Weight:
    """As much of a Keras variable as is needed."""

    def __init__(self, *values):
        self.values = np.array(values, "float32")
        self.shape = self.values.shape

    def __array__(self, dtype=None, copy=None):
        return self.values

    def assign(self, values):
        self.values = np.array(values)


class Model:
    def __init__(self, *weights):
        self.trainable_weights = list(weights)


@pytest.fixture
def weights():
    return FinalWeights()


def test_a_network_that_is_trained_further_is_not_fresh(weights):
    model = Model(Weight(1, 2), Weight(3))

    assert weights.train(model)
    weights.next_run()
    assert not weights.train(model)


def test_two_fits_in_one_run_are_one_training(weights):
    model = Model(Weight(1, 2))

    assert [weights.train(model) for _ in range(3)] == [True] * 3


def test_a_new_network_is_fresh_also_with_equal_first_weights(weights):
    assert weights.train(Model(Weight(1, 2)))
    weights.next_run()
    assert weights.train(Model(Weight(1, 2)))


def test_a_new_network_with_the_last_weights_of_an_earlier_one_is_not_fresh(weights):
    trained = Model(Weight(1, 2))
    weights.train(trained)
    weights.next_run()
    weights.train(Model(Weight(5, 6)))
    weights.next_run()

    assert not weights.train(Model(Weight(*trained.trainable_weights[0].values)))


def test_all_weights_are_restored_to_what_they_were_before_the_first_run(weights):
    model = Model(Weight(1, 2), Weight(3))
    for _ in range(3):
        weights.train(model)
        weights.next_run()
    assert model.trainable_weights[0].values.tolist() != [1, 2]

    weights.restore()
    assert [weight.values.tolist() for weight in model.trainable_weights] == [[1, 2], [3]]


def test_only_the_smallest_weights_are_changed_but_one_at_least(weights, monkeypatch):
    monkeypatch.setattr(freshness, "MOST_VALUES", 3)
    large, small, medium = Weight(*range(9)), Weight(1), Weight(2, 3)
    weights.train(Model(large, small, medium))

    assert large.values.tolist() == list(range(9))
    assert small.values.tolist() != [1]
    assert medium.values.tolist() != [2, 3]
    alone = Weight(*range(9))
    weights.train(Model(alone))
    assert alone.values.tolist() != list(range(9))


@pytest.mark.parametrize("model", [Model(), object()])
def test_a_network_without_weights_is_fresh(weights, model):
    for _ in range(2):
        assert weights.train(model)
        weights.next_run()
