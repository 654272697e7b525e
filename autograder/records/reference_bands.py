"""Statistics of the reference solution's runs, and the distance of a student's run from them.

autograder/rubrics/<assignment>/reference_runs.json is written by scripts/make_references.py from at least 20 seeds, see
`autograder.records.reference_measures`.
All numbers in it are natural logarithms, so that a difference is a ratio.
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
from autograder.records.training_conditions import epochs_of_fit, obstacles
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.optimizers import changed_settings
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.validation_losses import piece_means, unpacked_losses

RUBRICS = Path(__file__).parents[1] / "rubrics"
FILE = "reference_runs.json"

CONSPICUOUS, CONTRADICTED = 6.0, 10.0
"""Standard deviations from the reference runs' mean beyond which a run is inconclusive, and contradicted."""

ENOUGH_SEEDS = 20
"""Number of reference runs below which no run is contradicted by them, only inconclusive."""

SMALLEST_DEVIATION = 0.01
"""Smallest standard deviation that is assumed: 1 %. A run within 6 % of the mean is never conspicuous."""

BATCH_SIZE = 128
"""Images in a step of all reference runs, as `cnnkit.data.batches` gives them."""

Measures = dict[str, list[float]]
"""Logarithms by name, see `run_measures`."""


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Distribution of one measure over all reference runs: mean, standard deviation and extremes, as logarithms."""

    mean: float
    deviation: float
    least: float
    most: float

    def distance(self, value: float) -> float:
        """Distance of a value from the mean, in standard deviations; infinite for nan."""
        return abs(value - self.mean) / max(self.deviation, SMALLEST_DEVIATION) if math.isfinite(value) else math.inf


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of the reference runs of one kind: same run, images and epochs.

    Attributes:
        run, images, epochs: as in their records.
        optimizer: name and settings, as in their records.
        network: description of the network that was trained.
        loss: its name.
        seeds: number of runs.
        bands: distributions by measure, see `run_measures`; one for each epoch or kernel.
    """

    run: str
    images: int
    epochs: int
    optimizer: dict[str, float | str]
    network: ModelSpec
    seeds: int
    bands: dict[str, list[Band]]
    loss: str = "categorical_crossentropy"


def run_measures(record: TrainingRecord, examined: Examination) -> Measures:
    """Log-scaled statistics that are compared with the reference runs; nan where no logarithm is defined.

    Returns:
        "loss" and "val_loss" by epoch; "probe" by epoch, the ratio of the loss on the fingerprints' images to the
        validation loss; "way" and "angle" by kernel, its distance and its angle (radians) from the initial one; "test",
        "holdout" and "sample", the ratios of the losses on test, hidden and training images to the validation loss;
        "few_test", "few_holdout" and "few_sample", the same of every fifth of these images; "pieces", the ratio of the
        validation loss on each fiftieth of the validation images to that on all. A measure is empty where the record or
        the examination lacks its numbers.
    """
    found: Measures = {name: [_log(value) for value in record.history.get(name, [])] for name in ("loss", "val_loss")}
    validation = record.history.get("val_loss", [])
    probes = [numbers[0] for numbers in record.fingerprints[1:] if numbers]
    if any(map(math.isnan, probes)):
        probes = []  # it could not be told; what that means `judge` says
    found["probe"] = [_log(probe) - _log(loss) for probe, loss in zip(probes, validation, strict=False)]
    found["way"] = [_log(kernel.distance) for kernel in examined.kernels]
    found["angle"] = [_log(math.acos(max(-1.0, min(1.0, kernel.cosine)))) for kernel in examined.kernels]
    last = examined.validation_loss
    if last is None and validation:  # then the examination compared the losses on single images with the record's
        last = validation[-1]
    others = {"test": examined.test_loss, "holdout": examined.holdout_loss, "sample": examined.training_loss}
    for name, loss in others.items():
        found[name] = [] if loss is None or last is None else [_log(loss) - _log(last)]
    for name, part in (("few_test", "test"), ("few_holdout", "holdout"), ("few_sample", "training")):
        few = examined.few_losses.get(part)
        found[name] = [] if few is None or not validation else [_log(few) - _log(validation[-1])]
    found["pieces"] = []
    if record.image_losses:
        losses = unpacked_losses(record.image_losses)
        found["pieces"] = [_log(float(mean)) - _log(float(losses.mean())) for mean in piece_means(losses)]
    return found


