"""Read a submitted folder into a `Submission`, or find the reason why it cannot be graded."""

from __future__ import annotations

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.course.config import Course
from autograder.intake import files, innards
from autograder.intake.archive import SubmittedFiles
from autograder.intake.arrange import arrange
from autograder.intake.check_positions import checked_functions
from autograder.intake.files import Entry, SubmittedFolder
from autograder.intake.match import Matching, match
from autograder.intake.notebook_file import NotANotebook, SubmittedCell
from autograder.intake.release_notebook import Release, load_releases
from autograder.intake.repair import answers, cells_to_run, repaired
from autograder.intake.select_notebook import Selection, select_notebook
from autograder.intake.side_files import collect_side_files, used_modules
from autograder.intake.submission import Submission, Ungradable
from autograder.intake.training_records import collect_records
from autograder.intake.written_answers import find_files
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
    releases = load_releases(course, assignment)
    release = releases[assignment]
    try:
        opened = SubmittedFolder(folder)
    except files.Unreadable as error:
        raise Ungradable(f"The folder {_shown(folder)} {error}.", files.NO_FILES) from None
    with opened:
        submitted = SubmittedFiles(opened)
        try:
            selection = select_notebook(submitted, assignment, releases)
        except (files.Unreadable, NotANotebook) as error:
            raise Ungradable(str(error), opened.digest()) from None
        notebook = selection.chosen.notebook
        records, record_notes = _records(submitted, selection, assignment)
        weights, weight_notes = _weights(submitted, records)
        side_files, side_notes = collect_side_files(submitted, notebook.cells)
        digest = opened.digest()
    matching = match(notebook.cells, release)
    answer_notes = _answers_in_files(submitted, matching, release)
    placed = arrange(release, matching)
    modules = used_modules(side_files, notebook.cells)
    record_notes += weight_notes
    notes = [
        *_left_out(opened.entries),
        *submitted.notes,
        *selection.notes,
        *answer_notes,
        *notebook.notes,
        *matching.notes,
        *record_notes,
        *side_notes,
        *_used(modules),
    ]
    cells = cells_to_run(placed, notebook.cells, release)
    own = [(cell.number, cell.source) for cell in cells if cell.role == "student"]
    if said := innards.note(innards.innards(own, [cell.source for cell in cells if cell.role != "student"])):
        notes.insert(0, said)
    return Submission(
        assignment=assignment,
        student=student,
        folder=folder,
        cells=cells,
        records=records,
        weights=weights,
        answers=answers(placed),
        notes=_bounded(notes),
        left_aside=_bounded([*selection.left_aside, *answer_notes]),
        digest=digest,
        exercises=checked_functions(release),
        files=side_files,
        repair=functools.partial(repaired, release, placed, modules),
    )


def _answers_in_files(submitted: SubmittedFiles, matching: Matching, release: Release) -> list[str]:
    """Leave written answers that may stand in a file to a person, with a note on each."""
    files_there = [(entry.path, entry.shown) for entry in submitted.entries]
    notes = []
    for slot in release.cells:
        if slot.role == "written" and slot.index not in matching.doubts:
            found = [one_line(shown, 80) for _, shown in find_files(slot, matching.taken, files_there)[:5]]
            if found:
                names = ", ".join(found)
                matching.doubts[slot.index] = f"*(Nothing is written here. Is the answer in {names}?)*"
                notes.append(f"The cell for the written answer {slot.grade_id} is empty; {names} may hold it.")
    return notes


def _left_out(entries: list[Entry]) -> list[str]:
    """Notes on files that are not opened; those of zip files and notebooks say so themselves."""
    return [
        f"The file {one_line(entry.path, 80)} was left out: it {entry.problem}."
        for entry in entries
        if entry.problem and not entry.name.lower().endswith(".zip")
    ]


