"""Measure describing a large network without its weights, and building it with them.

As in the grader, each network is built in a process forked from one that has imported Keras. Memory is the growth of
that process's unique set size (USS).
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import psutil
from parts import Figures, PartContext

NETWORKS = ("VGG16", "ResNet50", "InceptionV3", "MobileNet")
MB = 1_000_000


class Cost(NamedTuple):
    """Parameters of a network, and the processor seconds and megabytes that making it took."""

    parameters: int
    seconds: float
    mb: float


def measure_in_fork(make: Callable[[], int]) -> Cost:
    """Call `make`, which returns a number of parameters, in a fork of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        process = psutil.Process()
        before, started = process.memory_full_info().uss, time.process_time()
        parameters = make()
        seconds = time.process_time() - started
        grown = process.memory_full_info().uss - before
        os.write(writing, f"{parameters} {seconds} {grown / MB}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        numbers = pipe.read().split()
    os.waitpid(child, 0)
    return Cost(int(numbers[0]), float(numbers[1]), float(numbers[2]))


def measure(_: PartContext) -> Figures:
    """Figures by network: processor seconds and megabytes, described and built."""
    import gc

    import keras

    gc.freeze()
    found: Figures = {}
    for name in NETWORKS:
        build = getattr(keras.applications, name)
        for kind, make in (("described", _describe), ("built", _build)):
            cost = measure_in_fork(partial(make, build))
            found.setdefault(f"cpu_{kind}", {})[name] = cost.seconds
            found.setdefault(f"mb_{kind}", {})[name] = cost.mb
    return found


_alive: list[Any] = []  # what was made must not be collected before memory is read


def _describe(build: Callable[..., Any]) -> int:
    from cnnkit.networks.describe.weightless import build_and_describe

    _alive.append(build_and_describe(lambda: build(weights=None)))
    return int(_alive[-1].parameters)


def _build(build: Callable[..., Any]) -> int:
    _alive.append(build(weights=None))
    return int(_alive[-1].count_params())
