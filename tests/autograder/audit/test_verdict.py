"""A rubric is right if every mutant fails just its checks by name, and every equivalent none."""

from dataclasses import replace

from autograder.audit.samples import Sample
from autograder.audit.verdict import audit_summary, judge_sample


def test_a_right_rubric(good_audit):
    assert good_audit.good
    assert all(verdict.problem == "" for verdict in good_audit.verdicts)
    assert audit_summary([good_audit]) == (
        "3 mutants caught, 0 survived; 1 equivalents accepted, 0 refused; 0 collateral losses"
    )


def test_every_fault_is_counted_and_said(bad_audit):
    assert not bad_audit.good
    assert audit_summary([bad_audit]) == (
        "2 mutants caught, 1 survived; 0 equivalents accepted, 1 refused; 1 collateral losses"
    )
    assert [verdict.problem for verdict in bad_audit.verdicts] == [
        "survives one.first",
        "also loses two.only",
        "the message of one.first does not say the culprit",
        "is refused by two.only",
    ]


def test_audits_are_added_up(good_audit, bad_audit):
    assert audit_summary([good_audit, bad_audit]).startswith(
        "5 mutants caught, 1 survived; 1 equivalents accepted, 1 ref"
    )


def test_a_check_without_a_mutant_is_a_fault(good_audit):
    assert not replace(good_audit, unguarded=("two.only",)).good


def test_skipped_points_are_lost_points(trial):
    lost = trial("x", "one.first")
    skipped = [c if c.id != "one.second" else type(c)(**{**as_dict(c), "outcome": "skipped"}) for c in lost.checks]
    verdict = judge_sample(
        Sample("x", "cell", fails=("one.first",)), "mutant", [type(lost)("x", "notebook", tuple(skipped), 0)]
    )
    assert verdict.collateral == ("one.second",)


def as_dict(check):
    return {name: getattr(check, name) for name in check.__struct_fields__}


def test_both_ways_have_to_agree(trial):
    sample = Sample("x", "cell", fails=("one.first",))
    verdict = judge_sample(sample, "mutant", [trial("x", "one.first", way="network"), trial("x", "one.first")])
    assert verdict.disagreement == ""
    verdict = judge_sample(
        sample, "mutant", [trial("x", "one.first", "two.only", way="network"), trial("x", "one.first")]
    )
    assert "two.only" in verdict.disagreement
    assert not verdict.good


def test_the_message_must_say_all_pieces_and_one_consequence(trial):
    def missing(says, shows=()):
        sample = Sample("x", "cell", fails=("one.first",), says=says, shows=shows)
        return judge_sample(sample, "mutant", [trial("x", "one.first")]).unnamed

    assert missing(("expected 3", "one.first")) == ()
    assert missing(("expected 3", "the second Conv2D")) == ("the second Conv2D",)
    assert missing("expected 3", ("found", "elsewhere")) == ()
    assert missing("expected 3", ("13×13", "640")) == ("13×13 or 640",)
