"""Grading classes without training records: for the first time, after a change of the rubric, and unchanged.

They have no records because the hidden tests of stock nbgrader, which grades some of the same notebooks beside them,
look at none.
"""

from __future__ import annotations

from class_folder import ClassFolder, Graded, class_of
from parts import Figures, PartContext
from stock_nbgrader import NOTEBOOKS, measure_stock

from autograder.course.config import load_course


def measure(context: PartContext) -> Figures:
    """Figures of a class of `context.size`, and of stock nbgrader beside it."""
    folder, size = class_of(context.work, context.size, records=False), context.size
    first = grade_from_nothing(folder)
    stock = measure_stock(load_course(folder.path), 2 if context.trial else NOTEBOOKS)
    return {
        **figures_of(first, str(size)),
        **again(folder, str(size)),
        f"seconds_nbgrader_capped_{size}": stock.seconds(size),
    }


def grade_from_nothing(folder: ClassFolder, *, jobs: int = 2, gradebook: bool = True) -> Graded:
    """Grade a class of which nothing has been graded.

    Raises:
        SystemExit: not all were graded.
    """
    folder.start_over()
    graded = folder.grade(jobs=jobs, gradebook=gradebook)
    return _expect_fresh(graded, len(folder.students))


def again(folder: ClassFolder, key: str) -> Figures:
    """Figures of grading a graded class again: after a change of the rubric, without the gradebook; and unchanged."""
    folder.change_rubric()
    regraded = _expect_fresh(folder.grade(gradebook=False), len(folder.students))
    _expect_fresh(folder.grade(), 0)  # fills the gradebook, which is not part of either figure
    unchanged = _expect_fresh(folder.grade(), 0)
    return {
        f"seconds_regrade_{key}": regraded.spent.wall,
        f"cpu_regrade_{key}": regraded.spent.processor,
        f"seconds_unchanged_{key}": unchanged.spent.wall,
        f"cpu_unchanged_{key}": unchanged.spent.processor,
    }


def figures_of(graded: Graded, key: str) -> Figures:
    """Figures of grading a class, under names that end in `key`."""
    return {
        f"seconds_{key}": graded.spent.wall,
        f"cpu_{key}": graded.spent.processor,
        f"peak_mb_{key}": graded.peak_mb,
    }


def _expect_fresh(graded: Graded, count: int) -> Graded:
    if graded.fresh != count:
        raise SystemExit(f"expected {count} submissions to be graded, found {graded.fresh}")
    return graded
