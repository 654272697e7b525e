import platform
import subprocess
import sys

import pytest

MEASURE = """
import ctypes
from cnnkit.data import malloc

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.mallinfo.restype = type("Mallinfo", (ctypes.Structure,), {
    "_fields_": [(name, ctypes.c_int) for name in "arena ordblks smblks hblks hblkhd u f k d c".split()]})

def mapped():
    "How many of three large blocks the C library maps from the kernel."
    before = library.mallinfo().hblks
    for _ in range(3):
        library.malloc(ctypes.c_size_t(4_000_000))
    return library.mallinfo().hblks - before

library.mallopt(-3, 131072)  # what TensorFlow does
print(mapped(), malloc.restore_thresholds(), mapped())
"""


def test_large_blocks_come_from_the_heap_again(root):
    if platform.libc_ver()[0] == "glibc":
        code, expected = MEASURE, "3 True 0\n"
    else:
        code, expected = "from cnnkit.data import malloc; print(malloc.restore_thresholds())", "False\n"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == expected


HOARD = """
from pathlib import Path
from cnnkit.data import malloc

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

import ctypes
library = ctypes.CDLL(None)
library.mallopt(-1, 10**9)  # keep what is freed
library.malloc.restype = library.memset.restype = ctypes.c_void_p
blocks = [ctypes.c_void_p(library.malloc(ctypes.c_size_t(100_000))) for _ in range(500)]
for block in blocks:
    library.memset(block, 1, ctypes.c_size_t(100_000))
for block in blocks:
    library.free(block)
before = resident()
print(malloc.trim_heap(), before - resident() > 40_000_000)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no malloc_trim")
def test_what_was_freed_is_given_back(root):
    run = subprocess.run([sys.executable, "-c", HOARD], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == "True True\n"


@pytest.fixture
def musl(monkeypatch):
    from cnnkit.data import malloc

    monkeypatch.setattr(malloc.platform, "libc_ver", lambda: ("musl", "1.2"))
    monkeypatch.setattr(malloc.ctypes, "CDLL", None)
    malloc._glibc.cache_clear()
    yield malloc
    malloc._glibc.cache_clear()


def test_another_c_library_is_left_alone(musl):
    assert musl.restore_thresholds.__wrapped__() is False
    assert musl.trim_heap() is False
