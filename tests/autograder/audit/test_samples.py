"""Samples are made from the solution as it stands, and say so when they no longer fit it."""

import pytest

from autograder.audit.samples import Sample, SampleError, apply_samples, change_record, compose, replace_cell, swap
from cnnkit.recording.schema import TrainingRecord


def test_swap():
    assert swap("b", "x")("abc") == "axc"


@pytest.mark.parametrize(("source", "times"), [("acd", 0), ("abab", 2)])
def test_a_swap_that_does_not_fit(source, times):
    with pytest.raises(SampleError, match=f"expected 'b' exactly once in the solution, found it {times} times"):
        swap("b", "x")(source)


def test_one_change_after_the_other():
    assert compose(swap("b", "x"), swap("x", "yz"))("abc") == "ayzc"


def test_a_changed_record():
    records = {"one": TrainingRecord(run="one", history={"loss": [2.0]}), "two": TrainingRecord(run="two", history={})}
    changed = change_record("one", loss=[3.0, 4.0], images=5)(records)
    assert (changed["one"].history, changed["one"].images) == ({"loss": [3.0, 4.0]}, 5)
    assert changed["two"] is records["two"]
    assert records["one"].history == {"loss": [2.0]}


def test_apply():
    reference = {"one": "a = 1", "two": "b = 2"}
    samples = [
        Sample("x", "one", swap("1", "3")),
        Sample("y", "one", swap("3", "4")),
        Sample("z", "two", replace_cell("\nc\n")),
    ]
    assert apply_samples(reference, samples) == {"one": "a = 4", "two": "c"}
    assert reference == {"one": "a = 1", "two": "b = 2"}
    with pytest.raises(SampleError, match="sample lost: there is no solution cell 'three'"):
        apply_samples(reference, [Sample("lost", "three", str)])
