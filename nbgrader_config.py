"""nbgrader's settings: its commands work in this folder as they are. docs/nbgrader.md explains the choices."""

import os
import tomllib
import warnings
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821  (nbgrader provides it)

with (Path(__file__).parent / "course.toml").open("rb") as file:
    c.CourseDirectory.course_id = tomllib.load(file)["course"]["id"]

# SQLAlchemy warns about nbgrader's own code, three lines a student, between the messages that matter.
warnings.filterwarnings("ignore", message="Object of type <Submitted")

# Folders. submitted/, autograded/ and feedback/ keep nbgrader's names.
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

# Beside the notebook, solutions/NAME/ holds its py:percent source and the expected outputs: neither is released.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", "feedback", "*.py", "expected"]

# SQLite in this folder, unless several TAs grade at once: then PostgreSQL, by its address.
if os.environ.get("NBGRADER_DB_URL"):
    c.CourseDirectory.db_url = os.environ["NBGRADER_DB_URL"]

# collect: regular files only, whatever a student put into the exchange.
c.ExchangeFactory.collect = "autograder.gradebook.collection.RegularFilesCollect"

# autograde: submissions are read, repaired and graded by `autograder`, never run inside nbgrader's own process.
c.Autograde.exporter_class = "autograder.gradebook.preprocessors.SubmissionExporter"
c.Autograde.pre_convert_hook = "autograder.gradebook.preprocessors.expect_notebook"
# The repaired notebook has the release's own cells and metadata, so nbgrader's repairs and checks are not needed.
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.preprocessors.UseScorecard",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]

# validate: it runs the whole notebook, and the full training takes minutes a cell.
c.Execute.timeout = 1800

# formgrader, generate_feedback: a student's heading gets no id, which could be that of the field for a cell's points.
c.HTMLExporter.exclude_anchor_links = True

# export: a submission that could not be graded has empty scores, not 0.
c.ExportApp.plugin_class = "autograder.gradebook.export.GradesExport"
