"""Sentences on differences that do not show in shapes and parameters."""

from __future__ import annotations

from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.model_spec import LayerSpec, Setting


def setting_meaning(kind: str, field: str, expected: Setting, found: Setting) -> str:
    """Sentence on the effect of a different value of a setting, or "" if there is no simple one.

    Args:
        kind: the layer's Keras class name.
        field: name of the setting.
        expected: its value in the expected network.
        found: its value in the student's.

    Example:
        >>> setting_meaning("Dropout", "rate", 0.35, 0.5)
        'In training it switches off 50% of the values instead of 35%.'
    """
    if field == "activation":
        return _activation(str(expected), str(found))
    if field == "rate" and _is_number(expected) and _is_number(found):
        return f"In training it switches off {_percent(found)} of the values instead of {_percent(expected)}."
    if field in ("dilation_rate", "padding", "kernel_size", "pool_size", "strides", "size"):
        return "It reads other pixels."
    if field == "axis":
        return "It works along another axis."
    if field in ("scale", "offset") and kind == "Rescaling":
        return "The next layer gets values in another range."
    if field == "channels" and kind == "Rescaling":
        return "The next layer gets red, green and blue in another order."
    if field == "momentum":
        return "Its moving averages follow the batches at another speed."
    if field.endswith(("_regularizer", "_constraint")):
        return "It changes what the training minimises or which weights it allows."
    if field == "trainable":
        return (
            "Its weights stay as they are in training."
            if found == "frozen"
            else "Its weights change in training, the brief's stay as they are."
        )
    return ""


def layer_meaning(layer: LayerSpec) -> str:
    """Sentence on the effect of an extra layer that changes no shape and no parameters; "" for other layers."""
    if "Dropout" in layer.kind and _is_number(layer.config.get("rate")):
        return f"In training it switches off {_percent(layer.config.get('rate'))} of the values."
    if layer.kind == "Activation" and layer.config.get("activation") == "softmax":
        return "A softmax on top of another brings all probabilities close together."
    if layer.kind == "Activation":
        return f"It applies {layer.config.get('activation')} to every value."
    if layer.kind == "Rescaling":
        return "The next layer gets values in another range."
    return ""


def missing_meaning(layer: LayerSpec) -> str:
    """Sentence on the lack of a layer that changes no shape and no parameters; "" for other layers."""
    if "Dropout" in layer.kind:
        return "In training no values are switched off there."
    if layer.kind == "Rescaling":
        return "The next layer gets values in another range."
    return ""


def kind_meaning(expected: str, found: str) -> str:
    """Sentence on a layer of a different kind in the same position."""
    if "Max" in expected and "Average" in found:
        return "It takes the mean of each window instead of its largest value."
    if "Average" in expected and "Max" in found:
        return "It takes the largest value of each window instead of its mean."
    if found == "reshape":  # one that keeps each image together is Flatten or Reshape
        return "It takes the numbers of several images for one, or those of one image for several."
    if found not in SETTINGS:  # a class or a function of the student's own
        return f"Nothing shows that {found} computes what {expected} does; use Keras's own layer."
    return f"{found} computes something else than {expected}."


def _activation(expected: str, found: str) -> str:
    if (expected, found) == ("softmax", "linear"):
        return "Without softmax the outputs are not probabilities, and a loss that expects some goes astray."
    if found == "linear":
        return f"Without {expected} the layer only multiplies and adds."
    if expected == "softmax":
        return f"With {found} the outputs are not probabilities that sum to 1."
    return f"{found} gives other values than {expected}."


def _is_number(value: Setting) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _percent(value: Setting) -> str:
    return f"{float(value) * 100:g}%"  # type: ignore[arg-type]
