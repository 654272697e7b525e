"""Every mistake is one difference at the right place, with what follows from it; equal networks have none."""

from dataclasses import replace

import pytest

from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import MOST_CONSEQUENCES, compare
from cnnkit.networks.compare.consequence import STAYS
from cnnkit.networks.model_spec import LayerSpec, ModelSpec

IMAGE = (None, 28, 28, 1)
LAYERS = (
    ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "activation": "relu"}),
    ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "padding": "same", "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": (2, 2), "strides": (1, 1)}),
    ("Dropout", {"rate": 0.35}),
    ("Flatten", {}),
    ("Dense", {"units": 256, "activation": "tanh"}),
    ("Dropout", {"rate": 0.5}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)
BRIEF = sequence(IMAGE, LAYERS)

CHANGES = [
    *[(0, "filters", n) for n in (1, 32, 128)],
    *[(0, "kernel_size", k) for k in ((2, 2), (5, 5), (3, 1))],
    *[(0, "strides", s) for s in ((1, 1), (3, 3), (2, 1))],
    (0, "padding", "same"),
    *[(0, "activation", a) for a in ("linear", "tanh", "sigmoid")],
    (0, "use_bias", False),
    *[(1, "filters", n) for n in (16, 64)],
    *[(1, "kernel_size", k) for k in ((3, 3), (1, 2))],
    *[(1, "strides", s) for s in ((2, 2), (1, 2))],
    (1, "padding", "valid"),
    (1, "dilation_rate", (2, 2)),
    *[(1, "activation", a) for a in ("linear", "softmax")],
    (1, "use_bias", False),
    *[(2, "pool_size", p) for p in ((3, 3), (2, 1))],
    *[(2, "strides", s) for s in ((2, 2), (1, 2))],
    (2, "padding", "same"),
    *[(3, "rate", r) for r in (0.0, 0.3, 0.5, 0.65)],
    *[(5, "units", n) for n in (10, 128, 255)],
    *[(5, "activation", a) for a in ("relu", "linear", "softmax")],
    (5, "use_bias", False),
    *[(6, "rate", r) for r in (0.25, 0.35)],
    *[(7, "units", n) for n in (1, 9, 11, 256)],
    *[(7, "activation", a) for a in ("sigmoid", "linear", "tanh")],
    (7, "use_bias", False),
]


def changed(position, **settings):
    layers = list(LAYERS)
    layers[position] = (layers[position][0], {**layers[position][1], **settings})
    return layers


def differences(layers, shape=IMAGE, **options):
    return compare(sequence(shape, layers), BRIEF, **options).differences


def only(layers, shape=IMAGE):
    found = differences(layers, shape)
    assert len(found) == 1, [str(d.mismatch()) for d in found]
    return found[0]


def test_equal_networks_have_no_difference():
    comparison = compare(sequence(IMAGE, LAYERS), BRIEF)

    assert comparison.equal
    assert comparison.pairs == tuple((k, k) for k in range(8))


def test_names_and_batch_sizes_are_not_compared():
    layers = tuple(replace(layer, name=f"mine_{k}") for k, layer in enumerate(BRIEF.layers))

    assert compare(replace(BRIEF, layers=layers, input_shape=(128, 28, 28, 1)), BRIEF).equal


def test_settings_that_are_left_out_have_keras_s_defaults():
    bare = tuple(replace(layer, config=dict(LAYERS[k][1])) for k, layer in enumerate(BRIEF.layers))

    assert compare(replace(BRIEF, layers=bare), BRIEF).equal
    assert compare(BRIEF, replace(BRIEF, layers=bare)).equal


@pytest.mark.parametrize(("position", "field", "value"), CHANGES)
def test_one_wrong_setting_is_one_difference(position, field, value):
    difference = only(changed(position, **{field: value}))

    assert (difference.kind, difference.position, difference.field) == ("setting", position, field)
    assert difference.found == value
    assert difference.expected == BRIEF.layers[position].config[field]
    assert difference.consequence


