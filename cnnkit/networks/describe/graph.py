"""Walk the graph of a Keras model: every layer and operation with its inputs.

Keras records in every symbolic tensor which operation made it (`_keras_history`). A Functional or Sequential model
stores that graph; for a subclassed one `call` is run on a symbolic input. Nested models are entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

from cnnkit.errors import KitError
from cnnkit.networks.describe.keras_own import inherits_from_keras, is_keras_function, is_keras_own
from cnnkit.networks.describe.normalise import layer_settings
from cnnkit.networks.describe.numbers_through import as_dense, computes_its_graph
from cnnkit.networks.describe.operations import function_text, operation_kind, operation_settings
from cnnkit.networks.describe.simplify import ACTIVATIONS, activation_text
from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.model_spec import LayerSpec, Shape

MOST_LAYERS = 5000
"""Limit of layers in a graph."""

OF_ITS_OWN = "(a class of its own)"
"""Ends the kind of a layer that has the name of one of Keras's layers, but is none of them."""

DEEPEST_NESTING = 30
"""Limit of models nested within models."""


class Untraceable(KitError, ValueError):
    """A model whose graph cannot be found; the message says why."""


class GraphWalk:
    """Collector of the layers that lead to a model's outputs.

    Attributes:
        layers: descriptions of the layers found so far, each after its inputs.
        operations: the live layer or operation of each.
    """

    def __init__(self) -> None:
        self.layers: list[LayerSpec] = []
        self.operations: list[Any] = []
        self._alive: list[Any] = []  # tensors are looked up by id(), so none may be freed during the walk

    def through(self, model: Any, tensors: Sequence[Any], positions: Sequence[int], depth: int = 0) -> list[int]:
        """Enter a model, or a layer made of layers, and collect its layers.

        Args:
            model: a `keras.Model` or a layer.
            tensors: the symbolic tensors that it is applied to.
            positions: positions in `layers` of the layers that made them, -1 for the input of the walk.
            depth: number of models entered so far.

        Returns:
            Positions of the layers that make its outputs.

        Raises:
            Untraceable: nested too deep, too many layers, or outputs that do not come from the inputs.
            Exception: whatever the student's `call` raised.
        """
        if depth > DEEPEST_NESTING:
            raise Untraceable(f"models are nested more than {DEEPEST_NESTING} deep")
        graph = recorded_graph(model)
        if graph is not None:
            inputs, outputs = graph
            same = len(inputs) == len(tensors) and all(
                tuple(a.shape) == tuple(b.shape) for a, b in zip(inputs, tensors, strict=True)
            )
            if same:
                return self.back_from(outputs, dict(zip(map(id, inputs), positions, strict=True)), depth)
        arguments = tensors[0] if len(tensors) == 1 else list(tensors)
        return self._call(model, (arguments,), {}, tensors, positions, depth)

    def back_from(self, outputs: Iterable[Any], known: dict[int, int], depth: int = 0) -> list[int]:
        """Walk from output tensors back to known ones and collect the layers between.

        Args:
            outputs: symbolic tensors.
            known: positions of the layers that made the known tensors, by id(tensor); -1 for the input. Tensors that
                are found are added.
            depth: number of models entered so far.

        Returns:
            Positions of the layers that make the outputs.

        Raises:
            Untraceable: an output does not come from the known tensors, or there are too many layers.
        """
        outputs = list(outputs)
        self._alive.append(outputs)
        stack: list[tuple[Any, bool]] = [(tensor, False) for tensor in reversed(outputs)]
        while stack:
            tensor, ready = stack.pop()
            if id(tensor) in known:
                continue
            node = _node(tensor)
            if not ready:
                stack.append((tensor, True))
                stack.extend((source, False) for source in reversed(node.input_tensors) if id(source) not in known)
                continue
            sources = [known[id(source)] for source in node.input_tensors]
            made = self._enter(node, sources, depth)
            self._alive.append(node.outputs)
            for place, output in zip(made, node.outputs, strict=True):
                known[id(output)] = place
        return [known[id(tensor)] for tensor in outputs]

    def _enter(self, node: Any, sources: list[int], depth: int) -> list[int]:
        """Positions of a node's outputs; the layers of a nested model are collected, anything else is one layer."""
        import keras

        operation = node.operation
        alone = _is_without_weights(operation)
        if isinstance(operation, keras.Model) or alone or _is_made_of_layers(operation) or _is_plain_lambda(operation):
            tensors = list(node.input_tensors)
            before = len(self.layers)
            try:
                graph = recorded_graph(operation)
                if graph is not None:
                    made = self.through(operation, tensors, sources, depth + 1)
                else:
                    arguments = node.arguments
                    given = arguments.args, arguments.kwargs
                    made = self._call(operation, *given, tensors, sources, depth + 1, prove=alone)
                if len(made) == len(node.outputs):
                    return made
            except Exception:  # a student's own layer, or a Lambda, that cannot be entered counts as one layer
                if isinstance(operation, keras.Model):
                    raise
            del self.layers[before:], self.operations[before:]
        return [self._add(node, sources)] * len(node.outputs)

    def _call(
        self,
        model: Any,
        args: Any,
        kwargs: Any,
        tensors: Sequence[Any],
        positions: Sequence[int],
        depth: int,
        prove: bool = False,
    ) -> list[int]:
        """Run `call` on new symbolic inputs of the same shapes and walk the graph that it records.

        With `prove`, numbers are put through the layer and through its graph, which must give the same.
        """
        import keras

        fresh = {id(t): keras.Input(batch_shape=tuple(t.shape), dtype=t.dtype) for t in tensors}

        def replaced(value: Any) -> Any:
            return fresh.get(id(value), value)

        args, kwargs = keras.tree.map_structure(replaced, (args, kwargs))
        outputs = keras.tree.flatten(model.call(*args, **kwargs))
        for output in outputs:
            if not hasattr(output, "_keras_history"):
                raise Untraceable(
                    f"its call() returned a {type(output).__name__} instead of a tensor made by its layers"
                )
        if prove and not computes_its_graph(model, args, kwargs, outputs):
            raise Untraceable("numbers come out that its graph does not give")
        known = {id(fresh[id(t)]): position for t, position in zip(tensors, positions, strict=True)}
        self._alive.extend([list(fresh.values()), list(tensors)])
        return self.back_from(outputs, known, depth)

    def _add(self, node: Any, sources: list[int]) -> int:
        if len(self.layers) >= MOST_LAYERS:
            raise Untraceable(f"it has more than {MOST_LAYERS:,} layers")
        self.layers.append(_layer(node, tuple(sources)))
        self.operations.append(node.operation)
        return len(self.layers) - 1


