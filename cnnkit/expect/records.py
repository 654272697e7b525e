"""What is expected of the training records in a notebook that is handed in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.recording.schema import TrainingRecord

Records = Mapping[str, TrainingRecord]
"""By run."""


def complete(records: Records, runs: Sequence[str], *, images: int, epochs: int) -> None:
    """Expect a record of each run, of the full number of epochs on all images.

    Raises:
        Mismatch: one is missing, or was made in quick mode.
    """
    for name in runs:
        if name not in records:
            raise _missing(records, runs)
        record = records[name]
        found = len(record.history.get("loss", []))
        if record.images != images or found != epochs:
            raise Mismatch(
                f"the record of {name}",
                expected=f"{epochs} epochs on all {images:,} training images",
                found=f"{found} epochs on {record.images:,} images",
                hint="Set QUICK = False and run the training cell once more; quick mode is for while you work.",
            )


def records_hold(records: Records, contradicted: Mapping[str, str], runs: Sequence[str]) -> None:
    """Expect records, none of which is contradicted by what was found when it was verified.

    Args:
        records: by run.
        contradicted: by run, why its record cannot be what it says.
        runs: those that are asked for.

    Raises:
        Mismatch: one is, or there is none of these runs.
    """
    if not any(name in records for name in runs):
        raise _missing(records, runs)
    for name in runs:
        if name in contradicted:
            raise Mismatch(
                f"the record of {name}",
                expected="one that agrees with the training it describes",
                found="one that does not",
                consequence=contradicted[name],
                hint="Run the training cell once more, save, and hand in the notebook with the files of `records/`. If "
                "you think that this is a mistake, show this page to your teaching assistant.",
            )


def _missing(records: Records, runs: Sequence[str]) -> Mismatch:
    return Mismatch(
        "the training records in your notebook",
        expected=", ".join(runs),
        found=", ".join(records) or "none",
        hint="Run the training cell to its end, save the notebook with its outputs, and hand it in again.",
    )


def losses_fall(records: Records, runs: Sequence[str]) -> None:
    """Expect each run's training loss to end below where it began.

    Raises:
        Mismatch: one does not, or is no number.
    """
    for name in runs:
        loss = records[name].history["loss"]
        if not all(map(math.isfinite, loss)):
            raise Mismatch(f"the losses of {name}", expected="finite numbers", found="nan or infinity")
        if not loss[-1] < loss[0]:
            raise Mismatch(
                f"the loss of {name}, first and last epoch",
                expected="the last one lower",
                found=f"{loss[0]:.3f} and {loss[-1]:.3f}",
                consequence="The network did not learn.",
                hint="Is the network built anew, compiled and trained on `train`?",
            )
