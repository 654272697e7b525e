"""Objects that a student's function might return, from the unusual to the hostile."""

import enum
import fractions

import numpy as np
import pytest

from autograder.sandbox.protocol.messages import OpaqueValue


class Refuses:
    """Answers no question: every attribute, its text and its length raise."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __len__ = __iter__ = __float__ = __array__ = __eq__ = __bool__ = __hash__ = __repr__


class Liar:
    """Says that it is a list."""

    @property
    def __class__(self):
        return list


class Meddler:
    """Raises when asked for its class."""

    @property
    def __class__(self):
        raise RuntimeError("no")


class LongList(list):
    def __len__(self):
        raise RuntimeError("no")


class Colour(enum.IntEnum):
    RED = 13


_endless: list = []
_endless.append(_endless)
_deep: object = 1
for _ in range(3000):
    _deep = [_deep]


ODD = {
    "none": None,
    "text": "thirteen",
    "half a character": "\ud800",
    "bytes": b"13",
    "nan": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "huge": 10**5000,
    "complex": 13 + 0j,
    "fraction": fractions.Fraction(13),
    "enum": Colour.RED,
    "ragged": [[1, 2], [3]],
    "ragged arrays": [np.zeros((2, 3)), np.zeros((2, 4))],
    "empty list": [],
    "endless list": _endless,
    "deep list": _deep,
    "list of odd things": [Refuses(), 1],
    "list subclass": LongList([1, 2]),
    "dict": {"a": 13},
    "set": {13},
    "range": range(13),
    "generator": (number for number in range(3)),
    "function": len,
    "lambda": lambda: 13,
    "class": int,
    "object": object(),
    "refuses": Refuses(),
    "liar": Liar(),
    "meddler": Meddler(),
    "opaque": OpaqueValue("TensorFlow tensor", "shape (3,)"),
    "ten dimensions": np.zeros((1,) * 10),
    "objects": np.array([None, "a", 3], dtype=object),
    "dates": np.array(["2026-01-01"], dtype="datetime64[D]"),
    "texts": np.array(["a", "b"]),
    "records": np.zeros(2, dtype=[("a", int), ("b", float)]),
    "empty array": np.zeros((0, 10)),
    "masked": np.ma.masked,
    "numpy nan": np.float32("nan"),
    "numpy bool": np.bool_(True),
    "numpy text": np.str_("a"),
    "longdouble": np.longdouble(13),
}


@pytest.fixture(params=ODD)  # by name: pytest itself stumbles over some of them
def odd(request):
    return ODD[request.param]
