"""The settings of each kind of layer that change what it computes, with Keras's defaults.

The table serves three purposes: it lists the settings that `describe` reads, the defaults that `layer_arithmetic`
assumes for settings left out, and the settings that `compare` compares. Names, initialisers and dtypes are not in it:
they do not change the function that a layer computes.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnnkit.networks.model_spec import Setting

_LAST: dict[str, Setting] = {"data_format": "channels_last"}
_RANKS = (1, 2, 3)


def _convolutions() -> dict[str, dict[str, Setting]]:
    table: dict[str, dict[str, Setting]] = {}
    for rank in _RANKS:
        ones = (1,) * rank
        window: dict[str, Setting] = {"kernel_size": None, "strides": ones, "padding": "valid", "dilation_rate": ones}
        ending: dict[str, Setting] = {"activation": "linear", "use_bias": True, **_LAST}
        table[f"Conv{rank}D"] = {"filters": None, **window, "groups": 1, **ending}
        table[f"Conv{rank}DTranspose"] = {"filters": None, **window, "output_padding": None, **ending}
        if rank < 3:
            table[f"DepthwiseConv{rank}D"] = {**window, "depth_multiplier": 1, **ending}
            table[f"SeparableConv{rank}D"] = {"filters": None, **window, "depth_multiplier": 1, **ending}
    return table


def _poolings() -> dict[str, dict[str, Setting]]:
    table: dict[str, dict[str, Setting]] = {}
    for rank in _RANKS:
        twos = (2,) * rank
        for kind in ("Max", "Average"):
            table[f"{kind}Pooling{rank}D"] = {"pool_size": twos, "strides": twos, "padding": "valid", **_LAST}
            table[f"Global{kind}Pooling{rank}D"] = {"keepdims": False, **_LAST}
    return table


SETTINGS: dict[str, dict[str, Setting]] = {
    **_convolutions(),
    **_poolings(),
    "Dense": {"units": None, "activation": "linear", "use_bias": True},
    "EinsumDense": {"equation": None, "output_shape": None, "activation": "linear", "bias_axes": None},
    "Flatten": {**_LAST},
    "Reshape": {"target_shape": None},
    "Permute": {"dims": None},
    "Dropout": {"rate": None, "noise_shape": None},
    "SpatialDropout1D": {"rate": None},
    "SpatialDropout2D": {"rate": None, **_LAST},
    "SpatialDropout3D": {"rate": None, **_LAST},
    "GaussianDropout": {"rate": None},
    "AlphaDropout": {"rate": None, "noise_shape": None},
    "GaussianNoise": {"stddev": None},
    "BatchNormalization": {"axis": -1, "momentum": 0.99, "epsilon": 0.001, "center": True, "scale": True},
    "LayerNormalization": {"axis": -1, "epsilon": 0.001, "center": True, "scale": True},
    "GroupNormalization": {"groups": 32, "axis": -1, "epsilon": 0.001, "center": True, "scale": True},
    "Activation": {"activation": "linear"},
    "ReLU": {"max_value": None, "negative_slope": 0.0, "threshold": 0.0},
    "LeakyReLU": {"negative_slope": 0.3},
    "ELU": {"alpha": 1.0},
    "PReLU": {"shared_axes": None},
    "Softmax": {"axis": -1},
    "Rescaling": {"scale": None, "offset": 0.0},
    "RandomFlip": {"mode": "horizontal_and_vertical"},
    "RandomBrightness": {"factor": None},
    "ZeroPadding2D": {"padding": (1, 1, 1, 1), **_LAST},
    "Cropping2D": {"cropping": (0, 0, 0, 0), **_LAST},
    "UpSampling2D": {"size": (2, 2), "interpolation": "nearest", **_LAST},
    "Add": {},
    "Subtract": {},
    "Multiply": {},
    "Average": {},
    "Maximum": {},
    "Minimum": {},
    "Concatenate": {"axis": -1},
    "InputLayer": {},
}
"""Default of each setting, by kind of layer; None for a setting that has no default."""

PENALTIES = (
    "kernel_regularizer",
    "bias_regularizer",
    "depthwise_regularizer",
    "pointwise_regularizer",
    "gamma_regularizer",
    "beta_regularizer",
    "activity_regularizer",
    "kernel_constraint",
    "bias_constraint",
    "depthwise_constraint",
    "pointwise_constraint",
    "gamma_constraint",
    "beta_constraint",
)
"""Settings described only where they are used, e.g. "L2(l2=0.01)": they change the training, not the shapes."""

FOLDS_ACTIVATION = frozenset(
    [kind for kind, settings in SETTINGS.items() if "activation" in settings and kind != "Activation"]
)
"""Kinds that apply an `activation` to their output, so that a separate activation layer after them is equivalent."""


def setting(kind: str, config: Mapping[str, Setting], name: str) -> Setting:
    """Value of a layer's setting, Keras's default if the configuration leaves it out.

    Pooling strides default to the pool size, as in Keras.

    Args:
        kind: the Keras class name.
        config: the layer's settings.
        name: the setting.

    Returns:
        The value; None if the layer has no such setting, or it has no default and is left out.

    Example:
        >>> setting("MaxPooling2D", {"pool_size": (3, 3)}, "strides")
        (3, 3)
    """
    if config.get(name) is not None:
        return config[name]
    if name == "strides" and "pool_size" in SETTINGS.get(kind, {}):
        return setting(kind, config, "pool_size")
    return SETTINGS.get(kind, {}).get(name)
