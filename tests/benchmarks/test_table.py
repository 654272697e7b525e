"""The page of figures says what `benchmarks/latest.json` says."""

import json

import pytest


@pytest.fixture(scope="module")
def table(load_script):
    return load_script("benchmarks/table.py")


def test_the_page_is_that_of_the_figures(root, table):
    page = (root / "docs" / "performance.md").read_text(encoding="utf-8")
    found = json.loads((root / "benchmarks" / "latest.json").read_text(encoding="utf-8"))
    assert table.with_tables(page, found) == page, "run python benchmarks/table.py"


def test_what_was_not_measured_is_left_out(table):
    machine = {"processor": "P", "cores": "2", "python": "3", "keras": "3", "tensorflow": "2"}
    found = {"machine": machine, "times_floor": 1.3, "seconds_floor_of": {"calls": 0.1, "records": 1.5}}
    made = table.tables(found)
    assert "1.30 times | at most 1.5" in made
    assert "nbgrader" not in made
    assert made.index("records") < made.index("calls")


def test_a_page_without_its_marks(table):
    with pytest.raises(ValueError, match="end of figures"):
        table.with_tables("no marks", {})
