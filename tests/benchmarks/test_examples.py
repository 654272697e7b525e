"""The examples in the docstrings of the benchmarks run, and give what they say."""

import subprocess
import sys
from pathlib import Path

import pytest

MODULES = [
    path
    for path in sorted((Path(__file__).parents[2] / "benchmarks").glob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_an_example_is_right(path):
    run = subprocess.run([sys.executable, "-m", "doctest", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
