"""Copied records are found across a class; those of different seeds are not."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.records.similarity import NEAR, ROUNDED, similar_groups
from autograder.report import similar_groups_csv
from autograder.results.store import RunHistory
from cnnkit.recording.schema import TrainingRecord


def run(student, factor=1.0, **changes):
    losses = [float(np.float32(factor * 2.0 * 0.7**epoch)) for epoch in range(5)]
    record = TrainingRecord("adam", {"loss": losses, "val_loss": [0.9 * loss for loss in losses]}, student=student)
    return replace(record, **changes)


def pairs_of(class_records):
    """Every pair of students in a group, by the groups' runs."""
    return [
        (pair, group.runs)
        for group in similar_groups(class_records)
        for pair in itertools.combinations(group.students, 2)
    ]


def test_a_copy_is_found_whatever_id_it_has():
    groups = similar_groups({"s1": {"adam": run("s1")}, "s2": {"adam": run("s2")}, "s3": {"adam": run("s3", 1.01)}})
    assert [str(group) for group in groups] == ["s1 and s2: adam (under different student ids)"]


def test_rounding_does_not_hide_it():
    copied = run("s2")
    rounded = {name: [round(value, 4) for value in values] for name, values in copied.history.items()}
    assert len(pairs_of({"s1": {"adam": run("s1")}, "s2": {"adam": replace(copied, history=rounded)}})) == 1


def apart(metric, epoch, loss, difference):
    """Two students whose losses are all `loss`, but for one metric in one epoch."""
    same = {"loss": [loss] * 3, "val_loss": [loss] * 3}
    other = {name: list(values) for name, values in same.items()}
    other[metric][epoch] = loss - difference
    return {
        "s1": {"adam": replace(run("s1"), history=same)},
        "s2": {"adam": replace(run("s2"), history=other)},
    }


@pytest.mark.parametrize("metric", ["loss", "val_loss"])
@pytest.mark.parametrize("epoch", [0, 2])
@pytest.mark.parametrize(
    ("loss", "difference", "alike"),
    [(2.0, 4.59e-4, True), (2.0, 4.61e-4, False), (0.001, 6.01e-5, True), (0.001, 6.03e-5, False)],
)
def test_near_in_every_epoch_of_both_losses_or_not_alike(metric, epoch, loss, difference, alike):
    assert len(pairs_of(apart(metric, epoch, loss, difference))) == alike


def test_another_training_is_not_told_by_its_accuracy_alone():
    other = {**run("s2").history, "accuracy": [0.5] * 5}
    assert len(pairs_of({"s1": {"adam": run("s1")}, "s2": {"adam": replace(run("s2"), history=other)}})) == 1


def test_one_group_for_all_runs():
    both = {"adam": run("s1"), "sgd": run("s1", 3.0, run="sgd")}
    (group,) = similar_groups({"s1": both, "s2": both})
    assert group.runs == ("adam", "sgd")
    assert group.same_id
    assert group.record_ids == ("s1", "s1")


def test_another_group_in_another_run():
    first, second = run("a"), run("b", 3.0)
    groups = similar_groups(
        {"s1": {"adam": first, "sgd": second}, "s2": {"adam": first, "sgd": second}, "s3": {"sgd": second}}
    )
    assert [(group.students, group.runs) for group in groups] == [
        (("s1", "s2"), ("adam",)),
        (("s1", "s2", "s3"), ("sgd",)),
    ]


def test_a_chain_is_one_group_that_says_so():
    loss = run("").history["loss"]
    step = 0.9 * (NEAR * loss[0] + ROUNDED)
    chain = {
        f"s{link}": {"adam": replace(run(f"s{link}"), history={"loss": [loss[0] + link * step, *loss[1:]]})}
        for link in range(4)
    }
    (group,) = similar_groups(chain)
    assert group.students == ("s0", "s1", "s2", "s3")
    assert not group.all_alike
    assert str(group).endswith("(under different student ids; each like at least one other, not like all)")


