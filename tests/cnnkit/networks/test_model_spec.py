"""A spec travels as JSON and comes back the same; anything else is refused."""

import json

import msgspec
import pytest

from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import CompileSpec, ModelSpec, to_json

SPEC = sequence(
    (None, 28, 28, 1),
    [
        ("Rescaling", {"scale": 1 / 255, "offset": 0.0}),
        ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "activation": "relu"}),
        ("BatchNormalization", {}),
        ("RandomRotation", {"factor": (-0.1, 0.1), "fill_value": 0.0}),
        ("Flatten", {}),
        ("Dense", {"units": 10, "use_bias": False}),
    ],
    CompileSpec("adam", {"learning_rate": 0.001}, "categorical_crossentropy", {"from_logits": False}, ("accuracy",)),
)


def test_there_and_back():
    text = json.dumps(to_json(SPEC))

    assert msgspec.json.decode(text, type=ModelSpec) == SPEC
    assert msgspec.convert(json.loads(text), ModelSpec) == SPEC
    assert msgspec.convert(to_json(SPEC), ModelSpec) == SPEC


def test_types_of_settings_survive():
    back = msgspec.convert(json.loads(json.dumps(to_json(SPEC))), ModelSpec)

    assert isinstance(back.layers[1].config["kernel_size"], tuple)
    assert back.layers[5].config["use_bias"] is False
    assert back.layers[3].config["factor"] == (-0.1, 0.1)


@pytest.mark.parametrize(
    "damage",
    [
        {"layers": None},
        {"input_shape": ["28"]},
        {"parameters": 1.5},
        {"outputs": "0"},
        {
            "layers": [
                {"kind": "Dense", "config": {"units": {"a": 1}}, "output_shape": [], "parameters": 0, "trainable": 0}
            ]
        },
    ],
)
def test_anything_else_is_refused(damage):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**to_json(SPEC), **damage}, ModelSpec)
