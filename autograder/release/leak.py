"""Search for leaks: solutions, reference answers and hidden tests in what students get."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.config import Course
from autograder.release.secrets import MARKERS, Secret, SecretKind, secrets, squeeze

TEXT_BYTES = 20_000_000
"""Larger files (data sets) hold no text worth reading."""


@dataclass(frozen=True)
class Leak:
    """Secret text found in a release.

    Attributes:
        kind: of the secret.
        file: path inside what was searched; in an archive "archive.whl/member".
        location: "cell 7 (architecture)" in a notebook, "line 12" elsewhere.
        text: the secret text, in one line.
    """

    kind: SecretKind
    file: str
    location: str
    text: str

    def __str__(self) -> str:
        text = self.text if len(self.text) <= 100 else self.text[:99] + "…"
        return f"{self.file}, {self.location}: {self.kind}: {text}"


def leaks(course: Course, name: str, where: bytes | Path | Mapping[str, bytes]) -> list[Leak]:
    """Search a release for what students must not see.

    Args:
        course: the course.
        name: the assignment whose secrets are searched for.
        where: the bytes of the release notebook, a file, a folder, a wheel, or the content of files by name.

    Returns:
        The leaks, in the order of files; empty for a clean release.

    Raises:
        CourseError, ReleaseError: the assignment's source cannot be built, so its secrets are not known.
        FileNotFoundError: `where` does not exist.
    """
    known = [Secret(kind="marker", text=text, key=squeeze(text)) for text in MARKERS] + secrets(course, name)
    found = []
    if isinstance(where, bytes):
        where = {course.layout.release_notebook(name).as_posix(): where}
    for shown, data in _files(where):
        found += _search(shown, data, known)
    return found


def _files(where: Path | Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    if not isinstance(where, Path):
        yield from where.items()
    elif where.is_dir():
        for path in sorted(path for path in where.rglob("*") if path.is_file()):
            yield from _file(path, path.relative_to(where).as_posix())
    else:
        yield from _file(where, where.name)


def _file(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    data = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(data)):
        yield shown, data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if not member.is_dir() and member.file_size <= TEXT_BYTES:
                yield f"{shown}/{member.filename}", archive.read(member)


def _search(file: str, data: bytes, known: list[Secret]) -> list[Leak]:
    if len(data) > TEXT_BYTES:
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return []
    notebook = _notebook(text) if file.endswith(".ipynb") else None
    if notebook is None:
        return [
            Leak(secret.kind, file, f"line {_line(text, secret)}", secret.text)
            for secret in _contained(squeeze(text), known)
        ]
    found = []
    for location, content in _cells(notebook):
        found += [Leak(secret.kind, file, location, secret.text) for secret in _contained(squeeze(content), known)]
    return found


def _notebook(text: str) -> dict[str, Any] | None:
    try:
        notebook = json.loads(text)
    except ValueError:
        return None
    return notebook if isinstance(notebook, dict) and isinstance(notebook.get("cells"), list) else None


def _cells(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the location and all text of each cell, outputs and metadata included, then the notebook's metadata."""
    for number, cell in enumerate(notebook["cells"], start=1):
        meta = cell.get("metadata", {}).get("nbgrader", {}) if isinstance(cell, dict) else {}
        grade_id = meta.get("grade_id", "") if isinstance(meta, dict) else ""
        yield f"cell {number}" + (f" ({grade_id})" if grade_id else ""), "\n".join(_strings(cell))
    yield "metadata", "\n".join(_strings({key: value for key, value in notebook.items() if key != "cells"}))


def _strings(value: Any) -> Iterator[str]:
    """Yield every string in JSON data; a list of strings is text in lines, as notebooks store it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)


def _contained(text: str, known: list[Secret]) -> Iterator[Secret]:
    return (secret for secret in known if secret.key in text)


def _line(text: str, secret: Secret) -> int:
    """Number of the line in which the secret begins, from 1."""
    position = squeeze(text).index(secret.key)
    passed = 0
    for number, line in enumerate(text.split("\n"), start=1):
        passed += len(squeeze(line))
        if passed > position:
            return number
    return 1
