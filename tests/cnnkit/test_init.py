"""The package's front door."""

import subprocess
import sys
from pathlib import Path

import pytest

import cnnkit

ROOT = Path(__file__).parents[2]


def test_what_a_notebook_uses_is_there():
    assert callable(cnnkit.start)
    assert callable(cnnkit.record)
    assert callable(cnnkit.data.load)
    assert callable(cnnkit.spec.describe)
    assert callable(cnnkit.plots.architecture)
    assert callable(cnnkit.weights.locate)
    assert type(cnnkit.check).__name__ == "Checker"
    assert set(cnnkit.__all__) <= set(dir(cnnkit))


def test_what_is_not_there_is_answered_with_what_is():
    with pytest.raises(
        AttributeError, match="no attribute 'recrod'; it has: check, data, plots, record, spec, start, submit, w"
    ):
        cnnkit.recrod  # noqa: B018
    assert not hasattr(cnnkit, "__wrapped__")


def test_importing_is_quick_and_knows_nothing_of_the_grader():
    code = (
        "import sys, cnnkit; cnnkit.check, cnnkit.record, cnnkit.start, cnnkit.data, cnnkit.spec, cnnkit.weights\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} "
        "& {'keras', 'tensorflow', 'matplotlib', 'IPython', 'autograder', 'msgspec', 'rich', 'click'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_imports_the_grader():
    for path in (ROOT / "cnnkit").rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if line.strip().startswith(("import autograder", "from autograder"))], path
