"""Sentences on differences that change neither shapes nor parameters."""

import pytest

from cnnkit.networks.compare.meaning import kind_meaning, layer_meaning, missing_meaning, setting_meaning
from cnnkit.networks.layer_settings import SETTINGS
from cnnkit.networks.model_spec import LayerSpec


@pytest.mark.parametrize(
    ("kind", "field", "expected", "found", "sentence"),
    [
        ("Dropout", "rate", 0.35, 0.5, "In training it switches off 50% of the values instead of 35%."),
        ("Dropout", "rate", None, 0.5, ""),
        ("Dense", "activation", "relu", "linear", "Without relu the layer only multiplies and adds."),
        ("Dense", "activation", "softmax", "tanh", "With tanh the outputs are not probabilities that sum to 1."),
        ("Dense", "activation", "relu", "tanh", "tanh gives other values than relu."),
        ("Conv2D", "dilation_rate", (1, 1), (2, 2), "It reads other pixels."),
        ("Rescaling", "scale", 1.0, 2.0, "The next layer gets values in another range."),
        ("BatchNormalization", "scale", True, False, ""),
        ("Dense", "trainable", "trainable", "frozen", "Its weights stay as they are in training."),
        ("Dense", "bias_constraint", None, "L2", "It changes what the training minimises or which weights it allows."),
        ("Dense", "units", 3, 4, ""),
    ],
)  # fmt: skip
def test_settings(kind, field, expected, found, sentence):
    assert setting_meaning(kind, field, expected, found) == sentence


def test_a_softmax_left_out_and_one_added_are_told_apart():
    left_out, added = (
        setting_meaning("Dense", "activation", *pair) for pair in (("softmax", "linear"), ("linear", "softmax"))
    )

    assert left_out.startswith("Without softmax the outputs are not probabilities")
    assert added == "softmax gives other values than linear."


@pytest.mark.parametrize(
    ("kind", "config", "extra", "missing"),
    [
        ("Dropout", {"rate": 0.25}, "In training it switches off 25% of the values.", "In training no values are"),
        ("SpatialDropout2D", {"rate": 0.1}, "In training it switches off 10% of the values.", "In training no values"),
        ("Activation", {"activation": "relu"}, "It applies relu to every value.", ""),
        ("Activation", {"activation": "softmax"}, "A softmax on top of another", ""),
        ("Rescaling", {"scale": 2.0}, "The next layer gets values in another range.", "The next layer gets values in"),
        ("Dense", {"units": 3}, "", ""),
    ],
)
def test_extra_and_missing_layers(kind, config, extra, missing):
    layer = LayerSpec(kind, config, (None, 4), 0, 0)

    for sentence, start in ((layer_meaning(layer), extra), (missing_meaning(layer), missing)):
        assert sentence.startswith(start)
        assert bool(sentence) is bool(start)


@pytest.mark.parametrize(
    ("expected", "found", "sentence"),
    [
        ("MaxPooling2D", "AveragePooling2D", "It takes the mean of each window instead of its largest value."),
        ("AveragePooling2D", "GlobalMaxPooling2D", "It takes the largest value of each window instead of its mean."),
        ("Conv2D", "Dense", "Dense computes something else than Conv2D."),
        ("Flatten", "Mine", "Nothing shows that Mine computes what Flatten does; use Keras's own layer."),
    ],
)
def test_kinds(expected, found, sentence):
    assert kind_meaning(expected, found) == sentence


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_sentence_ends_with_a_full_stop_for_every_setting(kind):
    for field, default in SETTINGS[kind].items():
        sentence = setting_meaning(kind, field, default, default)
        assert sentence == "" or sentence.endswith(".")
