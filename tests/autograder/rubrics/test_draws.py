"""Hidden inputs are each submission's own, and no outcome depends on which they are.

The audit tries every sample through the sandbox, on as many digests as its options say. Here are those of the exercises
that need no Keras, on 20 digests, called in this process.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.audit.library import Library, read_library
from autograder.audit.samples import apply_samples
from autograder.course.config import Course, load_course
from autograder.rubric.fixtures import RubricInput
from autograder.rubric.run import check_ids, exercises_with_draws, run_rubric
from cnnkit.checks.evidence import StudentError
from cnnkit.checks.live_evidence import LiveEvidence

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
DIGESTS = [f"sha256:{number}" for number in range(20)]
PLAIN = {
    "mnist_convnet": ("data", "arithmetic"),
    "lenet": ("data", "field", "pooling"),
    "transfer_learning": ("parameters", "preprocessing"),
}
"""Exercises with drawn inputs whose solutions need Python and NumPy alone."""


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT)


class Asked(LiveEvidence):
    """Evidence of functions in this process that collects what they were called with; errors of a cell are its own."""

    def __init__(self, functions: dict[str, Any]) -> None:
        super().__init__(functions)
        self.arguments: list[str] = []

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """The value of a call."""
        self.arguments.append(f"{function} {[np.asarray(one).tolist() for one in args]} {sorted(kwargs.items())}")
        try:
            return super().call(function, *args, **kwargs)
        except (StudentError, AssertionError):
            raise
        except Exception as error:
            raise StudentError(str(error)) from error


def outcomes(course: Course, library: Library, exercise: str, source: str, digest: str) -> tuple[Any, list[str]]:
    """Points by check of one exercise with this solution, and what its functions were called with."""
    functions: dict[str, Any] = {"np": np, "math": math}
    exec(compile(source, "<solution>", "exec"), functions)  # ours: the reference, or a sample of it
    evidence = Asked(functions)
    assignment = course.assignment(library.assignment)
    checks = run_rubric(library.assignment, assignment, evidence, library.records, digest=digest, exercises=[exercise])
    return {check.id: check.points for check in checks}, evidence.arguments


@pytest.mark.parametrize(("name", "exercise"), [(name, one) for name, several in PLAIN.items() for one in several])
def test_no_outcome_depends_on_what_is_drawn(course: Course, name: str, exercise: str) -> None:
    library = read_library(course, name)
    cell = f"{exercise}_solution"
    samples = [sample for sample in (*library.mutants, *library.equivalents) if set(sample.changes) == {cell}]
    sources = {sample.name: apply_samples(library.reference, [sample])[cell] for sample in samples}
    uses_keras = re.compile(r"keras|tf\.|layers\.[A-Z]")
    plain = [sample for sample in samples if not uses_keras.search(f"{sample.name} {sources[sample.name]}")]
    assert len(plain) > 10
    for sample in plain:
        right = {
            check: check.startswith(f"{exercise}.") and check not in sample.fails
            for check in check_ids(name, course.assignment(name))
            if check.startswith(f"{exercise}.")
        }
        for digest in DIGESTS:
            points, _ = outcomes(course, library, exercise, sources[sample.name], digest)
            assert {check: value > 0 for check, value in points.items()} == right, (sample.name, digest)


@pytest.mark.parametrize(("name", "exercise"), [(name, one) for name, several in PLAIN.items() for one in several])
def test_each_submission_has_inputs_of_its_own_and_keeps_them(course: Course, name: str, exercise: str) -> None:
    library = read_library(course, name)
    source = library.reference[f"{exercise}_solution"]
    asked = [outcomes(course, library, exercise, source, digest)[1] for digest in (*DIGESTS, DIGESTS[0])]
    assert asked[0] == asked[-1]
    public = set.intersection(*map(set, asked))
    own = [frozenset(one) - public for one in asked[:-1]]
    assert all(own)
    assert len(set(own)) == len(DIGESTS)


def test_all_rubrics_draw(course: Course) -> None:
    for name in ("mnist_convnet", "lenet", "data_augmentation", "transfer_learning"):
        assert set(PLAIN.get(name, ())) < set(exercises_with_draws(name, course.assignment(name))), name


def test_no_hidden_check_has_a_seed_of_everybody() -> None:
    for file in (ROOT / "autograder/rubrics").glob("*/test_*.py"):
        assert "default_rng" not in file.read_text(encoding="utf-8"), file.name


def test_a_draw_is_of_its_digest_and_its_purpose() -> None:
    def numbers(digest: str, purpose: str) -> tuple[float, ...]:
        return tuple(RubricInput(None, {}, {}, digest).draw(purpose).random(3))  # type: ignore[arg-type]

    drawn = [numbers(digest, purpose) for digest in DIGESTS for purpose in ("a", "b")]
    assert len(set(drawn)) == len(drawn)
    assert numbers("x", "a") == numbers("x", "a")
