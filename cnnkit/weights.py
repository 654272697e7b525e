"""Weights learned on ImageNet, for the backbones of transfer learning.

Example:
    path = cnnkit.weights.locate("VGG16")  # None where there are none and none can be had
    base = keras.applications.VGG16(include_top=False, weights=path)
"""

from cnnkit.pretrained import FILES, FOLDER_VARIABLE, WeightsError, keras_cache, locate
from cnnkit.pretrained import check_weights as check

__all__ = ["FILES", "FOLDER_VARIABLE", "WeightsError", "check", "keras_cache", "locate"]


def __dir__() -> list[str]:
    return sorted(__all__)