def test_a_large_group_is_named_in_one_line_and_listed_in_the_table():
    groups = similar_groups({f"s{number:02}": {"adam": run("")} for number in range(30)})
    assert [str(group) for group in groups] == [
        "s00, s01, s02, s03, s04 and 25 others share records of adam under one student id, none"
    ]
    rows = similar_groups_csv(groups).splitlines()
    assert rows[0] == "group,students,student,record_id,runs,same_student_id,all_alike,equal"
    assert rows[1:] == [f"1,30,s{number:02},,adam,yes,yes,losses" for number in range(30)]


def traced(student, loss, **traces):
    return {"adam": RunHistory(student, {"loss": [loss, loss / 2]}, {part: [text] for part, text in traces.items()})}


BEGINNING = "initial weights"


@pytest.mark.parametrize("part", ["record", "initial weights", "final weights", "fingerprints"])
def test_records_that_share_a_trace_are_alike_whatever_id_and_numbers_they_have(part):
    records = {
        "s1": traced("s1", 1.0, **{part: "a"}),
        "s2": traced("s2", 2.0, **{part: "a"}),
        "s3": traced("s3", 3.0, **{part: "b"}),
    }
    (group,) = similar_groups(records)
    assert (group.students, group.parts) == (("s1", "s2"), (part,))
    assert str(group) == f"s1 and s2: adam (under different student ids; equal: {part})"
    assert similar_groups_csv([group]).splitlines()[1] == f"1,2,s1,s1,adam,no,yes,{part}"


def test_a_number_that_was_not_edited_is_enough():
    one, other = (RunHistory(name, {}, {"fingerprints": marks}) for name, marks in (("s1", "abc"), ("s2", "xbz")))
    assert similar_groups({"s1": {"adam": one}, "s2": {"adam": other}})[0].parts == ("fingerprints",)


def test_seeds_that_several_students_chose_are_no_copy_but_those_of_a_classmates_id_are():
    chosen = {f"s{number}": traced(f"s{number}", 1.0 + number, **{"chosen initial weights": "42"}) for number in (1, 2)}
    assert similar_groups(chosen) == []
    friend = {
        "s3": traced("s3", 5.0, **{BEGINNING: "mine"}),
        "s4": traced("s4", 6.0, **{"chosen initial weights": "mine"}),
    }
    assert [group.students for group in similar_groups(chosen | friend)] == [("s3", "s4")]


@pytest.mark.parametrize(
    ("students", "traces", "conspicuous"),
    [
        (("s1", "s1"), {}, True),
        (("s1", "s2"), {}, True),
        (("", ""), {}, False),
        (("", ""), {BEGINNING: "a"}, False),
        (("", ""), {"record": "a"}, True),
    ],
)
def test_copies_with_their_student_id_are_conspicuous_and_honest_runs_without_one_are_not(
    students, traces, conspicuous
):
    records = {f"folder{number}": traced(student, 1.0, **traces) for number, student in enumerate(students)}
    assert [group.is_conspicuous for group in similar_groups(records)] == [conspicuous]


def test_a_hundred_copies_of_one_record_are_one_line():
    records = {f"s{number:03}": traced("s01", 1.0, record="a", **{BEGINNING: "b"}) for number in range(103)}
    assert [str(group) for group in similar_groups(records)] == [
        "s000, s001, s002, s003, s004 and 98 others share records of adam under one student id, s01"
    ]


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"loss": []},
        {"loss": [float("nan")] * 5},
        {"loss": [0.0] * 5},
        {"loss": run("").history["loss"][:3]},
        {**run("").history, "val_loss": [float("inf")] * 5},
    ],
)
def test_odd_histories_resemble_nothing(history):
    assert similar_groups({"s1": {"adam": run("s1")}, "s2": {"adam": replace(run("s2"), history=history)}}) == []


def plainly_alike(one, other):
    """The definition, number by number."""
    for history in (one, other):
        losses, validation = history.get("loss", []), history.get("val_loss", [])
        if not losses or not all(map(math.isfinite, [*losses, *validation])) or min(losses) <= 0:
            return False
    return all(
        len(one.get(metric, [])) == len(other.get(metric, []))
        and all(
            abs(a - b) <= NEAR * max(abs(a), abs(b)) + ROUNDED
            for a, b in zip(one.get(metric, []), other.get(metric, []), strict=True)
        )
        for metric in ("loss", "val_loss")
    )


