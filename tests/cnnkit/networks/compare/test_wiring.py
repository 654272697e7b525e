"""Skip connections, branches, several inputs and outputs: where the graphs of two networks differ."""

from dataclasses import replace

from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import LayerSpec, ModelSpec

IMAGE = (None, 28, 28, 1)


def graph(*layers, outputs):
    return ModelSpec(IMAGE, tuple(layers), outputs, 0, 0)


def conv(inputs, filters=4):
    config = {"filters": filters, "kernel_size": (3, 3), "padding": "same"}
    return LayerSpec("Conv2D", config, (None, 28, 28, filters), 0, 0, inputs)


def node(kind, inputs, shape=(None, 28, 28, 4)):
    return LayerSpec(kind, {}, shape, 0, 0, inputs)


CHAIN = graph(conv((-1,)), conv((0,), 8), conv((1,)), node("Flatten", (2,), (None, 3136)), outputs=(3,))


def test_a_skip_connection_is_wiring():
    skip = graph(
        conv((-1,)), conv((0,), 8), conv((1,)), node("Add", (2, 0)), node("Flatten", (3,), (None, 3136)), outputs=(4,)
    )
    (difference,) = compare(skip, CHAIN).differences
    (other,) = compare(CHAIN, skip).differences

    assert (difference.kind, difference.position) == ("wiring", None)
    assert difference.found == "Add of the third Conv2D and the first Conv2D"
    assert (other.kind, other.position) == ("missing", 3)


def test_the_right_layers_on_the_wrong_inputs_are_wiring():
    wrong = replace(CHAIN, layers=(*CHAIN.layers[:2], replace(CHAIN.layers[2], inputs=(0,)), CHAIN.layers[3]))
    (difference,) = compare(wrong, CHAIN).differences

    assert (difference.kind, difference.position) == ("wiring", 2)
    assert difference.mismatch().message.startswith(
        "the input of the third Conv2D: expected the second Conv2D, found the first Conv2D."
    )


def test_another_output_is_wiring():
    (difference,) = compare(replace(CHAIN, outputs=(3, 0)), CHAIN).differences

    assert (difference.kind, difference.label) == ("wiring", "the outputs of the network")
    assert difference.found == "the Flatten layer and the first Conv2D"


def test_a_second_input_is_wiring():
    two = graph(
        conv((-1,)),
        LayerSpec("InputLayer", {}, (None, 28, 28, 4), 0, 0, ()),
        node("Add", (0, 1)),
        outputs=(2,),
    )
    one = graph(conv((-1,)), outputs=(0,))

    assert [d.kind for d in compare(two, one).differences] == ["wiring", "wiring"]


def test_the_order_of_inputs_matters_for_concatenate_and_not_for_add():
    def joined(kind, inputs):
        return graph(conv((-1,)), conv((-1,), 8), node(kind, inputs), outputs=(2,))

    assert compare(joined("Add", (1, 0)), joined("Add", (0, 1))).equal
    assert [d.kind for d in compare(joined("Concatenate", (1, 0)), joined("Concatenate", (0, 1))).differences] == [
        "wiring"
    ]
