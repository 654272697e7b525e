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
    """Saved state of one run after its last complete epoch.

    Each epoch has a file of its own, `3.npy` say; `record.json` is replaced once that is complete, and only then names
    it. Both are written atomically, so whenever the process ends there is a complete state to resume from.

    Args:
        run: the run's name.
        key: what identifies the training, as JSON data: a different network, different data or a different seed must
            not continue with its weights.

    Attributes:
        folder: of its files.
        exists: True if there is a state to resume from.
    """

    def __init__(self, run: str, key: object) -> None:
        name = hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:16]
        self.folder = Path(FOLDER) / name
        self.exists = False
        self._key = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        self._model: Any = None
        self._initial_epoch: Any = None

    def resume(self, model: Any, restore: Callable[[dict[str, Any]], T]) -> T | None:
        """Resume the training at the saved state, if there is one.

        Call it when Keras begins to train: the model then has the saved weights, and fit begins at the epoch after
        them. Call `reset_initial_epoch` once that has begun.

        Args:
            model: as it is before its first step; left alone if there is nothing to resume.
            restore: converts the state that `save` was given last. A state with which it fails is not resumed.

        Returns:
            The result of `restore`, or None if there is nothing to resume; a damaged or different state is deleted.
        """
        self._model, self._initial_epoch = model, model._initial_epoch
        try:
            found = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
            if found["key"] == self._key:
                restored, epochs = restore(found["state"]), int(found["epochs"])
                self._restore(epochs)
                self.exists = True
                return restored
        except Exception:  # none, or a damaged file, after a power cut say: then from the start
            pass
        self.delete()
        return None

    def reset_initial_epoch(self) -> None:
        """Undo the first epoch that `resume` set, so that a later fit of the same model begins at its own."""
        self._model._initial_epoch = self._initial_epoch

    def save(self, epoch: int, state: Mapping[str, Any]) -> None:
        """Save the state after an epoch; the state before it is deleted.

        Args:
            epoch: the one that has just ended, from 0.
            state: JSON data for `restore`.

        Raises:
            OSError: it cannot be written.
        """
        file = self._file(epoch + 1)
        arrays = io.BytesIO()
        for variable in _variables(self._model):
            np.save(arrays, np.asarray(variable), allow_pickle=False)
        write_atomically(file, arrays.getbuffer())
        saved = {"key": self._key, "epochs": epoch + 1, "state": state}
        write_atomically(self.folder / _STATE, json.dumps(saved).encode())
        self.exists = True
        for other in self.folder.glob("*.npy"):
            if other != file:
                other.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the state: the training has ended, or is a different one now."""
        self.exists = False
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # the checkpoint of another run is in it
            self.folder.parent.rmdir()

    def _file(self, epochs: int) -> Path:
        return self.folder / f"{epochs}.npy"

    def _restore(self, epochs: int) -> None:
        """Assign the saved values to the model's variables, all of them or none."""
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
    """All that training changes: weights, moving means, random number generators, and the optimizer's variables."""
    return [*model.variables, *model.optimizer.variables]
