"""Expectations on values, networks, training runs and figures; each raises Mismatch if it is not met.

The functions for returned values are exported here, `expect.number`, `expect.array` and so on; the others are in the
modules of this package.
"""

from cnnkit.expect.returned_values import (
    ANOTHER_SHAPE,
    array,
    left_alone,
    number,
    numbers,
    scalar,
    values,
)
from cnnkit.probe.value_text import kind

__all__ = ["ANOTHER_SHAPE", "array", "kind", "left_alone", "number", "numbers", "scalar", "values"]
