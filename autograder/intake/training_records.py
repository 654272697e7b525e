"""Training records in a notebook's outputs and in records/*.json, strictly validated and bounded."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from autograder.intake.notebook_file import SubmittedCell
from cnnkit.errors import KitError
from cnnkit.linear_pattern import compile_anchored
from cnnkit.mismatch import Mismatch
from cnnkit.networks.spec_bounds import validated_spec
from cnnkit.recording import record_bounds, seed_stream
from cnnkit.recording.schema import MIME, SCHEMA, TrainingRecord
from cnnkit.recording.validation_losses import unpacked_answers, unpacked_losses
from cnnkit.text import encodable

_MAX_COUNT = 10**9
_MAX_PICTURE = 500_000
_DIGEST = compile_anchored(r"(sha256:[0-9a-f]{64})?")
_BASE64 = compile_anchored(r"[A-Za-z0-9+/\s]*+={0,2}\s*+")


class BadRecord(KitError):
    """Not a training record; `str(error)` says why."""


def collect_records(
    files: Iterable[tuple[str, bytes]], cells: Iterable[SubmittedCell], assignment: str = ""
) -> tuple[dict[str, TrainingRecord], list[str]]:
    """Collect the records of a submission.

    If a run is recorded more than once, the last record counts; side files come before the notebook's outputs, which
    are what the student saw last.

    Args:
        files: name and content of each side file.
        cells: the notebook's cells.
        assignment: name of the assignment; side files with records of a different one are ignored, since notebooks of
            several assignments may be in one folder. "" takes all.

    Returns:
        The records by run, and a sentence for each record that was ignored because it is invalid.
    """
    records: dict[str, TrainingRecord] = {}
    notes: list[str] = []
    for place, data, beside in _found(files, cells):
        try:
            record = validated_record(data)
        except BadRecord as error:
            notes.append(f"A training record in {place} was ignored: {error}.")
            continue
        if beside and assignment and record.assignment not in ("", assignment):
            continue
        if record.run not in records and len(records) >= record_bounds.MOST_RUNS:
            notes.append(
                f"More than {record_bounds.MOST_RUNS} training runs: the record {record.run} in {place} was ignored."
            )
            continue
        records.pop(record.run, None)
        records[record.run] = record
    return records, notes


def validated_record(data: object) -> TrainingRecord:
    """Validate a record.

    Losses may be NaN or infinite, since a training may diverge; every other number must be finite.

    Args:
        data: JSON data, or JSON as text, lines of text or bytes.

    Raises:
        BadRecord: it is not a record, or is beyond the bounds.
    """
    if isinstance(data, list) and all(isinstance(part, str) for part in data):
        data = "".join(data)
    if isinstance(data, str | bytes):
        data = _json(data)
    try:
        record = msgspec.convert(data, TrainingRecord)
    except msgspec.ValidationError as error:
        raise BadRecord(f"it is not a record as cnnkit writes it ({error})") from None
    except (OverflowError, RecursionError, UnicodeEncodeError, ValueError, TypeError):
        raise BadRecord("a value in it is out of range") from None
    _check(record)
    return record


def safe_outputs(outputs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reduce a cell's outputs to its training records, each with its text and PNG picture; no HTML, no script."""
    kept = []
    for data in _bundles(outputs):
        try:
            record = validated_record(data[MIME])
        except BadRecord:
            continue
        # nbformat's JSON knows no NaN: as text the record survives every reader.
        bundle: dict[str, Any] = {MIME: record.to_json() if _all_finite(record) else json.dumps(record.to_json())}
        text, picture = _joined(data.get("text/plain")), _joined(data.get("image/png"))
        bundle["text/plain"] = encodable(text[:2_000]) if text else f"training record {record.run}"
        if picture and len(picture) <= _MAX_PICTURE and _BASE64.fullmatch(picture):
            bundle["image/png"] = picture
        kept.append({"output_type": "display_data", "data": bundle, "metadata": {}})
    return kept[: record_bounds.MOST_RUNS]


def _found(files: Iterable[tuple[str, bytes]], cells: Iterable[SubmittedCell]) -> Iterable[tuple[str, object, bool]]:
    """For each record: its place for a message, its data, and True if it is a side file."""
    for name, content in files:
        yield name, content, True
    for cell in cells:
        for data in _bundles(cell.outputs):
            yield f"cell {cell.number}", data[MIME], False


