"""A comparison's differences as checks of single layers."""

import pytest

from cnnkit.checks import network
from cnnkit.mismatch import Mismatch
from cnnkit.spec import compare, sequence

ROWS = [("Dense", {"units": 8, "activation": "relu"}), ("Dropout", {"rate": 0.5}), ("Dense", {"units": 3})]
BRIEF = sequence((None, 4), ROWS)


def compared(*rows, shape=(None, 4)):
    return compare(sequence(shape, rows), BRIEF)


def test_the_brief_itself_passes():
    comparison = compared(*ROWS)
    for position in range(3):
        network.layer_is_right(comparison, position)
    network.input_is_right(comparison)
    network.nothing_else(comparison)


def test_several_differences_of_a_layer_are_one_finding():
    comparison = compared(("Dense", {"units": 9, "activation": "tanh"}), *ROWS[1:])
    with pytest.raises(Mismatch) as caught:
        network.layer_is_right(comparison, 0)
    assert "units of the first Dense: expected 8, found 9." in caught.value.message
    assert "Also activation of the first Dense: expected 'relu', found 'tanh'." in caught.value.message
    assert caught.value.hint
    network.layer_is_right(comparison, 2)
    network.nothing_else(comparison)


def test_an_extra_layer_and_another_input_belong_to_no_layer():
    comparison = compared(ROWS[0], ("BatchNormalization", {}), *ROWS[1:])
    with pytest.raises(Mismatch, match="BatchNormalization"):
        network.nothing_else(comparison)
    network.input_is_right(comparison)
    comparison = compared(*ROWS, shape=(None, 5))
    with pytest.raises(Mismatch, match="input"):
        network.input_is_right(comparison)
    network.nothing_else(comparison)
