"""The public checks of `data_augmentation`, and its brief as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.checks import augmenting, expect, fitting
from cnnkit.checks.copies import Copies, copies_in, served_in
from cnnkit.checks.curves import axes_have_names, curves_showing
from cnnkit.checks.curves import sample_histories as _sample_histories
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.checks.registry import PublicChecks
from cnnkit.checks.training import Training
from cnnkit.mismatch import Mismatch
from cnnkit.probe.built import Built
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import Asked, FitSpec
from cnnkit.spec.brief import sequence
from cnnkit.spec.words import count as counted

INPUT = (None, 28, 28, 1)
RUNS = ("plain", "augmented")
TRAINING = Training("train_augmented", RUNS, INPUT, vary=True)

CHECKS = PublicChecks(
    "data_augmentation",
    {
        "pipeline": ("build_augmentation",),
        "show": ("show_augmented",),
        "digits": ("augmentation_for_digits",),
        "when": ("when_it_augments",),
        "model": ("build_augmented_model",),
        "batches": ("augmented_batches",),
        "training": ("train_augmented", "build_augmented_model", "build_augmentation"),
        "curves": ("plot_gap",),
    },
)

DRAWS = 100
"""Copies in each of two calls: what is drawn 200 times tells its limits. An honest pipeline fails once in 10⁹ times."""

BRIGHTER = Built(sequence(INPUT, [("RandomBrightness", {"factor": 0.1})]), 1, is_open=True)
"""A pipeline to pass to a student's function: each image becomes brighter or darker by its own draw, up to 25.5."""

SHOWS_ITS_INPUT = Built(sequence(INPUT, [("Flatten", {})]), 1)
"""A network to pass for a classifier: what it puts out is what it was given."""


def images(count: int, *shape: int, seed: int = 5) -> NDArray[np.float32]:
    """Images to be told apart, values 80 to 170: room on both sides for BRIGHTER."""
    return np.random.default_rng(seed).uniform(80, 170, (count, *shape)).astype(np.float32)


# --- pipeline -------------------------------------------------------------------------------------------------------

PIPELINE = "build_augmentation"


def copies(evidence: Evidence, function: str = PIPELINE) -> tuple[list[NDArray[Any]], str]:
    """What a pipeline makes of the probe image in training, DRAWS times in each of two calls; and that call."""
    probe, what = augmenting.probe(DRAWS), f"{function}()(images, training=True)"
    used = evidence.used(function, images=probe, training=True, times=2)
    return [augmenting.images_of(output, probe, what) for output in used.outputs], what


def moves(evidence: Evidence, function: str = PIPELINE) -> tuple[augmenting.Moves, str]:
    """How these copies were changed; and the call."""
    found, what = copies(evidence, function)
    return augmenting.measure(np.concatenate(found), what), what


@CHECKS.add("pipeline", "a batch of images comes back in the same shape, as float32")
def shape_and_type(evidence: Evidence) -> None:
    """Expect float32 images of the shape that was given, grey and in colour."""
    for given in (images(5, 28, 28, 1), images(3, 20, 32, 3)):
        what = f"{PIPELINE}()(images, training=True) of images {given.shape}"
        found = evidence.used(PIPELINE, images=given, training=True).outputs[0]
        expect.array(found, what, shape=given.shape, dtype="float32", hint="It must work for images of any size.")


def unchanged_in_prediction(evidence: Evidence, function: str) -> None:
    """Expect images to come back as they were, with training=False."""
    given, what = images(5, 28, 28, 1), f"{function}()(images, training=False)"
    found = evidence.used(function, images=given, training=False).outputs[0]
    augmenting.unchanged(expect.numbers(found, what, like=given), given, what)


@CHECKS.add("pipeline", "in prediction (training=False) it changes nothing")
def prediction_unchanged(evidence: Evidence) -> None:
    """Expect images to come back as they were."""
    unchanged_in_prediction(evidence, PIPELINE)


@CHECKS.add("pipeline", "in training it changes the images, each time anew")
def training_varies(evidence: Evidence) -> None:
    """Expect changed images, other ones in a second call."""
    found, what = copies(evidence)
    augmenting.varies(found, augmenting.probe(DRAWS), what)


@CHECKS.add("pipeline", "about half of the images are mirrored left to right")
def mirrored(evidence: Evidence) -> None:
    """Expect half of 100 copies mirrored, twice."""
    found, what = moves(evidence)
    counts = [int(half.sum()) for half in np.split(found.sides_changed, 2)]
    augmenting.half_mirrored(counts, DRAWS, what)


