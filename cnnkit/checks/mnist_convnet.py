"""The public checks of `mnist_convnet`, and its brief as data."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cnnkit.checks import expect
from cnnkit.checks.evidence import Evidence
from cnnkit.checks.registry import PublicChecks
from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import FigureSpec, LineSpec
from cnnkit.probe.watching import FitSpec, Watched
from cnnkit.spec.brief import sequence
from cnnkit.spec.words import shape_text
from cnnkit.training import TrainingRecord

INPUT = (None, 28, 28, 1)
NETWORK = "build_convnet"

BRIEF = sequence(
    INPUT,
    [
        ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "padding": "valid", "activation": "relu"}),
        ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "strides": (1, 1), "padding": "same", "activation": "relu"}),
        ("MaxPooling2D", {"pool_size": (2, 2), "strides": (1, 1), "padding": "valid"}),
        ("Dropout", {"rate": 0.35}),
        ("Flatten", {}),
        ("Dense", {"units": 256, "activation": "tanh"}),
        ("Dropout", {"rate": 0.5}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ],
)
"""The network that the assignment asks for."""

OPTIMIZERS = ("adam", "adadelta", "sgd")

CHECKS = PublicChecks(
    "mnist_convnet",
    {
        "data": ("prepare_images", "one_hot"),
        "arithmetic": ("conv_output_size", "conv_parameters"),
        "architecture": ("build_convnet",),
        "training": ("train_convnet",),
        "curves": ("plot_loss_curves",),
    },
)

# --- data -----------------------------------------------------------------------------------------------------------


@CHECKS.add("data", "prepare_images gives float32 images with a channel axis")
def images_shape_and_type(evidence: Evidence) -> None:
    images = np.zeros((5, 28, 28), np.uint8)
    hint = "Keras convolutions want (images, height, width, channels): add an axis of length 1 at the end, then convert."
    expect.array(
        evidence.call("prepare_images", images), "prepare_images(images)", shape=(5, 28, 28, 1), dtype="float32", hint=hint
    )


@CHECKS.add("data", "prepare_images scales the grey values 0 to 255 into 0 to 1")
def images_scaled(evidence: Evidence) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.int64).reshape(2, 28, 28).astype(np.uint8)
    what = "prepare_images(images)"
    found = expect.numbers(evidence.call("prepare_images", images), what, like=images)
    expect.values(found, images / 255.0, what, hint="The largest grey value is 255: divide by it.")


@CHECKS.add("data", "one_hot puts a single 1 into each row")
def one_hot_rows(evidence: Evidence) -> None:
    labels = np.array([3, 0, 9], np.uint8)
    wanted = np.zeros((3, 10))
    wanted[[0, 1, 2], labels] = 1
    what = "one_hot([3, 0, 9])"
    hint = "Row i is all zeros but for a 1 in column labels[i]."
    found = expect.array(evidence.call("one_hot", labels), what, shape=(3, 10), hint=hint)
    expect.values(found, wanted, what, hint=hint)


# --- arithmetic -----------------------------------------------------------------------------------------------------


@CHECKS.add("arithmetic", "conv_output_size gives the sizes of the brief: 13, 13 and 12")
def output_size_of_the_brief(evidence: Evidence) -> None:
    for size, kernel, stride, padding, wanted in ((28, 3, 2, "valid", 13), (13, 2, 1, "same", 13), (13, 2, 1, "valid", 12)):
        found = evidence.call("conv_output_size", size, kernel, stride=stride, padding=padding)
        what = f'conv_output_size({size}, {kernel}, stride={stride}, padding="{padding}")'
        hint = "A kernel that would stick out over the edge is left out: the division is rounded down."
        expect.number(found, wanted, what, wanted=wanted, hint=hint)


@CHECKS.add("arithmetic", "conv_output_size takes a number of padding pixels")
def output_size_of_the_notes(evidence: Evidence) -> None:
    found = evidence.call("conv_output_size", 32, 5, stride=1, padding=2)
    hint = "An integer is the number of pixels added on each side: size + 2 * padding, before the kernel slides."
    expect.number(found, 32, "conv_output_size(32, 5, stride=1, padding=2)", wanted=32, hint=hint)


@CHECKS.add("arithmetic", "conv_parameters gives the counts of the brief: 640 and 8,224")
def parameters_of_the_brief(evidence: Evidence) -> None:
    hint = "A filter has kernel height times kernel width times channels weights, and one bias."
    found = evidence.call("conv_parameters", 3, 1, 64)
    expect.number(found, 640, "conv_parameters(3, 1, 64)", wanted=640, hint=hint)
    found = evidence.call("conv_parameters", (2, 2), 64, 32)
    expect.number(found, 8224, "conv_parameters((2, 2), 64, 32)", wanted=8224, hint=hint)


# --- architecture ---------------------------------------------------------------------------------------------------


@CHECKS.add("architecture", "the layers are those of the brief, in its order")
def layers_in_order(evidence: Evidence) -> None:
    found = [layer.kind for layer in evidence.model("build_convnet", input_shape=INPUT).layers]
    wanted = [layer.kind for layer in BRIEF.layers]
    if found != wanted:
        raise Mismatch("layers", expected=", ".join(wanted), found=", ".join(found) or "none", hint="Go through the brief row by row.")


@CHECKS.add("architecture", "every layer's output has the shape you predicted")
def shapes_of_the_brief(evidence: Evidence) -> None:
    spec = evidence.model("build_convnet", input_shape=INPUT)
    if spec.input_shape != INPUT:
        raise Mismatch("input", expected="28×28×1", found=shape_text(spec.input_shape))
    for position, (layer, brief) in enumerate(zip(spec.layers, BRIEF.layers, strict=False), 1):
        if layer.output_shape != brief.output_shape:
            raise Mismatch(
                f"output of layer {position} ({layer.kind})",
                expected=shape_text(brief.output_shape),
                found=shape_text(layer.output_shape),
                hint="Look at its strides and padding; a pooling layer's strides are its pool_size unless you say otherwise.",
            )


@CHECKS.add("architecture", "1,191,338 parameters")
def parameters_in_all(evidence: Evidence) -> None:
    spec = evidence.model("build_convnet", input_shape=INPUT)
    if spec.parameters != BRIEF.parameters:
        raise Mismatch(
            "parameters in all",
            expected=f"{BRIEF.parameters:,}",
            found=f"{spec.parameters:,}",
            hint="Compare each layer's parameters with your table; the count alone does not prove the network right.",
        )


# --- training -------------------------------------------------------------------------------------------------------


def watched(evidence: Evidence) -> Sequence[Watched]:
    """The training function, watched with each optimizer for 4 epochs (no default, so that passing it on shows)."""
    return evidence.training("train_convnet", OPTIMIZERS, epochs=4, input_shape=INPUT)


def last_fit(run: Watched) -> FitSpec:
    """The run's last call of fit."""
    if not run.fits:
        raise Mismatch(
            f'train_convnet("{run.optimizer}", ...)',
            expected="a call of model.fit",
            found="none",
            hint="Build the network, compile it, then train it with model.fit.",
        )
    return run.fits[-1]


