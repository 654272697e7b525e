"""Build a ModelSpec from kinds and settings, without Keras: how an assignment's specification is written."""

from __future__ import annotations

from collections.abc import Iterable

from cnnkit.networks.layer_settings import SETTINGS, setting
from cnnkit.networks.model_spec import CompileSpec, LayerSpec, ModelSpec, Setting, Shape
from cnnkit.networks.shapes.layer_arithmetic import (
    ImpossibleLayer,
    layer_output,
    layer_parameters,
    layer_trainable,
)


def sequence(
    input_shape: Shape, layers: Iterable[tuple[str, dict[str, Setting]]], compiled: CompileSpec | None = None
) -> ModelSpec:
    """Build a chain of layers as a ModelSpec and compute its shapes and parameters.

    Args:
        input_shape: batch axis first, e.g. (None, 28, 28, 1).
        layers: (kind, settings) in order; settings that are left out have Keras's defaults.
        compiled: optimizer, loss and metrics, if the specification states them.

    Raises:
        ImpossibleLayer: a layer cannot be applied to what comes before it; the message names the layer.
        UnknownLayer: there is no formula for a kind.

    Example:
        >>> sequence((None, 28, 28, 1), [("Flatten", {}), ("Dense", {"units": 10})]).parameters
        7850
    """
    return wired(input_shape, [(kind, config, (k - 1,)) for k, (kind, config) in enumerate(layers)], compiled=compiled)


def wired(
    input_shape: Shape,
    layers: Iterable[tuple[str, dict[str, Setting], tuple[int, ...]]],
    *,
    compiled: CompileSpec | None = None,
) -> ModelSpec:
    """Build any network as a ModelSpec and compute its shapes and parameters; the last layer is its output.

    Args:
        input_shape: batch axis first, e.g. (None, 28, 28, 1).
        layers: (kind, settings, inputs) in the order of computation; inputs are positions, -1 the network's input. The
            setting "trainable": False freezes the layer's weights, as in Keras.
        compiled: optimizer, loss and metrics, if the specification states them.

    Raises:
        ImpossibleLayer: a layer cannot be applied to its inputs; the message names the layer.
        UnknownLayer: there is no formula for a kind.

    Example:
        >>> wired((None, 4), [("Dense", {"units": 4}, (-1,)), ("Add", {}, (-1, 0))]).layers[1].output_shape
        (None, 4)
    """
    built: list[LayerSpec] = []
    for kind, given, inputs in layers:
        config = {name: value for name, value in given.items() if name != "trainable"}
        shapes = [input_shape if source < 0 else built[source].output_shape for source in inputs]
        try:
            parameters = layer_parameters(kind, config, shapes)
            trainable = layer_trainable(kind, config, shapes) if given.get("trainable", True) else 0
            shape = layer_output(kind, config, shapes)
        except ImpossibleLayer as error:
            raise ImpossibleLayer(f"layer {len(built) + 1}, {kind}: {error}") from error
        full = {name: setting(kind, config, name) for name in SETTINGS.get(kind, {})} | config
        built.append(LayerSpec(kind, full, shape, parameters, trainable, inputs))
    return ModelSpec(
        input_shape=input_shape,
        layers=tuple(built),
        outputs=(len(built) - 1,),
        parameters=sum(layer.parameters for layer in built),
        trainable=sum(layer.trainable for layer in built),
        compiled=compiled,
    )