def recorded_graph(model: Any) -> tuple[list[Any], list[Any]] | None:
    """Input and output tensors of a Sequential or Functional model; None for a model that has to be called."""
    if not inherits_from_keras(model, "call"):
        return None  # a subclass with a call of its own
    try:
        inputs, outputs = model.inputs, model.outputs
    except AttributeError:
        return None
    if not inputs or not outputs or not all(hasattr(tensor, "_keras_history") for tensor in [*inputs, *outputs]):
        return None
    return list(inputs), list(outputs)


def _node(tensor: Any) -> Any:
    operation, index, _ = tensor._keras_history
    if operation is None:
        raise Untraceable("its output does not come from its input: a tensor of unknown origin is in between")
    return operation._inbound_nodes[index]


def _is_made_of_layers(operation: Any) -> bool:
    """True for a student's own layer that only combines other layers."""
    if is_keras_own(operation) or not getattr(operation, "_layers", None):
        return False
    return not (operation._trainable_variables or operation._non_trainable_variables)


def _is_without_weights(operation: Any) -> bool:
    """True for operations only: an own layer without weights and layers, or a Lambda that knows of training."""
    import keras

    if type(operation) is keras.layers.Lambda:
        return not _is_plain_lambda(operation)
    if is_keras_own(operation) or not isinstance(operation, keras.layers.Layer) or isinstance(operation, keras.Model):
        return False
    return not operation.variables and not getattr(operation, "_layers", None)


