"""Public checks of the exercise `architecture`."""

from __future__ import annotations

from cnnkit.assignments.lenet.brief import BRIEF, CHECKS, INPUT, MAX_BRIEF, NETWORK
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.checks.remarks import remark
from cnnkit.expect import network
from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import Difference, compare
from cnnkit.networks.model_spec import ModelSpec

AS_CONVOLUTION = (
    "You wrote it as a convolution whose kernel covers the whole of its input. That is the same function as Flatten "
    "and Dense, with the same parameters (48,120 for the 120 units); the lecture notes have both."
)


def built(evidence: Evidence) -> ModelSpec:
    """Network that build_lenet() returns."""
    return evidence.model(NETWORK, input_shape=INPUT)


def form_of(found: ModelSpec) -> ModelSpec:
    """Specified network in the form that a student's network is compared with."""
    assert CHECKS.brief is not None
    return CHECKS.brief.form_of(found)


@CHECKS.add("architecture", "the layers are those of the brief, in its order")
def layers_in_order(evidence: Evidence) -> None:
    """Expect the specified kinds of layers."""
    found = built(evidence)
    network.kinds_in_order(found, form_of(found))
    if form_of(found) != BRIEF:
        remark(AS_CONVOLUTION)


@CHECKS.add("architecture", "every layer's output has the shape of your table")
def shapes_of_the_brief(evidence: Evidence) -> None:
    """Expect the specified output shapes, layer by layer, and as many layers."""
    found = built(evidence)
    network.shapes_are_right(found, form_of(found))


@CHECKS.add("architecture", "61,706 parameters")
def parameters_in_all(evidence: Evidence) -> None:
    """Expect the specified number of parameters."""
    network.parameters_are_right(built(evidence), BRIEF)


@CHECKS.add("architecture", 'build_lenet("max") has max pooling in both places, and all else as before')
def max_pooling(evidence: Evidence) -> None:
    """Expect the requested pooling; mistakes that build_lenet() makes with either do not count again."""
    found = evidence.model(NETWORK, "max", input_shape=INPUT)
    wanted = MAX_BRIEF.form_of(found)
    known: set[tuple[object, ...]] = set()
    try:
        usual = built(evidence)
    except (Mismatch, StudentError):  # reported by the other checks
        pass
    else:
        known = {_same_mistake(one) for one in compare(usual, form_of(usual)).differences}
    for difference in compare(found, wanted).differences:
        if _same_mistake(difference) not in known:
            mismatch = difference.mismatch()
            of_pooling = "Pooling" in f"{mismatch.what} {mismatch.expected} {mismatch.found}"
            raise Mismatch(
                f'build_lenet("max"), {mismatch.what}',
                expected=mismatch.expected,
                found=mismatch.found,
                consequence=mismatch.consequence,
                hint='Let the argument `pooling` choose between the two pooling layers: "average" or "max".'
                if of_pooling
                else mismatch.hint,
            )


def _same_mistake(one: Difference) -> tuple[object, ...]:
    """Key of a mistake, to compare both networks; the kind of layer found instead of a pooling is part of it."""
    found = one.found if one.kind in ("setting", "replaced") else None
    return one.kind, one.position, one.field, one.after, found
