"""Undocumented parts of the kit and of the interpreter are named to the teaching assistant, and nothing else is."""

import pytest

from autograder.intake.innards import innards, note


def uses(*sources):
    return [use for _, use in innards(list(enumerate(sources, 1)))]


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("from cnnkit.spec import construct", "cnnkit.spec.construct"),
        ("import cnnkit\ncnnkit.spec.sequence((None, 4), [])", "cnnkit.spec.sequence"),
        ("import cnnkit as kit\nkit.assignments.mnist_convnet", "cnnkit.assignments.mnist_convnet"),
        ("from cnnkit import assignments as a", "cnnkit.assignments"),
        ("import cnnkit.networks.shapes.layer_arithmetic", "cnnkit.networks.shapes.layer_arithmetic"),
        ("import cnnkit\ngetattr(cnnkit, 'sp' + 'ec')", "cnnkit.__dict__"),
        ("import sys\nsys.modules['cnnkit.spec']", "sys.modules"),
        ("from sys import modules as m", "sys.modules"),
        ("import sys as s\ns._getframe()", "sys._getframe"),
        ("import ctypes", "ctypes"),
        ("from gc import get_objects", "gc.get_objects"),
        ("__import__('cnnkit.spec')", "__import__"),
        ("import importlib\nimportlib.import_module('cnnkit.spec')", "importlib"),
        ("frame.f_back", "f_back"),
        ("def f():\n    import inspect", "inspect"),
        ("import autograder.sandbox", "autograder.sandbox"),
    ],
)
def test_a_use_is_found(code, use):
    assert use in uses(code)


@pytest.mark.parametrize(
    "code",
    [
        "import cnnkit\ncnnkit.start('mnist_convnet')\ncnnkit.check.data(f)",
        "import cnnkit\ncnnkit.data.load('mnist'); cnnkit.plots.loss_curves(h); cnnkit.spec.describe(model)",
        "from cnnkit.plots import loss_curves\nfrom cnnkit.data import batches",
        "import cnnkit\nprint(cnnkit.__version__)",
        "import sys\nprint(sys.version, sys.path)",
        "model.modules; gc = 3; ctypes = gc",
        "def broken(:",
    ],
)
def test_what_pages_tell_of_is_not_named(code):
    assert uses(code) == []


def test_an_import_in_another_cell_counts():
    assert innards([(4, "c.spec.construct(b)")], ["import cnnkit as c"]) == [(4, "cnnkit.spec.construct")]


def test_the_note_is_one_sentence():
    assert note([]) == ""
    said = note([(number, f"gc.{number}") for number in range(8)])
    assert "cell 0: gc.0" in said
    assert "and 3 more" in said
