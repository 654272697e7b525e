"""The reference solution of mnist_convnet, run as a student's notebook would run it."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NAME = "mnist_convnet"
OPTIMIZERS = ("adam", "adadelta", "sgd")
REPAIRED = "adadelta_that_learns"
"""Name of the run, and of the function that gives its optimizer."""
QUICK_EPOCHS = 3


def solution() -> dict[str, Any]:
    """The variables of a notebook with the solution's functions that build and train, and with `cnnkit`."""
    cells = json.loads((ROOT / "solutions" / NAME / f"{NAME}.ipynb").read_bytes())["cells"]
    sources = {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in cells}
    names: dict[str, Any] = {}
    exec("import keras\nfrom keras import layers\nimport cnnkit", names)  # the solution's own cells follow
    for cell in ("architecture_solution", "training_solution", "repair_solution"):
        exec(sources[cell], names)
    return names


def record_runs(folder: Path, runs: Sequence[str], *, quick: bool, epochs: int = QUICK_EPOCHS) -> float:
    """Train the solution, recorded for a student "bench"; runs whose records are there are left as they are.

    Args:
        folder: an existing one; `records/` is written into it. A training that was interrupted goes on where it was.
        runs: OPTIMIZERS or REPAIRED.
        quick: on the images of the quick mode instead of all.
        epochs: of each training.

    Returns:
        Seconds of wall time of all these trainings, as the records have it.
    """
    names = solution()
    cnnkit, before = names["cnnkit"], Path.cwd()
    os.chdir(folder)
    try:
        cnnkit.start(NAME, student="bench")
        train, val = cnnkit.data.batches("mnist", quick=quick)
        with contextlib.redirect_stdout(io.StringIO()):
            for run in runs:
                if not Path("records", f"{run}.json").exists():
                    optimizer = names[REPAIRED]() if run == REPAIRED else run
                    cnnkit.record(names["train_convnet"], optimizer, train, val, epochs=epochs, run=run)
        return sum(json.loads(Path("records", f"{run}.json").read_bytes())["seconds"] for run in runs)
    finally:
        os.chdir(before)
