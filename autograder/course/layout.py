"""Paths of everything that belongs to a course, relative to its root or absolute."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

COURSE_FILE = "course.toml"

RUBRICS = Path(__file__).parents[1] / "rubrics"
"""The folder of the hidden tests: part of this package, one folder an assignment."""


@dataclass(frozen=True)
class CourseLayout:
    """Paths of the files of a course.

    Methods that take an assignment's name give paths relative to `root`, as they appear in messages; `root / path` is
    absolute.

    Args:
        root: the folder that holds course.toml.

    Example:
        >>> CourseLayout(Path("/course")).release_notebook("mnist_convnet").as_posix()
        'assignments/mnist_convnet/mnist_convnet.ipynb'
    """

    root: Path

    @property
    def course_file(self) -> Path:
        """course.toml, absolute."""
        return self.root / COURSE_FILE

    @property
    def nbgrader_config(self) -> Path:
        """Nbgrader's settings, absolute."""
        return self.root / "nbgrader_config.py"

    @property
    def gradebook(self) -> Path:
        """Nbgrader's SQLite database, absolute; a course may use another database by its address."""
        return self.root / "gradebook.db"

    @property
    def gradebook_lock(self) -> Path:
        """The file whose lock the process holds that fills the gradebook, absolute."""
        return self.root / ".gradebook.lock"

    @property
    def submitted(self) -> Path:
        """The usual folder of what students handed in, absolute."""
        return self.root / "submitted"

    @property
    def graded(self) -> Path:
        """The usual folder of scorecards and feedback, absolute."""
        return self.root / "graded"

    @property
    def solutions(self) -> Path:
        """The folder of all sources, absolute."""
        return self.root / self.source_root()

    def hidden_paths(self, *more: Path) -> dict[str, Path]:
        """Paths that no submission may reach, by name, for the proof that isolation holds.

        Args:
            more: paths that are hidden too, such as the folder of submissions.
        """
        found = {
            "the rubrics": RUBRICS,
            "the solutions": self.solutions,
            "the gradebook": self.gradebook,
            COURSE_FILE: self.course_file,
        }
        return found | {str(path): path for path in more}

    @staticmethod
    def source_root() -> Path:
        """The folder of all sources, relative: nbgrader's `source_directory`."""
        return Path("solutions")

    @staticmethod
    def release_root() -> Path:
        """The folder of all releases, relative: nbgrader's `release_directory`."""
        return Path("assignments")

    @classmethod
    def setup_cell(cls) -> Path:
        """The template of the set-up cell of every notebook, relative."""
        return cls.source_root() / "setup_cell.py"

    def source_folder(self, name: str) -> Path:
        """The folder of an assignment's source, relative."""
        return self.source_root() / name

    def source(self, name: str) -> Path:
        """The py:percent source of an assignment, relative."""
        return self.source_folder(name) / f"{name}.py"

    def source_notebook(self, name: str) -> Path:
        """The notebook built from the source, solutions included, relative."""
        return self.source_folder(name) / f"{name}.ipynb"

    def expected_folder(self, name: str) -> Path:
        """The folder of the outputs that the notebook shows as expected, relative."""
        return self.source_folder(name) / "expected"

    def release_folder(self, name: str) -> Path:
        """The folder that students get, relative."""
        return self.release_root() / name

    def release_notebook(self, name: str) -> Path:
        """The notebook that students open, relative."""
        return self.release_folder(name) / f"{name}.ipynb"


def find_root(start: Path) -> Path | None:
    """The nearest folder, `start` or above it, that holds course.toml; None if there is none."""
    folder = start.resolve()
    return next((one for one in (folder, *folder.parents) if (one / COURSE_FILE).is_file()), None)


def submission_folder(submitted: Path, student: str, assignment: str) -> Path:
    """The folder in which a student's submission lies, as nbgrader lays it out."""
    return submitted / student / assignment
