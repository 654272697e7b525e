"""Checks of an exercise in which a network is trained: the public ones, and parts of them for a hidden rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnkit.checks.evidence import Evidence
from cnnkit.checks.registry import PublicChecks
from cnnkit.expect import fit
from cnnkit.networks.model_spec import Shape
from cnnkit.probe.watching import OptimizerSpec, WatchedRun


@dataclass(frozen=True)
class TrainingExercise:
    """Specification of an exercise in which a network is trained.

    Attributes:
        function: name of the student's function, called as `function(run, train, val, epochs=..., callbacks=...)`.
        runs: first argument of each call: names of optimizers, or other names that the function takes.
        input_shape: (batch or None, height, width, channels) of the network.
        loss: names of the right losses, the one that the specification names first.
        optimizer: name of the optimizer to compile with; "" if the runs are named by their optimizers.
        epochs: number of epochs in each call; no default of any function, so that passing it on is visible.
        vary: True to compare two outputs of the network in training, see `cnnkit.probe.watching.FitSpec`.

    Example:
        >>> training = TrainingExercise("train_convnet", ("adam", "sgd"), (None, 28, 28, 1))
        >>> training.loss
        ('categorical_crossentropy',)
    """

    function: str
    runs: tuple[str, ...]
    input_shape: Shape
    loss: tuple[str, ...] = ("categorical_crossentropy",)
    optimizer: str = ""
    epochs: int = 4
    vary: bool = False

    def watched(self, evidence: Evidence) -> Sequence[WatchedRun]:
        """Watch the training function in each of its runs."""
        optimizers = [OptimizerSpec(name) for name in self.runs]
        return evidence.training(
            self.function,
            optimizers,
            epochs=self.epochs,
            input_shape=self.input_shape,
            **({"vary": True} if self.vary else {}),
        )

    def add_to(self, checks: PublicChecks, exercise: str = "training") -> None:
        """Add the checks that all trainings share to the public checks of an exercise, before its own."""
        loss = self.loss[0].replace("_", " ").replace("cross", "cross-")
        checks.add(exercise, f"compiles with {loss}, and the loss can be computed")(self.loss_is_right)
        if self.optimizer:
            checks.add(exercise, f"compiles with {self.optimizer.capitalize()}")(self.optimizer_is_right)
        checks.add(exercise, "trains on `train` for `epochs` epochs and validates on `val`")(self.fits_as_asked)
        title = "returns the History of fit, and passes the callbacks on"
        checks.add(exercise, title)(self.returns_history_and_passes_callbacks)
        checks.add(exercise, "each run starts from a fresh network")(self.fresh_network)

    def optimizer_is_right(self, evidence: Evidence) -> None:
        """Expect the optimizer that each run is called with, or the specified one in all, with default settings."""
        for name, run in zip(self.runs, self.watched(evidence), strict=True):
            optimizer = OptimizerSpec(self.optimizer or name)
            fit.optimizer_is(run, self.function, optimizer, given=not self.optimizer)

    def loss_is_right(self, evidence: Evidence) -> None:
        """Expect a loss that can be computed on the data, and that it is a right one."""
        fit.loss_is(self.watched(evidence)[0], self.function, *self.loss)

    def fits_as_asked(self, evidence: Evidence) -> None:
        """Expect training and validation on the given data, for the given number of epochs."""
        self.trains_for_epochs(evidence)
        self.validates(evidence)

    def trains_for_epochs(self, evidence: Evidence) -> None:
        """Expect training on all of the given data, for the given number of epochs."""
        fit.trains_for(self.watched(evidence)[0], self.function, self.epochs)

    def validates(self, evidence: Evidence) -> None:
        """Expect validation on the given data."""
        fit.validates_on_val(self.watched(evidence)[0], self.function)

    def returns_history_and_passes_callbacks(self, evidence: Evidence) -> None:
        """Expect the History of the last fit to be returned, and the given callbacks to be passed to it."""
        self.returns_history(evidence)
        self.passes_callbacks(evidence)

    def returns_history(self, evidence: Evidence) -> None:
        """Expect the History of the last fit to be returned."""
        fit.history_returned(self.watched(evidence)[0], self.function)

    def passes_callbacks(self, evidence: Evidence) -> None:
        """Expect the given callbacks among those of the last fit."""
        fit.callbacks_passed(self.watched(evidence)[0], self.function)

    def fresh_network(self, evidence: Evidence) -> None:
        """Expect each run to begin with fresh weights."""
        fit.networks_fresh(self.watched(evidence), self.function)
