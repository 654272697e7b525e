"""Reports for people: the feedback page of a submission, the marks of a class.

Names are imported when they are first used: a class whose pages are up to date needs no templates.
"""

from typing import TYPE_CHECKING

from cnnkit.lazy_names import on_first_use

if TYPE_CHECKING:
    from autograder.report.feedback import feedback_html
    from autograder.report.grades import grades_csv, similar_groups_csv
    from autograder.report.marks_table import missing_packages, print_table

__all__ = ["feedback_html", "grades_csv", "missing_packages", "print_table", "similar_groups_csv"]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "feedback_html": "feedback",
        "grades_csv": "grades",
        "missing_packages": "marks_table",
        "print_table": "marks_table",
        "similar_groups_csv": "grades",
    },
)
