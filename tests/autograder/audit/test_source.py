"""A network written as code is the network it was written from."""

import keras
import pytest

from autograder.audit.source import function_source
from autograder.rubrics.mnist_convnet.mutants import MUTANTS
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.networks.brief import wired
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.weightless import build_and_describe

pytestmark = pytest.mark.tensorflow

NETWORKS = {sample.name: sample.answer.network for sample in MUTANTS if sample.answer is not None}


def built(network):
    names = {"keras": keras, "layers": keras.layers}
    exec(function_source("build", network), names)
    return build_and_describe(names["build"])


def test_the_brief():
    assert compare(built(BRIEF), BRIEF).equal
    assert "layers.Conv2D(filters=64, kernel_size=(3, 3), strides=(2, 2), activation='relu')(image)" in function_source(
        "build", BRIEF
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_every_wrong_network(name):
    """So what is compared as data is what a student's code would have given."""
    found = built(NETWORKS[name])
    assert compare(found, NETWORKS[name]).equal
    assert found.parameters == NETWORKS[name].parameters
    assert [layer.output_shape for layer in found.layers] == [layer.output_shape for layer in NETWORKS[name].layers]


def test_several_inputs_of_a_layer():
    network = wired((None, 4), [("Dense", {"units": 4}, (-1,)), ("Concatenate", {}, (0, -1))])
    assert compare(built(network), network).equal
