"""Networks written down without Keras."""

import pytest

from cnnkit.networks.brief import sequence
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer


def test_settings_are_complete_and_inputs_chained():
    spec = sequence((None, 28, 28, 1), [("MaxPooling2D", {"pool_size": (3, 3)}), ("BatchNormalization", {})])

    assert spec.layers[0].config["strides"] == (3, 3)
    assert [layer.inputs for layer in spec.layers] == [(-1,), (0,)]
    assert (spec.parameters, spec.trainable, spec.outputs) == (4, 2, (1,))


def test_a_layer_that_does_not_fit_is_named():
    with pytest.raises(ImpossibleLayer, match="layer 2, Conv2D: a window of 5×5"):
        sequence((None, 4, 4, 1), [("Dropout", {"rate": 0.5}), ("Conv2D", {"filters": 1, "kernel_size": (5, 5)})])
