"""Honest training is never contradicted: it is verified where the replay follows it, else open with the reason."""

import os
from pathlib import Path

import pytest

import cnnkit
from autograder.intake.training_records import validated_record
from autograder.records.examination import examine
from autograder.records.findings import combined_verdict
from autograder.records.judge import RecordContext
from autograder.records.verdicts import examined_findings
from tests.autograder.records import honest_variations
from tests.autograder.records.honest_variations import VARIATIONS, fitted, network, record_variation

pytestmark = pytest.mark.tensorflow


class DirectExaminer:
    """Examines in this process."""

    def examine(self, request):
        return examine(request)


@pytest.fixture
def earlier_cell(monkeypatch):
    """A network that a cell before the training cell has trained."""
    cnnkit.start("mnist_convnet", student="s1")
    train, val = cnnkit.data.batches("mnist", quick=True)
    model = network()
    fitted(train.first(256), val.first(100), 1, [], model=model)
    monkeypatch.setattr(honest_variations, "_GLOBAL", [model])


@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda variation: variation.name)
def test_it_is_verified_or_open_with_its_reason(variation, tmp_path, monkeypatch, request):
    # a narrow network is quick; no assignment specifies it
    monkeypatch.setattr("autograder.records.verdicts.is_specified", lambda *_: True)
    if variation.name == "a_network_of_an_earlier_cell":
        request.getfixturevalue("earlier_cell")
    before = Path.cwd()
    try:
        record, weights = record_variation(tmp_path, variation.train, **variation.options)
    finally:
        os.chdir(before)
    record = validated_record(record.to_json())
    context = RecordContext("mnist_convnet", "s1", weights=weights)
    found = combined_verdict(examined_findings(record, DirectExaminer(), context, lot="honest"), "verified")
    assert found.verdict == ("inconclusive" if variation.reason else "verified"), found.reason
    assert variation.reason in found.reason


def test_there_are_enough():
    assert len(VARIATIONS) >= 50
    assert sum(not variation.reason for variation in VARIATIONS) >= 25
