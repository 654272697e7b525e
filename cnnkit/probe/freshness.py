"""Telling whether a network starts afresh or goes on from what an earlier run learned, without any training.

After each call of `fit` that is watched, the network's weights are moved a little, as training would. A later run is
fresh if its network begins with weights that no earlier run ended with: so a network that was built anew counts, and
one whose first weights were put back; one that is trained on does not, nor a new one with the weights of another.
"""

from __future__ import annotations

import hashlib
from itertools import accumulate
from operator import itemgetter
from typing import Any

import numpy as np

MOST_VALUES = 100_000
"""Values that are looked at, of the smallest weights: they tell networks apart as well as millions."""

_STEP = 0.01


class FinalWeights:
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

    def train(self, model: Any) -> bool:
        """Move the weights, as training would, and remember where they are.

        Returns:
            Whether no earlier run ended with the weights that the model had.
        """
        began, ended = hashlib.blake2b(), hashlib.blake2b()
        moved = _some(model)
        for variable in moved:
            before = np.asarray(variable).copy()
            after = (before + _STEP).astype(before.dtype)
            self._before.setdefault(id(variable), (variable, before))
            variable.assign(after)
            began.update(before.tobytes())
            ended.update(after.tobytes())
        if moved:
            self._now.add(ended.digest())
        return began.digest() not in self._earlier

    def restore(self) -> None:
        """Put all weights back where they were before the watch: the network may be the notebook's own."""
        for variable, value in self._before.values():
            variable.assign(value)


def _some(model: Any) -> list[Any]:
    """The smallest of the weights that are trained, one at least."""
    try:
        sized = sorted(((int(np.prod(weight.shape)), weight) for weight in model.trainable_weights), key=itemgetter(0))
    except Exception:  # a class of the student's own, or a network that has no weights yet
        return []
    ends = accumulate(size for size, _ in sized)
    return [
        weight
        for place, ((_, weight), end) in enumerate(zip(sized, ends, strict=True))
        if not place or end <= MOST_VALUES
    ]
