"""A toy course with one released assignment, and hands to damage its notebook with."""

import copy
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.course import config as course_file
from autograder.intake import Submission, read_submission

DATA = '''def prepare_images(images):
    """uint8 (N, 28, 28) to float32 (N, 28, 28, 1)."""
    # YOUR CODE HERE
    raise NotImplementedError()


def one_hot(labels, classes=10):
    """Integer labels to one-hot rows."""
    # YOUR CODE HERE
    raise NotImplementedError()
'''
SIZE = '''def conv_output_size(size, kernel, stride=1, padding="valid"):
    """Length of a convolution's output."""
    # YOUR CODE HERE
    raise NotImplementedError()
'''
MY_DATA = DATA.replace("    # YOUR CODE HERE\n    raise NotImplementedError()", "    return 'my data'")
MY_SIZE = SIZE.replace(
    "    # YOUR CODE HERE\n    raise NotImplementedError()", "    return (size - kernel) // stride + 1"
)
LOOK = "images = prepare_images(raw_images)\nprint(images.shape)"
SETUP = "import numpy as np\n\nraw_images = np.zeros((3, 28, 28), dtype='uint8')\nEPOCHS = 10"
TRAIN = (
    "records = {}\nfor name in ('adam', 'sgd'):\n    records[name] = cnnkit.record(train_convnet, name, epochs=EPOCHS)"
)
START = 'import cnnkit\n\ncnnkit.start("toy", student="")'
MIME = "application/vnd.cnnkit.record+json"


def _cell(kind, source, grade_id="", tags=(), **flags):
    metadata = {"tags": list(tags)} if tags else {}
    if grade_id:
        metadata["nbgrader"] = {
            "grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3,
            "grade_id": grade_id, **flags,
        }  # fmt: skip
    cell = {
        "cell_type": kind,
        "id": f"id-{grade_id or abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "source": source,
    }
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def release_cells():
    return [
        _cell("markdown", "# Toy\n\nRead this first.", "intro", locked=True),
        _cell("code", SETUP, "setup", locked=True),
        _cell("code", START),
        _cell("markdown", "| layer | my prediction |\n|---|---|\n| Conv2D |  |"),
        _cell("code", DATA, "data_solution", solution=True),
        _cell("code", LOOK, "look", locked=True),
        _cell("code", "cnnkit.check.data(prepare_images, one_hot)", "data", grade=True, locked=True, points=2),
        _cell("code", SIZE, "size_solution", solution=True),
        _cell("code", "cnnkit.check.size(conv_output_size)", "size", grade=True, locked=True, points=4),
        _cell("code", TRAIN, "train", ["skip-in-grading"], locked=True),
        _cell("markdown", "YOUR ANSWER HERE", "discussion", grade=True, solution=True, points=4),
        _cell("markdown", "Hand in this file.", "the_end", locked=True),
    ]


def notebook(cells, minor=5):
    return {
        "cells": cells,
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": minor,
    }


def answered():
    """The release with right answers in its solution cells."""
    cells = copy.deepcopy(release_cells())
    cells[4]["source"], cells[7]["source"], cells[10]["source"] = MY_DATA, MY_SIZE, "Adam wins, since it adapts."
    return cells


def record_output(data):
    return {"output_type": "display_data", "data": {MIME: data, "text/plain": "a run"}, "metadata": {}}


@dataclass
class Toy:
    """The toy course; `read(...)` hands in cells, a whole notebook or bytes and reads them back."""

    root: Path

    DATA, SIZE, MY_DATA, MY_SIZE = DATA, SIZE, MY_DATA, MY_SIZE
    SETUP, START, LOOK, TRAIN, MIME = SETUP, START, LOOK, TRAIN, MIME
    release_cells = staticmethod(release_cells)
    answered = staticmethod(answered)
    notebook = staticmethod(notebook)
    record_output = staticmethod(record_output)
    cell = staticmethod(_cell)

    @property
    def course(self):
        return course_file.load_course(self.root)

    @property
    def folder(self):
        return self.root / "submitted" / "s01" / "toy"

    def put(self, content, name="toy.ipynb"):
        if isinstance(content, list):
            content = notebook(content)
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def zip(self, members, name="toy.zip"):
        """Hand in a zip file; notebooks among its members are given as cells."""
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as file:
            for path, content in members.items():
                file.writestr(path, json.dumps(notebook(content)) if isinstance(content, list) else content)
        return self.put(data.getvalue(), name)

    def add_assignment(self, name, cells):
        """Release another assignment in the same course."""
        with (self.root / "course.toml").open("a") as file:
            file.write(f'[assignments.{name}]\ntitle = "Another"\n[assignments.{name}.points]\nboard = 1\n')
        release = self.root / "assignments" / name / f"{name}.ipynb"
        release.parent.mkdir(parents=True)
        release.write_text(json.dumps(notebook(cells)))

    def read(self, content=None, name="toy.ipynb") -> Submission:
        if content is not None:
            self.put(content, name)
        return read_submission(self.folder, "toy", "s01", self.course)


@pytest.fixture(scope="session")
def toys(tmp_path_factory):
    """Make a toy course."""

    def make() -> Toy:
        root = tmp_path_factory.mktemp("course")
        (root / "course.toml").write_text(
            '[course]\nname = "Toy"\nid = "toy"\nrepository = "https://example.org/toy"\n'
            '[assignments.toy]\ntitle = "Toy"\n[assignments.toy.points]\ndata = 2\nsize = 4\n'
        )
        release = root / "assignments" / "toy" / "toy.ipynb"
        release.parent.mkdir(parents=True)
        release.write_text(json.dumps(notebook(release_cells())))
        return Toy(root)

    return make


@pytest.fixture(scope="session")
def shared_toy(toys):
    """One toy course for the many examples of a property test, each of which writes the notebook anew."""
    return toys()


@pytest.fixture
def toy(toys):
    return toys()
