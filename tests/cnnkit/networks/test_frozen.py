"""Trainable and frozen layers, read from a description."""

from dataclasses import replace

import pytest

from cnnkit.networks.backbones import backbone
from cnnkit.networks.brief import sequence
from cnnkit.networks.frozen import (
    frozen_layers,
    frozen_text,
    frozen_until,
    is_frozen,
    trainable_layers,
    trained_statistics,
)

IMAGE = (None, 8, 8, 3)


def network(*frozen):
    """Convolution, BatchNormalization, ReLU, convolution, BatchNormalization, Flatten, Dense; some of them frozen."""
    kinds = [
        ("Conv2D", {"filters": 2, "kernel_size": (3, 3)}),
        ("BatchNormalization", {}),
        ("Activation", {"activation": "relu"}),
        ("Conv2D", {"filters": 2, "kernel_size": (3, 3)}),
        ("BatchNormalization", {}),
        ("Flatten", {}),
        ("Dense", {"units": 1}),
    ]
    return sequence(
        IMAGE, [(kind, config | {"trainable": place not in frozen}) for place, (kind, config) in enumerate(kinds)]
    )


@pytest.mark.parametrize(
    ("frozen", "trained", "until", "moving"),
    [
        ((), (0, 1, 3, 4, 6), 0, (1, 4)),
        ((0, 1, 3, 4), (6,), 6, ()),
        ((0, 1, 4), (3, 6), 3, ()),  # the last block fine-tuned, its BatchNormalization kept frozen
        ((0, 1), (3, 4, 6), 3, (4,)),
        ((0,), (1, 3, 4, 6), 1, (1, 4)),
        ((0, 1, 3, 4, 6), (), 7, ()),
    ],
)
def test_what_is_trained(frozen, trained, until, moving):
    spec = network(*frozen)

    assert trainable_layers(spec) == trained
    assert frozen_layers(spec) == frozen
    assert frozen_until(spec) == until
    assert trained_statistics(spec) == moving


def test_layers_without_weights_are_neither():
    spec = network(*range(7))
    assert not is_frozen(spec.layers[2])
    assert 5 not in (*trainable_layers(spec), *frozen_layers(spec))


def test_statistics_of_one_part():
    assert trained_statistics(network(), range(3, 5)) == (4,)
    assert len(trained_statistics(backbone("ResNet50"))) == 53
    assert trained_statistics(backbone("ResNet50", frozen=True)) == ()


@pytest.mark.parametrize(
    ("frozen", "text"),
    [
        ((), "Training changes 135 of 143 parameters; it begins at the first Conv2D."),
        ((0, 1, 3, 4), "Training changes 33 of 143 parameters; it begins at the Dense layer."),
        (
            (0, 1, 4),
            "Training changes 71 of 143 parameters; it begins at the second Conv2D. Behind it 1 layer is frozen.",
        ),
        ((1, 4), "Training changes 127 of 143 parameters; it begins at the first Conv2D. Behind it 2 layers are froz"),
        (range(7), "Training changes none of the 143 parameters: every layer is frozen."),
    ],
)
def test_it_is_told_in_a_sentence(frozen, text):
    assert frozen_text(network(*frozen)).startswith(text)


def test_a_network_without_weights_trains_nothing():
    spec = sequence(IMAGE, [("Flatten", {})])
    assert frozen_until(spec) == 1
    assert frozen_text(replace(spec)) == "Training changes none of the 0 parameters: every layer is frozen."
