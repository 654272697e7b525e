"""Evidence: what a student's functions give back, as data.

In the notebook it comes from the functions themselves (`cnnkit.checks.live_evidence`); in the grader it comes over a
pipe from another process. A check cannot tell which, and both use the words of this file where there is no
evidence to give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from cnnkit.errors import KitError
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.applying import UsedResult
from cnnkit.probe.calling import call_text
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import OptimizerSpec, WatchedRun
from cnnkit.text import one_line


class StudentError(KitError):
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
        """The value of `function(*args, **kwargs)`: numbers, text, lists, NumPy arrays (tensors too).

        An optimizer comes as `cnnkit.probe.watching.OptimizerSpec`: its class's name, and all of its settings.
        """
        ...

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        """Names of the arguments that this call changed in place."""
        ...

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        """The network that `function(*args)` returns."""
        ...

    def training(
        self,
        function: str,
        optimizers: Sequence[OptimizerSpec],
        *,
        epochs: int,
        input_shape: tuple[int | None, ...],
        vary: bool = False,
    ) -> Sequence[WatchedRun]:
        """How `function(asked, train, val, epochs=epochs, callbacks=...)` compiles and fits, for each of `optimizers`.

        These may be names of something else than an optimizer, where that is what the function is given. With `vary` it
        is also tried whether the networks vary in training.
        """
        ...

    def figure(self, function: str, *args: Any) -> FigureSpec:
        """The figure that `function(*args)` draws; arguments as for `call`, or histories by run."""
        ...

    def used(
        self,
        function: str,
        *args: Any,
        images: np.ndarray | None = None,
        training: bool | None = None,
        times: int = 1,
        seed: int = 0,
    ) -> UsedResult:
        """What comes of applying what `function(*args)` returns to images, or, without images, of going through it.

        `training` is passed on unless it is None. Outputs are arrays (tensors too), batches lists of tuples of them.
        """
        ...


def not_written(function: str) -> FunctionMissing:
    """The function is still the skeleton of the release."""
    hint = "Replace the line `raise NotImplementedError()` by your own code."
    return FunctionMissing(f"`{function}` is not written yet", hint=hint)


def not_defined(function: str, found: str = "") -> FunctionMissing:
    """There is no function of that name."""
    what = f"`{function}` is not defined" if not found else f"`{function}` is not a function: found {found}"
    return FunctionMissing(what, hint=f"Define it with `def {function}(...):`, exactly under this name.")


def unusable(function: str, reason: str) -> Mismatch:
    """The function returned something that cannot be looked at; `reason` says what was expected and found."""
    return Mismatch(f"`{function}`: {one_line(reason)}")


def raised(call: str, exception: str, message: str, *, line: int = 0, source: str = "", cell: int = 0) -> StudentError:
    """A call of a student's function raised.

    Args:
        call: the call as a student would type it.
        exception: the exception's type.
        message: what it says; may be empty.
        line: line of the student's code where it arose, 0 where that is not in the student's code.
        source: the text of that line.
        cell: number of the cell, 0 where it is not known.
    """
    said = f": {one_line(message)}".rstrip(". ") if message.strip() else ""
    where = f" in {f'cell {cell}, ' if cell else ''}line {line}" if line else ""
    quoted = f": `{one_line(source, 200)}`" if line and source else ""
    if exception == "TypeError" and not line:
        hint = "Leave the line with `def` as it was: the names and the order of the arguments are part of the exercise."
    elif "<" in call or "..." in call:  # nothing that could be typed
        hint = f"Call `{call.partition('(')[0]}` in a cell of its own to see it happen."
    else:
        hint = f"Run `{call}` in a cell of its own to see it happen."
    return StudentError(f"{one_line(call)} raised {one_line(exception, 80)}{said}{where}{quoted}", hint)


def used_call(call: str, images: np.ndarray | None, training: bool | None) -> str:
    """What `Evidence.used` does, as a student would type it: `build_augmentation()(images, training=True)`."""
    if images is None:
        return f"list({call})"
    return f"{call}(images)" if training is None else f"{call}(images, training={training})"


def drawing_call(function: str, args: Sequence[Any]) -> str:
    """The call that `Evidence.figure` makes, for messages."""
    if len(args) == 1 and isinstance(args[0], Mapping):
        return f"{function}(histories)"
    return call_text(function, args, {})


def training_call(function: str, epochs: int) -> str:
    """The call that `Evidence.training` makes, for messages. Which of its runs it was is not known any more."""
    return f"{function}(..., train, val, epochs={epochs}, callbacks=[...])"
