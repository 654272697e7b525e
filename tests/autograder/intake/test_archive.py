"""A zip file that was handed in is read like the files in it, and does no harm."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile

import pytest

from autograder.intake import archive, archive_members, files
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


def test_a_loose_file_goes_first_and_the_packed_one_of_its_path_is_not_lost(tmp_path):
    (tmp_path / "toy.ipynb").write_bytes(b"loose")
    zipped(tmp_path / "a.zip", [("toy.ipynb", b"packed"), ("x", b"")])
    entries, _ = look(tmp_path)
    found = {entry.shown: opened(tmp_path).read(entry) for entry in entries if entry.path == "toy.ipynb"}
    assert list(found.items()) == [("toy.ipynb", b"loose"), ("toy.ipynb in a.zip", b"packed")]


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
        (lambda path: patched(path, *SIZE, 1_001), "has a different size from what its archive says"),
        (lambda path: patched(path, 16, "<I", 12345), r"cannot be unpacked \(BadZipFile\)"),
        (lambda path: patched(path, 10, "<H", 99), r"cannot be unpacked \(NotImplementedError\)"),
        (lambda path: patched(path, *SIZE, 100_000_001), "is larger than 100 MB, the most that can be read"),
    ],
    ids=["size", "checksum", "compression", "limit"],
)
def test_a_damaged_member_is_refused_in_words(tmp_path, damage, said):
    zipped(tmp_path / "a.zip", [("x", b"y" * 1_000), ("z", b"")])
    damage(tmp_path / "a.zip")
    with pytest.raises(Unreadable, match=f"^{said}$"):
        opened(tmp_path).read(look(tmp_path)[0][1])


@pytest.mark.parametrize(
    ("size", "taken"), [(archive_members.MAX_INFLATED, True), (archive_members.MAX_INFLATED + 1, False)]
)
def test_the_bound_of_all_members_together(tmp_path, size, taken):
    zipped(tmp_path / "a.zip", [("x", b"1"), ("y", b"")])
    patched(tmp_path / "a.zip", *SIZE, size)
    entries, notes = look(tmp_path)
    assert [entry.path for entry in entries[1:]] == (["x", "y"] if taken else [])
    assert notes == ([] if taken else ["The zip file a.zip was not unpacked: it would unpack to more than 300 MB."])


def test_a_zip_file_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "a.zip").symlink_to("/etc/passwd")
    assert look(tmp_path)[1] == ["The zip file a.zip was not unpacked: it is a symbolic link; links are not followed."]


def test_a_zip_file_of_more_than_100_mb_is_not_read(tmp_path):
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(100_000_001)
    assert look(tmp_path)[1] == [
        "The zip file a.zip was not unpacked: it is larger than 100 MB, the most that can be read."
    ]


def test_a_bomb_is_not_inflated(tmp_path):
    zipped(tmp_path / "a.zip", [(str(number), bytes(40_000_000)) for number in range(8)])
    assert (tmp_path / "a.zip").stat().st_size < 1_000_000
    entries, (note,) = look(tmp_path)
    assert [entry.path for entry in entries] == ["a.zip"]
    assert "would unpack to more than 300 MB" in note


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


def inner(*members, **options):
    """A zip file as bytes."""
    data = io.BytesIO()
    zipped(data, members, **options)
    return data.getvalue()


def tarred(*members, compress=""):
    """A tar archive as bytes."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compress}") as file:
        for name, content in members:
            item = tarfile.TarInfo(name)
            item.size = len(content)
            file.addfile(item, io.BytesIO(content))
    return data.getvalue()


NOTEBOOK = ("toy.ipynb", b'{"cells": []}')
PACKED = {
    "work.zip": inner(NOTEBOOK),
    "work.tar": tarred(NOTEBOOK),
    "work.tar.gz": tarred(NOTEBOOK, compress="gz"),
    "work.tgz": tarred(NOTEBOOK, compress="gz"),
    "work.tar.bz2": tarred(NOTEBOOK, compress="bz2"),
    "work.tar.xz": tarred(NOTEBOOK, compress="xz"),
    "toy.ipynb.gz": gzip.compress(NOTEBOOK[1]),
    "toy.ipynb.bz2": bz2.compress(NOTEBOOK[1]),
    "toy.ipynb.xz": lzma.compress(NOTEBOOK[1]),
}


@pytest.mark.parametrize("name", PACKED)
def test_every_kind_of_archive_is_unpacked(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED[name])
    entries, notes = look(tmp_path)
    assert [(entry.path, entry.shown) for entry in entries[1:]] == [("toy.ipynb", f"toy.ipynb in {name}")]
    assert (opened(tmp_path).read(entries[1]), notes) == (NOTEBOOK[1], [])


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("outer", [lambda *members: inner(*members), tarred])
def test_every_kind_of_archive_is_unpacked_in_another(tmp_path, name, outer):
    (tmp_path / "download.bin").write_bytes(outer((f"attempt/{name}", PACKED[name]), ("attempt/x.txt", b"")))
    entries, notes = look(tmp_path)
    assert [entry.shown for entry in entries[1:]] == [
        f"{name} in download.bin",
        "x.txt in download.bin",
        f"toy.ipynb in {name} in download.bin",
    ]
    assert (opened(tmp_path).read(entries[-1]), notes) == (NOTEBOOK[1], [])


@pytest.mark.parametrize(
    "name",
    ["toy", "toy.ipynb", "toy.txt", "toy.zip.txt", "toy.7z", "toy.tar", "toy.zip_", "toy.dat", "toy.rar", "toy.gz"],
)
@pytest.mark.parametrize("packed", ["work.zip", "work.tar", "work.tar.gz"])
def test_an_archive_is_known_by_its_content_whatever_its_ending(tmp_path, name, packed):
    (tmp_path / name).write_bytes(PACKED[packed])
    assert [entry.path for entry in look(tmp_path)[0]] == [name, "toy.ipynb"]


