"""Results are written whole or not at all."""

import pytest

from autograder.results.scorecard import Scorecard
from autograder.results.staging import commit_files
from autograder.results.store import ResultStore, RunHistory
from cnnkit.recording.schema import TrainingRecord

CARD = Scorecard(
    assignment="toy", student="s01", status="graded", score=0.0, max_score=2.0, submission="a", rubric="b", kit="c"
)


def write(store, *args, **kwargs):
    commit_files(store.stage(CARD, *args, **kwargs))


def test_a_card_comes_back(tmp_path):
    store = ResultStore(tmp_path, "toy")
    write(store, "<p>feedback</p>")
    assert store.card("s01") == CARD
    assert store.cards() == {"s01": CARD}
    assert store.feedback_path("s01").read_text() == "<p>feedback</p>"
    assert (store.card_path("s01").stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"schema": 1}'])
def test_a_damaged_card_counts_as_none(tmp_path, damage):
    store = ResultStore(tmp_path, "toy")
    write(store, "")
    store.card_path("s01").write_bytes(damage)
    assert store.card("s01") is None
    assert store.cards() == {}


def test_nothing_has_changed_until_it_is_committed(tmp_path):
    store = ResultStore(tmp_path, "toy")
    write(store, "old", evidence=b"evidence")
    staged = store.stage(CARD, "new")
    assert store.feedback_path("s01").read_text() == "old"
    assert store.evidence("s01") == b"evidence"
    commit_files(staged)
    assert store.feedback_path("s01").read_text() == "new"
    assert store.evidence("s01") is None


def test_the_card_is_the_last_of_its_files(tmp_path):
    store = ResultStore(tmp_path, "toy")
    records = {"adam": TrainingRecord("adam", {"loss": [1.0]})}
    paths = [file.path.name for file in store.stage(CARD, "page", records, b"evidence")]
    assert paths == ["evidence.bin", "training.json", "feedback.html", "scorecard.json"]
    assert [file.path.name for file in store.stage_page(CARD, "page")] == ["feedback.html", "scorecard.json"]


def test_histories_come_back_but_for_those_that_json_cannot_hold(tmp_path):
    store = ResultStore(tmp_path, "toy")
    records = {
        "adam": TrainingRecord("adam", {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}, student="s07"),
        "sgd": TrainingRecord("sgd", {"loss": [float("nan")]}, student="s07"),
    }
    write(store, "page", records)
    found = store.histories()
    assert found == {"s01": {"adam": RunHistory("s07", {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]})}}
    write(store, "page", {})
    assert store.histories() == {}


def test_what_has_not_changed_is_not_written_again(tmp_path):
    store = ResultStore(tmp_path, "toy")
    write(store, "page", evidence=b"first")
    first = {path: path.stat().st_ino for path in store.card_path("s01").parent.iterdir()}
    write(store, "pages", evidence=b"first")
    second = {path: path.stat().st_ino for path in store.card_path("s01").parent.iterdir()}
    assert {path.name for path in first if first[path] == second[path]} == {"evidence.bin"}
    write(store, "pages", evidence=b"other")
    assert store.evidence("s01") == b"other"
    assert store.feedback_path("s01").read_text() == "pages"
