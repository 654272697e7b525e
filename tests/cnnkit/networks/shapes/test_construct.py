"""Descriptions that are not built: unknown, inconsistent or too large. They are refused before Keras is imported."""

import sys
from dataclasses import replace

import pytest

from cnnkit.networks.brief import sequence
from cnnkit.networks.shapes.construct import CannotConstruct, construct


def dense(**changes):
    spec = sequence((None, 4), [("Dense", {"units": 3})])
    return replace(spec, layers=(replace(spec.layers[0], **changes),))


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (dense(kind="Lambda"), "no way to build a Lambda"),
        (dense(kind="TFSMLayer"), "no way to build"),
        (dense(kind="InputLayer"), "no way to build"),
        (dense(config={"units": 3, "kernel_initializer": "x"}), "not known: kernel_initializer"),
        (dense(config={"units": 3, "kernel_regularizer": "L2(l2=0.01)"}), "penalty"),
        (dense(config={"units": 3, "activation": "custom function relu"}), "no activation"),
        (dense(config={"units": 3, "activation": "os.system"}), "no activation"),
        (dense(config={"units": 4}), "another shape"),
        (dense(parameters=16), "another shape or number"),
        (dense(inputs=(0,)), "comes after it"),
        (dense(inputs=(-1, -1)), "2 inputs"),
        (dense(inputs=()), "comes after it"),
        (dense(inputs=(-2,)), "comes after it"),
        (replace(dense(), outputs=(-1,)), "one output"),
        (replace(dense(), layers=()), "layers"),
        (sequence((None, 9999), [("Dense", {"units": 9999})]), "too many"),
        (sequence((None, 9999, 9999, 9), [("MaxPooling2D", {"strides": (1, 1)})]), "too many"),
        (sequence((None, 4), [("Reshape", {"target_shape": (2, 2)})] * 501), "layers"),
    ],
)
def test_what_is_refused(spec, reason, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)  # nothing may be built before all is examined

    with pytest.raises(CannotConstruct, match=reason):
        construct(spec)


def test_fewer_parameters_may_be_allowed(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)

    with pytest.raises(CannotConstruct, match="15 parameters"):
        construct(dense(), most_parameters=14)
