"""The rubric itself: each wrong answer is caught by the check it belongs to, each right one gets full marks."""

from pathlib import Path

import pytest

from autograder import rubric
from autograder.course import load
from autograder.evidence.remote import RemoteEvidence
from autograder.evidence.session import Conversation
from autograder.intake.submission import Cell, Submission
from autograder.rubrics.mnist_convnet.equivalents import EQUIVALENTS
from autograder.rubrics.mnist_convnet.mutants import MUTANTS
from autograder.samples import apply, reference_cells
from autograder.sandbox.client import Zygote
from cnnkit.checks.mnist_convnet import OPTIMIZERS
from cnnkit.training import TrainingRecord

pytestmark = pytest.mark.tensorflow

COURSE = load(Path(__file__).parent)
ASSIGNMENT = COURSE.assignment("mnist_convnet")
REFERENCE = reference_cells(COURSE, "mnist_convnet")
IMPORTS = (
    "import math\nimport keras\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport tensorflow as tf\n"
    "from keras import layers"
)
RECORDS = {
    name: TrainingRecord(run=name, history={"loss": [1 / epoch for epoch in range(1, 11)]}, images=55_000)
    for name in OPTIMIZERS
}


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as started:
        started.wait()
        yield started


def checks(zygote, samples, records=RECORDS):
    sources = [IMPORTS, *(source for name, source in apply(REFERENCE, samples).items() if name != "discussion")]
    cells = tuple(Cell(number, "", source, "student") for number, source in enumerate(sources, 1))
    submission = Submission("mnist_convnet", "s01", Path(), cells, records)
    conversation = Conversation(submission, lambda: zygote.address, ASSIGNMENT.limits)
    try:
        return {
            item.id: item for item in rubric.run("mnist_convnet", ASSIGNMENT, RemoteEvidence(conversation), records)
        }
    finally:
        conversation.close()


def test_reference_gets_full_marks(zygote):
    found = checks(zygote, [])
    assert [(item.id, item.message) for item in found.values() if item.outcome != "passed"] == []
    assert sum(item.points for item in found.values()) == ASSIGNMENT.max_score


@pytest.mark.parametrize("sample", EQUIVALENTS, ids=lambda sample: sample.name)
def test_equivalent_gets_full_marks(zygote, sample):
    found = checks(zygote, [sample])
    assert [(item.id, item.message) for item in found.values() if item.outcome != "passed"] == []


@pytest.mark.parametrize("sample", MUTANTS, ids=lambda sample: sample.name)
def test_mutant_is_caught_and_named(zygote, sample):
    found = checks(zygote, [sample])
    lost = {item.id for item in found.values() if item.outcome in ("failed", "error")}
    assert lost == set(sample.fails), {item.id: item.message for item in found.values() if item.outcome != "passed"}
    assert sample.says in found[sample.fails[0]].message
    skipped = {item.id for item in found.values() if item.outcome == "skipped"}
    exercise = sample.fails[0].partition(".")[0]
    assert all(name.startswith(exercise) for name in skipped)


def test_every_check_has_a_mutant(zygote):
    """The two checks on the records are not about code: they have tests of their own below."""
    covered = {name for sample in MUTANTS for name in sample.fails}
    assert set(checks(zygote, [])) - covered == {"training.records_complete", "training.losses_fall"}


def test_records_missing(zygote):
    found = checks(zygote, [], records={})
    assert found["training.records_complete"].outcome == "failed"
    assert "found none" in found["training.records_complete"].message
    assert found["training.losses_fall"].outcome == "skipped"


@pytest.mark.parametrize(
    ("loss", "images", "failed"),
    [
        ([1 / epoch for epoch in range(1, 4)], 12_000, "records_complete"),
        ([1 / epoch for epoch in range(1, 11)], 12_000, "records_complete"),
        ([1 / epoch for epoch in range(1, 4)], 55_000, "records_complete"),
        ([float("nan")] * 10, 55_000, "losses_fall"),
        ([2.3] * 9 + [2.31], 55_000, "losses_fall"),
    ],
)
def test_records_wrong(zygote, loss, images, failed):
    records = RECORDS | {"sgd": TrainingRecord(run="sgd", history={"loss": loss}, images=images)}
    found = checks(zygote, [], records=records)
    assert found[f"training.{failed}"].outcome == "failed"
    assert "sgd" in found[f"training.{failed}"].message
