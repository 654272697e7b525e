"""`cnnkit.submit`: the notebook, its training records and their weights, and its modules in one file to hand in."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnkit.atomic_write import write_atomically
from cnnkit.card import card
from cnnkit.execution import runs_under_a_grader
from cnnkit.grading_packages import packages_text
from cnnkit.linear_pattern import compile_linear
from cnnkit.notebook_imports import imported_by
from cnnkit.recording import record_bounds
from cnnkit.recording.record_files import FOLDER, record_file_name
from cnnkit.recording.schema import MIME
from cnnkit.session import Session, current_session

_LIKELY_LARGEST = 10_000_000
"""Bytes; a larger hand-in gets a warning."""

_UNSAFE = compile_linear(r"[^\w.-]++", re.ASCII)

_SAME = ("weights", "initial", "seconds", "student")
"""Fields in which two copies of the same record agree."""


@dataclass(frozen=True)
class SubmissionFile:
    """The zip file to hand in. A notebook shows its content in words.

    Attributes:
        path: of the zip file.
        size: its bytes.
        packed: names of the files in it.
        runs: a line for each run.
        warnings: a sentence for each thing that may be missing.
    """

    path: Path
    size: int
    packed: tuple[str, ...]
    runs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def _lines(self) -> list[str]:
        if not self.packed:
            return [f"○ {warning}" for warning in self.warnings]
        lines = [f"✓ {self.path.name} ({self.size / 1e6:.1f} MB) is ready: hand this file in."]
        modules = [name for name in self.packed if name.endswith(".py")]
        beside = [f"{', '.join(modules)}, which the notebook imports"] if modules else []
        lines += [f"✓ {line}" for line in (f"the notebook {self.packed[0]}", *self.runs, *beside)]
        return lines + [f"○ {warning}" for warning in self.warnings]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return card("", self._lines())


def submit(folder: str | Path = ".") -> SubmissionFile:
    """Pack the notebook and its training records into one zip file, `<assignment>-<student>.zip`.

    Modules beside the notebook that it imports are packed too. The notebook is packed as it was last saved, so save it
    first. On Colab, where it is no file, the page is asked for it. While nbgrader or the grader runs the notebook
    nothing is packed.

    Args:
        folder: of the notebook; the zip file is written there.

    Returns:
        A description of the file; `.path` is where it is. As the last line of a cell it shows itself.

    Raises:
        RuntimeError: `cnnkit.start` has not been called.
        FileNotFoundError: there is no notebook of the assignment's name.
        OSError: the zip file cannot be written.

    Example:
        >>> cnnkit.submit()  # in a notebook  # doctest: +SKIP
        ✓ mnist_convnet-s1234567.zip (8.9 MB) is ready: hand this file in.
    """
    session = current_session()
    if session is None:
        raise RuntimeError('expected cnnkit.start("<assignment>", student="...") before cnnkit.submit(); run that cell')
    folder = Path(folder)
    target = folder / _file_name(session)
    if runs_under_a_grader():
        return SubmissionFile(target, 0, (), warnings=("Nothing is packed while nbgrader runs the notebook.",))
    notebook = _notebook(folder, session.assignment)
    runs = list(_runs(folder, session.assignment))
    members = {f"{session.assignment}.ipynb": notebook}
    for run in runs:
        members |= run.members()
    modules, absent = imported_by(notebook, folder)
    members |= modules
    packed = _zip(members)
    write_atomically(target, packed)
    size = len(packed)
    warnings = [*_about(session), *_about_notebook(notebook, session, runs), *_about_packages(absent)]
    warnings += [warning for run in runs for warning in run.warnings(session.student)]
    if size > _LIKELY_LARGEST:
        warnings.append(f"{size / 1e6:.0f} MB is much; if the upload fails, hand in the notebook alone.")
    _offer(target)
    return SubmissionFile(target, size, tuple(members), tuple(run.line() for run in runs), tuple(warnings))


@dataclass(frozen=True)
class _PackedRun:
    """A record in records/, and the final weights beside it.

    Attributes:
        record: as JSON data.
        data: its file.
        weights: the file beside it; None without one.
        room: bytes of weights that a grader still reads, after those of the runs before.
    """

    record: Mapping[str, Any]
    data: bytes
    weights: bytes | None
    room: int

    @property
    def name(self) -> str:
        return str(self.record.get("run", ""))

    @property
    def has_its_weights(self) -> bool:
        """True if the weights beside the record are its own, by their hash, and small enough to be packed."""
        if self.weights is None or len(self.weights) > self.room:
            return False
        return self.record.get("weights") == f"sha256:{hashlib.sha256(self.weights).hexdigest()}"

    def members(self) -> dict[str, bytes]:
        found = {f"{FOLDER}/{record_file_name(self.name, 'json')}": self.data}
        if self.weights is not None and self.has_its_weights:
            found[f"{FOLDER}/{record_file_name(self.name, 'npz')}"] = self.weights
        return found

    def line(self) -> str:
        images = f"{self._number('images'):,}"
        weights = ", with its final weights" if self.has_its_weights else ""
        return f"{self.name}: {_epochs(self.record)} of {self._number('epochs')} epochs on {images} images{weights}"

    def warnings(self, student: str) -> Iterator[str]:
        """A sentence for each thing that may cost marks."""
        done, asked, whose = _epochs(self.record), self._number("epochs"), self.record.get("student", "")
        if done < asked:
            yield f"{self.name}: {done} of {asked} epochs. Run its cell again; it goes on from there if it can."
        if self.weights is not None and len(self.weights) > self.room:
            size = f"{len(self.weights) / 1e6:.0f} MB"
            yield f"{self.name}: its final weights ({size}) are too large to hand in; the record is checked in part."
        elif not self.has_its_weights:
            yield (
                f"{self.name}: its final weights are not in {FOLDER}/, so the record is checked in part only. "
                "Run its cell again if you have the time."
            )
        if whose != student:
            yield f"{self.name}: recorded under the student id {whose!r}, not {student!r}. Run its cell again."

    def _number(self, name: str) -> int:
        found = self.record.get(name)
        return found if isinstance(found, int) else 0


def _about(session: Session) -> Iterator[str]:
    if not session.student:
        yield 'No student id: write it at the top, student="...", and run that cell and the training cells again.'
    if session.quick:
        yield "This is the quick mode. What counts is the full run: set QUICK = False and run all cells again."


def _about_notebook(notebook: bytes, session: Session, runs: list[_PackedRun]) -> Iterator[str]:
    """Compare the records in the notebook's outputs with these runs; a sentence for each difference."""
    try:
        shown = _shown(notebook, session.assignment)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        yield "The notebook cannot be read as one. Save it, open it again and look whether all is there."
        return
    if not runs and not shown:
        yield "There is no training record: has the cell with cnnkit.record been run?"
    older = [run.name for run in runs if not _same(run.record, shown.get(run.name))]
    if older:
        yield (
            f"The notebook was saved before the training of {', '.join(older)} ended. Save it (Ctrl+S), "
            "then run this cell again."
        )
    lost = sorted(set(shown) - {run.name for run in runs})
    if lost:
        yield (
            f"{', '.join(lost)}: there is a record in the notebook, but none in {FOLDER}/ with its final weights, "
            "so it is checked in part only. (A new Colab session begins without files.) Run its cell again if you "
            "have the time."
        )


