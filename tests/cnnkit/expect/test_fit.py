"""Expectations on a watched training function, each with its message."""

from dataclasses import replace

import pytest

from cnnkit.expect import fit
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import CompileSpec
from cnnkit.probe.watching import FitSpec, OptimizerSpec, WatchedRun

COMPILED = CompileSpec("adam", loss="categorical_crossentropy")
MODEL = sequence((None, 4), [("Dense", {"units": 10, "activation": "softmax"})], COMPILED)
FIT = FitSpec(model=MODEL, fresh=True, epochs=4, data="train", validation="val", callbacks=True)
RIGHT = WatchedRun('"adam"', (FIT,), "history")


def run(**changes):
    return WatchedRun('"adam"', (replace(FIT, **changes),), "history")


def compiled(**changes):
    return run(model=replace(MODEL, compiled=replace(COMPILED, **changes)))


def judge(watched):
    fit.loss_is(watched, "train", "categorical_crossentropy")
    fit.trains_for(watched, "train", 4)
    fit.validates_on_val(watched, "train")
    fit.history_returned(watched, "train")
    fit.callbacks_passed(watched, "train")


def test_a_right_run_passes():
    judge(RIGHT)
    fit.networks_fresh([RIGHT, RIGHT], "train")
    fit.optimizer_is(RIGHT, "train", OptimizerSpec("adam"))


@pytest.mark.parametrize(
    ("watched", "words"),
    [
        (WatchedRun('"adam"', (), "None"), 'train("adam", ...): expected a call of model.fit, found none.'),
        (run(model=replace(MODEL, compiled=None)), "train: fit was called before compile."),
        (run(model=None, problem="the model cannot be traced"), "train: the model cannot be traced."),
        (run(problem="ValueError: shapes (8, 10) and (8,)"), "found ValueError: shapes (8, 10) and (8,)."),
        (run(problem="a loss of nan, which is no finite number"), "found a loss of nan, which is no finite number."),
        (compiled(loss="mean_squared_error"), "loss: expected categorical_crossentropy, found mean_squared_error."),
        (compiled(loss=""), "loss: expected categorical_crossentropy, found none."),
        (compiled(loss_config={"from_logits": True}), "1.461"),
        (compiled(loss_config={"label_smoothing": 0.1}), "label_smoothing of the loss: expected 0.0, found 0.1."),
        (compiled(loss_config={"reduction": "sum"}), "reduction of the loss: expected left out, found sum."),
        (run(weighted="class_weight"), "class_weight in fit: expected none: every image counts alike, found given."),
        (run(validation="part"), "not all of it, or not in every epoch"),
        (run(data="val"), "training data: expected `train`, found `val`."),
        (run(data="other"), "found something else."),
        (run(steps=1), "steps_per_epoch: expected all batches of `train` in every epoch, found 1 of them."),
        (run(epochs=1), "train(..., epochs=4): expected 4 epochs, found 1 epoch."),
        (run(epochs=-1), "found no whole number."),
        (
            replace(RIGHT, fits=(replace(FIT, epochs=1),) * 4),
            "expected one call of fit with 4 epochs, found 4 calls with 4 epochs together; the last one has 1 epoch.",
        ),
        (
            run(validation="none"),
            "validation data: expected `val`, found none. Without it the history has no val_loss.",
        ),
        (run(validation="train"), "found the training data."),
        (run(validation="split"), "found a split of the training data."),
        (replace(RIGHT, returned="None"), "expected the History that model.fit returns, found None."),
        (
            run(callbacks=False),
            "callbacks: expected those that the function was given, passed on to fit, found a fit without them.",
        ),
    ],
)
def test_what_is_said_of_a_mistake(watched, words):
    with pytest.raises(Mismatch) as caught:
        judge(watched)
    assert words in caught.value.message
    assert caught.value.hint


def test_logits_are_right_without_softmax():
    plain = sequence((None, 4), [("Dense", {"units": 10})], replace(COMPILED, loss_config={"from_logits": True}))
    fit.loss_is(run(model=plain), "train", "categorical_crossentropy")


