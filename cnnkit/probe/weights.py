"""Telling whether a network starts afresh or goes on from what an earlier run learned, without any training.

After each call of `fit` that is watched, the network's weights are moved a little, as training would. A later run is
fresh if its network begins with weights that no earlier run ended with: so a network that was built anew counts, and
one whose first weights were put back; one that is trained on does not, nor a new one with the weights of another.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

MOST_VALUES = 2_000_000
"""Weights with more values than this are left alone: the others tell networks apart just as well."""

_STEP = 0.01


class Weights:
    """The weights that the runs of one watch ended with."""

    def __init__(self) -> None:
        self._earlier: set[bytes] = set()
        self._now: set[bytes] = set()
        self._before: dict[
            int, tuple[Any, np.ndarray]
        ] = {}  # by id; the variable is kept, so that its id stays its own

    def next_run(self) -> None:
        """What has been trained so far belongs to earlier runs."""
        self._earlier |= self._now
        self._now = set()

    def are_fresh(self, model: Any) -> bool:
        """Whether no earlier run ended with the weights that the model has."""
        return _digest(model) not in self._earlier

    def train(self, model: Any) -> None:
        """Move the weights, as training would, and remember where they are."""
        for variable in _some(model):
            value = np.asarray(variable).copy()
            self._before.setdefault(id(variable), (variable, value))
            variable.assign(value + _STEP)
        if _some(model):
            self._now.add(_digest(model))

    def restore(self) -> None:
        """Put all weights back where they were before the watch: the network may be the notebook's own."""
        for variable, value in self._before.values():
            variable.assign(value)


def _some(model: Any) -> list[Any]:
    try:
        weights = list(model.trainable_weights)
        return [weight for weight in weights if np.prod(weight.shape) <= MOST_VALUES]
    except Exception:  # a class of the student's own, or a network that has no weights yet
        return []


def _digest(model: Any) -> bytes:
    total = hashlib.sha256()
    for variable in _some(model):
        total.update(np.asarray(variable).tobytes())
    return total.digest()
