"""Measurement of what an augmentation pipeline does, on an image made for it.

Each colour channel of that image shows one disc on an even ground. The positions of the three discs in a copy determine
the affine map that was applied (3 points, 6 unknowns), hence mirroring, angle, zoom and shift, whatever code did it and
in whatever order; their brightness over the ground determines the contrast. Angle and zoom are those of the polar and
singular value decompositions of the map's matrix.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
