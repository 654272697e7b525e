"""The public checks of `lenet`, and its brief as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit.checks import expect, fitting, network
from cnnkit.checks.evidence import Evidence, OfTensor, StudentError
from cnnkit.checks.registry import Brief, PublicChecks
from cnnkit.checks.remarks import remark
from cnnkit.checks.training import Training
from cnnkit.mismatch import Mismatch
from cnnkit.probe.built import Built
from cnnkit.probe.watching import Asked, Watched
from cnnkit.spec.brief import sequence
from cnnkit.spec.compare import Difference, compare
from cnnkit.spec.model import ModelSpec, Setting

INPUT = (None, 32, 32, 1)
NETWORK = "build_lenet"
POOLINGS = ("average", "max")
LISTING_LINES = 10
"""Lines of the notes' code in the notebook."""

Row = tuple[str, dict[str, Setting]]


def _lenet(pooling: str, as_convolutions: int = 0) -> ModelSpec:
    """LeNet-5; its first Dense layers may be written as convolutions, which is the same function."""
    kernel: dict[str, Setting] = {"kernel_size": (5, 5), "strides": (1, 1), "padding": "valid", "activation": "tanh"}
    kind = {"average": "AveragePooling2D", "max": "MaxPooling2D"}[pooling]
    pool: Row = (kind, {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"})
    rows: list[Row] = [("Conv2D", {"filters": 6, **kernel}), pool, ("Conv2D", {"filters": 16, **kernel}), pool]
    for number, units in enumerate((120, 84)):
        if number == as_convolutions:
            rows.append(("Flatten", {}))
        if number < as_convolutions:
            rows.append(("Conv2D", {"filters": units, **kernel, "kernel_size": (5, 5) if number == 0 else (1, 1)}))
        else:
            rows.append(("Dense", {"units": units, "activation": "tanh"}))
    if as_convolutions == 2:
        rows.append(("Flatten", {}))
    return sequence(INPUT, [*rows, ("Dense", {"units": 10, "activation": "softmax"})])


BRIEF = _lenet("average")
"""The network that the assignment asks for."""

MAX_BRIEF = Brief(NETWORK, _lenet("max"), forms=(_lenet("max", 1), _lenet("max", 2)))
"""The same with max pooling."""

TRAINING = Training("train_lenet", POOLINGS, INPUT)

CHECKS = PublicChecks(
    "lenet",
    {
        "data": ("pad_to_32",),
        "table": ("lenet_table",),
        "mend": ("lines_to_mend",),
        "architecture": ("build_lenet",),
        "pooling": ("average_pool",),
        "field": ("receptive_field",),
        "training": ("train_lenet", "build_lenet"),
        "maps": ("feature_maps",),
    },
    Brief(NETWORK, BRIEF, TRAINING.watched, forms=(_lenet("average", 1), _lenet("average", 2))),
)

# --- data -----------------------------------------------------------------------------------------------------------


@CHECKS.add("data", "pad_to_32 gives images of 32 × 32")
def padded_shape(evidence: Evidence) -> None:
    """Expect (5, 32, 32, 1) of (5, 28, 28, 1)."""
    hint = (
        "Axis 0 counts the images and axis 3 the channels: leave both as they are. np.pad takes one pair for each axis."
    )
    images = np.ones((5, 28, 28, 1), np.float32)
    expect.array(evidence.call("pad_to_32", images), "pad_to_32(images)", shape=(5, 32, 32, 1), hint=hint)


@CHECKS.add("data", "the image is in the middle, with zeros all around")
def padded_values(evidence: Evidence) -> None:
    """Expect a border of two zeros on every side, and the pixels as they were."""
    images = (1 + np.arange(2 * 28 * 28, dtype=np.float32) % 200).reshape(2, 28, 28, 1)
    wanted = np.zeros((2, 32, 32, 1), np.float32)
    wanted[:, 2:30, 2:30] = images
    what = "pad_to_32(images)"
    found = expect.numbers(evidence.call("pad_to_32", images), what, like=wanted)
    expect.values(found, wanted, what, hint="32 − 28 = 4: two rows or columns of zeros on each of the four sides.")


# --- table ----------------------------------------------------------------------------------------------------------


def place(which: str, number: int) -> str:
    """A number or a shape in the table, for messages."""
    return f"lenet_table(), {which} in row {number}"


def rows_of(value: Any) -> list[tuple[tuple[int | None, ...], float]]:
    """The eight rows of lenet_table: output shapes without the batch axis, and numbers of parameters.

    Raises:
        Mismatch: it is no list of eight such pairs.
    """
    what, hint = "lenet_table()", "A row is a pair: the shape as a tuple, then the number of parameters."
    rows = list(value.values()) if type(value) is dict else value
    if type(rows) not in (list, tuple):
        raise Mismatch(what, expected="a list of 8 rows", found=expect.kind(value), hint=hint)
    if len(rows) != len(BRIEF.layers):
        raise Mismatch(what, expected=f"{len(BRIEF.layers)} rows, one for each layer", found=len(rows), hint=hint)
    found = []
    for number, row in enumerate(rows, 1):
        if type(row) not in (list, tuple) or len(row) != 2:
            raise Mismatch(f"{what}, row {number}", expected="a pair", found=expect.kind(row), hint=hint)
        shape = _shape(row[0], number, hint)
        found.append((shape, expect.scalar(row[1], place("parameters", number), hint=hint)))
    return found


def _shape(value: Any, number: int, hint: str) -> tuple[int | None, ...]:
    sizes = list(value) if type(value) in (list, tuple) else [value]
    if sizes and sizes[0] is None:  # the batch axis, as model.summary() prints it
        remark("The first axis of a shape in lenet_table() is the batch; it is not looked at.")
        sizes = sizes[1:]
    what = place("output shape", number)
    if not sizes:
        raise Mismatch(what, expected="a tuple of sizes", found="an empty one", hint=hint)
    return tuple(int(expect.scalar(size, what, hint=hint)) for size in sizes)


@CHECKS.add("table", "lenet_table has eight rows, each an output shape and a number of parameters")
def table_form(evidence: Evidence) -> None:
    """Expect rows in the form that is asked for."""
    rows_of(evidence.call("lenet_table"))


@CHECKS.add("table", "the parameters add up to 61,706")
def table_total(evidence: Evidence) -> None:
    """Expect the total that the notebook states. Not in the rubric: there each row counts."""
    total = sum(parameters for _, parameters in rows_of(evidence.call("lenet_table")))
    if total != BRIEF.parameters:
        hint = "A filter has height × width × channels weights and one bias; a unit has one weight for each input."
        raise Mismatch("the parameters of all rows", expected=f"{BRIEF.parameters:,}", found=f"{total:,}", hint=hint)


# --- mend -----------------------------------------------------------------------------------------------------------


def lines_of(value: Any) -> set[int]:
    """The numbers that lines_to_mend gives.

    Raises:
        Mismatch: they are no numbers of lines.
    """
    what, hint = "lines_to_mend()", f"For instance [1, {LISTING_LINES}]: the numbers that stand left of the lines."
    if type(value) in (np.ndarray, OfTensor):
        value = value.ravel().tolist()
    if type(value) not in (list, tuple):
        value = [value]
    lines = {expect.scalar(line, what, hint=hint) for line in value}
    if not lines:
        raise Mismatch(what, expected="at least one line", found="none", hint=hint)
    for line in sorted(lines):
        if line != int(line) or not 1 <= line <= LISTING_LINES:
            raise Mismatch(what, expected=f"numbers from 1 to {LISTING_LINES}", found=f"{line:g}", hint=hint)
    return {int(line) for line in lines}


@CHECKS.add("mend", "lines_to_mend gives numbers of lines")
def lines_form(evidence: Evidence) -> None:
    """Expect a list of numbers from 1 to the listing's last."""
    lines_of(evidence.call("lines_to_mend"))


# --- architecture ---------------------------------------------------------------------------------------------------

AS_CONVOLUTION = (
    "You wrote it as a convolution whose kernel covers the whole of its input. That is the same function as Flatten "
    "and Dense, with the same parameters (48,120 for the 120 units); the lecture notes have both."
)


def built(evidence: Evidence) -> ModelSpec:
    """The network that build_lenet() returns."""
    return evidence.model(NETWORK, input_shape=INPUT)


def form_of(found: ModelSpec) -> ModelSpec:
    """The form of the brief that a network is compared with."""
    assert CHECKS.brief is not None
    return CHECKS.brief.form_of(found)


@CHECKS.add("architecture", "the layers are those of the brief, in its order")
def layers_in_order(evidence: Evidence) -> None:
    """Expect the brief's kinds of layers."""
    found = built(evidence)
    network.kinds_in_order(found, form_of(found))
    if form_of(found) != BRIEF:
        remark(AS_CONVOLUTION)


@CHECKS.add("architecture", "every layer's output has the shape of your table")
def shapes_of_the_brief(evidence: Evidence) -> None:
    """Expect the brief's output shapes, layer by layer, and as many layers."""
    found = built(evidence)
    network.shapes_are_right(found, form_of(found))


@CHECKS.add("architecture", "61,706 parameters")
def parameters_in_all(evidence: Evidence) -> None:
    """Expect the brief's number of parameters."""
    network.parameters_are_right(built(evidence), BRIEF)


@CHECKS.add("architecture", 'build_lenet("max") has max pooling in both places, and all else as before')
def max_pooling(evidence: Evidence) -> None:
    """Expect the pooling that is asked for; what build_lenet() has wrong in any case does not count again."""
    found = evidence.model(NETWORK, "max", input_shape=INPUT)
    wanted = MAX_BRIEF.form_of(found)
    known: set[tuple[object, ...]] = set()
    try:
        usual = built(evidence)
    except (Mismatch, StudentError):  # the other checks' finding
        pass
    else:
        known = {_same_mistake(one) for one in compare(usual, form_of(usual)).differences}
    for difference in compare(found, wanted).differences:
        if _same_mistake(difference) not in known:
            mismatch = difference.mismatch()
            raise Mismatch(
                f'build_lenet("max"), {mismatch.what}',
                expected=mismatch.expected,
                found=mismatch.found,
                consequence=mismatch.consequence,
                hint='Let the argument `pooling` choose between the two pooling layers: "average" or "max".',
            )


def _same_mistake(one: Difference) -> tuple[object, ...]:
    """What tells a mistake in both networks, so that another kind of layer in a pooling's place is another mistake."""
    found = one.found if one.kind in ("setting", "replaced") else None
    return one.kind, one.position, one.field, one.after, found


# --- pooling --------------------------------------------------------------------------------------------------------

EXAMPLE = np.array([[2, 2, 7, 3], [9, 4, 6, 1], [8, 5, 2, 4], [3, 1, 2, 6]], np.float32)[..., np.newaxis]
"""The picture of the lecture notes, with one channel."""


@CHECKS.add("pooling", "average_pool gives the means of the notebook's example")
def pools_the_example(evidence: Evidence) -> None:
    """Expect the four means of 2 × 2 numbers."""
    wanted = np.array([[4.25, 4.25], [4.25, 3.5]])[..., np.newaxis]
    what, hint = "average_pool(example, 2, 2)", "The first window holds 2, 2, 9 and 4: their mean is 4.25."
    found = expect.array(evidence.call("average_pool", EXAMPLE, 2, 2), what, shape=(2, 2, 1), hint=hint)
    expect.values(found, wanted, what, hint=hint)


# --- field ----------------------------------------------------------------------------------------------------------

FIELDS = (((5, 1), 5), ((2, 2), 6), ((5, 1), 14), ((2, 2), 16))
"""Kernel and stride of LeNet's first layers, and how many pixels wide a unit behind each sees."""


@CHECKS.add("field", "receptive_field gives 5, 6, 14 and 16 for the first four layers of LeNet")
def field_of_lenet(evidence: Evidence) -> None:
    """Expect the fields behind one, two, three and four layers."""
    layers = [layer for layer, _ in FIELDS]
    for count, (_, wanted) in enumerate(FIELDS, 1):
        what = f"receptive_field({layers[:count]})"
        hint = "Neighbouring units of a layer look at places as far apart as the strides before it, multiplied."
        expect.number(evidence.call("receptive_field", layers[:count]), wanted, what, wanted=wanted, hint=hint)


# --- training -------------------------------------------------------------------------------------------------------

loss_is_crossentropy = CHECKS.add("training", "compiles with categorical cross-entropy, and the loss can be computed")(
    TRAINING.loss_is_right
)


@CHECKS.add("training", "compiles with Adam")
def optimizer_is_adam(evidence: Evidence) -> None:
    """Expect Adam with its usual settings, in both runs."""
    for run in TRAINING.watched(evidence):
        fitting.optimizer_is(run, TRAINING.function, Asked("adam"), given=False)


fits_as_asked = CHECKS.add("training", "trains on `train` for `epochs` epochs and validates on `val`")(
    TRAINING.fits_as_asked
)
returns_history_and_passes_callbacks = CHECKS.add(
    "training", "returns the History of fit, and passes the callbacks on"
)(TRAINING.returns_history_and_passes_callbacks)
fresh_network = CHECKS.add("training", "each run starts from a fresh network")(TRAINING.fresh_network)


@CHECKS.add("training", "trains a network with the pooling that is asked for")
def pooling_passed_on(evidence: Evidence) -> None:
    """Expect the pooling layers of build_lenet(pooling) in the network that is trained."""
    average, most = (_poolings_of_run(run) for run in TRAINING.watched(evidence))
    try:
        wanted = _poolings(evidence.model(NETWORK, "max", input_shape=INPUT))
        usual = _poolings(built(evidence))
    except (Mismatch, StudentError):
        return  # that there is no such network is another exercise's finding
    hint = f"Pass the argument on: `{NETWORK}(pooling)`."
    if most != wanted:
        raise Mismatch(
            'the pooling layers of the network that train_lenet("max", ...) trains',
            expected=f'those of build_lenet("max"): {_list(wanted)}',
            found=_list(most),
            consequence="Its curve would show one pooling under the name of the other.",
            hint=hint,
        )
    if average == most and usual != wanted:
        raise Mismatch(
            'the pooling layers of the network that train_lenet("average", ...) trains',
            expected=f"those of build_lenet(): {_list(usual)}",
            found=_list(average),
            consequence="Its curve would show one pooling under the name of the other.",
            hint=hint,
        )


def _poolings_of_run(run: Watched) -> list[str] | None:
    model = fitting.last_fit(run, TRAINING.function).model
    return None if model is None else _poolings(model)


def _poolings(spec: ModelSpec) -> list[str]:
    return [layer.kind for layer in spec.layers if "Pooling" in layer.kind]


def _list(kinds: list[str] | None) -> str:
    return ", ".join(kinds or []) or "none"


# --- maps -----------------------------------------------------------------------------------------------------------

DIGIT = np.clip(1.5 - np.abs(np.hypot(*np.mgrid[-16:16, -16:16]) - 8) / 3, 0, 1).astype(np.float32)[..., np.newaxis]
"""A ring, soft as handwriting: an image (32, 32, 1) to look at."""


LENET_MAPS = "feature_maps(model, image)"
"""The call, for messages."""


def maps_of(value: Any, what: str, wanted: Sequence[tuple[int, ...]], *, reveal: bool = True) -> list[np.ndarray]:
    """The feature maps that a call gave, one array for each convolution; a batch axis of 1 is taken away.

    Args:
        value: what feature_maps returned.
        what: the call, for messages.
        wanted: the right shapes.
        reveal: whether a message may say them.

    Raises:
        Mismatch: there are more or fewer, or of other shapes.
    """
    hint = "One array for each Conv2D layer, in the order of the network, without the batch axis."
    if type(value) is dict:
        value = list(value.values())
    if type(value) not in (list, tuple):
        raise Mismatch(what, expected=f"a list of {len(wanted)} arrays", found=expect.kind(value), hint=hint)
    if len(value) != len(wanted):
        raise Mismatch(what, expected=f"{len(wanted)} arrays, one for each Conv2D", found=len(value), hint=hint)
    found = []
    for number, (one, shape) in enumerate(zip(value, wanted, strict=True), 1):
        name = f"{what}, array {number}"
        if type(one) in (np.ndarray, OfTensor) and one.shape == (1, *shape):
            remark("The maps have a batch axis of length 1; it is not looked at.")
            one = one[0]
        found.append(expect.array(one, name, shape=shape, reveal=reveal, hint=hint))
    return found


@CHECKS.add("maps", "feature_maps gives the outputs of both convolutions: 28×28×6 and 10×10×16")
def shapes_of_the_maps(evidence: Evidence) -> None:
    """Expect two arrays, of values that tanh can give, for a LeNet with weights of its own."""
    what = LENET_MAPS
    wanted = [layer.output_shape[1:] for layer in BRIEF.layers if layer.kind == "Conv2D"]
    shapes = [tuple(int(size or 0) for size in shape) for shape in wanted]
    for number, one in enumerate(maps_of(evidence.call("feature_maps", Built(BRIEF, 1), DIGIT), what, shapes), 1):
        if not np.ptp(one):
            found, hint = (
                f"{abs(one.flat[0]):g} everywhere",
                "Use the given model's own layers, with its weights, and the image.",
            )
            raise Mismatch(f"{what}, array {number}", expected="other values in other places", found=found, hint=hint)
        if not np.all(np.abs(one) <= 1):
            found, hint = (
                f"from {one.min():g} to {one.max():g}",
                "The output of a layer, tanh included, is `layer.output`.",
            )
            raise Mismatch(f"{what}, array {number}", expected="values of tanh, within ±1", found=found, hint=hint)
