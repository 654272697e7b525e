"""The rules make a wrong network of every kind, each with the check it fails; the comparison finds just that."""

import pytest

from autograder.audit.alternatives import other_kinds, other_settings
from autograder.audit.network_mutants import Target, network_mutants
from autograder.rubrics.mnist_convnet.mutants import TARGET
from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare

MUTANTS = network_mutants(TARGET)
BRIEF = TARGET.brief


def checks(difference):
    if difference.position is None:
        return TARGET.input if difference.kind == "input" else TARGET.others
    return TARGET.layers[difference.position]


@pytest.mark.parametrize("sample", MUTANTS, ids=lambda sample: sample.name)
def test_each_is_found_at_its_place_and_named(sample):
    differences = compare(sample.answer.network, BRIEF).differences
    assert {checks(difference) for difference in differences} == set(sample.fails)
    told = " ".join(d.mismatch().message for d in differences if checks(d) == sample.fails[0])
    assert sample.missing_words(told) == []


def test_there_are_enough_of_them():
    assert len(MUTANTS) > 150
    assert len({sample.name for sample in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("position", range(8))
def test_every_setting_of_every_layer_is_changed(position):
    """All that can be changed alone: a stride of 2 excludes a dilation, and one channel cannot be divided in groups."""
    layer = BRIEF.layers[position]
    changed = {
        name
        for sample in MUTANTS
        for ours, brief in zip(sample.answer.network.layers, BRIEF.layers, strict=False)
        if brief is layer and len(sample.answer.network.layers) == 8 and ours.kind == layer.kind
        for name in layer.config
        if ours.config.get(name) != layer.config[name]
    }
    fixed = {"data_format", "noise_shape"} | ({"dilation_rate", "groups"} if position == 0 else set())
    assert changed >= set(layer.config) - fixed


def test_a_missing_layer_is_named_by_its_parameters():
    (sample,) = [sample for sample in MUTANTS if sample.name == "first_convolution_missing"]
    assert "640 parameters are missing" in sample.shows


def test_what_cannot_be_built_is_left_out():
    tiny = sequence((None, 2, 2, 1), [("MaxPooling2D", {"pool_size": (2, 2)}), ("Flatten", {})])
    names = [s.name for s in network_mutants(Target("build", "cell", tiny, ("a.pool", "a.flat"), "a.input", "a.more"))]
    assert "pool_pool_size_3x3" not in names  # a window of 3 does not fit into 2 pixels
    assert "pool_missing" in names


def test_one_check_for_each_layer():
    with pytest.raises(ValueError, match="expected 8 checks, one for each layer, found 1"):
        network_mutants(Target("build", "cell", BRIEF, ("a.one",), "a.input", "a.more"))


def test_alternatives_are_other_ones():
    for layer in BRIEF.layers:
        for name, value in other_settings(layer.kind, layer.config):
            assert layer.config.get(name) != value
    assert dict(other_kinds(("Dropout", {"rate": 0.5}), (None, 10))) == {
        "GaussianDropout": {"rate": 0.5},
        "AlphaDropout": {"rate": 0.5},
    }
