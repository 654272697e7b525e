"""Measures of the reference runs, one JSON line a run, from which the bands are computed.

The lines of autograder/rubrics/<assignment>/reference_measures.jsonl are committed, the weights of the runs never are.
So the runs can be made little by little and on several machines: lines of another machine are appended to the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.records.reference_bands import Measures, Reference, summarize_measures
from cnnkit.networks.model_spec import ModelSpec

FILE = "reference_measures.jsonl"

Kind = tuple[str, int, int]
"""Run, images and epochs."""


class ReferenceKind(msgspec.Struct, frozen=True, kw_only=True, tag="kind"):
    """Common to all reference runs of a kind; its line comes before theirs.

    Attributes:
        run, images, epochs: as in the records.
        optimizer: name and settings, as in the records.
        network: description of the network that was trained.
    """

    run: str
    images: int
    epochs: int
    optimizer: dict[str, float | str]
    network: ModelSpec

    @property
    def kind(self) -> Kind:
        """Key of the kind."""
        return self.run, self.images, self.epochs


class ReferenceRun(msgspec.Struct, frozen=True, kw_only=True, tag="run"):
    """Measures of one reference run.

    Attributes:
        run, images, epochs: as in the record.
        student: id that the seed was made from.
        measures: see `autograder.records.reference_bands.run_measures`.
    """

    run: str
    images: int
    epochs: int
    student: str
    measures: dict[str, list[float]]

    @property
    def kind(self) -> Kind:
        """Key of the kind."""
        return self.run, self.images, self.epochs


Line = ReferenceKind | ReferenceRun


def read_measures(file: Path) -> list[Line]:
    """Read the lines of a file; none if there is no file.

    Raises:
        msgspec.DecodeError: a line is damaged.
    """
    if not file.is_file():
        return []
    return [msgspec.json.decode(line, type=Line) for line in file.read_bytes().splitlines() if line.strip()]


def append_measures(file: Path, lines: Iterable[Line]) -> None:
    """Append lines to a file, those that it does not hold yet."""
    known = read_measures(file)
    kinds = {line.kind for line in known if isinstance(line, ReferenceKind)}
    runs = {(line.kind, line.student) for line in known if isinstance(line, ReferenceRun)}
    encoded = []
    for line in lines:
        new = (line.kind, line.student) not in runs if isinstance(line, ReferenceRun) else line.kind not in kinds
        if new:
            encoded.append(msgspec.json.encode(line) + b"\n")
    with file.open("ab") as opened:
        opened.write(b"".join(encoded))


def rounded(measures: Measures) -> Measures:
    """The measures to six places, as they are written.

    Raises:
        ValueError: one of them is not finite; such a run is no reference.
    """
    if not all(math.isfinite(value) for values in measures.values() for value in values):
        raise ValueError("expected finite measures of a reference run, found nan or infinity")
    return {name: [round(value, 6) for value in values] for name, values in measures.items()}


def references_of(lines: Sequence[Line], known: Mapping[Kind, Reference]) -> list[Reference]:
    """Compute the bands of every kind.

    Args:
        lines: of the file.
        known: references that there are. One of more runs than there are lines of its kind stays as it is.

    Returns:
        The references of all kinds, in order.
    """
    found = dict(known)
    for kind in (line for line in lines if isinstance(line, ReferenceKind)):
        measures = {
            run.student: run.measures for run in lines if isinstance(run, ReferenceRun) and run.kind == kind.kind
        }
        if len(measures) > 1 and (kind.kind not in known or known[kind.kind].seeds <= len(measures)):
            found[kind.kind] = Reference(
                run=kind.run,
                images=kind.images,
                epochs=kind.epochs,
                optimizer=kind.optimizer,
                network=kind.network,
                seeds=len(measures),
                bands=summarize_measures(list(measures.values())),
            )
    return [found[kind] for kind in sorted(found)]
