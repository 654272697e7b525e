"""Going on with a training that was interrupted: Keras's BackupAndRestore, and what a record remembers beside it."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER = ".cnnkit"
"""Where backups lie, in the notebook's folder. It is hidden, and never handed in."""

_STATE = "record.json"


class Backup:
    """The state of one run after its last whole epoch.

    Args:
        run: the run's name.
        key: what the training is: another function, other data or another seed must not go on with its weights.
    """

    def __init__(self, run: str, key: object) -> None:
        name = hashlib.sha256(run.encode()).hexdigest()[:16]
        self.folder = Path(FOLDER) / name
        self._key = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        self._keras: Any = None

    def begin(self, model: Any) -> dict[str, Any] | None:
        """Take the training up where it stood.

        Called when Keras begins to train; afterwards the model has the weights, and fit begins at the epoch.

        Returns:
            What `keep` was given last, or None where there is nothing to go on with: then a new backup is begun.
        """
        import keras

        state = self._state()
        if state is None:
            self.forget()
        self._keras = keras.callbacks.BackupAndRestore(str(self.folder / "model"), delete_checkpoint=False)
        self._keras.set_model(model)
        try:
            self._keras.on_train_begin()
        except Exception:  # half a file, after a power cut say: then from the start
            self.forget()
            return None
        return state

    def keep(self, epoch: int, state: dict[str, Any]) -> None:
        """Save what is needed to go on after epoch number `epoch` (from 0)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"key": self._key, "epochs": epoch + 1, "state": state})
        fresh = self.folder / f"{_STATE}.new"
        fresh.write_text(text, encoding="utf-8")
        self._keras.on_epoch_end(epoch)
        fresh.replace(self.folder / _STATE)

    def forget(self) -> None:
        """Throw it away: the training came to its end, or is another one now."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # another run's backup is in it
            self.folder.parent.rmdir()

    def _state(self) -> dict[str, Any] | None:
        try:
            found = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
            saved = json.loads((self.folder / "model" / "training_metadata.json").read_text(encoding="utf-8"))
            if found["key"] != self._key or found["epochs"] != saved["epoch"]:
                return None
            state: dict[str, Any] = found["state"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state
