"""Pictures that teach: digits, the way a kernel slides, a network's layers, loss curves.

Every function but `curve_svg` returns a Matplotlib Figure, which a notebook shows when it is the last line of a cell.
None of them calls `plt.show`, and none changes Matplotlib's settings. What a picture says never hangs on colour alone.
"""

from cnnkit.plots.curves import loss_curves
from cnnkit.plots.images import digits
from cnnkit.plots.network_drawing import architecture
from cnnkit.plots.sliding import windows
from cnnkit.plots.svg import curve_svg

__all__ = ["architecture", "curve_svg", "digits", "loss_curves", "windows"]


def __dir__() -> list[str]:
    return sorted(__all__)
