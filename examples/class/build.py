"""Build the sample class's submissions: `python examples/class/build.py [FOLDER]` (submitted/ unless said otherwise)."""

import argparse
import json
import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from autograder.course.config import Course, load_course
from autograder.audit.samples import Sample, apply_samples
from autograder.audit.submissions import notebook_with, reference_cells
from cnnkit.session import seed_of
from cnnkit.recording.schema import TrainingRecord

HERE = Path(__file__).parent


def read_class(course: Course) -> dict[str, dict[str, Any]]:
    """Read <assignment>/class.toml of each assignment that has one: `students`, and `written` answers."""
    files = {name: HERE / name / "class.toml" for name in course.assignments}
    return {name: tomllib.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.is_file()}


def build(course: Course, folder: Path, name: str) -> None:
    """Write every student's submission of one assignment below `folder`."""
    reference, samples = reference_cells(course, name), samples_of(name)
    asked_of = read_class(course)[name]
    for student, asked in asked_of["students"].items():
        answers = {} if asked.get("answers") == "none" else reference | asked_of["written"]
        cells = apply_samples(answers, [samples[sample] for sample in asked.get("samples", ())])
        made = records(name, asked.get("records"))
        if asked.get("forged"):
            made = {run: relabelled(record, student) for run, record in made.items()}
        data = notebook_with(course, name, cells, student=student, records=made, quick=asked.get("quick", False))
        file, data = DAMAGE[asked.get("damage", "none")](name, data)
        target = folder / student / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        (target / file).write_bytes(data)
        for weights in (HERE / name / asked["records"]).glob("*.npz") if "records" in asked else ():
            (target / "records").mkdir(exist_ok=True)
            shutil.copy(weights, target / "records")


def samples_of(name: str) -> dict[str, Sample]:
    """Samples of an assignment's rubric by name, including those in none of its lists."""
    mutants, equivalents = (import_module(f"autograder.rubrics.{name}.{part}") for part in ("mutants", "equivalents"))
    alone = [value for value in vars(mutants).values() if isinstance(value, Sample)]
    return {sample.name: sample for sample in [*mutants.MUTANTS, *equivalents.EQUIVALENTS, *alone]}


def records(name: str, folder: str | None) -> dict[str, TrainingRecord]:
    """Load the training records of one folder, by run."""
    if folder is None:
        return {}
    files = sorted((HERE / name / folder).glob("*.json"))
    found = [msgspec.json.decode(file.read_bytes(), type=TrainingRecord) for file in files]
    return {record.run: record for record in found}


def relabelled(record: TrainingRecord, student: str) -> TrainingRecord:
    """Put a student's name and seed on a classmate's record, as somebody might who has not trained."""
    return replace(record, student=student, seed=seed_of(record.assignment, student))


def strip_metadata(name: str, data: bytes) -> tuple[str, bytes]:
    """Remove the metadata that some editors and upload forms remove."""
    notebook = json.loads(data)
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return f"{name}.ipynb", json.dumps(notebook).encode()


def duplicate_and_delete(name: str, data: bytes) -> tuple[str, bytes]:
    """Duplicate one check, and delete another and half of the explanations."""
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
    return f"{name}.ipynb", json.dumps(notebook).encode()


DAMAGE: dict[str, Callable[[str, bytes], tuple[str, bytes]]] = {
    "none": lambda name, data: (f"{name}.ipynb", data),
    "strip_metadata": strip_metadata,
    "duplicate_and_delete": duplicate_and_delete,
    "rename": lambda name, data: ("my homework (final).ipynb", data),
    "not_a_notebook": lambda name, data: (f"{name}.ipynb", b"%PDF-1.7 this was meant to be a notebook\n"),
    "empty": lambda name, data: (f"{name}.ipynb", b""),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    course = load_course(HERE)
    folder = parser.parse_args().folder or course.root / "submitted"
    classes = read_class(course)
    students = {student for asked in classes.values() for student in asked["students"]}
    others = {path.name for path in folder.glob("*") if not path.name.startswith(".")} - students
    if others:
        sys.exit(
            f"{folder} holds the work of others ({', '.join(sorted(others)[:5])}); name another folder for the sample class."
        )
    for name, asked in classes.items():
        build(course, folder, name)
        print(f"{len(asked['students'])} submissions of {name} in {folder}")


if __name__ == "__main__":
    main()
