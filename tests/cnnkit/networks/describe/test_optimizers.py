"""Settings in which an optimizer differs from the expected one."""

import keras
import pytest

from cnnkit.networks.describe.compiled import optimizer_settings
from cnnkit.networks.describe.optimizers import DEFAULTS, changed_settings

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_table_is_keras_s_own(name):
    found, settings = optimizer_settings(keras.optimizers.get(name))
    assert found == name
    assert set(settings) <= set(DEFAULTS[name])
    assert changed_settings(name, settings, {}) == []
    config = keras.optimizers.get(name).get_config()
    assert set(DEFAULTS[name]) == set(config) - {"name"}


def test_what_was_set_is_found():
    _, settings = optimizer_settings(keras.optimizers.Adam(0.01, clipnorm=2.0, amsgrad=True))
    assert changed_settings("adam", settings, {"learning_rate": 0.01}) == [
        ("clipnorm", None, 2.0),
        ("amsgrad", False, True),
    ]
