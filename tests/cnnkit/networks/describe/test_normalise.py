"""Equivalent settings of a layer are normalised to equal ones."""

import numpy as np
import pytest

from cnnkit.networks.describe.normalise import NotPlain, layer_settings, plain_setting

IMAGE = (None, 8, 8, 3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([3, 3], (3, 3)),
        (((1, 2), (3, 4)), (1, 2, 3, 4)),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        ({"class_name": "L2", "config": {"l2": 0.01}}, "L2(l2=0.01)"),
        ("x" * 1000, "x" * 200),
    ],
)
def test_plain_values(value, expected):
    result = plain_setting(value)

    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize("value", [object(), np.zeros(3), {"a": 1}, ["x"], [[1] * 30, [2] * 30], {1, 2}])
def test_values_that_are_not_plain(value):
    with pytest.raises(NotPlain):
        plain_setting(value)


def test_known_kinds_have_exactly_their_settings():
    raw = {"name": "mine", "filters": 8, "kernel_size": [3, 3], "padding": "SAME", "kernel_initializer": "zeros"}
    config = layer_settings("Conv2D", raw, "relu", 4, IMAGE)

    assert (config["kernel_size"], config["padding"], config["activation"]) == ((3, 3), "same", "relu")
    assert not {"name", "kernel_initializer"} & set(config)


def test_unknown_kinds_have_their_plain_entries():
    raw = {"name": "mine", "heads": 8, "thing": object(), "seed": 3, "dtype": "float32"}

    assert layer_settings("Mystery", raw, None, 3, IMAGE) == {"heads": 8}


def test_unknown_kinds_cannot_flood_the_description():
    assert len(layer_settings("Mystery", {f"entry_{k}": k for k in range(1000)}, None, 3, IMAGE)) == 40


@pytest.mark.parametrize(("axis", "expected"), [(3, -1), (-1, -1), ([3], -1), ([1, 2], (-3, -2))])
def test_axes(axis, expected):
    assert layer_settings("LayerNormalization", {"axis": axis}, None, 4, IMAGE)["axis"] == expected


def test_numbers_that_mean_shares_are_floats():
    rate = layer_settings("Dropout", {"rate": 0}, None, 4, IMAGE)["rate"]

    assert isinstance(rate, float)


def test_open_target_sizes_are_filled_in():
    assert layer_settings("Reshape", {"target_shape": (-1, 2)}, None, 2, (None, 6, 2))["target_shape"] == (6, 2)


@pytest.mark.parametrize(
    ("name", "factors", "described"),
    [
        ("L2", {"l2": 0.01}, "L2(l2=0.01)"),
        ("L2", {"l2": 0.0}, None),
        ("L1", {"l1": 0}, None),
        ("L1L2", {"l1": 0.0, "l2": 0.0}, None),
        ("L1L2", {"l1": 0.0, "l2": 0.1}, "L1L2(l1=0.0, l2=0.1)"),
        ("L2", {}, "L2()"),
        ("OrthogonalRegularizer", {"factor": 0.0}, "OrthogonalRegularizer(factor=0.0)"),
    ],
)
def test_a_penalty_of_nothing_is_none(name, factors, described):
    regularizer = {"module": "keras.regularizers", "class_name": name, "config": factors, "registered_name": None}
    config = layer_settings("Dense", {"units": 3, "kernel_regularizer": regularizer}, None, 2, (None, 3))
    assert config.get("kernel_regularizer") == described


def test_a_regularizer_of_the_student_is_always_described():
    regularizer = {"module": "mine", "class_name": "L2", "config": {"l2": 0.0}, "registered_name": "L2"}
    config = layer_settings("Dense", {"units": 3, "kernel_regularizer": regularizer}, None, 2, (None, 3))
    assert config["kernel_regularizer"] == "L2(l2=0.0)"
