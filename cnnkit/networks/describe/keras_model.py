"""Describe a live Keras model as data, so that it can be compared without Keras."""

from __future__ import annotations

import linecache
from dataclasses import dataclass, replace
from traceback import walk_tb
from types import FrameType
from typing import Any

from cnnkit.errors import KitError
from cnnkit.networks.describe.compiled import describe_compile
from cnnkit.networks.describe.graph import GraphWalk, Untraceable, recorded_graph, weight_count
from cnnkit.networks.describe.simplify import simplify
from cnnkit.networks.describe.tensorflow_calls import tensorflow_calls_traced
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Shape
from cnnkit.networks.wording import shape_text
from cnnkit.text import one_line


class DescribeError(KitError, ValueError):
    """An object that is no model, or a model that cannot be described. The message is written for the student."""


class NotAModel(DescribeError):
    """An object that is no Keras model."""


@dataclass(frozen=True, eq=False)
class TracedModel:
    """A live model and its description.

    Attributes:
        model: the `keras.Model`.
        spec: its description.
        operations: for each layer of the description the live layer or operation that it describes, the first one
            where several were combined.
        alone: description of each of these, before others were combined with it.
    """

    model: Any
    spec: ModelSpec
    operations: tuple[Any, ...]
    alone: tuple[LayerSpec, ...]

    @property
    def origins(self) -> list[int]:
        """For each layer of the description, the first position of the same live layer; -1 for an operation."""
        import keras

        first: dict[int, int] = {}
        return [
            first.setdefault(id(live), position) if isinstance(live, keras.layers.Layer) else -1
            for position, live in enumerate(self.operations)
        ]


def describe(model: Any, input_shape: Shape | None = None, *, source: str = "") -> ModelSpec:
    """Describe a Keras model.

    Sequential, Functional and subclassed models that compute the same function have equal descriptions: nested models
    are entered, input layers left out, a separate activation is folded into the layer before it, settings are
    normalised.

    Args:
        model: a `keras.Model`. One that is not built yet is built on `input_shape`.
        input_shape: batch axis first, e.g. (None, 28, 28, 1); used only if the model does not know its own.
        source: expression that gave the model, for messages: "build_convnet()".

    Returns:
        The layers in the order of computation with their settings, output shapes and parameters as Keras counts them,
        and how the model was compiled, if it was.

    Raises:
        DescribeError: it is no model, it is not built and no input shape was given, or its graph cannot be traced; the
            message says which.

    Example:
        >>> import keras
        >>> spec = describe(keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]))
        >>> spec.layers[0].kind, spec.parameters
        ('Dense', 15)
    """
    return trace(model, input_shape, source=source).spec


def trace(model: Any, input_shape: Shape | None = None, *, source: str = "") -> TracedModel:
    """Describe a Keras model, and keep it with its live layers; arguments and errors as for `describe`."""
    what = source or "the model"
    _require_model(model, source)
    try:
        with tensorflow_calls_traced():
            walk, outputs, shape = _trace(model, input_shape, what)
        # a layer's name says which live one it is, while layers are combined and sorted
        numbered = [replace(layer, name=str(number)) for number, layer in enumerate(walk.layers)]
        simple, ends = simplify(numbered, outputs, len(shape))
        numbers = [int(layer.name) for layer in simple]
        spec = ModelSpec(
            input_shape=shape,
            layers=tuple(replace(layer, name=walk.layers[n].name) for layer, n in zip(simple, numbers, strict=True)),
            outputs=ends,
            parameters=weight_count(model.weights),
            trainable=weight_count(model.trainable_weights),
            compiled=describe_compile(model),
        )
        operations, alone = ([found[number] for number in numbers] for found in (walk.operations, walk.layers))
        return TracedModel(model, spec, tuple(operations), tuple(alone))
    except DescribeError:
        raise
    except Untraceable as error:
        raise DescribeError(f"{what} cannot be traced: {error}.") from error
    except Exception as error:  # the model runs code of the student's own
        raise DescribeError(
            f"{what} cannot be traced from its input to its output: {_reason(error)}. {_remedy(error)}"
        ) from error


_TENSORFLOW_REFUSES = "A KerasTensor cannot be used as input to a TensorFlow function"


