"""A network as an argument: the same in every process, computable without Keras, and no trace in the notebook."""

import keras
import numpy as np
import pytest

from autograder.sandbox.protocol.codec import pack_value, unpack_value
from autograder.sandbox.protocol.messages import CallRequest, decode_request, encode_message
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.networks.brief import sequence
from cnnkit.networks.describe.weightless import build_and_describe, building_without_weights
from cnnkit.probe.built import BuiltNetwork, weight_values
from cnnkit.probe.calling import call_function, call_text

pytestmark = pytest.mark.tensorflow

NETWORK = sequence(
    (None, 6, 6, 2),
    [
        ("Conv2D", {"filters": 3, "kernel_size": (3, 3), "activation": "tanh"}),
        ("BatchNormalization", {}),
        ("Dropout", {"rate": 0.5}),
        ("Flatten", {}),
        ("Dense", {"units": 4}),
    ],
)


def test_the_weights_are_those_of_the_formula():
    model = BuiltNetwork(NETWORK, 3).live()

    for position, layer in enumerate(model.layers):
        for variable in layer.weights:
            if variable.name != "seed_generator_state":
                wanted = weight_values(variable.shape, variable.name, position, 3)
                np.testing.assert_array_equal(np.asarray(variable), wanted)
    assert np.ptp(np.asarray(model.layers[0].kernel)) > 0.3


def test_weights_hang_on_everything_they_should():
    one = weight_values((3, 4), "kernel", 2, 7)
    for other in [
        weight_values((3, 4), "kernel", 2, 8),
        weight_values((3, 4), "kernel", 1, 7),
        weight_values((3, 4), "bias", 2, 7),
    ]:
        assert not np.array_equal(one, other)
    np.testing.assert_allclose(
        weight_values((2,), "bias", 0, 0), [-0.05340542, -0.00637739], atol=1e-7
    )  # the same everywhere


def test_a_function_is_given_the_live_network_and_may_do_with_it_as_it_likes():
    def function(model, images):
        model.layers[0].trainable = False
        return model.predict(images, verbose=0)

    images = np.ones((1, 6, 6, 2), "float32")
    called = call_function(function, [BuiltNetwork(NETWORK, 1), images])

    assert called.mutated == ()
    np.testing.assert_allclose(called.value, call_function(function, [BuiltNetwork(NETWORK, 1), images]).value)
    assert call_text("function", [BuiltNetwork(NETWORK, 1)], {}) == "function(<a network of 5 layers>)"


def test_it_crosses_the_pipe_as_data():
    built = BuiltNetwork(NETWORK, 9)
    question = CallRequest(function="f", args=[pack_value(built)], kwargs={})

    assert unpack_value(decode_request(encode_message(question)).args[0]) == built


def test_a_description_of_what_a_function_makes_of_it():
    def freeze(model, layers):
        for layer in model.layers[:layers]:
            layer.trainable = False
        return model

    evidence = LiveEvidence({"freeze": freeze})
    spec = evidence.model("freeze", BuiltNetwork(NETWORK, 1), 1, input_shape=NETWORK.input_shape)

    assert spec.parameters - spec.trainable == 57 + 6
    assert evidence.model("freeze", BuiltNetwork(NETWORK, 1), 0, input_shape=NETWORK.input_shape) != spec


def test_without_weights_none_are_made():
    with building_without_weights():
        model = BuiltNetwork(NETWORK, 1).live()
    assert model.count_params() == NETWORK.parameters
    assert build_and_describe(BuiltNetwork(NETWORK, 1).live).parameters == NETWORK.parameters


def test_the_notebooks_random_state_is_left_alone():
    keras.utils.set_random_seed(5)
    first = keras.random.normal((2,)).numpy().tolist(), np.random.random()
    keras.utils.set_random_seed(5)
    BuiltNetwork(NETWORK, 1).live()
    assert (keras.random.normal((2,)).numpy().tolist(), np.random.random()) == first
