"""Results are written whole or not at all."""

import pytest

from autograder.scorecard import Scorecard
from autograder.store import Store, write_atomically

CARD = Scorecard(
    assignment="toy", student="s01", status="graded", score=0.0, max_score=2.0, submission="a", rubric="b", kit="c"
)


def test_a_card_comes_back(tmp_path):
    store = Store(tmp_path, "toy")
    store.write(CARD, "<p>feedback</p>")
    assert store.card("s01") == CARD
    assert store.cards() == {"s01": CARD}
    assert store.feedback_path("s01").read_text() == "<p>feedback</p>"
    assert (store.card_path("s01").stat().st_mode & 0o777) == 0o644


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"schema": 1}'])
def test_a_damaged_card_counts_as_none(tmp_path, damage):
    store = Store(tmp_path, "toy")
    store.write(CARD, "")
    store.card_path("s01").write_bytes(damage)
    assert store.card("s01") is None
    assert store.cards() == {}


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
