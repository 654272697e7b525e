"""Fixtures of every rubric: the evidence of the submission that its tests run on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from autograder.results.scorecard import RecordVerdict
from cnnkit.checks.evidence import Evidence
from cnnkit.recording.schema import TrainingRecord


class RubricInput(NamedTuple):
    """One submission: its evidence, its training records and the verdicts on them, by run."""

    evidence: Evidence
    records: Mapping[str, TrainingRecord]
    verdicts: Mapping[str, RecordVerdict]


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
def records(rubric_input: RubricInput) -> Mapping[str, TrainingRecord]:
    """The training records found in the notebook, by run."""
    return rubric_input.records


@pytest.fixture(scope="session")
def contradicted(rubric_input: RubricInput) -> Mapping[str, str]:
    """Reasons by run, of the runs whose record was contradicted; verified and inconclusive ones are left out."""
    return {run: found.reason for run, found in rubric_input.verdicts.items() if found.verdict == "contradicted"}
