"""Going on with a training that was interrupted, so that it comes to the numbers of one that never was.

Keras has a callback for this, BackupAndRestore. It leaves out the random number generators of layers that draw while
they train (Dropout), so that the numbers would be others; it takes half a file for a whole one; and it takes four times
as long to write.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

FOLDER = ".cnnkit"
"""Where backups lie, in the notebook's folder. It is hidden, and never handed in."""

_STATE = "record.json"

T = TypeVar("T")


class TrainingCheckpoint:
    """The state of one run after its last whole epoch.

    Each epoch has a file of its own, `3.npy` say; `record.json` is replaced when that is complete, and only then names
    it. So whenever the process ends, in the middle of writing too, there is a whole state to go on from.

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
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(epoch + 1)
        with file.open("wb") as opened:
            for variable in _variables(self._model):
                np.save(opened, np.asarray(variable), allow_pickle=False)
        told = {"key": self._key, "epochs": epoch + 1, "state": state}
        fresh = self.folder / f"{_STATE}.new"
        fresh.write_text(json.dumps(told), encoding="utf-8")
        fresh.replace(self.folder / _STATE)
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
