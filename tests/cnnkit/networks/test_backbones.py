"""The backbones of transfer learning as data, without Keras: whole, right in number, found inside other networks."""

from dataclasses import replace

import pytest

from autograder.evidence.consistency import disagreement
from cnnkit.networks.backbones import BACKBONES, FOLDER, backbone, backbone_in, backbone_layers
from cnnkit.networks.brief import wired
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer
from cnnkit.networks.spec_bounds import validated_spec
from tests.counting import calls

LAYERS = {"VGG16": 18, "ResNet50": 174, "InceptionV3": 310, "MobileNet": 85}
PARAMETERS = {"VGG16": 14_714_688, "ResNet50": 23_587_712, "InceptionV3": 21_802_784, "MobileNet": 3_228_864}
HEADS = {"VGG16": 3_211_521, "ResNet50": 262_401, "InceptionV3": 262_401, "MobileNet": 131_329}
GREYS = ("Rescaling", {"scale": 1 / 127.5, "offset": -1.0})


def transfer(name, *, in_front=(), frozen=True, size=224, units=1):
    """The assignment's network: preprocessing, backbone, Flatten after VGG16 and averages after the others, head."""
    rows = [(kind, config, (place - 1,)) for place, (kind, config) in enumerate(in_front)]
    before = len(rows)
    for kind, config, inputs in backbone_layers(name, frozen=frozen):
        rows.append((kind, config, tuple(source + before for source in inputs)))
    pooling = "Flatten" if name == "VGG16" else "GlobalAveragePooling2D"
    head = [(pooling, {}), ("Dense", {"units": 128, "activation": "relu"})]
    for kind, config in [*head, ("Dense", {"units": units, "activation": "sigmoid"})]:
        rows.append((kind, config, (len(rows) - 1,)))
    return wired((None, size, size, 3), rows)


@pytest.mark.parametrize("name", BACKBONES)
def test_totals_are_those_that_keras_counts(name):
    spec = backbone(name)

    assert (spec.parameters, len(spec.layers)) == (PARAMETERS[name], LAYERS[name])
    assert disagreement(validated_spec(spec)) == ""


@pytest.mark.parametrize("name", BACKBONES)
def test_only_the_head_of_a_frozen_network_is_trained(name):
    spec = transfer(name)

    assert spec.trainable == HEADS[name]
    assert spec.parameters == PARAMETERS[name] + HEADS[name]


def test_a_brief_may_leave_it_open():
    assert backbone("MobileNet").trainable == 3_206_976  # all but the moving statistics of BatchNormalization
    assert backbone("MobileNet", frozen=True).trainable == 0


def test_shapes_follow_from_the_input():
    assert backbone("VGG16", (None, 96, 96, 3)).layers[-1].output_shape == (None, 3, 3, 512)
    assert backbone("InceptionV3", (None, 299, 299, 3)).layers[-1].output_shape == (None, 8, 8, 2048)
    with pytest.raises(ImpossibleLayer, match="does not fit"):
        backbone("InceptionV3", (None, 40, 40, 3))


def test_an_unknown_name_is_told_with_those_there_are():
    with pytest.raises(ValueError, match="expected one of VGG16, ResNet50, InceptionV3, MobileNet, found 'VGG'"):
        backbone("VGG")


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize("in_front", [(), (GREYS,), (("Dropout", {"rate": 0.1}), GREYS)])
def test_it_is_found_where_it_stands(name, in_front):
    spec = transfer(name, in_front=in_front, size=128)

    assert backbone_in(spec, name) == range(len(in_front), len(in_front) + LAYERS[name])
    assert [other for other in BACKBONES if backbone_in(spec, other) is not None] == [name]


def test_one_that_lacks_or_has_another_layer_is_none():
    spec = transfer("ResNet50")
    place = 40
    shortened = [replace(layer, inputs=(-1,)) if not k else layer for k, layer in enumerate(spec.layers[1:])]
    assert backbone_in(replace(spec, layers=tuple(shortened)), "ResNet50") is None

    def changed(**changes):
        layers = list(spec.layers)
        layers[place] = replace(layers[place], **changes)
        return backbone_in(replace(spec, layers=tuple(layers)), "ResNet50")

    assert changed() is not None
    assert changed(kind="Flatten") is None
    assert changed(config={**spec.layers[place].config, "filters": 65, "epsilon": 0.5}) is None
    assert changed(inputs=(place - 2,)) is None  # a connection that skips a layer


def test_it_is_found_whether_it_is_frozen_or_not():
    assert backbone_in(transfer("MobileNet", frozen=False), "MobileNet") == range(0, 85)


def test_a_network_without_layers_has_none():
    assert backbone_in(replace(backbone("VGG16"), layers=(), outputs=(-1,)), "VGG16") is None


def test_the_files_are_small():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(BACKBONES)
    assert max(path.stat().st_size for path in FOLDER.iterdir()) < 60_000


@pytest.mark.parametrize("name", BACKBONES)
def test_a_change_in_the_middle_is_one_difference(name):
    """Large networks are aligned like small ones: one wrong layer is one wrong layer."""
    brief = transfer(name)
    place = next(k for k in range(LAYERS[name] // 2, LAYERS[name]) if brief.layers[k].kind == "Conv2D")
    layers = list(brief.layers)
    layers[place] = replace(layers[place], config={**layers[place].config, "activation": "tanh"})

    (difference,) = compare(replace(brief, layers=tuple(layers)), brief).differences

    assert (difference.position, difference.field, difference.found) == (place, "activation", "tanh")


@pytest.mark.parametrize(("found", "brief"), [("ResNet50", "InceptionV3"), ("VGG16", "InceptionV3")])
def test_another_network_is_compared_in_a_moment(found, brief):
    found, brief = transfer(found), transfer(brief)
    assert not compare(found, brief).equal
    # 260,000 for the first pair: each layer with each. Whatever is tried for each pair of pairs takes billions.
    assert calls(compare, found, brief) < 1_000_000