def summarize_measures(runs: Sequence[Measures]) -> dict[str, list[Band]]:
    """Compute the bands of reference runs of one kind.

    Args:
        runs: measures of at least two runs. A measure that some of them lack has no band.
    """
    first = runs[0]
    return {
        name: [_band([one[name][position] for one in runs]) for position in range(len(values))]
        for name, values in first.items()
        if values and all(len(one.get(name, [])) == len(values) for one in runs)
    }


@cache
def load_references(assignment: str, folder: Path = RUBRICS) -> Mapping[tuple[str, int, int], Reference]:
    """Load the statistics of an assignment's reference runs, by (run, images, epochs); empty without a file."""
    file = folder / assignment / FILE
    if not file.is_file():
        return {}
    found = msgspec.json.decode(file.read_bytes(), type=list[Reference])
    return {(one.run, one.images, one.epochs): one for one in found}


def claims_reference(record: TrainingRecord, reference: Reference) -> bool:
    """True if a record says that it is a run of the same kind: network, optimizer, loss, dtype, data, calls of fit.

    A record of an earlier layout says less; the rest of it is assumed.
    """
    if record.network is None or not compare(record.network, reference.network).equal:
        return False
    name = str(reference.optimizer["name"])
    if record.optimizer.get("name") != name or changed_settings(name, record.optimizer, reference.optimizer):
        return False
    if record.batch_size != BATCH_SIZE or record.loss not in ("", reference.loss):
        return False
    if record.schema < 3:
        return True
    fit, rate = record.fit, reference.optimizer.get("learning_rate")
    rates = [*record.step_rates, *record.epoch_rates]
    return (
        not obstacles(record).any
        and not record.class_weight
        and not record.earlier_fits
        and not any(record.loss_settings.get(name) for name in ("from_logits", "label_smoothing", "loss_weights"))
        and "reduction" not in record.loss_settings
        and not any(fit.get(setting) for setting in ("steps_per_epoch", "validation_steps"))
        and fit.get("validation_freq", 1.0) == 1.0
        and epochs_of_fit(record) == record.epochs
        and all(isinstance(rate, float) and math.isclose(one, rate, rel_tol=1e-5) for one in rates)
    )


def band_distances(record: TrainingRecord, examined: Examination, reference: Reference) -> Iterator[RecordFinding]:
    """Findings for the measures in which a run is too far from the reference runs, at most one a measure.

    A run that is a different experiment has none, see `claims_reference`.

    Args:
        record: of the run.
        examined: its examination; an empty one for a record that was not examined, which is then compared in what the
            record itself says.
        reference: of the same kind.
    """
    if not claims_reference(record, reference):
        return
    for measure, values in run_measures(record, examined).items():
        bands = reference.bands.get(measure, [])
        worst = max(
            (
                (band.distance(value), position, value, band)
                for position, (value, band) in enumerate(zip(values, bands, strict=False))
            ),
            default=None,
            key=lambda found: found[0],
        )
        if worst is not None and worst[0] > CONSPICUOUS:
            distance, position, value, band = worst
            text = _WORDS[measure].format(
                number=position + 1, value=_shown(value), least=_shown(band.least), most=_shown(band.most)
            )
            seen = f"in {reference.seeds} reference runs"
            yield RecordFinding(
                f"reference: {measure}",
                f"{text.replace('SEEN', seen)}.",
                against=distance > CONTRADICTED and reference.seeds >= ENOUGH_SEEDS,
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
    "few_test": "The loss on some test images is {value} times the validation loss; SEEN {least} to {most}",
    "few_holdout": "The loss on some hidden images is {value} times the validation loss; SEEN {least} to {most}",
    "few_sample": "The loss on some training images is {value} times the validation loss; SEEN {least} to {most}",
    "pieces": "In part {number} of 50 the validation loss is {value} times that of all; SEEN {least} to {most} times",
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
