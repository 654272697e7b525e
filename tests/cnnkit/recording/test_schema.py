"""The record as data."""

import json

import msgspec
import pytest

from cnnkit.networks.model_spec import LayerSpec, ModelSpec
from cnnkit.recording.schema import GeneratorState, TrainingRecord

NETWORK = ModelSpec(
    input_shape=(None, 4),
    layers=(LayerSpec("Dense", {"units": 3, "activation": "relu", "use_bias": True}, (None, 3), 15, 15, name="dense"),),
    outputs=(0,),
    parameters=15,
    trainable=15,
)
RECORD = TrainingRecord(
    run="adam",
    history={"loss": [0.2, 0.1], "val_loss": [0.3, 0.2]},
    optimizer={"name": "adam", "learning_rate": 0.001},
    images=55_000,
    steps=[2.3],
    versions={"keras": "3.15.1"},
    device="CPU",
    settings={"jit_compile": 0.0},
    data={"name": "mnist", "images": 55_000, "validation": 5_000},
    network=NETWORK,
    draws=(
        GeneratorState(0, "kernel_initializer", "GlorotUniform", (7,), 12),
        GeneratorState(3, "generator", "", (2**32 - 1, 4)),
    ),
    initial="sha256:" + "0" * 64,
    fingerprints=[[2.3, 0.5], [0.3, 0.25], [0.2, 0.125]],
    weights="sha256:" + "1" * 64,
    resumed=(1,),
    image_losses="AAA=",
    image_right="gA==",
    step_rates=[0.001],
    epoch_rates=[0.001, 0.001],
    fit={"epochs": 2.0, "data": "train"},
    class_weight={"0": 2.0},
    earlier_fits=1,
    loss_settings={"label_smoothing": 0.1},
    dtypes=("float32",),
    floatx="float32",
    unclear={"images": "it diverged"},
)


def test_values_are_read_as_from_a_history():
    assert RECORD["loss"] == RECORD.history["loss"] == [0.2, 0.1]
    with pytest.raises(KeyError):
        RECORD["accuracy"]
    assert "loss" in RECORD
    assert "accuracy" not in RECORD
    assert list(RECORD) == ["loss", "val_loss"]
    assert dict(RECORD) == RECORD.history


def test_json_gives_the_record_back():
    assert msgspec.convert(json.loads(json.dumps(RECORD.to_json())), TrainingRecord, strict=True) == RECORD
    assert msgspec.json.decode(msgspec.json.encode(RECORD), type=TrainingRecord) == RECORD


def test_changing_the_json_does_not_change_the_record():
    RECORD.to_json()["history"]["loss"].clear()
    assert RECORD["loss"] == [0.2, 0.1]


@pytest.mark.parametrize("schema", [1, 2])
def test_an_earlier_layout_lacks_what_came_later(schema):
    read = msgspec.convert({"run": "adam", "history": {"loss": [0.2]}, "schema": schema}, TrainingRecord, strict=True)
    assert (read.schema, read.image_losses, read.fit, read.dtypes, read.unclear) == (schema, "", {}, (), {})


def test_a_record_of_an_earlier_layout_is_read():
    plain = {"run": "adam", "history": {"loss": [0.2]}, "schema": 1}
    read = msgspec.convert(plain, TrainingRecord, strict=True)
    assert (read.schema, read.network, read.draws, read.weights) == (1, None, (), "")
    assert json.loads(json.dumps(read.to_json()))["network"] is None
