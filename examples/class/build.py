"""Build the sample class's submissions: `python examples/class/build.py [FOLDER]` (submitted/ unless said otherwise)."""

import argparse
import json
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from autograder.course import Course, load
from autograder.rubrics.mnist_convnet import mutants
from autograder.rubrics.mnist_convnet.equivalents import EQUIVALENTS
from autograder.samples import apply, notebook_with, reference_cells
from cnnkit.training import TrainingRecord

HERE = Path(__file__).parent
NAME = "mnist_convnet"
SAMPLES = {
    sample.name: sample
    for sample in [*mutants.MUTANTS, *EQUIVALENTS, mutants.ENDLESS_LOOP, mutants.RAISES, mutants.EXITS]
}
ANSWER = (
    "Adam wins: its loss is the lowest from the first epoch on. Adadelta barely moves because Keras's default learning "
    "rate is 0.001, while the paper's is 1.0. So it is the setting that is compared here, not the method."
)


def read_class() -> dict[str, dict[str, Any]]:
    """The students of class.toml."""
    return tomllib.loads((HERE / "class.toml").read_text(encoding="utf-8"))


def build(course: Course, folder: Path) -> None:
    """Write every student's submission below `folder`."""
    reference = reference_cells(course, NAME)
    for student, asked in read_class().items():
        answers = {} if asked.get("answers") == "none" else reference | {"discussion": ANSWER}
        cells = apply(answers, [SAMPLES[name] for name in asked.get("samples", ())])
        data = notebook_with(
            course, NAME, cells, student=student, records=records(asked.get("records")), quick=asked.get("quick", False)
        )
        file, data = DAMAGE[asked.get("damage", "none")](data)
        target = folder / student / NAME
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        (target / file).write_bytes(data)


def records(name: str | None) -> dict[str, TrainingRecord]:
    """The training records of one folder, by run."""
    if name is None:
        return {}
    files = sorted((HERE / "records" / name).glob("*.json"))
    found = [msgspec.json.decode(file.read_bytes(), type=TrainingRecord) for file in files]
    return {record.run: record for record in found}


def strip_metadata(data: bytes) -> tuple[str, bytes]:
    """What some editors and upload forms leave of a notebook."""
    notebook = json.loads(data)
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return f"{NAME}.ipynb", json.dumps(notebook).encode()


def duplicate_and_delete(data: bytes) -> tuple[str, bytes]:
    """A check copied to be run twice; half of the explanations, and a check, thrown away."""
    notebook = json.loads(data)
    kept = []
    for position, cell in enumerate(notebook["cells"]):
        grading = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown" and grading.get("locked") and position % 2:
            continue
        if grading.get("grade_id") == "curves":
            continue
        kept.append(cell)
        if grading.get("grade_id") == "architecture":
            kept.append(cell)
    notebook["cells"] = kept
    return f"{NAME}.ipynb", json.dumps(notebook).encode()


DAMAGE: dict[str, Callable[[bytes], tuple[str, bytes]]] = {
    "none": lambda data: (f"{NAME}.ipynb", data),
    "strip_metadata": strip_metadata,
    "duplicate_and_delete": duplicate_and_delete,
    "rename": lambda data: ("my homework (final).ipynb", data),
    "not_a_notebook": lambda data: (f"{NAME}.ipynb", b"%PDF-1.7 this was meant to be a notebook\n"),
    "empty": lambda data: (f"{NAME}.ipynb", b""),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    course = load(HERE)
    folder = parser.parse_args().folder or course.root / "submitted"
    others = {path.name for path in folder.glob("*") if not path.name.startswith(".")} - set(read_class())
    if others:
        sys.exit(
            f"{folder} holds the work of others ({', '.join(sorted(others)[:5])}); name another folder for the sample class."
        )
    build(course, folder)
    print(f"{len(read_class())} submissions in {folder}")


if __name__ == "__main__":
    main()
