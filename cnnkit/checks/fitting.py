"""What is expected of a training function that was watched: its data, loss, epochs, callbacks and return value."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.probe.watching import FitSpec, Watched


def last_fit(run: Watched, function: str) -> FitSpec:
    """The last call of fit in a run of `function`; it is the one that counts.

    Raises:
        Mismatch: there is none.
    """
    if not run.fits:
        raise Mismatch(
            f'{function}("{run.optimizer}", ...)',
            expected="a call of model.fit",
            found="none",
            hint="Build the network, compile it, then train it with model.fit.",
        )
    return run.fits[-1]


def loss_is(run: Watched, function: str, wanted: str) -> None:
    """Expect a loss of that name, which can be computed on the batches given and suits the network's last layer.

    Raises:
        Mismatch: fit was called before compile, the loss cannot be computed, is another, or has `from_logits` on top of
            a softmax.
    """
    fit = last_fit(run, function)
    if fit.model is None:
        said = fit.problem or "the network that was given to fit cannot be looked at"
        raise Mismatch(f"{function}: {said}", hint="Train the network that the exercise before this one asks for.")
    compiled = fit.model.compiled
    if compiled is None:
        hint = "Before fit comes compile: network.compile(optimizer=..., loss=..., metrics=[...])."
        raise Mismatch(f"{function}: fit was called before compile", hint=hint)
    if fit.problem:
        raise Mismatch(
            f"the loss that {function} compiles with, on one batch of `train`",
            expected="a number",
            found=fit.problem,
            hint=f"The labels are one-hot rows; does your loss go with them? The exercise asks for {wanted}.",
        )
    if compiled.loss != wanted:
        raise Mismatch("loss", expected=wanted, found=compiled.loss or "none", hint="It is an argument of compile.")
    softmax = any(layer.config.get("activation") == "softmax" for layer in fit.model.layers[-1:])
    if softmax and compiled.loss_config.get("from_logits"):
        raise Mismatch(
            "loss, from_logits",
            expected=False,
            found=True,
            consequence="The network ends in softmax, so a second one is applied: with ten classes even a perfect "
            "prediction costs 1.461.",
            hint="Leave from_logits out.",
        )


def trains_for(run: Watched, function: str, epochs: int) -> None:
    """Expect all of the training data that was given, for the number of epochs that was given.

    Raises:
        Mismatch: it trains on other data, on a part of it, or for another number of epochs.
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
    if fit.epochs != epochs:
        raise Mismatch(
            f"{function}(..., epochs={epochs})",
            expected=f"{epochs} epochs",
            found=f"{fit.epochs} epoch{'s' if fit.epochs != 1 else ''}" if fit.epochs >= 0 else "no whole number",
            hint="Pass `epochs=epochs` on to fit.",
        )


def validates_on_val(run: Watched, function: str) -> None:
    """Expect the validation data that was given.

    Raises:
        Mismatch: there is none, or other data.
    """
    fit = last_fit(run, function)
    if fit.validation != "val":
        found = {"none": "none", "split": "a split of the training data", "train": "the training data"}
        raise Mismatch(
            "validation data",
            expected="`val`",
            found=found.get(fit.validation, "something else"),
            consequence="Without it the history has no val_loss." if fit.validation == "none" else "",
            hint="Pass `validation_data=val` to fit.",
        )


def history_returned(run: Watched, function: str) -> None:
    """Expect the History of the last fit to be returned.

    Raises:
        Mismatch: something else is.
    """
    last_fit(run, function)
    if run.returned != "history":
        raise Mismatch(
            f"what {function} returns",
            expected="the History that model.fit returns",
            found=run.returned,
            hint="Write `return` in front of the last call of fit.",
        )


def callbacks_passed(run: Watched, function: str) -> None:
    """Expect the callbacks that were given among those of the last fit.

    Raises:
        Mismatch: they are not.
    """
    if not last_fit(run, function).callbacks:
        raise Mismatch(
            "callbacks",
            expected="passed on to fit",
            found="not passed on",
            consequence="`cnnkit.record` would not see the training.",
            hint="Pass `callbacks=callbacks` to fit.",
        )


def networks_fresh(runs: Sequence[Watched], function: str) -> None:
    """Expect another network in each run.

    Raises:
        Mismatch: a network is trained in two of them.
    """
    networks = [last_fit(run, function).network for run in runs]
    if len(set(networks)) != len(networks):
        raise Mismatch(
            "the network of each run",
            expected="a new one every time",
            found="the same one again",
            consequence="The second optimizer would go on from the weights of the first, and look better than it is.",
            hint=f"Build the network inside {function}, not before it.",
        )
