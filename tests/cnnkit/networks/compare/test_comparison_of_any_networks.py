"""Rules of the comparison that hold for any network, not only for the brief of one assignment."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer

SHAPE = (None, 16, 16, 2)
small = st.integers(1, 3)
convolutions = st.tuples(
    st.just("Conv2D"),
    st.fixed_dictionaries(
        {
            "filters": st.integers(1, 6),
            "kernel_size": st.tuples(small, small),
            "padding": st.sampled_from(["valid", "same"]),
            "activation": st.sampled_from(["relu", "tanh", "linear"]),
        }
    ),
)
poolings = st.tuples(
    st.sampled_from(["MaxPooling2D", "AveragePooling2D"]),
    st.fixed_dictionaries({"pool_size": st.tuples(small, small), "strides": st.tuples(small, small)}),
)
drops = st.tuples(st.just("Dropout"), st.fixed_dictionaries({"rate": st.sampled_from([0.1, 0.3, 0.5])}))
norms = st.tuples(st.just("BatchNormalization"), st.just({}))
dense = st.tuples(st.just("Dense"), st.fixed_dictionaries({"units": st.integers(1, 9)}))
rows = st.lists(st.one_of(convolutions, poolings, drops, norms), min_size=1, max_size=6)


@st.composite
def networks(draw):
    layers = [*draw(rows), ("Flatten", {}), *draw(st.lists(st.one_of(dense, drops), min_size=1, max_size=3))]
    try:
        return layers, sequence(SHAPE, layers)
    except ImpossibleLayer:
        assume(False)


def built(layers):
    try:
        return sequence(SHAPE, layers)
    except ImpossibleLayer:
        assume(False)


@given(networks())
def test_a_network_equals_itself_whatever_its_layers_are_called(network):
    layers, spec = network
    renamed = replace(spec, layers=tuple(replace(layer, name=f"mine_{k}") for k, layer in enumerate(spec.layers)))
    assert compare(renamed, spec).equal
    assert compare(spec, spec).pairs == tuple((k, k) for k in range(len(layers)))


@given(networks(), st.data())
def test_a_layer_more_is_one_difference_and_costs_no_other_layer(network, data):
    layers, spec = network
    place = data.draw(st.integers(0, len(layers)))
    found = built([*layers[:place], ("GaussianNoise", {"stddev": 0.5}), *layers[place:]])
    (difference,) = compare(found, spec).differences
    assert (difference.kind, difference.position, difference.after) == ("extra", None, place - 1)


@given(networks(), st.data())
def test_a_layer_less_is_one_difference(network, data):
    """Of two equal neighbours either may be the missing one."""
    layers, spec = network
    place = data.draw(st.integers(0, len(layers) - 1))
    differences = compare(built(layers[:place] + layers[place + 1 :]), spec).differences
    assert [difference.kind for difference in differences] == ["missing"]
    missing = differences[0].position
    assert layers[missing] == layers[place]


@given(networks(), st.data())
def test_another_kind_in_its_place_is_one_difference(network, data):
    layers, spec = network
    place = data.draw(st.integers(0, len(layers) - 1))
    found = built([*layers[:place], ("GaussianNoise", {"stddev": 0.5}), *layers[place + 1 :]])
    (difference,) = compare(found, spec).differences
    assert (difference.kind, difference.position) == ("replaced", place)


@given(networks(), networks())
def test_no_two_networks_are_equal_in_one_direction_only(one, other):
    (_, first), (_, second) = one, other
    assert compare(first, second).equal == compare(second, first).equal
