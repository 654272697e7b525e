"""The public checks of transfer_learning: right answers pass, wrong ones are told what is wrong. Without TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.rubrics.transfer_learning.reference import head, maps_of, prepared
from cnnkit.assignments.transfer_learning.brief import MAPS, SIZE
from cnnkit.assignments.transfer_learning.parameters import COUNTS
from cnnkit.assignments.transfer_learning.preprocessing import PREPARED, PROBE
from cnnkit.assignments.transfer_learning.unfreezing import GIVEN
from cnnkit.checks.evidence import StudentError
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.checks.registry import public_checks
from cnnkit.checks.remarks import collecting
from cnnkit.mismatch import Mismatch
from cnnkit.networks.backbones import BACKBONES, backbone_layers
from cnnkit.networks.brief import wired
from cnnkit.networks.model_spec import CompileSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

CHECKS = public_checks("transfer_learning")

HEAD_COUNTS = {"VGG16": 590_081, "ResNet50": 262_401, "InceptionV3": 262_401, "MobileNet": 131_329}
COMPILED = CompileSpec("adam", {"learning_rate": 1e-5}, "binary_crossentropy", metrics=("accuracy",))
USUAL = CompileSpec("adam", {"learning_rate": 1e-3}, "binary_crossentropy", metrics=("accuracy",))


def network(name, *, frozen=True, pooling=None, front=(), hidden=128):
    pooling = pooling or ("Flatten" if name == "VGG16" else "GlobalAveragePooling2D")
    layers = [(kind, given, (k - 1,)) for k, (kind, given) in enumerate(front)]
    first = len(layers)
    for kind, given, inputs in backbone_layers(name, frozen=frozen):
        layers.append((kind, given, tuple(first - 1 if k < 0 else first + k for k in inputs)))
    for kind, given in (
        (pooling, {}),
        ("Dense", {"units": hidden, "activation": "relu"}),
        ("Dense", {"units": 1, "activation": "sigmoid"}),
    ):
        layers.append((kind, given, (len(layers) - 1,)))
    return wired((None, 96, 96, 3), layers)


REFUSED = 'build_transfer_model("MobileNet", ..., "{0}") raised ValueError: no weights in {0} in line 2: `MobileNet('
RAISED = 'build_transfer_model("MobileNet", ..., "{0}") raised ValueError: {0} in line 2: `raise ValueError(weights)`'


class Given(LiveEvidence):
    """Live functions, but networks and training given as data."""

    def __init__(self, functions=(), networks=None, runs=None, unfrozen=None, keeps_weights=False, refusal=REFUSED):
        super().__init__(dict(functions))
        self._refusal = refusal
        self._networks, self._runs, self._unfrozen = networks or {}, runs, unfrozen
        self._keeps_weights = keeps_weights

    def model(self, function, *args, input_shape):
        if function == "unfreeze_top":
            return self._unfrozen
        if len(args) > 2 and not self._keeps_weights:
            raise StudentError(self._refusal.format(args[2]))
        if args[0] not in self._networks:
            raise StudentError(f"build_transfer_model({args[0]!r}) raised KeyError")
        return self._networks[args[0]]

    def training(self, function, optimizers, *, epochs, input_shape):
        name = optimizers[0].name
        model = replace(self._runs.get(name) or head(name, input_shape), compiled=USUAL)
        fit = FitSpec(model, True, epochs, "train", "val", True)
        return [WatchedRun(str(asked), (fit,), "history") for asked in optimizers]


RIGHT = {name: network(name) for name in BACKBONES}


def failures(exercise, evidence):
    found = {}
    for check in CHECKS.of(exercise):
        try:
            check.run(evidence)
        except (Mismatch, StudentError) as error:
            found[check.title] = str(error)
    return found


def model_failures(**changes):
    return failures("model", Given(networks={**RIGHT, **changes}))


def test_the_stored_constants_are_the_references_answers():
    assert {(name, SIZE): head(name, maps_of(name)).parameters for name in BACKBONES} == COUNTS
    assert {name: maps_of(name) for name in BACKBONES} == MAPS
    for name in BACKBONES:
        assert prepared(name, PROBE) == pytest.approx(PREPARED[name], abs=1e-9)


def test_the_numbers_of_the_table():
    assert {name: head(name, maps_of(name)).parameters for name in BACKBONES} == HEAD_COUNTS
    assert head("VGG16", maps_of("VGG16", 224)).parameters == 3_211_521
    assert {name: spec.trainable for name, spec in RIGHT.items()} == HEAD_COUNTS


def test_preprocessing():
    def right(name, images):
        return prepared(name, images).astype(np.float32)

    def rescaled(name, images):
        return (images / 255).astype(np.float32)

    assert failures("preprocessing", Given({"preprocess": right})) == {}
    wrong = failures("preprocessing", Given({"preprocess": rescaled}))
    assert len(wrong) == 2
    assert [message.split("]: ")[-1] for message in wrong.values()] == [
        "expected -103.939, found 1.",
        "expected -1, found 0.",
    ]


def test_the_values_of_kerass_documentation():
    """Red on its way to VGG16; black, and white, on their way to MobileNet."""
    assert prepared("VGG16", np.array([255, 0, 0])) == pytest.approx([-103.939, -116.779, 131.32])
    assert prepared("MobileNet", np.array([0, 255, 127.5])) == pytest.approx([-1, 1, 0])


def test_parameters():
    def flattened(name, size):
        return head("VGG16", maps_of(name, size)).parameters

    assert failures("parameters", Given({"head_parameters": lambda name, size: HEAD_COUNTS[name]})) == {}
    (message,) = failures("parameters", Given({"head_parameters": flattened})).values()
    assert "ResNet50" in message
    assert "262,401" not in message


def test_right_networks():
    assert model_failures() == {}


def test_weights_that_are_not_passed_on_cost_one_check():
    (message,) = failures("model", Given(networks=RIGHT, keeps_weights=True)).values()
    assert 'weights="no such file.weights.h5"' in message
    assert "network with other weights" in message


def test_a_network_that_prepares_its_images_is_right_and_told_so():
    front = [("Rescaling", {"scale": 1 / 127.5, "offset": -1.0})]
    with collecting() as said:
        assert model_failures(MobileNet=network("MobileNet", front=front)) == {}
    assert "give it raw pixels" in " ".join(said)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"frozen": False}, ("14,714,688", "expected 0")),
        ({"pooling": "GlobalAveragePooling2D"}, ("Flatten", "GlobalAveragePooling2D")),
        ({"front": [("Rescaling", {"scale": 1 / 255})]}, ("1, 0, 0 where 255, 0, 0",)),
        ({"front": [("GaussianNoise", {"stddev": 1.0})]}, ("GaussianNoise",)),
        ({"hidden": 256}, ("units", "256")),
    ],
)
def test_one_mistake_fails_one_check(changed, words):
    (message,) = model_failures(VGG16=network("VGG16", **changed)).values()
    assert all(word in message for word in words)


def test_another_backbone_is_named():
    (message,) = model_failures(ResNet50=network("MobileNet")).values()
    assert "23,587,712 parameters of ResNet50" in message
    assert "found MobileNet" in message


def test_a_network_that_cannot_be_built_costs_its_own_check_only():
    networks = {name: spec for name, spec in RIGHT.items() if name != "InceptionV3"}
    assert list(failures("model", Given(networks=networks))) == [CHECKS.of("model")[0].title]
    assert len(failures("model", Given())) == 6


def test_normalisation_that_is_not_frozen_is_told_from_the_rest():
    spec = network("MobileNet")
    layers = tuple(
        replace(layer, trainable=layer.parameters // 2) if layer.kind == "BatchNormalization" else layer
        for layer in spec.layers
    )
    (message,) = model_failures(MobileNet=replace(spec, layers=layers)).values()
    assert "All of them are in BatchNormalization" in message
    assert "running means of 27" in message


def test_the_head_that_is_trained():
    assert failures("training", Given(networks=RIGHT, runs={})) == {}
    wrong = {"MobileNet": head("VGG16", maps_of("MobileNet"))}
    (message,) = failures("training", Given(networks=RIGHT, runs=wrong)).values()
    assert 'train_head("MobileNet", ...)' in message


def test_a_mistake_of_the_network_does_not_count_again_in_its_training():
    own = {**RIGHT, "MobileNet": network("MobileNet", pooling="Flatten")}
    wrong = {"MobileNet": head("VGG16", maps_of("MobileNet"))}
    assert failures("training", Given(networks=own, runs=wrong)) == {}


def unfrozen(trained, *, compiled=COMPILED):
    """The kit's network with these layers trained."""
    given = GIVEN.network
    layers = tuple(
        replace(layer, trainable=layer.parameters if k in trained else 0) for k, layer in enumerate(given.layers)
    )
    return failures("unfreezing", Given(unfrozen=replace(given, layers=layers, compiled=compiled)))


