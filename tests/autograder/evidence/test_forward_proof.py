"""A network that computes something else than it says is found out; one that does what it says is not."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.evidence import forward_proof
from autograder.evidence.forward_proof import NotProved, disproof, plan, proof_seed
from autograder.evidence.layer_values import NotComputed
from cnnkit.networks.backbones import backbone
from cnnkit.networks.brief import sequence, wired
from cnnkit.probe.forward import drawn_images, samples

SMALL = sequence(
    (None, 8, 8, 2),
    [
        ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "activation": "relu"}),
        ("MaxPooling2D", {}),
        ("Flatten", {}),
        ("Dense", {"units": 5, "activation": "softmax"}),
    ],
)


def own(spec):
    return list(range(len(spec.layers)))


def with_kind(spec, position, kind):
    """The network with another kind of layer, which computes what the layer did: nobody but its author knows."""
    layers = list(spec.layers)
    layers[position] = replace(layers[position], kind=kind, config={})
    return replace(spec, layers=tuple(layers))


def honest(spec, asked, origins=None):
    """Numbers that a network reports which is what it says."""
    origins = origins or own(spec)
    first, *rest = spec.input_shape
    values = {-1: drawn_images((first or asked.batch, *rest), asked.seed)}
    layers = {}
    for position, origin in enumerate(origins):
        try:
            values[position], reports = forward_proof._values(spec, position, origin, asked, values)
        except NotComputed:
            continue
        if reports and origin == position:
            layers[position] = reports[0]
    return layers, [samples(values[end], asked.seed, -1) if end in values else [0.0] for end in spec.outputs]


def test_an_honest_network_is_not_disproved():
    asked = plan(SMALL, own(SMALL), 5)
    assert (asked.batch, asked.restart, asked.leave_out) == (2, (), ())
    assert disproof(SMALL, own(SMALL), asked, *honest(SMALL, asked)) == ""


def test_rounding_is_no_lie():
    asked = plan(SMALL, own(SMALL), 5)
    layers, outputs = honest(SMALL, asked)
    layers = {at: [1.003 * one for one in found] for at, found in layers.items()}
    assert disproof(SMALL, own(SMALL), asked, layers, outputs) == ""


def test_a_separate_activation_may_be_reported_before_it_is_applied():
    asked = plan(SMALL, own(SMALL), 5)
    layers, outputs = honest(SMALL, asked)
    values = {-1: drawn_images((2, 8, 8, 2), 5)}
    layers[0] = forward_proof._values(SMALL, 0, 0, asked, values)[1][1]
    assert min(layers[0]) < 0
    assert disproof(SMALL, own(SMALL), asked, layers, outputs) == ""


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (lambda layers, outputs: ({}, [[0.1] * 32]), "the Conv2D layer takes no part"),
        (lambda layers, outputs: (layers, [[0.2] * 32]), "its output is not what its layers compute"),
        (lambda layers, outputs: (layers | {0: [0.0] * 32}, outputs), "the Conv2D layer computes something else"),
        (lambda layers, outputs: (layers | {3: layers[3][:5]}, outputs), "the Dense layer computes something else"),
        (lambda layers, outputs: (layers | {3: [float("nan")] * 32}, outputs), "the Dense layer computes"),
        (lambda layers, outputs: (layers, [[float("nan")] * 32]), "its output is not what its layers compute"),
        (lambda layers, outputs: (layers, []), "has 0 outputs"),
        (lambda layers, outputs: (layers, outputs * 2), "has 2 outputs"),
        (lambda layers, outputs: (layers, [[]]), "its output is not"),
    ],
)
def test_a_lie_is_found_out(lie, said):
    asked = plan(SMALL, own(SMALL), 5)
    assert said in disproof(SMALL, own(SMALL), asked, *lie(*honest(SMALL, asked)))


def test_the_numbers_of_another_draw_do_not_count():
    mine, before = plan(SMALL, own(SMALL), 5), plan(SMALL, own(SMALL), 6)
    assert disproof(SMALL, own(SMALL), mine, *honest(SMALL, before)) != ""


def test_what_is_behind_a_layer_of_its_own_has_to_prove_itself_too():
    spec = with_kind(SMALL, 1, "MyPooling")
    asked = plan(spec, own(spec), 5)
    assert asked.restart == (2,)
    layers, outputs = honest(spec, asked)
    assert set(layers) == {0, 2, 3}
    assert disproof(spec, own(spec), asked, layers, outputs) == ""
    assert "Dense" in disproof(spec, own(spec), asked, layers | {3: [0.0] * 32}, outputs)


def test_an_operation_that_nobody_knows_makes_the_next_layer_begin_anew():
    spec = with_kind(SMALL, 1, "fft2")
    origins = [0, -1, -1, 3]
    asked = plan(spec, origins, 5)
    assert asked.restart == (3,)
    assert disproof(spec, origins, asked, *honest(spec, asked, origins)) == ""


def test_a_large_network_is_proved_by_a_block():
    spec = backbone("VGG16", (None, 96, 96, 3))
    kept = set()
    for seed in range(4):
        asked = plan(spec, own(spec), seed)
        weighted = {at for at, layer in enumerate(spec.layers) if layer.parameters}
        block = weighted - set(asked.leave_out)
        assert 0 < sum(spec.layers[at].parameters for at in block) <= forward_proof.MOST_PARAMETERS
        assert asked.batch == 1
        kept |= block
    assert len(kept) > 6


def test_a_layer_that_is_left_out_has_to_show_its_input():
    spec = backbone("VGG16", (None, 32, 32, 3))
    asked = plan(spec, own(spec), 1)
    layers, outputs = honest(spec, asked)
    assert disproof(spec, own(spec), asked, layers, outputs) == ""
    left_out = asked.leave_out[-1]
    assert "computes something else" in disproof(spec, own(spec), asked, layers | {left_out: [0.5] * 32}, outputs)


def test_a_network_that_is_too_large_for_one_image_is_not_computed():
    spec = sequence((None, 20_000, 20_000, 1), [("MaxPooling2D", {})])
    with pytest.raises(NotProved):
        plan(spec, own(spec), 1)


def test_layers_that_are_one_have_one_draw_of_weights():
    spec = wired((None, 4), [("Dense", {"units": 4}, (-1,)), ("Dense", {"units": 4}, (0,))])
    asked = plan(spec, [0, 0], 1)
    layers, outputs = honest(spec, asked, [0, 0])
    assert set(layers) == {0}
    assert disproof(spec, [0, 0], asked, layers, outputs) == ""
    assert disproof(spec, [0, 1], asked, *honest(spec, asked, [0, 0])) != ""


def test_a_seed_follows_from_the_submission():
    seeds = {proof_seed("sha256:1", "a"), proof_seed("sha256:2", "a"), proof_seed("sha256:1", "b")}
    assert len(seeds) == 3
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert np.random.default_rng([min(seeds), 0]) is not None


@pytest.mark.parametrize("kind", ["Dropout", "SpatialDropout2D", "GaussianNoise", "RandomFlip", "RandomBrightness"])
def test_a_layer_that_draws_is_believed_and_what_is_behind_it_is_proved(kind):
    """Called with `training=True`, it computes something else than in prediction, and is no lie."""
    spec = sequence((None, 8, 8, 2), [(kind, {}), ("Conv2D", {"filters": 4, "kernel_size": (3, 3)}), ("Flatten", {})])
    asked = plan(spec, own(spec), 5)
    assert asked.restart == (1,)
    layers, outputs = honest(spec, asked)
    assert 0 not in layers
    assert disproof(spec, own(spec), asked, {0: [3.0] * 32, **layers}, outputs) == ""
    assert "Conv2D" in disproof(spec, own(spec), asked, layers | {1: [3.0] * 32}, outputs)
