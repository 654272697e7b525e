"""pad_to_32."""

import numpy as np
import pytest

from cnnkit import expect
from cnnkit.assignments.lenet import data as public
from cnnkit.mismatch import Mismatch


@pytest.mark.public
@pytest.mark.points(0.25)
def test_padded_shape(evidence):
    public.padded_shape(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_padded_values(evidence):
    public.padded_values(evidence)


@pytest.mark.points(0.25)
def test_type_and_argument_kept(evidence, draw):
    """Integers stay integers, and the images given are not modified."""
    for dtype in ("uint8", "float32"):
        images = draw(f"type_and_argument_kept {dtype}").integers(0, 256, size=(3, 28, 28, 1)).astype(dtype)
        what = f"pad_to_32 of {dtype} images, type of the values"
        hint = f"np.pad keeps the type; np.zeros makes float64 unless you say dtype={dtype!r}."
        found = evidence.call("pad_to_32", images)
        if isinstance(found, np.ndarray) and found.dtype != dtype:
            raise Mismatch(what, expected=dtype, found=found.dtype, hint=hint)
        expect.left_alone("pad_to_32", evidence.mutated("pad_to_32", images))
