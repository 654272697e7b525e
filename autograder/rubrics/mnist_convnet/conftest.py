"""Fixtures of this rubric."""

import pytest

from cnnkit.assignments.mnist_convnet.brief import CHECKS, INPUT, NETWORK
from cnnkit.networks.compare.comparison import compare


@pytest.fixture(scope="session")
def model(evidence):
    """The network that build_convnet() returns."""
    return evidence.model(NETWORK, input_shape=INPUT)


@pytest.fixture(scope="session")
def brief(model, evidence):
    """The specified network; without its softmax where that is left to the loss."""
    assert CHECKS.brief is not None
    return CHECKS.brief.beside(model, evidence)


@pytest.fixture(scope="session")
def comparison(model, brief):
    """Comparison of both, layer by layer."""
    return compare(model, brief)