def components(students, pairs):
    """Students that chains of pairs connect, two or more at a time."""
    group_of = {student: {student} for student in students}
    for one, other in pairs:
        joined = group_of[one] | group_of[other]
        group_of |= dict.fromkeys(joined, joined)
    return sorted({tuple(sorted(group)) for group in group_of.values() if len(group) > 1})


VALUES = st.sampled_from([0.5, 1.0, 1.0 + 1e-4, 1.0 + 2.5e-4, 1.0 + 5e-4, 2.3, 2.3005, 2.301, 3e-5, 8e-5, 1.3e-4])
ODD = st.sampled_from([float("nan"), float("inf"), 0.0, -1.0])
HISTORIES = st.fixed_dictionaries(
    {"loss": st.lists(VALUES | ODD, max_size=3) | st.lists(VALUES, min_size=2, max_size=2)},
    optional={"val_loss": st.lists(VALUES, max_size=2), "accuracy": st.lists(VALUES, max_size=2)},
)


@st.composite
def classes(draw):
    """Histories of a class: some of their own, some copied, some copied and rounded."""
    found = draw(st.lists(HISTORIES, min_size=1, max_size=8))
    for digits in draw(st.lists(st.sampled_from([None, 2, 3, 4, 5]), max_size=6)):
        copied = draw(st.sampled_from(found))
        found.append(
            copied
            if digits is None
            else {metric: [round(value, digits) for value in values] for metric, values in copied.items()}
        )
    return found


@given(classes())
def test_the_groups_are_those_of_the_plain_definition(histories):
    students = {f"s{number:02}": history for number, history in enumerate(histories)}
    pairs = {pair for pair in itertools.combinations(students, 2) if plainly_alike(*map(students.get, pair))}
    groups = similar_groups({student: {"adam": run("", history=one)} for student, one in students.items()})
    assert [group.students for group in groups] == components(students, pairs)
    for group in groups:
        assert group.all_alike == (set(itertools.combinations(group.students, 2)) <= pairs)


def test_the_pairs_of_a_large_class_are_those_of_the_plain_definition():
    """Losses as near to each other as those of Adadelta, every tenth of them copied, half of these rounded."""
    dice = np.random.default_rng(0)
    epochs = np.linspace(2.29, 2.0, 4)
    histories = []
    for number in range(400):
        losses = epochs * (1 + 4e-4 * dice.standard_normal(4))
        if number % 10 == 9:
            losses = np.asarray(histories[dice.integers(number)]["loss"])
            losses = losses.round(4) if number % 20 == 9 else losses
        histories.append({"loss": losses.tolist()})
    students = {f"s{number:03}": history for number, history in enumerate(histories)}
    pairs = {pair for pair in itertools.combinations(students, 2) if plainly_alike(*map(students.get, pair))}
    groups = similar_groups({student: {"adam": run("", history=one)} for student, one in students.items()})
    assert [group.students for group in groups] == components(students, pairs)
    assert len(groups) > 10
    assert any(not group.all_alike for group in groups)


@pytest.mark.parametrize("copies", ["equal", "rounded", "jittered"])
def test_ten_thousand_copies_are_one_group(copies):
    """Fifty million pairs: neither listed nor looked at one by one."""
    dice = np.random.default_rng(0)
    losses = np.linspace(2.29, 2.0, 10)
    records = {}
    for number in range(10_000):
        changed = {"equal": losses, "rounded": losses.round(4 + number % 3)}.get(
            copies, losses + 2e-5 * dice.uniform(-1, 1, 10)
        )
        records[f"s{number:04}"] = {"adam": run("", history={"loss": changed.tolist()})}
    (group,) = similar_groups(records)
    assert len(group.students) == 10_000
    assert group.all_alike


def test_the_table_is_safe_for_a_spreadsheet():
    groups = similar_groups({"=1+1": {"adam": run("a")}, "x,y": {"adam": run("=b")}})
    assert similar_groups_csv(groups).splitlines()[1:] == [
        "1,2,'=1+1,a,adam,no,yes,losses",
        '1,2,"x,y",\'=b,adam,no,yes,losses',
    ]
