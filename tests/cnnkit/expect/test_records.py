"""Records of full runs pass; missing ones, quick ones and losses that do not fall are told."""

import pytest

from cnnkit.expect.records import complete, losses_fall
from cnnkit.mismatch import Mismatch
from cnnkit.recording.schema import TrainingRecord


def record(*loss, images=100):
    return TrainingRecord(run="one", history={"loss": list(loss)}, images=images)


def test_full_runs():
    records = {"one": record(2.0, 1.0), "two": record(2.0, 1.9), "three": record()}
    complete(records, ("one", "two"), images=100, epochs=2)
    losses_fall(records, ("one", "two"))


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ({}, "expected one, two, found none."),
        ({"one": record(2.0, 1.0)}, "expected one, two, found one."),
        (
            {"one": record(2.0, 1.0), "two": record(2.0)},
            "record of two: expected 2 epochs on all 100 .* found 1 epochs",
        ),
        ({"one": record(2.0, 1.0, images=10)}, "record of one: .* found 2 epochs on 10 images"),
    ],
)
def test_what_is_missing(records, words):
    with pytest.raises(Mismatch, match=words):
        complete(records, ("one", "two"), images=100, epochs=2)


@pytest.mark.parametrize(("loss", "words"), [((1.0, 1.0), "1.000 and 1.000"), ((1.0, float("nan"), 0.5), "nan")])
def test_losses_that_do_not_fall(loss, words):
    with pytest.raises(Mismatch, match=words):
        losses_fall({"one": record(*loss)}, ("one",))
