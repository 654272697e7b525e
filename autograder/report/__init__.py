"""Reports for people: the feedback page of a submission, the marks of a class.

Names are imported when they are first used: a class whose pages are up to date needs no templates.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.report.feedback import feedback_html
    from autograder.report.grades import grades_csv, similar_groups_csv
    from autograder.report.marks_table import missing_packages, print_table

__all__ = ["feedback_html", "grades_csv", "missing_packages", "print_table", "similar_groups_csv"]

_DEFINED_IN = {
    "feedback_html": "feedback",
    "grades_csv": "grades",
    "similar_groups_csv": "grades",
    "missing_packages": "marks_table",
    "print_table": "marks_table",
}


def __getattr__(name: str) -> Any:
    if name in _DEFINED_IN:
        return getattr(import_module(f"{__name__}.{_DEFINED_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
