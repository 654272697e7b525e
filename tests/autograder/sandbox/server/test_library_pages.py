"""Pages of libraries are let go of where that loses nothing."""

import subprocess
import sys

from autograder.sandbox.server.library_pages import _clean

SMAPS = """\
7f0000000000-7f0000002000 r--p 00000000 fe:00 1 /lib/one.so
Size:                  8 kB
Anonymous:             0 kB
7f0000002000-7f0000003000 r-xp 00002000 fe:00 1 /lib/one.so
Anonymous:             0 kB
7f0000003000-7f0000004000 r--p 00003000 fe:00 1 /lib/relocated.so
Anonymous:             4 kB
7f0000004000-7f0000005000 rw-p 00003000 fe:00 1 /lib/written.so
Anonymous:             0 kB
7f0000005000-7f0000006000 r--s 00003000 fe:00 1 /lib/shared
Anonymous:             0 kB
7f0000006000-7f0000007000 r--p 00000000 00:00 0
Anonymous:             0 kB
7f0000007000-7f0000008000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
"""


def test_only_what_the_file_still_has_is_let_go_of():
    assert list(_clean(SMAPS)) == [(0x7F0000000000, 0x2000), (0x7F0000002000, 0x1000)]


def test_a_process_goes_on_afterwards():
    code = (
        "import numpy, re\n"
        "from autograder.sandbox.server.library_pages import release_library_pages\n"
        "def file_pages(): return int(re.search(r'RssFile:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "before = file_pages()\n"
        "assert release_library_pages() > 1_000_000\n"
        "assert file_pages() < before / 2\n"
        "print(numpy.linalg.det(numpy.eye(3)), re.sub('a', 'b', 'a'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1.0", "b"]
