import pytest

from cnnkit.probe.configured import configured

pytestmark = pytest.mark.tensorflow


def test_an_optimizer_is_described_by_class_and_settings():
    import keras

    described = configured(keras.optimizers.Adadelta(learning_rate=0.5, rho=0.75))
    assert described.name == "Adadelta"
    assert described.settings["learning_rate"] == 0.5
    assert described.settings["rho"] == 0.75


@pytest.mark.parametrize("value", ["adam", None, 1.0, {"name": "adam"}])
def test_anything_else_is_no_optimizer(value):
    import keras  # noqa: F401

    assert configured(value) is None


def test_a_class_is_no_optimizer():
    import keras

    assert configured(keras.optimizers.Adam) is None