def _records(
    submitted: SubmittedFiles, selection: Selection, assignment: str
) -> tuple[dict[str, TrainingRecord], list[str]]:
    """The training records beside the chosen notebook and in it; of runs that it lacks, those of other places.

    A notebook whose outputs were cleared, or the older of two, often lies beside the zip file with the records.
    """
    places = _record_files(submitted)
    archive = selection.chosen.entry.archive
    records, notes = collect_records(places.pop(archive, []), selection.chosen.notebook.cells, assignment)
    elsewhere: list[tuple[str, list[tuple[str, bytes]], Sequence[SubmittedCell]]]
    elsewhere = [(place, found, ()) for place, found in places.items()]
    elsewhere += [(one.entry.shown, [], one.notebook.cells) for one in selection.others]
    for place, found, cells in elsewhere:
        more, more_notes = collect_records(found, cells, assignment)
        missing = {
            run: record
            for run, record in more.items()
            if run not in records and record.assignment in ("", assignment) and len(records) < record_bounds.MOST_RUNS
        }
        if missing and (cells or place):
            runs = ", ".join(one_line(run, 40) for run in missing)
            notes.append(f"Training records that the notebook lacks were taken from {one_line(place, 80)}: {runs}.")
        records |= missing
        notes += [] if cells else more_notes
    return dict(list(records.items())[: record_bounds.MOST_RUNS]), notes


def _record_files(submitted: SubmittedFiles) -> dict[str, list[tuple[str, bytes]]]:
    """Name and content of each file with a record, by the archive that holds it: "" for the folder itself."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for entry in [entry for entry in submitted.entries if _RECORD_FILE.fullmatch(entry.path)][:MAX_RECORD_FILES]:
        place = found.setdefault(entry.archive, [])
        try:
            place.append((entry.shown, submitted.read(entry, record_bounds.LARGEST_RECORD)))
        except files.Unreadable as error:
            # Passed on as content that is no record: `collect_records` notes it with the others.
            place.append((f"{entry.shown} (which {error})", b"null"))
    return found


def _weights(submitted: SubmittedFiles, records: Mapping[str, TrainingRecord]) -> tuple[dict[str, bytes], list[str]]:
    """Files with final weights by run, unread, and notes on those that are too large or belong to no record here.

    A record names the hash of its weights. Weights of a different run, which a training that was stopped or a notebook
    that was saved too early leaves behind, would contradict it.
    """
    named: dict[str, list[Entry]] = defaultdict(list)
    for entry in submitted.entries:
        named[entry.path.lower()].append(entry)
    found: dict[str, bytes] = {}
    notes = []
    for run, record in records.items():
        doubts = []
        for entry in named[f"records/{record_file_name(run, 'npz')}".lower()]:
            try:
                left = record_bounds.LARGEST_WEIGHTS_IN_ALL - sum(map(len, found.values()))
                data = submitted.read(entry, min(record_bounds.LARGEST_WEIGHTS, left))
            except files.Unreadable as error:
                doubts.append(f"The final weights {entry.shown} were ignored: the file {error}.")
                continue
            if record.weights == f"sha256:{hashlib.sha256(data).hexdigest()}":
                found[run] = data
                break
            doubts.append(f"The final weights {entry.shown} were ignored: they are those of another run.")
        notes += doubts if run not in found else []
    return found, notes


def _used(modules: Mapping[str, str]) -> list[str]:
    return [
        f"The file {one_line(path, 80)} was handed in beside the notebook, which uses it. It is part of the work."
        for path in modules
    ]


def _bounded(notes: Iterable[str]) -> tuple[str, ...]:
    cleaned = ["".join(c if c.isprintable() else " " for c in note)[:500] for note in dict.fromkeys(notes)]
    if len(cleaned) > MAX_NOTES:
        cleaned = [*cleaned[:MAX_NOTES], f"And {len(cleaned) - MAX_NOTES} more repairs of the same kinds."]
    return tuple(cleaned)


def _shown(folder: Path) -> str:
    return "/".join(folder.parts[-2:])
