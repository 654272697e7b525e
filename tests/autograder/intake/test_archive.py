"""A zip file that was handed in is read like the files in it, and does no harm."""

import io
import zipfile

import pytest

from autograder.intake import archive, files
from autograder.intake.files import Unreadable


def zipped(path, members, *, mode=0o100644, compress=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compress) as file:
        for name, data in members:
            item = zipfile.ZipInfo(name)
            item.external_attr = mode << 16
            item.compress_type = compress
            file.writestr(item, data)


def look(folder):
    return archive.unpack_entries(folder, files.list_files(folder))


def test_members_are_files_of_the_submission(tmp_path):
    zipped(tmp_path / "a.zip", [("toy.ipynb", b"{}"), ("records/adam.json", b"1"), ("records/adam.npz", b"22")])
    entries, notes = look(tmp_path)
    assert [(entry.path, entry.size) for entry in entries[1:]] == [
        ("toy.ipynb", 2),
        ("records/adam.json", 1),
        ("records/adam.npz", 2),
    ]
    assert [archive.read_entry(tmp_path, entry) for entry in entries[1:]] == [b"{}", b"1", b"22"]
    assert notes == []


def test_a_folder_around_everything_is_left_out(tmp_path):
    zipped(tmp_path / "a.zip", [("mine/toy.ipynb", b"{}"), ("mine/records/adam.json", b"1")])
    assert [entry.path for entry in look(tmp_path)[0][1:]] == ["toy.ipynb", "records/adam.json"]


def test_a_loose_file_goes_first(tmp_path):
    (tmp_path / "toy.ipynb").write_bytes(b"loose")
    zipped(tmp_path / "a.zip", [("toy.ipynb", b"packed"), ("x", b"")])
    entries, _ = look(tmp_path)
    assert [archive.read_entry(tmp_path, entry) for entry in entries if entry.path == "toy.ipynb"] == [b"loose"]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "..\\x", ".hidden", "__MACOSX/x", "d/"])
def test_members_that_lead_elsewhere_are_left_out(tmp_path, name):
    zipped(tmp_path / "a.zip", [(name, b""), ("good", b"1")])
    assert [entry.path for entry in look(tmp_path)[0][1:]] == ["good"]


def test_two_members_of_one_name_are_one(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        zipped(tmp_path / "a.zip", [("x", b"1"), ("x", b"2")])
    assert [entry.path for entry in look(tmp_path)[0][1:]] == ["x"]


def test_a_symbolic_link_is_not_read(tmp_path):
    zipped(tmp_path / "a.zip", [("link", b"/etc/passwd")], mode=0o120777)
    link = look(tmp_path)[0][1]
    with pytest.raises(Unreadable, match="not a regular file"):
        archive.read_entry(tmp_path, link)


def test_a_bomb_is_not_inflated(tmp_path):
    zipped(tmp_path / "a.zip", [(str(number), bytes(40_000_000)) for number in range(4)])
    assert (tmp_path / "a.zip").stat().st_size < 1_000_000
    entries, (note,) = look(tmp_path)
    assert [entry.path for entry in entries] == ["a.zip"]
    assert "would unpack to more than 150 MB" in note


def test_a_member_that_is_larger_than_said_is_not_read(tmp_path):
    zipped(tmp_path / "a.zip", [("x", b"y" * 1_000)], compress=zipfile.ZIP_STORED)
    data = (tmp_path / "a.zip").read_bytes()
    size = (1_000).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data.replace(size, (10).to_bytes(4, "little")))
    member = look(tmp_path)[0][1]
    assert member.size == 10
    with pytest.raises(Unreadable):
        archive.read_entry(tmp_path, member)


def test_too_many_members(tmp_path):
    zipped(tmp_path / "a.zip", [(str(number), b"") for number in range(10_000)])
    assert "10,000 files" in look(tmp_path)[1][0]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"%PDF", bytes(100)])
def test_what_is_no_zip_file_is_noted(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    assert look(tmp_path)[1] == ["The zip file a.zip was not unpacked: it cannot be read (BadZipFile)."]


def test_a_zip_file_in_a_zip_file_stays_closed(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("toy.ipynb", "{}")
    zipped(tmp_path / "a.zip", [("b.zip", inner.getvalue()), ("c", b"")])
    assert [entry.path for entry in look(tmp_path)[0]] == ["a.zip", "b.zip", "c"]


def test_more_than_a_few_archives(tmp_path):
    for number in range(5):
        zipped(tmp_path / f"{number}.zip", [(f"file{number}", b""), ("x", b"")])
    entries, notes = look(tmp_path)
    assert len(notes) == 2
    assert "file2" in [entry.path for entry in entries]


def test_a_limit_holds_for_members_too(tmp_path):
    zipped(tmp_path / "a.zip", [("x", b"12345"), ("y", b"")])
    with pytest.raises(Unreadable, match="at most"):
        archive.read_entry(tmp_path, look(tmp_path)[0][1], 4)