def test_weights_that_another_run_has_trained():
    said = 'run with "adam": expected a new one, found one with the weights that an earlier run had trained'
    with pytest.raises(Mismatch, match=said):
        fit.networks_fresh([RIGHT, RIGHT, run(fresh=False)], "train")


def test_what_counts_is_how_a_run_begins():
    again = WatchedRun('"sgd"', (FIT, replace(FIT, fresh=False)), "history")
    fit.networks_fresh([RIGHT, again], "train")


def with_settings(name="adam", **settings):
    return run(model=replace(MODEL, compiled=CompileSpec(name, settings, "categorical_crossentropy")))


@pytest.mark.parametrize(
    ("watched", "asked"),
    [
        (with_settings(learning_rate=0.001, beta_1=0.9, use_ema=False), OptimizerSpec("adam")),
        (with_settings("sgd", learning_rate=0.0099999998), OptimizerSpec("sgd")),
        (
            with_settings("sgd", learning_rate=0.02, momentum=0.5),
            OptimizerSpec("SGD", {"learning_rate": 0.02, "momentum": 0.5}),
        ),
        (with_settings("mine", rate=3.0), OptimizerSpec("Mine")),
    ],
)
def test_the_optimizer_that_was_asked_for(watched, asked):
    fit.optimizer_is(watched, "train", asked)


@pytest.mark.parametrize(
    ("watched", "asked", "words"),
    [
        (with_settings("sgd"), OptimizerSpec("adam"), 'the optimizer of train("adam", ...): expected adam, found sgd.'),
        (run(model=None), OptimizerSpec("adam"), "expected adam, found none."),
        (
            with_settings(learning_rate=0.01),
            OptimizerSpec("adam"),
            "expected 0.001, found 0.01. Every step is 10 times as large",
        ),
        (with_settings(learning_rate=0.0001), OptimizerSpec("adam"), "Every step is 10 times smaller"),
        (
            with_settings(learning_rate="ExponentialDecay"),
            OptimizerSpec("adam"),
            "expected 0.001, found ExponentialDecay.",
        ),
        (with_settings(clipnorm=1.0), OptimizerSpec("adam"), "clipnorm of the optimizer"),
        (
            with_settings("sgd"),
            OptimizerSpec("SGD", {"momentum": 0.5}),
            "SGD(momentum=0.5), ...): expected 0.5, found 0.0.",
        ),
    ],
)
def test_another_optimizer_than_was_asked_for(watched, asked, words):
    with pytest.raises(Mismatch) as caught:
        fit.optimizer_is(watched, "train", asked)
    assert words in caught.value.message
    assert caught.value.hint


def test_an_optimizer_that_the_exercise_names_is_called_by_what_the_function_was_given():
    with pytest.raises(Mismatch) as caught:
        fit.optimizer_is(replace(with_settings("sgd"), optimizer='"max"'), "train", OptimizerSpec("adam"), given=False)
    assert caught.value.message == 'the optimizer of train("max", ...): expected adam, found sgd.'
    assert caught.value.hint == 'Compile with `optimizer="adam"`.'


def test_either_loss_where_the_labels_are_left_open():
    for loss in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
        names = ("categorical_crossentropy", "sparse_categorical_crossentropy")
        fit.loss_is(compiled(loss=loss), "train", *names)
    with pytest.raises(Mismatch, match="expected categorical_crossentropy or sparse_categorical_crossentropy"):
        fit.loss_is(compiled(loss="mse"), "train", *names)


def test_metrics_given_by_position_are_recognised():
    with pytest.raises(Mismatch) as caught:
        judge(run(problem="ValueError: dtype='string' is not a valid dtype for Keras type promotion."))
    assert "loss_weights, not metrics" in caught.value.hint


def test_the_last_fit_counts():
    judge(WatchedRun("adam", (replace(FIT, data="other", epochs=1), FIT), "history"))
