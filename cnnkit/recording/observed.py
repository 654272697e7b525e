"""Observations of one training while it runs, as plain data; needs no Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cnnkit.recording.initial_state import InitialNetwork
from cnnkit.recording.schema import GeneratorState

_SAVED = ("values", "steps", "initial", "fingerprints", "seconds", "step_rates", "epoch_rates")


@dataclass
class ObservedTraining:
    """Observations of one call of fit.

    Attributes:
        values: per-epoch values by metric.
        steps: losses of the first steps.
        optimizer: name and settings as compiled.
        loss: its name.
        network: the network; None if it cannot be described (`unclear` says why).
        draws, initial, fingerprints, resumed, settings: as in `TrainingRecord`.
        image_losses, image_right, step_rates, epoch_rates, fit, class_weight, earlier_fits: likewise.
        loss_settings, dtypes, floatx: likewise.
        unclear: for a part that could not be observed, the reason: "network" if a grader could not begin where this
            training began, "images" if the final weights could not be evaluated image by image, others as in
            `cnnkit.recording.unclear_parts`.
        seconds: of training.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    steps: list[float] = field(default_factory=list)
    optimizer: dict[str, float | str] = field(default_factory=dict)
    loss: str = ""
    network: InitialNetwork | None = None
    draws: tuple[GeneratorState, ...] = ()
    initial: str = ""
    fingerprints: list[list[float]] = field(default_factory=list)
    resumed: tuple[int, ...] = ()
    settings: dict[str, float] = field(default_factory=dict)
    image_losses: str = ""
    image_right: str = ""
    step_rates: list[float] = field(default_factory=list)
    epoch_rates: list[float] = field(default_factory=list)
    fit: dict[str, float | str] = field(default_factory=dict)
    class_weight: dict[str, float] = field(default_factory=dict)
    earlier_fits: int = 0
    loss_settings: dict[str, float | str] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ()
    floatx: str = ""
    unclear: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """Number of epochs that have ended."""
        return max(map(len, self.values.values()), default=0)

    def add_epoch(self, metrics: Mapping[str, float]) -> None:
        """Append the values of an epoch that has ended."""
        for metric, value in metrics.items():
            self.values.setdefault(metric, []).append(value)

    def without_network(self, reason: str) -> ObservedTraining:
        """These observations without any of the network, which cannot be observed to its end for this reason."""
        unclear = self.unclear | {"network": reason}
        return replace(self, unclear=unclear, network=None, draws=(), initial="", fingerprints=[], dtypes=())

    def state(self) -> dict[str, Any]:
        """JSON data from which `resumed_from` continues in a later process; the network itself is not in it."""
        plain = {name: getattr(self, name) for name in _SAVED}
        return plain | {"draws": [asdict(draw) for draw in self.draws], "resumed": list(self.resumed)}

    def resumed_from(self, state: Mapping[str, Any]) -> ObservedTraining:
        """The observations of `state()` of an earlier process, continued with this network.

        Raises:
            KeyError, TypeError, ValueError: not such a state.
        """
        draws = tuple(GeneratorState(**{**draw, "seed": tuple(draw["seed"])}) for draw in state["draws"])
        found = replace(self, draws=draws, **{name: state[name] for name in _SAVED})
        if not all(isinstance(numbers, list) for numbers in _lists(found)):
            raise TypeError("expected lists of numbers")
        found.resumed = (*state["resumed"], found.epochs)
        return found


def _lists(observed: ObservedTraining) -> list[Any]:
    """The parts of observations that must be lists for a training to be resumed."""
    return [*observed.values.values(), *observed.fingerprints, observed.step_rates, observed.epoch_rates]


class StepLosses:
    """Loss of each step, computed from the running means that Keras reports.

    Keras reports the mean over the epoch's images so far; the loss of a step is what it adds to the sum.

    Example:
        >>> losses = StepLosses()
        >>> losses.of_step(2.0, images=4), losses.of_step(1.5, images=4)
        (2.0, 1.0)
    """

    def __init__(self) -> None:
        self._images = 0
        self._sum = 0.0

    def of_step(self, mean: float, images: int) -> float:
        """Loss of the next step of the epoch.

        Args:
            mean: over the epoch's images so far, this step's among them.
            images: in this step.
        """
        total = mean * (self._images + images)
        loss = (total - self._sum) / images
        self._images, self._sum = self._images + images, total
        return loss