@CHECKS.add("training", "compiles with categorical cross-entropy, and the loss can be computed")
def loss_is_crossentropy(evidence: Evidence) -> None:
    fit = last_fit(watched(evidence)[0])
    if fit.problem:
        raise Mismatch(
            "train_convnet",
            consequence=f"Keras could not compute the loss on one batch: {fit.problem}",
            hint="The labels are one-hot rows: they go with categorical_crossentropy.",
        )
    compiled = fit.model.compiled if fit.model else None
    loss = compiled.loss if compiled else "none"
    if loss != "categorical_crossentropy":
        raise Mismatch("loss", expected="categorical_crossentropy", found=loss)
    network = fit.model.layers[-1] if fit.model and fit.model.layers else None
    softmax = network is not None and network.config.get("activation") == "softmax"
    logits = bool(compiled and compiled.loss_config.get("from_logits"))
    if softmax and logits:
        raise Mismatch(
            "loss, from_logits",
            expected=False,
            found=True,
            consequence="The network ends in softmax, so a second softmax is applied: even a perfect prediction costs 1.461.",
            hint="Leave from_logits out.",
        )


@CHECKS.add("training", "trains on `train` for `epochs` epochs and validates on `val`")
def fits_as_asked(evidence: Evidence) -> None:
    trains_for_epochs(evidence)
    validates(evidence)


def trains_for_epochs(evidence: Evidence) -> None:
    fit = last_fit(watched(evidence)[0])
    if fit.data != "train":
        raise Mismatch("training data", expected="`train`", found={"val": "`val`"}.get(fit.data, "something else"))
    if fit.epochs != 4:
        raise Mismatch(
            "train_convnet(..., epochs=4)",
            expected="4 epochs",
            found=f"{fit.epochs} epoch{'s' if fit.epochs != 1 else ''}",
            hint="Pass `epochs=epochs` on to fit.",
        )


def validates(evidence: Evidence) -> None:
    fit = last_fit(watched(evidence)[0])
    if fit.validation != "val":
        found = {"none": "none", "split": "a split of the training data", "train": "the training data"}
        raise Mismatch(
            "validation data",
            expected="`val`",
            found=found.get(fit.validation, "something else"),
            consequence="Without it the history has no val_loss." if fit.validation == "none" else "",
            hint="Pass `validation_data=val` to fit.",
        )


