"""Results are written whole or not at all."""

import errno

import pytest

from autograder.results.scorecard import Scorecard
from autograder.results.store import DiskFull, ResultStore, write_result

CARD = Scorecard(
    assignment="toy", student="s01", status="graded", score=0.0, max_score=2.0, submission="a", rubric="b", kit="c"
)


def test_a_card_comes_back(tmp_path):
    store = ResultStore(tmp_path, "toy")
    store.write(CARD, "<p>feedback</p>")
    assert store.card("s01") == CARD
    assert store.cards() == {"s01": CARD}
    assert store.feedback_path("s01").read_text() == "<p>feedback</p>"
    assert (store.card_path("s01").stat().st_mode & 0o777) == 0o644


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"schema": 1}'])
def test_a_damaged_card_counts_as_none(tmp_path, damage):
    store = ResultStore(tmp_path, "toy")
    store.write(CARD, "")
    store.card_path("s01").write_bytes(damage)
    assert store.card("s01") is None
    assert store.cards() == {}


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_result(path, b"old")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_result(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_with_what_to_do(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(
        DiskFull, match=r"file cannot be written: No space left on device\. Make room and give the same"
    ):
        write_result(tmp_path / "file", b"new")


def test_what_has_not_changed_is_not_written_again(tmp_path):
    store = ResultStore(tmp_path, "toy")
    store.write(CARD, "page", evidence=b"first")
    first = {path: path.stat().st_ino for path in store.card_path("s01").parent.iterdir()}
    store.write(CARD, "pages", evidence=b"first")
    second = {path: path.stat().st_ino for path in store.card_path("s01").parent.iterdir()}
    assert {path.name for path in first if first[path] == second[path]} == {"evidence.bin"}
    store.write(CARD, "pages", evidence=b"other")
    assert store.evidence("s01") == b"other"
    assert store.feedback_path("s01").read_text() == "pages"
