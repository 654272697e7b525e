"""Evidence: the results of a student's functions as data.

In the notebook it comes from the functions themselves (`cnnkit.checks.live_evidence`); in the grader it comes over a
pipe from the process that runs the student's code. Both sources have the same interface, `Evidence`, and raise the
errors of this module, so that a check does not depend on the source.
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
    """Exception in the student's code; the message quotes it, its line and the call that caused it.

    Args:
        message: the message.
        hint: what to try next.
        origin: what raised and where, the same for all calls that come upon it; the message where that is not known.
    """

    def __init__(self, message: str, hint: str = "", origin: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.origin = origin or message


class FunctionMissing(Mismatch):
    """A function that is not defined, or is still the skeleton of the release."""


class Evidence(Protocol):
    """Interface through which a check obtains the results of a student's functions.

    Every method raises FunctionMissing if the function is missing or not written yet, StudentError if the student's
    code raises, and Mismatch if the result cannot be described.
    """

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """Value of `function(*args, **kwargs)`: numbers, text, lists, NumPy arrays.

        A tensor is returned as `cnnkit.probe.value_text.TensorValues`, an optimizer as
        `cnnkit.probe.watching.OptimizerSpec`.
        """
        ...

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        """Names of the arguments that `function(*args, **kwargs)` changes in place."""
        ...

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        """Description of the network that `function(*args)` returns.

        A model that is not built is built on `input_shape`, batch axis first.
        """
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
        """Runs of `function(optimizer, train, val, epochs=epochs, callbacks=...)`, one for each of `optimizers`.

        Nothing is trained; see `cnnkit.probe.watching.watch_training` for the arguments. `optimizers` may hold any
        names that the function takes as its first argument.
        """
        ...

    def figure(self, function: str, *args: Any) -> FigureSpec:
        """Description of the figure that `function(*args)` draws; arguments as for `call`, or histories by run."""
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
        """Outputs of the result of `function(*args)` for images, or, without images, the batches of its data set.

        See `cnnkit.probe.applying.use_result` for the arguments. Outputs are arrays, for images (N, height, width,
        channels) usually of the same shape; a batch is a tuple or list of arrays.
        """
        ...


def not_written(function: str) -> FunctionMissing:
    """Error for a function that is still the skeleton of the release."""
    hint = "Replace the line `raise NotImplementedError()` with your own code."
    return FunctionMissing(f"`{function}` is not written yet", hint=hint)


def not_defined(function: str, found: str = "") -> FunctionMissing:
    """Error for a function that is not defined.

    Args:
        function: its name.
        found: description of the object of that name; "" if there is none.
    """
    what = f"`{function}` is not defined" if not found else f"`{function}` is not a function: found {found}"
    return FunctionMissing(what, hint=f"Define it with `def {function}(...):`, exactly under this name.")


def unusable(function: str, reason: str) -> Mismatch:
    """Error for a result that cannot be described; `reason` says what was expected and found."""
    named = reason.startswith((f"{function}(", f"`{function}`"))
    return Mismatch(one_line(reason) if named else f"`{function}`: {one_line(reason)}")


def raised(call: str, exception: str, message: str, *, line: int = 0, source: str = "", cell: int = 0) -> StudentError:
    """Error for a call of a student's function that raised.

    Args:
        call: the call as a student would type it.
        exception: name of the exception's type.
        message: the exception's message; may be empty.
        line: line of the student's code that raised, counted from 1; 0 if it is not in the student's code.
        source: text of that line.
        cell: number of the notebook's cell; 0 if it is not known.
    """
    reason = f": {one_line(message)}".rstrip(". ") if message.strip() else ""
    place = f" in {f'cell {cell}, ' if cell else ''}line {line}" if line else ""
    quoted = f": `{one_line(source, 200)}`" if line and source else ""
    if known := _known_cause(exception, message, source):
        hint = known
    elif exception == "TypeError" and not line:
        hint = "Leave the line with `def` as it was: the names and the order of the arguments are part of the exercise."
    elif "<" in call or "..." in call:  # it cannot be typed like this
        hint = f"Call `{call.removeprefix('list(').partition('(')[0]}` in a cell of its own to see it happen."
    else:
        hint = f"Run `{call}` in a cell of its own to see it happen."
    origin = f"{one_line(exception, 80)}{place}{quoted}" if line else ""
    return StudentError(f"{one_line(call)} raised {one_line(exception, 80)}{reason}{place}{quoted}", hint, origin)


_MODULES = {"layers": "keras.layers", "keras": "keras", "np": "numpy", "tf": "tensorflow", "plt": "matplotlib.pyplot"}
"""Usual names of modules in a notebook."""


def _known_cause(exception: str, message: str, source: str) -> str:
    """Hint for an exception whose message says little of its cause; "" for others."""
    if exception == "AttributeError" and "has no defined input" in message:
        return "A Sequential has `inputs` from the beginning, and `input` only after a call: write `model.inputs`."
    if exception == "AttributeError" and message.startswith("'"):
        _, kind, between, attribute, *_ = [*message.split("'"), "", "", ""]
        before = source.partition(f".{attribute}")[0] if attribute and f".{attribute}" in source else ""
        name = next((name for name in _MODULES if before == name or before.endswith(f"{name}")), "")
        if (
            name
            and between == " object has no attribute "
            and kind != "module"
            and not before[: -len(name)][-1:].isalnum()
        ):
            return (
                f"Here `{name}` is not the module {_MODULES[name]}: an argument or a variable of the same name hides "
                f"it. Write `{_MODULES[name]}.{attribute}`, or give the other one another name."
            )
    if exception == "ValueError" and "is incompatible with the layer" in message:
        return (
            "A layer or model that is made outside of the function keeps the shape of its first call: make all of them "
            "inside the function, where each call makes new ones."
        )
    return ""


def used_call(call: str, images: np.ndarray | None, training: bool | None) -> str:
    """Call that `Evidence.used` makes, as a student would type it: `build_augmentation()(images, training=True)`."""
    if images is None:
        return f"list({call})"
    return f"{call}(images)" if training is None else f"{call}(images, training={training})"


def drawing_call(function: str, args: Sequence[Any]) -> str:
    """Call that `Evidence.figure` makes, for messages."""
    if len(args) == 1 and isinstance(args[0], Mapping):
        return f"{function}(histories)"
    return call_text(function, args, {})


def training_call(function: str, epochs: int) -> str:
    """Call that `Evidence.training` makes, for messages; the run that raised is unknown, so no optimizer is named."""
    return f"{function}(..., train, val, epochs={epochs}, callbacks=[...])"
