"""The package that a course notebook imports: data, self-checks, training records, model specs and plots.

    import cnnkit
    cnnkit.start("mnist_convnet", student="s1234567")
    (x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
    cnnkit.check.arithmetic(conv_output_size, conv_parameters)

Importing the package is quick: Keras and Matplotlib are imported when a function needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnkit.lazy_names import on_first_use

__version__ = "1.0.0"

if TYPE_CHECKING:
    from cnnkit import data, plots, spec, weights
    from cnnkit.checks import check
    from cnnkit.recording.recorded_run import record
    from cnnkit.session import start
    from cnnkit.submission_file import submit

__all__ = ["check", "data", "plots", "record", "spec", "start", "submit", "weights"]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "check": "checks",
        "data": "data",
        "plots": "plots",
        "record": "recording.recorded_run",
        "spec": "spec",
        "start": "session",
        "submit": "submission_file",
        "weights": "weights",
    },
)
