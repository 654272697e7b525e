"""Fixtures of this rubric."""

import pytest

from cnnkit.checks import mnist_convnet as public
from cnnkit.spec import compare


@pytest.fixture(scope="session")
def model(evidence):
    """The network that build_convnet() returns."""
    return evidence.model(public.NETWORK, input_shape=public.INPUT)


@pytest.fixture(scope="session")
def comparison(model):
    """That network and the brief, layer by layer."""
    return compare(model, public.BRIEF)
