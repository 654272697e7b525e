"""average_pool, on images that the notebook does not show."""

import numpy as np
import pytest

from autograder.rubrics.lenet import reference
from cnnkit import expect
from cnnkit.assignments.lenet import pooling as public

COMPARE = "The mean of that window is another number: compare with Keras's layer on an array of this shape."


def check(call, x, size, stride, what, hint):
    wanted = reference.average_pool(x, size, stride)
    found = expect.array(call("average_pool", x, size, stride), what, shape=wanted.shape, reveal=False, hint=hint)
    expect.values(found, wanted, what, tolerance=1e-4, reveal=False, instead=COMPARE, hint=hint)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_pools_the_example(evidence):
    public.pools_the_example(evidence)


@pytest.mark.points(0.5)
def test_several_channels(call, draw):
    """Each channel is pooled by itself, and height and width may differ."""
    x = draw("several_channels").normal(size=(6, 10, 3)).astype(np.float32)
    what = "average_pool(<float32 array (6, 10, 3)>, 2, 2)"
    check(call, x, 2, 2, what, "Pool each channel by itself; height and width need not be equal.")


@pytest.mark.points(0.5)
def test_size_and_stride_differ(call, draw):
    """Windows that overlap, windows with gaps, and a remainder at the edge that no window reaches."""
    x = draw("size_and_stride_differ").normal(size=(9, 9, 1)).astype(np.float32)
    for size, stride in ((3, 2), (2, 3), (4, 1)):
        what = f"average_pool(<float32 array (9, 9, 1)>, {size}, {stride})"
        hint = "Window number i begins at i * stride and is `size` long; one that would stick out is left out."
        check(call, x, size, stride, what, hint)


@pytest.mark.points(0.5)
def test_whole_numbers(evidence, draw):
    """uint8 pixels: their sum exceeds 255, and their mean is no integer. The image is not modified."""
    x = draw("whole_numbers").integers(150, 256, size=(4, 6, 1), dtype=np.uint8)
    x[0, 0] -= int(x[:2, :2].sum(dtype=int)) % 4 == 0  # the first mean is no integer, whatever is drawn
    what = "average_pool(<uint8 array (4, 6, 1)>, 2, 2)"
    hint = "The mean of whole numbers need not be one; convert to float before you add, and put means into floats."
    check(evidence.call, x, 2, 2, what, hint)
    expect.left_alone("average_pool", evidence.mutated("average_pool", x, 2, 2))
