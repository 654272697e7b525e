"""The package's names, each imported when it is used."""

import json
import subprocess
import sys

import pytest

from cnnkit import plots


def modules_after(code):
    """Names of the modules that are imported after some code has run."""
    code = f"import sys, json; {code}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_names():
    assert dir(plots) == sorted(plots.__all__)
    assert all(callable(getattr(plots, name)) for name in plots.__all__)
    with pytest.raises(AttributeError, match="it has: architecture"):
        plots.loss_curve  # noqa: B018


def test_drawing_imports_neither_keras_nor_pyplot():
    loaded = modules_after("import cnnkit.plots; cnnkit.plots.loss_curves({'adam': {'loss': [1.0]}})")
    assert "matplotlib" in loaded
    assert not {"keras", "tensorflow", "matplotlib.pyplot"} & loaded


def test_the_svg_and_the_feedback_page_import_no_matplotlib():
    code = "import autograder.report, cnnkit.plots; cnnkit.plots.curve_svg({'loss': [1.0]})"
    assert "matplotlib" not in modules_after(code)
