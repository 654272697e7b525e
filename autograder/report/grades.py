"""grades.csv: one row per student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograder.report.rendering import points_text
from autograder.results.scorecard import Scorecard
from cnnkit.text import one_line

if TYPE_CHECKING:  # it imports NumPy, which a class without training records does not need
    from autograder.records.similarity import SimilarGroup

# What a spreadsheet may take for the beginning of a formula, the full-width signs included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def grades_csv(cards: Iterable[Scorecard]) -> str:
    """Marks as CSV (RFC 4180, with a heading line), sorted by student. Write it with a byte order mark: without one,
    Excel on Windows reads names with accents wrongly.

    Columns: student, status, score, max_score, one column per exercise named "exercise (maximum)", notes. An ungradable
    submission has an empty score, never a 0. A text that a spreadsheet would take for a formula begins with an
    apostrophe; numbers are plain numbers.
    """
    rows = sorted(cards, key=lambda card: card.student)
    maxima: dict[str, float] = {}
    for card in rows:
        for exercise, checks in card.exercises().items():
            maxima[exercise] = max(maxima.get(exercise, 0.0), sum(check.max_points for check in checks))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    columns = [_safe(f"{exercise} ({points_text(maximum)})") for exercise, maximum in maxima.items()]
    writer.writerow(["student", "status", "score", "max_score", *columns, "notes"])
    for card in rows:
        found = {exercise: sum(check.points for check in checks) for exercise, checks in card.exercises().items()}
        writer.writerow(
            [
                _safe(card.student),
                card.status,
                "" if card.score is None else _number(card.score),
                _number(card.max_score),
                *("" if card.score is None or name not in found else _number(found[name]) for name in maxima),
                _safe(one_line(" ".join(card.notes), 1_000)),
            ]
        )
    return text.getvalue()


def similar_groups_csv(groups: Iterable[SimilarGroup]) -> str:
    """Groups of students whose training records are similar, as CSV of the same kind: a row for each student.

    Columns: group (its number), students (of the group), student, record_id (the student id in the records), runs,
    same_student_id ("yes" if it is the same in the whole group), all_alike ("no" if each is like at least one other of
    the group, and not like all), equal (the parts of the records that are alike).
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["group", "students", "student", "record_id", "runs", "same_student_id", "all_alike", "equal"])
    for number, group in enumerate(groups, 1):
        runs = _safe(one_line(" ".join(group.runs), 500))
        of_all = runs, *("yes" if found else "no" for found in (group.same_id, group.all_alike)), ", ".join(group.parts)
        for student, record_id in zip(group.students, group.record_ids, strict=True):
            writer.writerow([number, len(group.students), _safe(student), _safe(one_line(record_id, 500)), *of_all])
    return text.getvalue()


def _safe(text: str) -> str:
    # Looked at behind leading blanks and quotes as well: a spreadsheet strips them.
    return f"'{text}" if text.lstrip(" \"'").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _number(value: float) -> str:
    return f"{round(value, 6):g}" if value < 1e5 else repr(value)
