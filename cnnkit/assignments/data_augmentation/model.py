"""Public checks of the exercise `model`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.assignments.data_augmentation.brief import BRIGHTER, CHECKS, INPUT, SHOWS_ITS_INPUT, images, marking
from cnnkit.checks.evidence import Evidence
from cnnkit.mismatch import Mismatch
from cnnkit.probe.built import BuiltNetwork

MODEL = "build_augmented_model"
BATCH = images(6, 28, 28, 1, seed=7)


def put_out(
    evidence: Evidence, training: bool, augmentation: BuiltNetwork = BRIGHTER, batch: NDArray[np.float32] = BATCH
) -> tuple[list[NDArray[Any]], str]:
    """Inputs of the classifier inside the model, in each of two calls, and the call.

    Args:
        evidence: of the student's function.
        training: passed to the model.
        augmentation: passed to the function.
        batch: images for the model, (N, 28, 28, 1).

    Raises:
        Mismatch: the model's output is not that of the classifier.
    """
    what = f"{MODEL}(augmentation, classifier)(images, training={training})"
    used = evidence.used(MODEL, augmentation, SHOWS_ITS_INPUT, images=batch, training=training, times=2)
    hint = "The model's output is that of `classifier`: put it last, and don't build another one inside."
    return [expect.array(one, what, shape=(len(batch), 784), hint=hint) for one in used.outputs], what


def slopes(found: NDArray[Any], batch: NDArray[np.float32] = BATCH) -> tuple[NDArray[Any], NDArray[Any]]:
    """Factor by which each image's values were multiplied, and offset added before; nan where they do not fit."""
    given = batch.reshape(len(batch), -1).astype(np.float64)
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
    slope, added = (float(np.median(one)) for one in slopes(put_out(evidence, training=False)[0][0]))
    if abs(slope * 255 - 1) <= 1e-3 and not abs(added) <= 27:  # BRIGHTER adds up to 25.5, if it is always on
        raise Mismatch(
            "what the classifier is given",
            expected="pixels divided by 255",
            found=f"pixels divided by 255, with {slope * added:.3g} added",
            hint="One layers.Rescaling(1 / 255), without an offset.",
        )
    if not abs(slope * 255 - 1) <= 1e-3:
        known = {1.0: "the pixels as they were", round(1 / 255**2, 9): "pixels divided by 255 twice"}
        raise Mismatch(
            "what the classifier is given",
            expected="pixels divided by 255",
            found=known.get(round(slope, 9 if slope < 0.01 else 3), f"pixels times {slope:.3g}{_offset(slope, added)}"),
            hint="One layers.Rescaling(1 / 255), between augmentation and classifier.",
        )


def _offset(slope: float, added: float) -> str:
    """An offset of Rescaling in words; "" for none."""
    return f", with {slope * added:.3g} added" if abs(added) > 27 else ""


@CHECKS.add("model", "it predicts the same for the same image")
def prediction_is_fixed(evidence: Evidence) -> None:
    """Expect no augmentation in prediction: the same in each call, and what is added is the same for all images."""
    (first, second), what = put_out(evidence, training=False)
    with np.errstate(all="ignore"):
        drawn = np.ptp(slopes(first)[1])
    if not np.allclose(first, second, rtol=1e-4, atol=1e-9) or not drawn <= 0.1:
        raise Mismatch(
            f"{what}, called twice",
            expected="the same, without augmentation",
            found="augmented images",
            consequence="Each prediction would be a matter of luck, and validation would be one of augmented images.",
            hint="Don't set `training` yourself: leave it to Keras, or pass on what `call` is given.",
        )


@CHECKS.add("model", "in training the images are augmented, by the augmentation that is given")
def augments_in_training(evidence: Evidence) -> None:
    """Expect other images in each call, and the mark of the augmentation, which it leaves in prediction too."""
    (first, second), what = put_out(evidence, training=True)
    if np.allclose(first, second, rtol=1e-5, atol=1e-9):
        hint = "Put `augmentation` into the model. In a class of your own, pass on `training` as `call` is given it."
        raise Mismatch(f"{what}, called twice", expected="augmented images", found="the same both times", hint=hint)
    with_mark, without = (put_out(evidence, training=False, augmentation=one)[0][0] for one in (marking(), BRIGHTER))
    if np.allclose(with_mark, without, rtol=1e-5, atol=1e-9):
        raise Mismatch(
            f"{MODEL}(augmentation, classifier)",
            expected="images changed by `augmentation`",
            found="images changed by something else",
            consequence="The model has an augmentation of its own, whatever it is given; so has the run that should "
            "be without.",
            hint="Put the argument `augmentation` into the model, and no other layers that augment.",
        )
