"""The rubric's right answers agree with Keras."""

import keras
import numpy as np
import pytest

from autograder.rubrics.transfer_learning import reference
from autograder.rubrics.transfer_learning.test_features import MANY
from autograder.rubrics.transfer_learning.test_unfreezing import OTHER
from cnnkit.assignments.transfer_learning.features import FEW
from cnnkit.assignments.transfer_learning.unfreezing import GIVEN
from cnnkit.networks.backbones import BACKBONES

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("built", [FEW, MANY, GIVEN, OTHER])
def test_outputs(built):
    images = np.random.default_rng(0).normal(size=(5, *built.network.input_shape[1:])).astype(np.float32)
    ours = reference.outputs(built, images)
    np.testing.assert_allclose(ours, np.asarray(built.live()(images, training=False)), atol=1e-5)
    assert np.abs(ours).mean() > 0.05


@pytest.mark.parametrize("name", BACKBONES)
def test_preprocessing_is_that_of_keras(name):
    module = {"InceptionV3": "inception_v3"}.get(name, name.lower())
    pixels = np.random.default_rng(1).uniform(0, 255, size=(2, 3, 4, 3)).astype(np.float32)
    kerass = getattr(keras.applications, module).preprocess_input(pixels.copy())
    np.testing.assert_allclose(reference.prepared(name, pixels), kerass, atol=1e-3)


@pytest.mark.parametrize("built", [GIVEN, OTHER])
def test_what_unfreeze_top_is_given_has_its_layers_in_a_row(built):
    kinds = [layer.__class__.__name__ for layer in built.live().layers]
    assert kinds == ["InputLayer", *(layer.kind for layer in built.network.layers)]
