"""Reading the final weights that came with a record: an .npz file made by a stranger."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnkit.errors import KitError

_HEADER = 1024
"""Bytes that an array's header may have."""


class BadWeights(KitError, ValueError):
    """The file does not hold the weights of this network; the message says what is wrong."""


def read_weights(data: bytes, shapes: Sequence[tuple[int, ...]]) -> list[NDArray[np.float32]]:
    """The arrays "w0", "w1", ... of these shapes, in single precision.

    Names and sizes are compared with the archive's directory before a byte is inflated; no array may hold objects.

    Raises:
        BadWeights: not an .npz file, other arrays, other shapes, another precision, or values that are not finite.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _look_through(archive, shapes)
            return [_array(archive, number, shape) for number, shape in enumerate(shapes)]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadWeights(f"it is no .npz file that can be read ({type(error).__name__})") from error


def _look_through(archive: zipfile.ZipFile, shapes: Sequence[tuple[int, ...]]) -> None:
    found = {item.filename: item.file_size for item in archive.infolist()}
    wanted = {f"w{number}.npy": shape for number, shape in enumerate(shapes)}
    if len(archive.infolist()) != len(wanted) or set(found) != set(wanted):
        raise BadWeights(f"it holds {len(archive.infolist())} arrays, the network has {len(wanted)}")
    for name, shape in wanted.items():
        size = 2 * int(np.prod(shape, dtype=np.int64))
        if not size <= found[name] <= size + _HEADER:
            raise BadWeights(f"{name} has {found[name]:,} bytes, {shape} in half precision has {size:,}")


def _array(archive: zipfile.ZipFile, number: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    name = f"w{number}.npy"
    size = 2 * int(np.prod(shape, dtype=np.int64))
    with archive.open(name) as file:
        raw = io.BytesIO(file.read(size + _HEADER))
    try:
        version = np.lib.format.read_magic(raw)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        found, by_column, dtype = read(raw, max_header_size=_HEADER)
    except (ValueError, EOFError, KeyError, SyntaxError) as error:
        raise BadWeights(f"{name} is no array ({str(error)[:100]})") from error
    values = raw.read()
    # compared before anything is made of that size: a header can claim 186 GiB
    if dtype != np.dtype("<f2") or found != shape or by_column or len(values) != size:
        raise BadWeights(f"{name} is {str(dtype)[:40]} {str(found)[:60]}, expected float16 {shape}")
    array = np.frombuffer(values, "<f2").reshape(shape)
    if not np.all(np.isfinite(array)):
        raise BadWeights(f"{name} holds values that are not finite")
    return array.astype(np.float32)
