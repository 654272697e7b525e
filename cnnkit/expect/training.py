"""The checks of an exercise in which a network is trained: the public ones, and what a hidden rubric asks besides."""

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
    """How an exercise trains: which function, and what it is watched with.

    Attributes:
        function: the student's: `function(asked, train, val, epochs=..., callbacks=...)`.
        runs: what it is called with for `asked`, a run each.
        input_shape: of the network, batch axis first.
        loss: names of losses that are right, the brief's own first.
        optimizer: the one to compile with; "" where the runs are called with optimizers.
        epochs: what it is watched with: no default of any function, so that passing it on shows.
        vary: whether to try if the networks vary in training, see `cnnkit.probe.watching.FitSpec`.

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
        """The training function, watched in each of its runs."""
        asked = [OptimizerSpec(name) for name in self.runs]
        return evidence.training(
            self.function,
            asked,
            epochs=self.epochs,
            input_shape=self.input_shape,
            **({"vary": True} if self.vary else {}),
        )

    def add_to(self, checks: PublicChecks, exercise: str = "training") -> None:
        """Make what every training is asked for public checks of an exercise; its own go behind them."""
        loss = self.loss[0].replace("_", " ").replace("cross", "cross-")
        checks.add(exercise, f"compiles with {loss}, and the loss can be computed")(self.loss_is_right)
        if self.optimizer:
            checks.add(exercise, f"compiles with {self.optimizer.capitalize()}")(self.optimizer_is_right)
        checks.add(exercise, "trains on `train` for `epochs` epochs and validates on `val`")(self.fits_as_asked)
        title = "returns the History of fit, and passes the callbacks on"
        checks.add(exercise, title)(self.returns_history_and_passes_callbacks)
        checks.add(exercise, "each run starts from a fresh network")(self.fresh_network)

    def optimizer_is_right(self, evidence: Evidence) -> None:
        """Expect the optimizer that each run is called with, or in all runs the brief's; with its usual settings."""
        for name, run in zip(self.runs, self.watched(evidence), strict=True):
            asked = OptimizerSpec(self.optimizer or name)
            fit.optimizer_is(run, self.function, asked, given=not self.optimizer)

    def loss_is_right(self, evidence: Evidence) -> None:
        """Expect a loss that can be computed on the batches given, and that it is the brief's."""
        fit.loss_is(self.watched(evidence)[0], self.function, *self.loss)

    def fits_as_asked(self, evidence: Evidence) -> None:
        """Expect the given data and number of epochs."""
        self.trains_for_epochs(evidence)
        self.validates(evidence)

    def trains_for_epochs(self, evidence: Evidence) -> None:
        """Expect all of the training data, for the number of epochs that was given."""
        fit.trains_for(self.watched(evidence)[0], self.function, self.epochs)

    def validates(self, evidence: Evidence) -> None:
        """Expect the validation data that was given."""
        fit.validates_on_val(self.watched(evidence)[0], self.function)

    def returns_history_and_passes_callbacks(self, evidence: Evidence) -> None:
        """Expect both."""
        self.returns_history(evidence)
        self.passes_callbacks(evidence)

    def returns_history(self, evidence: Evidence) -> None:
        """Expect the History of the last fit to be returned."""
        fit.history_returned(self.watched(evidence)[0], self.function)

    def passes_callbacks(self, evidence: Evidence) -> None:
        """Expect the callbacks that were given among those of the last fit."""
        fit.callbacks_passed(self.watched(evidence)[0], self.function)

    def fresh_network(self, evidence: Evidence) -> None:
        """Expect another network in each run."""
        fit.networks_fresh(self.watched(evidence), self.function)
