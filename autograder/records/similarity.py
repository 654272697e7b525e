"""Groups of records in a class that are equal but for rounding, or share weights: all but one of a group were copied.

Every pair that is alike is in one group, but pairs are not listed: ten thousand copies of one record make fifty million
of them. Time and memory grow with the number of records; records whose losses hardly differ take more time, not more
memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

NEAR, ROUNDED = 2e-4, 6e-5
"""Relative and absolute difference, added, up to which two losses are the same but for rounding. Two seeds of the
reference runs differ by 0.08 % (Adadelta in quick mode, which hardly moves) to 11 % in some epoch."""

PARTS = ("record", "initial weights", "final weights", "fingerprints")
"""Parts of a record whose traces are compared."""

_NAMED = 6
"""Students of a group whom its line in the terminal names; the table has them all."""


class RecordedLosses(Protocol):
    """The part of a training record that is compared."""

    @property
    def student(self) -> str:
        """Id of the student, as the record says."""
        ...

    @property
    def history(self) -> Mapping[str, Sequence[float]]:
        """Per-epoch values by metric."""
        ...


@dataclass(frozen=True)
class SimilarGroup:
    """Students whose records of some runs are alike.

    Attributes:
        students: their ids, sorted; at least two.
        runs: names of the runs that are alike.
        record_ids: for each student the id that the records carry; several are joined by spaces.
        same_id: True if all records carry one student id, as those without any do.
        all_alike: True if every two of the records are alike. False if each is like at least one other, not like all.
        parts: parts of the records that are alike: "losses", and those of `autograder.results.record_traces`.
    """

    students: tuple[str, ...]
    runs: tuple[str, ...]
    record_ids: tuple[str, ...]
    same_id: bool
    all_alike: bool
    parts: tuple[str, ...] = ("losses",)

    @property
    def is_conspicuous(self) -> bool:
        """True if honest runs are not alike in this way; without a student id all have one seed, and may be."""
        return not self.same_id or self.record_ids[0] != "" or "record" in self.parts

    def __str__(self) -> str:
        """The line for the terminal.

        Example:
            >>> str(SimilarGroup(("s1", "s2", "s3"), ("adam", "sgd"), ("s1", "s1", "s1"), True, True))
            's1, s2 and s3 share records of adam, sgd under one student id, s1'
            >>> str(SimilarGroup(("s1", "s2"), ("adam",), ("s1", "s2"), False, True, ("initial weights",)))
            's1 and s2: adam (under different student ids; equal: initial weights)'
        """
        named = list(self.students)
        if len(named) > _NAMED:
            named = [*named[: _NAMED - 1], f"{len(named) - _NAMED + 1} others"]
        who, runs = f"{', '.join(named[:-1])} and {named[-1]}", ", ".join(self.runs)
        linked = "" if self.all_alike else "; each like at least one other, not like all"
        equal = "" if "losses" in self.parts else f"; equal: {', '.join(self.parts)}"
        if self.same_id:
            whose = self.record_ids[0] or "none"
            return f"{who} share records of {runs} under one student id, {whose}{linked}{equal}"
        return f"{who}: {runs} (under different student ids{linked}{equal})"


def similar_groups(class_records: Mapping[str, Mapping[str, RecordedLosses]]) -> list[SimilarGroup]:
    """Find the groups of students with runs that are alike.

    Two records of a run are alike if their histories have equally many values of "loss" and of "val_loss", and all of
    them are the same but for rounding. A group holds the students whom a chain of such pairs connects. Histories
    without a loss, and those with values that are not finite or losses that are not positive, are like no other.

    They are alike as well if they share a trace of the record, of its weights or of its fingerprints
    (`autograder.results.record_traces`), whatever their losses are.

    Args:
        class_records: records by student and run.

    Returns:
        The groups, sorted by students. Groups of the same students in several runs, or in several parts, are one.
    """
    found: dict[tuple[str, ...], list[tuple[str, str, bool]]] = {}
    for run in sorted({run for records in class_records.values() for run in records}):
        records = {one: of_one[run] for one, of_one in class_records.items() if run in of_one}
        for students, all_alike in _groups(records):
            found.setdefault(students, []).append((run, "losses", all_alike))
        for part in PARTS:
            for students in _sharing(records, part):
                found.setdefault(students, []).append((run, part, True))
    groups = []
    for students, alike in sorted(found.items()):
        runs = tuple(dict.fromkeys(run for run, _, _ in alike))
        ids = [sorted({class_records[student][run].student for run in runs}) for student in students]
        groups.append(
            SimilarGroup(
                students,
                runs,
                record_ids=tuple(map(" ".join, ids)),
                same_id=len({one for several in ids for one in several}) == 1,
                all_alike=all(whole for _, _, whole in alike),
                parts=tuple(part for part in ("losses", *PARTS) if part in {part for _, part, _ in alike}),
            )
        )
    return groups


def _sharing(records: Mapping[str, RecordedLosses], part: str) -> Iterator[tuple[str, ...]]:
    """Groups of students whom a chain of shared traces of one part connects."""
    parents = {student: student for student in records}

    def root(student: str) -> str:
        while parents[student] != student:
            parents[student] = student = parents[parents[student]]
        return student

    traces = {student: getattr(record, "traces", {}) for student, record in records.items()}
    known = {trace for found in traces.values() for trace in found.get(part, ())}
    first: dict[str, str] = {}
    for student, found in traces.items():
        # seeds that a student chose may be another's by chance, unless those come from the other one's id
        chosen = [trace for trace in found.get(f"chosen {part}", ()) if trace in known]
        for trace in (*found.get(part, ()), *chosen):
            parents[root(student)] = root(first.setdefault(trace, student))
    members: dict[str, list[str]] = {}
    for student in records:
        members.setdefault(root(student), []).append(student)
    return (tuple(sorted(group)) for group in members.values() if len(group) > 1)


def _groups(records: Mapping[str, RecordedLosses]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Groups of students in one run, each with True if every two of its records are alike."""
    by_length: dict[tuple[int, int], list[tuple[str, list[float]]]] = {}
    for student, record in records.items():
        losses, validation = record.history.get("loss", []), record.history.get("val_loss", [])
        values = [*losses, *validation]
        if losses and min(losses) > 0 and all(map(math.isfinite, values)):
            by_length.setdefault((len(losses), len(validation)), []).append((student, values))
    for having in by_length.values():
        histories, copies = np.unique(np.array([values for _, values in having]), axis=0, return_inverse=True)
        labels = _components(histories)[copies.ravel()]
        for members in _members(labels):
            rows = histories[copies.ravel()[members]]
            yield tuple(sorted(having[member][0] for member in members)), _all_near(rows)


