import platform
import subprocess
import sys

MEASURE = """
import ctypes
from cnnkit import malloc

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
print(mapped(), malloc.restore(), mapped())
"""


def test_large_blocks_come_from_the_heap_again(root):
    if platform.libc_ver()[0] == "glibc":
        code, expected = MEASURE, "3 True 0\n"
    else:
        code, expected = "from cnnkit import malloc; print(malloc.restore())", "False\n"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == expected


def test_another_c_library_is_left_alone(monkeypatch):
    from cnnkit import malloc

    monkeypatch.setattr(malloc.platform, "libc_ver", lambda: ("musl", "1.2"))
    monkeypatch.setattr(malloc.ctypes, "CDLL", None)
    assert malloc.restore.__wrapped__() is False
