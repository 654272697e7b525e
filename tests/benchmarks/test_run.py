"""The runner measures missing and stale parts only, and keeps the others when one fails."""

import json
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def run(load_script, tmp_path, monkeypatch):
    """The runner, with results and figures in a folder of the test's own, and one part that measures nothing."""
    module = load_script("benchmarks/run.py")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    results = {}
    monkeypatch.setattr(module, "read_result", results.get)
    monkeypatch.setattr(module, "write_result", lambda result: results.__setitem__(result.part, result))
    monkeypatch.setattr(module, "update_latest", lambda parts: {"of": sorted(results)})
    pages = []
    monkeypatch.setattr(module, "write_pages", pages.append)
    measured = []

    def measure(command, *, capture):
        words = list(map(str, command))
        assert not capture
        measured.append(words[words.index("--part") + 1])
        if measured[-1] in module.failing:
            raise module.CommandFailed("no room")
        with open(words[words.index("--into") + 1], "w") as file:
            json.dump({"seconds_60": 1.0}, file)
        return type("Spent", (), {"wall": 1.0, "processor": None})

    monkeypatch.setattr(module, "measure_command", measure)
    module.failing, module.measured, module.results, module.pages = set(), measured, results, pages
    return module


def call(run, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["run.py", *words])
    run.measured.clear()
    return run.main()


def test_what_is_up_to_date_is_not_measured_again(run, monkeypatch):
    bench = [part.name for part in run.PARTS if not part.scale]
    assert call(run, monkeypatch) == 0
    assert run.measured == bench
    assert call(run, monkeypatch) == 0
    assert run.measured == []
    assert call(run, monkeypatch, "--part", "verify", "--again") == 0
    assert run.measured == ["verify"]
    assert run.pages[-1] == {"of": sorted(bench)}


def test_a_part_that_fails_stops_no_other(run, monkeypatch, capsys):
    run.failing.add("verify")
    assert call(run, monkeypatch) == 1
    assert "verify" not in run.results
    assert len(run.results) == len(run.measured) - 1
    assert "verify: no room" in capsys.readouterr().err
    run.failing.clear()
    assert call(run, monkeypatch) == 0
    assert run.measured == ["verify"]


def test_a_part_brings_what_it_goes_on_with(run, monkeypatch):
    assert call(run, monkeypatch, "--part", "class_gradebook") == 0
    assert run.measured == ["cluster_tenth", "cluster_rest", "class_gradebook"]


def test_a_trial_leaves_no_trace(run, monkeypatch):
    assert call(run, monkeypatch, "--part", "verify", "--trial") == 0
    assert (run.results, run.pages) == ({}, [])


def test_classes_that_were_made_with_different_code_are_removed(run, tmp_path):
    (tmp_path / "work-old" / "class-60").mkdir(parents=True)
    folder = run.work_folder()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert run.work_folder() == folder
