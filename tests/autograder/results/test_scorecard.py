"""A scorecard cannot say what is not so."""

import msgspec
import pytest

from autograder.results.scorecard import CheckResult, Scorecard, decode_card, encode_card

CHECK = CheckResult(id="data.a", exercise="data", points=1.5, max_points=2, outcome="passed")
FIELDS = {
    "assignment": "toy",
    "student": "s01",
    "max_score": 2.0,
    "submission": "sha256:1",
    "rubric": "sha256:2",
    "kit": "1",
}


def card(**fields):
    return Scorecard(**FIELDS | {"status": "graded", "score": 1.5, "checks": [CHECK]} | fields)


def test_travels_as_json():
    assert decode_card(encode_card(card())) == card()


def test_exercises_keep_the_order():
    other = CheckResult(id="b.x", exercise="b", points=0, max_points=1, outcome="failed")
    assert list(card(checks=[CHECK, other]).exercises()) == ["data", "b"]


@pytest.mark.parametrize(
    "fields",
    [
        {"score": 2.0},
        {"score": None},
        {"status": "ungradable", "score": 0.0, "checks": [], "notes": ["why"]},
        {"status": "ungradable", "score": None, "checks": []},
        {"checks": [msgspec.structs.replace(CHECK, points=3.0)], "score": 3.0},
        {"checks": [msgspec.structs.replace(CHECK, points=float("nan"))]},
        {"checks": [msgspec.structs.replace(CHECK, points=-1.0)], "score": -1.0},
    ],
)
def test_impossible_cards_are_refused(fields):
    with pytest.raises(ValueError, match=r"score|points"):
        card(**fields)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"schema": 2}', b"\xff"])
def test_other_data_is_refused(data):
    with pytest.raises(msgspec.MsgspecError):
        decode_card(data)
