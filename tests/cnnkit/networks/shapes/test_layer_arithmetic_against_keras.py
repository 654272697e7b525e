"""Our arithmetic and Keras's own agree on random networks, and on what cannot be built."""

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from cnnkit.networks.describe.keras_model import describe
from cnnkit.networks.describe.weightless import building_without_weights
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer, layer_output, layer_parameters, propagate

pytestmark = pytest.mark.tensorflow

small = st.integers(1, 4)
pairs = st.tuples(small, small)
paddings = st.sampled_from(["valid", "same"])
formats = st.sampled_from(["channels_last", "channels_last", "channels_first"])

_WINDOWS = ("Conv2D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D")  # twice, for it has the most settings
_POOLS = ("MaxPooling2D", "AveragePooling2D")
_GLOBAL_POOLS = ("GlobalMaxPooling2D", "GlobalAveragePooling2D")
_NORMALISING = ("BatchNormalization", "LayerNormalization")


@st.composite
def windows(draw):
    """A kernel with strides or a dilation; Keras does not allow both."""
    config = {"kernel_size": draw(pairs), "padding": draw(paddings), "data_format": draw(formats)}
    config |= draw(
        st.one_of(st.fixed_dictionaries({"strides": pairs}), st.fixed_dictionaries({"dilation_rate": pairs}))
    )
    return config | {"use_bias": draw(st.booleans())}


@st.composite
def image_layers(draw):
    """Kind and settings of a layer for images."""
    kind = draw(st.sampled_from([*_WINDOWS, *_POOLS, *_GLOBAL_POOLS, *_NORMALISING, *_SIMPLE]))
    if kind == "Conv2D":
        return kind, draw(windows()) | {"filters": draw(st.integers(1, 6)), "groups": draw(st.integers(1, 3))}
    if kind == "SeparableConv2D":
        # Keras's separable layer has one stride for both axes.
        stride = draw(small)
        given_ = draw(windows()) | {"filters": draw(st.integers(1, 6)), "depth_multiplier": draw(small)}
        return kind, {name: v for name, v in given_.items() if name != "dilation_rate"} | {"strides": (stride, stride)}
    if kind == "DepthwiseConv2D":
        stride = draw(small)
        given_ = draw(windows()) | {"depth_multiplier": draw(small)}
        return kind, {name: v for name, v in given_.items() if name != "dilation_rate"} | {"strides": (stride, stride)}
    if kind in _POOLS:
        strides = draw(st.one_of(st.just({}), st.fixed_dictionaries({"strides": pairs})))
        return kind, {"pool_size": draw(pairs), "padding": draw(paddings), "data_format": draw(formats), **strides}
    if kind in _GLOBAL_POOLS:
        return kind, {"keepdims": draw(st.booleans()), "data_format": draw(formats)}
    if kind in _NORMALISING:
        return kind, {
            "scale": draw(st.booleans()),
            "center": draw(st.booleans()),
            "axis": draw(st.sampled_from([-1, 1])),
        }
    return kind, draw(_SIMPLE[kind])


border = st.lists(st.integers(0, 3), min_size=4, max_size=4).map(tuple)
_SIMPLE = {
    "Dropout": st.fixed_dictionaries({"rate": st.sampled_from([0.0, 0.35, 0.5])}),
    "Activation": st.fixed_dictionaries({"activation": st.sampled_from(["relu", "tanh", "softmax", "linear"])}),
    "Rescaling": st.just({"scale": 1 / 255, "offset": 0.5}),
    "ZeroPadding2D": st.fixed_dictionaries({"padding": border, "data_format": formats}),
    "Cropping2D": st.fixed_dictionaries({"cropping": border, "data_format": formats}),
    "UpSampling2D": st.fixed_dictionaries({"size": pairs, "data_format": formats}),
    "Dense": st.fixed_dictionaries({"units": st.integers(1, 9), "use_bias": st.booleans()}),
    "Flatten": st.just({}),
    "Reshape": st.sampled_from([{"target_shape": (-1,)}, {"target_shape": (-1, 2)}, {"target_shape": (2, -1, 3)}]),
}
sizes = st.integers(1, 17)
input_shapes = st.tuples(st.none(), sizes, sizes, st.integers(1, 6))


