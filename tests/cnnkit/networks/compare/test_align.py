"""Alignments of layer sequences: every layer once, equal ends paired, and the edits that cost least."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.networks.compare.align import align, differing_settings
from cnnkit.networks.model_spec import LayerSpec


def layer(kind, **config):
    return LayerSpec(kind, config, (None, 4), 0, 0)


def dense(units):
    return layer("Dense", units=units, activation="relu")


FLATTEN, DROPOUT, POOLING = layer("Flatten"), layer("Dropout", rate=0.5), layer("MaxPooling2D", pool_size=(2, 2))

layers = st.sampled_from([dense(3), dense(4), layer("Dense", units=3, activation="tanh"), FLATTEN, DROPOUT, POOLING])
sequences = st.lists(layers, max_size=7)


@given(sequences, sequences)
def test_every_layer_is_in_one_pair(found, expected):
    pairing = align(found, expected)

    assert sorted(i for i, _ in pairing.pairs if i is not None) == list(range(len(found)))
    assert sorted(j for _, j in pairing.pairs if j is not None) == list(range(len(expected)))


@given(sequences)
def test_equal_sequences_are_paired_layer_by_layer(found):
    pairing = align(found, found)

    assert pairing.pairs == tuple((k, k) for k in range(len(found)))
    assert pairing.swaps == pairing.moves == ()


@given(sequences, sequences)
def test_the_pairs_of_a_network_are_in_order_but_for_swaps(found, expected):
    pairing = align(found, expected)
    swapped = {position for swap in pairing.swaps for position in swap}
    paired = [(i, j) for i, j in pairing.pairs if i is not None and j is not None and j not in swapped]

    assert paired == sorted(paired)
    assert [j for _, j in paired] == sorted(j for _, j in paired)


@given(sequences, sequences)
def test_moved_layers_are_equal_and_not_paired(found, expected):
    pairing = align(found, expected)

    for i, j in pairing.moves:
        assert found[i] == expected[j]
        assert (i, None) in pairing.pairs
        assert (None, j) in pairing.pairs


@pytest.mark.parametrize(
    ("found", "expected", "pairs"),
    [
        # a wrong setting, not a missing layer and an extra one
        ([dense(3)], [dense(4)], ((0, 0),)),
        # a related kind in its place
        ([layer("AveragePooling2D")], [POOLING], ((0, 0),)),
        # with unrelated kinds too, one replaced layer costs less than one missing and one extra
        ([FLATTEN], [DROPOUT], ((0, 0),)),
        # a wrong setting costs less than a layer that is missing in front of it
        ([dense(3), DROPOUT], [dense(4), DROPOUT], ((0, 0), (1, 1))),
        ([DROPOUT], [FLATTEN, DROPOUT], ((None, 0), (0, 1))),
        ([FLATTEN, DROPOUT], [DROPOUT], ((0, None), (1, 0))),
    ],
)
def test_the_edits_that_cost_least(found, expected, pairs):
    assert align(found, expected).pairs == pairs


def test_a_layer_whose_settings_are_all_wrong_is_still_paired_with_its_own_kind():
    wrong = layer("Conv2D", filters=1, kernel_size=(5, 5), strides=(2, 2), padding="same", activation="relu")
    wrong.config.update(use_bias=False, groups=2)

    assert align([wrong], [layer("Conv2DTranspose"), layer("Conv2D", filters=2)]).pairs == ((None, 0), (0, 1))


def test_only_neighbours_of_the_same_two_kinds_are_a_swap():
    assert align([layer("ELU"), dense(3)], [dense(3), layer("ReLU")]).swaps == ()
    assert align([layer("ELU"), dense(3)], [dense(4), layer("ELU")]).swaps == ((0, 1),)


def test_neighbours_in_reverse_order_are_a_swap():
    pairing = align([DROPOUT, FLATTEN], [FLATTEN, DROPOUT])

    assert pairing.swaps == ((0, 1),)
    assert set(pairing.pairs) == {(0, 1), (1, 0)}


@pytest.mark.parametrize("at_the_end", [True, False])
def test_a_layer_at_the_wrong_end_is_moved(at_the_end):
    expected = [POOLING, FLATTEN, dense(3), DROPOUT]
    found = [*expected[1:], POOLING] if at_the_end else [DROPOUT, *expected[:-1]]

    assert align(found, expected).moves == (((3, 0),) if at_the_end else ((0, 3),))


@pytest.mark.parametrize(
    ("found", "expected", "names"),
    [
        ({"units": 3}, {"units": 3, "activation": "linear", "use_bias": True}, []),
        ({"units": 3, "activation": "tanh"}, {"units": 4, "activation": "relu"}, ["units", "activation"]),
        ({"units": 3, "use_bias": 1}, {"units": 3, "use_bias": True}, ["use_bias"]),
        ({"units": 3, "kernel_regularizer": "L2(l2=0.01)"}, {"units": 3}, ["kernel_regularizer"]),
    ],
)
def test_settings_that_differ(found, expected, names):
    assert differing_settings(layer("Dense", **found), layer("Dense", **expected)) == names


def test_numbers_are_equal_up_to_single_precision():
    rescalings = [layer("Rescaling", scale=scale, offset=(0.0, 1.0)) for scale in (1 / 255, 0.003921569, 0.00393)]

    assert differing_settings(rescalings[0], rescalings[1]) == []
    assert differing_settings(rescalings[0], rescalings[2]) == ["scale"]
    assert differing_settings(rescalings[0], layer("Rescaling", scale=1 / 255, offset=(0.0, 2.0))) == ["offset"]


@pytest.mark.parametrize(("size", "names"), [((1, 1), []), ((1, 2), ["padding"])])
def test_the_padding_of_one_pixel_has_no_effect(size, names):
    found, expected = (layer("Conv2D", filters=4, kernel_size=size, padding=padding) for padding in ("same", "valid"))

    assert differing_settings(found, expected) == names
