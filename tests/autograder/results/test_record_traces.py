"""Traces that two records share only if one was copied, also with its id and its losses edited."""

from dataclasses import replace

from autograder.results.record_traces import record_traces
from cnnkit.recording.seed_stream import seed_at
from cnnkit.session import seed_of
from tests.autograder.records.test_self_consistency import LAYOUT_3

RECORD = replace(LAYOUT_3, seconds=61.5, weights="sha256:" + "2" * 64)


def shared(one, other):
    mine, theirs = record_traces(one), record_traces(other)
    return {part for part in mine if set(mine[part]) & set(theirs.get(part, ()))}


def test_a_record_has_traces_of_every_part():
    assert set(record_traces(RECORD)) == {"record", "initial weights", "final weights", "fingerprints"}


def test_id_and_losses_edited_leave_the_weights():
    edited = replace(RECORD, student="s2", seed=seed_of("mnist_convnet", "s2"), history={"loss": [0.3, 0.1]})
    edited = replace(edited, draws=RECORD.draws)
    assert shared(RECORD, edited) >= {"initial weights", "final weights", "fingerprints"}


def test_a_fingerprint_edited_in_one_number_leaves_the_others():
    record = replace(RECORD, fingerprints=[[2.3, 0.1, 0.5], [0.4, 0.2, 0.6], [0.2, 0.3, 0.7]])
    edited = replace(record, fingerprints=[[2.3, 0.1, 0.5], [0.4, 0.21, 0.61], [0.2, 0.31, 0.7]])
    assert shared(record, edited) >= {"fingerprints"}


def test_weights_from_chosen_seeds_are_told_apart():
    chosen = replace(RECORD, draws=tuple(replace(draw, position=-1) for draw in RECORD.draws))
    assert "chosen initial weights" in record_traces(chosen)
    assert "initial weights" not in record_traces(chosen)


def test_an_earlier_layout_has_its_positions_looked_up():
    draws = tuple(replace(draw, position=-1) for draw in RECORD.draws)
    assert draws[0].seed[0] == seed_at(RECORD.seed, 3)
    assert "initial weights" in record_traces(replace(RECORD, schema=2, draws=draws))


def test_zeros_and_untrained_weights_are_no_traces():
    record = replace(RECORD, fingerprints=[[2.3, 0.1], [0.4, 0.0], [0.2, 0.0]], weights="", initial="", seconds=0.0)
    assert record_traces(record) == {}
