"""Expectations on a watched training function: data, loss, optimizer, epochs, callbacks, return value."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.networks.describe.optimizers import changed_settings
from cnnkit.networks.model_spec import CompileSpec, Setting
from cnnkit.networks.wording import count
from cnnkit.probe.watching import FitSpec, OptimizerSpec, WatchedRun

_USUAL_LOSS: dict[str, Setting] = {"from_logits": False, "label_smoothing": 0.0, "axis": -1, "ignore_class": None}
"""Default settings of a cross-entropy."""


_TWICE = {
    "softmax": "The network ends in softmax, so a second one is applied: with ten classes even a perfect prediction "
    "costs 1.461.",
    "sigmoid": "The network ends in sigmoid, so a second one is applied: even a perfect prediction of a 1 costs 0.313.",
}
"""Consequence of `from_logits` after a last layer with this activation.

log(e + 9) - 1 = 1.461 for the softmax of a one-hot row of ten, log(1 + 1/e) = 0.313 for the sigmoid of 1."""


def last_fit(run: WatchedRun, function: str) -> FitSpec:
    """Expect a call of fit in a run of `function`, and return the last one, which is the one that counts.

    Args:
        run: the watched run.
        function: the training function's name.

    Raises:
        Mismatch: there is none.
    """
    if not run.fits:
        raise Mismatch(
            f"{function}({run.optimizer}, ...)",
            expected="a call of model.fit",
            found="none",
            hint="Build the network, compile it, then train it with model.fit.",
        )
    return run.fits[-1]


def loss_is(run: WatchedRun, function: str, *wanted: str) -> None:
    """Expect a loss of that name, which can be computed on the data and suits the network's last layer.

    Args:
        run: the watched run.
        function: the training function's name.
        wanted: names of the right losses, the one that the specification names first. If it leaves the form of the
            labels to the student these are two, for one-hot labels and for integers.

    Raises:
        Mismatch: fit was called before compile, or the loss cannot be computed, is a different one, has different
            settings, or has `from_logits` after a softmax.
    """
    fit = last_fit(run, function)
    if fit.model is None:
        problem = fit.problem or "the network that was given to fit cannot be looked at"
        raise Mismatch(f"{function}: {problem}", hint="Train the network that the exercise before this one asks for.")
    compiled = fit.model.compiled
    if compiled is None:
        hint = "Before fit comes compile: network.compile(optimizer=..., loss=..., metrics=[...])."
        raise Mismatch(f"{function}: fit was called before compile", hint=hint)
    if fit.problem:
        labels = "one number each, 0 or 1" if wanted[0].startswith("binary") else "one-hot rows"
        hint = f"The labels are {labels}; does your loss go with them? The exercise asks for {wanted[0]}."
        if "dtype='string'" in fit.problem:
            hint = (
                "The third argument of compile is loss_weights, not metrics: name your arguments, metrics=[...]. "
                "Otherwise Keras multiplies the loss by a text."
            )
        raise Mismatch(
            f"the loss that {function} compiles with, on one batch of `train`",
            expected="a number",
            found=fit.problem,
            hint=hint,
        )
    if compiled.loss not in wanted:
        hint = "It is an argument of compile."
        raise Mismatch("loss", expected=" or ".join(wanted), found=compiled.loss or "none", hint=hint)
    _loss_settings(compiled)
    twice = _TWICE.get(str(fit.model.layers[-1].config.get("activation")) if fit.model.layers else "")
    if twice and compiled.loss_config.get("from_logits"):
        hint = "Leave from_logits out."
        raise Mismatch("loss, from_logits", expected=False, found=True, consequence=twice, hint=hint)


def _loss_settings(compiled: CompileSpec) -> None:
    for name, value in compiled.loss_config.items():
        if name != "from_logits" and value != _USUAL_LOSS.get(name, "no setting of its own"):
            raise Mismatch(
                f"{name} of the loss",
                expected=_USUAL_LOSS.get(name, "left out"),
                found=value,
                consequence="The losses are other numbers than the exercise's, and cannot be compared with them.",
                hint=f"Leave {name} out.",
            )


def optimizer_is(run: WatchedRun, function: str, asked: OptimizerSpec, *, given: bool = True) -> None:
    """Expect the network to be compiled with an optimizer and its settings.

    Args:
        run: the watched run.
        function: the training function's name.
        asked: the right optimizer; settings that it leaves out have Keras's defaults.
        given: True if the function was called with it, False if the exercise names it.

    Raises:
        Mismatch: the optimizer is a different one, or has different settings.
    """
    fit = last_fit(run, function)
    compiled = fit.model.compiled if fit.model is not None else None
    call = f"{function}({asked if given else run.optimizer}, ...)"
    hint = "Pass `optimizer=optimizer` on to compile, as it is." if given else f"Compile with `optimizer={asked}`."
    wanted = asked.name.lower()
    if compiled is None or compiled.optimizer != wanted:
        found = compiled.optimizer if compiled is not None else "none"
        consequence = "Its curve would show one optimizer under the name of another." if compiled and given else ""
        what = f"the optimizer of {call}"
        raise Mismatch(what, expected=wanted, found=found, consequence=consequence, hint=hint)
    for name, usual, value in changed_settings(wanted, compiled.optimizer_config, asked.settings):
        raise Mismatch(
            f"{name} of the optimizer of {call}",
            expected="none" if usual is None else usual,
            found="none" if value is None else value,
            consequence=_other_setting(name, usual, value),
            hint=hint,
        )


def _other_setting(name: str, expected: Setting, found: Setting) -> str:
    if name == "learning_rate" and isinstance(expected, float) and isinstance(found, float) and found > 0:
        times = found / expected
        size = f"{times:g} times as large" if times > 1 else f"{1 / times:g} times smaller"
        return f"Every step is {size}, so the curve shows another experiment than its label says."
    return "The curve shows another experiment than its label says."


def trains_for(run: WatchedRun, function: str, epochs: int) -> None:
    """Expect training on all of the data that the function was given, for the given number of epochs.

    Args:
        run: the watched run.
        function: the training function's name.
        epochs: the number of epochs that it was called with.

    Raises:
        Mismatch: it trains on different data, on a part of it, with weights on the images, or for a different number of
            epochs.
    """
    fit = last_fit(run, function)
    if fit.data != "train":
        found = {"val": "`val`", "none": "none"}.get(fit.data, "something else")
        raise Mismatch("training data", expected="`train`", found=found, hint="Pass `train` to fit as it is.")
    if fit.steps is not None:
        raise Mismatch(
            "steps_per_epoch",
            expected="all batches of `train` in every epoch",
            found=f"{fit.steps:,} of them",
            hint="Leave steps_per_epoch out.",
        )
    if fit.weighted:
        raise Mismatch(
            f"{fit.weighted} in fit",
            expected="none: every image counts alike",
            found="given",
            consequence="The losses are other numbers than the exercise's, and cannot be compared with them.",
            hint=f"Leave {fit.weighted} out.",
        )
    if fit.epochs == epochs:
        return
    found = count(fit.epochs, "epoch") if fit.epochs >= 0 else "no whole number"
    total = sum(one.epochs for one in run.fits)
    if len(run.fits) > 1 and total == epochs:
        raise Mismatch(
            f"{function}(..., epochs={epochs})",
            expected=f"one call of fit with {epochs} epochs",
            found=f"{len(run.fits)} calls with {total} epochs together; the last one has {found}",
            consequence="Every call of fit returns a History of its own epochs only, and begins to count at 1.",
            hint="Call fit once, with `epochs=epochs`: it goes through the data that many times.",
        )
    raise Mismatch(
        f"{function}(..., epochs={epochs})",
        expected=f"{epochs} epochs",
        found=found,
        hint="Pass `epochs=epochs` on to fit.",
    )


def validates_on_val(run: WatchedRun, function: str) -> None:
    """Expect validation on the data that the function was given.

    Args:
        run: the watched run.
        function: the training function's name.

    Raises:
        Mismatch: there is no validation, or it uses different data or a part.
    """
    fit = last_fit(run, function)
    if fit.validation != "val":
        found = {
            "none": "none",
            "split": "a split of the training data",
            "train": "the training data",
            "part": "`val`, but with validation_steps or validation_freq: not all of it, or not in every epoch",
        }
        raise Mismatch(
            "validation data",
            expected="`val`",
            found=found.get(fit.validation, "something else"),
            consequence="Without it the history has no val_loss." if fit.validation == "none" else "",
            hint="Pass `validation_data=val` to fit.",
        )


def history_returned(run: WatchedRun, function: str) -> None:
    """Expect the function to return the History of its last fit.

    Args:
        run: the watched run.
        function: the training function's name.

    Raises:
        Mismatch: it returns a different object.
    """
    last_fit(run, function)
    if run.raised:
        raise Mismatch(
            f"what {function} returns",
            expected="the History that model.fit returns",
            found=f"an exception after fit: {run.raised}",
            consequence="Here fit trains nothing, so this may not happen in your notebook.",
            hint="Does the function read what only a real training leaves? All else that fit was given counts.",
        )
    if run.returned != "history":
        raise Mismatch(
            f"what {function} returns",
            expected="the History that model.fit returns",
            found=run.returned,
            hint="Write `return` in front of the last call of fit.",
        )


def callbacks_passed(run: WatchedRun, function: str) -> None:
    """Expect the callbacks that the function was given among those of its last fit.

    Args:
        run: the watched run.
        function: the training function's name.

    Raises:
        Mismatch: they are not among them.
    """
    if not last_fit(run, function).callbacks:
        raise Mismatch(
            "callbacks",
            expected="those that the function was given, passed on to fit",
            found="a fit without them",
            consequence="`cnnkit.record` would not see the training.",
            hint="Pass `callbacks=callbacks` to fit.",
        )


def networks_fresh(runs: Sequence[WatchedRun], function: str) -> None:
    """Expect each run to begin with weights that no earlier run has trained.

    Args:
        runs: the watched runs, in order.
        function: the training function's name.

    Raises:
        Mismatch: a run begins with the weights that an earlier one ended with.
    """
    for run in runs:
        last_fit(run, function)
        if run.fits[0].fresh:
            continue
        raise Mismatch(
            f"the network of the run with {run.optimizer}",
            expected="a new one",
            found="one with the weights that an earlier run had trained",
            consequence="The second run would go on from the weights of the first, and look better than it is.",
            hint=f"Build the network inside {function}, not before it.",
        )
