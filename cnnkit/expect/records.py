"""Expectations on the training records of a submission."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.recording.schema import TrainingRecord

Records = Mapping[str, TrainingRecord]
"""Training records by the name of the run."""


def complete(records: Records, runs: Sequence[str], *, images: int, epochs: int) -> None:
    """Expect a record of each run, with all epochs on all images.

    Args:
        records: the records of the submission.
        runs: names of the runs.
        images: number of training images.
        epochs: number of epochs.

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
    """Expect records that verification does not contradict.

    Args:
        records: the records of the submission.
        contradicted: for each run whose record is contradicted, the reason.
        runs: names of the runs.

    Raises:
        Mismatch: a record is contradicted, or there is none of these runs.
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
    """Expect the training loss of each run to be lower in the last epoch than in the first.

    Args:
        records: the records of the submission, one of each run at least.
        runs: names of the runs.

    Raises:
        Mismatch: it is not lower, or a loss is not finite.
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
