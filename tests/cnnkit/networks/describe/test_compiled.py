"""Optimizer and loss of a compiled model are described alike, in whatever form they were given."""

import keras
import pytest
from keras import losses, optimizers

from cnnkit.networks.describe.keras_model import describe

pytestmark = pytest.mark.tensorflow


def compiled(**arguments):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    if arguments:
        model.compile(**arguments)
    return describe(model).compiled


def test_a_model_that_is_not_compiled():
    assert compiled() is None


@pytest.mark.parametrize(
    "optimizer", ["adam", "Adam", lambda: optimizers.Adam(), lambda: optimizers.Adam(learning_rate=1e-3)]
)
def test_optimizers_however_given(optimizer):
    spec = compiled(optimizer=optimizer() if callable(optimizer) else optimizer, loss="mse")

    assert spec.optimizer == "adam"
    assert spec.optimizer_config["learning_rate"] == 0.001


@pytest.mark.parametrize("name", ["sgd", "adadelta", "rmsprop"])
def test_names_are_lower_case(name):
    assert compiled(optimizer=name, loss="mse").optimizer == name


def test_a_schedule_is_named_by_its_class():
    schedule = optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)

    assert compiled(optimizer=optimizers.SGD(schedule)).optimizer_config["learning_rate"] == "ExponentialDecay"


@pytest.mark.parametrize(
    "loss",
    [
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        losses.categorical_crossentropy,
        losses.CategoricalCrossentropy(),
        losses.CategoricalCrossentropy(from_logits=False, name="mine"),
        ["categorical_crossentropy"],
    ],
)
def test_losses_however_given(loss):
    spec = compiled(optimizer="adam", loss=loss)

    assert spec.loss == "categorical_crossentropy"
    assert spec.loss_config == {"from_logits": False, "label_smoothing": 0.0, "axis": -1}


def test_settings_of_a_loss_are_kept():
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    spec = compiled(optimizer="adam", loss=loss)

    assert spec.loss == "sparse_categorical_crossentropy"
    assert spec.loss_config["from_logits"] is True


def test_short_names_are_spelt_out():
    assert compiled(optimizer="adam", loss="mse").loss == "mean_squared_error"


def test_no_loss():
    assert compiled(optimizer="adam").loss == ""


def test_a_loss_of_the_students_own_is_never_taken_for_keras_s():
    def categorical_crossentropy(y_true, y_pred):
        return 0.0

    assert compiled(optimizer="adam", loss=categorical_crossentropy).loss == "custom loss categorical_crossentropy"


def test_metrics_by_name():
    spec = compiled(optimizer="adam", loss="mse", metrics=["accuracy", keras.metrics.AUC(name="auc")])

    assert spec.metrics == ("accuracy", "auc")
