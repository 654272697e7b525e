"""Edits of a network, and the sentences on their effect."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.networks.brief import sequence, wired
from cnnkit.networks.compare import consequence as effects
from cnnkit.networks.compare.consequence import COUNTS_STAY, STAYS, consequence
from cnnkit.networks.model_spec import LayerSpec
from cnnkit.networks.shapes.layer_arithmetic import propagate

KINDS = [
    ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "padding": "same"}),
    ("MaxPooling2D", {"pool_size": (2, 2)}),
    ("Dropout", {"rate": 0.5}),
    ("Flatten", {}),
    ("Dense", {"units": 3}),
]
NETWORK = sequence((None, 8, 8, 2), KINDS)
CONVOLUTION, POOLING, DROPOUT, FLATTEN, DENSE = NETWORK.layers


def kinds(edit):
    return [layer.kind for layer in edit.layers]


def test_a_replaced_layer_has_the_inputs_of_the_old_one():
    edit = effects.replaced(NETWORK, 1, replace(DROPOUT, inputs=(7,)))

    assert kinds(edit) == ["Conv2D", "Dropout", "Dropout", "Flatten", "Dense"]
    assert edit.layers[1].inputs == (0,)
    assert (edit.origin, edit.place) == ((0, 1, 2, 3, 4), 1)


def test_a_layer_taken_out_passes_its_input_on():
    edit = effects.without(NETWORK, 1)

    assert kinds(edit) == ["Conv2D", "Dropout", "Flatten", "Dense"]
    assert [layer.inputs for layer in edit.layers] == [(-1,), (0,), (1,), (2,)]
    assert (edit.origin, edit.place) == ((0, 2, 3, 4), None)


def test_an_inserted_layer_comes_between_a_layer_and_its_users():
    skip = wired((None, 4), [("ReLU", {}, (-1,)), ("Add", {}, (0, -1)), ("Multiply", {}, (1, 0))])
    edit = effects.inserted(skip, 0, LayerSpec("Dropout", {"rate": 0.5}, (), 0, 0))

    assert kinds(edit) == ["ReLU", "Dropout", "Add", "Multiply"]
    assert [layer.inputs for layer in edit.layers] == [(-1,), (0,), (1, -1), (2, 1)]
    assert (edit.origin, edit.place) == ((0, None, 1, 2), 1)


def test_an_inserted_merge_has_several_inputs():
    edit = effects.with_merge_layer(NETWORK, (-1, 1), LayerSpec("Add", {}, (), 0, 0))

    assert kinds(edit)[2] == "Add"
    assert [layer.inputs for layer in edit.layers] == [(-1,), (0,), (-1, 1), (2,), (3,), (4,)]


def test_swapped_layers_have_each_other_s_inputs():
    edit = effects.swapped(NETWORK, 1, 2)

    assert kinds(edit) == ["Conv2D", "Dropout", "MaxPooling2D", "Flatten", "Dense"]
    assert [layer.inputs for layer in edit.layers] == [(-1,), (0,), (1,), (2,), (3,)]
    assert edit.origin == (0, 2, 1, 3, 4)


@given(st.data())
def test_a_moved_layer_is_the_only_one_that_is_moved(data):
    position = data.draw(st.integers(0, 4))
    after = data.draw(st.integers(-1, 4).filter(lambda k: k != position))
    edit = effects.moved(NETWORK, position, after)
    others = [k for k in range(5) if k != position]
    others.insert(others.index(after) + 1 if after >= 0 else 0, position)

    assert list(edit.origin) == others
    assert edit.origin[edit.place] == position
    assert [layer.inputs for layer in edit.layers] == [(k - 1,) for k in range(5)]


@given(st.sampled_from([(8, 8, 2), (9, 7, 1), (16, 16, 3)]), st.integers(0, 4))
def test_cached_results_are_those_that_would_be_computed(shape, position):
    before = effects.brief_results(NETWORK)
    for edit in (effects.other_input(NETWORK, (None, *shape)), effects.without(NETWORK, position)):
        known = effects.ReferenceResults(NETWORK, before)
        results = effects.compute_results(edit.input_shape, edit.layers, [NETWORK], known, edit.origin)

        assert results == propagate(edit.input_shape, edit.layers)


def test_without_an_effect_the_meaning_is_the_consequence():
    edit = effects.replaced(NETWORK, 2, replace(DROPOUT, config={"rate": 0.1}))

    assert consequence(NETWORK, edit, "It means something.") == f"It means something. {STAYS}"


def test_shapes_that_change_though_parameters_do_not():
    network = sequence((None, 8, 8, 2), [*KINDS[:2], ("GlobalAveragePooling2D", {}), KINDS[4]])
    edit = effects.swapped(network, 0, 1)

    assert "yields" in consequence(network, edit)
    assert COUNTS_STAY not in consequence(network, edit)


def test_a_layer_that_is_gone_with_its_parameters():
    assert consequence(NETWORK, effects.without(NETWORK, 0)) == (
        "Its 76 parameters are missing, so the Flatten layer yields 32 values, not 64, "
        "and the Dense layer has 99 parameters, not 195."
    )


def test_an_extra_layer_with_its_effect_on_later_ones():
    edit = effects.inserted(NETWORK, 1, replace(POOLING, inputs=(0,)))

    assert consequence(NETWORK, edit) == (
        "It turns 4×4×4 into 2×2×4, so the Flatten layer yields 16 values, not 64, "
        "and the Dense layer has 51 parameters, not 195."
    )


@pytest.mark.parametrize(
    ("layers", "further"), [(4, "one further layer changes too"), (6, "three further layers change too")]
)
def test_many_later_changes_are_counted(layers, further):
    chain = sequence((None, 8, 8, 2), [("BatchNormalization", {}) for _ in range(layers)])
    edit = effects.other_input(chain, (None, 8, 8, 5))

    assert further in consequence(chain, edit)


def test_an_edit_that_cannot_be_built_alone_has_its_meaning_only():
    edit = effects.replaced(NETWORK, 1, replace(POOLING, config={"pool_size": (9, 9), "strides": (1, 1)}))

    assert consequence(NETWORK, edit, "It reads other pixels.") == "It reads other pixels."


def test_an_effect_that_the_students_network_does_not_show_is_left_out():
    edit = effects.replaced(NETWORK, 1, replace(POOLING, config={"pool_size": (4, 4)}))
    wide = sequence(
        (None, 8, 8, 2), [KINDS[0], ("MaxPooling2D", {"pool_size": (4, 4)}), *KINDS[2:4], ("Dense", {"units": 9})]
    )
    student = effects.StudentNetwork(wide, {k: k for k in range(5)})

    assert consequence(NETWORK, edit, student=student) == (
        "Its output is 2×2×4, the brief's 4×4×4, so the Flatten layer yields 16 values, not 64."
    )


def test_a_layer_without_a_formula_has_the_result_that_keras_reported():
    unknown = LayerSpec("Attention", {}, (None, 8, 8, 2), 7, 7, (-1,))
    network = replace(NETWORK, layers=(unknown, replace(FLATTEN, inputs=(0,))))

    assert effects.compute_results((None, 8, 8, 2), network.layers, [network]) == [
        ((None, 8, 8, 2), 7),
        ((None, 128), 0),
    ]
    assert effects.compute_results((None, 9, 9, 2), network.layers, [network]) == [None, None]