@pytest.mark.parametrize("position", range(8))
def test_a_missing_layer_is_one_difference(position):
    difference = only(LAYERS[:position] + LAYERS[position + 1 :])

    assert (difference.kind, difference.position) == ("missing", position)
    assert difference.consequence


@pytest.mark.parametrize("position", range(8))
def test_a_doubled_layer_is_one_difference(position):
    difference = only(LAYERS[: position + 1] + LAYERS[position:])

    assert (difference.kind, difference.position, difference.after) == ("extra", None, position)
    assert difference.consequence


@pytest.mark.parametrize("position", range(7))
def test_swapped_neighbours_are_one_difference(position):
    layers = list(LAYERS)
    layers[position], layers[position + 1] = layers[position + 1], layers[position]
    difference = only(layers)

    assert (difference.kind, difference.position) == ("order", position)
    assert difference.consequence


EXTRA = [
    ("BatchNormalization", {}),
    ("Dense", {"units": 64}),
    ("Dropout", {"rate": 0.1}),
    ("Activation", {"activation": "relu"}),
]
EXTRA_CONVOLUTION = ("Conv2D", {"filters": 8, "kernel_size": (3, 3), "padding": "same"})


@pytest.mark.parametrize(
    ("extra", "position"),
    [
        *[(extra, position) for extra in EXTRA for position in range(9)],
        *[(EXTRA_CONVOLUTION, position) for position in range(5)],  # behind Flatten there is no image
    ],
)
def test_an_extra_layer_anywhere_is_one_difference(extra, position):
    difference = only((*LAYERS[:position], extra, *LAYERS[position:]))

    assert (difference.kind, difference.position, difference.after) == ("extra", None, position - 1)
    assert extra[0] in difference.label


@pytest.mark.parametrize(
    ("position", "other"),
    [
        (2, ("AveragePooling2D", {"pool_size": (2, 2), "strides": (1, 1)})),
        (3, ("SpatialDropout2D", {"rate": 0.35})),
        (4, ("GlobalAveragePooling2D", {})),
        (3, ("BatchNormalization", {})),
        (1, ("SeparableConv2D", {"filters": 32, "kernel_size": (2, 2), "padding": "same", "activation": "relu"})),
    ],
)
def test_another_kind_in_the_same_place_is_one_difference(position, other):
    difference = only((*LAYERS[:position], other, *LAYERS[position + 1 :]))

    assert (difference.kind, difference.position) == ("replaced", position)
    assert str(difference.found).startswith(other[0])


def test_a_layer_that_stands_elsewhere_is_one_difference():
    layers = [LAYERS[k] for k in (0, 1, 3, 4, 5, 6, 7)]
    layers.insert(0, LAYERS[2])
    difference = only(layers)

    assert (difference.kind, difference.position) == ("order", 2)
    assert (difference.expected, difference.found) == ("after the second Conv2D", "at the beginning")


@pytest.mark.parametrize("position", [2, 3, 5, 6, 7])
def test_a_layer_at_the_beginning_is_one_difference(position):
    difference = only((LAYERS[position], *LAYERS[:position], *LAYERS[position + 1 :]))

    assert (difference.kind, difference.position, difference.found) == ("order", position, "at the beginning")


@pytest.mark.parametrize("position", [3, 4, 5])
def test_a_layer_at_the_end_is_one_difference(position):
    difference = only((*LAYERS[:position], *LAYERS[position + 1 :], LAYERS[position]))

    assert (difference.kind, difference.position) == ("order", position)


def test_what_follows_from_a_layer_elsewhere():
    difference = only([LAYERS[k] for k in (2, 0, 1, 3, 4, 5, 6, 7)])

    assert difference.consequence == (
        "Its output is 27×27×1, the brief's 12×12×32, so the Flatten layer yields 5,408 values, not 4,608, and the "
        "first Dense has 1,384,704 parameters, not 1,179,904."
    )