def _about_packages(absent: list[str]) -> Iterator[str]:
    if absent:
        listed = ", ".join(absent[:5])
        yield (
            f"{listed}: not among the packages that are installed where work is graded ({packages_text()}). An import "
            "alone costs nothing; an exercise that uses them fails there."
        )


def _shown(notebook: bytes, assignment: str) -> dict[str, Any]:
    """The records in the outputs of a notebook, by run."""
    found = {}
    for cell in json.loads(notebook)["cells"]:
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(MIME)
            if isinstance(record, list):
                record = "".join(record)
            if isinstance(record, str):
                record = json.loads(record)
            if isinstance(record, dict) and record.get("assignment") == assignment:
                found[str(record.get("run"))] = record
    return found


def _same(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    if other is None:
        return False
    return _epochs(one) == _epochs(other) and all(one.get(name) == other.get(name) for name in _SAME)


def _epochs(record: Mapping[str, Any]) -> int:
    """Number of epochs with a loss."""
    history = record.get("history")
    losses = history.get("loss") if isinstance(history, dict) else None
    return len(losses) if isinstance(losses, list) else 0


def _runs(folder: Path, assignment: str) -> Iterator[_PackedRun]:
    """The records of this assignment that lie in records/."""
    left = record_bounds.LARGEST_WEIGHTS_IN_ALL
    for file in sorted((folder / FOLDER).glob("*.json")):
        try:
            data = file.read_bytes()
            record = json.loads(data)
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(record, dict) and record.get("assignment") == assignment:
            beside = file.with_suffix(".npz")
            weights = beside.read_bytes() if beside.is_file() else None
            run = _PackedRun(record, data, weights, min(record_bounds.LARGEST_WEIGHTS, left))
            if weights is not None and run.has_its_weights:
                left -= len(weights)
            yield run


def _notebook(folder: Path, assignment: str) -> bytes:
    """The notebook as it was last saved, or as Colab's page has it."""
    file = folder / f"{assignment}.ipynb"
    if file.is_file():
        return file.read_bytes()
    if (found := _from_colab()) is not None:
        return found
    others = sorted(path.name for path in folder.glob("*.ipynb"))
    hint = f"found {', '.join(others[:5])}: rename yours" if others else "found no notebook: is this its folder?"
    raise FileNotFoundError(f"expected {assignment}.ipynb in {folder.resolve().name or 'this folder'}, {hint}")


def _from_colab() -> bytes | None:
    """The notebook as Colab's page has it; None elsewhere, or if the page does not respond."""
    try:
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", timeout_sec=30)
        return json.dumps(answer["ipynb"]).encode()
    except Exception:  # not Colab, or a version without this call
        return None


def _offer(path: Path) -> None:
    """On Colab, offer the file for download."""
    try:
        from google.colab import files

        files.download(str(path))
    except Exception:  # not Colab, or a browser that refuses; the file is still in Colab's folder
        return


def _file_name(session: Session) -> str:
    student = _UNSAFE.sub("_", session.student)[:40]
    return f"{session.assignment}{'-' if student else ''}{student}.zip"


def _zip(members: Mapping[str, bytes]) -> bytes:
    """A zip file, the same bytes for the same members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            item.external_attr = 0o100644 << 16
            packed = name.endswith(".npz")  # is compressed already
            item.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(item, data)
    return file.getvalue()
