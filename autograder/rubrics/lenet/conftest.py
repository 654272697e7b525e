"""Fixtures of this rubric."""

import pytest

from cnnkit.assignments.lenet import architecture as public
from cnnkit.assignments.lenet.brief import CHECKS
from cnnkit.networks.compare.comparison import compare


@pytest.fixture(scope="session")
def model(evidence):
    """The student's network."""
    return public.built(evidence)


@pytest.fixture(scope="session")
def brief(model, evidence):
    """The specified network in the form that the student chose; without its softmax where that is left to the loss."""
    assert CHECKS.brief is not None
    return CHECKS.brief.beside(model, evidence)


@pytest.fixture(scope="session")
def comparison(model, brief):
    """Comparison of both, layer by layer."""
    return compare(model, brief)


@pytest.fixture(scope="session")
def position(brief):
    """Position of a layer in that form: `position("Flatten")`, or `position(3)` for the fourth of the others."""
    flatten = next(k for k, layer in enumerate(brief.layers) if layer.kind == "Flatten")
    others = [k for k in range(len(brief.layers)) if k != flatten]
    return lambda which: flatten if which == "Flatten" else others[which]
