"""A file is the old one or the new one, whatever happens while it is written."""

import os
import stat

import pytest

from cnnkit.atomic_write import write_atomically


def test_folders_are_made_and_the_file_can_be_read_by_others(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [one.name for one in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("broken", ["fsync", "chmod", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, broken):
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def fails(*_):
        raise OSError("no")

    monkeypatch.setattr(os, broken, fails)
    with pytest.raises(OSError, match="no"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_the_data_is_on_disk_before_the_file_has_its_name(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (order.append("sync"), fsync(descriptor)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append("name"), replace(*paths)))
    write_atomically(tmp_path / "file", b"x")
    assert order == ["sync", "name"]
