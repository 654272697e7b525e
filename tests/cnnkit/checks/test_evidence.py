"""The words for evidence that is not there, the same in the notebook and in the grader."""

import pytest

from cnnkit.checks.evidence import FunctionMissing, StudentError, not_defined, not_written, raised, unusable
from cnnkit.mismatch import Mismatch


def test_missing_functions():
    assert str(not_written("f")) == "`f` is not written yet."
    assert str(not_defined("f")) == "`f` is not defined."
    assert str(not_defined("f", "int")) == "`f` is not a function: found int."
    assert all(isinstance(one, FunctionMissing) and one.hint for one in (not_written("f"), not_defined("f")))


def test_unusable_says_the_reason_once():
    found = unusable("build", "build() returned None; expected a Keras model. Is the `return` missing?")
    assert isinstance(found, Mismatch)
    assert str(found) == "build() returned None; expected a Keras model. Is the `return` missing?"
    assert str(unusable("build", "expected a data set, found None")) == "`build`: expected a data set, found None."


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({}, "f(3) raised ValueError: bad thing"),
        ({"line": 4, "source": "g(x)"}, "f(3) raised ValueError: bad thing in line 4: `g(x)`"),
        ({"line": 4, "source": "g(x)", "cell": 7}, "f(3) raised ValueError: bad thing in cell 7, line 4: `g(x)`"),
    ],
)
def test_what_raised_and_where(kwargs, words):
    error = raised("f(3)", "ValueError", "bad\n  thing.", **kwargs)
    assert isinstance(error, StudentError)
    assert str(error) == words
    assert "f(3)" in error.hint


def test_a_call_that_cannot_be_typed_is_not_suggested():
    assert "Call `f` in a cell" in raised("f(<uint8 array (5, 28, 28)>)", "ValueError", "").hint
    assert "Call `f` in a cell" in raised("list(f(..., size=3))", "ValueError", "").hint


def test_arguments_that_do_not_fit_are_explained():
    assert "`def`" in raised("f(3)", "TypeError", "f() got an unexpected keyword argument 'x'").hint
    assert "`def`" not in raised("f(3)", "TypeError", "unsupported operand", line=3, source="1 + None").hint


def test_long_messages_are_cut():
    error = raised("f(3)", "ValueError", "x" * 10**6, line=1, source="y" * 10**6)
    assert len(str(error)) < 1_000


@pytest.mark.parametrize(
    ("exception", "message", "source", "hint"),
    [
        (
            "AttributeError",
            "The layer sequential has never been called and thus has no defined input.",
            "",
            "`model.inputs`",
        ),
        (
            "AttributeError",
            "'int' object has no attribute 'BatchNormalization'",
            "if isinstance(layer, layers.BatchNormalization):",
            "Here `layers` is not the module keras.layers: an argument or a variable of the same name hides it. "
            "Write `keras.layers.BatchNormalization`",
        ),
        ("AttributeError", "'list' object has no attribute 'mean'", "np.mean(x)", "Here `np` is not the module numpy"),
        ("AttributeError", "'list' object has no attribute 'mean'", "mylayers.mean(x)", "in a cell of its own"),
        ("AttributeError", "'list' object has no attribute 'mean'", "x.mean()", "in a cell of its own"),
        ("AttributeError", "'list' object has no attribute 'mean'", "", "in a cell of its own"),
        ("AttributeError", "'", "np.mean()", "in a cell of its own"),
        (
            "ValueError",
            'Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape to have value 3',
            "return head(x)",
            "made outside of the function",
        ),
    ],
)
def test_exceptions_of_which_the_cause_is_known(exception, message, source, hint):
    assert hint in raised("f(3)", exception, message, line=2, source=source).hint
