"""The network to compare a student's with: the assignment's own, another form of it, or one without softmax."""

from dataclasses import replace

import pytest

from cnnkit.checks.assigned_network import Brief
from cnnkit.checks.evidence import StudentError
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import CompileSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

ROWS = [("Dense", {"units": 8, "activation": "relu"}), ("Dropout", {"rate": 0.5}), ("Dense", {"units": 3})]


def test_a_network_is_compared_with_the_form_it_is_nearest_to():
    flat = sequence((None, 2, 2, 1), [("Flatten", {}), ("Dense", {"units": 3}), ("Dense", {"units": 5})])
    kernel = {"filters": 3, "kernel_size": (2, 2)}
    form = sequence((None, 2, 2, 1), [("Conv2D", kernel), ("Flatten", {}), ("Dense", {"units": 5})])
    brief = Brief("build", flat, forms=(form,))

    assert brief.form_of(flat) is flat
    assert brief.form_of(form) is form
    wrong = sequence((None, 2, 2, 1), [("Conv2D", {**kernel, "filters": 4}), ("Flatten", {}), ("Dense", {"units": 5})])
    assert brief.form_of(wrong) is form
    assert brief.form_of(sequence((None, 2, 2, 1), [("Flatten", {}), ("Dense", {"units": 5})])) is flat


# --- softmax in the network, or in the loss ---------------------------------------------------------------------------

PROBABILITIES = sequence((None, 4), [*ROWS[:2], ("Dense", {"units": 3, "activation": "softmax"})])
LOGITS = sequence((None, 4), ROWS)


def trained(from_logits, model=LOGITS):
    loss = {"from_logits": from_logits} if from_logits is not None else {}
    compiled = CompileSpec("adam", {}, "categorical_crossentropy", loss)
    fit = FitSpec(replace(model, compiled=compiled), True, 4, "train", "val", True)
    return WatchedRun('"adam"', (fit,), "history")


def beside(found, *runs):
    def ask(evidence):
        if isinstance(runs[0], Exception):
            raise runs[0]
        return runs

    return Brief("build", PROBABILITIES, ask).beside(found, None)


def test_softmax_may_be_left_to_the_loss():
    brief = beside(LOGITS, trained(True), trained(True))
    assert compare(LOGITS, brief).equal


@pytest.mark.parametrize(
    "runs",
    [
        (trained(False),),
        (trained(None),),
        (trained(True), trained(False)),
        (trained(True), WatchedRun('"sgd"', (), "None")),
        (Mismatch("no fit"),),
        (StudentError("it raised"),),
    ],
)
def test_a_network_without_softmax_is_wrong_where_the_loss_wants_probabilities(runs):
    assert beside(LOGITS, *runs) == PROBABILITIES


@pytest.mark.parametrize(
    "found",
    [
        PROBABILITIES,
        sequence((None, 4), [*ROWS[:2], ("Dense", {"units": 3, "activation": "sigmoid"})]),
        sequence((None, 4), ROWS[:2]),
        replace(LOGITS, layers=()),
    ],
)
def test_any_other_ending_is_compared_with_the_brief_as_it_stands(found):
    assert beside(found, trained(True)) == PROBABILITIES


def test_a_brief_that_is_not_trained_is_the_brief():
    assert Brief("build", PROBABILITIES).beside(LOGITS, None) == PROBABILITIES
