"""What runs of the reference solution look like, and how far a student's may be from them.

autograder/rubrics/<assignment>/reference_runs.json is written by scripts/make_references.py from at least 20 seeds.
Every number is a logarithm, so that a distance is a ratio.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from autograder.records.findings import RecordFinding
from autograder.records.requests import Examination
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.optimizers import changed_settings
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.recording.schema import TrainingRecord

RUBRICS = Path(__file__).parents[1] / "rubrics"
FILE = "reference_runs.json"

OPEN, AGAINST = 6.0, 10.0
"""Standard deviations from the reference runs' mean at which a run is conspicuous, and at which it is contradicted."""

ENOUGH = 20
"""Seeds without which reference runs only make a run conspicuous."""

SMALLEST = 0.01
"""Of a standard deviation: 1 %. So a run is never conspicuous within 6 %, whatever the seeds have in common."""

Measures = dict[str, list[float]]
"""Logarithms by name, see `measures`."""


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """One number over all reference runs: logarithms."""

    mean: float
    deviation: float
    least: float
    most: float

    def distance(self, value: float) -> float:
        """How many standard deviations away."""
        return abs(value - self.mean) / max(self.deviation, SMALLEST) if math.isfinite(value) else math.inf


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """The reference runs of one kind: same run, images and epochs.

    Attributes:
        run, images, epochs: as records have them.
        optimizer: its name and settings, as a record has them.
        network: what is trained.
        seeds: how many runs.
        bands: by measure.
    """

    run: str
    images: int
    epochs: int
    optimizer: dict[str, float | str]
    network: ModelSpec
    seeds: int
    bands: dict[str, list[Band]]


def run_measures(record: TrainingRecord, examined: Examination) -> Measures:
    """What is compared: logarithms, nan where there is nothing to take one of.

    "loss" and "val_loss" by epoch; "probe" by epoch, the loss on the fingerprints' images over the validation loss;
    "way" and "angle" by kernel, how far it moved and turned from where it began; "test", "holdout" and "sample", the
    losses on test, hidden and training images over the validation loss.
    """
    found: Measures = {name: [_log(value) for value in record.history.get(name, [])] for name in ("loss", "val_loss")}
    validation = record.history.get("val_loss", [])
    probes = [numbers[0] for numbers in record.fingerprints[1:] if numbers]
    found["probe"] = [_log(probe) - _log(loss) for probe, loss in zip(probes, validation, strict=False)]
    found["way"] = [_log(kernel.way) for kernel in examined.kernels]
    found["angle"] = [_log(math.acos(max(-1.0, min(1.0, kernel.likeness)))) for kernel in examined.kernels]
    last = examined.validation_loss
    others = {"test": examined.test_loss, "holdout": examined.holdout_loss, "sample": examined.training_loss}
    for name, loss in others.items():
        found[name] = [] if loss is None or last is None else [_log(loss) - _log(last)]
    return found


def summarize_reference(runs: Sequence[tuple[TrainingRecord, Examination]]) -> Reference:
    """The reference that these runs are; all are of one kind."""
    first = runs[0][0]
    assert first.network is not None
    taken = [run_measures(record, examined) for record, examined in runs]
    bands = {
        name: [_band([one[name][place] for one in taken]) for place in range(len(taken[0][name]))] for name in taken[0]
    }
    return Reference(
        run=first.run,
        images=first.images,
        epochs=first.epochs,
        optimizer=dict(first.optimizer),
        network=first.network,
        seeds=len(runs),
        bands=bands,
    )


@cache
def load_references(assignment: str, folder: Path = RUBRICS) -> Mapping[tuple[str, int, int], Reference]:
    """The references of an assignment by run, images and epochs; empty where none were made."""
    file = folder / assignment / FILE
    if not file.is_file():
        return {}
    found = msgspec.json.decode(file.read_bytes(), type=list[Reference])
    return {(one.run, one.images, one.epochs): one for one in found}


def band_distances(record: TrainingRecord, examined: Examination, reference: Reference) -> Iterator[RecordFinding]:
    """Where a run lies outside what the reference runs do.

    Nothing is said of a network or an optimizer that is not the reference's: that is another experiment, which the
    rubric's other checks look at.
    """
    if record.network is None or not compare(record.network, reference.network).equal:
        return
    name = str(reference.optimizer["name"])
    if record.optimizer.get("name") != name or changed_settings(name, record.optimizer, reference.optimizer):
        return
    for measure, values in run_measures(record, examined).items():
        bands = reference.bands.get(measure, [])
        worst = max(
            (
                (band.distance(value), place, value, band)
                for place, (value, band) in enumerate(zip(values, bands, strict=False))
            ),
            default=None,
            key=lambda found: found[0],
        )
        if worst is not None and worst[0] > OPEN:
            distance, place, value, band = worst
            text = _WORDS[measure].format(
                number=place + 1, value=_shown(value), least=_shown(band.least), most=_shown(band.most)
            )
            seen = f"in {reference.seeds} reference runs"
            yield RecordFinding(
                f"reference: {measure}",
                f"{text.replace('SEEN', seen)}.",
                against=distance > AGAINST and reference.seeds >= ENOUGH,
            )


_WORDS = {
    "loss": "The training loss of epoch {number} is {value}; SEEN it was {least} to {most}",
    "val_loss": "The validation loss of epoch {number} is {value}; SEEN it was {least} to {most}",
    "probe": "After epoch {number} the probe loss is {value} times the validation loss; SEEN {least} to {most}",
    "way": "Kernel {number} has moved {value} times its length from where it began; SEEN {least} to {most} times",
    "angle": "Kernel {number} has turned by {value} radians from where it began; SEEN by {least} to {most}",
    "test": "The loss on test images is {value} times the validation loss; SEEN {least} to {most}",
    "holdout": "The loss on hidden images is {value} times the validation loss; SEEN {least} to {most}",
    "sample": "The loss on training images is {value} times the validation loss; SEEN {least} to {most}",
}


def _shown(value: float) -> str:
    return f"{math.exp(value):.3g}" if math.isfinite(value) and value < 300 else "no number"


def _log(value: float) -> float:
    return math.log(value) if value > 0 and math.isfinite(value) else math.nan


def _band(values: Sequence[float]) -> Band:
    return Band(
        mean=round(float(np.mean(values)), 6),
        deviation=round(float(np.std(values, ddof=1)), 6),
        least=round(float(np.min(values)), 6),
        most=round(float(np.max(values)), 6),
    )
