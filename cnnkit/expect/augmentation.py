"""What a pipeline of augmentation did to images, measured on an image made for it.

Each colour channel of that image holds a disc of its own on even ground. Where the three discs are afterwards tells
mirroring, angle, zoom and shift of each copy exactly, in whatever order and by whatever code it was done; their
brightness over the ground tells the contrast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.mismatch import Mismatch

SIZE = 48
GROUND, DISC = 100.0, 200.0
_RADIUS = 3.4
_PLACES = np.array([[-9.0, -3.0], [2.0, -9.0], [4.0, 9.0]])
"""Of the discs, (x, y) from the image's middle, y downwards: far enough inside that what a border mirrors into the
image is always farther from the middle than they are."""

UPSIDE_DOWN = 105.0
"""Degrees. A turn by up to 72° on top of an upside-down flip leaves at least 108°."""


def probe(count: int) -> NDArray[np.float32]:
    """`count` times the image that `measure` knows: (count, 48, 48, 3), values 100 and 200."""
    rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    image = np.empty((SIZE, SIZE, 3), np.float32)
    for channel, (x, y) in enumerate(_PLACES):
        distance = np.hypot(columns - x, rows - y)
        image[..., channel] = GROUND + (DISC - GROUND) * np.clip(_RADIUS + 0.5 - distance, 0, 1)
    return np.repeat(image[np.newaxis], count, axis=0)


@dataclass(frozen=True)
class Moves:
    """What happened to each copy, one value each.

    Attributes:
        mirrored: no turn alone can make it of the original.
        angle: of the turn in degrees (of a mirrored copy after left and right are changed back), -180 to 180; a copy
            that stands on its head has one of about 180.
        largest, smallest: enlargement along the axis where it is largest, and smallest; 1 for none.
        shift: of the image's middle, in pixels.
        contrast: 1 for none.
        brightness: of the ground, 0 for none.
    """

    mirrored: NDArray[np.bool_]
    angle: NDArray[np.float64]
    largest: NDArray[np.float64]
    smallest: NDArray[np.float64]
    shift: NDArray[np.float64]
    contrast: NDArray[np.float64]
    brightness: NDArray[np.float64]

    @property
    def upside_down(self) -> NDArray[np.bool_]:
        """Which of them stand on their heads."""
        return np.abs(self.angle) > UPSIDE_DOWN

    @property
    def sides_changed(self) -> NDArray[np.bool_]:
        """In which of them left and right have changed sides. Upside-down ones are mirrored once more."""
        return self.mirrored ^ self.upside_down

    @property
    def turn(self) -> NDArray[np.float64]:
        """Degrees from upright, or from upside down for those that are so."""
        return np.where(self.upside_down, self.angle - 180 * np.sign(self.angle), self.angle)


def measure(copies: NDArray[Any], what: str) -> Moves:
    """How copies of `probe` were changed.

    Args:
        copies: (N, 48, 48, 3). Those in [0, 1] are measured as if they were not scaled.
        what: the call that gave them, for messages.

    Raises:
        Mismatch: a copy does not show the three discs any more.
    """
    pixels = copies.astype(np.float64)
    if pixels.max(initial=0) <= 2:  # not so where there is a NaN
        pixels = pixels * 255
    ground = np.median(pixels, axis=(1, 2))
    peak = pixels.max(axis=(1, 2))
    contrast = (peak - ground).mean(axis=1) / (DISC - GROUND)
    weight = np.clip((pixels - ground[:, None, None]) / np.maximum(peak - ground, 1e-9)[:, None, None], 0, 1)
    weight = np.where(weight < 0.25, 0, weight)
    rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    distance = np.hypot(rows, columns)[None, :, :, None]
    # a border that mirrors shows the disc once more, at more than five times the distance of the disc's inner edge
    nearest = np.where(weight > 0.5, distance, np.inf).min(axis=(1, 2))
    weight = np.where(distance <= 3 * nearest[:, None, None], weight, 0)
    mass = weight.sum(axis=(1, 2))
    if not np.all(np.isfinite(pixels)) or not np.all(peak - ground > 10) or not np.all(mass > 3):
        raise Mismatch(
            f"{what}, of an image with a bright spot in each colour",
            expected="the spots, moved",
            found="copies in which one is gone",
            hint="Look at some copies: is the image moved out of the frame, or changed into something else?",
        )
    x = (weight * columns[None, :, :, None]).sum(axis=(1, 2)) / mass
    y = (weight * rows[None, :, :, None]).sum(axis=(1, 2)) / mass
    corners = np.linalg.inv(np.column_stack([_PLACES, np.ones(3)]))
    map_x, map_y = x @ corners.T, y @ corners.T  # rows: what x (of the original), y and 1 contribute
    matrix = np.stack([map_x[:, :2], map_y[:, :2]], axis=1)
    sizes = np.linalg.svd(matrix, compute_uv=False)
    mirrored = np.linalg.det(matrix) < 0
    upright = np.where(mirrored[:, None, None], matrix * np.array([-1.0, 1.0]), matrix)
    angle = np.degrees(np.arctan2(upright[:, 1, 0] - upright[:, 0, 1], upright[:, 0, 0] + upright[:, 1, 1]))
    shift = np.hypot(map_x[:, 2], map_y[:, 2])
    return Moves(mirrored, angle, sizes[:, 0], sizes[:, 1], shift, contrast, ground.mean(axis=1) - GROUND)


# --- what checks expect ---------------------------------------------------------------------------------------------


def images_of(value: Any, images: NDArray[Any], what: str) -> NDArray[Any]:
    """Expect images of the same shape as those that were given.

    Raises:
        Mismatch: they are none, or have another shape.
    """
    hint = "A pipeline takes a batch (N, height, width, channels) and gives back one of the same shape."
    return expect.array(value, what, shape=images.shape, hint=hint)


def unchanged(found: NDArray[Any], images: NDArray[Any], what: str) -> None:
    """Expect prediction to leave images alone.

    Raises:
        Mismatch: they are changed.
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
    """Expect training to change the images, otherwise in each of two calls.

    Raises:
        Mismatch: it does not.
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
    """Expect each image of a batch to be changed by its own draw.

    Raises:
        Mismatch: all are changed alike. The images given were all the same one.
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
    """Expect about half of the copies mirrored, in each of several calls. An honest pipeline fails once in 10¹⁰ times.

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
    """Expect no copy with sides changed.

    Raises:
        Mismatch: there is one; `because` says what that does.
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
    """Expect no copy that stands on its head.

    Raises:
        Mismatch: there is one; `because` says what that does.
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
    """Expect turns in both directions, by at most `most` degrees, and now and then by more than `least`.

    Raises:
        Mismatch: they go farther, or not as far.
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
    """Expect images enlarged and shrunk by up to a fifth, and, where it is needed, now and then by nearly that.

    Raises:
        Mismatch: they are enlarged or shrunk by more, or not as far.
    """
    small, large = moves.smallest.min(), moves.largest.max()
    found = f"from {small:.2f} to {large:.2f} times the size"
    if small < 0.785 or large > 1.285:
        raise Mismatch(f"{what}, zoom", expected="by at most 20 % in or out", found=found, hint=hint)
    if needed and (small > 0.885 or large < 1.13):
        raise Mismatch(f"{what}, zoom", expected="by up to 20 %, in and out", found=found, hint=hint)


