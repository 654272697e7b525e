"""Tables in Markdown."""

import pytest


@pytest.fixture(scope="module")
def module(load_script):
    return load_script("benchmarks/markdown_table.py")


def test_rows_that_are_left_out(module):
    lines = list(module.markdown_table(("a", "b"), [("1", "2"), None]))
    assert lines == ["| a | b |", "|---|---|", "| 1 | 2 |", ""]
    assert list(module.markdown_table(("a", "b"), [None])) == []


def test_parts_of_one_day_and_commit_are_said_once(module):
    entry = {"date": "2026-11-30", "commit": "c0ffee1"}
    found = {"measured": {"a": entry, "b": entry, "c": entry | {"date": "2026-12-01"}}}
    assert module.when_measured(found, ["a", "b", "c", "d"]) == "2026-11-30 (c0ffee1), 2026-12-01 (c0ffee1)"
