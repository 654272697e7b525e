"""The reference solution of mnist_convnet, run as a student's notebook would run it."""

import contextlib
import io
import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
NAME = "mnist_convnet"
OPTIMIZERS = ("adam", "adadelta", "sgd")


class Seconds(NamedTuple):
    """Duration of some work, in seconds of wall time and of processor time."""

    wall: float
    processor: float


def solution() -> dict[str, Any]:
    """The variables of a notebook with the solution's functions that build and train, and with `cnnkit`."""
    cells = json.loads((ROOT / "solutions" / NAME / f"{NAME}.ipynb").read_bytes())["cells"]
    sources = {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in cells}
    names: dict[str, Any] = {}
    exec("import keras\nfrom keras import layers\nimport cnnkit", names)  # the solution's own cells follow
    for cell in ("architecture_solution", "training_solution"):
        exec(sources[cell], names)
    return names


def record_runs(folder: Path, *, quick: bool, epochs: int) -> Seconds:
    """Train the solution with each optimizer, recorded for a student "bench"; the duration of the trainings.

    Args:
        folder: an existing one; `records/` is written into it.
        quick: on the images of the quick mode instead of all.
        epochs: of each training.
    """
    names = solution()
    cnnkit, before = names["cnnkit"], Path.cwd()
    os.chdir(folder)
    try:
        cnnkit.start(NAME, student="bench")
        train, val = cnnkit.data.batches("mnist", quick=quick)
        started = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            for name in OPTIMIZERS:
                cnnkit.record(names["train_convnet"], name, train, val, epochs=epochs)
        return Seconds(time.perf_counter() - started[0], time.process_time() - started[1])
    finally:
        os.chdir(before)
