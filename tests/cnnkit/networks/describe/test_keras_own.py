"""Keras's own classes and functions are known by identity, whatever others call themselves."""

import keras
import pytest

from cnnkit.networks.describe.compiled import loss_settings, optimizer_settings
from cnnkit.networks.describe.graph import OF_ITS_OWN, activation_name
from cnnkit.networks.describe.keras_model import describe
from cnnkit.networks.describe.keras_own import inherits_from_keras, is_keras_function, is_keras_own
from cnnkit.probe.configured import configured

pytestmark = pytest.mark.tensorflow


def lying(name, base, module="keras.src.layers"):
    return type(name, (base,), {"__module__": module})


def test_keras_own_classes_are_known():
    image = keras.Input((4,))
    mine = [keras.layers.Dense(1), keras.Sequential(), keras.Model(image, image), keras.optimizers.Adam()]
    assert all(map(is_keras_own, mine))
    assert is_keras_own(keras.losses.MeanSquaredError())
    assert not is_keras_own(3)


@pytest.mark.parametrize("base", [keras.layers.Dense, keras.layers.Layer, keras.Model, keras.Sequential])
def test_a_class_that_says_it_is_keras_own_is_not(base):
    lie = lying(base.__name__, base, base.__module__)
    assert not is_keras_own(lie(1) if base is keras.layers.Dense else lie())


def test_a_lying_layer_is_a_class_of_its_own():
    lie = lying("Dense", keras.layers.Dense, keras.layers.Dense.__module__)
    lie.call = lambda self, inputs, training=None: 2 * keras.layers.Dense.call(self, inputs)
    spec = describe(keras.Sequential([keras.Input((4,)), lie(3)]))
    assert [layer.kind for layer in spec.layers] == [f"Dense {OF_ITS_OWN}"]


def test_a_lying_operation_is_a_class_of_its_own():
    from keras.src.ops.nn import Relu

    lie = type("Relu", (Relu,), {"__module__": Relu.__module__})
    image = keras.Input((4,))
    spec = describe(keras.Model(image, lie()(image)))
    assert [layer.kind for layer in spec.layers] == [f"relu {OF_ITS_OWN}"]


def test_a_lying_activation_is_a_custom_one():
    def relu(x):
        return 0 * x

    relu.__module__ = keras.activations.relu.__module__
    assert activation_name(relu) == "custom function relu"
    assert activation_name(keras.ops.relu) == "relu"
    assert not is_keras_function(relu)


def test_a_lying_loss_and_a_lying_optimizer_are_custom_ones():
    def mse(y, p):
        return 0 * p

    mse.__module__ = keras.losses.mean_squared_error.__module__
    assert loss_settings(mse)[0] == "custom loss mse"
    assert loss_settings("mse")[0] == "mean_squared_error"
    lie = lying("Adadelta", keras.optimizers.SGD, keras.optimizers.Adadelta.__module__)
    assert optimizer_settings(lie())[0] == "custom optimizer adadelta"
    assert configured(lie()).name == f"Adadelta {OF_ITS_OWN}"
    assert configured(keras.optimizers.Adadelta()).name == "Adadelta"


def test_a_call_of_its_own_is_seen():
    class Own(keras.Sequential):
        def call(self, x):
            return x

    Own.call.__module__ = keras.Sequential.call.__module__
    assert not inherits_from_keras(Own(), "call")
    assert inherits_from_keras(keras.Sequential(), "call")
