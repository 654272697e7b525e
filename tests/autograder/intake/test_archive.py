"""A zip file that was handed in is read like the files in it, and does no harm."""

import io
import struct
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


def patched(path, offset, form, value):
    """Change one field of the archive's directory, which says what the first member is."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(b"PK\x01\x02") + offset, value)
    path.write_bytes(data)


FLAGS, SIZE = (8, "<H"), (24, "<I")
"""Fields of a directory entry: offset and form."""


def opened(folder):
    return archive.SubmittedFiles(files.SubmittedFolder(folder))


def look(folder):
    found = opened(folder)
    return found.entries, found.notes


def test_members_are_files_of_the_submission(tmp_path):
    zipped(tmp_path / "a.zip", [("toy.ipynb", b"{}"), ("records/adam.json", b"1"), ("records/adam.npz", b"22")])
    entries, notes = look(tmp_path)
    assert [(entry.path, entry.size) for entry in entries[1:]] == [
        ("toy.ipynb", 2),
        ("records/adam.json", 1),
        ("records/adam.npz", 2),
    ]
    assert [opened(tmp_path).read(entry) for entry in entries[1:]] == [b"{}", b"1", b"22"]
    assert notes == []


def test_a_folder_around_everything_is_left_out(tmp_path):
    zipped(tmp_path / "a.zip", [("mine/toy.ipynb", b"{}"), ("mine/records/adam.json", b"1")])
    assert [entry.path for entry in look(tmp_path)[0][1:]] == ["toy.ipynb", "records/adam.json"]


def test_a_loose_file_goes_first(tmp_path):
    (tmp_path / "toy.ipynb").write_bytes(b"loose")
    zipped(tmp_path / "a.zip", [("toy.ipynb", b"packed"), ("x", b"")])
    entries, _ = look(tmp_path)
    assert [opened(tmp_path).read(entry) for entry in entries if entry.path == "toy.ipynb"] == [b"loose"]


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
        opened(tmp_path).read(link)


def test_an_encrypted_member_is_not_read(tmp_path):
    zipped(tmp_path / "a.zip", [("toy.ipynb", b"secret"), ("x", b"")])
    patched(tmp_path / "a.zip", *FLAGS, 1)
    with pytest.raises(Unreadable, match=r"^is encrypted$"):
        opened(tmp_path).read(look(tmp_path)[0][1])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: patched(path, *SIZE, 1_001), "has another size than its zip file says"),
        (lambda path: patched(path, 16, "<I", 12345), r"cannot be unpacked \(BadZipFile\)"),
        (lambda path: patched(path, 10, "<H", 99), r"cannot be unpacked \(NotImplementedError\)"),
        (lambda path: patched(path, *SIZE, 100_000_001), "is 100 MB large; at most 100 MB can be read"),
    ],
    ids=["size", "checksum", "compression", "limit"],
)
def test_a_damaged_member_is_refused_in_words(tmp_path, damage, said):
    zipped(tmp_path / "a.zip", [("x", b"y" * 1_000), ("z", b"")])
    damage(tmp_path / "a.zip")
    with pytest.raises(Unreadable, match=f"^{said}$"):
        opened(tmp_path).read(look(tmp_path)[0][1])


@pytest.mark.parametrize(("size", "taken"), [(150_000_000, True), (150_000_001, False)])
def test_the_bound_of_all_members_together(tmp_path, size, taken):
    zipped(tmp_path / "a.zip", [("x", b"1"), ("y", b"")])
    patched(tmp_path / "a.zip", *SIZE, size)
    entries, notes = look(tmp_path)
    assert [entry.path for entry in entries[1:]] == (["x", "y"] if taken else [])
    assert notes == ([] if taken else ["The zip file a.zip was not unpacked: it would unpack to more than 150 MB."])


def test_a_zip_file_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "a.zip").symlink_to("/etc/passwd")
    assert look(tmp_path)[1] == ["The zip file a.zip was not unpacked: it is a symbolic link; links are not followed."]


def test_a_zip_file_of_more_than_100_mb_is_not_read(tmp_path):
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(100_000_001)
    assert look(tmp_path)[1] == ["The zip file a.zip was not unpacked: it is 100 MB large; at most 100 MB can be read."]


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
        opened(tmp_path).read(member)


def test_too_many_members(tmp_path):
    zipped(tmp_path / "a.zip", [(str(number), b"") for number in range(10_000)])
    assert "10,000 files" in look(tmp_path)[1][0]


@pytest.mark.parametrize(("count", "taken"), [(500, 500), (501, 0)])
def test_the_bound_of_members(tmp_path, count, taken):
    zipped(tmp_path / "a.zip", [(str(number), b"") for number in range(count)], compress=zipfile.ZIP_STORED)
    entries, notes = look(tmp_path)
    assert len(entries) == 1 + taken
    assert notes == (
        [] if taken else ["The zip file a.zip was not unpacked: it holds 501 files, at most 500 are unpacked."]
    )


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
    assert notes == [
        f"The zip file {number}.zip was not unpacked: it is one of more than 3 zip files." for number in (3, 4)
    ]
    assert [entry.path for entry in entries if entry.archive] == ["file0", "x", "file1", "file2"]


def test_a_limit_holds_for_members_too(tmp_path):
    zipped(tmp_path / "a.zip", [("x", b"12345"), ("y", b"")])
    with pytest.raises(Unreadable, match="at most"):
        opened(tmp_path).read(look(tmp_path)[0][1], 4)
