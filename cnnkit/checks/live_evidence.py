"""Evidence from the functions themselves, in the student's own notebook."""

from __future__ import annotations

import linecache
import traceback
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from cnnkit.checks.evidence import (
    drawing_call,
    not_defined,
    not_written,
    raised,
    training_call,
    unusable,
    used_call,
)
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.applying import UnusableResult, UsedResult, use_result
from cnnkit.probe.built import BuiltNetwork
from cnnkit.probe.calling import CallResult, call_function, call_text, live_argument
from cnnkit.probe.configured import configured
from cnnkit.probe.figure import FigureSpec, NoFigure, blank_pyplot, describe_figure
from cnnkit.probe.value_text import TensorValues, kind
from cnnkit.probe.watching import OptimizerSpec, WatchedRun, watch_training

A = TypeVar("A")


class LiveEvidence:
    """`cnnkit.checks.Evidence` from live functions; see there for what each method raises.

    A network, a training run and a figure take a moment to look at, and several checks look at the same one: they are
    remembered for as long as the object lives.

    Args:
        functions: the student's, by the name that the exercise gives them.
    """

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self._functions = functions
        self._remembered: dict[str, Any] = {}

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """The value of a call; see `Evidence.call`."""
        return plain_value(self._called(function, args, kwargs).value)

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        """The arguments that a call changed; see `Evidence.mutated`."""
        return self._called(function, args, kwargs).mutated

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        """The network that a function returns; see `Evidence.model`."""
        from cnnkit.networks.describe.keras_model import DescribeError
        from cnnkit.networks.describe.weightless import build_and_describe

        live, text = self._function(function), call_text(function, args, {})

        def ask() -> ModelSpec:
            try:
                return build_and_describe(lambda: live(*map(live_argument, args)), input_shape, source=text)
            except DescribeError as error:
                raise unusable(function, str(error)) from error

        return self._once(f"model {function} {_told(args)} {input_shape}", lambda: _guarded(function, live, text, ask))

    def training(
        self,
        function: str,
        optimizers: Sequence[OptimizerSpec],
        *,
        epochs: int,
        input_shape: tuple[int | None, ...],
        vary: bool = False,
    ) -> Sequence[WatchedRun]:
        """How a training function compiles and fits; see `Evidence.training`."""
        live, text = self._function(function), training_call(function, epochs)
        return self._once(
            f"training {text} {[str(asked) for asked in optimizers]} {input_shape} {vary}",
            lambda: _guarded(function, live, text, lambda: watch_training(live, optimizers, epochs, input_shape, vary)),
        )

    def figure(self, function: str, *args: Any) -> FigureSpec:
        """The figure that a function draws; see `Evidence.figure`."""
        live, text = self._function(function), drawing_call(function, args)

        def ask() -> FigureSpec:
            with blank_pyplot():  # the picture drawn for the check is not the student's: it is not shown
                try:
                    return describe_figure(live(*map(live_argument, args)))
                except NoFigure as error:
                    raise unusable(function, str(error)) from error

        return self._once(f"figure {function} {_told(args)}", lambda: _guarded(function, live, text, ask))

    def used(
        self,
        function: str,
        *args: Any,
        images: np.ndarray | None = None,
        training: bool | None = None,
        times: int = 1,
        seed: int = 0,
    ) -> UsedResult:
        """What comes of using what a function returns; see `Evidence.used`."""
        live = self._function(function)
        text = used_call(call_text(function, args, {}), images, training)

        def ask() -> UsedResult:
            try:
                found = use_result(live, args, images=images, training=training, times=times, seed=seed)
            except UnusableResult as error:
                raise unusable(function, str(error)) from error
            return replace(found, outputs=tuple(map(_plain_throughout, found.outputs)))

        key = f"used {function} {_told([*args, images])} {training} {times} {seed}"
        return self._once(key, lambda: _guarded(function, live, text, ask))

    def _function(self, name: str) -> Callable[..., Any]:
        live = self._functions.get(name)
        if not callable(live):
            missing = not_defined(name, "" if live is None else kind(live))
            if live is not None:
                missing.hint = f"Pass the function itself, without brackets and arguments behind it: {name}"
            raise missing
        return live

    def _called(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> CallResult:
        live = self._function(function)
        return _guarded(function, live, call_text(function, args, kwargs), lambda: call_function(live, args, kwargs))

    def _once(self, key: str, ask: Callable[[], A]) -> A:
        if key not in self._remembered:
            try:
                self._remembered[key] = ask()
            except Exception as error:
                self._remembered[key] = error
        found = self._remembered[key]
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        answer: A = found
        return answer


def _told(args: Sequence[Any]) -> list[Any]:
    """The arguments as text that tells them apart."""
    told: list[Any] = []
    for argument in args:
        if isinstance(argument, BuiltNetwork):
            told.append((argument.network, argument.seed, argument.is_open))
        elif isinstance(argument, np.ndarray):
            told.append((argument.shape, argument.dtype, zlib.crc32(argument.tobytes())))
        else:
            told.append(argument)
    return told


class _Place(NamedTuple):
    """Where in the student's own code an exception arose: the function, the line, and the line's text."""

    function: str
    line: int
    source: str
    innermost: bool


def _guarded(function: str, live: Callable[..., Any], text: str, ask: Callable[[], A]) -> A:
    """What `ask` returns; what the student's code raises, as FunctionMissing or StudentError."""
    try:
        return ask()
    except Mismatch:
        raise
    except (Exception, SystemExit) as error:  # SystemExit: a student's exit() must not end the check
        place = _place(error, live)
        said = ""
        with suppress(Exception):  # a student's own exception class may not even be printable
            said = str(error)
        if isinstance(error, NotImplementedError) and not said and (not place.line or place.innermost):
            # it may be another function's skeleton: train_convnet calls build_convnet
            raise not_written(place.function or function) from error
        raise raised(text, type(error).__name__, said, line=place.line, source=place.source) from error


def _place(error: BaseException, live: Callable[..., Any]) -> _Place:
    """The innermost line that shares the function's module, which in a notebook is the notebook."""
    place = _Place("", 0, "", False)
    with suppress(Exception):
        names = live.__globals__
        for frame, line in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is names:
                code = frame.f_code
                name = "" if code.co_name.startswith("<") else code.co_name
                place = _Place(name, line, linecache.getline(code.co_filename, line).strip(), True)
            else:
                place = place._replace(innermost=False)
    return place


def plain_value(value: Any) -> Any:
    """A tensor as the array of its values, an optimizer as data; all else, and a tensor without values, as it is."""
    if type(value).__module__.startswith(("tensorflow", "keras")):
        with suppress(Exception):  # a symbolic tensor has no value
            return np.asarray(value.numpy()).view(TensorValues)
    optimizer = configured(value)
    return value if optimizer is None else optimizer


def _plain_throughout(value: Any) -> Any:
    """The same with every tensor in its lists and tuples as an array."""
    if type(value) in (list, tuple):
        return type(value)(map(_plain_throughout, value))
    return plain_value(value)
