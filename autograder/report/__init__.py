"""What people read: the feedback page of a submission, the marks of a class."""

from autograder.report.feedback import feedback_html
from autograder.report.grades import alike_csv, grades_csv
from autograder.report.marks_table import print_table

__all__ = ["alike_csv", "feedback_html", "grades_csv", "print_table"]
