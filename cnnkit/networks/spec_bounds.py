"""Bounds on the description of a network that comes from elsewhere; its types were checked as it was decoded.

Source of a description: a submission's process, or a record that a student handed in. What passes can be compared,
drawn and looked through without further checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import CompileSpec, LayerSpec, ModelSpec, Setting

MOST_LAYERS = 2_000
"""Layers of a description; also connections into one layer."""

MOST_REBUILT_LAYERS = 500
"""Layers of a network that can be built again from its description. The recorder takes no initial state of a larger
one, since no grader could rebuild it."""

MOST_AXES = 16
"""Axes of a tensor."""

MOST_SETTINGS = 100
MOST_TEXT = 1_000
"""Settings of a layer, an optimizer or a loss; characters of a text, entries of a tuple."""

LARGEST = 2**53
"""Sizes and numbers of parameters stay below it: the integers that a float and JSON hold exactly."""


def validated_spec(spec: ModelSpec) -> ModelSpec:
    """Return a description unchanged if a network can have its size and form.

    Args:
        spec: decoded, so that its types are right.

    Raises:
        Mismatch: more than `MOST_LAYERS` layers, or numbers, texts or connections that no network has.
    """
    if len(spec.layers) > MOST_LAYERS:
        raise Mismatch("the network", expected=f"at most {MOST_LAYERS:,} layers", found=f"{len(spec.layers):,}")
    _sizes("The network", spec.input_shape, spec.parameters, spec.trainable)
    for position, layer in enumerate(spec.layers):
        _layer(layer, position)
    if len(spec.outputs) > MOST_SETTINGS or any(not -1 <= source < len(spec.layers) for source in spec.outputs):
        raise Mismatch("The network's output belongs to no layer")
    if spec.compiled is not None:
        _compiled(spec.compiled)
    return spec


def _layer(layer: LayerSpec, position: int) -> None:
    name = f"Layer {position + 1}"
    _sizes(name, layer.output_shape, layer.parameters, layer.trainable)
    if len(layer.inputs) > MOST_LAYERS or any(not -1 <= source < position for source in layer.inputs):
        raise Mismatch(f"{name} takes its input from a layer that comes after it")
    _settings(name, layer.config, (layer.kind, layer.name))


def _sizes(name: str, shape: Sequence[int | None], *counts: int) -> None:
    sizes = [size for size in shape if size is not None]
    if len(shape) > MOST_AXES or any(not 0 <= number < LARGEST for number in (*sizes, *counts)):
        raise Mismatch(f"{name} has sizes or parameters that no network can have")


def _settings(name: str, config: Mapping[str, Setting], texts: Iterable[str]) -> None:
    entries = [*config, *texts, *(value for value in config.values() if isinstance(value, str | tuple))]
    if len(config) > MOST_SETTINGS or any(len(entry) > MOST_TEXT for entry in entries):
        raise Mismatch(f"{name} has settings of a length that no layer has")


def _compiled(compiled: CompileSpec) -> None:
    if len(compiled.metrics) > MOST_SETTINGS:
        raise Mismatch("The network is compiled with more metrics than can be told apart")
    _settings("The optimizer", compiled.optimizer_config, (compiled.optimizer,))
    _settings("The loss", compiled.loss_config, (compiled.loss, *compiled.metrics))