def _is_plain_lambda(operation: Any) -> bool:
    """True for a Lambda whose function takes no `training`, so that one more call shows all that it does."""
    import keras

    return type(operation) is keras.layers.Lambda and not getattr(operation, "_fn_expects_training_arg", True)


def weight_count(weights: Iterable[Any]) -> int:
    """Number of scalars in these weights, shared ones counted once; weights need not be allocated."""
    return sum(prod(int(size) for size in w.shape) for w in {id(w): w for w in weights}.values())


def _layer(node: Any, sources: tuple[int, ...]) -> LayerSpec:
    import keras

    operation = node.operation
    shape: Shape = tuple(None if size is None else int(size) for size in node.outputs[0].shape)
    tensors = node.input_tensors
    name = str(operation.name)[:100]
    if node.is_input:
        return LayerSpec("InputLayer", {}, shape, 0, 0, (), name)
    if not isinstance(operation, keras.layers.Layer):
        kind = operation_kind(operation) if is_keras_own(operation) else f"{operation_kind(operation)} {OF_ITS_OWN}"
        return LayerSpec(kind, operation_settings(node), shape, 0, 0, sources, name)
    rank = len(tensors[0].shape) if tensors else len(shape)
    kind = type(operation).__name__
    if not is_keras_own(operation) and kind in SETTINGS:
        kind = f"{kind} {OF_ITS_OWN}"
    activation = activation_name(operation.activation) if callable(getattr(operation, "activation", None)) else None
    raw = None if is_keras_own(operation) or not operation.variables else as_dense(operation, tensors)
    if raw is not None:
        kind, activation = "Dense", str(raw["activation"])
    return LayerSpec(
        kind=kind,
        config=layer_settings(kind, _raw_config(operation, kind) if raw is None else raw, activation, rank, shape),
        output_shape=shape,
        parameters=weight_count(operation.weights),
        trainable=weight_count(operation.trainable_weights),
        inputs=sources,
        name=name,
    )


def _raw_config(layer: Any, kind: str) -> Mapping[str, Any]:
    """Configuration of a layer, or its attributes if `get_config` raises (with a lambda as initialiser, say)."""
    if kind == "Lambda":  # its configuration contains the path of its file
        return {"function": function_text(getattr(layer, "function", None))}
    try:
        config = layer.get_config()
        if isinstance(config, Mapping):
            return config
    except Exception:  # whatever a class of the student's own raises
        pass
    return {name: getattr(layer, name) for name in SETTINGS.get(kind, {}) if hasattr(layer, name)}


def activation_name(function: Any) -> str:
    """Keras name of an activation given as a function, a layer or an operation: "relu" for keras.ops.relu.

    A student's own function is named "custom function <name>", so that it is never taken for Keras's.
    """
    if hasattr(function, "get_config"):
        name = type(function).__name__
        try:
            config = {key: value for key, value in function.get_config().items() if key != "name"}
        except Exception:  # a class of the student's own
            config = {}
        key = {"Activation": str(config.get("activation")), "ReLU": "relu", "Softmax": "softmax"}.get(name)
        key = key or {"LeakyReLU": "leaky_relu", "ELU": "elu"}.get(name, "")
        usual = ACTIVATIONS.get(key) if is_keras_own(function) else None
        if usual is not None and all(config.get(setting, value) in (value, None) for setting, value in usual.items()):
            return activation_text(key)
        return f"custom layer {name}"[:100]
    name = str(getattr(function, "__name__", type(function).__name__))[:100]
    if is_keras_function(function):
        return activation_text(name.removesuffix("_v2"))  # tf.nn.softmax calls itself softmax_v2
    return f"custom function {name}"
