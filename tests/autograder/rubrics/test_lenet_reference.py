"""The rubric's right answers agree with Keras and with what the lecture notes say."""

import keras
import numpy as np
import pytest

from autograder.rubrics.lenet import reference
from autograder.rubrics.lenet.test_maps import OTHER
from cnnkit.assignments.lenet.brief import BRIEF, MAX_BRIEF
from cnnkit.assignments.lenet.field import FIELDS
from cnnkit.assignments.lenet.maps import DIGIT
from cnnkit.assignments.lenet.pooling import EXAMPLE
from cnnkit.probe.built import BuiltNetwork

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("network", [BRIEF, MAX_BRIEF.network, OTHER])
def test_feature_maps(network):
    built = BuiltNetwork(network, 4)
    image = np.random.default_rng(0).random(network.input_shape[1:], dtype=np.float32)
    model = built.live()
    inside = keras.Model(
        model.inputs, [layer.output for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    )

    for ours, kerass in zip(reference.feature_maps(built, image), inside([image[np.newaxis]]), strict=True):
        np.testing.assert_allclose(ours, np.asarray(kerass)[0], atol=1e-5)


def test_the_maps_of_the_public_check_are_no_flat_ones():
    for maps in reference.feature_maps(BuiltNetwork(BRIEF, 1), DIGIT):
        assert np.ptp(maps) > 0.2
        assert np.abs(maps).max() < 1


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (2, 3), (4, 1)])
def test_average_pool(size, stride):
    x = np.random.default_rng(1).random((9, 11, 3), dtype=np.float32)
    layer = keras.layers.AveragePooling2D(size, strides=stride)

    np.testing.assert_allclose(reference.average_pool(x, size, stride), np.asarray(layer(x[np.newaxis]))[0], atol=1e-6)
    assert reference.average_pool(EXAMPLE, 2, 2)[..., 0].tolist() == [[4.25, 4.25], [4.25, 3.5]]


def test_receptive_field():
    layers = [layer for layer, _ in FIELDS]
    assert [reference.receptive_field(layers[: k + 1]) for k in range(4)] == [wanted for _, wanted in FIELDS]
    assert [wanted for _, wanted in FIELDS] == [5, 6, 14, 16]
    assert reference.receptive_field([]) == 1


def test_the_lines_to_mend_are_those_that_do_not_run():
    layers = keras.layers
    with pytest.raises(ValueError, match="shape"):
        keras.Sequential(
            [layers.Conv2D(6, kernel_size=(5, 5), padding="valid", activation="tanh", input_dim=(32, 32, 1))]
        )
    with pytest.raises(AttributeError):
        _ = keras.Sequential().flatten
