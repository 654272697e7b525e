"""Every outcome has one sign and one word, the same wherever it is shown."""

from typing import get_args, get_type_hints

from autograder.results.scorecard import Outcome
from cnnkit.checks.outcomes import OUTCOMES
from cnnkit.checks.report import CheckLine


def test_every_outcome_is_in_the_table():
    assert set(OUTCOMES) == set(get_args(Outcome))
    assert set(get_args(get_type_hints(CheckLine)["outcome"])) <= set(OUTCOMES)


def test_signs_and_words_tell_the_outcomes_apart():
    for texts in zip(*OUTCOMES.values(), strict=True):
        assert len(set(texts)) == len(OUTCOMES)
        assert all(texts)
