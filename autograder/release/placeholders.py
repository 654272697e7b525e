"""`{{...}}` in a source cell: the repository's address, expected outputs and pictures, filled in at build time.

| written in the source | becomes |
|---|---|
| `{{repository}}`, `{{branch}}` | as course.toml has them |
| `{{colab}}` | the address that opens the released notebook in Colab |
| `{{expected:FILE}}` | a fenced text block with the content of solutions/NAME/expected/FILE |
| `{{figure:FILE|alt text|caption}}` | the picture solutions/NAME/expected/FILE, embedded, with alt text and caption |
| `# {{setup}}`, a code cell's first line | the set-up cell with the cell's imports: `autograder.release.setup_cell` |

A placeholder has no space inside its braces; `{{ value }}` with spaces is left as it is.

Pictures are embedded as data URIs, not as notebook attachments: Colab does not show attachments (colabtools issue
3836) and itself stores pasted pictures as data URIs; JupyterLab, VS Code, GitHub and nbconvert show both.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course.config import Course
from autograder.release.release_error import ReleaseError
from autograder.release.setup_cell import SETUP, complete_setup

PLACEHOLDER = re.compile(r"\{\{([a-z_]+)(?::([^{}]*))?\}\}")
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
"""Formats that every notebook program shows from a data URI. (VS Code refuses SVG there.)"""

PICTURE_BYTES = 400_000
"""A picture larger than this makes the notebook slow to open and to send."""

TEXT_BYTES = 20_000


@dataclass(frozen=True)
class CellLocation:
    """Location of a cell, for error messages: "solutions/x/x.py, cell 7 (architecture)"."""

    file: str
    cell: int
    grade_id: str = ""

    def __str__(self) -> str:
        return f"{self.file}, cell {self.cell}" + (f" ({self.grade_id})" if self.grade_id else "")


def fill_in(source: str, course: Course, name: str, location: CellLocation) -> str:
    """Replace every placeholder in a cell.

    Args:
        source: the cell's text.
        course: gives repository, branch and folders.
        name: the assignment.
        location: of the cell, for error messages.

    Returns:
        The source with the values in their places.

    Raises:
        ReleaseError: an unknown placeholder, a missing or unsuitable file, a figure without alternative text.
    """

    def replacement(match: re.Match[str]) -> str:
        kind, argument = match.group(1), match.group(2)
        if argument is None and kind in ("repository", "branch", "colab"):
            return _address(kind, course, name, location)
        if argument and kind == "expected":
            return _expected(course, name, argument.strip(), location)
        if argument and kind == "figure":
            return _figure(course, name, argument, location)
        raise ReleaseError(
            f"{location}: unknown placeholder {match.group(0)}. Expected {{{{repository}}}}, {{{{branch}}}}, "
            "{{colab}}, {{expected:FILE}}, {{figure:FILE|alt text|caption}} or, in the first line of a code cell, "
            f"{SETUP}; for literal braces put a space inside them."
        )

    if source.split("\n", 1)[0] == SETUP:
        source = complete_setup(source, course)
    return PLACEHOLDER.sub(replacement, source)


def colab_address(course: Course, name: str) -> str | None:
    """Address that opens the released notebook in Colab; None if the repository is not on GitHub."""
    match = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", course.course.repository)
    if match is None:
        return None
    owner, repository = match.groups()
    path = f"{owner}/{repository}/blob/{course.course.branch}/{course.layout.release_notebook(name).as_posix()}"
    return f"https://colab.research.google.com/github/{path}"


def _address(kind: str, course: Course, name: str, location: CellLocation) -> str:
    if kind == "repository":
        return course.course.repository
    if kind == "branch":
        return course.course.branch
    address = colab_address(course, name)
    if address is None:
        raise ReleaseError(
            f"{location}: {{{{colab}}}} needs course.toml's repository as https://github.com/OWNER/REPOSITORY, "
            f"found {course.course.repository!r}."
        )
    return address


def _read(course: Course, name: str, file: str, limit: int, location: CellLocation) -> bytes:
    """Read a file of the assignment's `expected` folder."""
    folder = course.layout.expected_folder(name)
    shown = (folder / file).as_posix()
    path = course.root / folder / file
    if Path(file).name != file:
        raise ReleaseError(f"{location}: expected a plain file name in {folder.as_posix()}, found {file!r}.")
    if not path.is_file():
        raise ReleaseError(f"{location}: {shown} is missing; run the solution and save its output there.")
    data = path.read_bytes()
    if len(data) > limit:
        raise ReleaseError(f"{location}: {shown} has {len(data):,} bytes; at most {limit:,} are shown in a notebook.")
    return data


def _expected(course: Course, name: str, file: str, location: CellLocation) -> str:
    data = _read(course, name, file, TEXT_BYTES, location)
    try:
        text = data.decode("utf-8").rstrip()
    except UnicodeDecodeError:
        shown = (course.layout.expected_folder(name) / file).as_posix()
        raise ReleaseError(f"{location}: {shown} is not text in UTF-8.") from None
    # A fence longer than any in the text, so that the text cannot end it.
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _figure(course: Course, name: str, argument: str, location: CellLocation) -> str:
    parts = [part.strip() for part in argument.split("|")]
    if len(parts) != 3 or not all(parts):
        raise ReleaseError(
            f"{location}: expected {{{{figure:FILE|alt text|caption}}}} with all three parts, found "
            f"{{{{figure:{argument}}}}}. The alternative text is what someone hears who cannot see the picture."
        )
    file, alt, caption = parts
    kind = PICTURES.get(Path(file).suffix.lower())
    if kind is None:
        raise ReleaseError(
            f"{location}: {file} is no picture that every notebook program shows; use {', '.join(PICTURES)}."
        )
    if re.search(r"[\[\]\n]", alt):
        raise ReleaseError(f"{location}: the alternative text of {file} holds a square bracket or a line break.")
    data = base64.b64encode(_read(course, name, file, PICTURE_BYTES, location)).decode("ascii")
    return f"![{alt}](data:{kind};base64,{data})\n\n*{caption}*"
