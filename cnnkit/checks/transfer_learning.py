"""The public checks of `transfer_learning`, and its brief as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.checks import expect, fitting
from cnnkit.checks.backbone import Parts, parts, plain_head, rescaled
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.checks.registry import PublicChecks
from cnnkit.checks.remarks import remark
from cnnkit.checks.training import Training
from cnnkit.mismatch import Mismatch
from cnnkit.probe.built import Built
from cnnkit.probe.watching import Asked, Watched
from cnnkit.spec.backbones import BACKBONES, backbone
from cnnkit.spec.brief import sequence, wired
from cnnkit.spec.compare import Comparison, compare
from cnnkit.spec.frozen import frozen_layers, trained_statistics
from cnnkit.spec.model import ModelSpec, Setting, Shape
from cnnkit.spec.words import count, layer_label, shape_text

SIZE = 96
"""Height and width of the photographs."""

CAFFE = ("VGG16", "ResNet50")
"""Backbones whose images are blue, green, red and centred on the mean colour; the others' lie between -1 and 1."""

MEANS = (103.939, 116.779, 123.68)
"""Mean blue, green and red of ImageNet."""

LARGEST_RATE = 1e-4
"""Of the learning rate with which a backbone is trained on."""

Row = tuple[str, dict[str, Setting]]
Node = tuple[str, dict[str, Setting], tuple[int, ...]]


def head(name: str, maps: Shape) -> ModelSpec:
    """The brief's head on the maps of a backbone.

    Args:
        name: of the backbone.
        maps: their shape, batch axis first.
    """
    pooling = "Flatten" if name == "VGG16" else "GlobalAveragePooling2D"
    hidden: Row = ("Dense", {"units": 128, "activation": "relu"})
    return sequence(maps, [(pooling, {}), hidden, ("Dense", {"units": 1, "activation": "sigmoid"})])


def maps_of(name: str, size: int = SIZE) -> Shape:
    """The shape of what a backbone makes of square images, batch axis first."""
    return backbone(name, (None, size, size, 3)).layers[-1].output_shape


TWICE = Training("train_head", ("VGG16", "VGG16"), maps_of("VGG16"), loss=("binary_crossentropy",))
POOLED = Training("train_head", ("MobileNet",), maps_of("MobileNet"), loss=("binary_crossentropy",))

CHECKS = PublicChecks(
    "transfer_learning",
    {
        "preprocessing": ("preprocess",),
        "parameters": ("head_parameters",),
        "model": ("build_transfer_model",),
        "features": ("extract_features",),
        "training": ("train_head",),
        "unfreezing": ("unfreeze_top",),
    },
)

# --- preprocessing --------------------------------------------------------------------------------------------------


