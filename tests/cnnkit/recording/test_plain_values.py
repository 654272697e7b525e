"""Names and numbers of a record are bounded, printable and finite."""

import math

from cnnkit.recording import record_bounds
from cnnkit.recording.plain_values import as_number, plain_name, plain_settings


def test_numbers():
    assert as_number("3") == 3.0
    assert as_number([1, 2]) is None
    assert as_number("x") is None
    assert math.isnan(as_number(math.nan))


def test_names_are_cut_and_printable():
    assert plain_name("x" * 500) == "x" * record_bounds.LONGEST_NAME
    assert plain_name("a\nb\x00") == "ab"
    assert plain_name(None) == "None"


def test_settings_keep_texts_and_finite_numbers():
    found = plain_settings({"a": 1, "b": True, "c": "x\n", "d": None, "e": math.inf, "f": [1], 7: 0.5})
    assert found == {"a": 1.0, "b": 1.0, "c": "x", "7": 0.5}
    assert len(plain_settings({number: 1 for number in range(500)})) == record_bounds.MOST_METRICS
