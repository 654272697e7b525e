"""`cnnkit.submit`: the notebook, its training records and their weights in one file to hand in."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from cnnkit import assignments
from cnnkit.record_files import FOLDER, file_name
from cnnkit.session import Session, current

_LIKELY_LARGEST = 10_000_000
"""Bytes that a hand-in of three runs has at most; a larger one is said to be large."""

_SAVE_FIRST = "Save the notebook first (Ctrl+S), or your last outputs are not in it."


@dataclass(frozen=True)
class HandIn:
    """What was packed; a notebook shows it in words.

    Attributes:
        path: of the zip file.
        size: its bytes.
        packed: names of the files in it.
        warnings: what may be missing, a sentence each.
    """

    path: Path
    size: int
    packed: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def _lines(self) -> list[str]:
        records = [name for name in self.packed if name.endswith(".json")]
        weights = [name for name in self.packed if name.endswith(".npz")]
        runs = ", ".join(Path(name).stem for name in records) or "none"
        lines = [f"✓ {self.path.name} ({self.size / 1e6:.1f} MB) is ready: hand this file in."]
        lines.append(f"  In it: the notebook; records of {runs}; the final weights of {len(weights)} of them.")
        return lines + [f"○ {warning}" for warning in self.warnings]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        items = "".join(f"<div>{escape(line)}</div>" for line in self._lines())
        return f'<div style="border-left:4px solid #3b78b5;padding:.3em .9em;line-height:1.6">{items}</div>'


def submit(folder: str | Path = ".") -> HandIn:
    """Pack the notebook and its training records into one zip file, `<assignment>-<student>.zip`.

    The notebook is taken as it was saved last, so save it before. On Colab, where it is no file, it is asked for.

    Args:
        folder: where the notebook lies, and where the zip file is written.

    Returns:
        What was packed.

    Raises:
        RuntimeError: `cnnkit.start` has not been called.
        FileNotFoundError: there is no notebook of the assignment's name.

    Example:
        >>> cnnkit.submit()  # doctest: +SKIP
        ✓ mnist_convnet-s1234567.zip (6.6 MB) is ready: hand this file in.
    """
    session = current()
    if session is None:
        raise RuntimeError('expected cnnkit.start("<assignment>", student="...") before cnnkit.submit(); run that cell')
    folder = Path(folder)
    warnings = [] if session.student else ['No student id: write it at the top, student="...", and run the cell.']
    notebook, saved = _notebook(folder, session.assignment)
    members = {f"{session.assignment}.ipynb": notebook}
    for record, data, weights in _records(folder, session):
        run = str(record.get("run", ""))
        members[f"{FOLDER}/{file_name(run, 'json')}"] = data
        if weights is not None:
            members[f"{FOLDER}/{file_name(run, 'npz')}"] = weights
        warnings += _warnings_of(record, weights, session.student)
    if not any(name.startswith(f"{FOLDER}/") for name in members):
        warnings.append("There is no training record in records/: has the cell with cnnkit.record been run?")
    if saved is not None and any(file.stat().st_mtime > saved + 2 for file in (folder / FOLDER).glob("*.json")):
        warnings.append(
            f"The notebook was saved before the last training ended. {_SAVE_FIRST} Then run this cell again."
        )
    target = folder / _file_name(session)
    target.write_bytes(_zip(members))
    size = target.stat().st_size
    if size > _LIKELY_LARGEST:
        warnings.append(f"{size / 1e6:.0f} MB is much; if the upload fails, hand in the notebook alone.")
    _offer(target)
    return HandIn(target, size, tuple(members), tuple(warnings))


def _notebook(folder: Path, assignment: str) -> tuple[bytes, float | None]:
    """The notebook's bytes, and when it was saved; None for one that is no file."""
    file = folder / f"{assignment}.ipynb"
    if file.is_file():
        return file.read_bytes(), file.stat().st_mtime
    if (found := _from_colab()) is not None:
        return found, None
    others = sorted(path.name for path in folder.glob("*.ipynb"))
    hint = f"found {', '.join(others[:5])}: rename yours" if others else "found no notebook: is this its folder?"
    raise FileNotFoundError(f"expected {assignment}.ipynb in {folder.resolve().name or 'this folder'}, {hint}")


def _from_colab() -> bytes | None:
    """The notebook as Colab's page has it; None elsewhere."""
    try:
        from google.colab import _message
    except ImportError:
        return None
    answer = _message.blocking_request("get_ipynb", timeout_sec=30)
    return json.dumps(answer["ipynb"]).encode()


def _offer(path: Path) -> None:
    """On Colab, offer the file for download."""
    try:
        from google.colab import files
    except ImportError:
        return
    files.download(str(path))


def _records(folder: Path, session: Session) -> list[tuple[dict[str, Any], bytes, bytes | None]]:
    """The records of this assignment and student: as data, as bytes, and the bytes of the weights."""
    found = []
    for file in sorted((folder / FOLDER).glob("*.json")):
        data = file.read_bytes()
        try:
            record = json.loads(data)
        except ValueError:
            continue
        if not isinstance(record, dict) or record.get("assignment") != session.assignment:
            continue
        weights = file.with_suffix(".npz")
        found.append((record, data, weights.read_bytes() if weights.is_file() else None))
    return found


def _warnings_of(record: dict[str, Any], weights: bytes | None, student: str) -> list[str]:
    run, done = record.get("run"), len(record.get("history", {}).get("loss", []))
    warnings = []
    if done < record.get("epochs", 0):
        warnings.append(f"{run}: {done} of {record['epochs']} epochs. Run its cell again; it goes on from there.")
    if weights is None:
        warnings.append(f"{run}: its final weights are not in {FOLDER}/, so the record cannot be fully checked.")
    if record.get("student") != student:
        warnings.append(f"{run}: recorded under the student id {record.get('student')!r}. Run its cell again.")
    return warnings


def _file_name(session: Session) -> str:
    student = re.sub(r"[^\w.-]+", "_", session.student, flags=re.ASCII)[:40]
    return f"{assignments.find(session.assignment).name}{'-' if student else ''}{student}.zip"


def _zip(members: dict[str, bytes]) -> bytes:
    """The same bytes for the same members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            item.external_attr = 0o100644 << 16
            packed = name.endswith(".npz")  # is compressed already
            item.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(item, data)
    return file.getvalue()
