"""Written answers that stand beside their cell: in a new cell below it, in a comment, or in the text of the question.

An untouched placeholder never wins over text of the student's own near it. Text that stands elsewhere is only a guess:
a person looks at it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.intake import syntax
from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.release_notebook import Release, ReleaseCell

SHORT = 80
"""Characters up to which an answer such as "see below" is taken together with the text around it."""

LEAST = 30
"""Characters from which a text that stands elsewhere may be an answer, and not a heading."""

_TEXT_FILES = frozenset((".txt", ".md", ".markdown", ".docx", ".doc", ".odt", ".rtf", ".pdf", ".pages"))
_NO_ANSWERS = frozenset(("timestamp", "requirements", "readme"))
"""Endings of files that hold a text, and names of those among them that hold something else than an answer."""

LONGEST_QUOTED = 5_000
"""Characters quoted of a text that may be an answer."""


@dataclass(frozen=True)
class FoundAnswer:
    """Text that is, or may be, a written answer.

    Attributes:
        source: the text.
        cells: numbers of the submitted cells that it stands in.
        doubtful: True if it stands too far away to be sure.
    """

    source: str
    cells: tuple[int, ...]
    doubtful: bool = False


def find_answer(
    slot: ReleaseCell, release: Release, taken: Mapping[int, SubmittedCell], free: Collection[SubmittedCell]
) -> FoundAnswer | None:
    """Find a written answer outside its cell.

    Args:
        slot: the cell of the release in which the answer should be.
        release: the release notebook.
        taken: submitted cells by the index of the release cell that each fills.
        free: the student's own cells.

    Returns:
        The text; None if there is an answer in its cell already, or no text that could be one.
    """
    own = taken.get(slot.index)
    written = "" if own is None or _is_placeholder(own.source, slot) else own.source.strip()
    if len(written) > SHORT:
        return None
    low = max((cell.number for index, cell in taken.items() if index < slot.index), default=0)
    high = min((cell.number for index, cell in taken.items() if index > slot.index), default=1 << 30)
    near = {cell.number: words for cell in free if low < cell.number < high and (words := words_of(cell))}
    near |= _added_to_question(slot, release, taken)
    if near:
        if written and own is not None:
            near[own.number] = written
        numbers = tuple(sorted(near))
        return FoundAnswer("\n\n".join(near[number] for number in numbers), numbers)
    if written:
        return None
    unsure = {cell.number: words for cell in free if low < cell.number < high and (words := words_within(cell))}
    if unsure:
        return FoundAnswer(_guess(slot, unsure), tuple(sorted(unsure)), doubtful=True)
    texts = {cell.number: words for cell in free if cell.kind != "code" and (words := words_of(cell))}
    if own is None and len(texts) == 1:  # cells were moved about, but only one text is nobody else's
        return FoundAnswer("".join(texts.values()), tuple(texts))
    texts = {number: words for number, words in texts.items() if len(words) >= LEAST}
    if not texts:
        return None
    return FoundAnswer(_guess(slot, texts), tuple(texts), doubtful=True)


def find_files(
    slot: ReleaseCell, taken: Mapping[int, SubmittedCell], files: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Files beside the notebook that may hold a written answer; none if there is an answer in its cell.

    Args:
        slot: the cell of the release in which the answer should be.
        taken: submitted cells by the index of the release cell that each fills.
        files: path and shown name of each file.

    Returns:
        Those of them that are texts.
    """
    own = taken.get(slot.index)
    if own is not None and not _is_placeholder(own.source, slot):
        return []
    return [(path, shown) for path, shown in files if _may_hold_text(PurePosixPath(path.lower()))]


def _may_hold_text(path: PurePosixPath) -> bool:
    return path.suffix in _TEXT_FILES and path.stem not in _NO_ANSWERS and path.parts[0] != "records"


def words_of(cell: SubmittedCell) -> str:
    """The text of a cell that says something and computes nothing; "" for other cells.

    Example:
        >>> words_of(SubmittedCell(1, "code", "# Adam wins, since it adapts."))
        'Adam wins, since it adapts.'
        >>> words_of(SubmittedCell(1, "code", "print(1 + 1)"))
        ''
    """
    if cell.kind != "code":
        return cell.source.strip()
    first, _, rest = cell.source.strip().partition("\n")
    if first.split() in (["%%markdown"], ["%%latex"]):
        return rest.strip()
    tree = syntax.parse_code(cell.source)
    if tree is None or cell.source.lstrip().startswith(("%", "!")):
        return ""
    if not tree.body:
        return "\n".join(line.strip().lstrip("#").strip() for line in cell.source.splitlines()).strip()
    said = [_said(statement) for statement in tree.body]
    return "\n".join(said).strip() if all(said) else ""


def words_within(cell: SubmittedCell) -> str:
    """Comments and texts of a code cell, or all of it if it is not Python; "" for less than a sentence.

    Example:
        >>> words_within(SubmittedCell(1, "code", "x = 3  # adam wins, since it adapts its rates"))
        'adam wins, since it adapts its rates'
        >>> words_within(SubmittedCell(1, "code", "Adam wins, since it adapts its rates."))
        'Adam wins, since it adapts its rates.'
        >>> words_within(SubmittedCell(1, "code", "x = 3  # three"))
        ''
    """
    if cell.kind != "code":
        return ""
    tree = syntax.parse_code(cell.source)
    if tree is None:
        said = [cell.source.strip()]
    else:
        said = [part.strip() for line in cell.source.splitlines() if "#" in line for part in [line.partition("#")[2]]]
        said += [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= LEAST
        ]
    text = "\n".join(dict.fromkeys(said)).strip()
    return text if len(text) >= LEAST and " " in text else ""


def _said(statement: ast.stmt) -> str:
    """The text of a statement that is nothing but text: a string, `answer = "..."`, `print("...")`."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    parts: Iterable[ast.expr | None] = [value]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print":
        parts = value.args
    texts = [part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "" for part in parts]
    return " ".join(texts).strip() if all(texts) else ""


def _added_to_question(slot: ReleaseCell, release: Release, taken: Mapping[int, SubmittedCell]) -> dict[int, str]:
    """Lines that the student added to the given texts right above and below the answer's cell, by cell number."""
    found = {}
    for index in (slot.index - 1, slot.index + 1):
        cell = taken.get(index)
        if cell is None or release.cells[index].kind == "code" or release.cells[index].role != "given":
            continue
        known = {line.strip() for line in release.cells[index].source.splitlines()}
        added = "\n".join(line for line in cell.source.splitlines() if line.strip() not in known).strip()
        if len(added) >= LEAST:
            found[cell.number] = added
    return found


def _is_placeholder(source: str, slot: ReleaseCell) -> bool:
    """True for the text of the release, and for none."""
    words = "".join(character for character in source if character.isalnum()).lower()
    return words in ("", "".join(character for character in slot.source if character.isalnum()).lower())


def _guess(slot: ReleaseCell, texts: Mapping[int, str]) -> str:
    quoted = [
        f"**Cell {number}:**\n\n{text[:LONGEST_QUOTED]}{' …' if len(text) > LONGEST_QUOTED else ''}"
        for number, text in texts.items()
    ]
    head = f"*(Nothing is written in the cell of the answer {slot.grade_id}. Is it one of these texts?)*"
    return "\n\n".join([head, *quoted])