def test_what_follows_from_a_swap_without_new_parameters():
    layers = list(LAYERS)
    layers[1], layers[2] = layers[2], layers[1]

    assert only(layers).consequence == (
        "The MaxPooling2D layer yields 12×12×64, not 12×12×32, and one further layer changes too."
    )


def test_weights_that_are_shared_or_unused():
    equal = replace(BRIEF, layers=BRIEF.layers)
    (shared,) = compare(replace(equal, parameters=BRIEF.parameters - 8_224), BRIEF).differences
    (unused,) = compare(replace(equal, parameters=BRIEF.parameters + 5), BRIEF).differences

    assert (shared.kind, shared.position, shared.found) == ("weights", None, "1,183,114")
    assert "used twice" in shared.consequence
    assert "none of them uses" in unused.consequence
    assert shared.mismatch().hint


@pytest.mark.parametrize("length", range(8))
def test_a_truncated_network_lacks_exactly_the_rest(length):
    found = differences(LAYERS[:length])

    assert [(d.kind, d.position) for d in found] == [("missing", k) for k in range(length, 8)]


def test_two_wrong_layers_are_two_differences_in_the_brief_s_order():
    layers = changed(1, padding="valid")
    layers[6] = ("Dropout", {"rate": 0.4})

    assert [(d.position, d.field) for d in differences(layers)] == [(1, "padding"), (6, "rate")]


def test_a_missing_layer_does_not_hide_a_wrong_one():
    layers = changed(5, units=128)
    del layers[2]

    assert [(d.kind, d.position) for d in differences(layers)] == [("missing", 2), ("setting", 5)]


def test_the_shape_of_the_input():
    difference = only(LAYERS, (None, 32, 32, 3))

    assert (difference.kind, difference.expected, difference.found) == ("input", "28×28×1", "32×32×3")
    assert "the first Conv2D has 1,792 parameters, not 640" in difference.consequence.replace("The", "the", 1)


def test_what_may_stand_in_front():
    scaled = [("Rescaling", {"scale": 1 / 255}), *LAYERS]

    assert [d.kind for d in differences(scaled)] == ["extra"]
    assert differences(scaled, in_front=("Rescaling",)) == ()
    assert compare(sequence(IMAGE, scaled), BRIEF, in_front=("Rescaling",)).pairs[:2] == ((0, None), (1, 0))


def test_the_padding_of_a_window_of_one_pixel_does_not_matter():
    def network(padding):
        return sequence(IMAGE, [("Conv2D", {"filters": 4, "kernel_size": (1, 1), "padding": padding})])

    assert compare(network("same"), network("valid")).equal


def test_frozen_layers_are_told_from_trainable_ones():
    frozen = tuple(replace(layer, trainable=0) for layer in BRIEF.layers[:1]) + BRIEF.layers[1:]
    (difference,) = compare(replace(BRIEF, layers=frozen), BRIEF).differences

    assert (difference.field, difference.expected, difference.found) == ("trainable", "trainable", "frozen")


# --- what follows -----------------------------------------------------------------------------------------------------


def test_consequences_downstream_are_computed():
    assert only(changed(2, strides=(2, 2))).consequence == (
        "Its output is 6×6×32, the brief's 12×12×32, so the Flatten layer yields 1,152 values, not 4,608, "
        "and the first Dense has 295,168 parameters, not 1,179,904."
    )
    assert only(changed(1, padding="valid")).consequence == (
        "Its output is 12×12×32, the brief's 13×13×32, so the Flatten layer yields 3,872 values, not 4,608, "
        "and the first Dense has 991,488 parameters, not 1,179,904."
    )


def test_when_one_thing_follows_one_thing_is_said():
    assert only(changed(0, use_bias=False)).consequence == "It has 576 parameters, not 640."
    assert only(LAYERS[:7]).consequence == (
        "Its 2,570 parameters are missing, so the network's output is 256 values, not 10 values."
    )


