"""The public checks of `mnist_convnet`, and its brief as data."""

from __future__ import annotations

import numpy as np

from cnnkit.checks import expect, network
from cnnkit.checks.curves import curve_of as curve_of  # the rubric finds both here
from cnnkit.checks.curves import curves_of, runs_forward
from cnnkit.checks.curves import sample_histories as sample_histories
from cnnkit.checks.evidence import Evidence
from cnnkit.checks.registry import Brief, PublicChecks
from cnnkit.checks.training import Training
from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import FigureSpec
from cnnkit.spec.brief import sequence

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
TRAINING = Training("train_convnet", OPTIMIZERS, INPUT)

CHECKS = PublicChecks(
    "mnist_convnet",
    {
        "data": ("prepare_images", "one_hot"),
        "arithmetic": ("conv_output_size", "conv_parameters"),
        "architecture": ("build_convnet",),
        "training": ("train_convnet",),
        "curves": ("plot_loss_curves",),
    },
    Brief(NETWORK, BRIEF, TRAINING.watched),
)

# --- data -----------------------------------------------------------------------------------------------------------


@CHECKS.add("data", "prepare_images gives float32 images with a channel axis")
def images_shape_and_type(evidence: Evidence) -> None:
    """Expect float32 images (5, 28, 28, 1) of uint8 images (5, 28, 28)."""
    images = np.zeros((5, 28, 28), np.uint8)
    hint = (
        "Keras convolutions want (images, height, width, channels): add an axis of length 1 at the end, and convert to "
        "float32."
    )
    expect.array(
        evidence.call("prepare_images", images),
        "prepare_images(images)",
        shape=(5, 28, 28, 1),
        dtype="float32",
        hint=hint,
    )


@CHECKS.add("data", "prepare_images scales the grey values 0 to 255 into 0 to 1")
def images_scaled(evidence: Evidence) -> None:
    """Expect every grey value divided by 255, in whatever shape."""
    images = np.arange(2 * 28 * 28, dtype=np.int64).reshape(2, 28, 28).astype(np.uint8)
    what = "prepare_images(images)"
    found = expect.numbers(evidence.call("prepare_images", images), what, like=images)
    expect.values(found, images / 255.0, what, hint="The largest grey value is 255: divide by it.")


@CHECKS.add("data", "one_hot puts a single 1 into each row")
def one_hot_rows(evidence: Evidence) -> None:
    """Expect the rows of three labels."""
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
    """Expect the sizes of the brief's three layers that have a kernel."""
    for size, kernel, stride, padding, wanted in (
        (28, 3, 2, "valid", 13),
        (13, 2, 1, "same", 13),
        (13, 2, 1, "valid", 12),
    ):
        found = evidence.call("conv_output_size", size, kernel, stride=stride, padding=padding)
        what = f'conv_output_size({size}, {kernel}, stride={stride}, padding="{padding}")'
        hint = "A kernel that would stick out over the edge is left out: the division is rounded down."
        expect.number(found, wanted, what, wanted=wanted, hint=hint)


@CHECKS.add("arithmetic", "conv_output_size takes a number of padding pixels")
def output_size_of_the_notes(evidence: Evidence) -> None:
    """Expect the size of the lecture notes' example with padding 2."""
    found = evidence.call("conv_output_size", 32, 5, stride=1, padding=2)
    hint = "An integer is the number of pixels added on each side: size + 2 * padding, before the kernel slides."
    expect.number(found, 32, "conv_output_size(32, 5, stride=1, padding=2)", wanted=32, hint=hint)


@CHECKS.add("arithmetic", "conv_parameters gives the counts of the brief: 640 and 8,224")
def parameters_of_the_brief(evidence: Evidence) -> None:
    """Expect the parameters of the brief's two convolutions."""
    hint = "A filter has kernel height times kernel width times channels weights, and one bias."
    found = evidence.call("conv_parameters", 3, 1, 64)
    expect.number(found, 640, "conv_parameters(3, 1, 64)", wanted=640, hint=hint)
    found = evidence.call("conv_parameters", (2, 2), 64, 32)
    expect.number(found, 8224, "conv_parameters((2, 2), 64, 32)", wanted=8224, hint=hint)


# --- architecture ---------------------------------------------------------------------------------------------------


@CHECKS.add("architecture", "the layers are those of the brief, in its order")
def layers_in_order(evidence: Evidence) -> None:
    """Expect the brief's kinds of layers."""
    network.kinds_in_order(evidence.model(NETWORK, input_shape=INPUT), BRIEF)


@CHECKS.add("architecture", "every layer's output has the shape you predicted")
def shapes_of_the_brief(evidence: Evidence) -> None:
    """Expect the brief's output shapes, layer by layer, and as many layers."""
    network.shapes_are_right(evidence.model(NETWORK, input_shape=INPUT), BRIEF)


