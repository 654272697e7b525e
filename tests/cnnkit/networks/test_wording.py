"""Numbers, shapes and layers in words, and the network as a table."""

import pytest

from cnnkit.networks.brief import sequence
from cnnkit.networks.wording import count, layer_label, number_word, ordinal, shape_text, sizes_text, table


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


@pytest.mark.parametrize(("number", "text"), [(0, "no"), (1, "one"), (12, "twelve"), (13, "13"), (1200, "1,200")])
def test_numbers_in_words(number, text):
    assert number_word(number) == text


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


def test_a_line_a_layer_with_shapes_and_parameters():
    spec = sequence(
        (None, 28, 28, 1),
        [
            ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "activation": "relu"}),
            ("MaxPooling2D", {}),
            ("Flatten", {}),
            ("Dense", {"units": 256}),
        ],
    )
    lines = [line.split("  ") for line in table(spec).splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]

    assert cells[2] == ["input", "28×28×1"]
    assert cells[3] == [
        "Conv2D",
        "filters 64, kernel_size (3, 3), strides (2, 2), activation 'relu'",
        "13×13×64",
        "640",
    ]
    assert cells[4] == ["MaxPooling2D", "pool_size (2, 2), strides (2, 2)", "6×6×64", "0"]
    assert cells[6] == ["Dense", "units 256", "256", "590,080"]
    assert cells[8] == ["total", "590,720"]
