"""Expectations on an augmentation pipeline, by what it does to the image of `cnnkit.expect.moves`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.expect.moves import Moves
from cnnkit.mismatch import Mismatch


def images_of(value: Any, images: NDArray[Any], what: str) -> NDArray[Any]:
    """Expect images of the same shape as the input.

    Args:
        value: output of the pipeline.
        images: its input, (N, height, width, channels).
        what: the call, as a student would type it.

    Returns:
        The output as an array (N, height, width, channels).

    Raises:
        Mismatch: it is no array of numbers, or has a different shape.
    """
    hint = "A pipeline takes a batch (N, height, width, channels) and gives back one of the same shape."
    return expect.array(value, what, shape=images.shape, hint=hint)


def unchanged(found: NDArray[Any], images: NDArray[Any], what: str) -> None:
    """Expect images that equal the input within 0.01, as in prediction.

    Args:
        found: output of the pipeline, (N, height, width, channels).
        images: its input, of the same shape.
        what: the call, as a student would type it.

    Raises:
        Mismatch: an image was changed.
    """
    with np.errstate(all="ignore"):
        off = np.abs(found.astype(np.float64) - images)
    if not np.all(off <= 0.01):
        scaled = np.allclose(found * 255, images, atol=0.1)
        raise Mismatch(
            what,
            expected="the images as they were",
            found="images divided by 255" if scaled else f"values that differ by up to {np.nanmax(off):.3g}",
            consequence="Dividing by 255 is the model's business; done twice, hardly anything is left of an image."
            if scaled
            else "Whoever predicts with it gets another answer for the same image.",
            hint="Leave Rescaling to the model." if scaled else "Layers for augmentation do nothing in prediction.",
        )


def varies(outputs: Sequence[NDArray[Any]], images: NDArray[Any], what: str) -> None:
    """Expect changed images, changed differently in each of two calls, as in training.

    Args:
        outputs: output of each call, (N, height, width, channels).
        images: the input, of the same shape.
        what: the call, as a student would type it.

    Raises:
        Mismatch: an output equals the input, or both outputs are equal.
    """
    for one in outputs:
        if np.allclose(one, images, atol=0.01):
            hint = "Is `training` passed on, and is there a layer at all?"
            raise Mismatch(what, expected="changed images", found="the images as they were", hint=hint)
    first, second = outputs[:2]
    if np.array_equal(first, second):
        raise Mismatch(
            f"{what}, called twice",
            expected="other copies the second time",
            found="the same ones",
            consequence="The network sees the same images in every epoch and learns them by heart all the same.",
            hint="Don't fix a seed within the call: every call has to draw anew.",
        )


def own_draws(outputs: Sequence[NDArray[Any]], what: str) -> None:
    """Expect each image of a batch to be changed by a random draw of its own.

    Args:
        outputs: output of each call for a batch of equal images, (N, height, width, channels).
        what: the call, as a student would type it.

    Raises:
        Mismatch: all images of a batch are changed alike.
    """
    for one in outputs:
        if np.allclose(one, one[:1], atol=0.01):
            raise Mismatch(
                f"{what}, of a batch that holds the same image {len(one)} times",
                expected=f"{len(one)} different copies",
                found="the same copy everywhere",
                hint="Draw for each image of the batch by itself, as Keras's layers do.",
            )


def half_mirrored(counts: Sequence[int], of: int, what: str) -> None:
    """Expect about half of the copies to be mirrored, in each of several calls.

    The bounds are 18 % and 82 %; a right pipeline fails once in 10¹⁰ times.

    Args:
        counts: number of mirrored copies in each call.
        of: number of copies in each call.
        what: the call, as a student would type it.

    Raises:
        Mismatch: they are far fewer, or far more.
    """
    for count in counts:
        if not 0.18 * of <= count <= 0.82 * of:
            raise Mismatch(
                f"{what}, copies in which left and right have changed sides",
                expected=f"about half of {of}",
                found=count,
                hint='RandomFlip("horizontal") mirrors left and right, every second time.',
            )


def never_mirrored(moves: Moves, what: str, because: str) -> None:
    """Expect no copy with left and right exchanged.

    Args:
        moves: the measured changes.
        what: the call, as a student would type it.
        because: consequence of a mirrored image, for the message.

    Raises:
        Mismatch: there is one.
    """
    if np.any(moves.sides_changed):
        raise Mismatch(
            f"{what}, copies in which left and right have changed sides",
            expected="none",
            found=f"{int(np.sum(moves.sides_changed))} of {len(moves.mirrored)}",
            consequence=because,
            hint="Leave RandomFlip out.",
        )


def never_upside_down(moves: Moves, what: str, because: str, hint: str) -> None:
    """Expect no copy that is upside down.

    Args:
        moves: the measured changes.
        what: the call, as a student would type it.
        because: consequence of an upside-down image, for the message.
        hint: what to try.

    Raises:
        Mismatch: there is one.
    """
    if np.any(moves.upside_down):
        raise Mismatch(
            f"{what}, copies that stand on their heads",
            expected="none",
            found=f"{int(np.sum(moves.upside_down))} of {len(moves.mirrored)}",
            consequence=because,
            hint=hint,
        )


def turns(moves: Moves, what: str, *, most: float, least: float, hint: str, slack: float = 3.0) -> None:
    """Expect rotations in both directions, none by more than `most` degrees and some by more than `least`.

    Args:
        moves: the measured changes.
        what: the call, as a student would type it.
        most: largest angle that is right, in degrees.
        least: angle in degrees that has to be exceeded in each direction.
        hint: what to try.
        slack: degrees by which `most` may be exceeded, the error of measurement.

    Raises:
        Mismatch: a rotation is larger, or all are smaller.
    """
    turn = moves.turn
    far = np.abs(turn).max()
    if far > most + slack:
        found = f"up to {round(far)}°"
        raise Mismatch(f"{what}, turns", expected=f"at most {most:g}° in each direction", found=found, hint=hint)
    if turn.max() < least or turn.min() > -least:
        found = f"from {round(turn.min())}° to {round(turn.max())}°"
        raise Mismatch(f"{what}, turns", expected=f"up to {most:g}° in both directions", found=found, hint=hint)


def zooms(moves: Moves, what: str, *, hint: str, needed: bool = True) -> None:
    """Expect images enlarged and shrunk by up to 20 %.

    Args:
        moves: the measured changes.
        what: the call, as a student would type it.
        hint: what to try.
        needed: True if some have to be enlarged by 13 % and some shrunk by 11.5 % at least.

    Raises:
        Mismatch: one is enlarged or shrunk by more, or, if needed, none by as much.
    """
    small, large = moves.smallest.min(), moves.largest.max()
    found = f"from {small:.2f} to {large:.2f} times the size"
    if small < 0.785 or large > 1.285:
        raise Mismatch(f"{what}, zoom", expected="by at most 20 % in or out", found=found, hint=hint)
    if needed and (small > 0.885 or large < 1.13):
        raise Mismatch(f"{what}, zoom", expected="by up to 20 %, in and out", found=found, hint=hint)


def contrasts(moves: Moves, what: str, *, hint: str, needed: bool = True) -> None:
    """Expect contrasts changed by up to 10 %.

    Keras 3.15 only raises them (its RandomContrast(0.1) draws from 1 to 1.1); lowering is right as well.

    Args:
        moves: the measured changes.
        what: the call, as a student would type it.
        hint: what to try.
        needed: True if the contrasts have to differ by 6 % at least.

    Raises:
        Mismatch: one is changed by more, or, if needed, they differ by less.
    """
    small, large = moves.contrast.min(), moves.contrast.max()
    found = f"{small:.2f} to {large:.2f} times the contrast"
    if small < 0.87 or large > 1.13:
        raise Mismatch(f"{what}, contrast", expected="changed by at most 10 %", found=found, hint=hint)
    if needed and large - small < 0.06:
        raise Mismatch(f"{what}, contrast", expected="changed by up to 10 %", found=found, hint=hint)


def no_other_changes(moves: Moves, what: str) -> None:
    """Expect copies that are neither shifted (by more than 1.8 pixels) nor brighter or darker (by more than 6 of 255).

    Args:
        moves: the measured changes.
        what: the call, as a student would type it.

    Raises:
        Mismatch: one is.
    """
    hint = "Only what the exercise names: compare your layers with its list."
    if (shift := moves.shift.max()) > 1.8:
        raise Mismatch(
            f"{what}, the middle of the image",
            expected="in its place",
            found=f"{shift:.0f} pixels away" if np.isfinite(shift) else "moved so far that a part is out of the frame",
            hint=hint,
        )
    if (brighter := np.abs(moves.brightness).max()) > 6:
        found = f"changed by up to {brighter:.0f} of 255"
        raise Mismatch(f"{what}, brightness", expected="as it was", found=found, hint=hint)