@CHECKS.add("pipeline", "none is upside down")
def never_upside_down(evidence: Evidence) -> None:
    """Expect no vertical flip in 200 copies."""
    found, what = moves(evidence)
    because = "Shoes and shirts are not photographed so: the network would learn what never comes."
    hint = 'RandomFlip() without a mode flips both ways; "horizontal" is what you want.'
    augmenting.never_upside_down(found, what, because, hint)


# --- show -----------------------------------------------------------------------------------------------------------

GREY, COLOUR = images(1, 12, 12, 1)[0], images(1, 12, 12, 3, seed=6)[0]
COPIES = 9


def shown(evidence: Evidence, image: NDArray[np.float32]) -> Copies:
    """The copies of the image in the figure that show_augmented draws."""
    return copies_in(evidence.figure("show_augmented", image, BRIGHTER), image)


@CHECKS.add("show", "nine copies of the image")
def nine_copies(evidence: Evidence) -> None:
    """Expect nine pictures of the image that was given."""
    found = shown(evidence, GREY)
    if len(found.brightness) < COPIES:
        raise Mismatch(
            "show_augmented(image, pipeline)",
            expected=f"a figure with {COPIES} copies of the image",
            found=f"{counted(found.pictures, 'picture')}, {len(found.brightness)} of them of this image",
            hint="One `imshow` for each copy, each in axes of its own: `plt.subplots(3, 3)` makes nine.",
        )


@CHECKS.add("show", "the copies are augmented, each by its own draw")
def copies_differ(evidence: Evidence) -> None:
    """Expect copies that were changed differently."""
    found = shown(evidence, GREY)
    if len(found.brightness) > 1 and np.ptp(found.brightness) > 1:
        return
    raise Mismatch(
        "the copies that show_augmented(image, pipeline) draws",
        expected="different ones",
        found="the same one again and again" if len(found.brightness) else "none of this image",
        hint="Call the pipeline with training=True, and let it draw for each copy: a batch of nine copies will do.",
    )


# --- digits ---------------------------------------------------------------------------------------------------------

DIGITS = "augmentation_for_digits"


@CHECKS.add("digits", "digits are never mirrored, and never upside down")
def orientation(evidence: Evidence) -> None:
    """Expect no flip in 200 copies."""
    found, what = moves(evidence, DIGITS)
    because = "A 6 on its head is a 9, but its label still says 6."
    augmenting.never_upside_down(found, what, because, "Leave RandomFlip out, and turn by little.")
    augmenting.never_mirrored(found, what, "A mirrored 2 is no digit at all.")


# --- when -----------------------------------------------------------------------------------------------------------

CASES = (
    "pipeline(x)",
    "pipeline(x, training=False)",
    "model(x)",
    "model.predict(x)",
    "model.evaluate(x, y)",
    "model.fit(x, y)",
)
"""Ways to call, in the notebook's words."""


def answers(evidence: Evidence) -> dict[str, bool]:
    """What when_it_augments() says, by case.

    Raises:
        Mismatch: a case is missing, or has another answer than True or False.
    """
    found, what = evidence.call("when_it_augments"), "when_it_augments()"
    if type(found) is not dict:
        raise Mismatch(what, expected="a dictionary", found=expect.kind(found), hint="Keep the lines of the skeleton.")
    said = {}
    for case in CASES:
        if case not in found:
            raise Mismatch(what, expected=f"an entry {case!r}", found="none", hint="Keep the lines of the skeleton.")
        answer = found[case]
        if isinstance(answer, np.ndarray | np.generic) and answer.size == 1 and answer.dtype == bool:
            answer = bool(answer)
        if type(answer) is not bool:
            raise Mismatch(f"{what}[{case!r}]", expected="True or False", found=expect.kind(answer))
        said[case] = answer
    return said


@CHECKS.add("when", "six answers, each True or False")
def six_answers(evidence: Evidence) -> None:
    """Expect the form that is asked for. Not in the rubric: there the answers count."""
    answers(evidence)


# --- model ----------------------------------------------------------------------------------------------------------

MODEL = "build_augmented_model"
BATCH = images(6, 28, 28, 1, seed=7)


def put_out(evidence: Evidence, training: bool) -> tuple[list[NDArray[Any]], str]:
    """What the model hands on to a classifier that shows its input, in each of two calls; and the call.

    Raises:
        Mismatch: it does not put out what that classifier does.
    """
    what = f"{MODEL}(augmentation, classifier)(images, training={training})"
    used = evidence.used(MODEL, BRIGHTER, SHOWS_ITS_INPUT, images=BATCH, training=training, times=2)
    hint = "The model's output is that of `classifier`: put it last, and don't build another one inside."
    return [expect.array(one, what, shape=(len(BATCH), 784), hint=hint) for one in used.outputs], what


