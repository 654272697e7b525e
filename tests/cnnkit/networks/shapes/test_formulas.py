"""Formulas of single layers: windows of every size, and rules that hold for all inputs."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.shapes.formulas import OUTPUT, PARAMETERS, ImpossibleLayer, moving_parameters, window_output

sizes = st.integers(1, 40)
small = st.integers(1, 5)


@pytest.mark.parametrize(
    ("size", "window", "stride", "padding", "dilation", "expected"),
    [
        (28, 3, 2, "valid", 1, 13),  # floors
        (28, 3, 2, "same", 1, 14),
        (13, 2, 1, "same", 1, 13),
        (13, 2, 2, "valid", 1, 6),
        (7, 3, 1, "valid", 2, 3),
        (7, 7, 5, "valid", 1, 1),
        (1, 9, 1, "same", 1, 1),
        (5, 1, 4, "same", 1, 2),
        (10**12, 3, 1, "valid", 1, 10**12 - 2),  # Python's own integers do not overflow
        (None, 3, 2, "valid", 1, None),
    ],
)
def test_positions_of_a_window(size, window, stride, padding, dilation, expected):
    assert window_output(size, window, stride, padding, dilation) == expected


@pytest.mark.parametrize(("window", "stride", "dilation"), [(3, 0, 1), (0, 1, 1), (3, 1, 0), (8, 1, 1), (4, 1, 3)])
def test_windows_that_cannot_be(window, stride, dilation):
    with pytest.raises(ImpossibleLayer):
        window_output(7, window, stride, "valid", dilation)


@given(sizes, small, small, small)
def test_a_valid_window_covers_no_value_twice_too_many(size, window, stride, dilation):
    reach = dilation * (window - 1) + 1
    starts = [start for start in range(0, size, stride) if start + reach <= size]
    if starts:
        assert window_output(size, window, stride, "valid", dilation) == len(starts)
    else:
        with pytest.raises(ImpossibleLayer):
            window_output(size, window, stride, "valid", dilation)


@given(sizes, small, small, small, st.sampled_from(["same", "causal"]))
def test_with_padding_only_the_stride_matters(size, window, stride, dilation, padding):
    assert window_output(size, window, stride, padding, dilation) == len(range(0, size, stride))


@given(small, small, st.tuples(small, small), st.integers(5, 20), st.booleans())
def test_the_axis_of_the_channels_changes_no_numbers(filters, channels, kernel, size, bias):
    config = {"filters": filters, "kernel_size": kernel, "use_bias": bias}
    last, first = (None, size, size + 1, channels), (None, channels, size, size + 1)
    transposed = {**config, "data_format": "channels_first"}
    batch, *spatial, out = OUTPUT["Conv2D"]("Conv2D", config, [last])

    assert OUTPUT["Conv2D"]("Conv2D", transposed, [first]) == (batch, out, *spatial)
    assert PARAMETERS["Conv2D"]("Conv2D", transposed, [first]) == PARAMETERS["Conv2D"]("Conv2D", config, [last])


@given(small, small, st.tuples(small, small))
def test_a_convolution_has_the_weights_of_a_dense_layer_on_its_window(filters, channels, kernel):
    convolution = PARAMETERS["Conv2D"]("Conv2D", {"filters": filters, "kernel_size": kernel}, [(None, 9, 9, channels)])

    assert convolution == PARAMETERS["Dense"]("Dense", {"units": filters}, [(None, prod(kernel) * channels)])


@given(small, st.integers(1, 3), small)
def test_a_depthwise_convolution_has_one_group_for_each_channel(channels, multiplier, kernel):
    shapes = [(None, 9, 9, channels)]
    depthwise = {"kernel_size": (kernel, kernel), "depth_multiplier": multiplier}
    grouped = {"filters": channels * multiplier, "kernel_size": (kernel, kernel), "groups": channels}

    assert OUTPUT["DepthwiseConv2D"]("DepthwiseConv2D", depthwise, shapes) == OUTPUT["Conv2D"](
        "Conv2D", grouped, shapes
    )
    assert PARAMETERS["DepthwiseConv2D"]("DepthwiseConv2D", depthwise, shapes) == PARAMETERS["Conv2D"](
        "Conv2D", grouped, shapes
    )


@given(st.lists(sizes, min_size=1, max_size=4))
def test_flattening_and_reshaping_keep_the_number_of_values(axes):
    (_, flat) = OUTPUT["Flatten"]("Flatten", {}, [(None, *axes)])
    _, *reshaped = OUTPUT["Reshape"]("Reshape", {"target_shape": (axes[0], -1)}, [(None, *axes)])

    assert flat == prod(axes) == prod(reshaped)


@given(sizes, sizes, st.lists(small, min_size=4, max_size=4))
def test_cropping_undoes_padding(height, width, sides):
    shape = (None, height, width, 3)
    padded = OUTPUT["ZeroPadding2D"]("ZeroPadding2D", {"padding": tuple(sides)}, [shape])

    assert OUTPUT["Cropping2D"]("Cropping2D", {"cropping": tuple(sides)}, [padded]) == shape


@given(st.lists(st.sampled_from([1, 4, None]), min_size=1, max_size=3), st.data())
def test_merging_does_not_depend_on_the_order(axes, data):
    other = [data.draw(st.sampled_from([size, 1])) for size in axes]
    shapes = [(None, *axes), (None, *other)]

    assert OUTPUT["Add"]("Add", {}, shapes) == OUTPUT["Add"]("Add", {}, shapes[::-1]) == (None, *axes)


@given(small)
def test_only_batch_normalization_has_weights_that_no_gradient_changes(channels):
    shapes = [(None, 5, 5, channels)]

    assert moving_parameters("BatchNormalization", {}, shapes) == 2 * channels
    assert moving_parameters("LayerNormalization", {}, shapes) == 0


def test_every_kind_with_weights_has_a_shape_and_settings():
    assert set(PARAMETERS) <= set(OUTPUT)
    assert set(PARAMETERS) <= set(SETTINGS)
