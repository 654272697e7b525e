"""The C library's allocator: restore the thresholds that TensorFlow lowers, and return freed memory to the machine.

From Python 3.11 on, TensorFlow (seen in 2.21) calls `mallopt(M_MMAP_THRESHOLD, 128 kB)` for the first dataset that is
made from Python code, and Keras makes one of every PyDataset. From then on each larger tensor is mapped afresh from the
kernel and zeroed page by page, so that an epoch of the MNIST network costs twice the processor time. With glibc left
alone the threshold would have grown to its maximum within the first step; this module sets it there.
"""

from __future__ import annotations

import ctypes
import functools
import platform

# From malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3

# The values at which glibc's own adjustment stops on a 64-bit machine: 32 MB, and twice that.
_MMAP_BYTES = 32 * 1024 * 1024
_TRIM_BYTES = 2 * _MMAP_BYTES


@functools.cache  # TensorFlow does it once a process, so once is enough here
def restore_thresholds() -> bool:
    """Set the thresholds; call it while a dataset made from Python code is being read.

    Returns:
        True if they were set, with glibc; False with any other C library.
    """
    library = _glibc()
    if library is None:
        return False
    return bool(library.mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES) and library.mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES))


def trim_heap() -> bool:
    """Return freed memory to the machine; for a process that waits between two large pieces of work.

    Returns:
        True if memory was returned; only glibc does.
    """
    library = _glibc()
    return library is not None and bool(library.malloc_trim(0))


@functools.cache
def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