def slopes(found: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """By image: what the values were multiplied with, and what was added before that; nan where neither is so."""
    given = BATCH.reshape(len(BATCH), -1).astype(np.float64)
    centred = given - given.mean(axis=1, keepdims=True)
    slope = (centred * found).sum(axis=1) / (centred**2).sum(axis=1)
    added = found.mean(axis=1) - slope * given.mean(axis=1)
    left = np.abs(found - slope[:, None] * given - added[:, None]).max(axis=1)
    with np.errstate(all="ignore"):
        return slope, np.where(left <= 1e-3 * np.abs(slope) * 100, added / slope, np.nan)


@CHECKS.add("model", "returns a Keras model that ends in the classifier it is given")
def model_and_classifier(evidence: Evidence) -> None:
    """Expect a Keras model, and the given classifier's output."""
    evidence.model(MODEL, BRIGHTER, SHOWS_ITS_INPUT, input_shape=INPUT)
    put_out(evidence, training=False)


@CHECKS.add("model", "the classifier is given pixels divided by 255")
def rescaled_once(evidence: Evidence) -> None:
    """Expect every pixel divided by 255, once."""
    slope = float(np.median(slopes(put_out(evidence, training=False)[0][0])[0]))
    if not abs(slope * 255 - 1) <= 1e-3:
        said = {1.0: "the pixels as they were", round(1 / 255**2, 9): "pixels divided by 255 twice"}
        raise Mismatch(
            "what the classifier is given",
            expected="pixels divided by 255",
            found=said.get(round(slope, 9 if slope < 0.01 else 3), f"pixels times {slope:.3g}"),
            hint="One layers.Rescaling(1 / 255), between augmentation and classifier.",
        )


@CHECKS.add("model", "it predicts the same for the same image")
def prediction_is_fixed(evidence: Evidence) -> None:
    """Expect no augmentation in prediction."""
    (first, second), what = put_out(evidence, training=False)
    with np.errstate(all="ignore"):
        added = np.abs(slopes(first)[1]).max()
    if not np.allclose(first, second, rtol=1e-4, atol=1e-9) or not added <= 0.1:
        raise Mismatch(
            f"{what}, called twice",
            expected="the same, without augmentation",
            found="augmented images",
            consequence="Each prediction would be a matter of luck, and validation would be one of augmented images.",
            hint="Don't set `training` yourself: leave it to Keras, or pass on what `call` is given.",
        )


@CHECKS.add("model", "in training the images are augmented")
def augments_in_training(evidence: Evidence) -> None:
    """Expect other images in each call."""
    (first, second), what = put_out(evidence, training=True)
    if np.allclose(first, second, rtol=1e-5, atol=1e-9):
        hint = "Put `augmentation` into the model. In a class of your own, pass on `training` as `call` is given it."
        raise Mismatch(f"{what}, called twice", expected="augmented images", found="the same both times", hint=hint)


# --- batches --------------------------------------------------------------------------------------------------------

BATCHES, PICTURES, BATCH_SIZE = "augmented_batches", images(20, 6, 6, 1, seed=8), 8
LABELS = np.random.default_rng(3).permutation(20).astype(np.int64)


def served(evidence: Evidence) -> list[Any]:
    """What augmented_batches hands out, in each of two passes."""
    used = evidence.used(BATCHES, PICTURES, LABELS, BRIGHTER, BATCH_SIZE, times=2)
    return [served_in(one, PICTURES, f"{BATCHES}(images, labels, pipeline, {BATCH_SIZE})") for one in used.outputs]


@CHECKS.add("batches", "hands out pairs (images, labels), batch by batch")
def in_batches(evidence: Evidence) -> None:
    """Expect as many images in the first batch as were asked for."""
    size = served(evidence)[0].sizes[0]
    if size != BATCH_SIZE:
        what = f"the first batch of {BATCHES}(..., batch_size={BATCH_SIZE})"
        raise Mismatch(what, expected=f"{BATCH_SIZE} images", found=size, hint="`dataset.batch(batch_size)`.")


@CHECKS.add("batches", "each image keeps its own label")
def labels_stay(evidence: Evidence) -> None:
    """Expect the label of each image beside it, as it was given."""
    found = served(evidence)[0]
    labels = [np.asarray(label) for label in found.labels]
    right = [label.size == 1 and label.item() == LABELS[k] for label, k in zip(labels, found.which, strict=True)]
    if not all(right):
        raise Mismatch(
            f"labels of {BATCHES}(images, labels, pipeline)",
            expected="each image's own, as it was given",
            found=f"{right.count(False)} of {len(right)} others",
            hint="Shuffle images and labels together, as pairs; only the images go through the pipeline.",
        )


@CHECKS.add("batches", "the images are augmented")
def augmented(evidence: Evidence) -> None:
    """Expect images that the pipeline has changed."""
    if np.ptp(served(evidence)[0].brightness) <= 1:
        raise Mismatch(
            f"images of {BATCHES}(images, labels, pipeline)",
            expected="changed by the pipeline",
            found="as they were",
            hint="`pipeline(images, training=True)` within `map`.",
        )


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


@CHECKS.add("training", 'augments in the run "augmented", and only there')
def augments_as_asked(evidence: Evidence) -> None:
    """Expect images that vary in the run "augmented" and not in "plain", and otherwise the same network."""
    plain, augmented_ = (fitting.last_fit(run, TRAINING.function) for run in TRAINING.watched(evidence))
    what = "the networks of the two runs"
    consequence = "The two curves would not show what augmentation does."
    hint = "build_augmented_model(build_augmentation()) for one, layers.Identity() for an augmentation in the other."
    if plain.varies:
        what, found = 'the network of the run "plain"', "with augmentation"
        raise Mismatch(what, expected="without", found=found, consequence=consequence, hint=hint)
    if augmented_.varies is False and _passes(augments_in_training, evidence) and _passes(training_varies, evidence):
        # where there is nothing to augment with, that is another exercise's finding
        what, found = 'the network of the run "augmented"', "without augmentation"
        raise Mismatch(what, expected="with", found=found, consequence=consequence, hint=hint)
    ours, others = _learned(plain), _learned(augmented_)
    if ours != others:
        found = f"{', '.join(ours) or 'none'} in one and {', '.join(others) or 'none'} in the other"
        expected = "the same layers with weights in both"
        raise Mismatch(what, expected=expected, found=found, consequence=consequence, hint=hint)


def _learned(fit: FitSpec) -> list[str]:
    """The layers that have weights, with how many."""
    layers = [] if fit.model is None else fit.model.layers
    return [f"{layer.kind} ({layer.parameters:,})" for layer in layers if layer.parameters]


def _passes(check: Callable[[Evidence], None], evidence: Evidence) -> bool:
    try:
        check(evidence)
    except (Mismatch, StudentError):
        return False
    return True


# --- curves ---------------------------------------------------------------------------------------------------------

METRICS = {"loss": "training loss", "val_loss": "validation loss"}


def sample_histories() -> dict[str, Any]:
    """Histories of both runs to plot."""
    return _sample_histories(RUNS)


def drawn(evidence: Evidence) -> FigureSpec:
    """What plot_gap draws of them."""
    return evidence.figure("plot_gap", sample_histories())


def missing_curves(figure: FigureSpec, histories: dict[str, Any]) -> list[str]:
    """What has no curve: "the validation loss of plain", ..."""
    return [
        f"the {words} of {name}"
        for name, record in histories.items()
        for metric, words in METRICS.items()
        if not curves_showing(figure, record, metric)
    ]


@CHECKS.add("curves", "two curves for each run: training and validation loss")
def two_curves_for_each(evidence: Evidence) -> None:
    """Expect a line with each run's losses and one with its validation losses."""
    figure = drawn(evidence)
    if missing := missing_curves(figure, sample_histories()):
        raise Mismatch(
            "curves of plot_gap(histories)",
            expected=f'"loss" and "val_loss" of {" and ".join(RUNS)}, four curves',
            found=f"{counted(len(figure.lines), 'curve')}, none with {missing[0]}",
            hint='Plot run.history["loss"] and run.history["val_loss"] as they are, for every run.',
        )


@CHECKS.add("curves", "each curve says which run and which loss it is")
def curves_labelled(evidence: Evidence) -> None:
    """Expect the run's name at each of its curves, and different names for its two curves."""
    figure, said_so = drawn(evidence), False
    for name, record in sample_histories().items():
        names = []
        for metric, words in METRICS.items():
            for line, said, in_legend in curves_showing(figure, record, metric)[:1]:
                said_so = True
                if name not in said.lower():
                    raise Mismatch(
                        f"the label of the {words} of {name}",
                        expected=f"one with {name!r} in it",
                        found=repr(line.label) if line.label else "none",
                        hint=f'For instance label="{name}, {words.split()[0]}".',
                    )
                if not in_legend:
                    hint = "Call `legend()` after plotting."
                    raise Mismatch(
                        f"the legend's entry for the {words} of {name}", expected="shown", found="none", hint=hint
                    )
                names.append(said)
        if len(names) == 2 and names[0] == names[1]:
            hint = f'For instance label="{name}, training" and label="{name}, validation".'
            raise Mismatch(
                f"the labels of the two curves of {name}", expected="different ones", found=repr(names[0]), hint=hint
            )
    if not said_so:
        raise Mismatch("curves of both runs", expected="with a label each", found="none")


@CHECKS.add("curves", "both axes have a name")
def axes_named(evidence: Evidence) -> None:
    """Expect a name on every axis of the pictures that show something."""
    axes_have_names(drawn(evidence))
