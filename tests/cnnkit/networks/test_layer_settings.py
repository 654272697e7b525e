"""Settings of layers and their defaults."""

import pytest

from cnnkit.networks.layer_settings import FOLDS_ACTIVATION, SETTINGS, setting


def test_a_setting_that_is_left_out_has_its_default():
    assert setting("Conv2D", {"padding": "same"}, "padding") == "same"
    assert setting("Conv2D", {}, "padding") == "valid"
    assert setting("Conv2D", {}, "filters") is None
    assert setting("NoSuchLayer", {}, "filters") is None


@pytest.mark.parametrize("kind", [kind for kind, settings in SETTINGS.items() if "pool_size" in settings])
def test_the_strides_of_a_pooling_are_its_pool_size(kind):
    rank = len(SETTINGS[kind]["pool_size"])

    assert setting(kind, {"pool_size": (3,) * rank}, "strides") == (3,) * rank
    assert setting(kind, {"pool_size": (3,) * rank, "strides": (1,) * rank}, "strides") == (1,) * rank
    assert setting(kind, {}, "strides") == (2,) * rank


def test_a_separate_activation_joins_layers_that_have_one():
    assert {"Conv2D", "Dense", "SeparableConv2D"} <= FOLDS_ACTIVATION
    assert not {"Activation", "MaxPooling2D", "BatchNormalization"} & FOLDS_ACTIVATION
