"""Fixtures of every rubric: the evidence of the submission that its tests run on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograder.results.scorecard import RecordVerdict
from cnnkit.checks.evidence import Evidence
from cnnkit.recording.schema import TrainingRecord


class RubricInput(NamedTuple):
    """One submission.

    Attributes:
        evidence: its evidence.
        records: its training records, by run.
        verdicts: the verdicts on them, by run.
        digest: of what was handed in; hidden inputs are drawn from it.
    """

    evidence: Evidence
    records: Mapping[str, TrainingRecord]
    verdicts: Mapping[str, RecordVerdict]
    digest: str = ""

    def draw(self, purpose: str) -> np.random.Generator:
        """A generator for one hidden input: the same whenever this submission is graded, another for each other one.

        What a message tells one student of an input helps no other, nor the same one with the next version.
        """
        return np.random.default_rng(list(hashlib.sha256(f"{purpose}\0{self.digest}".encode()).digest()))


RUBRIC_INPUT = pytest.StashKey[RubricInput]()
"""Key of the submission in the stash of pytest's configuration."""


@pytest.fixture(scope="session")
def rubric_input(request: pytest.FixtureRequest) -> RubricInput:
    """The submission. All other fixtures come from it, so that they can also be called without pytest."""
    return request.config.stash[RUBRIC_INPUT]


@pytest.fixture(scope="session")
def evidence(rubric_input: RubricInput) -> Evidence:
    """Evidence of the submission, see `cnnkit.checks.Evidence`."""
    return rubric_input.evidence


@pytest.fixture(scope="session")
def call(evidence: Evidence) -> Callable[..., Any]:
    """`call("conv_output_size", 28, 3, stride=2)` gives the value that the student's function returns."""
    return evidence.call


@pytest.fixture(scope="session")
def draw(rubric_input: RubricInput) -> Callable[[str], np.random.Generator]:
    """`draw("dark images")` gives a generator of random numbers for hidden inputs, see `RubricInput.draw`.

    A check's outcome must not depend on what is drawn: whatever tells a right answer from a wrong one is in every draw.
    """
    return rubric_input.draw


@pytest.fixture(scope="session")
def records(rubric_input: RubricInput) -> Mapping[str, TrainingRecord]:
    """The training records found in the notebook, by run."""
    return rubric_input.records


@pytest.fixture(scope="session")
def contradicted(rubric_input: RubricInput) -> Mapping[str, str]:
    """Reasons by run, of the runs whose record was contradicted; verified and inconclusive ones are left out."""
    return {run: found.reason for run, found in rubric_input.verdicts.items() if found.verdict == "contradicted"}
