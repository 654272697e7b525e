"""Fixtures of this rubric."""

import pytest

from cnnkit.checks import data_augmentation as public


@pytest.fixture(scope="session")
def moves(evidence):
    """What the student's pipeline did to 200 copies, and the call."""
    return public.moves(evidence)


@pytest.fixture(scope="session")
def digit_moves(evidence):
    """The same for the pipeline for digits."""
    return public.moves(evidence, public.DIGITS)
