"""The floor of grading: the same cells, questions and examinations in one warm process, without isolation."""

from __future__ import annotations

import os
import time
from pathlib import Path

from autograder.course import Course
from autograder.evidence import kept
from autograder.intake import read_submission
from autograder.store import Store
from autograder.verify.submission import verdicts


def seconds_each(course: Course, name: str, folder: Path, students: list[str]) -> float:
    """Seconds a submission of these students, whose class lies graded in `folder`. Call it in a process of its own."""
    from autograder.sandbox import child, wire
    from autograder.sandbox.limits import one_thread
    from autograder.sandbox.notebook import Notebook
    from autograder.sandbox.training_cap import cap_training
    from autograder.sandbox.zygote import preload
    from autograder.verify.examine import examine
    from autograder.verify.messages import Examine, Examined

    preload()
    import cnnkit

    one_thread()
    for data in course.assignment(name).data:
        cnnkit.data.hold(data)
    os.environ["NBGRADER_EXECUTION"] = "autograde"

    class Here:
        def examine(self, question: Examine) -> Examined:
            return examine(question)

    limits, taken = course.assignment(name).limits, []
    for number, student in enumerate(students):
        submission = read_submission(folder / "submitted" / student / name, name, student, course)
        answered = kept.read(Store(folder / "graded", name).evidence(student))
        started = time.perf_counter()
        notebook = Notebook(limits.output_kb)
        if number == 0:
            cap_training(submission.records, notebook.note)
        for cell in submission.cells:
            notebook.run(cell.number, cell.source, limits.cell_seconds)
        for one in answered.answers:
            child._answer(notebook, wire.decode_request(one.question), limits.cell_seconds)
        verdicts(submission.records, submission.weights, Here(), assignment=name, student=student, lot=answered.lot)
        taken.append(time.perf_counter() - started)
    return sum(taken[2:]) / len(taken[2:])  # the first ones pay for what a process does once
