"""Read a submitted folder into a `Submission`, or find the reason why it cannot be graded."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from autograder.course.config import Course
from autograder.intake import files
from autograder.intake.archive import SubmittedFiles
from autograder.intake.arrange import arrange
from autograder.intake.check_positions import checked_functions
from autograder.intake.files import Entry, SubmittedFolder
from autograder.intake.match import match
from autograder.intake.notebook_file import NotANotebook, SubmittedNotebook
from autograder.intake.release_notebook import Release, load_release
from autograder.intake.repair import answers, cells_to_run, repaired
from autograder.intake.select_notebook import select_notebook
from autograder.intake.side_files import collect_side_files, used_modules
from autograder.intake.submission import Submission, Ungradable
from autograder.intake.training_records import collect_records
from cnnkit.linear_pattern import compile_anchored
from cnnkit.recording import record_bounds
from cnnkit.recording.record_files import record_file_name
from cnnkit.recording.schema import TrainingRecord
from cnnkit.text import one_line

MAX_NOTES = 25
MAX_RECORD_FILES = 40

_RECORD_FILE = compile_anchored(r"records/[^/]++(?<=\.json)", re.IGNORECASE)


def read_submission(folder: Path, assignment: str, student: str, course: Course) -> Submission:
    """Read what a student handed in, repair it, and match it to the release notebook.

    Args:
        folder: submitted/<student>/<assignment>. Nothing in it is trusted, changed or executed.
        assignment: its name in course.toml.
        student: the student's id; copied into the result.
        course: gives the path of the release.

    Returns:
        The submission; its notes are plain sentences about what was repaired or ignored.

    Raises:
        Ungradable: there is no notebook that can be read; `str(error)` says what was found and what to do.
        CourseError: the release notebook itself is missing or broken (nothing the student could put right).
    """
    release = load_release(course, assignment)
    try:
        opened = SubmittedFolder(folder)
    except files.Unreadable as error:
        raise Ungradable(f"The folder {_shown(folder)} {error}.", files.NO_FILES) from None
    with opened:
        submitted = SubmittedFiles(opened)
        try:
            notebook, choice_notes = select_notebook(submitted, assignment, lambda found: _belongs(found, release))
        except (files.Unreadable, NotANotebook) as error:
            raise Ungradable(str(error), opened.digest()) from None
        records, record_notes = collect_records(_record_files(submitted), notebook.cells, assignment)
        weights, weight_notes = _weights(submitted, records)
        side_files, side_notes = collect_side_files(submitted, notebook.cells)
        digest = opened.digest()
    matching = match(notebook.cells, release)
    placed = arrange(release, matching)
    modules = used_modules(side_files, notebook.cells)
    record_notes += weight_notes
    notes = [
        *_left_out(opened.entries),
        *submitted.notes,
        *choice_notes,
        *notebook.notes,
        *matching.notes,
        *_nothing_found(notebook, release),
        *record_notes,
        *side_notes,
        *_used(modules),
    ]
    return Submission(
        assignment=assignment,
        student=student,
        folder=folder,
        cells=cells_to_run(placed, notebook.cells, release),
        records=records,
        weights=weights,
        answers=answers(placed),
        notes=_bounded(notes),
        digest=digest,
        exercises=checked_functions(release),
        files=side_files,
        repair=functools.partial(repaired, release, placed, modules),
    )


def _belongs(notebook: SubmittedNotebook, release: Release) -> bool:
    """True if a cell has a grade_id of the release or defines one of its functions."""
    return any(cell.grade_id in release.by_id or cell.defines & release.functions for cell in notebook.cells)


def _left_out(entries: list[Entry]) -> list[str]:
    """Notes on files that are not opened; those of zip files and notebooks say so themselves."""
    return [
        f"The file {one_line(entry.path, 80)} was left out: it {entry.problem}."
        for entry in entries
        if entry.problem and not entry.name.lower().endswith(".zip")
    ]


def _record_files(submitted: SubmittedFiles) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in [entry for entry in submitted.entries if _RECORD_FILE.fullmatch(entry.path)][:MAX_RECORD_FILES]:
        try:
            found.append((entry.path, submitted.read(entry, record_bounds.LARGEST_RECORD)))
        except files.Unreadable as error:
            # Passed on as content that is no record: `collect_records` notes it with the others.
            found.append((f"{entry.path} (which {error})", b"null"))
    return found


def _weights(submitted: SubmittedFiles, records: Mapping[str, TrainingRecord]) -> tuple[dict[str, bytes], list[str]]:
    """Files with final weights by run, unread, and notes on those that are too large or belong to no record here.

    A record names the hash of its weights. Weights of a different run, which a training that was stopped or a notebook
    that was saved too early leaves behind, would contradict it.
    """
    named = {entry.path.lower(): entry for entry in reversed(submitted.entries)}
    found: dict[str, bytes] = {}
    notes = []
    for run, record in records.items():
        entry = named.get(f"records/{record_file_name(run, 'npz')}".lower())
        if entry is None:
            continue
        try:
            left = record_bounds.LARGEST_WEIGHTS_IN_ALL - sum(map(len, found.values()))
            data = submitted.read(entry, min(record_bounds.LARGEST_WEIGHTS, left))
        except files.Unreadable as error:
            notes.append(f"The final weights {entry.path} were ignored: the file {error}.")
            continue
        if record.weights == f"sha256:{hashlib.sha256(data).hexdigest()}":
            found[run] = data
        else:
            notes.append(f"The final weights {entry.path} were ignored: they are those of another run.")
    return found, notes


def _used(modules: Mapping[str, str]) -> list[str]:
    return [
        f"The file {one_line(path, 80)} was handed in beside the notebook, which uses it. It is part of the work."
        for path in modules
    ]


def _nothing_found(notebook: SubmittedNotebook, release: Release) -> list[str]:
    if not release.functions or _belongs(notebook, release):
        return []
    names = ", ".join(f"{name}()" for name in sorted(release.functions))
    return [f"None of this assignment's functions ({names}) was found. Is this the notebook that you meant to hand in?"]


def _bounded(notes: list[str]) -> tuple[str, ...]:
    cleaned = ["".join(c if c.isprintable() else " " for c in note)[:500] for note in dict.fromkeys(notes)]
    if len(cleaned) > MAX_NOTES:
        cleaned = [*cleaned[:MAX_NOTES], f"And {len(cleaned) - MAX_NOTES} more repairs of the same kinds."]
    return tuple(cleaned)


def _shown(folder: Path) -> str:
    return "/".join(folder.parts[-2:])
