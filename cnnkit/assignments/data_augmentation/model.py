"""Public checks of the exercise `model`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.assignments.data_augmentation.brief import BRIGHTER, CHECKS, INPUT, SHOWS_ITS_INPUT, images
from cnnkit.checks.evidence import Evidence
from cnnkit.mismatch import Mismatch

MODEL = "build_augmented_model"
BATCH = images(6, 28, 28, 1, seed=7)


def put_out(evidence: Evidence, training: bool) -> tuple[list[NDArray[Any]], str]:
    """Inputs of the classifier inside the model, in each of two calls, and the call.

    Raises:
        Mismatch: the model's output is not that of the classifier.
    """
    what = f"{MODEL}(augmentation, classifier)(images, training={training})"
    used = evidence.used(MODEL, BRIGHTER, SHOWS_ITS_INPUT, images=BATCH, training=training, times=2)
    hint = "The model's output is that of `classifier`: put it last, and don't build another one inside."
    return [expect.array(one, what, shape=(len(BATCH), 784), hint=hint) for one in used.outputs], what


def slopes(found: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Factor by which each image's values were multiplied, and offset added before; nan where they do not fit."""
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