def test_when_nothing_follows_the_meaning_is_said():
    stays = "Shapes and parameters stay the same, so a parameter count cannot show this."

    assert only(changed(7, activation="sigmoid")).consequence == (
        f"With sigmoid the outputs are not probabilities that sum to 1. {stays}"
    )
    assert only(changed(3, rate=0.5)).consequence == (
        f"In training it switches off 50% of the values instead of 35%. {stays}"
    )


def test_what_was_built_is_never_said_to_be_impossible():
    # On the brief alone this window does not fit; on the student's larger image it does.
    larger = sequence((None, 40, 40, 1), changed(2, pool_size=(15, 15)))
    difference = next(d for d in compare(larger, BRIEF).differences if d.field == "pool_size")

    assert difference.consequence == "Its output is 5×5×32, the brief's 12×12×32."


def lenet(*changes, shape=(None, 32, 32, 1), front=()):
    layers = [
        ("Conv2D", {"filters": 6, "kernel_size": (5, 5), "activation": "tanh"}),
        ("AveragePooling2D", {"pool_size": (2, 2), "strides": (2, 2)}),
        ("Conv2D", {"filters": 16, "kernel_size": (5, 5), "activation": "tanh"}),
        ("AveragePooling2D", {"pool_size": (2, 2), "strides": (2, 2)}),
        ("Flatten", {}),
        ("Dense", {"units": 120, "activation": "tanh"}),
        ("Dense", {"units": 84, "activation": "tanh"}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ]
    for position, settings in changes:
        layers[position] = (layers[position][0], {**layers[position][1], **settings})
    return sequence(shape, [*front, *layers])


def test_differences_that_compensate_each_other_are_told_as_they_are():
    padded = lenet((0, {"padding": "same"}), shape=(None, 28, 28, 1))
    by_input, by_padding = compare(padded, lenet()).differences

    assert by_input.consequence == ""
    assert by_padding.consequence == "Its output is 28×28×6 all the same, because of another difference."

    zeros = lenet(shape=(None, 28, 28, 1), front=[("ZeroPadding2D", {"padding": (2, 2, 2, 2)})])
    by_input, extra = compare(zeros, lenet()).differences

    assert by_input.consequence == ""
    assert extra.consequence == "It turns 28×28×1 into 32×32×1."


@pytest.mark.parametrize(
    ("changes", "shape", "said"),
    [
        # one halves what the other doubles
        ([(0, {"filters": 12}), (1, {"strides": (4, 4)})], (None, 32, 32, 1), "7×7×12"),
        ([(1, {"strides": (1, 1)}), (3, {"strides": (4, 4)})], (None, 32, 32, 1), "27×27×6"),
        ([(2, {"padding": "same"}), (3, {"pool_size": (6, 6)})], (None, 32, 32, 1), "14×14×16"),
        ([(0, {"strides": (2, 2)}), (1, {"strides": (1, 1)})], (None, 32, 32, 1), "14×14×6"),
        ([(5, {"units": 84}), (6, {"units": 120})], (None, 32, 32, 1), "33,684"),
        ([(0, {"kernel_size": (3, 3)})], (None, 30, 30, 1), "60 parameters"),
    ],
)
def test_two_differences_are_told_with_the_numbers_of_the_network(changes, shape, said):
    text = " ".join(d.mismatch().message for d in compare(lenet(*changes, shape=shape), lenet()).differences)

    assert said in text
    assert "cannot be built" not in text


@pytest.mark.parametrize("position", [1, 3])
def test_padding_that_adds_nothing_is_a_remark(position):
    comparison = compare(lenet((position, {"padding": "same"})), lenet())

    assert comparison.equal
    ((place, sentence),) = comparison.remarks
    assert place == position
    assert "padding='same' instead of 'valid': for images of this size the two are the same" in sentence


def test_padding_that_adds_nothing_to_the_students_images_adds_nothing():
    odd = lenet((1, {"padding": "same"}), shape=(None, 31, 31, 1))  # 27 pixels reach the pooling

    assert [d.field for d in compare(odd, lenet()).differences] == ["", "padding"]
    assert compare(odd, lenet()).remarks == ()


def test_that_nothing_changes_is_said_only_where_nothing_does():
    alone, together = (
        next(d for d in differences(layers) if d.position == 3)
        for layers in (changed(3, rate=0.5), [*changed(3, rate=0.5)[:5], ("Dense", {"units": 99}), *LAYERS[6:]])
    )

    assert STAYS in alone.consequence
    assert together.consequence == "In training it switches off 50% of the values instead of 35%."


def test_a_softmax_of_its_own_is_a_second_one_only_behind_a_first():
    late = [
        *LAYERS[:7],
        ("Dense", {"units": 10}),
        ("Dropout", {"rate": 0.1}),
        ("Activation", {"activation": "softmax"}),
    ]
    twice = [*LAYERS, ("Activation", {"activation": "softmax"})]
    last = [d.consequence for layers in (late, twice) for d in differences(layers) if "Activation" in d.label]

    assert "on top of another" not in last[0]
    assert "on top of another" in last[1]


def test_the_mismatch_says_it_all():
    mismatch = only(changed(1, padding="valid")).mismatch()

    assert isinstance(mismatch, Mismatch)
    assert str(mismatch).startswith(
        "padding of the second Conv2D: expected 'same', found 'valid'. Its output is 12×12×32"
    )
    assert mismatch.hint == "Look at `padding` in the line that makes the second Conv2D."


@pytest.mark.parametrize(
    "layers", [LAYERS[:3] + LAYERS[4:], LAYERS[1:2] + LAYERS[:1] + LAYERS[2:], LAYERS + LAYERS[-1:]]
)
def test_every_kind_of_difference_has_words_and_a_hint(layers):
    mismatch = only(layers).mismatch()

    assert mismatch.what
    assert mismatch.hint
    assert "None" not in str(mismatch)


def attention(inputs):
    return LayerSpec("Attention", {"use_scale": False}, (None, 28, 28, 1), 0, 0, inputs)


def test_layers_without_a_formula_are_compared_all_the_same():
    def network(**settings):
        layer = replace(attention((-1,)), config={"use_scale": False, **settings})
        return ModelSpec(IMAGE, (layer, LayerSpec("Flatten", {}, (None, 784), 0, 0, (0,))), (1,), 0, 0)

    (difference,) = compare(network(dropout=0.1), network(dropout=0.2)).differences

    assert compare(network(), network()).equal
    assert (difference.field, difference.position) == ("dropout", 0)


def test_of_very_many_differences_only_the_first_have_computed_consequences():
    def network(rate):
        return sequence((None, 4), [("Dropout", {"rate": rate})] * (MOST_CONSEQUENCES + 5))

    differences = compare(network(0.1), network(0.2)).differences

    assert [STAYS in difference.consequence for difference in differences] == [True] * MOST_CONSEQUENCES + [False] * 5
    assert all("switches off" in difference.consequence for difference in differences)


def test_long_networks_are_compared_quickly():
    long = sequence(IMAGE, [("Conv2D", {"filters": 4 + k % 3, "kernel_size": (1, 1)}) for k in range(400)])
    other = sequence(IMAGE, [("Conv2D", {"filters": 4 + k % 4, "kernel_size": (1, 1)}) for k in range(300)])

    assert len(compare(long, other).pairs) >= 400


def test_what_another_setting_does_is_not_said_of_this_one():
    """Two settings of one layer: each has its own consequence, though the layer shows the effect of both."""
    rows = [*LAYERS[:5], ("Dense", {"units": 100, "activation": "relu"}), *LAYERS[6:]]
    units, activation = compare(sequence(IMAGE, rows), BRIEF).differences
    assert "100 values" in units.consequence
    assert activation.consequence == "relu gives other values than tanh."
