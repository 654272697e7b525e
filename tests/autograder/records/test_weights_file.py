"""Final weights come from a stranger: anything but the right arrays is refused before it is inflated."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.records.weights_file import BadWeights, read_weights
from cnnkit.recording.record_files import packed_arrays

SHAPES = [(2, 3), (3,)]
GOOD = [np.arange(6, dtype=np.float16).reshape(2, 3), np.ones(3, np.float16)]


def test_the_arrays_come_back_in_single_precision():
    found = read_weights(packed_arrays(GOOD), SHAPES)
    assert [array.dtype for array in found] == [np.float32, np.float32]
    np.testing.assert_array_equal(found[0], GOOD[0])


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(f"{name}.npy", data)
    return file.getvalue()


def npy(array, **how):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **how)
    return file.getvalue()


def header(text, size=12):
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        packed_arrays(GOOD)[:-10],
        packed_arrays(GOOD[:1]),
        packed_arrays([*GOOD, GOOD[0]]),
        packed_arrays([GOOD[0].T, GOOD[1]]),
        packed_arrays([GOOD[0].astype(np.float32), GOOD[1]]),
        packed_arrays([GOOD[0] * np.float16(np.nan), GOOD[1]]),
        archive(w0=npy(GOOD[0]), w2=npy(GOOD[1])),
        archive(w0=npy(GOOD[0]), w1=b"not an array" * 3),
        archive(w0=npy(GOOD[0]), w1=bytes(200_000_000)),
        archive(
            w0=npy(GOOD[0]), w1=header("{'descr': '<f2', 'fortran_order': False, 'shape': (100000000000,), }\n", 6)
        ),
        archive(w0=npy(GOOD[0]), w1=header("__import__('os').system('true')\n", 6)),
        archive(w0=npy(np.array([[{}, 1, 2], [3, 4, 5]], object), allow_pickle=True)[:130], w1=npy(GOOD[1])),
    ],
    ids=range(14),
)
def test_anything_else_is_refused(data):
    with pytest.raises(BadWeights):
        read_weights(data, SHAPES)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damage_is_refused_or_harmless(noise, place):
    data = packed_arrays(GOOD)
    damaged = data[:place] + noise + data[place + len(noise) :]
    try:
        found = read_weights(damaged, SHAPES)
    except BadWeights:
        return
    assert [array.shape for array in found] == SHAPES
