"""How a kernel slides along one axis, and which pixels it never reaches."""

from __future__ import annotations

import math

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnkit.plots import style
from cnnkit.plots.palette import PALE_INK, PAPER, SERIES

LARGEST = 64
"""Pixels, padding included, that can still be drawn one by one."""


def windows(size: int, kernel: int, stride: int = 1, padding: str | int = 0) -> Figure:
    """Draw a row of pixels and, below it, every place a kernel takes.

    Args:
        size: pixels along the axis.
        kernel: kernel size in pixels.
        stride: pixels from one place to the next.
        padding: "valid", "same" as Keras pads, or a number of zeros on each side.

    Returns:
        The figure. Its title counts the places; pixels that no place reaches are hatched.

    Raises:
        ValueError: a size that cannot be drawn; the message says which.

    Example:
        >>> windows(7, 3, stride=2).axes[0].get_title(loc="left")
        'kernel 3, stride 2: 3 places'
    """
    for name, value in (("size", size), ("kernel", kernel), ("stride", stride)):
        if value < 1:
            raise ValueError(f"{name}: expected at least 1, found {value}.")
    left, right = _zeros(size, kernel, stride, padding)
    total = left + size + right
    if kernel > total:
        raise ValueError(
            f"kernel: expected at most the {total} pixels that there are, found {kernel}. Choose a smaller kernel."
        )
    if total > LARGEST:
        raise ValueError(f"size: expected at most {LARGEST} pixels with padding, found {total}. Try a smaller one.")
    starts = range(0, total - kernel + 1, stride)
    read = {start + step for start in starts for step in range(kernel)}
    unread = total - len(read)
    levels = math.ceil((kernel + 1) / stride)  # so that neighbours never touch

    with style.course_style():
        ax = style.axes_for(None, max(4.0, 0.27 * total), 1.15 + 0.17 * levels)
        for pixel in range(total):
            inside = left <= pixel < left + size
            ax.add_patch(
                Rectangle(
                    (pixel, 0),
                    1,
                    1,
                    facecolor="#dbe7f3" if inside and pixel in read else PAPER,
                    edgecolor=PALE_INK,
                    linestyle="-" if inside else ":",
                    hatch=None if pixel in read else "////",
                    linewidth=0.8,
                )
            )
            if not inside:
                ax.text(pixel + 0.5, 0.5, "0", ha="center", va="center", color=PALE_INK, fontsize=8)
        for place, start in enumerate(starts):
            y = -0.55 - 0.55 * (place % levels)
            ends = [start + 0.12, start + kernel - 0.12]
            ax.plot([ends[0], *ends, ends[1]], [y + 0.3, y, y, y + 0.3], color=SERIES[0][0], linewidth=1.6)
        ax.set_xlim(-0.2, total + 0.2)
        ax.set_ylim(-0.75 - 0.55 * levels, 1.2)
        ax.set_axis_off()
        ax.set_title(_title(kernel, stride, len(starts), unread), loc="left", fontsize=10)
    return style.figure_of(ax)


def _zeros(size: int, kernel: int, stride: int, padding: str | int) -> tuple[int, int]:
    """Zeros added on the left and on the right."""
    if padding == "valid":
        return 0, 0
    if padding == "same":
        missing = (kernel - stride) if size % stride == 0 else (kernel - size % stride)
        missing = max(missing, 0)
        return missing // 2, missing - missing // 2
    if isinstance(padding, str) or padding < 0:
        raise ValueError(f'padding: expected "valid", "same" or a whole number from 0, found {padding!r}.')
    return padding, padding


def _title(kernel: int, stride: int, places: int, unread: int) -> str:
    text = f"kernel {kernel}, stride {stride}: {places} place{'s' if places != 1 else ''}"
    return f"{text}, {unread} pixel{'s' if unread != 1 else ''} never read" if unread else text