def _members(labels: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Positions that share a label, for each label that two or more have."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        if len(members) > 1:
            yield members


def _components(histories: NDArray[np.float64]) -> NDArray[np.intp]:
    """Labels of histories (N, values): equal where a chain of near ones connects two.

    The histories are sorted by the value in which the class lies furthest apart, so that those near to one are found
    within a window. What a group has reached is taken out of the windows, so nothing is compared with all of a large
    group.
    """
    apart = np.ptp(np.percentile(histories, [10, 90], axis=0), axis=0) / _tolerance(np.median(histories, axis=0))
    columns = np.argsort(-apart)
    order = np.argsort(histories[:, columns[0]], kind="stable")
    values = np.ascontiguousarray(histories[order][:, columns].T)  # one row an epoch, the widest first
    reach = 1.001 * _tolerance(values[0])
    first = np.searchsorted(values[0], values[0] - reach, side="left")
    end = np.searchsorted(values[0], values[0] + reach, side="right")
    unreached = np.ones(len(order), bool)
    labels = np.arange(len(order))
    for start in np.flatnonzero(end - first > 1):
        if not unreached[start]:
            continue
        unreached[start] = False
        waiting = [start]
        while waiting:
            one = waiting.pop()
            near = first[one] + np.flatnonzero(unreached[first[one] : end[one]])
            for column in values:
                if not len(near):
                    break
                near = near[_near(column[near], column[one])]
            unreached[near] = False
            labels[near] = start
            waiting.extend(near)
    found = np.empty_like(labels)
    found[order] = labels
    return found


def _tolerance(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return NEAR * np.abs(values) + ROUNDED


def _near(some: NDArray[np.float64], others: NDArray[np.float64] | np.float64) -> NDArray[np.bool_]:
    """True where two losses are the same but for rounding."""
    return np.abs(some - others) <= NEAR * np.maximum(np.abs(some), np.abs(others)) + ROUNDED


def _all_near(histories: NDArray[np.float64]) -> bool:
    """True if every two histories (N, values) are near: then the smallest and the largest of each value are."""
    return bool(_near(histories.min(axis=0), histories.max(axis=0)).all())
