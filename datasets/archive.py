"""The files of a data set: a reproducible .npz, and a .json that describes it.

The archive holds no times and nothing of the machine, so the same compression library gives the same bytes. A different
library may compress differently. Therefore an existing file that holds exactly these arrays is not written again, and
its sha256 stays the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.uint8]]
"""The arrays of a data set by Keras's names: x_train, y_train, x_test, y_test."""

# Level 9 of deflate would take 15 seconds instead of one and save two per cent. LZMA knows no levels here.
_DEFLATE_LEVEL = 6


class SourceError(Exception):
    """The source of a data set is missing, damaged or different from what is expected; the message says which."""


def to_npz(arrays: Arrays, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An .npz of the arrays, as `numpy.load` reads it.

    Args:
        arrays: name -> array, in the order of the archive.
        method: `zipfile.ZIP_DEFLATED`, or `zipfile.ZIP_LZMA`: smaller by an eighth, five times slower to read.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, whatever wrote it
            entry.external_attr = 0o644 << 16
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, body.getvalue(), compress_type=method, compresslevel=_DEFLATE_LEVEL)
    return buffer.getvalue()


def describe(facts: Mapping[str, Any], arrays: Arrays, npz: bytes) -> dict[str, Any]:
    """Content of the .json: the facts, sha256 of the file, and shape, dtype and sha256 of each array.

    Args:
        facts: title, authors, licence and so on; "name" is the name of both files.
        arrays: name -> array.
        npz: the bytes of the .npz.
    """
    return {
        **facts,
        "file": f"{facts['name']}.npz",
        "sha256": hashlib.sha256(npz).hexdigest(),
        "bytes": len(npz),
        "arrays": {
            name: {
                "shape": list(array.shape),
                "dtype": str(array.dtype),
                "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
            }
            for name, array in arrays.items()
        },
    }


def holds(path: Path, arrays: Arrays) -> bool:
    """True if the .npz at `path` exists, can be read, and holds exactly these arrays."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            # An array of the archive is unpacked each time that it is named.
            return set(archive.files) == set(arrays) and all(
                held.dtype == array.dtype and np.array_equal(held, array)
                for held, array in ((archive[name], array) for name, array in arrays.items())
            )
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile, lzma.LZMAError, zlib.error):
        return False


def write(folder: Path, facts: Mapping[str, Any], arrays: Arrays, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write the .npz and the .json of a data set into `folder`.

    Args:
        folder: an existing one. An .npz there that holds these arrays already is not written again.
        facts: the content of the .json besides sizes and checksums. "name" is the name of both files.
        arrays: name -> array.
        method: as for `to_npz`.

    Returns:
        The path of the .npz.
    """
    path = folder / f"{facts['name']}.npz"
    if not holds(path, arrays):
        path.write_bytes(to_npz(arrays, method))
    text = json.dumps(describe(facts, arrays, path.read_bytes()), indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return path


def main(build: Callable[[Path, Path], Path], usage: str | None) -> int:
    """Run a build script: its one argument is the source, and the files are written beside this module.

    Args:
        build: called with the source and the folder; writes the files and returns the path of the .npz.
        usage: printed if the argument is missing.

    Returns:
        The exit status: 0 built, 1 the source is wrong, 2 the call is wrong.
    """
    if len(sys.argv) != 2:
        print(usage, file=sys.stderr)
        return 2
    try:
        path = build(Path(sys.argv[1]), Path(__file__).parent)
    except SourceError as error:
        print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
        return 1
    print(f"{path.name}: {path.stat().st_size:,} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return 0