def _bundles(outputs: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for output in outputs:
        data = output.get("data")
        if isinstance(data, dict) and MIME in data:
            yield data


def _json(text: str | bytes) -> object:
    if len(text) > record_bounds.LARGEST_RECORD:
        raise BadRecord(
            f"it is {len(text) / 1e6:.1f} MB large, at most {record_bounds.LARGEST_RECORD / 1e6:.0f} MB is read"
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadRecord("it is not valid JSON") from None


def _check(record: TrainingRecord) -> None:
    """Check the bounds of a record."""
    if not 1 <= record.schema <= SCHEMA:
        raise BadRecord(f"it has layout {str(record.schema)[:20]}, this grader reads layouts 1 to {SCHEMA}")
    _name(record.run, "the run's name")
    if not record.run:
        raise BadRecord("its run has no name")
    if len(record.history) > record_bounds.MOST_METRICS:
        raise BadRecord(f"it has {len(record.history):,} metrics, at most {record_bounds.MOST_METRICS} are read")
    for metric, values in record.history.items():
        _name(metric, "a metric's name")
        if len(values) > record_bounds.MOST_EPOCHS:
            raise BadRecord(f"it has {len(values):,} epochs, at most {record_bounds.MOST_EPOCHS:,} are read")
    if len(record.steps) > record_bounds.FIRST_STEPS:
        raise BadRecord(f"it has {len(record.steps):,} first steps, at most {record_bounds.FIRST_STEPS} are read")
    _settings(record)
    _provenance(record)
    _explanation(record)
    for label, count in (("images", record.images), ("batch_size", record.batch_size), ("epochs", record.epochs)):
        if not 0 <= count <= _MAX_COUNT:
            raise BadRecord(f"{label} is not between 0 and {_MAX_COUNT:,}")
    if not 0 <= record.seconds <= _MAX_COUNT:
        raise BadRecord("seconds is not a length of time")
    if not 0 <= record.seed < 2**64:
        raise BadRecord("seed is out of range")


def _provenance(record: TrainingRecord) -> None:
    """Check the bounds of the fields that layout 2 added: initial state, data and fingerprints."""
    for label, text in (("initial", record.initial), ("weights", record.weights)):
        if not _DIGEST.fullmatch(text):
            raise BadRecord(f"{label} is no digest")
    _name(record.device, "device")
    for label, mapping in (("settings", record.settings), ("data", record.data)):
        _mapping(label, mapping)
    if len(record.fingerprints) > record_bounds.MOST_EPOCHS + 1 or any(
        len(one) > record_bounds.MOST_NUMBERS for one in record.fingerprints
    ):
        raise BadRecord("it has more fingerprints, or longer ones, than a training can have")
    if len(record.draws) > record_bounds.MOST_NUMBERS or len(record.resumed) > record_bounds.MOST_EPOCHS:
        raise BadRecord("it has more random draws, or was resumed more often, than a training can be")
    for draw in record.draws:
        _name(draw.what, "a draw")
        _name(draw.kind, "a draw")
        if (
            not 0 <= draw.layer <= record_bounds.MOST_NUMBERS
            or len(draw.seed) > 2
            or any(not 0 <= n < 2**64 for n in draw.seed)
            or not -1 <= draw.position < seed_stream.LENGTH
        ):
            raise BadRecord("a random draw is out of range")
    if record.network is not None:
        if len(record.network.layers) > record_bounds.MOST_NUMBERS:
            raise BadRecord(f"its network has {len(record.network.layers):,} layers")
        try:
            validated_spec(record.network)
        except Mismatch as error:
            raise BadRecord(f"its network cannot be one ({error.message})") from None


def _explanation(record: TrainingRecord) -> None:
    """Check the bounds of the fields that layout 3 added: validation image by image, and settings of the training."""
    most = record_bounds.MOST_VALIDATED
    # compared before anything is decoded; base64 takes 4 characters for 3 bytes
    if len(record.image_losses) > -(-2 * most // 3) * 4 or len(record.image_right) > -(-most // 24) * 4:
        raise BadRecord(f"it has losses of more than {most:,} validation images")
    try:
        losses = unpacked_losses(record.image_losses)
        unpacked_answers(record.image_right, len(losses))
    except ValueError as error:
        raise BadRecord(f"its losses of single validation images cannot be read ({error})") from None
    if 0 < len(losses) < record_bounds.PIECES:
        raise BadRecord(f"it has losses of {len(losses)} validation images, of fewer than {record_bounds.PIECES} none")
    for label, rates, longest in (
        ("step_rates", record.step_rates, record_bounds.FIRST_STEPS),
        ("epoch_rates", record.epoch_rates, record_bounds.MOST_EPOCHS),
    ):
        if len(rates) > longest:
            raise BadRecord(f"{label} holds {len(rates):,} learning rates, at most {longest:,} are read")
        if not all(map(math.isfinite, rates)):
            raise BadRecord(f"a number in {label} is not finite")
    mappings: tuple[tuple[str, Mapping[str, float | str]], ...] = (
        ("fit", record.fit),
        ("class_weight", dict(record.class_weight)),
        ("loss_settings", record.loss_settings),
        ("unclear", dict(record.unclear)),
    )
    for label, mapping in mappings:
        _mapping(label, mapping)
    if not 0 <= record.earlier_fits <= _MAX_COUNT:
        raise BadRecord("earlier_fits is out of range")
    if len(record.dtypes) > record_bounds.MOST_NUMBERS:
        raise BadRecord(f"dtypes holds {len(record.dtypes):,} names, at most {record_bounds.MOST_NUMBERS:,} are read")
    for name in (record.floatx, *record.dtypes):
        _name(name, "a dtype")


def _mapping(label: str, mapping: Mapping[str, float | str]) -> None:
    if len(mapping) > record_bounds.MOST_METRICS:
        raise BadRecord(f"{label} has {len(mapping):,} entries, at most {record_bounds.MOST_METRICS} are read")
    for key, value in mapping.items():
        _name(key, f"a name in {label}")
        if isinstance(value, str):
            _name(value, f"a text in {label}")
        elif not math.isfinite(value):
            raise BadRecord(f"a number in {label} is not finite")


def _settings(record: TrainingRecord) -> None:
    _mapping("optimizer", record.optimizer)
    _mapping("versions", record.versions)
    for label, text in (("loss", record.loss), ("assignment", record.assignment), ("student", record.student)):
        _name(text, label)


def _name(text: str, label: str) -> None:
    if len(text) > record_bounds.LONGEST_NAME:
        raise BadRecord(f"{label} has {len(text):,} characters, at most {record_bounds.LONGEST_NAME} are read")
    if not text.isprintable():
        raise BadRecord(f"{label} holds characters that cannot be printed")


def _all_finite(record: TrainingRecord) -> bool:
    numbers = [*record.history.values(), *record.fingerprints]
    return all(map(math.isfinite, [*record.steps, *(value for values in numbers for value in values)]))


def _joined(value: object) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
