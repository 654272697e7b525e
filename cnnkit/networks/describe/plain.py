"""Networks that run exactly as their graph is recorded: Keras's own layers, wired by Keras's own models.

A class of the student's own may compute something else for numbers than for the symbolic tensors that record the
graph. A Sequential or Functional model made of Keras's own layers cannot: it runs the nodes that were recorded.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from cnnkit.networks.describe.keras_own import is_keras_function, is_keras_own

_SET_BY_KERAS = ("build", "quantize", "loss")
"""Names of methods that Keras itself sets in an object; none of them takes part in computing an output."""


def is_plain(model: Any) -> bool:
    """True if what a model computes follows from its recorded graph.

    Args:
        model: a `keras.Model`, built.

    Returns:
        False for a class of the student's own anywhere in it, a Lambda, an activation that is not Keras's, a method
        replaced in an object, or a graph that is not the one that is run.

    Example:
        >>> import keras
        >>> image = keras.Input((4,))
        >>> is_plain(keras.Model(image, keras.layers.Dense(1)(image)))
        True
        >>> is_plain(keras.Model(image, keras.layers.Lambda(lambda x: 2 * x)(image)))
        False
    """
    try:
        return _is_plain_model(model)
    except (AttributeError, TypeError, ValueError, KeyError, IndexError, RecursionError):  # not as Keras made it
        return False


def _is_plain_model(model: Any) -> bool:
    import keras

    if not _is_untouched(model):
        return False
    graph = model._functional if type(model) is keras.Sequential else model
    if graph is not model and not _is_untouched(graph):
        return False
    run = {id(node): node for nodes in graph._nodes_by_depth.values() for node in nodes if not node.is_input}
    flat_outputs = keras.tree.flatten(graph._outputs_struct)
    if list(map(id, flat_outputs)) != list(map(id, model.outputs)):
        return False
    if list(map(id, keras.tree.flatten(graph._inputs_struct))) != list(map(id, model.inputs)):
        return False
    known = set(map(id, model.inputs))
    recorded: dict[int, Any] = {}
    waiting = list(flat_outputs)
    while waiting:
        tensor = waiting.pop()
        if id(tensor) in known:
            continue
        known.add(id(tensor))
        operation, index, _ = tensor._keras_history
        node = operation._inbound_nodes[index]
        if node.is_input:
            return False
        if id(node) not in recorded:
            recorded[id(node)] = node
            waiting.extend(node.input_tensors)
    return recorded.keys() == run.keys() and all(_is_plain_layer(node.operation) for node in recorded.values())


def _is_plain_layer(operation: Any) -> bool:
    import keras

    if isinstance(operation, keras.Model):
        return _is_plain_model(operation)
    inner = list(operation._flatten_layers()) if isinstance(operation, keras.layers.Layer) else [operation]
    return all(_is_untouched(one) and _has_plain_functions(one) for one in inner)


def _is_untouched(value: Any) -> bool:
    """True for an object of one of Keras's own classes in which no method has been replaced."""
    return is_keras_own(value) and not any(
        isinstance(getattr(type(value), name, None), FunctionType) and name not in _SET_BY_KERAS for name in vars(value)
    )


def _has_plain_functions(layer: Any) -> bool:
    import keras

    if isinstance(layer, keras.layers.Lambda):
        return False
    functions = (getattr(layer, name, None) for name in ("activation", "recurrent_activation"))
    return all(one is None or is_keras_function(one) or (is_keras_own(one) and _is_untouched(one)) for one in functions)
