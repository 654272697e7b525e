"""What recording a training costs: the same `fit` with `cnnkit.record` and without.

The MNIST ConvNet is trained with Adam on all 55,000 images for two epochs, with recording and without in turn, in a
process that has warmed up and has no children. The figures are those of the cheapest round, which other work on the
machine disturbs least.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from pathlib import Path

from parts import Figures, PartContext
from reference_solution import solution

ROUNDS = 2
EPOCHS = 2


def measure(context: PartContext) -> Figures:
    """Processor seconds of a training without recording, and the percentage that recording adds."""
    names, before = solution(), Path.cwd()
    cnnkit, train_convnet = names["cnnkit"], names["train_convnet"]
    spent: dict[str, list[float]] = {"plain": [], "recorded": []}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        try:
            cnnkit.start("mnist_convnet", student="bench")
            train, val = cnnkit.data.batches("mnist", quick=context.trial)
            small = train.first(1000), val.first(1000)
            cnnkit.record(train_convnet, "adam", *small, epochs=1)  # pins op determinism for both, and warms up
            for _ in range(ROUNDS):
                for kind, seconds in spent.items():
                    started = time.process_time()
                    if kind == "recorded":
                        cnnkit.record(train_convnet, "adam", train, val, epochs=EPOCHS)
                    else:
                        train_convnet("adam", train, val, epochs=EPOCHS)
                    seconds.append(time.process_time() - started)
        finally:
            os.chdir(before)
    plain, recorded = (min(seconds) for seconds in spent.values())
    return {"cpu_training_two_epochs": plain, "percent_recording_adds": 100 * (recorded / plain - 1)}
