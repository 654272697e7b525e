"""Tests mirror modules: where to look for a module's tests, by its path or by the table of docs/development.md."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "development.md"
HEADING = "### Modules whose tests have another name"

# An assignment's own files: its rubric is tested by `autograder audit`, its solution by tests/solutions/.
OF_ASSIGNMENTS = ("autograder/rubrics/", "cnnkit/assignments/")


def modules(root):
    """Modules of both packages that need tests, by their paths."""
    paths = sorted(path.relative_to(root) for name in ("autograder", "cnnkit") for path in (root / name).rglob("*.py"))
    return [
        path.as_posix()
        for path in paths
        if path.name not in ("__init__.py", "__main__.py") and not path.as_posix().startswith(OF_ASSIGNMENTS)
    ]


def mirror(module):
    """The test file of a module that needs no row in the table."""
    path = Path("tests", module)
    return path.with_name(f"test_{path.name}").as_posix()


def table(text):
    """The rows of the table: modules, and the files that test them.

    Raises:
        ValueError: the page has no such table.
    """
    _, heading, section = text.partition(HEADING + "\n")
    if not heading:
        raise ValueError(f"expected the heading {HEADING!r} in {PAGE.name}, found none")
    section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
    cells = [line.strip().strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", left), re.findall(r"`([^`]+)`", right)) for left, right in cells]


def faults(root, rows):
    """Sentences on what is missing or superfluous, each with what to do."""
    known, listed, found = modules(root), [name for names, _ in rows for name in names], []
    for name in known:
        has_mirror = (root / mirror(name)).is_file()
        if not has_mirror and name not in listed:
            found.append(f"{name}: expected {mirror(name)}, or a row in the table; found neither")
        elif has_mirror and name in listed:
            found.append(f"{name}: {mirror(name)} exists; remove it from the table")
    found += [f"{name}: in the table, but there is no such module; remove it" for name in listed if name not in known]
    found += [f"{name}: in the table more than once" for name in sorted(set(listed)) if listed.count(name) > 1]
    for names, tests in rows:
        if not tests:
            found.append(f"{names[0]}: its row names no test file")
        found += [
            f"{', '.join(names)}: the table names {test}, which does not exist"
            for test in tests
            if not (root / test).is_file()
        ]
    return found


def test_every_module_has_a_test_file():
    assert "\n".join(faults(ROOT, table(PAGE.read_text(encoding="utf-8")))) == ""


@pytest.mark.parametrize("folder", sorted((ROOT / "solutions").iterdir()), ids=lambda folder: folder.name)
def test_every_assignment_has_its_tests(folder):
    """Its solution is run, and its rubric has the samples that `autograder audit` tries."""
    expected = [f"tests/solutions/test_{folder.name}.py"]
    expected += [f"autograder/rubrics/{folder.name}/{part}.py" for part in ("mutants", "equivalents")]
    assert [path for path in expected if not (ROOT / path).is_file()] == []


@pytest.fixture
def small(tmp_path):
    for path in ("autograder/a.py", "cnnkit/sub/b.py", "cnnkit/sub/__init__.py", "tests/cnnkit/sub/test_b.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


def test_a_module_without_tests_is_named(small):
    assert faults(small, []) == [
        "autograder/a.py: expected tests/autograder/test_a.py, or a row in the table; found neither"
    ]


def test_a_row_stands_for_a_file_of_another_name(small):
    assert faults(small, [(["autograder/a.py"], ["tests/cnnkit/sub/test_b.py"])]) == []


def test_rows_that_say_nothing_true_are_named(small):
    rows = [
        (["autograder/a.py", "cnnkit/sub/b.py"], ["tests/test_nowhere.py"]),
        (["cnnkit/c.py"], ["tests/cnnkit/sub/test_b.py"]),
        (["cnnkit/c.py"], []),
    ]
    assert faults(small, rows) == [
        "cnnkit/sub/b.py: tests/cnnkit/sub/test_b.py exists; remove it from the table",
        "cnnkit/c.py: in the table, but there is no such module; remove it",
        "cnnkit/c.py: in the table, but there is no such module; remove it",
        "cnnkit/c.py: in the table more than once",
        "autograder/a.py, cnnkit/sub/b.py: the table names tests/test_nowhere.py, which does not exist",
        "cnnkit/c.py: its row names no test file",
    ]


def test_the_table_is_read():
    rows = "| module | tests |\n|---|---|\n| `a.py`, `b.py` | `test_c.py` |\n"
    text = f"{HEADING}\n\n{rows}\n## Next\n| `d.py` | `e.py` |\n"
    assert table(text) == [(["a.py", "b.py"], ["test_c.py"])]
    with pytest.raises(ValueError, match="expected the heading"):
        table("")
