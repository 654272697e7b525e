"""Skips: which tests may be skipped, and that CI fails where something that can be installed is missing. Coverage."""

import re
import subprocess
import sys

import pytest
from coverage import CoverageData

from tests.conftest import MADE_ONCE, missing

NO_PACKAGE_MENDS = {
    "tests/autograder/grading/test_full_disk.py": "only root may mount a file system",
    "tests/autograder/sandbox/isolation/test_cgroups.py": "the kernel allows no control group here",
    "tests/benchmarks/test_processor_time.py": "the kernel lets nobody count processor time here",
    "tests/cnnkit/data/test_malloc.py": "a C library that is not glibc",
}


@pytest.mark.parametrize("value", ["", "0", "false", None])
def test_what_is_missing_skips_a_developers_test(monkeypatch, value):
    monkeypatch.delenv("CI", raising=False) if value is None else monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.skip.Exception, match="no PostgreSQL"):
        missing("no PostgreSQL")


@pytest.mark.parametrize("value", ["true", "1"])
def test_what_is_missing_fails_in_ci(monkeypatch, value):
    monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.fail.Exception, match="no PostgreSQL"):
        missing("no PostgreSQL")


def test_only_what_no_package_mends_is_skipped_by_itself(root):
    skips = re.compile(r"pytest\.(skip|xfail|importorskip)\(|mark\.(skip|skipif|xfail)\b")
    ours = {root / "tests" / name for name in ("conftest.py", "test_conftest.py")}
    found = {path for path in (root / "tests").rglob("*.py") if skips.search(path.read_text())} - ours
    assert {str(path.relative_to(root)) for path in found} == set(NO_PACKAGE_MENDS)


@pytest.mark.parametrize("fixture", MADE_ONCE)
def test_all_files_that_use_what_is_made_once_run_together(root, fixture):
    tests = {path.relative_to(root).as_posix(): path.read_text() for path in (root / "tests").rglob("test_*.py")}
    uses = re.compile(rf"^def \w+\(.*\b{fixture}\b.*\)", flags=re.M)
    using = {file for file, text in tests.items() if uses.search(text)}
    assert using or fixture == "empty_gradebook"  # which they use through a fixture of tests/autograder/conftest.py
    assert {file for file in using if not file.startswith(MADE_ONCE[fixture])} == set()
    assert all(any(file.startswith(beginning) for file in tests) for beginning in MADE_ONCE[fixture])


def test_a_worker_that_is_killed_at_its_end_has_saved_its_coverage(tmp_path, root):
    """pytest-xdist gives its workers ten seconds to end, too little on a busy machine."""
    (tmp_path / "conftest.py").write_text(
        f"import os\nimport sys\n\nsys.path.insert(0, {str(root)!r})\n"
        "from tests.conftest import pytest_sessionfinish\n\n\ndef pytest_unconfigure():\n    os._exit(0)\n"
    )
    (tmp_path / "test_reached.py").write_text("def test_reached():\n    assert True\n")
    command = [sys.executable, "-m", "coverage", "run", "--source=.", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    measured = CoverageData(tmp_path / ".coverage")
    measured.read()
    assert measured.lines(str(tmp_path / "test_reached.py")) == [1, 2]
