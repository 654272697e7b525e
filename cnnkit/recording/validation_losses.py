"""Validation image by image: the loss of the final weights on each validation image, and which of them are right.

With these a grader evaluates a few hundred images instead of all, some of which nobody can know before: the losses on
those must come out again, and the mean of all losses must be the last validation loss. Imports Keras only when it is
used.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.recording.record_bounds import PIECES

SAME_MEAN = (1e-5, 2e-3)
"""Largest difference between the mean of the losses and Keras's validation loss: an absolute and a relative one, added.
Half precision, in which the losses are recorded, changes the mean by less than 1e-4 of it."""

SAME_COUNT = 2
"""Largest difference between the number of right answers and that of Keras's accuracy: a batch of a different size may
turn the answer on an image on which two classes are as likely."""

_AT_ONCE = 250


def packed_losses(losses: NDArray[Any]) -> str:
    """Losses (N,) as a record holds them: half precision, little-endian, in base64."""
    with np.errstate(over="ignore"):
        return base64.b64encode(losses.astype("<f2").tobytes()).decode("ascii")


def unpacked_losses(text: str) -> NDArray[np.float64]:
    """The losses (N,) from `packed_losses`.

    Raises:
        ValueError: it is no base64 of half-precision numbers, or one of them is negative or not finite.

    Example:
        >>> unpacked_losses(packed_losses(np.array([0.5, 2.0]))).tolist()
        [0.5, 2.0]
    """
    losses = np.frombuffer(base64.b64decode(text, validate=True), "<f2").astype(np.float64)
    if not np.all(np.isfinite(losses) & (losses >= 0)):
        raise ValueError("expected losses of at least 0, found one that is negative or not finite")
    return losses


def packed_answers(right: NDArray[np.bool_]) -> str:
    """For each image (N,) if it is classified right, as a record holds it: bits in base64."""
    return base64.b64encode(np.packbits(right).tobytes()).decode("ascii")


def unpacked_answers(text: str, images: int) -> NDArray[np.bool_]:
    """The answers (N,) from `packed_answers`.

    Args:
        text: as packed.
        images: number of images.

    Raises:
        ValueError: it is no base64 of so many bits.
    """
    bits = np.unpackbits(np.frombuffer(base64.b64decode(text, validate=True), np.uint8))
    if not images <= len(bits) < images + 8 or bits[images:].any():
        raise ValueError(f"expected {images} answers, found {len(bits)}")
    return bits[:images].astype(np.bool_)


def disagreement(losses: NDArray[Any], right: NDArray[np.bool_], loss: float, accuracy: float | None) -> str | None:
    """How losses and answers image by image disagree with the validation of the same weights, as a sentence.

    Args:
        losses: on each validation image, (N,).
        right: True for each that is classified right, (N,).
        loss: mean over all of them, by Keras.
        accuracy: share of right answers, by Keras; None if it was not measured.

    Returns:
        None if they agree.
    """
    mean, (least, share) = float(np.mean(losses)), SAME_MEAN
    if not abs(mean - loss) <= least + share * abs(loss):
        return f"Image by image its validation loss is {mean:.6g} on average, its last validation loss {loss:.6g}."
    if accuracy is not None and not abs(int(right.sum()) - accuracy * len(right)) <= SAME_COUNT + 0.5:
        return (
            f"Image by image {int(right.sum()):,} validation images are classified right, "
            f"by its last accuracy {accuracy * len(right):,.0f}."
        )
    return None


def piece_means(losses: NDArray[Any]) -> NDArray[np.float64]:
    """Mean loss on each of `PIECES` pieces of the images, the images i::50: (N,) to (50,). N is at least 50.

    Example:
        >>> piece_means(np.arange(100.0))[:2].tolist()
        [25.0, 26.0]
    """
    return np.array([np.mean(losses[piece::PIECES]) for piece in range(PIECES)])


def validate_by_image(
    model: Any, values: Sequence[tuple[Any, NDArray[Any]]], val: Any
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Evaluate weights on each validation image, and leave the model as it is.

    Args:
        model: a compiled and trained `keras.Model` with a single loss.
        values: (variable of the model, its value): the weights to evaluate. Other variables keep their values.
        val: the validation data, of `cnnkit.data.batches`.

    Returns:
        Loss on each image (N,), and for each image if it is classified right (N,).

    Raises:
        ValueError: the outputs do not have the labels' shape.
        Exception: whatever a model of the student's own raises.
    """
    import keras

    mapping = [(variable, keras.ops.convert_to_tensor(value, dtype=variable.dtype)) for variable, value in values]
    loss = keras.losses.get(model.loss)
    compute = loss.call if isinstance(loss, keras.losses.Loss) else loss  # without the mean over the batch
    mode = {"training": False} if getattr(model, "_call_has_training_arg", True) else {}

    def forward(images: Any, labels: Any) -> tuple[Any, Any]:
        # in this scope nothing is assigned: neither to weights nor to the layers' random generators
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True):
            outputs = model(images, **mode)
        if keras.backend.standardize_dtype(outputs.dtype) != keras.config.floatx():
            outputs = keras.ops.cast(outputs, keras.config.floatx())
        return compute(labels, outputs), outputs

    if keras.backend.backend() == "tensorflow" and not model.run_eagerly:
        import tensorflow as tf

        forward = tf.function(forward, reduce_retracing=True)  # as fit does: in a graph Keras finds the logits
    losses, right = [], []
    for start in range(0, val.images, _AT_ONCE):
        images, labels = val.pick(np.arange(start, min(start + _AT_ONCE, val.images)))
        found, outputs = forward(keras.ops.convert_to_tensor(images), keras.ops.convert_to_tensor(labels))
        losses.append(np.asarray(found, np.float32))
        right.append(right_answers(np.asarray(outputs), labels))
    return np.concatenate(losses), np.concatenate(right)


def right_answers(outputs: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.bool_]:
    """True for each image that is classified right, as Keras's "accuracy" counts them: (N, classes) to (N,).

    Args:
        outputs: (N, classes), or (N, 1) for two classes.
        labels: of the same shape, one-hot or 0 and 1.

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> right_answers(np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([[0.0, 1.0], [0.0, 1.0]])).tolist()
        [True, False]
    """
    if outputs.shape != labels.shape or labels.ndim != 2:
        raise ValueError(f"expected outputs of shape {labels.shape}, found {outputs.shape}")
    if labels.shape[1] == 1:
        return np.asarray((outputs[:, 0] > 0.5) == (labels[:, 0] > 0.5))
    return np.asarray(outputs.argmax(axis=1) == labels.argmax(axis=1))
