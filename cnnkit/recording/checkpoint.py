"""Checkpoints of a training: one that is interrupted and resumed comes to the same numbers as one that never was.

Keras has a callback for this, BackupAndRestore (as of Keras 3.15, with `double_checkpoint`, which falls back to the
state before the last one if that is damaged). It saves no state of the random number generators of layers that draw
while they train (Dropout), so a resumed training comes to different numbers; and it takes four times as long to write.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from cnnkit.atomic_write import write_atomically

FOLDER = ".cnnkit"
"""Folder of the checkpoints, beside the notebook. It is hidden, and never handed in."""

_STATE = "record.json"

T = TypeVar("T")


class TrainingCheckpoint:
    """The state of one run after its last whole epoch.

    Each epoch has a file of its own, `3.npy` say; `record.json` is replaced once that is complete, and only then names
    it. Both are written atomically, so whenever the process ends there is a complete state to resume from.

    Args:
        run: the run's name.
        key: what the training is, as JSON data: another network, other data or another seed must not go on with its
            weights.

    Attributes:
        there: whether there is a state to go on from.
    """

    def __init__(self, run: str, key: object) -> None:
        name = hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:16]
        self.folder = Path(FOLDER) / name
        self.there = False
        self._key = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        self._model: Any = None
        self._initial_epoch: Any = None

    def begin(self, model: Any, take_up: Callable[[dict[str, Any]], T]) -> T | None:
        """Take the training up where it stood.

        Called when Keras begins to train; afterwards the model has the weights, and fit begins at the epoch. Call
        `begun` once it has.

        Args:
            model: as it stands before its first step; left as it is where there is nothing to go on with.
            take_up: makes what the caller needs of what `keep` was given last. A state with which it fails is no good.

        Returns:
            What `take_up` returned, or None where there is nothing to go on with: then a new backup is begun.
        """
        self._model, self._initial_epoch = model, model._initial_epoch
        try:
            found = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
            if found["key"] == self._key:
                taken, epochs = take_up(found["state"]), int(found["epochs"])
                self._restore(epochs)
                self.there = True
                return taken
        except Exception:  # none, or half a file, after a power cut say: then from the start
            pass
        self.forget()
        return None

    def begun(self) -> None:
        """The first epoch has begun: another fit of the same model begins where it is told to."""
        self._model._initial_epoch = self._initial_epoch

    def keep(self, epoch: int, state: Mapping[str, Any]) -> None:
        """Save what is needed to go on after epoch number `epoch` (from 0).

        Args:
            epoch: that has just ended.
            state: JSON data, given to `take_up` later.

        Raises:
            OSError: it cannot be written.
        """
        file = self._file(epoch + 1)
        arrays = io.BytesIO()
        for variable in _variables(self._model):
            np.save(arrays, np.asarray(variable), allow_pickle=False)
        write_atomically(file, arrays.getbuffer())
        told = {"key": self._key, "epochs": epoch + 1, "state": state}
        write_atomically(self.folder / _STATE, json.dumps(told).encode())
        self.there = True
        for other in self.folder.glob("*.npy"):
            if other != file:
                other.unlink(missing_ok=True)

    def forget(self) -> None:
        """Throw it away: the training came to its end, or is another one now."""
        self.there = False
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # another run's backup is in it
            self.folder.parent.rmdir()

    def _file(self, epochs: int) -> Path:
        return self.folder / f"{epochs}.npy"

    def _restore(self, epochs: int) -> None:
        """Give the model what was kept; where that cannot be done it is left as it is."""
        model = self._model
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        variables = _variables(model)
        with self._file(epochs).open("rb") as opened:
            values = [np.load(opened, allow_pickle=False) for _ in variables]
            if opened.read(1) or any(tuple(a.shape) != b.shape for a, b in zip(variables, values, strict=True)):
                raise ValueError("these are not the weights of this network")
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        model._initial_epoch = epochs


def _variables(model: Any) -> list[Any]:
    """All that training changes: weights, moving means, random number generators, and what the optimizer remembers."""
    return [*model.variables, *model.optimizer.variables]
