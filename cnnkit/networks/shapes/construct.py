"""Build a Keras model from its description: the inverse of `describe`.

Descriptions may come from anywhere. Only kinds and settings from a list are built, by constructor calls of our own;
shapes and parameters are computed and bounded first, and no deserialiser of Keras takes part, so that a description
cannot name code to run.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnkit.errors import KitError
from cnnkit.networks.describe.simplify import ACTIVATIONS
from cnnkit.networks.layer_settings import PENALTIES, SETTINGS
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer, UnknownLayer, propagate
from cnnkit.networks.spec_bounds import MOST_REBUILT_LAYERS

MOST_PARAMETERS = 30_000_000
"""Default limit of a network's parameters; 120 MB in single precision."""

MOST_VALUES = 200_000_000
"""Limit of the numbers in the outputs of all layers together, for one image."""

_MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
_NOT_BUILT = ("EinsumDense", "InputLayer")


class CannotConstruct(KitError, ValueError):
    """A description that cannot be built: of an unknown kind or setting, too large, or inconsistent."""


@dataclass(frozen=True)
class Constructed:
    """Result of `construct`.

    Attributes:
        model: a `keras.Sequential` if the layers are a chain, a functional `keras.Model` otherwise.
        layers: its layers in the order of the description.
    """

    model: Any
    layers: tuple[Any, ...]


def construct(spec: ModelSpec, *, most_parameters: int = MOST_PARAMETERS) -> Constructed:
    """Build the network of a description, all weights 0 (the scales of normalisations 1).

    `describe(construct(spec).model)` equals the description, except for names and how the model was compiled. The
    random state of the process is not changed.

    Args:
        spec: a network with one input and one output, of any origin.
        most_parameters: limit of the network's parameters.

    Raises:
        CannotConstruct: the network is unknown, inconsistent or too large; the message says why.

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> construct(sequence((None, 4), [("Dense", {"units": 3})])).model.count_params()
        15
    """
    _examine(spec, most_parameters)
    import keras

    random_state = random.getstate()  # layers that draw take their seed from it
    try:
        layers = tuple(_layer(layer) for layer in spec.layers)
        image = keras.Input(batch_shape=spec.input_shape)
        if _is_chain(spec):
            return Constructed(keras.Sequential([image, *layers]), layers)
        made: list[Any] = []
        for layer, live in zip(spec.layers, layers, strict=True):
            sources = [image if source < 0 else made[source] for source in layer.inputs]
            made.append(live(sources if layer.kind in _MERGES else sources[0]))
        return Constructed(keras.Model(image, made[spec.outputs[0]]), layers)
    except Exception as error:  # a value of a setting that Keras does not take
        raise CannotConstruct(f"Keras cannot build it: {type(error).__name__}: {error}"[:300]) from error
    finally:
        random.setstate(random_state)


def _examine(spec: ModelSpec, most_parameters: int) -> None:
    """Raise CannotConstruct if a layer is unknown or inconsistent with its settings, or the network too large."""
    if not 0 < len(spec.layers) <= MOST_REBUILT_LAYERS or len(spec.outputs) != 1 or spec.outputs[0] < 0:
        raise CannotConstruct(f"expected 1 to {MOST_REBUILT_LAYERS} layers and one output")
    for position, layer in enumerate(spec.layers):
        _examine_layer(layer, position)
    try:
        results = propagate(spec.input_shape, spec.layers)
    except (ImpossibleLayer, UnknownLayer) as error:
        raise CannotConstruct(str(error)) from error
    values = 0
    for (shape, parameters), layer in zip(results, spec.layers, strict=True):
        if (shape, parameters) != (layer.output_shape, layer.parameters):
            raise CannotConstruct(f"{layer.kind} says another shape or number of parameters than its settings give")
        size = 1
        for length in shape[1:]:
            size *= length or 1
        values += size
    total = sum(parameters for _, parameters in results)
    if total > most_parameters or values > MOST_VALUES:
        raise CannotConstruct(f"it has {total:,} parameters and {values:,} values an image, too many to build")


def _examine_layer(layer: LayerSpec, position: int) -> None:
    if layer.kind not in SETTINGS or layer.kind in _NOT_BUILT:
        raise CannotConstruct(f"there is no way to build a {layer.kind[:60]} layer")
    unknown = sorted(set(layer.config) - set(SETTINGS[layer.kind]))
    if unknown:
        setting_kind = "a penalty or constraint" if unknown[0] in PENALTIES else "a setting that is not known"
        raise CannotConstruct(f"{layer.kind} has {setting_kind}: {unknown[0][:60]}")
    if any(not -1 <= source < position for source in layer.inputs) or not layer.inputs:
        raise CannotConstruct(f"{layer.kind} takes its input from a layer that comes after it")
    if (len(layer.inputs) > 1) != (layer.kind in _MERGES):
        raise CannotConstruct(f"{layer.kind} has {len(layer.inputs)} inputs")
    name = layer.config.get("activation")
    if name is not None and name not in ACTIVATIONS:
        raise CannotConstruct(f"there is no activation {str(name)[:60]!r}")


def _is_chain(spec: ModelSpec) -> bool:
    last = len(spec.layers) - 1
    return spec.outputs == (last,) and all(layer.inputs == (k - 1,) for k, layer in enumerate(spec.layers))


def _layer(layer: LayerSpec) -> Any:
    import keras

    make: Callable[..., Any] = getattr(keras.layers, layer.kind)  # one of SETTINGS: see _examine_layer
    settings: dict[str, Any] = {
        name: _argument(layer.kind, name, value) for name, value in layer.config.items() if value is not None
    }
    # Zeros, because drawing them would advance the random state that the notebook's own training starts from.
    settings |= {name: "zeros" for name in _INITIALIZERS.get(layer.kind, ())}
    live = make(**settings)
    if layer.parameters and not layer.trainable:
        live.trainable = False
    return live


_INITIALIZERS: dict[str, tuple[str, ...]] = {
    "Dense": ("kernel_initializer",),
    **{kind: ("kernel_initializer",) for kind in SETTINGS if kind.startswith("Conv") and kind[4:5].isdigit()},
    **{kind: ("depthwise_initializer",) for kind in SETTINGS if kind.startswith("Depthwise")},
    **{
        kind: ("depthwise_initializer", "pointwise_initializer")
        for kind in SETTINGS
        if kind.startswith("SeparableConv")
    },
}
"""Names of the initialisers of each kind whose weights Keras would draw."""


def _argument(kind: str, name: str, value: Setting) -> Any:
    """Convert a setting to the form that the constructor takes."""
    if kind in ("ZeroPadding2D", "Cropping2D") and isinstance(value, tuple) and len(value) == 4:
        return (value[:2], value[2:])
    if kind == "LayerNormalization" and isinstance(value, tuple):
        return list(value)
    return value
