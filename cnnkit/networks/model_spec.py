"""A Keras model as plain data: what is graded instead of the live object."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Shape = tuple[int | None, ...]
"""A tensor's shape with the batch axis first; None where Keras leaves it open, e.g. (None, 13, 13, 64)."""

Setting = bool | int | float | str | tuple[int | float, ...] | None
"""One normalised configuration value: kernel_size is (3, 3), never 3; activation is a name, never a function."""


@dataclass(frozen=True)
class LayerSpec:
    """One layer, normalised so that two ways of writing the same layer give the same LayerSpec.

    Attributes:
        kind: the Keras class name: "Conv2D", "MaxPooling2D", "Dense", ... A separate activation that follows a layer
            which has an `activation` argument of its own is folded into that layer.
        config: the settings that change what the layer computes, normalised, see `cnnkit.networks.describe`.
        output_shape: as Keras reports it, batch axis first.
        parameters: number of weights, trainable and not, as Keras counts them.
        trainable: number of those weights that training changes.
        inputs: where the layer's input comes from: positions in ModelSpec.layers, -1 for the model's own input. A
            second input of the model stands among the layers as an "InputLayer" without inputs.
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
    """How a model was compiled.

    Attributes:
        optimizer: lower-case Keras name ("adam").
        optimizer_config: numeric and boolean settings, e.g. {"learning_rate": 0.001}.
        loss: lower-case snake name ("categorical_crossentropy"), or "" when none was given.
        loss_config: settings of a loss object, e.g. {"from_logits": False}.
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
        compiled: how it was compiled, or None if it was not.
    """

    input_shape: Shape
    layers: tuple[LayerSpec, ...]
    outputs: tuple[int, ...]
    parameters: int
    trainable: int
    compiled: CompileSpec | None = None


def to_json(spec: ModelSpec) -> dict[str, Any]:
    """The spec as plain JSON data: dicts, lists, text and numbers.

    `msgspec.convert(to_json(spec), ModelSpec)` gives the spec back and refuses anything else.
    """
    plain: dict[str, Any] = _plain(asdict(spec))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
