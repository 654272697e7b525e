"""The checks of an exercise in which a network is trained: the public ones, and what a hidden rubric asks besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnkit.checks import fitting
from cnnkit.checks.evidence import Evidence
from cnnkit.probe.watching import Asked, Watched
from cnnkit.spec.model import Shape


@dataclass(frozen=True)
class Training:
    """How an exercise trains: which function, and what it is watched with.

    Attributes:
        function: the student's: `function(asked, train, val, epochs=..., callbacks=...)`.
        runs: what it is called with for `asked`, a run each.
        input_shape: of the network, batch axis first.
        loss: names of losses that are right, the brief's own first.
        epochs: what it is watched with: no default of any function, so that passing it on shows.

    Example:
        >>> TRAINING = Training("train_convnet", ("adam", "sgd"), (None, 28, 28, 1))
    """

    function: str
    runs: tuple[str, ...]
    input_shape: Shape
    loss: tuple[str, ...] = ("categorical_crossentropy",)
    epochs: int = 4

    def watched(self, evidence: Evidence) -> Sequence[Watched]:
        """The training function, watched in each of its runs."""
        asked = [Asked(name) for name in self.runs]
        return evidence.training(self.function, asked, epochs=self.epochs, input_shape=self.input_shape)

    def loss_is_right(self, evidence: Evidence) -> None:
        """Expect a loss that can be computed on the batches given, and that it is the brief's."""
        fitting.loss_is(self.watched(evidence)[0], self.function, *self.loss)

    def fits_as_asked(self, evidence: Evidence) -> None:
        """Expect the given data and number of epochs."""
        self.trains_for_epochs(evidence)
        self.validates(evidence)

    def trains_for_epochs(self, evidence: Evidence) -> None:
        """Expect all of the training data, for the number of epochs that was given."""
        fitting.trains_for(self.watched(evidence)[0], self.function, self.epochs)

    def validates(self, evidence: Evidence) -> None:
        """Expect the validation data that was given."""
        fitting.validates_on_val(self.watched(evidence)[0], self.function)

    def returns_history_and_passes_callbacks(self, evidence: Evidence) -> None:
        """Expect both."""
        self.returns_history(evidence)
        self.passes_callbacks(evidence)

    def returns_history(self, evidence: Evidence) -> None:
        """Expect the History of the last fit to be returned."""
        fitting.history_returned(self.watched(evidence)[0], self.function)

    def passes_callbacks(self, evidence: Evidence) -> None:
        """Expect the callbacks that were given among those of the last fit."""
        fitting.callbacks_passed(self.watched(evidence)[0], self.function)

    def fresh_network(self, evidence: Evidence) -> None:
        """Expect another network in each run."""
        fitting.networks_fresh(self.watched(evidence), self.function)
