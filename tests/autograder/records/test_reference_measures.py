"""Measures of reference runs go into a file line by line, and the bands come from all of its lines."""

import math

import msgspec
import pytest

from autograder.records.reference_bands import RUBRICS, Reference, load_references
from autograder.records.reference_measures import (
    FILE,
    ReferenceKind,
    ReferenceRun,
    append_measures,
    read_measures,
    references_of,
    rounded,
)
from cnnkit.assignments.mnist_convnet.brief import BRIEF

ADAM = {"run": "adam", "images": 12_000, "epochs": 3}
KIND = ReferenceKind(**ADAM, optimizer={"name": "adam"}, network=BRIEF)


def run(student, value=0.1, **changes):
    return ReferenceRun(**{**ADAM, **changes}, student=student, measures={"loss": [value, 0.2]})


def test_lines_are_appended_once(tmp_path):
    file = tmp_path / FILE
    assert read_measures(file) == []
    append_measures(file, [KIND, run("r01")])
    append_measures(file, [KIND, run("r02"), run("r01", 0.5), run("r01", epochs=10)])
    assert read_measures(file) == [KIND, run("r01"), run("r02"), run("r01", epochs=10)]
    assert len(file.read_text().splitlines()) == 4


def test_lines_of_another_machine_are_read_behind_ours(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    append_measures(ours, [KIND, run("r01")])
    append_measures(theirs, [KIND, run("r02")])
    ours.write_bytes(ours.read_bytes() + theirs.read_bytes())
    (reference,) = references_of(read_measures(ours), {})
    assert (reference.run, reference.seeds) == ("adam", 2)


def test_a_damaged_line_is_an_error(tmp_path):
    (tmp_path / FILE).write_text('{"type": "run"')
    with pytest.raises(msgspec.DecodeError):
        read_measures(tmp_path / FILE)


def test_bands_are_those_of_all_runs_of_a_kind():
    lines = [KIND, run("r01", 0.1), run("r02", 0.3), run("r03", 9.0, epochs=10)]
    (reference,) = references_of(lines, {})
    assert (reference.seeds, reference.network, reference.optimizer) == (2, BRIEF, {"name": "adam"})
    band, same = reference.bands["loss"]
    assert (band.mean, band.least, band.most, band.deviation) == (0.2, 0.1, 0.3, round(math.sqrt(0.02), 6))
    assert same.deviation == 0


def test_one_run_makes_no_band():
    assert references_of([KIND, run("r01")], {}) == []


@pytest.mark.parametrize(("seeds", "stays"), [(3, True), (2, False), (1, False)])
def test_a_reference_of_more_runs_stays(seeds, stays):
    known = Reference(**ADAM, optimizer={"name": "old"}, network=BRIEF, seeds=seeds, bands={})
    (reference,) = references_of([KIND, run("r01"), run("r02")], {KIND.kind: known})
    assert (reference is known) == stays


def test_a_kind_without_lines_stays():
    known = Reference(run="sgd", images=1, epochs=1, optimizer={}, network=BRIEF, seeds=24, bands={})
    assert references_of([], {("sgd", 1, 1): known}) == [known]


def test_measures_are_written_to_six_places():
    assert rounded({"loss": [1 / 3]}) == {"loss": [0.333333]}
    with pytest.raises(ValueError, match="finite"):
        rounded({"loss": [math.nan]})


@pytest.mark.parametrize("file", sorted(RUBRICS.glob(f"*/{FILE}")), ids=lambda file: file.parent.name)
def test_the_committed_bands_are_those_of_the_committed_lines(file):
    known = load_references(file.parent.name)
    assert references_of(read_measures(file), known) == [known[kind] for kind in sorted(known)]
