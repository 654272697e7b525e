"""Evidence from live functions, in the student's own notebook."""

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
from cnnkit.probe.forbidden_calls import ForbiddenUses
from cnnkit.probe.forbidden_names import forbidden_use
from cnnkit.probe.published_weights import published_weights_left_out
from cnnkit.probe.value_text import TensorValues, kind
from cnnkit.probe.watching import OptimizerSpec, WatchedRun, watch_training

A = TypeVar("A")


class LiveEvidence:
    """Evidence from live functions; see `cnnkit.checks.Evidence` for the errors of each method.

    Networks, training runs and figures take time to obtain, and several checks need the same one, so they are cached in
    the object.

    Args:
        functions: the student's functions, by the names that the exercise uses.
        forbid: modules and functions that they may not use.
    """

    def __init__(self, functions: Mapping[str, Any], forbid: Sequence[str] = ()) -> None:
        self._functions = functions
        self._cache: dict[str, Any] = {}
        self._forbid = tuple(forbid)
        self._uses: dict[str, ForbiddenUses] = {}

    def check_uses(self) -> None:
        """Expect that the functions have used nothing that is forbidden, and refer to nothing of it.

        What they call is known only of the calls that have been made.

        Raises:
            Mismatch: one has.
        """
        for function, live in self._functions.items():
            if callable(live) and (found := self._watched(function, live).found):
                raise forbidden_use(function, self._forbid, found)

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """Value of a call; see `Evidence.call`."""
        return plain_value(self._called(function, args, kwargs).value)

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        """Arguments that a call changes; see `Evidence.mutated`."""
        return self._called(function, args, kwargs).mutated

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        """Network that a function returns; see `Evidence.model`."""
        from cnnkit.networks.describe.keras_model import DescribeError
        from cnnkit.networks.describe.weightless import build_and_describe

        live, text = self._function(function), call_text(function, args, {})

        def obtain() -> ModelSpec:
            try:
                return build_and_describe(lambda: live(*map(live_argument, args)), input_shape, source=text)
            except DescribeError as error:
                raise unusable(function, str(error)) from error

        return self._cached(
            f"model {function} {_key(args)} {input_shape}", lambda: self._guarded(function, live, text, obtain)
        )

    def training(
        self,
        function: str,
        optimizers: Sequence[OptimizerSpec],
        *,
        epochs: int,
        input_shape: tuple[int | None, ...],
        vary: bool = False,
    ) -> Sequence[WatchedRun]:
        """Runs of a training function; see `Evidence.training`."""
        live, text = self._function(function), training_call(function, epochs)
        return self._cached(
            f"training {text} {[str(optimizer) for optimizer in optimizers]} {input_shape} {vary}",
            lambda: self._guarded(
                function, live, text, lambda: watch_training(live, optimizers, epochs, input_shape, vary)
            ),
        )

    def figure(self, function: str, *args: Any) -> FigureSpec:
        """Figure that a function draws; see `Evidence.figure`."""
        live, text = self._function(function), drawing_call(function, args)

        def obtain() -> FigureSpec:
            with blank_pyplot():  # the figure drawn for the check is not the student's own, so it is not shown
                try:
                    return describe_figure(live(*map(live_argument, args)))
                except NoFigure as error:
                    raise unusable(function, str(error)) from error

        return self._cached(f"figure {function} {_key(args)}", lambda: self._guarded(function, live, text, obtain))

    def used(
        self,
        function: str,
        *args: Any,
        images: np.ndarray | None = None,
        training: bool | None = None,
        times: int = 1,
        seed: int = 0,
    ) -> UsedResult:
        """Outputs of the object that a function returns; see `Evidence.used`."""
        live = self._function(function)
        text = used_call(call_text(function, args, {}), images, training)

        def obtain() -> UsedResult:
            try:
                found = use_result(live, args, images=images, training=training, times=times, seed=seed)
            except UnusableResult as error:
                raise unusable(function, str(error)) from error
            return replace(found, outputs=tuple(map(_plain_throughout, found.outputs)))

        key = f"used {function} {_key([*args, images])} {training} {times} {seed}"
        return self._cached(key, lambda: self._guarded(function, live, text, obtain))

    def _watched(self, function: str, live: Callable[..., Any]) -> ForbiddenUses:
        if function not in self._uses:
            uses = self._uses[function] = ForbiddenUses(self._forbid, getattr(live, "__globals__", {}))
            uses.look_at(live)
        return self._uses[function]

    def _guarded(self, function: str, live: Callable[..., Any], text: str, obtain: Callable[[], A]) -> A:
        """Return `obtain()`, which calls a student's function; its exceptions become those of `Evidence`."""
        if not self._forbid:
            return _guarded(function, live, text, obtain)
        with self._watched(function, live).watching():
            return _guarded(function, live, text, obtain)

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
        return self._guarded(
            function, live, call_text(function, args, kwargs), lambda: call_function(live, args, kwargs)
        )

    def _cached(self, key: str, obtain: Callable[[], A]) -> A:
        if key not in self._cache:
            try:
                self._cache[key] = obtain()
            except Exception as error:
                self._cache[key] = error
        result = self._cache[key]
        if isinstance(result, Exception):
            raise result.with_traceback(None)
        found: A = result
        return found


def _key(args: Sequence[Any]) -> list[Any]:
    """Cache key of arguments: values whose text differs for different arguments."""
    key: list[Any] = []
    for argument in args:
        if isinstance(argument, BuiltNetwork):
            key.append((argument.network, argument.seed, argument.is_open))
        elif isinstance(argument, np.ndarray):
            key.append((argument.shape, argument.dtype, zlib.crc32(argument.tobytes())))
        else:
            key.append(argument)
    return key


class _Place(NamedTuple):
    """Place in the student's own code where an exception arose.

    `innermost` is True if no code of a library was called from there.
    """

    function: str
    line: int
    source: str
    innermost: bool


def _guarded(function: str, live: Callable[..., Any], text: str, obtain: Callable[[], A]) -> A:
    """Return `obtain()`; convert exceptions of the student's code to FunctionMissing or StudentError."""
    try:
        with published_weights_left_out():
            return obtain()
    except Mismatch:
        raise
    except (Exception, SystemExit) as error:  # SystemExit: a student's exit() must not end the check
        place = _place(error, live)
        message = ""
        with suppress(Exception):  # `__str__` of a student's own exception class may raise
            message = str(error)
        if isinstance(error, NotImplementedError) and not message and (not place.line or place.innermost):
            # the skeleton may be that of a function which this one calls: train_convnet calls build_convnet
            raise not_written(place.function or function) from error
        raise raised(text, type(error).__name__, message, line=place.line, source=place.source) from error


def _place(error: BaseException, live: Callable[..., Any]) -> _Place:
    """Innermost line in the function's module, which in a notebook is the notebook itself."""
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
    """Convert a tensor to an array and an optimizer to data; return other objects, and symbolic tensors, unchanged."""
    if type(value).__module__.startswith(("tensorflow", "keras")):
        with suppress(Exception):  # a symbolic tensor has no values
            return np.asarray(value.numpy()).view(TensorValues)
    optimizer = configured(value)
    return value if optimizer is None else optimizer


def _plain_throughout(value: Any) -> Any:
    """Convert tensors to arrays in nested lists and tuples too."""
    if type(value) in (list, tuple):
        return type(value)(map(_plain_throughout, value))
    return plain_value(value)
