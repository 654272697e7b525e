"""Fixtures of this rubric."""

import pytest

from cnnkit.checks import mnist_convnet as public
from cnnkit.spec import compare


@pytest.fixture(scope="session")
def model(evidence):
    """The network that build_convnet() returns."""
    return evidence.model(public.NETWORK, input_shape=public.INPUT)


@pytest.fixture(scope="session")
def brief(model, evidence):
    """The brief's network; without its softmax where that is left to the loss."""
    assert public.CHECKS.brief is not None
    return public.CHECKS.brief.beside(model, evidence)


@pytest.fixture(scope="session")
def comparison(model, brief):
    """Both, layer by layer."""
    return compare(model, brief)
