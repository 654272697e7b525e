"""Numbers, shapes and layers in words."""

import pytest

from cnnkit.networks.brief import sequence
from cnnkit.networks.words import count, layer_label, ordinal, shape_text, sizes_text


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((None, 13, 13, 64), "13×13×64"),
        ((32, 4608), "4,608"),
        ((None, None, None, 3), "?×?×3"),
    ],
)
def test_shapes(shape, text):
    assert shape_text(shape) == text


def test_sizes():
    assert sizes_text((13, None)) == "13×?"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "first"), (10, "tenth"), (11, "11th"), (13, "13th"), (21, "21st"), (102, "102nd")]
)
def test_ordinals(number, text):
    assert ordinal(number) == text


def test_layers_are_counted_where_there_are_several():
    spec = sequence((None, 8), [("Dense", {"units": 3}), ("Dropout", {"rate": 0.5}), ("Dense", {"units": 3})])

    assert [layer_label(spec.layers, k) for k in range(3)] == [
        "the first Dense",
        "the Dropout layer",
        "the second Dense",
    ]


def test_counts():
    assert [count(n, "parameter") for n in (0, 1, 1_179_904)] == ["0 parameters", "1 parameter", "1,179,904 parameters"]
