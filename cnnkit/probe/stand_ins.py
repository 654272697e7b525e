"""Replacements, as data, of what a student's functions do not return, so that later exercises can be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnkit.networks.model_spec import ModelSpec

Form = Literal["network", "layer", "wrapper"]
"""Kind of result that stands in: a network, a layer that keeps the shape of images, or a network around both."""


@dataclass(frozen=True)
class StandIn:
    """Replacement of one function.

    Attributes:
        network: "network": what it returns; "layer": the layers of what it returns; "wrapper": the layers between the
            layer that it is given and the network behind, and the input of the whole.
        form: what it has to return.
        behind: of a "wrapper": the notebook's function that makes the network behind, where none is given.
        outputs: of a "wrapper": the shape of the whole network's output, batch axis first.
    """

    network: ModelSpec
    form: Form = "network"
    behind: str = ""
    outputs: tuple[int | None, ...] = ()
