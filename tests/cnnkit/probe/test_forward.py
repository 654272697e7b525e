"""A forward pass on drawn numbers: reproducible, without the model's own weights, and without a trace."""

import keras
import numpy as np
import pytest

from cnnkit.networks.describe.keras_model import trace
from cnnkit.networks.describe.weightless import build_and_trace
from cnnkit.probe.forward import SAMPLES, drawn_input, drawn_output, run_on_numbers, samples

pytestmark = pytest.mark.tensorflow

L = keras.layers


def build():
    return keras.Sequential([keras.Input((6, 6, 2)), L.Conv2D(3, 3, activation="relu"), L.Flatten(), L.Dense(5)])


def test_it_depends_on_the_seed_and_not_on_the_models_weights():
    weightless, live = build_and_trace(build, None), trace(build())
    first = run_on_numbers(weightless, 1, 2)
    assert sorted(first.layers) == [0, 1, 2]
    assert run_on_numbers(weightless, 1, 2) == first
    before = [np.array(one) for one in live.model.get_weights()]
    again = run_on_numbers(live, 1, 2)
    assert np.allclose(again.outputs, first.outputs, atol=1e-5)
    assert all(map(np.array_equal, before, live.model.get_weights()))
    assert run_on_numbers(live, 2, 2) != first


def test_nothing_is_left_in_the_layers():
    live = trace(build())
    run_on_numbers(live, 1, 2, restart=[2], leave_out=[0])
    assert not any("call" in vars(layer) for layer in live.model.layers)


def test_a_layer_that_is_left_out_reports_its_input_and_keeps_its_activation():
    live = trace(build())
    found = run_on_numbers(live, 3, 2, leave_out=[0, 2])
    image = np.random.default_rng([3, 0]).random((2, 6, 6, 2), dtype=np.float32)
    assert np.allclose(found.layers[0], samples(image, 3, 0))
    drawn = np.maximum(drawn_output((2, 4, 4, 3), 3, 0), 0)
    assert np.allclose(found.layers[2], samples(drawn.reshape(2, -1), 3, 2))
    assert np.allclose(found.outputs[0], samples(drawn_output((2, 5), 3, 2), 3, -1))


def test_a_layer_that_begins_anew_sees_drawn_numbers():
    live = trace(build())
    found = run_on_numbers(live, 3, 2, restart=[1])
    assert np.allclose(found.layers[1], samples(drawn_input((2, 4, 4, 3), 3, 1), 3, 1))


class OwnDense(L.Layer):
    """A Dense layer under other names: of its class, of its weights, and of its activation."""

    def __init__(self, units, function=None, first="bias_like", **settings):
        super().__init__(**settings)
        self.units, self.function, self.first = units, function, first

    def build(self, shape):
        self.b = self.add_weight(shape=(self.units,), name=self.first)
        self.w = self.add_weight(shape=(shape[-1], self.units), name="w")

    def call(self, x):
        sums = keras.ops.matmul(x, self.w) + self.b
        return sums if self.function is None else self.function(sums)


@pytest.mark.parametrize("leave_out", [[], [1], [2], [1, 2]])
def test_an_own_layer_that_computes_a_dense_layer_reports_what_one_does(leave_out):
    def body(dense):
        head = [dense(4, keras.ops.relu), dense(2), L.Activation("sigmoid")]
        return keras.Sequential([keras.Input((3, 3, 1)), L.Flatten(), *head])

    own, usual = trace(body(OwnDense)), trace(body(lambda units, function=None: L.Dense(units, activation=function)))
    assert own.spec.layers[1].kind == own.spec.layers[2].kind == "Dense"
    found, wanted = (run_on_numbers(one, 4, 2, leave_out=leave_out) for one in (own, usual))
    assert np.allclose(found.outputs, wanted.outputs, atol=1e-5)
    assert sorted(found.layers) == sorted(wanted.layers) == [0, 1, 2]
    assert all(np.allclose(found.layers[at], wanted.layers[at], atol=1e-5) for at in found.layers)


def test_samples_are_few():
    assert len(samples(np.ones(10**5), 1, 0)) == SAMPLES
    assert samples(np.ones(0), 1, 0) == []
