"""A lower bound for grading: the same cells, requests and examinations in one warm process, without isolation."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from autograder.course.config import Course
from autograder.evidence import cache
from autograder.intake import read_submission
from autograder.records.verdicts import verdicts
from autograder.results.store import ResultStore

WARM_UP = 2
"""Submissions at the beginning that are not counted: they pay for what a process does once."""


def seconds_by_part(course: Course, name: str, folder: Path, students: list[str]) -> dict[str, float]:
    """Seconds a submission, by part: cells, requests by their kind, records. To be called in a new process.

    Args:
        course: the course.
        name: the assignment.
        folder: of the class: `submitted/` and `graded/`, with evidence.
        students: more than WARM_UP of the class.
    """
    from autograder.records.examination import examine
    from autograder.records.requests import Examination, ExaminationRequest
    from autograder.sandbox.protocol import messages
    from autograder.sandbox.server import child
    from autograder.sandbox.server.kit_guard import KitGuard
    from autograder.sandbox.server.notebook_shell import NotebookShell
    from autograder.sandbox.server.prepared import Prepared
    from autograder.sandbox.server.resource_limits import one_thread
    from autograder.sandbox.server.training_cap import cap_training
    from autograder.sandbox.server.zygote import import_libraries

    import_libraries()
    from cnnkit.data.datasets import preload as preload_data

    one_thread()
    for data in course.assignment(name).data:
        preload_data(data)
    os.environ["NBGRADER_EXECUTION"] = "autograde"

    class ExaminerInThisProcess:
        def examine(self, question: ExaminationRequest) -> Examination:
            return examine(question)

    part_of: dict[type, str] = {
        messages.CallRequest: "calls",
        messages.DescribeRequest: "networks described",
        messages.WatchRequest: "trainings watched",
        messages.DrawRequest: "figures",
    }
    limits = course.assignment(name).limits
    guard = KitGuard()
    spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def timed(part: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        spent[part] += time.perf_counter() - started

    for number, student in enumerate(students):
        if number == WARM_UP:
            spent.clear()
        submission = read_submission(folder / "submitted" / student / name, name, student, course)
        cached = cache.read_evidence(ResultStore(folder / "graded", name).evidence(student))
        with timed("cells"):
            notebook = NotebookShell(limits.output_kb)
            if number == 0:
                cap_training(submission.records, notebook.note)
            for cell in submission.cells:
                notebook.run(cell.number, cell.source, limits.cell_seconds)
        ready = Prepared(notebook, guard, weightless=True)
        for one in cached.answers:
            request = messages.decode_request(one.question)
            with timed(part_of.get(type(request), "other requests")):
                response = child._answer(ready, request, limits.cell_seconds)
                if isinstance(response, messages.WeightsNeededResponse):
                    child._answer(ready, msgspec.structs.replace(request, weights=True), limits.cell_seconds)
        examiner = ExaminerInThisProcess()
        with timed("records"):
            verdicts(submission.records, submission.weights, examiner, assignment=name, student=student, lot=cached.lot)
    return {part: seconds / (len(students) - WARM_UP) for part, seconds in spent.items()}
