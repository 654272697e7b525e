"""The network that an assignment specifies, and the networks that count as the same one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.softmax import leaves_softmax_out, without_softmax
from cnnkit.probe.watching import WatchedRun


@dataclass(frozen=True)
class Brief:
    """Specification of the network that a student's function has to return.

    Attributes:
        function: name of the student's function.
        network: the specified network.
        trained: returns the runs in which the student trains it; None if no exercise does.
        forms: equivalent networks, which compute the same function with the same weights, e.g. with a convolution
            instead of a Dense layer.
    """

    function: str
    network: ModelSpec
    trained: Callable[[Evidence], Sequence[WatchedRun]] | None = None
    forms: tuple[ModelSpec, ...] = ()

    def form_of(self, found: ModelSpec) -> ModelSpec:
        """Return the network, or the equivalent one, that has the fewest differences from the student's."""
        if not self.forms:
            return self.network
        return min((self.network, *self.forms), key=lambda form: len(compare(found, form).differences))

    def beside(self, found: ModelSpec, evidence: Evidence) -> ModelSpec:
        """Return the network to compare the student's with: without softmax if the student's loss applies it.

        Args:
            found: the student's network.
            evidence: passed to `trained`.
        """
        wanted = self.form_of(found)
        if self.trained is None or not leaves_softmax_out(found, wanted):
            return wanted
        try:
            on_logits = trained_on_logits(self.trained(evidence))
        except (Mismatch, StudentError):  # the training is another check's business
            return wanted
        return without_softmax(wanted) if on_logits else wanted


def trained_on_logits(runs: Sequence[WatchedRun]) -> bool:
    """True if the loss applies softmax itself (`from_logits=True`) in each of the runs, one at least."""
    compiled = [run.fits[-1].model.compiled for run in runs if run.fits and run.fits[-1].model is not None]
    logits = [one is not None and one.loss_config.get("from_logits") is True for one in compiled]
    return bool(runs) and len(logits) == len(runs) and all(logits)