def test_unfreezing():
    block, dense = 7, (11, 12)
    assert [GIVEN.network.layers[k].kind for k in (block, *dense)] == ["Conv2D", "Dense", "Dense"]
    assert unfrozen((block, *dense)) == {}
    assert "the third Conv2D" in next(iter(unfrozen(dense).values()))
    assert "the third BatchNormalization" in next(iter(unfrozen((block, block + 1, *dense)).values()))
    again = unfrozen((block, *dense), compiled=None)
    assert len(again) == 3
    assert all("compiled again" in message for message in again.values())
    (rate,) = unfrozen((block, *dense), compiled=USUAL).values()
    assert "at most 0.0001" in rate


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metrics": ()}, "the metrics: expected accuracy, found none"),
        ({"metrics": ("mse", "auc")}, "found mse, auc"),
        ({"metrics": ("categorical_accuracy", "mse")}, "expected accuracy, found categorical_accuracy. It compares"),
        ({"optimizer": "sgd"}, "expected adam, found sgd"),
        ({"optimizer": "adamw"}, "expected adam, found adamw"),
        (
            {"optimizer_config": {"learning_rate": "ExponentialDecay", "largest_learning_rate": 0.01}},
            "Decay, up to 0.01",
        ),
        ({"optimizer_config": {"learning_rate": "OwnSchedule"}}, "found OwnSchedule"),
        ({"optimizer_config": {"learning_rate": 0.0}}, "found 0"),
        ({"loss": "mse"}, "expected binary_crossentropy, found mse"),
        ({"loss_config": {"from_logits": True}}, "from_logits"),
    ],
)
def test_each_setting_of_the_second_compile_costs_its_own_check(changes, words):
    (message,) = unfrozen((7, 11, 12), compiled=replace(COMPILED, **changes)).values()
    assert words in message


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": ("binary_accuracy",)},
        {"metrics": ("mse", "acc")},
        {"metrics": ("categorical_accuracy", "accuracy")},
        {"optimizer_config": {"learning_rate": "CosineDecay", "largest_learning_rate": 1e-4}},
        {"optimizer_config": {"learning_rate": 1e-4, "amsgrad": True}},
    ],
)
def test_other_right_settings_of_the_second_compile(changes):
    assert unfrozen((7, 11, 12), compiled=replace(COMPILED, **changes)) == {}


def test_an_error_of_the_functions_own_does_not_show_that_weights_are_passed_on():
    (message,) = failures("model", Given(networks=RIGHT, refusal=RAISED)).values()
    assert "expected an error from Keras" in message
    another = REFUSED.replace("in {0}", "here")
    (message,) = failures("model", Given(networks=RIGHT, refusal=another)).values()
    assert "no weights here" in message


def test_a_top_that_is_kept_is_named():
    kept = {name: network(name) for name in BACKBONES}
    layers = list(kept["VGG16"].layers)
    first = next(k for k, layer in enumerate(layers) if layer.kind == "Dense")
    layers[first] = replace(layers[first], name="fc1", output_shape=(None, 4096))
    kept["VGG16"] = replace(kept["VGG16"], layers=tuple(layers))
    found = failures("model", Given(networks=kept))
    assert any("without its top" in message and "fc1 (Dense)" in message for message in found.values())
