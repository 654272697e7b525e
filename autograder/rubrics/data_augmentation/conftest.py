"""Fixtures of this rubric."""

import pytest

from autograder.rubrics.data_augmentation.reference import HIDDEN_SIZE
from cnnkit.assignments.data_augmentation import pipeline
from cnnkit.assignments.data_augmentation.digits import DIGITS


@pytest.fixture(scope="session")
def moves(evidence):
    """Measured changes of 200 copies by the student's pipeline, and the call; of another size than the public ones."""
    return pipeline.moves(evidence, size=HIDDEN_SIZE)


@pytest.fixture(scope="session")
def digit_moves(evidence):
    """The same for the pipeline for digits."""
    return pipeline.moves(evidence, DIGITS, HIDDEN_SIZE)
