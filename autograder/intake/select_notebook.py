"""Select the notebook to grade among the files that were handed in: the one with the work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.intake import files
from autograder.intake.archive import SubmittedFiles
from autograder.intake.file_kind import FileKind, is_notebook
from autograder.intake.files import Entry, Unreadable
from autograder.intake.notebook_file import NotANotebook, SubmittedCell, SubmittedNotebook, parse_notebook
from autograder.intake.notebook_work import Work, belongs, find_work, lacks_exercises
from autograder.intake.release_notebook import Release
from cnnkit.linear_pattern import compile_linear
from cnnkit.text import one_line

MAX_CANDIDATES = 20
"""Notebooks of which the content is looked at."""

MAX_SCRIPT = 1_000_000
"""Bytes of a script that is searched for work."""

_NOTEBOOK = compile_linear(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)  # browsers like to add an ending

_DESCRIPTIONS: dict[FileKind, str] = {
    "script": "an export of the notebook",
    "pdf": "a PDF",
    "picture": "a picture",
    "web page": "a web page",
    "LFS pointer": "a Git LFS pointer, not the file itself",
}
"""Kinds of files that are handed in instead of the notebook."""


class _Foreign(NotANotebook):
    """A notebook of something else."""


@dataclass(frozen=True)
class Candidate:
    """Notebook that may be the one to grade.

    Attributes:
        entry: its file.
        notebook: its content.
        work: what the student has written in it.
    """

    entry: Entry
    notebook: SubmittedNotebook
    work: Work


@dataclass(frozen=True)
class Selection:
    """Notebook that is graded, and what there is beside it.

    Attributes:
        chosen: the notebook.
        others: other notebooks of the assignment.
        notes: sentences about the choice.
        left_aside: sentences about work that is not graded, or files that may hold some.
    """

    chosen: Candidate
    others: Sequence[Candidate] = ()
    notes: Sequence[str] = ()
    left_aside: Sequence[str] = ()


@dataclass
class _Found:
    """Content of the candidates.

    Attributes:
        usable: notebooks of the assignment, the likeliest first.
        refused: reasons why others are none, by their files: whole sentences.
        unseen: candidates that were not looked into.
    """

    usable: list[Candidate] = field(default_factory=list)
    refused: dict[Entry, Unreadable | NotANotebook] = field(default_factory=dict)
    unseen: list[Entry] = field(default_factory=list)


def select_notebook(submitted: SubmittedFiles, assignment: str, releases: Mapping[str, Release]) -> Selection:
    """Select and parse the notebook of a submission.

    The notebook in which most exercises are done is taken, provided that it has all that the one of the right name
    has. Where work is different and none is ahead, the name decides: the file of the right name in the folder itself,
    then one with other capitals or in a subfolder, then one in an archive; of several that are equally well named, none
    is taken. A checkpoint counts where no other notebook holds work.

    Args:
        submitted: the files of the submission.
        assignment: the notebook should be called <assignment>.ipynb.
        releases: the release notebooks of all assignments.

    Raises:
        Unreadable, NotANotebook: no notebook could be taken; the message is a whole sentence for the student.
    """
    right = f"{assignment}.ipynb"
    candidates = sorted(_candidates(submitted), key=lambda entry: (_rank(entry, right), entry.shown))
    found = _look_into(submitted, candidates, assignment, releases)
    if not found.usable:
        raise _nothing_usable(submitted, candidates, found, right)
    chosen = _choose(found, candidates, right)
    others = [one for one in found.usable if one is not chosen]
    left_aside = [*_different_work(chosen, others), *_may_hold_work(submitted, found)]
    if not chosen.work.done:
        refused = found.refused.items()
        foreign = [str(why) for entry, why in refused if isinstance(why, _Foreign) and not entry.is_checkpoint]
        _refuse_untouched(submitted, chosen, [*left_aside, *foreign], releases[assignment])
    notes = _notes(chosen, candidates, found, right)
    return Selection(chosen, others, [*notes, *left_aside], left_aside)


def _candidates(submitted: SubmittedFiles) -> list[Entry]:
    """Notebooks by their names, and other files that are notebooks by their content."""
    found = []
    for entry in submitted.entries:
        if submitted.is_unpacked(entry):
            continue
        if _NOTEBOOK.search(entry.name) or (_may_be_notebook(entry) and submitted.kind(entry) == "json"):
            found.append(entry)
    return [entry for entry in found if _NOTEBOOK.search(entry.name) or _is_notebook(submitted, entry)]


def _may_be_notebook(entry: Entry) -> bool:
    return not entry.path.lower().startswith("records/")


def _is_notebook(submitted: SubmittedFiles, entry: Entry) -> bool:
    try:
        return is_notebook(submitted.read(entry))
    except Unreadable:
        return False


def _rank(entry: Entry, right: str) -> int:
    """Rank of a candidate by its name and place: the lower the likelier."""
    if entry.is_checkpoint:
        return 6
    named = entry.name.lower() == right.lower()
    if not entry.archive:
        if entry.path == right:
            return 0
        return 1 if named else (3 if _NOTEBOOK.search(entry.name) else 5)
    return 2 if named else 4


def _look_into(
    submitted: SubmittedFiles, candidates: Sequence[Entry], assignment: str, releases: Mapping[str, Release]
) -> _Found:
    found = _Found(unseen=list(candidates[MAX_CANDIDATES:]))
    for entry in candidates[:MAX_CANDIDATES]:
        try:
            notebook = _read(submitted, entry)
            fits, name = belongs(notebook, assignment, releases)
            if not fits and not notebook.cut:
                raise _foreign(entry, assignment, name)
            if notebook.cut and lacks_exercises(notebook, releases[assignment]):
                raise NotANotebook(f"{one_line(entry.shown, 80)} {notebook.cut}")
        except (Unreadable, NotANotebook) as error:
            found.refused[entry] = error
        else:
            found.usable.append(Candidate(entry, notebook, find_work(notebook, releases[assignment])))
    return found


def _choose(found: _Found, candidates: Sequence[Entry], right: str) -> Candidate:
    """Choose among the notebooks of the assignment.

    Raises:
        Unreadable: two of them hold different work, and nothing decides between them.
    """
    own = [one for one in found.usable if not one.entry.is_checkpoint]
    pool = own if any(one.work.done for one in own) else found.usable
    if any(one.work.done for one in pool):
        pool = [one for one in pool if one.work.done]
    elif touched := [one for one in pool if not one.work.untouched]:
        pool = touched
    first = pool[0]
    fullest = max(pool, key=lambda one: len(one.work.done))  # the first of several
    if fullest.work.done > first.work.done:
        first = fullest
    rank = _rank(first.entry, right)
    rivals = [
        one
        for one in pool
        if _rank(one.entry, right) == rank
        and one.work.answers != first.work.answers
        and not one.work.done < first.work.done
    ]
    if rank != 0 and (rivals or found.unseen):
        several = "Several notebooks with different work were handed in"
        if rank > 2:
            several = f"Several notebooks were handed in, and none is called {right}"
        raise Unreadable(f"{several}: {_names(candidates)}. Name the one that counts {right} and hand it in again.")
    return first


def _notes(chosen: Candidate, candidates: Sequence[Entry], found: _Found, right: str) -> list[str]:
    """Sentences about the choice: why not the file of the right name, and what else there was."""
    entry, shown = chosen.entry, one_line(chosen.entry.shown, 80)
    others = [one for one in candidates if one is not entry and (entry.is_checkpoint or not one.is_checkpoint)]
    notes = []
    if others and _rank(others[0], right) == 0:
        notes.append(f"{shown} was graded instead of {right}, {_why_not(chosen, others[0], found)}.")
    elif entry.path == right:
        if others:
            names = _names(others)
            notes.append(f"Besides {shown} there were other notebooks, which were not graded: {names}.")
    elif len(others) <= len(found.refused) and others:
        notes.append(
            f"None of the {len(others) + 1} notebooks is called {right}; {shown} was graded, the only one that holds "
            "this assignment's exercises."
        )
    elif others:
        notes.append(
            f"None of the {len(others) + 1} notebooks is called {right}; {shown} was graded, the one with the work."
        )
    else:
        notes.append(f"The notebook is called {shown} instead of {right}; it was graded all the same.")
    if entry.is_checkpoint:
        notes.append(f"{shown} is a copy that Jupyter saved on its own; it may be older than the work itself.")
    notes += [_left_out(reason) for reason in found.refused.values() if not isinstance(reason, _Foreign)]
    if chosen.work.untouched:
        notes.append(f"Nothing was written into {shown}: it is the assignment as it was given out.")
    return notes


def _why_not(chosen: Candidate, entry: Entry, found: _Found) -> str:
    if entry in found.refused:
        foreign = isinstance(found.refused[entry], _Foreign)
        return "which is not a notebook of this assignment" if foreign else "which cannot be read"
    (other,) = (one for one in found.usable if one.entry is entry)
    if not other.work.done:
        return "in which no exercise is done"
    missing = _listed(chosen.work.done - other.work.done)
    return f"in which less is done ({missing} not)"


def _left_out(reason: Exception) -> str:
    return f"The notebook {reason} It was left out."


def _different_work(chosen: Candidate, others: Iterable[Candidate]) -> list[str]:
    """Sentences about work in other notebooks that is not in the chosen one."""
    sentences = []
    for other in others:
        if names := other.work.adds_to(chosen.work):
            shown = one_line(other.entry.shown, 80)
            sentences.append(f"Work in {shown} was set aside: {_listed(names)} differs from what was graded.")
    return sentences


def _may_hold_work(submitted: SubmittedFiles, found: _Found) -> list[str]:
    """Sentences about files that nobody has looked into."""
    refused = [
        _left_out(reason) for entry, reason in found.refused.items() if entry.size and not isinstance(reason, _Foreign)
    ]
    unseen = [f"{len(found.unseen)} more notebooks were not looked into."] if found.unseen else []
    return [*refused, *submitted.notes, *unseen]


def _refuse_untouched(submitted: SubmittedFiles, chosen: Candidate, doubts: Sequence[str], release: Release) -> None:
    """Refuse the assignment as it was given out where the work may be beside it.

    Raises:
        Unreadable: it may.
    """
    doubts = [*doubts, *_exported_work(submitted, release)]
    if doubts and chosen.work.untouched:
        raise Unreadable(
            f"{one_line(chosen.entry.shown, 80)} is the assignment as it was given out; the work may be in another "
            f"file. {' '.join(doubts[:3])} Hand in the notebook with the work."
        )


def _exported_work(submitted: SubmittedFiles, release: Release) -> list[str]:
    """Sentences about scripts with work, such as Jupyter and Colab export them."""
    sentences = []
    for entry in submitted.entries:
        if entry.name.lower().endswith((".py", ".txt", ".md")) and not entry.archive:
            try:
                source = submitted.read(entry, MAX_SCRIPT).decode(errors="replace")
            except Unreadable:
                continue
            cell = SubmittedCell(number=1, kind="code", source=source)
            if find_work(SubmittedNotebook((cell,)), release).done:
                sentences.append(f"{one_line(entry.shown, 80)} holds exercises, but is not a notebook.")
    return sentences


def _nothing_usable(
    submitted: SubmittedFiles, candidates: Sequence[Entry], found: _Found, right: str
) -> Unreadable | NotANotebook:
    """The reason why there is nothing to grade."""
    if not candidates:
        paths = [_described(submitted, entry) for entry in submitted.entries]
        what = f"found: {_names(paths)}" if paths else "the folder is empty"
        return Unreadable(f"No notebook was handed in: expected {right}, {what}. Hand in the .ipynb file itself.")
    reason = found.refused[candidates[0]]
    others = [entry.shown for entry in candidates[1:]]
    more = [f"Other notebooks could not be graded either: {_names(others)}."] if others else []
    return type(reason)(" ".join([str(reason), *more, *submitted.notes]))


def _described(submitted: SubmittedFiles, entry: Entry) -> str:
    shown = one_line(entry.shown, 80)
    if entry.shown in submitted.closed:
        return f"{shown} ({submitted.closed[entry.shown]})"
    kind = _DESCRIPTIONS.get(submitted.kind(entry), "")
    return f"{shown} ({kind})" if kind else shown


def _read(submitted: SubmittedFiles, entry: Entry) -> SubmittedNotebook:
    shown = one_line(entry.shown, 80)
    try:
        return parse_notebook(submitted.read(entry, files.MAX_WITH_OUTPUTS))
    except NotANotebook as error:
        raise NotANotebook(f"{shown} {error}") from None
    except Unreadable as error:
        large = entry.size > files.MAX_WITH_OUTPUTS and not entry.problem
        advice = "Clear its outputs, except those of the training cells" if large else "Hand in the .ipynb file itself"
        raise Unreadable(f"{shown} {error}. {advice}.") from None


def _foreign(entry: Entry, assignment: str, name: str) -> _Foreign:
    shown = one_line(entry.shown, 80)
    if name:
        return _Foreign(
            f"{shown} is the notebook of {name}, not of {assignment}. Hand in the notebook of {assignment}."
        )
    return _Foreign(
        f"{shown} holds none of the exercises of {assignment}. Is it the notebook that you meant to hand in? Hand in "
        f"the notebook of {assignment}."
    )


def _listed(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _names(entries: Sequence[Entry | str]) -> str:
    names = [entry if isinstance(entry, str) else one_line(entry.shown, 80) for entry in entries]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
