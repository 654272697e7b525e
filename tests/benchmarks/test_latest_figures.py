"""`latest.json` is made of the parts' results, and keeps what only an earlier run has measured."""

import json

import pytest

HERE = {"processor": "P"}


@pytest.fixture(scope="module")
def latest(load_script):
    return load_script("benchmarks/latest_figures.py")


@pytest.fixture(scope="module")
def result(load_script):
    """Make a result of a part on some machine."""
    made = load_script("benchmarks/part_results.py").PartResult

    def make(part, figures, machine=HERE, date="2026-11-30"):
        return made(part, date, "c0ffee1", "sha256:a", machine, 9.0, None, figures)

    return make


def test_all_figures_side_by_side_with_their_dates(latest, result):
    found = latest.merged([result("a", {"x": 1}), result("b", {"y": 2}, date="2026-12-01")], {}, HERE)
    assert (found["x"], found["y"], found["machine"]) == (1, 2, HERE)
    assert {name: entry["date"] for name, entry in found["measured"].items()} == {"a": "2026-11-30", "b": "2026-12-01"}


def test_one_figure_by_part(latest, result):
    parts = [result("a", {"seconds_10000": {"scheduler": 3}}), result("b", {"seconds_10000": {"gradebook": 4}})]
    assert latest.merged(parts, {}, HERE)["seconds_10000"] == {"scheduler": 3, "gradebook": 4}


def test_what_was_measured_earlier_stays_with_its_date(latest, result):
    earlier = latest.merged([result("a", {"x": 1, "z": {"p": 1}}), result("b", {"y": 2, "z": {"q": 2}})], {}, HERE)
    found = latest.merged(
        [result("b", {"y": 3, "z": {"q": 5}}, date="2026-12-01")], json.loads(json.dumps(earlier)), HERE
    )
    assert (found["x"], found["y"], found["z"]) == (1, 3, {"p": 1, "q": 5})
    assert found["measured"]["a"]["date"] == "2026-11-30"


def test_a_figure_that_its_part_no_longer_gives_is_gone(latest, result):
    earlier = latest.merged([result("a", {"x": 1, "old": 2})], {}, HERE)
    assert "old" not in latest.merged([result("a", {"x": 1})], earlier, HERE)


def test_figures_of_another_machine_are_left_out(latest, result):
    other = {"processor": "Q"}
    earlier = latest.merged([result("a", {"x": 1}, machine=other)], {}, other)
    assert earlier["x"] == 1
    found = latest.merged([result("b", {"y": 2}, machine=other)], earlier, HERE)
    assert found == {"machine": HERE, "measured": {}}


def test_ratios_are_computed_from_figures_of_all_parts(latest, result):
    parts = [result("a", {"seconds_60": 20.0}), result("b", {"seconds_otter_60": 600.0})]
    assert latest.merged(parts, {}, HERE)["times_faster_than_otter"] == 30.0