def prepared(name: str, pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Pixels as a backbone of this name was trained on them."""
    if name in CAFFE:
        return np.asarray(pixels, np.float64)[..., ::-1] - np.array(MEANS)
    return np.asarray(pixels, np.float64) / 127.5 - 1.0


PROBE = np.array([[[[255, 0, 0], [0, 255, 0]], [[10, 100, 200], [128, 128, 128]]]], np.uint8)
"""One image of four pixels: red, green, a blue one, grey."""

CENTRED = "Turn red, green, blue into blue, green, red first (images[..., ::-1]), then take off the three means."
ONE_TO_ONE = "0 is to become -1 and 255 is to become 1: divide by 127.5, then take off 1."


@CHECKS.add("preprocessing", "preprocess keeps the shape, and gives float32")
def prepared_form(evidence: Evidence) -> None:
    """Expect float32 numbers of the same shape from whole ones, for every backbone."""
    images = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    for name in BACKBONES:
        what = f'preprocess("{name}", images)'
        hint = 'images.astype("float32") makes a copy of that type; whole numbers cannot hold what comes out.'
        expect.array(evidence.call("preprocess", name, images), what, shape=images.shape, dtype="float32", hint=hint)


def probe_is_prepared(evidence: Evidence, *names: str, hint: str) -> None:
    """Expect the right values for the four pixels."""
    for name in names:
        what = f'preprocess("{name}", images)'
        wanted = prepared(name, PROBE)
        found = expect.numbers(evidence.call("preprocess", name, PROBE), what, like=wanted, hint=hint)
        expect.values(found, wanted, f"{what} of the pixels {PROBE.reshape(-1, 3).tolist()}", tolerance=1e-3, hint=hint)


@CHECKS.add("preprocessing", "VGG16 and ResNet50 get blue, green, red, less their means")
def mean_centred(evidence: Evidence) -> None:
    """Expect the channels turned round and the means taken off."""
    probe_is_prepared(evidence, *CAFFE, hint=CENTRED)


@CHECKS.add("preprocessing", "InceptionV3 and MobileNet get values from -1 to 1")
def minus_one_to_one(evidence: Evidence) -> None:
    """Expect the range of -1 to 1."""
    probe_is_prepared(evidence, "InceptionV3", "MobileNet", hint=ONE_TO_ONE)


# --- parameters -----------------------------------------------------------------------------------------------------

DENSES = "A unit of a Dense layer has one weight for each number that comes in, and one bias."


def head_counts(evidence: Evidence, *cases: tuple[str, int], hint: str = DENSES) -> None:
    """Expect the head's parameters for (backbone, size of the images)."""
    for name, size in cases:
        wanted = head(name, maps_of(name, size)).parameters
        what = f'head_parameters("{name}", {size})'
        expect.number(evidence.call("head_parameters", name, size), None, what, wanted=wanted, hint=hint)


@CHECKS.add("parameters", "head_parameters is right for photographs of 96 × 96 on all four backbones")
def heads_of_the_notebook(evidence: Evidence) -> None:
    """Expect the numbers of the networks that the notebook builds."""
    head_counts(evidence, *((name, SIZE) for name in BACKBONES))


# --- model ----------------------------------------------------------------------------------------------------------

MODEL = "build_transfer_model"


def named(name: str, size: tuple[int, int] = (SIZE, SIZE)) -> str:
    """The call, as a message has it."""
    return f'{MODEL}("{name}", {(*size, 3)})'


def built(evidence: Evidence, name: str, size: tuple[int, int] = (SIZE, SIZE)) -> ModelSpec:
    """The network on a backbone."""
    return evidence.model(MODEL, name, (*size, 3), input_shape=(None, *size, 3))


def networks(evidence: Evidence, names: Sequence[str] = BACKBONES) -> Iterator[tuple[str, ModelSpec, Parts]]:
    """The networks that there are: where one cannot be built, that is the finding of one check, not of each.

    Raises:
        Mismatch, StudentError: there is none at all.
    """
    first: Exception | None = None
    some = False
    for name in names:
        try:
            spec = built(evidence, name)
        except (Mismatch, StudentError) as error:
            first = first or error
        else:
            some = True
            yield name, spec, parts(spec, name)
    if first is not None and not some:
        raise first


@CHECKS.add("model", "each network stands on the backbone that is asked for, whole and without its top")
def backbones(evidence: Evidence) -> None:
    """Expect the four backbones; their layers are found whatever they are wrapped in."""
    for name in BACKBONES:
        spec = built(evidence, name)
        found = parts(spec, name)
        if found.name != name:
            told = [layer.kind for layer in spec.layers[:3]]
            raise Mismatch(
                f"the backbone of {named(name)}",
                expected=f"all {backbone(name).parameters:,} parameters of {name} without its top",
                found=found.name or f"another network: {', '.join(told) or 'no layers'}, ...",
                consequence="Weights that were learned for one network do not fit another.",
                hint="keras.applications has a function of each name; include_top=False leaves the top away.",
            )


@CHECKS.add("model", "training changes nothing in the backbone")
def backbone_frozen(evidence: Evidence) -> None:
    """Expect no weight of the backbone among those that training changes."""
    for name, spec, found in networks(evidence):
        trained = sum(spec.layers[k].trainable for k in found.backbone)
        if trained:
            part = [layer.kind for k, layer in enumerate(spec.layers) if k in found.backbone and layer.trainable]
            only = "All of them are in BatchNormalization layers. " if set(part) == {"BatchNormalization"} else ""
            moving = len(trained_statistics(spec, found.backbone))
            more = (
                f" The running means of {count(moving, 'BatchNormalization layer')} would move too." if moving else ""
            )
            raise Mismatch(
                f"parameters in the backbone of {named(name)} that training changes",
                expected=0,
                found=f"{trained:,}",
                consequence=f"{only}A few hundred photographs would overwrite what a million taught.{more}",
                hint="`trainable = False` on the backbone freezes all of its layers, whatever you do with them next.",
            )


@CHECKS.add("model", "VGG16 goes on with Flatten, the others with GlobalAveragePooling2D")
def poolings(evidence: Evidence) -> None:
    """Expect the right way from maps to one row of numbers, for all backbones."""
    pooling_of_vgg(evidence)
    pooling_of_others(evidence)


def pooling_of_vgg(evidence: Evidence) -> None:
    """Expect Flatten behind VGG16."""
    _heads_agree(evidence, 0, "VGG16")


def pooling_of_others(evidence: Evidence) -> None:
    """Expect GlobalAveragePooling2D behind the others."""
    _heads_agree(evidence, 0, *BACKBONES[1:])


@CHECKS.add("model", "then come Dense 128 with ReLU and Dense 1 with sigmoid, and nothing else")
def dense_layers(evidence: Evidence) -> None:
    """Expect the two Dense layers, to be trained, and no further layer in the head."""
    _heads_agree(evidence, 1, *BACKBONES)
    _heads_agree(evidence, 2, *BACKBONES)
    _heads_agree(evidence, None, *BACKBONES)


def _heads_agree(evidence: Evidence, position: int | None, *names: str) -> None:
    """Expect no difference at one layer of the head, or, for None, none that belongs to no layer."""
    for name, _, found in networks(evidence, names):
        said = head_difference(found.head, name, position)
        if said is not None:
            raise Mismatch(
                f"{named(name)}, {said.what}",
                expected=said.expected,
                found=said.found,
                consequence=said.consequence,
                hint=said.hint,
            )


def head_difference(found: ModelSpec, name: str, position: int | None) -> Mismatch | None:
    """What is wrong at one layer of a head, the first thing; None where nothing is."""
    return next(iter(_differences(_comparison(found, name), position)), None)


def _comparison(found: ModelSpec, name: str) -> Comparison:
    return compare(found, head(name, found.input_shape if len(found.input_shape) == 4 else maps_of(name)))


def _differences(comparison: Comparison, position: int | None) -> list[Mismatch]:
    told = comparison.differences if position is None else comparison.at(position)
    return [one.mismatch() for one in told if one.kind != "input" and (position is not None or one.position is None)]


@CHECKS.add("model", "the pixels arrive as the backbone knows them")
def pixels_as_prepared(evidence: Evidence) -> None:
    """Expect that nothing is done to prepared images, or exactly what prepares raw ones."""
    pixels = PROBE.reshape(-1, 3).astype(np.float64)
    for name, _, found in networks(evidence):
        if not found.name:
            continue  # no backbone, so there is nothing before it: another check's finding
        seen = rescaled(found.front, pixels)
        what = f"what reaches the backbone of {named(name)}"
        hint = "`preprocess` has prepared the images: nothing is left to do. Least of all Rescaling(1 / 255)."
        if seen is None:
            kinds = ", ".join(layer.kind for layer in found.front)
            raise Mismatch(what, expected="the images as they are given", found=f"they pass {kinds} first", hint=hint)
        if np.allclose(seen, pixels, atol=1e-3):
            continue
        if not np.allclose(seen, prepared(name, pixels), atol=1e-2):
            red = ", ".join(f"{value:.4g}" for value in seen[0])
            raise Mismatch(
                what,
                expected="the numbers that come in",
                found=f"{red} where 255, 0, 0 came in",
                consequence="The backbone learned on other numbers; on these its features lose their meaning.",
                hint=hint,
            )
        remark("Your network prepares its images itself: give it raw pixels, not what `preprocess` returns.")


# --- features -------------------------------------------------------------------------------------------------------


def small_backbone(size: int, channels: int = 3) -> ModelSpec:
    """A backbone small enough to be checked by hand: a way round, and layers that behave differently in training."""
    around: Row = ("Conv2D", {"filters": 6, "kernel_size": (3, 3), "padding": "same"})
    rows: list[Node] = [
        ("Conv2D", {"filters": 6, "kernel_size": (3, 3), "strides": (2, 2), "use_bias": False}, (-1,)),
        ("BatchNormalization", {}, (0,)),
        ("Activation", {"activation": "relu"}, (1,)),
        ("Dropout", {"rate": 0.4}, (2,)),
        (*around, (3,)),
        ("Add", {}, (4, 3)),
        ("Conv2D", {"filters": 4, "kernel_size": (2, 2), "strides": (2, 2), "activation": "relu"}, (5,)),
    ]
    return wired((None, size, size, channels), _frozen(rows))


def _frozen(rows: Sequence[Node]) -> list[Node]:
    return [(kind, {**given, "trainable": False}, inputs) for kind, given, inputs in rows]


FEW = Built(small_backbone(12), 5)
FOUR = np.random.default_rng(3).normal(0.5, 1.5, size=(4, 12, 12, 3)).astype(np.float32)
"""A backbone, and images for it."""

EXTRACTED = "extract_features(backbone, images)"
"""The call, as a message has it."""


@CHECKS.add("features", "extract_features gives what the backbone puts out for each image")
def features_form(evidence: Evidence) -> None:
    """Expect one array of maps for each image."""
    wanted = FEW.network.layers[-1].output_shape[1:]
    shape = (4, *(int(size or 0) for size in wanted))
    hint = "backbone.predict(images) goes through them in batches; return all of what it gives, as it is."
    expect.array(evidence.call("extract_features", FEW, FOUR), EXTRACTED, shape=shape, hint=hint)


# --- training -------------------------------------------------------------------------------------------------------


@CHECKS.add("training", "compiles with binary cross-entropy, and the loss can be computed")
def loss_is_crossentropy(evidence: Evidence) -> None:
    """Expect binary cross-entropy on probabilities, or on logits where the head leaves the sigmoid out."""
    run = TWICE.watched(evidence)[0]
    TWICE.loss_is_right(evidence)
    fit = fitting.last_fit(run, TWICE.function)
    compiled = fit.model.compiled if fit.model is not None else None
    logits = bool(compiled and compiled.loss_config.get("from_logits"))
    if logits and _ends_in_sigmoid(fit.model):
        raise Mismatch(
            "loss, from_logits",
            expected=False,
            found=True,
            consequence="The head ends in sigmoid, so a second one is applied: even a perfect prediction of a mammal "
            "costs 0.313.",
            hint="Leave from_logits out.",
        )


def _ends_in_sigmoid(network: ModelSpec | None) -> bool:
    return network is not None and any(layer.config.get("activation") == "sigmoid" for layer in network.layers[-1:])


@CHECKS.add("training", "compiles with Adam")
def optimizer_is_adam(evidence: Evidence) -> None:
    """Expect Adam with its usual settings."""
    for run in TWICE.watched(evidence):
        fitting.optimizer_is(run, TWICE.function, Asked("adam"), given=False)


fits_as_asked = CHECKS.add("training", "trains on `train` for `epochs` epochs and validates on `val`")(
    TWICE.fits_as_asked
)
returns_history_and_passes_callbacks = CHECKS.add(
    "training", "returns the History of fit, and passes the callbacks on"
)(TWICE.returns_history_and_passes_callbacks)
fresh_head = CHECKS.add("training", "each run starts from a fresh head")(TWICE.fresh_network)


@CHECKS.add("training", "trains the head of the backbone that is named")
def head_is_trained(evidence: Evidence) -> None:
    """Expect the brief's head, or the one of the student's own network: what is wrong with that has been said there."""
    for training, name in ((TWICE, "VGG16"), (POOLED, "MobileNet")):
        found = _trained(training.watched(evidence)[0], training.function)
        for position in (0, 1, 2, None):
            said = head_difference(found, name, position)
            if said is not None and not _is_head_of_own_network(evidence, found, name):
                raise Mismatch(
                    f'the head that train_head("{name}", ...) trains, {said.what}',
                    expected=said.expected,
                    found=said.found,
                    consequence=said.consequence,
                    hint=said.hint,
                )


def _trained(run: Watched, function: str) -> ModelSpec:
    """The head that a run trains, with its sigmoid where that is left to the loss."""
    fit = fitting.last_fit(run, function)
    if fit.model is None:
        raise Mismatch(f"{function}: {fit.problem}", hint="Train a head: the layers behind the backbone.")
    found = plain_head(fit.model)
    compiled = fit.model.compiled
    last = found.layers[-1] if found.layers else None
    if compiled and last and compiled.loss_config.get("from_logits") and last.config.get("activation") == "linear":
        sigmoid = replace(last, config={**last.config, "activation": "sigmoid"})
        found = replace(found, layers=(*found.layers[:-1], sigmoid))
    return found


def _is_head_of_own_network(evidence: Evidence, found: ModelSpec, name: str) -> bool:
    try:
        own = parts(built(evidence, name), name).head
    except (Mismatch, StudentError):
        return False
    return bool(own.layers) and own.input_shape[1:] == found.input_shape[1:] and compare(found, own).equal


# --- unfreezing -----------------------------------------------------------------------------------------------------


HEAD_LAYERS = 3
BLOCK_LAYERS = 3
"""Layers of the head, and of one block of the small backbone."""


def frozen_network(size: int = 16) -> ModelSpec:
    """A small backbone with three blocks and a way round one, frozen, and its head: what unfreeze_top is given."""
    convolution: Row = ("Conv2D", {"filters": 5, "kernel_size": (3, 3), "padding": "same", "use_bias": False})
    rows: list[Node] = []
    for _ in range(3):
        first = len(rows)
        rows.append((*convolution, (first - 1,)))
        rows.append(("BatchNormalization", {}, (first,)))
        rows.append(("Activation", {"activation": "relu"}, (first + 1,)))
        if first == BLOCK_LAYERS:
            rows.append(("Add", {}, (first + 2, first - 1)))
    top: list[Node] = [
        ("GlobalAveragePooling2D", {}, (len(rows) - 1,)),
        ("Dense", {"units": 6, "activation": "relu"}, (len(rows),)),
        ("Dense", {"units": 1, "activation": "sigmoid"}, (len(rows) + 1,)),
    ]
    return wired((None, size, size, 3), [*_frozen(rows), *top])


GIVEN = Built(frozen_network(), 8)


def unfrozen(evidence: Evidence, layers: int, given: Built = GIVEN) -> ModelSpec:
    """The network that unfreeze_top(model, layers) returns for the kit's own.

    Raises:
        Mismatch: it has not the layers that were given.
    """
    found = evidence.model("unfreeze_top", given, layers, input_shape=given.network.input_shape)
    if [layer.kind for layer in found.layers] != [layer.kind for layer in given.network.layers]:
        raise Mismatch(
            f"the layers of what unfreeze_top(model, {layers}) returns",
            expected="those of the model that was given",
            found=", ".join(layer.kind for layer in found.layers) or "none",
            hint="Change `trainable` of the model's own layers, compile it, and return it.",
        )
    return found


@CHECKS.add("unfreezing", "the last layers are trained again: the head, and the last block of the backbone")
def last_block_trained(evidence: Evidence) -> None:
    """Expect the weights of the last layers, but for those of BatchNormalization, among those that are trained."""
    top_is_trained(evidence, GIVEN, HEAD_LAYERS + BLOCK_LAYERS)


def top_is_trained(evidence: Evidence, given: Built, layers: int) -> None:
    """Expect the last `layers` layers to be trained."""
    found = unfrozen(evidence, layers, given)
    for position in range(len(found.layers) - layers, len(found.layers)):
        if position in frozen_layers(found) and found.layers[position].kind != "BatchNormalization":
            raise Mismatch(
                f"{layer_label(found.layers, position)} of the model after unfreeze_top(model, {layers})",
                expected="trainable",
                found="frozen",
                consequence=f"It is among the last {layers} layers, but training would leave it as it is.",
                hint="Go through model.layers[-layers:] and set `trainable` of each. `model.trainable = True` does "
                "nothing where it is True already.",
            )


@CHECKS.add("unfreezing", "BatchNormalization stays frozen")
def normalisation_frozen(evidence: Evidence) -> None:
    """Expect no BatchNormalization whose weights or statistics training changes."""
    normalisations_stay(evidence, GIVEN, HEAD_LAYERS + BLOCK_LAYERS)


def normalisations_stay(evidence: Evidence, given: Built, layers: int) -> None:
    """Expect every BatchNormalization frozen, and its running means where they were after a step in training mode."""
    found = unfrozen(evidence, layers, given)
    moving = trained_statistics(found)
    if moving:
        raise Mismatch(
            f"{layer_label(found.layers, moving[0])} of the model after unfreeze_top(model, {layers})",
            expected="frozen",
            found="trainable",
            consequence="In training it would normalise with the few images of a batch, and move its running means "
            "away from what the backbone learned.",
            hint="Ask isinstance(layer, keras.layers.BatchNormalization) before you set `trainable`.",
        )


@CHECKS.add("unfreezing", "the model is compiled again, with binary cross-entropy and a small learning rate")
def recompiled(evidence: Evidence) -> None:
    """Expect both."""
    compiled_again(evidence)
    small_learning_rate(evidence)


def compiled_again(evidence: Evidence) -> None:
    """Expect a compiled model, with the loss that suits its last layer."""
    found = unfrozen(evidence, HEAD_LAYERS + BLOCK_LAYERS)
    hint = "After you have set `trainable`, call model.compile with optimizer, loss and metrics."
    if found.compiled is None:
        raise Mismatch(
            "unfreeze_top(model, layers)",
            expected="a model that has been compiled again",
            found="one that has not",
            consequence="TensorFlow settles at the first fit after compile which weights it trains. A model that was "
            "trained before would go on as before, and say nothing.",
            hint=hint,
        )
    if found.compiled.loss != "binary_crossentropy":
        raise Mismatch("loss", expected="binary_crossentropy", found=found.compiled.loss or "none", hint=hint)
    if found.compiled.loss_config.get("from_logits"):
        raise Mismatch("loss, from_logits", expected=False, found=True, hint="The model ends in sigmoid already.")


def small_learning_rate(evidence: Evidence) -> None:
    """Expect a learning rate that does not undo what the backbone learned."""
    found = unfrozen(evidence, HEAD_LAYERS + BLOCK_LAYERS)
    rate = found.compiled.optimizer_config.get("learning_rate") if found.compiled else None
    # 0.0001 comes back from single precision as a little more
    if not isinstance(rate, int | float) or not 0 < rate <= LARGEST_RATE * 1.001:
        raise Mismatch(
            "the learning rate after unfreeze_top(model, layers)",
            expected=f"more than 0 and at most {LARGEST_RATE:g}",
            found="none" if rate is None else rate,
            consequence="Large steps destroy in a few batches what the backbone learned in weeks.",
            hint="`learning_rate` is an argument of keras.optimizers.Adam; left out it is 0.001.",
        )


def rest_is_frozen(evidence: Evidence, given: Built, layers: int) -> None:
    """Expect no other layer to be trained than the last `layers` ones."""
    found = unfrozen(evidence, layers, given)
    for position, layer in enumerate(found.layers[: len(found.layers) - layers]):
        if layer.trainable and layer.kind != "BatchNormalization":
            raise Mismatch(
                f"{layer_label(found.layers, position)} of the model after unfreeze_top(model, {layers})",
                expected="frozen",
                found="trainable",
                consequence=f"It is not among the last {layers} layers. It puts out {shape_text(layer.output_shape)}.",
                hint="Freeze the layers that come before the last ones.",
            )
