"""The floor of grading: the same cells, questions and examinations in one warm process, without isolation."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.course.config import Course
from autograder.evidence import cache
from autograder.intake import read_submission
from autograder.records.verdicts import verdicts
from autograder.results.store import ResultStore

WARM = 2
"""Submissions that pay for what a process does once, and are not counted."""

_WORDS = {"Call": "calls", "Describe": "networks described", "Watch": "trainings watched", "Draw": "figures"}


def seconds_each(course: Course, name: str, folder: Path, students: list[str]) -> dict[str, float]:
    """Seconds a submission for what is done: cells, questions by their kind, records; in a process of its own.

    Args:
        course: the course.
        name: the assignment.
        folder: where the class lies, graded.
        students: some of it.
    """
    from autograder.records.examination import examine
    from autograder.records.requests import Examination, ExaminationRequest
    from autograder.sandbox.protocol import messages
    from autograder.sandbox.server import child
    from autograder.sandbox.server.notebook_shell import NotebookShell
    from autograder.sandbox.server.resource_limits import one_thread
    from autograder.sandbox.server.training_cap import cap_training
    from autograder.sandbox.server.zygote import import_libraries

    import_libraries()
    from cnnkit.data.datasets import preload as preload_data

    one_thread()
    for data in course.assignment(name).data:
        preload_data(data)
    os.environ["NBGRADER_EXECUTION"] = "autograde"

    class Here:
        def examine(self, question: ExaminationRequest) -> Examination:
            return examine(question)

    limits = course.assignment(name).limits
    spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def counted(what: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        spent[what] += time.perf_counter() - started

    for number, student in enumerate(students):
        if number == WARM:
            spent.clear()
        submission = read_submission(folder / "submitted" / student / name, name, student, course)
        answered = cache.read_evidence(ResultStore(folder / "graded", name).evidence(student))
        with counted("cells"):
            notebook = NotebookShell(limits.output_kb)
            if number == 0:
                cap_training(submission.records, notebook.note)
            for cell in submission.cells:
                notebook.run(cell.number, cell.source, limits.cell_seconds)
        for one in answered.answers:
            question = messages.decode_request(one.question)
            with counted(_WORDS.get(type(question).__name__, "other questions")):
                child._answer(notebook, question, limits.cell_seconds)
        with counted("records"):
            verdicts(submission.records, submission.weights, Here(), assignment=name, student=student, lot=answered.lot)
    return {what: seconds / (len(students) - WARM) for what, seconds in spent.items()}
