"""The softmax at the end of a network, which may also be left to the loss."""

from __future__ import annotations

from dataclasses import replace

from cnnkit.networks.model_spec import ModelSpec


def ends_in_softmax(network: ModelSpec) -> bool:
    """True if the network's last layer applies softmax.

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> ends_in_softmax(sequence((None, 4), [("Dense", {"units": 3, "activation": "softmax"})]))
        True
    """
    return any(layer.config.get("activation") == "softmax" for layer in network.layers[-1:])


def leaves_softmax_out(found: ModelSpec, expected: ModelSpec) -> bool:
    """True if a network ends in the same kind of layer as the expected one, but without its softmax."""
    if not ends_in_softmax(expected) or not found.layers:
        return False
    last = found.layers[-1]
    return last.kind == expected.layers[-1].kind and last.config.get("activation", "linear") == "linear"


def without_softmax(network: ModelSpec) -> ModelSpec:
    """Return the network with the activation of its last layer removed.

    A softmax in the last layer with a loss on probabilities, and none with a loss that has `from_logits=True`, are one
    network trained in one way; a last layer without softmax whose loss expects probabilities is not.
    """
    plain = replace(network.layers[-1], config={**network.layers[-1].config, "activation": "linear"})
    return replace(network, layers=(*network.layers[:-1], plain))
