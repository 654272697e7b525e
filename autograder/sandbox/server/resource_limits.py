"""Limits of a process that runs a student's code: processor time in all, memory, files, threads."""

from __future__ import annotations

import resource
import time
from pathlib import Path


def one_thread() -> None:
    """Let TensorFlow compute in one thread, as there is a process for each core; before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def mapped_bytes() -> int:
    """How much address space this process has mapped."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def limit_resources(submission_seconds: float, memory_mb: int, mapped: int) -> None:
    """Set hard limits on this process and its children: processor time, memory beyond today's, files, threads.

    Args:
        submission_seconds: processor time of the whole submission.
        memory_mb: address space beyond what is mapped already, in MB (10**6 bytes).
        mapped: see `mapped_bytes`; measured before, because /proc may not be there any more.
    """
    seconds = int(time.process_time() + submission_seconds) + 1  # importing libraries was not the submission's doing
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    allowed = mapped + memory_mb * 10**6
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100 * 10**6, 100 * 10**6))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
