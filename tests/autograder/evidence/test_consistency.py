"""Shapes and parameters that a process reports have to follow from the settings it reports."""

from dataclasses import replace

import pytest

from autograder.evidence.consistency import disagreement
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import LayerSpec


def told(position, **changes):
    layers = list(BRIEF.layers)
    layers[position] = replace(layers[position], **changes)
    return disagreement(replace(BRIEF, layers=tuple(layers)))


def test_what_follows_is_believed():
    assert disagreement(BRIEF) == ""


def test_a_fixed_batch_is_no_disagreement():
    layers = tuple(replace(layer, output_shape=(32, *layer.output_shape[1:])) for layer in BRIEF.layers)
    assert disagreement(replace(BRIEF, input_shape=(32, 28, 28, 1), layers=layers)) == ""
    assert disagreement(replace(BRIEF, layers=layers)) == ""


@pytest.mark.parametrize(
    ("position", "changes", "words"),
    [
        (0, {"parameters": 641}, "the first Conv2D is reported with an output of 13×13×64 and 641 parameters"),
        (
            5,
            {"parameters": 10},
            "the first Dense is reported with an output of 256 and 10 parameters, but its settings ",
        ),
        (
            2,
            {"output_shape": (None, 6, 6, 32)},
            "the MaxPooling2D layer is reported with an output of 6×6×32 and 0 para",
        ),
        (
            0,
            {"config": {"filters": 64, "kernel_size": (40, 40)}},
            "the first Conv2D is reported, but its settings canno",
        ),
        (7, {"output_shape": (None, 10, 1)}, "but its settings give 10 and 2,570"),
    ],
)
def test_what_does_not_follow_is_told(position, changes, words):
    assert words in told(position, **changes)


def test_layers_without_a_formula_are_believed():
    strange = LayerSpec("Attention", {}, (None, 3), 7, 7)
    network = sequence((None, 3), [("Dense", {"units": 3})])
    after = replace(network.layers[0], inputs=(0,))
    assert disagreement(replace(network, layers=(strange, after), outputs=(1,))) == ""
    assert "the Dense layer" in disagreement(replace(network, layers=(strange, replace(after, parameters=1))))
