"""Dotted names that an exercise forbids, and the words for it."""

import pytest

from cnnkit.probe.forbidden_names import forbidden_by, forbidden_use, is_documented, rule_in_words


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("keras", "keras"),
        ("keras.ops.conv", "keras"),
        ("tensorflow.keras.layers", "keras"),
        ("scipy.signal.convolve2d", "scipy.signal"),
        ("numpy.convolve", "numpy.convolve"),
        ("scipy.ndimage", ""),
        ("scipy", ""),
        ("kerastuner", ""),
        ("numpy.convolved", ""),
        ("cnnkit", ""),
        ("cnnkit.plots.loss_curves", ""),
        ("cnnkit.networks.shapes", "cnnkit"),
        ("cnnkit.plots._private", "cnnkit"),
        ("cnnkit.spec.construct", "cnnkit"),
        ("cnnkit.spec.describe", ""),
    ],
)
def test_an_entry_forbids_what_lies_below_it(path, entry):
    assert forbidden_by(path, ["keras", "scipy.signal", "numpy.convolve", "cnnkit"]) == entry


def test_nothing_is_forbidden_unless_it_is_listed():
    assert forbidden_by("keras", []) == ""
    assert forbidden_by("cnnkit.networks", ["keras"]) == ""


def test_what_notebooks_use_is_documented():
    assert is_documented("cnnkit")
    assert is_documented("cnnkit.check.data")
    assert not is_documented("cnnkit.probe")


def test_the_rule_names_everything():
    assert rule_in_words(["a.b"]) == "Do not use `a.b` in this exercise."
    assert (
        rule_in_words(["a", "b", "cnnkit"]) == "Do not use `a`, `b` or undocumented parts of `cnnkit` in this exercise."
    )


def test_a_failure_says_what_is_used_and_what_is_asked_for():
    failure = forbidden_use("conv2d", ["keras", "torch"], ["an import of keras", *"abc"])
    assert str(failure) == "`conv2d`: expected none of keras, torch, found an import of keras; a; b and 1 more."
    assert failure.hint.startswith("Do not use `keras` or `torch`")