def _remedy(error: BaseException) -> str:
    """Advice, with the line of the student's code in which the error arose where that is known."""
    advice = "Build it from Keras layers and keras.ops, so that it can be called on a symbolic keras.Input."
    if _TENSORFLOW_REFUSES not in str(error):
        return advice
    own = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__) if not _is_of_a_library(frame)]
    code, line = own[-1] if own else (None, 0)
    source = linecache.getline(code.co_filename, line).strip() if code is not None else ""
    if not source:
        return advice
    return (
        f"Line {line}, `{one_line(source, 120)}`: put the function of keras.ops that does the same, or a layer, there."
    )


def _is_of_a_library(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).split(".")[0] in ("cnnkit", "keras", "tensorflow", "contextlib")


def _require_model(model: Any, source: str) -> None:
    import keras

    if isinstance(model, keras.Model):
        return
    returned = f"{source} returned" if source else "found"
    expected = "; expected a Keras model"
    if model is None:
        message = f"{returned} None{expected}. Is the `return` missing?"
    elif isinstance(model, type):
        message = f"{returned} the class {model.__name__}, not an object of it{expected}. Call it: {model.__name__}()."
    elif isinstance(model, keras.KerasTensor):
        message = f"{returned} a Keras tensor{expected}. Wrap it: keras.Model(inputs, outputs)."
    elif isinstance(model, keras.layers.Layer):
        message = f"{returned} a single {type(model).__name__} layer{expected}. Put it into keras.Sequential([...])."
    elif isinstance(model, list | tuple) and any(isinstance(one, keras.Model) for one in model):
        message = f"{returned} a {type(model).__name__} with a model in it{expected}. Return the model alone."
    elif isinstance(model, list | tuple):
        message = f"{returned} a {type(model).__name__}{expected}. Give the layers to keras.Sequential([...])."
    else:
        kind = type(model).__name__
        message = f"{returned} {'an' if kind[:1] in 'aeiouAEIOU' else 'a'} {kind}{expected}."
    raise NotAModel(message)


def _trace(model: Any, input_shape: Shape | None, what: str) -> tuple[GraphWalk, list[int], Shape]:
    """Collect the layers of the graph, the positions of its outputs, and its input shape."""
    import keras

    if isinstance(model, keras.Sequential):
        if not model.layers:
            raise DescribeError(f"{what} has no layers.")
        if recorded_graph(model) is None and input_shape is not None and not model.built:
            _build(model, input_shape, what)
    graph = recorded_graph(model)
    walk = GraphWalk()
    if graph is not None:
        inputs, outputs = graph
        known = {id(inputs[0]): -1}
        return _finish(walk, walk.back_from(outputs, known), tuple(inputs[0].shape))
    shape = _known_shape(model) or input_shape
    if shape is None:
        raise DescribeError(
            f"{what} is not built: it does not know the shape of its input yet. Begin with keras.Input(...), "
            "or give input_shape, e.g. (None, 28, 28, 1)."
        )
    tensor = keras.Input(batch_shape=tuple(shape))
    return _finish(walk, walk.through(model, [tensor], [-1]), tuple(shape))


def _finish(walk: GraphWalk, outputs: list[int], shape: tuple[Any, ...]) -> tuple[GraphWalk, list[int], Shape]:
    return walk, outputs, tuple(None if size is None else int(size) for size in shape)


def _build(model: Any, input_shape: Shape, what: str) -> None:
    try:
        model.build(tuple(input_shape))
    except Exception as error:  # a layer that does not fit, or one of the student's own
        raise DescribeError(
            f"{what} cannot be built on an input of {shape_text(input_shape)}: {_reason(error)}."
        ) from error


def _known_shape(model: Any) -> Shape | None:
    """Input shape that a subclassed model was built on; None if it was not built or has several inputs."""
    shapes = getattr(model, "_build_shapes_dict", None)
    if not isinstance(shapes, dict) or len(shapes) != 1:
        return None
    (shape,) = shapes.values()
    if isinstance(shape, list | tuple) and all(size is None or isinstance(size, int) for size in shape):
        return (None, *shape[1:])
    return None


def _reason(error: BaseException) -> str:
    """Type and message of an error on one line of at most about 300 characters."""
    text = " ".join(str(error).split())
    if _TENSORFLOW_REFUSES in text:
        text = _TENSORFLOW_REFUSES
    if "Error encountered:" in text:
        text = text.split("Error encountered:", 1)[1].strip()
    text = text if len(text) <= 300 else text[:299] + "…"
    return f"{type(error).__name__}: {text}".rstrip(". ")
