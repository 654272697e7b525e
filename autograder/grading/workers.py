"""Worker processes of the grader's own: forked from a clean helper process, without student code or TensorFlow."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def worker_pool(jobs: int, modules: Sequence[str], begin: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """A pool of `jobs` processes, which have `modules` imported and have called `begin(*arguments)`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=begin, initargs=arguments)