@CHECKS.add("training", "returns the History of fit, and passes the callbacks on")
def returns_history_and_passes_callbacks(evidence: Evidence) -> None:
    returns_history(evidence)
    passes_callbacks(evidence)


def returns_history(evidence: Evidence) -> None:
    run = watched(evidence)[0]
    last_fit(run)
    if run.returned != "history":
        found = "None" if run.returned == "NoneType" else run.returned
        raise Mismatch(
            "what train_convnet returns", expected="the History that model.fit returns", found=found, hint="`return model.fit(...)`"
        )


def passes_callbacks(evidence: Evidence) -> None:
    if not last_fit(watched(evidence)[0]).callbacks:
        raise Mismatch(
            "callbacks",
            expected="passed on to fit",
            found="not passed on",
            consequence="`cnnkit.record` would not see the training.",
            hint="Pass `callbacks=callbacks` to fit.",
        )


@CHECKS.add("training", "each run starts from a fresh network")
def fresh_network(evidence: Evidence) -> None:
    networks = [last_fit(run).network for run in watched(evidence)]
    if len(set(networks)) != len(networks):
        raise Mismatch(
            "the network of each run",
            expected="a new one every time",
            found="the same one again",
            consequence="The second optimizer would go on from the weights of the first, and look better than it is.",
            hint="Call build_convnet() inside train_convnet.",
        )


# --- curves ---------------------------------------------------------------------------------------------------------


def sample_histories(names: Sequence[str] = OPTIMIZERS, epochs: int = 5, start: float = 2.0) -> dict[str, TrainingRecord]:
    """Invented histories to plot: smooth curves, each its own, so that a curve can be told by its values."""
    histories = {}
    for position, name in enumerate(names, 1):
        loss = [start * math.exp(-0.3 * position * epoch) + 0.01 * position for epoch in range(epochs)]
        history = {
            "accuracy": [1 - value / 4 for value in loss],
            "loss": loss,
            "val_accuracy": [0.98 - value / 4 for value in loss],
            "val_loss": [value * 1.1 + 0.02 for value in loss],
        }
        histories[name] = TrainingRecord(run=name, history=history, epochs=epochs)
    return histories


def curve_of(figure: FigureSpec, record: TrainingRecord) -> LineSpec | None:
    """The line that shows a record's loss (or validation loss), if there is one."""
    for metric in ("loss", "val_loss"):
        wanted = np.asarray(record.history[metric])
        for line in figure.lines:
            if len(line.y) == len(wanted) and np.allclose(line.y, wanted, rtol=1e-5, atol=1e-7):
                return line
    return None


def drawn(evidence: Evidence) -> FigureSpec:
    """What plot_loss_curves draws of the sample histories."""
    return evidence.figure("plot_loss_curves", sample_histories())


@CHECKS.add("curves", "one curve for each optimizer")
def one_curve_for_each(evidence: Evidence) -> None:
    figure, histories = drawn(evidence), sample_histories()
    missing = [name for name, record in histories.items() if curve_of(figure, record) is None]
    if missing:
        raise Mismatch(
            "curves",
            expected=f"one for each of {', '.join(histories)}, showing its loss per epoch",
            found=f"{len(figure.lines)} curve{'s' if len(figure.lines) != 1 else ''}, none of them the loss of {', '.join(missing)}",
            hint='Plot history.history["loss"] for every item of `histories`; use a log scale rather than the logarithm.',
        )


@CHECKS.add("curves", "each curve is labelled with its optimizer's name")
def curves_labelled(evidence: Evidence) -> None:
    figure, histories = drawn(evidence), sample_histories()
    legends = [text for texts in [figure.legend, *(axes.legend for axes in figure.axes)] for text in texts or ()]
    titles = [axes.title for axes in figure.axes] if len(figure.axes) >= len(histories) else []
    for name, record in histories.items():
        line = curve_of(figure, record)
        if line is None:
            raise Mismatch(f"the curve of {name}", expected="drawn", found="not there")
        if name.lower() not in line.label.lower() and not any(name.lower() in title.lower() for title in titles):
            raise Mismatch(f"the label of the curve of {name}", expected=f"one with {name!r} in it", found=repr(line.label))
        if not any(name.lower() in text.lower() for text in [*legends, *titles]):
            raise Mismatch(f"the legend's entry for {name}", expected="shown", found="none", hint="Call `legend()` after plotting.")


@CHECKS.add("curves", "both axes have a name")
def axes_named(evidence: Evidence) -> None:
    for number, axes in enumerate((axes for axes in drawn(evidence).axes if axes.lines), 1):
        for direction, label in (("x", axes.xlabel), ("y", axes.ylabel)):
            if not label.strip():
                where = f"the {direction} axis" + (f" of picture {number}" if number > 1 else "")
                raise Mismatch(f"the name of {where}", expected="one", found="none", hint='For instance "epoch" and "loss".')
