"""Detect whether a training run starts from fresh weights or from those of an earlier run, without any training.

After each call of `fit` that is watched, the network's weights are changed a little, as training would. A later run is
fresh if its network begins with weights that no earlier run ended with. So a new network is fresh, and one whose first
weights were restored; one that is trained further is not, nor a new one that was given the weights of an earlier run.
"""

from __future__ import annotations

import hashlib
from itertools import accumulate
from operator import itemgetter
from typing import Any

import numpy as np

MOST_VALUES = 100_000
"""Values that are compared, of the smallest weights: enough to distinguish networks."""

_STEP = 0.01
"""Change of each of these values in a call of `fit`."""


class FinalWeights:
    """Digests of the weights with which the runs of one watch ended."""

    def __init__(self) -> None:
        self._earlier: set[bytes] = set()
        self._current: set[bytes] = set()
        # By id; the variable is stored too, so that its id is not used again.
        self._before: dict[int, tuple[Any, np.ndarray]] = {}

    def next_run(self) -> None:
        """Begin a run; the weights so far are those of earlier runs."""
        self._earlier |= self._current
        self._current = set()

    def train(self, model: Any) -> bool:
        """Change the weights, as training would, and record them.

        Args:
            model: the `keras.Model` that `fit` was called on.

        Returns:
            True if no earlier run ended with the weights that the model had before.
        """
        began, ended = hashlib.blake2b(), hashlib.blake2b()
        changed = _smallest_weights(model)
        for variable in changed:
            before = np.asarray(variable).copy()
            after = (before + _STEP).astype(before.dtype)
            self._before.setdefault(id(variable), (variable, before))
            variable.assign(after)
            began.update(before.tobytes())
            ended.update(after.tobytes())
        if changed:
            self._current.add(ended.digest())
        return began.digest() not in self._earlier

    def restore(self) -> None:
        """Restore all weights to their values before the watch: the network may be the notebook's own."""
        for variable, value in self._before.values():
            variable.assign(value)


def _smallest_weights(model: Any) -> list[Any]:
    """Smallest trainable weights of a network, at least one, of at most MOST_VALUES values if there are several."""
    try:
        sized = sorted(((int(np.prod(weight.shape)), weight) for weight in model.trainable_weights), key=itemgetter(0))
    except Exception:  # a student's own class, or a network that has no weights yet
        return []
    ends = accumulate(size for size, _ in sized)
    return [
        weight
        for place, ((_, weight), end) in enumerate(zip(sized, ends, strict=True))
        if not place or end <= MOST_VALUES
    ]
