"""Rules of the comparison that hold for any network, not only for the brief of one assignment."""

import re
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from cnnkit.networks.brief import sequence, wired
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


# --- several differences at once: what is said of the student's network is true of it ---------------------------------

CHAIN = (
    ("Conv2D", {"filters": 6, "kernel_size": (5, 5), "activation": "tanh"}, (-1,)),
    ("AveragePooling2D", {"pool_size": (2, 2), "strides": (2, 2)}, (0,)),
    ("Dropout", {"rate": 0.35}, (1,)),
    ("Conv2D", {"filters": 16, "kernel_size": (3, 3), "padding": "same"}, (2,)),
    ("BatchNormalization", {}, (3,)),
    ("Flatten", {}, (4,)),
    ("Dense", {"units": 12, "activation": "relu"}, (5,)),
    ("Dense", {"units": 10, "activation": "softmax"}, (6,)),
)
RESIDUAL = (
    ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "padding": "same"}, (-1,)),
    ("Conv2D", {"filters": 8, "kernel_size": (3, 3), "padding": "same", "strides": (2, 2)}, (0,)),
    ("BatchNormalization", {}, (1,)),
    ("Conv2D", {"filters": 8, "kernel_size": (3, 3), "padding": "same"}, (2,)),
    ("Conv2D", {"filters": 8, "kernel_size": (1, 1), "strides": (2, 2)}, (0,)),
    ("Add", {}, (3, 4)),
    ("GlobalAveragePooling2D", {}, (5,)),
    ("Dense", {"units": 10, "activation": "softmax"}, (6,)),
)
INCEPTION = (
    ("Conv2D", {"filters": 16, "kernel_size": (1, 1)}, (-1,)),
    ("Conv2D", {"filters": 6, "kernel_size": (1, 1)}, (-1,)),
    ("Conv2D", {"filters": 12, "kernel_size": (3, 3), "padding": "same"}, (1,)),
    ("MaxPooling2D", {"pool_size": (3, 3), "strides": (1, 1), "padding": "same"}, (-1,)),
    ("Conv2D", {"filters": 8, "kernel_size": (1, 1)}, (3,)),
    ("Concatenate", {}, (0, 2, 4)),
    ("Flatten", {}, (5,)),
    ("Dense", {"units": 10}, (6,)),
)
PLACES = {"filters": (3, 8, 32), "units": (7, 24), "rate": (0.1, 0.5), "strides": ((1, 1), (2, 2), (3, 3))}
PLACES |= {"kernel_size": ((1, 1), (3, 3), (5, 5)), "pool_size": ((3, 3), (4, 4)), "padding": ("valid", "same")}
PLACES |= {"activation": ("linear", "sigmoid")}
ADDED = (
    ("Dropout", {"rate": 0.2}),
    ("BatchNormalization", {}),
    ("Dense", {"units": 5}),
    ("ZeroPadding2D", {"padding": (2, 2, 2, 2)}),
    ("MaxPooling2D", {"pool_size": (2, 2)}),
    ("Activation", {"activation": "softmax"}),
)


def without_node(nodes, position):
    """The network without one layer; those that used it use its first input, and its other uses end."""
    source = nodes[position][2][0]

    def moved(k):
        k = source if k == position else k
        return k - (k > position)

    return [
        (kind, config, tuple(map(moved, inputs))) for kind, config, inputs in nodes[:position] + nodes[position + 1 :]
    ]


def with_node(nodes, after, kind, config):
    """The network with one layer more, which all users of another one use."""

    def moved(k):
        return after + 1 if k == after else k + (k > after)

    behind = [(one, given, tuple(map(moved, inputs))) for one, given, inputs in nodes[after + 1 :]]
    return [*nodes[: after + 1], (kind, config, (after,)), *behind]


@st.composite
def edited(draw, brief, edits):
    """A network that differs from the brief in several places, and that can be built."""
    nodes, shape = list(brief), (None, 16, 16, 2)
    for _ in range(edits):
        place = draw(st.integers(0, len(nodes) - 1))
        kind, config, inputs = nodes[place]
        edit = draw(st.sampled_from(["setting", "setting", "setting", "missing", "extra", "input", "rewired"]))
        names = [name for name in PLACES if name in config]
        if edit == "setting" and names:
            name = draw(st.sampled_from(names))
            nodes[place] = (kind, {**config, name: draw(st.sampled_from(PLACES[name]))}, inputs)
        elif edit == "missing" and place < len(nodes) - 1:
            nodes = without_node(nodes, place)
        elif edit == "extra":
            nodes = with_node(nodes, place - 1, *draw(st.sampled_from(ADDED)))
        elif edit == "input":
            shape = draw(st.sampled_from([(None, 12, 12, 2), (None, 20, 20, 2), (None, 16, 16, 3)]))
        elif edit == "rewired" and place:
            nodes[place] = (kind, config, (draw(st.integers(-1, place - 1)), *inputs[1:]))
    try:
        return wired(shape, nodes)
    except ImpossibleLayer:
        assume(False)


def numbers(text):
    """Numbers in a text, without commas between thousands; a percentage as the rate that it is."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"(\d+(?:\.\d+)?)%", lambda match: f"{float(match[1]) / 100:g}", text)
    return {float(number) for number in re.findall(r"(?<![A-Za-z\d.])\d+(?:\.\d+)?", text)}


def numbers_in_summary(spec):
    """What model.summary() and the settings of the layers show."""
    found = {float(size) for size in spec.input_shape[1:]} | {float(spec.parameters)}
    for layer in spec.layers:
        found |= {float(size) for size in layer.output_shape[1:]} | {float(layer.parameters)}
        found |= numbers(str(layer.config).replace("D'", ""))
    return found


@given(st.sampled_from([CHAIN, RESIDUAL, INCEPTION]), st.sampled_from([2, 2, 3]), st.data())
def test_every_number_in_a_message_stands_in_one_of_the_networks(brief, edits, data):
    expected = wired((None, 16, 16, 2), brief)
    found = data.draw(edited(brief, edits))
    known = numbers_in_summary(found) | numbers_in_summary(expected)
    for difference in compare(found, expected).differences:
        message = difference.mismatch().message
        assert numbers(re.sub(r"[123]D\b", "", message)) <= known, message
        assert "cannot be built" not in message
        assert "cannot follow" not in message


@given(st.sampled_from([CHAIN, RESIDUAL, INCEPTION]), st.sampled_from([2, 3]), st.data())
def test_what_is_said_of_a_layer_is_true_of_the_one_in_its_place(brief, edits, data):
    """Beyond the numbers themselves: the network's output, and the layer's own output and parameters."""
    expected = wired((None, 16, 16, 2), brief)
    found = data.draw(edited(brief, edits))
    comparison = compare(found, expected)
    partner = {j: found.layers[i] for i, j in comparison.pairs if i is not None and j is not None}
    for difference in comparison.differences:
        text = difference.consequence.replace(",", "")
        if (output := re.search(r"the network's output is ([\d×]+)", text)) is not None:
            assert output[1] == "×".join(map(str, found.layers[found.outputs[0]].output_shape[1:]))
        if difference.position in partner and difference.kind in ("setting", "replaced"):
            own = partner[difference.position]
            if (output := re.search(r"Its output is ([\d×]+)", text)) is not None:
                assert output[1] == "×".join(map(str, own.output_shape[1:]))
            if (count := re.search(r"\b[Ii]t has (\d+) parameter", text)) is not None:
                assert int(count[1]) == own.parameters