def keras_layer(kind, config):
    import keras

    given_ = dict(config)
    for name in ("padding", "cropping"):
        if isinstance(given_.get(name), tuple):
            top, bottom, left, right = given_[name]
            given_[name] = ((top, bottom), (left, right))
    return getattr(keras.layers, kind)(**given_)


def quick(examples):
    return settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )  # fmt: skip


@quick(500)
@given(shape=input_shapes, layers=st.lists(image_layers(), min_size=1, max_size=7))
def test_random_networks(shape, layers):
    """Layers that our arithmetic calls impossible are left out; every other has to build with the same numbers."""
    import keras

    used, here = [], shape
    for kind, config in layers:
        try:
            after = layer_output(kind, config, [here])
            layer_parameters(kind, config, [here])
        except ImpossibleLayer:
            continue
        used.append((kind, config))
        here = after
    assume(used)
    event(f"{len(used)} layers")

    with building_without_weights():
        model = keras.Sequential([keras.Input(shape[1:]), *(keras_layer(kind, config) for kind, config in used)])
        spec = describe(model)

    assert tuple(model.output_shape) == here
    assert propagate(shape, spec.layers) == [(layer.output_shape, layer.parameters) for layer in spec.layers]
    assert sum(layer.parameters for layer in spec.layers) == spec.parameters == model.count_params()


@quick(300)
@given(shape=input_shapes, layer=image_layers())
def test_what_one_calls_impossible_the_other_cannot_build(shape, layer):
    import keras

    kind, config = layer
    try:
        ours = layer_output(kind, config, [shape]), layer_parameters(kind, config, [shape])
    except ImpossibleLayer:
        ours = None
    event("impossible" if ours is None else "possible")
    with building_without_weights():
        try:
            built = keras_layer(kind, config)
            theirs = tuple(built(keras.Input(shape[1:])).shape), built.count_params()
        except (ValueError, TypeError, ZeroDivisionError):
            theirs = None

    assert ours == theirs


@quick(100)
@given(
    shape=input_shapes,
    branches=st.lists(st.integers(1, 5), min_size=2, max_size=3),
    merge=st.sampled_from(["Add", "Concatenate", "Multiply", "Average", "Maximum", "Minimum"]),
)
def test_random_branches(shape, branches, merge):
    """Convolutions side by side, joined: Concatenate takes any numbers of filters, the others equal ones."""
    import keras

    filters = branches if merge == "Concatenate" else [branches[0]] * len(branches)
    with building_without_weights():
        image = keras.Input(shape[1:])
        ends = [keras.layers.Conv2D(count, 3, padding="same")(image) for count in filters]
        spec = describe(keras.Model(image, getattr(keras.layers, merge)()(ends)))

    assert propagate(shape, spec.layers) == [(layer.output_shape, layer.parameters) for layer in spec.layers]


@quick(60)
@given(layer=image_layers(), channels=st.integers(1, 6))
def test_open_sizes_stay_open(layer, channels):
    """Images of any size: the sizes of the result are open exactly where Keras leaves them open."""
    import keras

    kind, config = layer
    assume(config.get("data_format") != "channels_first" and config.get("axis") != 1 and kind != "Reshape")
    shape = (None, None, None, channels)
    assume(kind != "Conv2D" or channels % config["groups"] == 0 == config["filters"] % config["groups"])
    with building_without_weights():
        built = keras_layer(kind, config)
        theirs = tuple(built(keras.Input(shape[1:])).shape)

    assert layer_output(kind, config, [shape]) == theirs
    assert layer_parameters(kind, config, [shape]) == built.count_params()
