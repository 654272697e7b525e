"""grades.csv: a row a student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from autograder.records.similarity import SimilarPair
from autograder.report.rendering import points_text
from autograder.results.scorecard import Scorecard
from cnnkit.text import one_line

# What a spreadsheet may take for the beginning of a formula, the full-width signs included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def grades_csv(cards: Iterable[Scorecard]) -> str:
    """The marks as CSV (RFC 4180, with a heading line), sorted by student.

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


def similar_pairs_csv(pairs: Iterable[SimilarPair]) -> str:
    """The pairs of students whose training records are alike, as CSV of the same kind."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["student", "other", "runs", "same_student_id"])
    for pair in pairs:
        runs = one_line(" ".join(pair.runs), 500)
        writer.writerow([*map(_safe, pair.students), _safe(runs), "yes" if pair.same_id else "no"])
    return text.getvalue()


def _safe(text: str) -> str:
    # Looked at behind leading blanks and quotes as well: a spreadsheet strips them.
    return f"'{text}" if text.lstrip(" \"'").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _number(value: float) -> str:
    return f"{round(value, 6):g}" if value < 1e5 else repr(value)
