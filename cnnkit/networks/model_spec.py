"""A Keras model as plain data, which is compared and graded instead of the live object."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Shape = tuple[int | None, ...]
"""A tensor's shape, batch axis first; None for an unknown size, e.g. (None, 13, 13, 64)."""

Setting = bool | int | float | str | tuple[int | float, ...] | None
"""One normalised configuration value: kernel_size is (3, 3), never 3; activation is a name, never a function."""


@dataclass(frozen=True)
class LayerSpec:
    """One layer, normalised so that equivalent ways of writing a layer give equal LayerSpecs.

    Attributes:
        kind: the Keras class name: "Conv2D", "MaxPooling2D", "Dense", ... A separate activation that follows a layer
            which has an `activation` argument of its own is folded into that layer.
        config: the settings that change what the layer computes, normalised; see `cnnkit.networks.layer_settings`.
        output_shape: as Keras reports it, batch axis first.
        parameters: number of weights (scalars), trainable or not, as Keras counts them.
        trainable: number of those weights that training changes.
        inputs: positions in ModelSpec.layers of the layers that it is applied to, -1 for the model's own input. A
            second input of the model is an "InputLayer" among the layers, without inputs.
        name: the student's name for the layer; for messages only, never compared.
    """

    kind: str
    config: dict[str, Setting]
    output_shape: Shape
    parameters: int
    trainable: int
    inputs: tuple[int, ...] = (-1,)
    name: str = ""


@dataclass(frozen=True)
class CompileSpec:
    """Optimizer, loss and metrics of a compiled model.

    Attributes:
        optimizer: lower-case Keras name ("adam").
        optimizer_config: numeric and boolean settings, e.g. {"learning_rate": 0.001}; of a schedule see
            `cnnkit.networks.describe.learning_rates`.
        loss: snake-case name ("categorical_crossentropy"), or "" if none was given.
        loss_config: settings of the loss, e.g. {"from_logits": False}.
        metrics: names as given ("accuracy").
    """

    optimizer: str
    optimizer_config: dict[str, Setting] = field(default_factory=dict)
    loss: str = ""
    loss_config: dict[str, Setting] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelSpec:
    """A whole network as data.

    Attributes:
        input_shape: batch axis first, e.g. (None, 28, 28, 1).
        layers: in the order of computation (topological), InputLayer left out.
        outputs: positions in `layers` of the layers whose outputs are the model's outputs.
        parameters: total number of weights.
        trainable: number of weights that training changes.
        compiled: optimizer, loss and metrics, or None if the model was not compiled.
    """

    input_shape: Shape
    layers: tuple[LayerSpec, ...]
    outputs: tuple[int, ...]
    parameters: int
    trainable: int
    compiled: CompileSpec | None = None


def to_json(spec: ModelSpec | LayerSpec) -> dict[str, Any]:
    """Convert a spec to JSON data: dicts, lists, text and numbers.

    `msgspec.convert(to_json(spec), ModelSpec)` is the inverse, and raises for data of any other form.

    Example:
        >>> to_json(LayerSpec("Flatten", {}, (None, 784), 0, 0))["output_shape"]
        [None, 784]
    """
    plain: dict[str, Any] = _json_value(asdict(spec))
    return plain


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    return value