@CHECKS.add("architecture", "1,191,338 parameters")
def parameters_in_all(evidence: Evidence) -> None:
    """Expect the brief's number of parameters."""
    network.parameters_are_right(evidence.model(NETWORK, input_shape=INPUT), BRIEF)


# --- training -------------------------------------------------------------------------------------------------------

TRAIN, EPOCHS = TRAINING.function, TRAINING.epochs
watched = TRAINING.watched

loss_is_crossentropy = CHECKS.add("training", "compiles with categorical cross-entropy, and the loss can be computed")(
    TRAINING.loss_is_right
)
fits_as_asked = CHECKS.add("training", "trains on `train` for `epochs` epochs and validates on `val`")(
    TRAINING.fits_as_asked
)
returns_history_and_passes_callbacks = CHECKS.add(
    "training", "returns the History of fit, and passes the callbacks on"
)(TRAINING.returns_history_and_passes_callbacks)
fresh_network = CHECKS.add("training", "each run starts from a fresh network")(TRAINING.fresh_network)

trains_for_epochs, validates = TRAINING.trains_for_epochs, TRAINING.validates  # one by one in the rubric
returns_history, passes_callbacks = TRAINING.returns_history, TRAINING.passes_callbacks


# --- curves ---------------------------------------------------------------------------------------------------------


def drawn(evidence: Evidence) -> FigureSpec:
    """What plot_loss_curves draws of the sample histories."""
    return evidence.figure("plot_loss_curves", sample_histories())


@CHECKS.add("curves", "one curve for each optimizer")
def one_curve_for_each(evidence: Evidence) -> None:
    """Expect a line with the losses of each run."""
    figure, histories = drawn(evidence), sample_histories()
    missing = [name for name, record in histories.items() if curve_of(figure, record) is None]
    for name, record in histories.items():
        curve = curve_of(figure, record)
        if curve is not None and not runs_forward(curve):
            raise Mismatch(
                f"the curve of {name}, from left to right",
                expected="one epoch after the other",
                found=f"x values {', '.join(f'{x:g}' for x in curve.x[:10])}",
                hint="Plot the losses against 1, 2, 3, ...; without x values Matplotlib counts by itself.",
            )
    if missing:
        count = len(figure.lines)
        few = {0: "no curve", 1: "1 curve, which is not"}.get(count, f"{count} curves, none of them")
        raise Mismatch(
            "curves",
            expected=f"one for each of {', '.join(histories)}, showing its loss per epoch",
            found=f"{few} the loss of {', '.join(missing)}" if count else few,
            hint='Plot run.history["loss"] for every run in `histories`; use a log scale rather than the logarithm.',
        )


@CHECKS.add("curves", "each curve is labelled with its optimizer's name")
def curves_labelled(evidence: Evidence) -> None:
    """Expect each run's name at its curve, in the legend, or above its own picture."""
    figure, histories = drawn(evidence), sample_histories()
    legends = [text for texts in [figure.legend, *(axes.legend for axes in figure.axes)] for text in texts or ()]
    titles = [axes.title for axes in figure.axes] if len(figure.axes) >= len(histories) else []
    curves = {name: curves_of(figure, record) for name, record in histories.items()}
    if not any(curves.values()):
        raise Mismatch("curves of the three runs", expected="with a label each", found="none")
    for name, lines in curves.items():
        if not lines:
            continue  # that it is missing is another check's finding
        if not any(name.lower() in text.lower() for text in [*titles, *(line.label for line in lines)]):
            raise Mismatch(
                f"the label of the curve of {name}",
                expected=f"one with {name!r} in it",
                found=repr(lines[0].label) if lines[0].label else "none",
                hint=f"Give it to plot, for instance label={name!r}, and call `legend()`.",
            )
        if not any(name.lower() in text.lower() for text in [*legends, *titles]):
            hint = "Call `legend()` after plotting."
            raise Mismatch(f"the legend's entry for {name}", expected="shown", found="none", hint=hint)


@CHECKS.add("curves", "both axes have a name")
def axes_named(evidence: Evidence) -> None:
    """Expect a name on every axis of the pictures that show something."""
    pictures = drawn(evidence).axes
    pictures = tuple(axes for axes in pictures if axes.lines) or pictures
    if not pictures:
        raise Mismatch("the figure", expected="curves with two named axes", found="an empty figure")
    for number, axes in enumerate(pictures, 1):
        for direction, label in (("x", axes.xlabel), ("y", axes.ylabel)):
            if not label.strip():
                where = f"the {direction} axis" + (f" of picture {number}" if number > 1 else "")
                hint = 'For instance "epoch" and "loss".'
                raise Mismatch(f"the name of {where}", expected="one", found="none", hint=hint)