def contrasts(moves: Moves, what: str, *, hint: str, needed: bool = True) -> None:
    """Expect contrasts changed by up to a tenth.

    Keras 3.15 only ever raises them (its RandomContrast(0.1) draws from 1 to 1.1); lowering is right as well.

    Raises:
        Mismatch: they are changed by more, or hardly.
    """
    small, large = moves.contrast.min(), moves.contrast.max()
    found = f"{small:.2f} to {large:.2f} times the contrast"
    if small < 0.87 or large > 1.13:
        raise Mismatch(f"{what}, contrast", expected="changed by at most 10 %", found=found, hint=hint)
    if needed and large - small < 0.06:
        raise Mismatch(f"{what}, contrast", expected="changed by up to 10 %", found=found, hint=hint)


def no_other_changes(moves: Moves, what: str) -> None:
    """Expect copies that are neither shifted nor brighter or darker.

    Raises:
        Mismatch: they are.
    """
    hint = "Only what the brief names: compare your layers with it."
    if (shift := moves.shift.max()) > 1.8:
        raise Mismatch(
            f"{what}, the middle of the image", expected="in its place", found=f"{shift:.0f} pixels away", hint=hint
        )
    if (brighter := np.abs(moves.brightness).max()) > 6:
        found = f"changed by up to {brighter:.0f} of 255"
        raise Mismatch(f"{what}, brightness", expected="as it was", found=found, hint=hint)
