"""A comparison's differences as checks of single layers."""

import pytest

from cnnkit.expect import network
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare

ROWS = [("Dense", {"units": 8, "activation": "relu"}), ("Dropout", {"rate": 0.5}), ("Dense", {"units": 3})]
BRIEF = sequence((None, 4), ROWS)


def compared(*rows, shape=(None, 4)):
    return compare(sequence(shape, rows), BRIEF)


@pytest.mark.parametrize("check", [network.kinds_in_order, network.shapes_are_right, network.parameters_are_right])
def test_a_networks_outline(check):
    check(BRIEF, BRIEF)
    for found in (sequence((None, 4), ROWS[:2]), sequence((None, 4), [ROWS[0], ROWS[2], ROWS[1], ROWS[2]])):
        with pytest.raises(Mismatch):
            check(found, BRIEF)


def test_the_first_shape_that_differs_is_told():
    with pytest.raises(Mismatch, match=r"output of layer 1 \(Dense\): expected 8, found 9"):
        network.shapes_are_right(sequence((None, 4), [("Dense", {"units": 9}), *ROWS[1:]]), BRIEF)
    with pytest.raises(Mismatch, match="input: expected 4, found 5"):
        network.shapes_are_right(sequence((None, 5), ROWS), BRIEF)
    network.shapes_are_right(sequence((7, 4), ROWS), BRIEF)


def test_the_brief_itself_passes():
    comparison = compared(*ROWS)
    for position in range(3):
        network.layer_is_right(comparison, position)
    network.input_is_right(comparison)
    network.no_extra_layers(comparison)


def test_several_differences_of_a_layer_are_one_finding():
    comparison = compared(("Dense", {"units": 9, "activation": "tanh"}), *ROWS[1:])
    with pytest.raises(Mismatch) as caught:
        network.layer_is_right(comparison, 0)
    assert "units of the first Dense: expected 8, found 9." in caught.value.message
    assert "Also activation of the first Dense: expected 'relu', found 'tanh'." in caught.value.message
    assert caught.value.hint
    network.layer_is_right(comparison, 2)
    network.no_extra_layers(comparison)


def test_an_extra_layer_and_another_input_belong_to_no_layer():
    comparison = compared(ROWS[0], ("BatchNormalization", {}), *ROWS[1:])
    with pytest.raises(Mismatch, match="BatchNormalization"):
        network.no_extra_layers(comparison)
    network.input_is_right(comparison)
    comparison = compared(*ROWS, shape=(None, 5))
    with pytest.raises(Mismatch, match="input"):
        network.input_is_right(comparison)
    network.no_extra_layers(comparison)
