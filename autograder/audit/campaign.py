"""Running all samples of an assignment through its rubric, on several cores."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, as_completed
from typing import Any

from autograder.audit.by_heart import ByHeart, learn_by_heart
from autograder.audit.library import Library, read_library
from autograder.audit.samples import Sample
from autograder.audit.trial import ALL_DRAWS, FEW_DRAWS, Transcript, Trial, audit_digest, try_network, try_notebook
from autograder.audit.verdict import Audit, SampleVerdict, judge_sample
from autograder.course.config import Course
from autograder.grading.freshness import code_digest
from autograder.grading.workers import worker_pool
from autograder.records.examiner import SERVICES
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.errors import KitError

SHARE_THE_WHOLE_WAY = 10
"""Of the mutants that are nothing but a network, one in so many is also tried as a notebook. Of the other samples, one
in so many is asked everything, not only what its change can reach."""


class ReferenceRefused(KitError):
    """The reference solution itself does not get full marks, so the samples prove nothing."""


class Campaign:
    """Audit of one rubric: `run` yields `total` verdicts as they come, then `audit` is the whole.

    Args:
        course: the course that has the source, the release and the points.
        name: the assignment.
        jobs: processes.
        everything: whether every network is also tried as a notebook and every notebook asked everything, not only one
            in ten, and each with `ALL_DRAWS` instead of `FEW_DRAWS`.

    Raises:
        SampleError: the rubric's samples cannot be used.
    """

    def __init__(self, course: Course, name: str, *, jobs: int, everything: bool = False) -> None:
        self._course, self._jobs = course, jobs
        self.library: Library = read_library(course, name)
        # the same choice for the same rubric, another one with every change of it
        self.seed = int(code_digest("marks", name)[-8:], 16)
        dice = random.Random(self.seed)
        self._draws = ALL_DRAWS if everything else FEW_DRAWS
        self._whole_way: set[str] = set()
        samples = (*self.library.mutants, *self.library.equivalents)
        for networks in (True, False):
            names = [sample.name for sample in samples if (sample.answer is not None) == networks]
            self._whole_way.update(names if everything else dice.sample(names, -(-len(names) // SHARE_THE_WHOLE_WAY)))
        self._verdicts: dict[str, SampleVerdict] = {}
        self._checks: tuple[str, ...] = ()
        self._by_heart: tuple[ByHeart, ...] = ()
        self._seconds = 0.0

    @property
    def total(self) -> int:
        """Number of verdicts that `run` yields."""
        return len(self.library.mutants) + len(self.library.equivalents)

    def run(self) -> Iterator[SampleVerdict]:
        """Try all samples.

        Raises:
            ReferenceRefused: the reference does not get full marks.
            SampleError: a sample does not fit the solution or the release.
            SandboxError, RubricError: as in grading.
        """
        started = time.perf_counter()
        with Zygote(data=self._course.assignment(self.library.assignment).data, services=SERVICES) as zygote:
            zygote.wait()
            transcript = self._ask_reference(zygote)
            self._by_heart = tuple(learn_by_heart(self._course, self.library, transcript.answers, audit_digest(0)))
            arguments = (self._course, self.library.assignment, zygote.address, transcript, self._draws)
            with worker_pool(self._jobs, [__name__], _begin, *arguments) as pool:
                # the long ones first, so that no core waits for the other at the end
                samples = sorted((*self.library.mutants, *self.library.equivalents), key=self._is_quick)
                futures: dict[Future[list[Trial]], Sample] = {
                    pool.submit(_work, sample.name, sample.name in self._whole_way): sample for sample in samples
                }
                for future in as_completed(futures):
                    sample = futures[future]
                    verdict = judge_sample(sample, "mutant" if sample.fails else "equivalent", future.result())
                    self._verdicts[sample.name] = verdict
                    yield verdict
        self._seconds = time.perf_counter() - started

    def audit(self) -> Audit:
        """The result, once `run` is exhausted."""
        ordered = [self._verdicts[sample.name] for sample in (*self.library.mutants, *self.library.equivalents)]
        unguarded = tuple(self.library.unguarded(list(self._checks)))
        return Audit(
            self.library.assignment,
            self._checks,
            tuple(ordered),
            unguarded,
            self._by_heart,
            self._seconds,
            self.seed,
        )

    def _is_quick(self, sample: Sample) -> bool:
        return sample.answer is not None and sample.name not in self._whole_way

    def _ask_reference(self, zygote: Zygote) -> Transcript:
        trial, transcript = try_notebook(self._course, self.library, None, lambda: zygote.address)
        self._checks = tuple(check.id for check in trial.checks)
        lost = [f"{check.id}: {check.message}" for check in trial.checks if check.outcome != "passed"]
        if lost:
            raise ReferenceRefused(f"the reference solution of {self.library.assignment} loses {'; '.join(lost)}")
        return transcript


_worker: dict[str, Any] = {}


def _begin(course: Course, name: str, address: str, transcript: Transcript, draws: int) -> None:
    # samples hold functions, which cannot be sent: every worker reads them for itself
    _worker.update(
        course=course, library=read_library(course, name), address=address, transcript=transcript, draws=draws
    )


def _work(name: str, whole_way: bool) -> list[Trial]:
    course, library, transcript = _worker["course"], _worker["library"], _worker["transcript"]
    sample = library.sample(name)
    trials = [try_network(course, library, sample, transcript.answers)] if sample.answer else []
    if whole_way or not sample.answer:
        reference = None if whole_way else transcript
        address, draws = _worker["address"], _worker["draws"]
        trials.append(try_notebook(course, library, sample, lambda: address, reference=reference, draws=draws)[0])
    return trials
