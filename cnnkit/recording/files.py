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

from cnnkit.recording.schema import TrainingRecord

FOLDER = "records"


def record_file_name(run: str, suffix: str) -> str:
    """The name of a run's file; a run may be called anything.

    Example:
        >>> record_file_name("adam", "json"), record_file_name("my/run", "npz")
        ('adam.json', 'my_run-1f471a4f.npz')
    """
    plain = re.sub(r"[^\w-]+", "_", run, flags=re.ASCII)[:40]
    if plain != run or not plain:
        plain += "-" + hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain}.{suffix}"


def write_record(record: TrainingRecord, weights: Sequence[NDArray[np.float16]]) -> TrainingRecord:
    """Write both files beside the notebook; the record is returned with the hash of its weights.

    Without weights an earlier run's file of them is removed. Where nothing can be written the record is returned as it
    is: it travels in the notebook all the same.
    """
    folder = Path(FOLDER)
    try:
        folder.mkdir(exist_ok=True)
        file = folder / record_file_name(record.run, "npz")
        file.unlink(missing_ok=True)
        if weights:
            data = packed_arrays(weights)
            file.write_bytes(data)
            record = replace(record, weights=f"sha256:{hashlib.sha256(data).hexdigest()}")
        text = json.dumps(record.to_json())
        (folder / record_file_name(record.run, "json")).write_text(text, encoding="utf-8")
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
            member.compress_type = zipfile.ZIP_DEFLATED
            data = io.BytesIO()
            np.save(data, array, allow_pickle=False)
            archive.writestr(member, data.getvalue())
    return file.getvalue()
