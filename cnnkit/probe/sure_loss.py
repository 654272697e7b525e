"""Recognise a loss that can be computed for certain, so that it need not be tried on a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnkit.networks.describe.keras_own import is_keras_own
from cnnkit.networks.model_spec import CompileSpec, ModelSpec, Setting

_LOSSES = ("categorical_crossentropy", "binary_crossentropy")

_KINDS = frozenset(
    [
        *("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense", "BatchNormalization", "Rescaling"),
        *("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D"),
        *("Flatten", "Reshape", "ZeroPadding2D", "Dropout", "SpatialDropout2D", "Add", "Concatenate"),
        *("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax"),
    ]
)
"""Layers whose outputs are finite for finite inputs and weights."""

_ACTIVATIONS = frozenset(
    ["linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "tanh", "sigmoid", "softmax"]
)
"""Activations of which the same is true."""

_PROBABILITIES = ("softmax", "sigmoid")
"""Last activations whose cross-entropy is finite; that of others may divide by zero, but for `from_logits`."""


def loss_is_sure(model: Any, spec: ModelSpec) -> bool:
    """True if the loss of a batch is a finite number whatever the weights are, given labels of the output's shape.

    That is so for a network of Keras's own layers, in single precision, with one of Keras's cross-entropies. Any other
    loss may still be right; it has to be tried.

    Args:
        model: a compiled `keras.Model`.
        spec: its description.
    """
    import keras

    compiled = spec.compiled
    if compiled is None or compiled.loss not in _LOSSES or isinstance(model.loss, list | tuple | Mapping):
        return False
    if not all(map(_is_harmless, compiled.loss_config, compiled.loss_config.values())):
        return False
    if not isinstance(model, keras.Model) or len(model.inputs or ()) != 1 or len(model.outputs or ()) != 1:
        return False
    if any(size is None for size in model.inputs[0].shape[1:]):
        return False
    own = (layer for layer in _with_inner_layers(model) if not is_keras_own(layer) or layer.compute_dtype != "float32")
    if next(own, None) is not None:
        return False
    try:
        weighted = (model.get_compile_config() or {}).get("loss_weights")
    except Exception:  # something of the student's own in it
        return False
    return weighted is None and _is_finite(spec, compiled)


def _is_harmless(name: str, value: Setting) -> bool:
    """True for a setting with which a cross-entropy can be computed."""
    if name == "from_logits":
        return isinstance(value, bool)
    if name == "label_smoothing":
        return isinstance(value, int | float) and 0 <= value <= 1
    return name == "axis" and value == -1


def _with_inner_layers(model: Any) -> Iterator[Any]:
    """The model, its layers, and those of the models in it."""
    yield model
    for layer in getattr(model, "layers", ()):
        yield from _with_inner_layers(layer)


def _is_finite(spec: ModelSpec, compiled: CompileSpec) -> bool:
    last = spec.layers[-1].config.get("activation") if spec.layers else None
    usual = all(
        layer.kind in _KINDS and layer.config.get("activation", "linear") in _ACTIVATIONS for layer in spec.layers
    )
    return usual and (last in _PROBABILITIES or compiled.loss_config.get("from_logits") is True)
