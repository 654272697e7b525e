"""The idx format of MNIST and Fashion-MNIST: four files, checked against known md5 sums."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from archive import SourceError
from numpy.typing import NDArray

FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
"""Array in the .npz (Keras's names) -> idx file."""

_UNSIGNED_BYTE = 0x08


def read(source: Path, md5: Mapping[str, str]) -> dict[str, NDArray[np.uint8]]:
    """Read the arrays of the four idx files and check their md5 sums.

    Args:
        source: a folder that holds them, plain or gzipped (`.gz`), or a .tgz that holds them plain.
        md5: idx file -> md5 sum of the file, uncompressed.

    Returns:
        The arrays by Keras's names: images (N, 28, 28) and labels (N,).

    Raises:
        SourceError: a file is missing or damaged, or its md5 sum differs.
    """
    files = _bytes(source)
    for name, expected in md5.items():
        if name not in files:
            found = ", ".join(sorted(files)) or "none of the four files"
            raise SourceError(f"expected {name} in {source}, found {found}")
        found = hashlib.md5(files[name], usedforsecurity=False).hexdigest()
        if found != expected:
            raise SourceError(f"{name}: expected md5 {expected}, found {found}; get the package again")
    return {array: from_idx(files[name]) for array, name in FILES.items()}


def from_idx(data: bytes) -> NDArray[np.uint8]:
    """The array in an idx file of unsigned bytes: images (N, 28, 28) or labels (N,).

    Raises:
        SourceError: `data` is not an idx file of unsigned bytes, or its length differs from its header.
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


def _bytes(source: Path) -> dict[str, bytes]:
    """The idx files in `source` by name, uncompressed and not yet checked."""
    files: dict[str, bytes] = {}
    try:
        if source.is_dir():
            for name in FILES.values():
                if (path := source / name).is_file():
                    files[name] = path.read_bytes()
                elif (path := source / f"{name}.gz").is_file():
                    files[name] = gzip.decompress(path.read_bytes())
        elif source.is_file():
            with tarfile.open(source) as archive:
                for member in archive:
                    name = Path(member.name).name
                    if name in FILES.values() and (stream := archive.extractfile(member)) is not None:
                        files[name] = stream.read()
        else:
            raise SourceError(f"expected a folder of idx files or a .tgz at {source}, found nothing there")
    except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError) as error:
        raise SourceError(f"expected idx files in {source}, found an archive that is damaged: {error}") from error
    return files
