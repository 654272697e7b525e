"""Staged files appear together with all that belongs to them, or not at all."""

import errno
import os

import pytest

from autograder.results.staging import DiskFull, commit_files, discard_files, stage_files
from autograder.results.store import write_result


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def fails(*_):
    raise OSError(errno.EIO, "broken disk")


def is_full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_old_files_stay_until_all_new_ones_are_on_disk(tmp_path, monkeypatch):
    old, new, gone = tmp_path / "old", tmp_path / "a" / "new", tmp_path / "gone"
    old.write_bytes(b"old")
    gone.write_bytes(b"here")
    staged = stage_files([(old, b"1"), (new, b"2"), (gone, None)])
    assert (old.read_bytes(), new.exists(), gone.exists()) == (b"old", False, True)
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (order.append("sync"), fsync(descriptor)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append(paths[1].name), replace(*paths)))
    commit_files(staged)
    assert order == ["sync", "sync", "old", "new"]
    assert (old.read_bytes(), new.read_bytes(), gone.exists()) == (b"1", b"2", False)
    assert names(tmp_path) == ["a", "old"]
    assert (new.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_commit_that_fails_leaves_the_old_files_and_no_rubbish(tmp_path, monkeypatch, broken):
    path = tmp_path / "file"
    write_result(path, b"old")
    staged = stage_files([(path, b"new"), (tmp_path / "other", b"new")])
    monkeypatch.setattr(os, broken, fails)
    with pytest.raises(OSError, match="broken disk"):
        commit_files(staged)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_what_cannot_be_staged_leaves_no_rubbish(tmp_path, monkeypatch):
    first = tmp_path / "first"

    def contents():
        yield first, b"whole"
        monkeypatch.setattr(os, "chmod", is_full)
        yield tmp_path / "second", b"no room"

    with pytest.raises(DiskFull, match=r"second cannot be written: No space left on device\. Make room and give the"):
        stage_files(contents())
    assert names(tmp_path) == []


def test_a_disk_that_is_full_when_it_is_waited_for_is_said_too(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", is_full)
    with pytest.raises(
        DiskFull, match=r"file cannot be written: No space left on device\. Make room and give the same"
    ):
        write_result(tmp_path / "file", b"new")
    assert names(tmp_path) == []


def test_what_is_discarded_was_never_there(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    discard_files(stage_files([(path, b"new"), (tmp_path / "gone", None)]))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]
