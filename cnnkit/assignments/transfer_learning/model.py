"""Public checks of the exercise `model`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import numpy as np

from cnnkit.assignments.transfer_learning.brief import CHECKS, HEADS, MAPS, SIZE
from cnnkit.assignments.transfer_learning.preprocessing import PREPARED, PROBE
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.checks.remarks import remark
from cnnkit.expect.backbone import NetworkParts, behind_top, layers_of_top, parts, rescaled
from cnnkit.mismatch import Mismatch
from cnnkit.networks.backbones import BACKBONES, backbone
from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import Comparison, compare
from cnnkit.networks.frozen import trained_statistics
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.wording import count

MODEL = "build_transfer_model"

NO_TOP = "keras.applications has a function of each name; include_top=False leaves the top off."


def named(name: str, size: tuple[int, int] = (SIZE, SIZE)) -> str:
    """Call of the student's function, for messages."""
    return f'{MODEL}("{name}", {(*size, 3)})'


def built(evidence: Evidence, name: str, size: tuple[int, int] = (SIZE, SIZE)) -> ModelSpec:
    """The student's network on a backbone."""
    return evidence.model(MODEL, name, (*size, 3), input_shape=(None, *size, 3))


def networks(evidence: Evidence, names: Sequence[str] = BACKBONES) -> Iterator[tuple[str, ModelSpec, NetworkParts]]:
    """The student's networks, by backbone; one that cannot be built is left out, and reported by one check only.

    Raises:
        Mismatch, StudentError: none can be built.
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
    """Expect the four backbones, nested in the network or not."""
    for name in BACKBONES:
        spec = built(evidence, name)
        found = parts(spec, name)
        if found.name != name:
            kinds = [layer.kind for layer in spec.layers[:3]]
            raise Mismatch(
                f"the backbone of {named(name)}",
                expected=f"all {backbone(name).parameters:,} parameters of {name} without its top",
                found=found.name or f"another network: {', '.join(kinds) or 'no layers'}, ...",
                consequence="Weights that were learned for one network do not fit another.",
                hint=NO_TOP,
            )
        if top := layers_of_top(found.head):
            raise Mismatch(
                f"the backbone of {named(name)}",
                expected=f"{name} without its top",
                found=f"layers of its top too: {', '.join(f'{layer.name} ({layer.kind})' for layer in top)}",
                consequence="They tell a thousand classes of ImageNet apart, and your head would sit on top of them.",
                hint=f"{NO_TOP} Cutting off the last layer of a network that has its top leaves the others there.",
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
    """Expect the right layer between maps and one row of numbers, for all backbones."""
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
    """Expect two trainable Dense layers and no further layer in the head; a top there is reported by `backbones`."""
    _heads_agree(evidence, 1, *BACKBONES)
    _heads_agree(evidence, 2, *BACKBONES)
    _heads_agree(evidence, None, *BACKBONES)


def _heads_agree(evidence: Evidence, position: int | None, *names: str) -> None:
    """Expect no difference at one layer of the head, or, for None, none that belongs to no layer."""
    for name, _, found in networks(evidence, names):
        difference = head_difference(found.head if position == 0 else behind_top(found.head), name, position)
        if difference is not None:
            raise Mismatch(
                f"{named(name)}, {difference.what}",
                expected=difference.expected,
                found=difference.found,
                consequence=difference.consequence,
                hint=difference.hint,
            )


def head_difference(found: ModelSpec, name: str, position: int | None) -> Mismatch | None:
    """First difference at one layer of a head; None if there is none."""
    return next(iter(_differences(_comparison(found, name), position)), None)


def _comparison(found: ModelSpec, name: str) -> Comparison:
    maps = found.input_shape if len(found.input_shape) == 4 else MAPS[name]
    return compare(found, sequence(maps, HEADS[name]))


def _differences(comparison: Comparison, position: int | None) -> list[Mismatch]:
    differences = comparison.differences if position is None else comparison.at(position)
    return [
        one.mismatch() for one in differences if one.kind != "input" and (position is not None or one.position is None)
    ]


@CHECKS.add("model", "the pixels arrive as the backbone knows them")
def pixels_as_prepared(evidence: Evidence) -> None:
    """Expect no change of prepared images, or exactly the preparation of raw ones."""
    pixels = PROBE.reshape(-1, 3).astype(np.float64)
    for name, _, found in networks(evidence):
        if not found.name:
            continue  # no backbone, hence nothing before it: reported by another check
        seen = rescaled(found.front, pixels)
        what = f"what reaches the backbone of {named(name)}"
        hint = "`preprocess` has prepared the images: nothing is left to do. Least of all Rescaling(1 / 255)."
        if seen is None:
            kinds = ", ".join(layer.kind for layer in found.front)
            raise Mismatch(what, expected="the images as they are given", found=f"they pass {kinds} first", hint=hint)
        if np.allclose(seen, pixels, atol=1e-3):
            continue
        if not np.allclose(seen, PREPARED[name].reshape(-1, 3), atol=1e-2):
            red = ", ".join(f"{value:.4g}" for value in seen[0])
            raise Mismatch(
                what,
                expected="the numbers that come in",
                found=f"{red} where 255, 0, 0 came in",
                consequence="The backbone learned on other numbers; on these its features lose their meaning.",
                hint=hint,
            )
        remark("Your network prepares its images itself: give it raw pixels, not what `preprocess` returns.")


NO_FILE = "no such file.weights.h5"
"""A file that is nowhere."""

NO_WEIGHTS = os.devnull
"""A file that is everywhere, and holds no weights."""


@CHECKS.add("model", "the backbone gets the weights that are given")
def weights_passed_on(evidence: Evidence) -> None:
    """Expect the name of a file that does not exist to fail where Keras reads it, which proves that it was passed on.

    A function may look for the file itself and raise. Then it is given one that exists, which Keras refuses.
    """
    built(evidence, "MobileNet")
    for file, expected in ((NO_FILE, "there is no such file"), (NO_WEIGHTS, "this file has no weights")):
        error = _error_with(evidence, file)
        reason = str(error).partition(" raised ")[2]  # the call before it has the name in any case
        if error is None:
            raise Mismatch(
                _named_with(file),
                expected=f"an error: {expected}",
                found="a network with other weights",
                consequence="However good the file that is given, the backbone would not get its weights.",
                hint="Pass `weights=weights` on to the function of keras.applications. With "
                '`weights="imagenet"` written out the argument is ignored; in this check such a network gets random '
                "weights.",
            )
        if "`raise " not in reason and "`assert " not in reason:
            if file in reason:
                return
            raise error
    raise Mismatch(
        _named_with(NO_WEIGHTS),
        expected="an error from Keras, which reads the file",
        found="one that your function raises itself",
        consequence="This does not show whether the backbone would get the weights of a good file.",
        hint="Pass `weights=weights` on to the function of keras.applications: it says what is wrong with a file.",
    )


def _named_with(file: str) -> str:
    without = " (a file without weights)" if file == NO_WEIGHTS else ""
    return f'{MODEL}("MobileNet", {(SIZE, SIZE, 3)}, weights="{file}"){without}'


def _error_with(evidence: Evidence, file: str) -> Exception | None:
    size = (SIZE, SIZE, 3)
    try:
        evidence.model(MODEL, "MobileNet", size, file, input_shape=(None, *size))
    except (StudentError, Mismatch) as error:
        return error
    return None
