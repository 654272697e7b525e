"""Backbones described from Keras: as the files say, however they are put together, in a moment."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import applications, layers, ops

from autograder.evidence.consistency import disagreement
from cnnkit.networks.backbones import BACKBONES, FOLDER, backbone, backbone_in
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.keras_model import describe
from cnnkit.networks.describe.weightless import build_and_describe
from cnnkit.networks.frozen import frozen_layers, frozen_until, trained_statistics
from cnnkit.networks.shapes.formulas import OUTPUT
from cnnkit.networks.spec_bounds import validated_spec
from tests.counting import calls

pytestmark = pytest.mark.tensorflow

TOTALS = {  # with top, without
    "VGG16": (138_357_544, 14_714_688),
    "ResNet50": (25_636_712, 23_587_712),
    "InceptionV3": (23_851_784, 21_802_784),
    "MobileNet": (4_253_864, 3_228_864),
}
SIZE = 128
CHAINS = ("VGG16", "MobileNet")


def base(name, size=SIZE):
    return getattr(applications, name)(include_top=False, weights=None, input_shape=(size, size, 3))


def head(name):
    pooling = layers.Flatten() if name == "VGG16" else layers.GlobalAveragePooling2D()
    return [pooling, layers.Dense(128, activation="relu"), layers.Dense(1, activation="sigmoid")]


def through(x, stack):
    for layer in stack:
        x = layer(x)
    return x


def nested_in_sequential(name):
    body = base(name)
    body.trainable = False
    return keras.Sequential([body, *head(name)])


def nested_behind_an_input_layer(name):
    body = base(name)
    body.trainable = False
    return keras.Sequential([keras.Input((SIZE, SIZE, 3)), body, *head(name)])


def called(name):
    body = base(name)
    body.trainable = False
    image = keras.Input((SIZE, SIZE, 3))
    return keras.Model(image, through(body(image, training=False), head(name)))


def inlined(name):
    body = base(name)
    for layer in body.layers:
        layer.trainable = False
    return keras.Model(body.input, through(body.output, head(name)))


def on_a_tensor_of_ones_own(name):
    image = keras.Input((SIZE, SIZE, 3))
    body = getattr(applications, name)(include_top=False, weights=None, input_tensor=image)
    body.trainable = False
    return keras.Model(image, through(body.output, head(name)))


def layer_by_layer(name):
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3))])
    for layer in base(name).layers[1:]:
        layer.trainable = False
        model.add(layer)
    for layer in head(name):
        model.add(layer)
    return model


def subclassed(name):
    class Transfer(keras.Model):
        def __init__(self):
            super().__init__()
            self.body, self.head = base(name), head(name)
            self.body.trainable = False

        def call(self, image):
            return through(self.body(image), self.head)

    model = Transfer()
    model(keras.Input((SIZE, SIZE, 3)))
    return model


WAYS = (nested_in_sequential, nested_behind_an_input_layer, called, inlined, on_a_tensor_of_ones_own, subclassed)


def nameless(spec):
    return replace(spec, layers=tuple(replace(layer, name="") for layer in spec.layers))


def test_the_files_are_what_the_installed_keras_builds(load_script):
    """If this fails Keras has changed a backbone: run scripts/describe_backbones.py and look at the difference."""
    script = load_script("scripts/describe_backbones.py")
    for name in BACKBONES:
        assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == script.text(name)


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize("size", [96, 224])
def test_a_backbone_from_its_file_is_the_one_that_keras_builds(name, size):
    described = build_and_describe(lambda: base(name, size))
    assert nameless(described) == backbone(name, (None, size, size, 3))


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize("top", [True, False])
def test_shapes_and_parameters_follow_from_the_settings(name, top):
    spec = build_and_describe(lambda: getattr(applications, name)(include_top=top, weights=None))

    assert spec.parameters == TOTALS[name][not top]
    assert {layer.kind for layer in spec.layers} <= set(OUTPUT)  # none is believed for want of a formula
    assert disagreement(validated_spec(spec)) == ""
    if not top:  # images may have any size, so that sizes are open all the way
        assert spec.layers[-1].output_shape[:3] == (None, None, None)


@pytest.mark.parametrize("name", BACKBONES)
def test_one_network_however_it_is_put_together(name):
    ways = [*WAYS, *([layer_by_layer] if name in CHAINS else [])]
    first, *others = [nameless(build_and_describe(lambda way=way: way(name))) for way in ways]

    assert first.trainable == sum(layer.trainable for layer in first.layers[-2:])
    assert disagreement(validated_spec(first)) == ""
    for way, other in zip(ways[1:], others, strict=True):
        assert other == first, way.__name__
        assert compare(other, first).equal
    length = len(backbone(name).layers)
    assert backbone_in(first, name) == range(length)
    assert frozen_until(first) == length + 1  # Flatten or the averages have no weights


def test_a_head_at_full_size():
    spec = build_and_describe(lambda: keras.Sequential([base("VGG16", 224), *head("VGG16")]))
    assert spec.parameters - 14_714_688 == 3_211_521


PREPARED = {
    "VGG16": {"scale": 1.0, "offset": (-103.939, -116.779, -123.68), "channels": "reversed"},
    "MobileNet": {"scale": 1 / 127.5, "offset": -1.0},
}
MEAN = [103.939, 116.779, 123.68]
PREPARATIONS = {
    "VGG16": {
        "preprocess_input": applications.vgg16.preprocess_input,
        "of the sibling": applications.resnet50.preprocess_input,
        "Lambda of it": lambda x: layers.Lambda(applications.vgg16.preprocess_input)(x),
        "a slice": lambda x: x[..., ::-1] - np.array(MEAN),
        "ops": lambda x: ops.subtract(ops.flip(x, axis=-1), ops.convert_to_tensor(MEAN)),
        "TensorFlow": lambda x: x[:, :, :, ::-1] - tf.constant(MEAN),
        "mean first": lambda x: ops.flip(x - np.array(MEAN[::-1], "float32").reshape(1, 1, 1, 3), axis=3),
        "Rescaling": lambda x: layers.Rescaling(1.0, [-m for m in MEAN])(x[..., ::-1]),
    },
    "MobileNet": {
        "preprocess_input": applications.mobilenet.preprocess_input,
        "of the sibling": applications.inception_v3.preprocess_input,
        "Rescaling": lambda x: layers.Rescaling(1 / 127.5, offset=-1)(x),
        "by hand": lambda x: x / 127.5 - 1,
        "in another order": lambda x: (x - 127.5) / 127.5,
        "Lambda": lambda x: layers.Lambda(lambda pixels: pixels / 127.5 - 1.0)(x),
        "Normalization": lambda x: layers.Normalization(mean=[127.5] * 3, variance=[127.5**2] * 3)(x),
    },
}


@pytest.mark.parametrize(("name", "how"), [(name, how) for name, hows in PREPARATIONS.items() for how in hows])
def test_preprocessing_in_front_is_one_rescaling(name, how):
    def build():
        image = keras.Input((96, 96, 3))
        return keras.Model(image, through(base(name, 96)(PREPARATIONS[name][how](image)), head(name)))

    spec = build_and_describe(build)
    wanted = replace(spec.layers[0], config=PREPARED[name])
    assert spec.layers[0].kind == "Rescaling"
    assert spec.layers[0].inputs == (-1,)
    assert compare(spec, replace(spec, layers=(wanted, *spec.layers[1:]))).equal
    assert backbone_in(spec, name) == range(1, 1 + len(backbone(name).layers))
    assert disagreement(validated_spec(spec)) == ""


def test_the_rescaling_computes_what_preprocess_input_computes():
    image = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3)).astype("float32")
    for name, module in (("VGG16", applications.vgg16), ("MobileNet", applications.mobilenet)):
        said = PREPARED[name]
        turned = image[..., ::-1] if "channels" in said else image
        expected = module.preprocess_input(image.copy())
        assert np.allclose(turned * np.array(said["scale"]) + np.array(said["offset"]), expected, atol=1e-4)


def test_a_function_that_cannot_be_followed_stays_a_layer():
    def build(scale):
        image = keras.Input((96, 96, 3))
        prepared = layers.Lambda(lambda x: tf.map_fn(lambda one: one[..., ::-1], x) / scale)(image)
        noisy = layers.Lambda(lambda x, training=None: x + 1.0 if training else x)(prepared)
        return keras.Model(image, base("MobileNet", 96)(noisy))

    spec = build_and_describe(lambda: build(2.0))
    assert [layer.kind for layer in spec.layers[:2]] == ["Lambda", "Lambda"]
    assert "<lambda> (" in spec.layers[0].config["function"]
    assert nameless(spec) == nameless(build_and_describe(lambda: build(2.0)))
    assert backbone_in(spec, "MobileNet") == range(2, 87)


def test_the_last_block_unfrozen_with_its_normalisation_kept():
    def build():
        body = base("ResNet50")
        body.trainable = True
        for layer in body.layers:
            frozen = not layer.name.startswith("conv5_block3") or isinstance(layer, layers.BatchNormalization)
            layer.trainable = not frozen
        model = keras.Sequential([body, *head("ResNet50")])
        model.compile(keras.optimizers.Adam(1e-5), "binary_crossentropy")
        return model

    spec = build_and_describe(build)
    convolutions = 2048 * 512 + 512 + 3 * 3 * 512 * 512 + 512 + 512 * 2048 + 2048
    assert spec.trainable == convolutions + 262_401
    assert spec.layers[frozen_until(spec)].kind == "Conv2D"
    assert frozen_until(spec) == 164
    assert trained_statistics(spec) == ()
    assert len([k for k in frozen_layers(spec) if k > 164]) == 3
    assert backbone_in(spec, "ResNet50") == range(174)


def test_unfrozen_as_a_whole_its_statistics_move():
    spec = build_and_describe(lambda: keras.Sequential([base("MobileNet"), *head("MobileNet")]))
    assert frozen_until(spec) == 0
    assert len(trained_statistics(spec)) == 27


def test_with_weights_it_is_the_same():
    assert nameless(describe(base("MobileNet"))) == nameless(build_and_describe(lambda: base("MobileNet")))


@pytest.mark.parametrize("name", ["ResNet50", "InceptionV3"])
def test_it_takes_a_moment(name):
    """The time is measured by `benchmarks/describe.py`."""
    spec = build_and_describe(lambda: called(name))
    layers = len(spec.layers)
    assert calls(build_and_describe, lambda: called(name)) < 8_000 * layers
    assert calls(compare, spec, spec) < 300 * layers
