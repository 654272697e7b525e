"""What is said of a training function that was watched."""

from dataclasses import replace

import pytest

from cnnkit.checks import fitting
from cnnkit.mismatch import Mismatch
from cnnkit.probe.watching import FitSpec, Watched
from cnnkit.spec import CompileSpec, sequence

COMPILED = CompileSpec("adam", loss="categorical_crossentropy")
MODEL = sequence((None, 4), [("Dense", {"units": 10, "activation": "softmax"})], COMPILED)
FIT = FitSpec(model=MODEL, network=0, epochs=4, data="train", validation="val", callbacks=True, first_loss=2.3)
RIGHT = Watched("adam", (FIT,), "history")


def run(**changes):
    return Watched("adam", (replace(FIT, **changes),), "history")


def compiled(**changes):
    return run(model=replace(MODEL, compiled=replace(COMPILED, **changes)))


def judge(watched):
    fitting.loss_is(watched, "train", "categorical_crossentropy")
    fitting.trains_for(watched, "train", 4)
    fitting.validates_on_val(watched, "train")
    fitting.history_returned(watched, "train")
    fitting.callbacks_passed(watched, "train")


def test_a_right_run_passes():
    judge(RIGHT)
    fitting.networks_fresh([RIGHT, run(network=1)], "train")


@pytest.mark.parametrize(
    ("watched", "words"),
    [
        (Watched("adam", (), "None"), 'train("adam", ...): expected a call of model.fit, found none.'),
        (run(model=replace(MODEL, compiled=None)), "train: fit was called before compile."),
        (run(model=None, problem="the model cannot be traced"), "train: the model cannot be traced."),
        (run(problem="ValueError: shapes (8, 10) and (8,)"), "found ValueError: shapes (8, 10) and (8,)."),
        (run(problem="it is nan, not a finite number"), "found it is nan, not a finite number."),
        (compiled(loss="mean_squared_error"), "loss: expected categorical_crossentropy, found mean_squared_error."),
        (compiled(loss=""), "loss: expected categorical_crossentropy, found none."),
        (compiled(loss_config={"from_logits": True}), "1.461"),
        (run(data="val"), "training data: expected `train`, found `val`."),
        (run(data="other"), "found something else."),
        (run(steps=1), "steps_per_epoch: expected all batches of `train` in every epoch, found 1 of them."),
        (run(epochs=1), "train(..., epochs=4): expected 4 epochs, found 1 epoch."),
        (run(epochs=-1), "found no whole number."),
        (
            run(validation="none"),
            "validation data: expected `val`, found none. Without it the history has no val_loss.",
        ),
        (run(validation="train"), "found the training data."),
        (run(validation="split"), "found a split of the training data."),
        (replace(RIGHT, returned="None"), "expected the History that model.fit returns, found None."),
        (run(callbacks=False), "callbacks: expected passed on to fit, found not passed on."),
    ],
)
def test_what_is_said_of_a_mistake(watched, words):
    with pytest.raises(Mismatch) as caught:
        judge(watched)
    assert words in caught.value.message
    assert caught.value.hint


def test_logits_are_right_without_softmax():
    plain = sequence((None, 4), [("Dense", {"units": 10})], replace(COMPILED, loss_config={"from_logits": True}))
    fitting.loss_is(run(model=plain), "train", "categorical_crossentropy")


def test_a_network_used_twice():
    with pytest.raises(Mismatch, match="found the same one again"):
        fitting.networks_fresh([RIGHT, run(network=1), RIGHT], "train")


def test_the_last_fit_counts():
    judge(Watched("adam", (replace(FIT, data="other", epochs=1), FIT), "history"))
