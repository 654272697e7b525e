"""Expectations on an augmentation pipeline, whose effect is measured on an image made for it.

Each colour channel of that image shows one disc on an even ground. The positions of the three discs in a copy determine
the affine map that was applied (3 points, 6 unknowns), hence mirroring, angle, zoom and shift, whatever code did it and
in whatever order; their brightness over the ground determines the contrast. Angle and zoom are those of the polar and
singular value decompositions of the map's matrix.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.mismatch import Mismatch

SIZE = 48
"""Height and width of the image, in pixels."""

GROUND, DISC = 100.0, 200.0
"""Brightness of the ground and of the discs, of 255."""

_RADIUS = 3.4
_PLACES = np.array([[-9.0, -3.0], [2.0, -9.0], [4.0, 9.0]])
"""Centres of the discs, (x, y) in pixels from the image's centre, y downwards: near enough to it that reflections of
them at the border are always farther away."""

_LARGEST_DISC = 15.0
"""Diameter of a disc in a copy that was enlarged twice, in pixels."""

UPSIDE_DOWN = 105.0
"""Angle in degrees from which a copy counts as upside down: one flipped and turned by up to 72° has at least 108°."""


def probe(count: int, size: int = SIZE) -> NDArray[np.float32]:
    """Batch of the image that `measure` measures, repeated.

    Args:
        count: number of images.
        size: height and width, at least 48. A pipeline must do the same in images of any size.

    Returns:
        (count, size, size, 3), float32 from 100 to 200.
    """
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    image = np.empty((size, size, 3), np.float32)
    for channel, (x, y) in enumerate(_PLACES):
        distance = np.hypot(columns - x, rows - y)
        image[..., channel] = GROUND + (DISC - GROUND) * np.clip(_RADIUS + 0.5 - distance, 0, 1)
    return np.repeat(image[np.newaxis], count, axis=0)


@dataclass(frozen=True)
class Moves:
    """Measured changes of N copies; every attribute has the shape (N,).

    Attributes:
        mirrored: True if the copy is no rotation of the original (negative determinant).
        angle: rotation in degrees, -180 to 180, of a mirrored copy after undoing a left-right flip; about 180 for an
            upside-down copy.
        largest, smallest: zoom factors along the axes where they are largest and smallest; 1 if unchanged.
        shift: distance of the image's centre from its original position, in pixels; infinite for a copy in which a disc
            is gone, of which nothing else is known: it counts as unchanged.
        contrast: factor of the contrast, 1 if unchanged.
        brightness: change of the ground's brightness, of 255; 0 if unchanged.
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
        """True for copies that are upside down, (N,)."""
        return np.abs(self.angle) > UPSIDE_DOWN

    @property
    def sides_changed(self) -> NDArray[np.bool_]:
        """True for copies with left and right exchanged, (N,); turning upside down exchanges them too."""
        return self.mirrored ^ self.upside_down

    @property
    def turn(self) -> NDArray[np.float64]:
        """Rotation in degrees, (N,), relative to upright, or to upside down for copies that are."""
        return np.where(self.upside_down, self.angle - 180 * np.sign(self.angle), self.angle)


def measure(copies: NDArray[Any], what: str) -> Moves:
    """Measure how copies of `probe` were changed.

    Args:
        copies: (N, size, size, 3), values from 0 to 255, or all at most 2, as after division by 255.
        what: the call that returned them, for messages.

    Raises:
        Mismatch: half of the copies no longer show the three discs.
    """
    data = np.ascontiguousarray(copies)
    key = hashlib.sha256(data.data).digest() + f"{data.dtype.str}{data.shape}".encode()
    if key not in _measured:
        if len(_measured) == _KEPT:
            del _measured[next(iter(_measured))]
        _measured[key] = _moves(data)
    found = _measured[key]
    if found is None:
        raise Mismatch(
            f"{what}, of an image with a bright spot in each colour",
            expected="the spots, moved",
            found="copies in which one is gone",
            hint="Look at some copies: is the image moved out of the frame, or changed into something else?",
        )
    return found


_KEPT = 8
_measured: dict[bytes, Moves | None] = {}
"""The last measurements, by what was measured: several checks look at the same copies."""


