"""The package that a course notebook imports: data, self-checks, training records, model specs and plots.

    import cnnkit
    cnnkit.start("mnist_convnet", student="s1234567")
    (x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
    cnnkit.check.arithmetic(conv_output_size, conv_parameters)

Importing the package is quick: Keras and Matplotlib are imported when a function needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "1.0.0"

if TYPE_CHECKING:
    from cnnkit import data, plots, spec, weights
    from cnnkit.checks import check
    from cnnkit.recording.recorded_run import record
    from cnnkit.session import start
    from cnnkit.submission_file import submit

__all__ = ["check", "data", "plots", "record", "spec", "start", "submit", "weights"]

_DEFINED_IN = {
    "check": "cnnkit.checks",
    "record": "cnnkit.recording.recorded_run",
    "start": "cnnkit.session",
    "submit": "cnnkit.submission_file",
}


def __getattr__(name: str) -> Any:
    if name in _DEFINED_IN:
        return getattr(import_module(_DEFINED_IN[name]), name)
    if name in __all__:
        return import_module(f"cnnkit.{name}")
    raise AttributeError(f"module 'cnnkit' has no attribute {name!r}; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)  # what Tab offers: neither our imports nor the modules behind these names
