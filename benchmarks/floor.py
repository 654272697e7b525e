"""A lower bound for grading: the same cells, requests and examinations in one warm process, without isolation.

The seconds are processor time. That process has no children, so its own clock counts all of it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
from class_folder import ClassFolder
from parts import Figures
from sample_class import NAME

from autograder.course.config import Course, load_course
from autograder.evidence import cache
from autograder.intake import read_submission
from autograder.records.verdicts import verdicts
from autograder.results.store import ResultStore

MOST = 20
"""Submissions that are looked at."""


def measure_floor(folder: ClassFolder, warm_up: int = 2) -> Figures:
    """Processor seconds that each submission of a graded class would take in one warm process, in all and by part.

    They are measured in a new process, because this one may have trained and still have those threads.

    Args:
        folder: the class, graded, so that its evidence is known.
        warm_up: submissions at the beginning that are not counted: they pay for what a process does once.
    """
    arguments = (load_course(folder.path), folder.path, folder.students[:MOST], warm_up)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as new_process:
        spent = new_process.submit(seconds_by_part, *arguments).result()
    return {"cpu_floor_each": sum(spent.values()), "cpu_floor_of": spent}


def seconds_by_part(course: Course, folder: Path, students: list[str], warm_up: int) -> dict[str, float]:
    """Seconds a submission, by part: cells, requests by their kind, records. To be called in a new process.

    Args:
        course: the course.
        folder: of the class: `submitted/` and `graded/`, with evidence.
        students: more than `warm_up` of the class.
        warm_up: see `measure_floor`.
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

    name = NAME
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
        started = time.process_time()
        yield
        spent[part] += time.process_time() - started

    for number, student in enumerate(students):
        if number == warm_up:
            spent.clear()
        submission = read_submission(folder / "submitted" / student / name, name, student, course)
        cached = cache.read_evidence(ResultStore(folder / "graded", name).evidence(student))
        with timed("cells"):
            notebook = NotebookShell(limits.output_kb)
            if number == 0:
                cap_training(submission.records, notebook.note)
            for cell in (cell for cell in submission.cells if cell.role != "check"):
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
    return {part: seconds / (len(students) - warm_up) for part, seconds in spent.items()}
