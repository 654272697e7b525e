"""Images in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cnnkit.plots import style

MOST = 200
"""Images that one picture holds; more could not be told apart."""


def digits(images: Any, labels: Sequence[object] | np.ndarray | None = None, columns: int = 8) -> Figure:
    """Draw grey images in a grid, each with its label above.

    Args:
        images: shape (N, height, width) or (N, height, width, 1), 1 to 200 of them; ink is the larger value.
        labels: N labels, numbers or text; without them no titles are drawn.
        columns: images in a row.

    Returns:
        The figure.

    Raises:
        ValueError: another shape, too many images, or another number of labels than of images.

    Example:
        >>> digits(np.zeros((3, 28, 28)), labels=[5, 0, 4]).axes[1].get_title()
        '0'
    """
    pixels = np.asarray(images)
    if pixels.ndim == 4 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 3 or pixels.size == 0:
        raise ValueError(
            f"images: expected shape (N, height, width) or (N, height, width, 1), found {np.shape(images)}. "
            "For a single image x, pass x[np.newaxis]."
        )
    if len(pixels) > MOST:
        raise ValueError(f"images: expected at most {MOST}, found {len(pixels):,}. Pass a part of them: images[:16].")
    if labels is not None and len(labels) != len(pixels):
        raise ValueError(
            f"labels: expected one for each of the {len(pixels)} images, found {len(labels)}. "
            "Take the same part of both: images[:16], labels[:16]."
        )
    if columns < 1:
        raise ValueError(f"columns: expected at least 1, found {columns}.")
    columns = min(columns, len(pixels))
    rows = math.ceil(len(pixels) / columns)
    with style.course_style():
        figure = style.figure(1.05 * columns, (1.05 if labels is None else 1.3) * rows)
        grid = figure.subplots(rows, columns, squeeze=False)
        for place, ax in enumerate(grid.flat):
            ax.set_axis_off()
            if place < len(pixels):
                ax.imshow(pixels[place], cmap="gray_r", interpolation="nearest")
                if labels is not None:
                    ax.set_title(str(labels[place]), fontsize=10)
    return figure
