"""Evidence: what a student's functions give back, as data. In the notebook it comes from the functions themselves; in the
grader it comes over a pipe from another process. A check cannot tell which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from cnnkit.mismatch import Mismatch
from cnnkit.probe.calling import call_text
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import Watched
from cnnkit.spec.model import ModelSpec
from cnnkit.training import TrainingRecord


class StudentError(Exception):
    """The student's code raised. `str(error)` quotes the exception, the line and the call that caused it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class FunctionMissing(Mismatch):
    """A function is not there, or is still the empty skeleton."""


class Evidence(Protocol):
    """What a check may ask.

    Every method raises FunctionMissing where the function is missing or not written yet, StudentError where the
    student's code raises, and Mismatch where it gives back something that cannot be looked at.
    """

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """The value of `function(*args, **kwargs)`: numbers, text, lists, NumPy arrays (tensors as arrays)."""
        ...

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        """Names of the arguments that this call changed in place."""
        ...

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        """The network that `function(*args)` returns."""
        ...

    def training(
        self, function: str, optimizers: Sequence[str], *, epochs: int, input_shape: tuple[int | None, ...]
    ) -> Sequence[Watched]:
        """How `function(optimizer, train, val, epochs=epochs, callbacks=...)` compiles and fits, for each optimizer."""
        ...

    def figure(self, function: str, histories: Mapping[str, TrainingRecord]) -> FigureSpec:
        """The figure that `function(histories)` draws."""
        ...


def not_written(function: str) -> FunctionMissing:
    """The function is still the skeleton of the release."""
    return FunctionMissing(f"`{function}` is not written yet", hint="Replace the line `raise NotImplementedError()` by your own code.")


def not_defined(function: str, found: str = "") -> FunctionMissing:
    """There is no function of that name."""
    what = f"`{function}` is not defined" if not found else f"`{function}` is not a function: found {found}"
    return FunctionMissing(what, hint=f"Define it with `def {function}(...):`, exactly under this name.")


class LiveEvidence:
    """Evidence from the functions themselves, in the student's own notebook."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self._functions = functions

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        return plain(self._called(function, args, kwargs).value)

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        names: Sequence[str] = self._called(function, args, kwargs).mutated
        return names

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        from cnnkit.spec import DescribeError, build_and_describe

        live = self._function(function)
        try:
            return self._guard(function, args, {}, lambda: build_and_describe(lambda: live(*args), input_shape))
        except DescribeError as error:
            raise Mismatch(f"`{function}`", consequence=str(error)) from error

    def training(
        self, function: str, optimizers: Sequence[str], *, epochs: int, input_shape: tuple[int | None, ...]
    ) -> Sequence[Watched]:
        from cnnkit.probe.watching import watch_training

        live = self._function(function)
        return self._guard(
            function, optimizers[:1], {"epochs": epochs}, lambda: watch_training(live, optimizers, epochs, input_shape)
        )

    def figure(self, function: str, histories: Mapping[str, TrainingRecord]) -> FigureSpec:
        import matplotlib.pyplot as plt

        from cnnkit.probe.figure import NoFigure, describe_figure

        live = self._function(function)
        before = plt.get_fignums()
        try:
            return self._guard(function, ["histories"], {}, lambda: describe_figure(live(dict(histories))))
        except NoFigure as error:
            raise Mismatch(f"`{function}`", consequence=str(error)) from error
        finally:
            # the picture drawn for the check is not the student's; Jupyter would show it below the cell
            for number in plt.get_fignums():
                if number not in before:
                    plt.close(number)

    def _function(self, name: str) -> Callable[..., Any]:
        live = self._functions.get(name)
        if not callable(live):
            raise not_defined(name, "" if live is None else type(live).__name__)
        return live

    def _called(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        from cnnkit.probe.calling import call

        live = self._function(function)
        return self._guard(function, args, kwargs, lambda: call(live, args, kwargs))

    def _guard(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], ask: Callable[[], Any]) -> Any:
        from cnnkit.probe.figure import NoFigure
        from cnnkit.spec import DescribeError

        try:
            return ask()
        except (DescribeError, NoFigure):
            raise
        except NotImplementedError as error:
            raise not_written(function) from error
        except Exception as error:
            said = f": {error}" if str(error) else ""
            raise StudentError(f"{call_text(function, args, kwargs)} raised {type(error).__name__}{said}") from error


def plain(value: Any) -> Any:
    """Tensors as NumPy arrays, NumPy scalars as they are; anything else unchanged."""
    if type(value).__module__.startswith(("tensorflow", "keras")) and hasattr(value, "numpy"):
        return value.numpy()
    return value
