"""Pictures that teach: digits, the way a kernel slides, a network's layers, loss curves.

Every function but `curve_svg` returns a Matplotlib Figure, which a notebook shows when it is the last line of a cell.
None of them calls `plt.show`, and none changes Matplotlib's settings. No picture depends on colour alone.

Matplotlib is imported when a function needs it; `curve_svg` does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnkit.lazy_names import on_first_use

if TYPE_CHECKING:
    from cnnkit.plots.curves import loss_curves
    from cnnkit.plots.images import digits
    from cnnkit.plots.network_drawing import architecture
    from cnnkit.plots.sliding import windows
    from cnnkit.plots.svg import curve_svg

__all__ = ["architecture", "curve_svg", "digits", "loss_curves", "windows"]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "architecture": "network_drawing",
        "curve_svg": "svg",
        "digits": "images",
        "loss_curves": "curves",
        "windows": "sliding",
    },
)
