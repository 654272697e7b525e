"""Files beside the notebook lie in its folder and can be imported; nothing leads out of it."""

import importlib
import sys

import pytest

from autograder.sandbox.server import side_files
from autograder.sandbox.server.missing_imports import FailedImports


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "path_hooks", list(sys.path_hooks))
    monkeypatch.setattr(sys, "path_importer_cache", dict(sys.path_importer_cache))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    FailedImports([].append)
    return tmp_path


def test_files_lie_where_they_lay(folder):
    side_files.write_files({"a.py": b"A = 1", "data/b.csv": b"1,2"})
    assert (folder / "a.py").read_bytes() == b"A = 1"
    assert (folder / "data" / "b.csv").read_bytes() == b"1,2"


@pytest.mark.parametrize("path", ["/tmp/out.py", "../out.py", "a/../../out.py", "", "a\0b"])
def test_no_path_leads_out(folder, path):
    side_files.write_files({path: b"x", "kept.py": b""})
    assert [found.name for found in folder.rglob("*")] == ["kept.py"]
    assert not (folder.parent / "out.py").exists()


def test_a_file_that_cannot_be_written_stops_nothing(folder):
    side_files.write_files({"a": b"x", "a/b": b"x", "c": b"x"})
    assert (folder / "c").exists()


def test_modules_and_packages_are_imported_with_their_failing_imports_guarded(folder):
    side_files.write_files(
        {"beside.py": b"import no_such\nA = 1", "parts/__init__.py": b"", "parts/one.py": b"import no_such\nB = 2"}
    )
    side_files.import_from(str(folder))
    assert importlib.import_module("beside").A == 1
    assert importlib.import_module("parts.one").B == 2


def test_a_module_written_by_the_last_cell_is_seen(folder):
    side_files.import_from(str(folder))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("late_module")
    (folder / "late_module.py").write_text("A = 3")
    side_files.notice_new_files(str(folder))
    assert importlib.import_module("late_module").A == 3


def test_other_packages_are_found_as_before(folder):
    side_files.import_from(str(folder))
    assert importlib.import_module("json.tool")