@pytest.mark.parametrize("name", ["records/adam.npz", "model.keras", "report.docx", "table.xlsx", "kit.whl"])
def test_a_file_that_is_only_made_of_a_zip_file_is_no_archive(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(PACKED["work.zip"])
    assert [entry.path for entry in look(tmp_path)[0]] == [name]


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"7z\xbc\xaf\x27\x1c rest", "7Z"), (b"Rar!\x1a\x07\x01\x00", "RAR"), (b"Rar!\x1a\x07\x00", "RAR")],
)
@pytest.mark.parametrize("name", ["toy.7z", "toy.rar", "toy.zip", "toy", "toy.ipynb"])
def test_an_archive_that_is_not_read_is_named_for_what_it_is(tmp_path, name, data, kind):
    (tmp_path / name).write_bytes(data)
    found = opened(tmp_path)
    said = f"is a {kind} archive, which is not read; hand in a zip file or the .ipynb file"
    assert found.closed == {name: said}
    assert found.notes == [f"The archive {name} was not unpacked: it {said}."]


def test_archives_within_each_other_are_bounded(tmp_path):
    data = inner(NOTEBOOK)
    for number in range(archive.MAX_NESTED):
        data = inner((f"{number}.zip", data), (f"{number}.txt", b""))
    (tmp_path / "a.zip").write_bytes(data)
    entries, notes = look(tmp_path)
    assert [entry.path for entry in entries] == ["a.zip", "2.zip", "2.txt", "1.zip", "1.txt", "0.zip", "0.txt"]
    assert notes == [
        "The zip file 0.zip in 1.zip in 2.zip in a.zip was not unpacked: it lies within 3 archives; at most 2 are "
        "opened around one."
    ]


def test_what_all_archives_unpack_to_is_bounded_together(tmp_path):
    half = archive_members.MAX_INFLATED // 2
    for name, size in (("a.zip", half), ("b.zip", half), ("c.zip", 1)):
        zipped(tmp_path / name, [("x", b"1"), ("y", b"")])
        patched(tmp_path / name, *SIZE, size)
    entries, notes = look(tmp_path)
    assert [entry.shown for entry in entries if entry.archive] == [
        "x in a.zip",
        "y in a.zip",
        "x in b.zip",
        "y in b.zip",
    ]
    assert notes == [
        "The zip file c.zip was not unpacked: it would unpack to more than 300 MB, together with the archives before "
        "it."
    ]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_bomb_is_not_uncompressed(tmp_path, compress):
    data = compress(bytes(10_000_000))
    (tmp_path / "a.tar.gz").write_bytes(data)
    assert len(data) < 11_000
    entries, notes = look(tmp_path)
    if compress is gzip.compress:  # its ratio is that of an honest file of noughts
        assert [entry.size for entry in entries[1:]] == [10_000_000]
    else:
        assert notes == ["The archive a.tar.gz was not unpacked: it would unpack to more than 1,100 times its size."]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("rest", [slice(0, 30), slice(0, -1)])
def test_a_compressed_file_that_breaks_off_is_noted(tmp_path, compress, rest):
    (tmp_path / "toy.ipynb.gz").write_bytes(compress(bytes(range(256)) * 50)[rest])
    entries, (note,) = look(tmp_path)
    assert len(entries) == 1
    assert "was not unpacked: it cannot be uncompressed" in note


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_what_is_no_file_in_a_tar_archive_is_not_read(tmp_path, kind):
    item = tarfile.TarInfo("toy.ipynb")
    item.type, item.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        file.addfile(item)
        file.addfile(tarfile.TarInfo("x"))
    link = look(tmp_path)[0][1]
    with pytest.raises(Unreadable, match="not a regular file"):
        opened(tmp_path).read(link)


def test_the_bound_of_members_in_a_tar_archive(tmp_path):
    (tmp_path / "a.tar").write_bytes(tarred(*[(str(number), b"") for number in range(501)]))
    entries, notes = look(tmp_path)
    assert len(entries) == 1
    assert notes == ["The tar archive a.tar was not unpacked: it holds 501 files, at most 500 are unpacked."]


def test_checkpoints_of_notebooks_and_nothing_else_hidden_is_a_member(tmp_path):
    names = ["toy.ipynb", ".ipynb_checkpoints/toy-checkpoint.ipynb", ".ipynb_checkpoints/toy-checkpoint.py", "a/.git/x"]
    zipped(tmp_path / "a.zip", [(f"mine/{name}", b"") for name in names])
    assert [entry.path for entry in look(tmp_path)[0][1:]] == names[:2]


def test_more_than_a_few_archives(tmp_path):
    for number in range(archive.MAX_ARCHIVES + 2):
        zipped(tmp_path / f"{number:02}.zip", [(f"file{number}", b""), ("x", b"")])
    entries, notes = look(tmp_path)
    assert notes == [
        f"The zip file {number}.zip was not unpacked: it is one of more than 8 archives." for number in ("08", "09")
    ]
    assert {entry.archive for entry in entries if entry.archive} == {f"{n:02}.zip" for n in range(8)}


def test_a_limit_holds_for_members_too(tmp_path):
    zipped(tmp_path / "a.zip", [("x", b"12345"), ("y", b"")])
    with pytest.raises(Unreadable, match="the most that can be read"):
        opened(tmp_path).read(look(tmp_path)[0][1], 4)
