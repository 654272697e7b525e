"""A contradicted record stays noted when another one is handed in, and is judged again each time."""

from dataclasses import replace

import pytest

from autograder.evidence import earlier_records
from autograder.evidence.cache import CachedEvidence, earlier_only, encode_evidence, load_evidence, read_evidence
from autograder.evidence.earlier_records import hand_in_to_keep, kept_hand_ins, notes_on_earlier, record_digest
from autograder.records.requests import Examination
from autograder.results.scorecard import RecordVerdict
from tests.autograder.records.test_self_consistency import LAYOUT_3

FORGED = replace(LAYOUT_3, history={"loss": [0.2, 0.1], "val_loss": [0.2, 0.1]})
AGAINST = RecordVerdict(verdict="contradicted", reason="It is a straight line.")
VERIFIED = RecordVerdict(verdict="verified")


def kept(submission="sha256:1", record=FORGED, verdict=AGAINST):
    return hand_in_to_keep(
        submission,
        {"adam": record},
        {"adam": verdict},
        lot="lot",
        examined={"adam 1": Examination()},
        classmates=["s2"],
    )


def notes(earlier, records=None, verdict=AGAINST):
    return list(notes_on_earlier(earlier, records or {}, lambda one: dict.fromkeys(one.records, verdict)))


def test_only_a_hand_in_with_a_contradicted_record_is_kept():
    assert kept(verdict=VERIFIED) is None
    assert kept().digests == {"adam": record_digest(FORGED)}


def test_it_is_noted_with_its_digest_until_it_is_handed_in_again():
    digest = record_digest(FORGED)[:12]
    assert notes([kept()], {"adam": LAYOUT_3}) == [
        f"An earlier hand-in had a contradicted record of adam (sha256 {digest}): It is a straight line."
    ]
    assert notes([kept()], {"adam": FORGED}) == []


def test_the_same_record_in_two_hand_ins_is_one_note():
    assert len(notes([kept("sha256:1"), kept("sha256:2")])) == 1
    assert len(notes([kept("sha256:1"), kept("sha256:2", replace(FORGED, seconds=9.0))])) == 2


def test_code_that_judges_otherwise_ends_the_note_and_may_bring_it_back():
    earlier = kept_hand_ins([kept()], None, "sha256:2")
    assert notes(earlier, verdict=VERIFIED) == []
    assert len(notes(earlier)) == 1


def test_a_hand_in_that_is_graded_again_replaces_itself():
    assert kept_hand_ins([kept()], None, "sha256:1") == []
    assert kept_hand_ins([kept("sha256:1")], kept("sha256:2"), "sha256:2") == [kept("sha256:1"), kept("sha256:2")]


def test_the_first_hand_ins_are_kept_however_many_follow():
    earlier = []
    for number in range(20):
        earlier = kept_hand_ins(earlier, kept(f"sha256:{number}"), f"sha256:{number}")
    assert [one.submission for one in earlier] == [f"sha256:{number}" for number in range(earlier_records.MOST)]


def test_records_too_large_to_be_kept_leave_their_verdicts(monkeypatch):
    monkeypatch.setattr(earlier_records, "LARGEST", 100)
    assert kept().records == {}
    assert len(notes([kept()], verdict=VERIFIED)) == 1


@pytest.mark.parametrize("many", [False, True])
def test_they_outlive_a_new_key_and_evidence_that_is_too_large(many, monkeypatch):
    evidence = CachedEvidence(key="a", notes=["x" * 100], earlier=[kept()])
    if many:
        monkeypatch.setattr("autograder.evidence.cache.MAX_BYTES", 50)
    data = encode_evidence(evidence)
    assert load_evidence(data, "b") == CachedEvidence(key="b", earlier=[kept()])
    assert read_evidence(earlier_only(data)) == CachedEvidence(key="", earlier=[kept()])


def test_without_earlier_hand_ins_there_is_nothing_to_keep():
    assert earlier_only(None) is None
    assert earlier_only(encode_evidence(CachedEvidence(key="a", notes=["n"]))) is None
