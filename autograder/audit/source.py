"""Python source of a network, as a student would write it in Keras's functional style."""

from __future__ import annotations

import re

from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting

_MERGES = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"}
_OBJECT = re.compile(r"(\w+)\((.*)\)")


def function_source(name: str, network: ModelSpec) -> str:
    """Write a function `name()` that builds the network and returns it; it needs `keras` and `layers` imported.

    Settings at Keras's defaults are left out.
    """
    lines = [f"def {name}():", f"    image = keras.Input({network.input_shape[1:]!r})"]
    names = {-1: "image"}
    for position, layer in enumerate(network.layers):
        sources = [names[source] for source in layer.inputs]
        given = f"[{', '.join(sources)}]" if layer.kind in _MERGES else sources[0]
        names[position] = f"x{position + 1}"
        lines.append(f"    {names[position]} = layers.{layer.kind}({_arguments(layer)})({given})")
    outputs = [names[position] for position in network.outputs]
    returned = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
    lines.append(f"    return keras.Model(image, {returned})")
    return "\n".join(lines)


def _arguments(layer: LayerSpec) -> str:
    usual = SETTINGS.get(layer.kind, {})
    given = {
        name: value for name, value in layer.config.items() if value is not None and not _is_usual(name, value, usual)
    }
    parts = [f"{name}={_value(name, value)}" for name, value in given.items()]
    if layer.parameters and not layer.trainable:
        parts.append("trainable=False")
    return ", ".join(parts)


def _is_usual(name: str, value: Setting, usual: dict[str, Setting]) -> bool:
    # a pooling layer's window has no default everywhere, and its default strides are its window
    return name in usual and usual[name] == value and not ("pool_size" in usual and name in ("pool_size", "strides"))


def _value(name: str, value: Setting) -> str:
    if name.endswith("_regularizer") and isinstance(value, str) and (match := _OBJECT.fullmatch(value)):
        return f"keras.regularizers.{match[1]}({match[2]})"
    return repr(value)
