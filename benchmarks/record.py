"""Measure what recording a training costs: the same `fit` with `cnnkit.record` and without.

Usage: python benchmarks/record.py

The MNIST ConvNet is trained with Adam on all 55,000 images for two epochs, with recording and without in turn, in a
process that has warmed up. The seconds are those of the quickest round, which other work on the machine disturbs least.
"""

import contextlib
import io
import os
import tempfile
import time
from pathlib import Path

from reference_solution import solution

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
EPOCHS = 2


def main() -> None:
    """Train in turn, and print the ratio."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    names = solution()
    cnnkit, train_convnet = names["cnnkit"], names["train_convnet"]
    kinds: dict[str, list[tuple[float, float]]] = {"plain": [], "recorded": []}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        cnnkit.start("mnist_convnet", student="bench")
        train, val = cnnkit.data.batches("mnist")
        small = train.first(1000), val.first(1000)
        cnnkit.record(train_convnet, "adam", *small, epochs=1)  # pins op determinism for both, and warms up
        for _ in range(ROUNDS):
            for kind, seconds in kinds.items():
                started = time.process_time(), time.perf_counter()
                if kind == "recorded":
                    cnnkit.record(train_convnet, "adam", train, val, epochs=EPOCHS)
                else:
                    train_convnet("adam", train, val, epochs=EPOCHS)
                seconds.append((time.process_time() - started[0], time.perf_counter() - started[1]))
        os.chdir(ROOT)
    for index, clock in enumerate(("processor", "wall")):
        plain, recorded = (min(both[index] for both in seconds) for seconds in kinds.values())
        print(
            f"{EPOCHS} epochs, {clock}: {plain:.2f} s, recorded {recorded:.2f} s: {100 * (recorded / plain - 1):+.1f} %"
        )


if __name__ == "__main__":
    main()
