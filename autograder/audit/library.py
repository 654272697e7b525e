"""What an assignment's rubric brings for its own test: reference, wrong answers, right ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from autograder.audit.samples import Sample, SampleError
from autograder.audit.submissions import reference_cells
from autograder.course.config import Course
from autograder.sandbox.protocol.limits import Limits
from cnnkit.recording.schema import TrainingRecord


@dataclass(frozen=True)
class Library:
    """The samples of one assignment.

    Attributes:
        assignment: its name.
        reference: source of the solution cells, by grade_id.
        records: training records of a right run, by run.
        mutants: wrong answers.
        equivalents: right answers written differently.
        limits: what a submission may use.
    """

    assignment: str
    reference: Mapping[str, str]
    records: dict[str, TrainingRecord]
    mutants: tuple[Sample, ...]
    equivalents: tuple[Sample, ...]
    limits: Limits

    def sample(self, name: str) -> Sample:
        """The sample of that name."""
        return next(sample for sample in (*self.mutants, *self.equivalents) if sample.name == name)

    def unguarded(self, checks: list[str]) -> list[str]:
        """The checks that no mutant has to fail: nobody knows whether they can."""
        guarded = {check for sample in self.mutants for check in sample.fails}
        return [check for check in checks if check not in guarded]


def read_library(course: Course, name: str) -> Library:
    """The samples of `autograder/rubrics/<name>/`: MUTANTS, EQUIVALENTS and, in reference.py, RECORDS.

    Raises:
        SampleError: there are none, two have one name, or one names a check that is no check's id by its form.
    """
    package = f"autograder.rubrics.{name}"
    if find_spec(package) is None or find_spec(f"{package}.mutants") is None:
        raise SampleError(f"expected {package.replace('.', '/')}/mutants.py, found none: every rubric needs mutants")
    mutants = tuple(import_module(f"{package}.mutants").MUTANTS)
    equivalents = tuple(import_module(f"{package}.equivalents").EQUIVALENTS)
    records = getattr(import_module(f"{package}.reference"), "RECORDS", {})
    twice = [name for name, count in Counter(sample.name for sample in (*mutants, *equivalents)).items() if count > 1]
    if twice:
        raise SampleError(f"expected each sample of {name} to have a name of its own, found twice: {', '.join(twice)}")
    if idle := [sample.name for sample in mutants if not sample.fails]:
        raise SampleError(f"expected every mutant of {name} to name the checks that it fails; not so: {idle[0]}")
    limits = course.assignment(name).limits
    return Library(name, reference_cells(course, name), records, mutants, equivalents, limits)
