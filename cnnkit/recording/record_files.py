"""The files of a training record: records/<run>.json, and the final weights in records/<run>.npz, in half precision."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnkit.atomic_write import write_atomically
from cnnkit.linear_pattern import compile_linear
from cnnkit.recording.schema import TrainingRecord

FOLDER = "records"

_UNSAFE = compile_linear(r"[^\w-]++", re.ASCII)


def record_file_name(run: str, suffix: str) -> str:
    """File name of a run, ASCII letters, digits, "_" and "-" only; a run may be called anything.

    Args:
        run: the run's name.
        suffix: of the file, without a dot.

    Example:
        >>> record_file_name("adam", "json"), record_file_name("my/run", "npz")
        ('adam.json', 'my_run-1f471a4f.npz')
    """
    plain = _UNSAFE.sub("_", run)[:40]
    if plain != run or not plain:
        plain += "-" + hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain}.{suffix}"


def write_record(record: TrainingRecord, weights: Sequence[NDArray[np.float16]]) -> TrainingRecord:
    """Write both files beside the notebook, each whole or not at all, the weights first.

    A process killed between the two leaves new weights beside an earlier record, whose hash shows that they are not its
    own: `cnnkit.submit` leaves them out and the grader does not compare them.

    Args:
        record: of the run; its field `weights` is filled in here.
        weights: after the last epoch, layer by layer; without any the file of an earlier run is removed.

    Returns:
        The record with the hash of its weights. Where a file cannot be written, which is printed, the hash is "": the
        record still travels in the notebook.
    """
    weights_file = Path(FOLDER) / record_file_name(record.run, "npz")
    try:
        if weights:
            data = packed_arrays(weights)
            write_atomically(weights_file, data)
            record = replace(record, weights=f"sha256:{hashlib.sha256(data).hexdigest()}")
        else:
            weights_file.unlink(missing_ok=True)
        text = json.dumps(record.to_json())
        write_atomically(weights_file.with_suffix(".json"), text.encode())
    except OSError as error:
        print(f"{record.run}: the files in {FOLDER}/ could not be written ({error}); the record is in the notebook.")
        return replace(record, weights="")
    return record


def packed_arrays(weights: Sequence[NDArray[np.float16]]) -> bytes:
    """The arrays, "w0", "w1", ..., as an .npz file: the same bytes for the same arrays, whenever they are packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, array in enumerate(weights):
            member = zipfile.ZipInfo(f"w{number}.npy", (1980, 1, 1, 0, 0, 0))
            data = io.BytesIO()
            np.save(data, array, allow_pickle=False)
            archive.writestr(member, data.getvalue())
    return file.getvalue()
