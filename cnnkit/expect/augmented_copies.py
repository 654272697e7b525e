"""Identify augmented copies of images in a figure, or in the batches of a data set.

The pipeline that a check passes to the student's function makes images brighter or darker, and may flip them, so that a
copy is its image, flipped or not, plus a number. Correlation then identifies the image of a copy, in whatever scale it
is shown, and the number follows from the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import FigureSpec

_ALIKE = 0.999
"""Correlation from which a picture counts as a copy of an image; rounding to integers stays above it."""


_FLIPS = ((), (1,), (0,), (0, 1))
"""Axes (rows, columns) that each orientation flips: none, left to right, upside down, both."""

NO_IMAGE = -1
"""Position in `Served.which` of a served image that is no copy of an original."""


@dataclass(frozen=True)
class Copies:
    """Pictures in a figure.

    Attributes:
        pictures: number of pictures.
        sized: number of those that have the image's size and channels, and more than one value.
        brightness: number added to the image, for each of the pictures that show it: (copies,).
        orientations: how each of these was flipped, (copies,): 0 not at all, 1 left to right, 2 upside down, 3 both.
    """

    pictures: int
    sized: int
    brightness: NDArray[np.float64]
    orientations: NDArray[np.int64]


def copies_in(figure: FigureSpec, image: NDArray[Any]) -> Copies:
    """Find the copies of an image in a figure: pictures of their own, or tiles of a large one.

    Args:
        figure: the figure.
        image: (height, width, 1) or (height, width, 3).
    """
    pictures: list[NDArray[Any]] = []
    for one in figure.images:
        values = np.array(one.values).reshape(one.shape) if one.values else np.zeros(one.shape[:2])
        pictures += _tiles(values, *image.shape[:2])
    fitted = [_of_the_size(picture, image) for picture in pictures]
    sized = [picture for picture in fitted if picture is not None and np.ptp(picture) > 0]
    copies = [copy for picture in sized if (copy := _copy_of(image, picture)) is not None]
    orientations = np.array([orientation for orientation, _ in copies], np.int64)
    return Copies(len(pictures), len(sized), np.array([added for _, added in copies]), orientations)


def _tiles(picture: NDArray[Any], height: int, width: int) -> list[NDArray[Any]]:
    if picture.ndim not in (2, 3) or picture.shape[0] % height or picture.shape[1] % width:
        return [picture]
    rows = np.split(picture, picture.shape[0] // height, axis=0) if picture.size else []
    return [tile for row in rows for tile in np.split(row, picture.shape[1] // width, axis=1)]


def _copy_of(image: NDArray[Any], picture: NDArray[Any]) -> tuple[int, float] | None:
    """Orientation of the image in a picture, and the number added to it; None if the picture does not show it."""
    for orientation, axes in enumerate(_FLIPS):
        added = _brightness(picture, np.flip(image, axes))
        if added is not None:
            return orientation, added
    return None


def _of_the_size(picture: NDArray[Any], image: NDArray[Any]) -> NDArray[Any] | None:
    """A picture in the image's shape, without an alpha channel; None if it has another size, or no colours.

    A grey image may be drawn in colours.
    """
    if picture.ndim == 2:
        picture = picture[..., np.newaxis]
    if picture.ndim != 3 or picture.shape[:2] != image.shape[:2]:
        return None
    if image.shape[-1] == 1:
        return picture[..., :3].mean(axis=-1, keepdims=True)
    return picture[..., : image.shape[-1]] if picture.shape[-1] in (3, 4) else None


def _brightness(picture: NDArray[Any], image: NDArray[Any]) -> float | None:
    """Number added to the image to make the picture, which has its shape; None if it does not show it as it stands."""
    shown, given = picture.ravel(), image.ravel().astype(np.float64)
    centred = given - given.mean()
    spread = np.sqrt(((shown - shown.mean()) ** 2).sum() * (centred**2).sum())
    if not spread > 0 or not abs(((shown - shown.mean()) * centred).sum()) >= _ALIKE * spread:
        return None
    slope = (shown * centred).sum() / (centred**2).sum()
    return float(shown.mean() / slope - given.mean())


@dataclass(frozen=True)
class Served:
    """Images and labels that a data set served in one pass, n images in all.

    Attributes:
        sizes: number of images in each batch.
        which: position of the original of each served image, n integers; NO_IMAGE for one that is none's copy.
        brightness: number added to each original, (n,); nan where there is none.
        flipped: True for a copy that was flipped, (n,).
        labels: the labels as they came, n of them.
    """

    sizes: tuple[int, ...]
    which: tuple[int, ...]
    brightness: NDArray[np.float64]
    flipped: NDArray[np.bool_]
    labels: tuple[Any, ...]


def served_in(batches: Any, images: NDArray[Any], call: str) -> Served:
    """Identify the images that a data set served in one pass among its originals.

    Args:
        batches: pairs of images (batch, height, width, channels) and labels (batch, ...); an empty list for a pass
            without batches.
        images: the originals, (N, height, width, channels), no two alike.
        call: the call that returned the batches, for messages.

    Raises:
        Mismatch: a batch is no pair of images and labels.
    """
    hint = "A batch is a pair (images, labels), images of shape (batch, height, width, channels)."
    if type(batches) not in (list, tuple):
        raise Mismatch(call, expected="batches", found=expect.kind(batches), hint=hint)
    sizes, labels, parts = [], [], []
    for batch in batches:
        what = f"a batch of {call}"
        if type(batch) not in (list, tuple) or len(batch) != 2:
            raise Mismatch(what, expected="a pair (images, labels)", found=expect.kind(batch), hint=hint)
        size = len(batch[0]) if _is_array(batch[0]) and batch[0].ndim else 0
        shape = (size, *images.shape[1:])
        parts.append(expect.array(batch[0], f"the images in {what}", shape=shape, hint=hint).astype(np.float64))
        if not _is_array(batch[1]) or batch[1].ndim == 0 or len(batch[1]) != size:
            found = expect.kind(batch[1])
            raise Mismatch(f"the labels in {what}", expected=f"{size} of them", found=found, hint=hint)
        sizes.append(size)
        labels += list(batch[1])
    handed = np.concatenate(parts) if parts else np.zeros((0, *images.shape[1:]))
    which, brightness, flipped = _originals(handed, images)
    return Served(tuple(sizes), which, brightness, flipped, tuple(labels))


def _is_array(value: Any) -> bool:
    return issubclass(type(value), np.ndarray)  # `isinstance` would use the `__class__` of a student's own object


def _originals(
    handed: NDArray[Any], images: NDArray[Any]
) -> tuple[tuple[int, ...], NDArray[np.float64], NDArray[np.bool_]]:
    """Position of each image's original, what was added to it, and whether it was flipped."""
    count = len(handed)
    flat = handed.reshape(count, images[0].size)
    deviation = flat - flat.mean(axis=1, keepdims=True)
    best, which, orientation = np.full(count, _ALIKE), np.full(count, NO_IMAGE), np.zeros(count, int)
    brightness = np.full(count, np.nan)
    for number, axes in enumerate(_FLIPS):
        given = np.flip(images, tuple(axis + 1 for axis in axes)).reshape(images.shape[0], -1).astype(np.float64)
        centred = given - given.mean(axis=1, keepdims=True)
        norms = np.linalg.norm(deviation, axis=1)[:, None] * np.linalg.norm(centred, axis=1)[None]
        with np.errstate(all="ignore"):
            alike = np.nan_to_num(deviation @ centred.T / norms)
        for k, row in enumerate(alike):
            place = int(row.argmax())
            if row[place] >= best[k]:
                best[k], which[k], orientation[k] = row[place], place, number
                slope = deviation[k] @ centred[place] / (centred[place] @ centred[place])
                brightness[k] = flat[k].mean() / slope - given[place].mean()
    return tuple(int(place) for place in which), brightness, orientation > 0


def repeated(which: Sequence[int]) -> int:
    """Number of images served beyond the first time, in the positions that `served_in` found."""
    return len(which) - len(set(which))
