"""Releasing pages of libraries that were read only while the libraries were loaded.

Loading TensorFlow goes through hundreds of megabytes of its library, of which a notebook uses a tenth. They stay in the
kernel's cache of the file, and come back from there when they are used after all; mapped into a process that waits,
they count as its memory, and the kernel has to unmap them before it can use it for something else.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

_MADV_DONTNEED = 4  # from sys/mman.h

_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r-[-x]p) \S+ \S+ \d+ +/")


def release_library_pages() -> int:
    """Unmap pages that can be read from the file again, and return the bytes of address space.

    Pages that were written to, as relocations are, cannot: their mapping is left alone.
    """
    madvise = ctypes.CDLL(None, use_errno=True).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    done = 0
    for start, size in list(_clean(Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace"))):
        if madvise(start, size, _MADV_DONTNEED) == 0:
            done += size
    return done


def _clean(smaps: str) -> Iterator[tuple[int, int]]:
    """Start and size of the private, read-only mappings of files that hold no page of the process's own.

    Args:
        smaps: in the format of /proc/PID/smaps, see proc(5).
    """
    found = None
    for line in smaps.splitlines():
        if "-" in line.partition(" ")[0]:
            found = _MAPPING.match(line)
        elif found and re.fullmatch(r"Anonymous: +0 kB", line):
            start, end = int(found[1], 16), int(found[2], 16)
            yield start, end - start
