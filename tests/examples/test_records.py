"""The sample class's training records are those of real runs: each its own student's, complete, with what made it."""

from pathlib import Path

import msgspec
import pytest

from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

FOLDER = Path(__file__).parents[2] / "examples" / "class"
FILES = sorted(FOLDER.glob("*/*/*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: "-".join(file.relative_to(FOLDER).with_suffix("").parts))
def test_record(file):
    record = msgspec.json.decode(file.read_bytes(), type=TrainingRecord)
    assert (record.student, record.run) == (file.parent.name, file.stem)
    assignment = file.parents[1].name
    assert record.assignment == assignment
    assert record.seed == seed_of(assignment, record.student)
    named = record.run.removesuffix("_that_learns") if assignment == "mnist_convnet" else "adam"
    assert record.optimizer["name"] == named
    assert record.loss == {"transfer_learning": "binary_crossentropy"}.get(assignment, "categorical_crossentropy")
    assert {"keras", "tensorflow", "python", "cnnkit"} <= set(record.versions)
    assert len(record.steps) == min(10, -(-record.images // record.batch_size))  # of the first epoch
    assert {len(values) for values in record.history.values()} == {record.epochs}
    sizes = {"transfer_learning": {(256, 30), (128, 5)}, "data_augmentation": {(1_000, 40), (1_000, 6)}}.get(
        assignment, {(55_000, 10), (12_000, 3)}
    )
    assert (record.images, record.epochs) in sizes
    assert record.seconds > 1


def test_every_record_is_another_run():
    histories = [msgspec.json.decode(file.read_bytes(), type=TrainingRecord).history["loss"] for file in FILES]
    assert len({tuple(history) for history in histories}) == len(FILES) > 0
