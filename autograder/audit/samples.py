"""Samples: changes of the reference solution whose effect on the checks is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnnkit.errors import KitError
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.recording.schema import TrainingRecord


class SampleError(KitError, ValueError):
    """A sample does not fit the solution it is made from."""

    exit_status = 2


CellChange = Callable[[str], str]
"""From the reference's source of a cell to the sample's."""

Records = dict[str, TrainingRecord]
"""Training records by run."""


@dataclass(frozen=True)
class NetworkAnswer:
    """A network that one of the student's functions returns: a mistake that can be tried without running code.

    Attributes:
        function: name of the function, which is called without arguments.
        network: the network that it returns.
    """

    function: str
    network: ModelSpec


@dataclass(frozen=True)
class Sample:
    """One answer, derived from the reference's.

    Attributes:
        name: the mistake or the difference, in a few words_joined_so.
        cell: grade_id of the solution cell it changes, e.g. "architecture_solution"; "" where it changes none.
        change: from the reference's source to the sample's.
        fails: ids of exactly those checks that must not pass; empty for an equivalent.
        says: texts that the message of the first of these must contain, all of them: they name the mistake.
        shows: texts of which that message must contain at least one: the consequence.
        also: changes of further cells.
        records: from the reference's training records to the sample's.
        answer: the network, if the sample differs from the reference in nothing else.
    """

    name: str
    cell: str
    change: CellChange = str
    fails: tuple[str, ...] = ()
    says: str | tuple[str, ...] = ""
    shows: tuple[str, ...] = ()
    also: Mapping[str, CellChange] = field(default_factory=dict)
    records: Callable[[Records], Records] | None = None
    answer: NetworkAnswer | None = None

    @property
    def changes(self) -> dict[str, CellChange]:
        """The changes by cell."""
        return ({self.cell: self.change} if self.cell else {}) | dict(self.also)

    def missing_words(self, message: str) -> list[str]:
        """Texts that the message of the first check in `fails` should contain and does not."""
        pieces = (self.says,) if isinstance(self.says, str) else self.says
        missing = [piece for piece in pieces if piece not in message]
        if self.shows and not any(piece in message for piece in self.shows):
            missing.append(" or ".join(self.shows[:3]))
        return missing


def swap(old: str, new: str) -> CellChange:
    """A change that replaces one piece of text.

    Raises (when applied):
        SampleError: the solution does not contain the text exactly once.

    Example:
        >>> swap('"valid"', '"same"')('Conv2D(8, 3, padding="valid")')
        'Conv2D(8, 3, padding="same")'
    """

    def change(source: str) -> str:
        if source.count(old) != 1:
            raise SampleError(f"expected {old!r} exactly once in the solution, found it {source.count(old)} times")
        return source.replace(old, new)

    return change


def replace_cell(source: str) -> CellChange:
    """A change that replaces the whole cell."""
    return lambda _: source.strip("\n")


def compose(*changes: CellChange) -> CellChange:
    """A change that applies several ones from left to right."""

    def change(source: str) -> str:
        for one in changes:
            source = one(source)
        return source

    return change


def change_record(run: str, *, loss: list[float] | None = None, **changes: Any) -> Callable[[Records], Records]:
    """A change of one run's record.

    Args:
        run: the run.
        loss: its new training losses.
        **changes: new values of the record's fields.
    """

    def change(records: Records) -> Records:
        made = replace(records[run], **changes)
        if loss is not None:
            made = replace(made, history={**made.history, "loss": loss})
        return records | {run: made}

    return change


def apply_samples(reference: Mapping[str, str], samples: list[Sample]) -> dict[str, str]:
    """Apply the samples' changes to the reference's cells.

    Args:
        reference: source by grade id.
        samples: applied in their order.

    Returns:
        The changed sources by grade id.

    Raises:
        SampleError: a sample names a cell that does not exist, or its change does not fit.
    """
    cells = dict(reference)
    for sample in samples:
        for cell, change in sample.changes.items():
            if cell not in cells:
                raise SampleError(f"sample {sample.name}: there is no solution cell {cell!r}")
            try:
                cells[cell] = change(cells[cell])
            except SampleError as error:
                raise SampleError(f"sample {sample.name}: {error}") from error
    return cells
