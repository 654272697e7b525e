"""What people read: the feedback page of a submission, the marks of a class."""

from autograder.report.feedback import feedback_html
from autograder.report.grades import grades_csv, similar_pairs_csv
from autograder.report.marks_table import print_table

__all__ = ["feedback_html", "grades_csv", "print_table", "similar_pairs_csv"]
