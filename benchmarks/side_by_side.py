"""One class, graded in one run by ours, by stock nbgrader and by otter-grader, with the lower bound beside them.

Like with like: start and gradebook are in the seconds of ours as they are in those of stock nbgrader. Otter writes a
file of results and has no gradebook.
"""

from __future__ import annotations

from class_folder import class_of
from class_sizes import again, figures_of, grade_from_nothing
from floor import measure_floor
from otter_grader import NOTEBOOKS as OTTERS
from otter_grader import measure_otter
from parts import Figures, PartContext
from stock_nbgrader import NOTEBOOKS, measure_stock

from autograder.course.config import load_course


def measure(context: PartContext) -> Figures:
    """Figures of a class of `context.size` without records and with them, of the other graders, and of the floor."""
    size = context.size
    plain = class_of(context.work, size, records=False)
    verified = class_of(context.work, size, records=True)
    course = load_course(plain.path)

    found: Figures = figures_of(grade_from_nothing(plain), str(size))
    stock = measure_stock(course, 2 if context.trial else NOTEBOOKS)
    otter = measure_otter(course, 2 if context.trial else OTTERS)
    found |= {
        f"seconds_nbgrader_capped_{size}": stock.seconds(size),
        "seconds_nbgrader_start": stock.start,
        "seconds_nbgrader_capped_each": stock.each,
        "cpu_nbgrader_capped_each": stock.processor_each,
        f"seconds_otter_{size}": otter.seconds(size),
        "seconds_otter_each": otter.each,
        "cpu_otter_each": otter.processor_each,
    }
    found |= again(plain, str(size))
    found |= _shares(context, found[f"cpu_{size}"])

    whole = grade_from_nothing(verified)
    found |= figures_of(whole, f"verified_{size}") | {"peak_mb_two_workers": whole.peak_mb}
    found["mb_per_worker"] = whole.peak_mb - grade_from_nothing(verified, jobs=1, gradebook=False).peak_mb
    bare = grade_from_nothing(verified, gradebook=False)
    found[f"cpu_verified_{size}_without_gradebook"] = bare.spent.processor
    return found | again(verified, f"verified_{size}") | measure_floor(verified, warm_up=1 if context.trial else 2)


def _shares(context: PartContext, whole: float | None) -> Figures:
    """What of a class's processor time is paid once, for each submission, and for each mark in the gradebook."""
    one = class_of(context.work, 1, records=False)
    start = grade_from_nothing(one, gradebook=False).spent.processor
    bare = grade_from_nothing(class_of(context.work, context.size, records=False), gradebook=False).spent.processor
    if start is None or bare is None or whole is None:
        return {}
    each = (bare - start) / (context.size - 1)
    return {
        "cpu_start": start - each,
        "cpu_per_submission": each,
        "cpu_gradebook_each": (whole - bare) / context.size,
    }
