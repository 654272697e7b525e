"""What it costs to describe a large network without its weights, beside building it with them.

Usage: python benchmarks/describe.py

As the grader does it, each network is built in a process forked from one that has imported Keras; memory is what that
process alone holds afterwards and did not hold before.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil

NETWORKS = ("VGG16", "ResNet50", "InceptionV3", "MobileNet")
MB = 1_000_000


def measured(work: Callable[[], int]) -> tuple[int, float, float]:
    """What `work` returns, and its processor seconds and megabytes, in a fork of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        process = psutil.Process()
        before, started = process.memory_full_info().uss, time.process_time()
        found = work()
        seconds = time.process_time() - started
        grown = process.memory_full_info().uss - before
        os.write(writing, f"{found} {seconds} {grown / MB}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    count, used, grown_mb = said.split()
    return int(count), float(used), float(grown_mb)


def main() -> None:
    """Measure and print the table."""
    import gc

    import keras

    gc.freeze()
    print(f"{'network':12} {'parameters':>12}  {'described':>18}  {'built with weights':>20}  ratio")
    for name in NETWORKS:
        build = getattr(keras.applications, name)
        count, *lean = measured(partial(_described, build))
        _, *full = measured(partial(_built, build))
        print(
            f"{name:12} {count:12,}  {lean[0]:7.2f} s {lean[1]:6.0f} MB  {full[0]:9.2f} s {full[1]:6.0f} MB"
            f"  {full[0] / lean[0]:.0f}x time, {full[1] / lean[1]:.0f}x memory"
        )


_kept: list[Any] = []  # so that what is measured is still there when memory is read


def _described(build: Callable[..., Any]) -> int:
    from cnnkit.networks.describe.weightless import build_and_describe

    _kept.append(build_and_describe(lambda: build(weights=None)))
    return int(_kept[-1].parameters)


def _built(build: Callable[..., Any]) -> int:
    _kept.append(build(weights=None))
    return int(_kept[-1].count_params())


if __name__ == "__main__":
    main()
