"""Select the notebook to grade among the files that were handed in."""

from __future__ import annotations

import re
from collections.abc import Callable

from autograder.intake.archive import SubmittedFiles
from autograder.intake.files import Entry, Unreadable
from autograder.intake.notebook_file import NotANotebook, SubmittedNotebook, parse_notebook
from cnnkit.linear_pattern import compile_linear
from cnnkit.text import one_line

MAX_CANDIDATES = 10
"""Notebooks of which the content is looked at."""

_NOTEBOOK = compile_linear(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)  # browsers like to add an ending


def select_notebook(
    submitted: SubmittedFiles, assignment: str, belongs: Callable[[SubmittedNotebook], bool]
) -> tuple[SubmittedNotebook, list[str]]:
    """Select and parse the notebook of a submission.

    The file of the right name wins, broken or not. Without one, the only notebook is taken; of several, the only one
    with the right name but for a subfolder or capitals; then the only one that belongs to the assignment by content.
    A notebook in a damaged zip file counts only if there is no other.

    Args:
        submitted: the files of the submission.
        assignment: the notebook should be called <assignment>.ipynb.
        belongs: returns True for a notebook with content of this assignment.

    Returns:
        The notebook, and notes if its name was not right or there were several.

    Raises:
        Unreadable, NotANotebook: no notebook could be taken; the message is a whole sentence for the student.
    """
    right = f"{assignment}.ipynb"
    candidates = [entry for entry in submitted.entries if _NOTEBOOK.search(entry.name)]
    damaged: Unreadable | None = None
    notes: list[str] = []
    while True:
        try:
            notebook, more = _selected(submitted, candidates, right, belongs)
        except _Damaged as error:
            damaged = damaged or error
            candidates = [entry for entry in candidates if entry != error.entry]
            notes.append(f"The notebook {error} It was left out.")
            if not candidates:
                raise Unreadable(str(damaged)) from None
        except Unreadable:
            if damaged is not None:
                raise Unreadable(str(damaged)) from None
            raise
        else:
            return notebook, [*notes, *more]


class _Damaged(Unreadable):
    """A notebook in a zip file cannot be unpacked."""

    def __init__(self, entry: Entry, reason: str) -> None:
        super().__init__(reason)
        self.entry = entry


def _selected(
    submitted: SubmittedFiles, candidates: list[Entry], right: str, belongs: Callable[[SubmittedNotebook], bool]
) -> tuple[SubmittedNotebook, list[str]]:
    exact = [entry for entry in candidates if entry.path == right]
    if exact:
        others = [entry.path for entry in candidates if entry.path != right]
        note = f"Besides {right} there were other notebooks, which were not graded: {_names(others)}."
        return _read(submitted, exact[0]), [note] if others else []
    if not candidates:
        paths = [entry.path for entry in submitted.entries]
        found = f"found: {_names(paths)}" if paths else "the folder is empty"
        raise Unreadable(f"No notebook was handed in: expected {right}, {found}. Hand in the .ipynb file itself.")
    named = [entry for entry in candidates if entry.name.lower() == right.lower()]
    for chosen in (candidates, named):
        if len(chosen) == 1:
            notebook = _read(submitted, chosen[0])
            name = one_line(chosen[0].path, 80)
            return notebook, [f"The notebook is called {name} instead of {right}; it was graded all the same."]
    return _by_content(submitted, candidates, right, belongs)


def _by_content(
    submitted: SubmittedFiles, candidates: list[Entry], right: str, belongs: Callable[[SubmittedNotebook], bool]
) -> tuple[SubmittedNotebook, list[str]]:
    fitting: list[tuple[Entry, SubmittedNotebook]] = []
    for entry in candidates[:MAX_CANDIDATES]:
        try:
            notebook = _read(submitted, entry)
        except (Unreadable, NotANotebook):
            continue
        if belongs(notebook):
            fitting.append((entry, notebook))
    if len(fitting) == 1 and len(candidates) <= MAX_CANDIDATES:
        entry, notebook = fitting[0]
        return notebook, [
            f"None of the {len(candidates)} notebooks is called {right}; {one_line(entry.path, 80)} was graded, the "
            "only one that holds this assignment's exercises."
        ]
    raise Unreadable(
        f"Several notebooks were handed in, and none is called {right}: {_names([e.path for e in candidates])}. "
        f"Name the one that counts {right} and hand it in again."
    )


def _read(submitted: SubmittedFiles, entry: Entry) -> SubmittedNotebook:
    try:
        return parse_notebook(submitted.read(entry))
    except NotANotebook as error:
        raise NotANotebook(f"{one_line(entry.path, 80)} {error}") from None
    except Unreadable as error:
        reason = f"{one_line(entry.path, 80)} {error}. Hand in the .ipynb file itself."
        raise (_Damaged(entry, reason) if entry.archive else Unreadable(reason)) from None


def _names(paths: list[str]) -> str:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(one_line(path, 80) for path in paths[:5]) + more
