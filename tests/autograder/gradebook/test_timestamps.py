"""A student's own timestamp.txt is believed only where it can be true."""

import os
from datetime import UTC, datetime

import pytest

from autograder.gradebook.timestamps import submission_time

WRITTEN = datetime(2026, 5, 6, 12, 0, 0, tzinfo=UTC).timestamp()


def at(tmp_path, text):
    folder = tmp_path / "s01" / "toy"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(folder / "timestamp.txt", (WRITTEN, WRITTEN))
    return submission_time(folder)


@pytest.mark.parametrize(
    "text",
    ["2026-05-06 12:00:00 UTC", "2026-05-06 12:00:00.123456 UTC", "2026-05-01 08:00:00 Europe/Berlin", "2026-05-06"],
)
def test_what_can_be_true_is_believed(tmp_path, text):
    found = at(tmp_path, text)
    assert found.time is not None
    assert (found.text, found.doubt) == (text, "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["", "\r\n", "\0\0\0"])
def test_a_byte_order_mark_and_padding_are_no_part_of_the_time(tmp_path, encoding, end):
    found = at(tmp_path, f"2026-05-06 12:00:00 UTC{end}".encode(encoding))
    assert (found.text, found.doubt) == ("2026-05-06 12:00:00 UTC", "")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("1999-01-01 00:00:00 UTC", "more than a year before"),
        ("2026-05-06 13:00:00 UTC", "after it was written"),
        ("9999-12-31 23:59:59 -1200", "holds"),
        ("0001-01-01 00:00:00 +1400", "holds"),
        ("junk", "holds no time"),
        ("", "holds no time"),
        ("Mon", "holds no time"),
        ("gestern abend", "holds no time"),
        ("gestern früh".encode("latin-1"), "holds no time"),
        ("99999999999999999999", "holds no time"),
        ("2026\x0005-06", "holds no time"),
        ("２０２６-05-06", "holds no time"),
        ("2026-05-06 12:00:00 /etc/localtime", "holds no time"),
        (b"\xff\xfe2026", "holds no time"),
        ("2" * 1_000, "timestamp.txt"),
        ("2026-05-06 " + "9" * 80, "holds no time"),
    ],
)
def test_what_cannot_be_true_is_named_and_not_believed(tmp_path, text, doubt):
    found = at(tmp_path, text)
    assert (found.time, found.text) == (None, "")
    assert doubt in found.doubt


def test_without_a_file_there_is_no_doubt(tmp_path):
    (tmp_path / "s01" / "toy").mkdir(parents=True)
    assert submission_time(tmp_path / "s01" / "toy").doubt == ""


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), os.mkdir])
def test_what_is_no_file_is_not_opened(tmp_path, make):
    folder = tmp_path / "s01" / "toy"
    folder.mkdir(parents=True)
    make(folder / "timestamp.txt")
    assert submission_time(folder).doubt
