"""The pages and the picture say what `benchmarks/latest.json` says."""

import json

import pytest


@pytest.fixture(scope="module")
def table(load_script):
    return load_script("benchmarks/table.py")


@pytest.fixture(scope="module")
def latest(root):
    return json.loads((root / "benchmarks" / "latest.json").read_text(encoding="utf-8"))


def test_pages_and_picture_are_those_of_the_figures(root, table, latest):
    made = table.pages(latest)
    assert set(made) == {"docs/performance.md", "docs/cluster.md", "docs/images/class-sizes.svg"}
    for path, text in made.items():
        assert (root / path).read_text(encoding="utf-8") == text, f"{path}: run python benchmarks/table.py"


def test_a_page_without_its_marks(table):
    with pytest.raises(ValueError, match="end of figures"):
        table.with_tables("no marks", "tables")


def test_the_text_around_the_tables_stays(table):
    page = f"before\n{table.BEGIN}\nold\n\n{table.END}after\n"
    assert table.with_tables(page, "new") == f"before\n{table.BEGIN}\nnew\n\n{table.END}after\n"
