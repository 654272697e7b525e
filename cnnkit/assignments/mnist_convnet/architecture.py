"""Public checks of the exercise `architecture`."""

from __future__ import annotations

from cnnkit.assignments.mnist_convnet.brief import BRIEF, CHECKS, INPUT, NETWORK
from cnnkit.checks.evidence import Evidence
from cnnkit.expect import network


@CHECKS.add("architecture", "the layers are those of the brief, in its order")
def layers_in_order(evidence: Evidence) -> None:
    """Expect the specified kinds of layers."""
    network.kinds_in_order(evidence.model(NETWORK, input_shape=INPUT), BRIEF)


@CHECKS.add("architecture", "every layer's output has the shape you predicted")
def shapes_of_the_brief(evidence: Evidence) -> None:
    """Expect the specified output shapes, layer by layer, and as many layers."""
    network.shapes_are_right(evidence.model(NETWORK, input_shape=INPUT), BRIEF)


@CHECKS.add("architecture", "1,191,338 parameters")
def parameters_in_all(evidence: Evidence) -> None:
    """Expect the specified number of parameters."""
    network.parameters_are_right(evidence.model(NETWORK, input_shape=INPUT), BRIEF)