def _moves(copies: NDArray[Any]) -> Moves | None:
    """As `measure`; None if half of the copies no longer show the three discs."""
    # colours before pixels, which are then contiguous; single precision: half the memory to go through
    pixels = np.ascontiguousarray(np.moveaxis(copies, -1, 1).reshape(len(copies), 3, -1), np.float32)
    if pixels.max(initial=0) <= 2:  # False if there is a NaN
        pixels = pixels * 255
    ground = np.median(pixels, axis=-1).astype(np.float64)
    peak = pixels.max(axis=-1).astype(np.float64)
    contrast = (peak - ground).mean(axis=1) / (DISC - GROUND)
    scale = np.float32(1) / np.maximum(peak - ground, 1e-9).astype(np.float32)
    weight = (pixels - ground[..., None].astype(np.float32)) * scale[..., None]
    x, y, mass = _discs(weight, copies.shape[1])
    whole = np.all(np.isfinite(pixels), axis=(1, 2)) & np.all((peak - ground > 10) & (mass > 3), axis=1)
    if not 2 * whole.sum() > len(whole):
        return None
    x = np.where(whole[:, None], x, _PLACES[:, 0])
    y = np.where(whole[:, None], y, _PLACES[:, 1])
    corners = np.linalg.inv(np.column_stack([_PLACES, np.ones(3)]))
    map_x, map_y = x @ corners.T, y @ corners.T  # (N, 3): coefficients of the original x, y and 1
    matrix = np.stack([map_x[:, :2], map_y[:, :2]], axis=1)
    sizes = np.linalg.svd(matrix, compute_uv=False).astype(np.float64)
    mirrored = np.linalg.det(matrix) < 0
    upright = np.where(mirrored[:, None, None], matrix * np.array([-1.0, 1.0]), matrix)
    angle = np.degrees(np.arctan2(upright[:, 1, 0] - upright[:, 0, 1], upright[:, 0, 0] + upright[:, 1, 1]))
    shift = np.where(whole, np.hypot(map_x[:, 2], map_y[:, 2]), np.inf)
    brightness = np.where(whole, ground.mean(axis=1) - GROUND, 0)
    return Moves(mirrored, angle, sizes[:, 0], sizes[:, 1], shift, np.where(whole, contrast, 1), brightness)


def _discs(
    weight: NDArray[np.float32], size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Centres (x, y) of the discs and the sums of their weights, each (N, 3).

    Args:
        weight: of each pixel, 1 in a disc and 0 on the ground, (N, 3, size * size); less than a quarter counts as 0.
        size: height and width of the images.

    A reflecting border shows a disc a second time, farther from the image's centre. So each disc is what lies around
    its pixel that is the nearest to that centre, whether the image was moved or not.
    """
    images, colours, pixel = np.nonzero(weight >= 0.25)  # a few of a hundred pixels
    heavy = np.minimum(weight[images, colours, pixel], 1).astype(np.float64)
    disc, discs = images * 3 + colours, weight.shape[0] * 3
    column, row = pixel % size - (size - 1) / 2, pixel // size - (size - 1) / 2
    x, y = np.full((2, discs), -(size - 1) / 2)
    inside = np.flatnonzero(heavy > 0.5)
    nearest = inside[np.lexsort((np.hypot(column, row)[inside], disc[inside]))]
    found, first = np.unique(disc[nearest], return_index=True)
    x[found], y[found] = column[nearest[first]], row[nearest[first]]
    reach, mass = np.full(discs, _LARGEST_DISC), np.zeros(discs)
    for _ in range(3):
        near = np.hypot(column - x[disc], row - y[disc]) <= reach[disc]
        counted = np.where(near, heavy, 0)
        mass, along, down = (np.bincount(disc, counted * by, discs) for by in (1.0, column, row))
        x, y = along / np.maximum(mass, 1e-9), down / np.maximum(mass, 1e-9)
        reach = 1.5 * np.sqrt(mass / np.pi) + 1.5
    shape = weight.shape[:2]
    return x.reshape(shape), y.reshape(shape), mass.reshape(shape)


# --- expectations ---------------------------------------------------------------------------------------------------


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
    hint = "Only what the brief names: compare your layers with it."
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
