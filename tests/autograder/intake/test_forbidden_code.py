"""Forbidden modules and functions by the syntax tree, in what an exercise's function leads to."""

import pytest

from autograder.intake.forbidden_code import forbidden_in_code

FORBID = ["keras", "tensorflow", "scipy.signal", "numpy.convolve", "cnnkit"]
GIVEN = ["import numpy as np\nimport keras\nimport cnnkit\nimport sys, importlib"]


def found(code, *more):
    own = list(enumerate((code, *more), start=1))
    return [use.rpartition(" in cell ")[0] for use in forbidden_in_code("f", FORBID, own, GIVEN)]


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("def f(x): return keras.ops.relu(x)", "keras.ops.relu"),
        ("import keras as numpy\ndef f(x): return numpy.ops.relu(x)", "keras.ops.relu"),
        ("def f(x):\n    import keras.ops\n    return x", "keras.ops"),
        ("def f(x):\n    from scipy import signal\n    return x", "scipy.signal"),
        ("from scipy.signal import convolve2d as c\ndef f(x): return c(x, x)", "scipy.signal.convolve2d"),
        ("from scipy import signal as s\ndef f(x): return s.convolve2d(x)", "scipy.signal.convolve2d"),
        ("def f(x): return np.convolve(x, x)", "numpy.convolve"),
        ("c = np.convolve\ndef f(x): return c(x, x)", "numpy.convolve"),
        ("k = keras\nl = k.layers\ndef f(x): return l.Dense(3)(x)", "keras.layers.Dense"),
        ("def f(x): return getattr(np, 'convolve')(x, x)", "numpy.convolve"),
        ("def f(x): return getattr(keras, 'ops').relu(x)", "keras.ops"),
        ("def f(x): return importlib.import_module('keras').ops.relu(x)", "keras"),
        ("from importlib import import_module\ndef f(x): return import_module('scipy.signal')", "scipy.signal"),
        ("def f(x): return __import__('tensorflow').nn.relu(x)", "tensorflow"),
        ("def f(x): return sys.modules['keras'].ops.relu(x)", "keras"),
        ("def f(x): return np.__dict__['convolve'](x, x)", "numpy.convolve"),
        ("def f(x): return vars(np)['convolve'](x, x)", "numpy.convolve"),
        ("def f(x): return globals()['keras'].ops.relu(x)", "keras"),
        ("import tensorflow as tf\ndef f(x): return tf.keras.ops.relu(x)", "tensorflow.keras.ops.relu"),
        ("from cnnkit.networks import shapes\ndef f(x): return shapes", "cnnkit.networks.shapes"),
        ("def f(x): return cnnkit.probe.calling.np.convolve(x, x)", "cnnkit.probe.calling.np.convolve"),
        ("%time\ndef f(x): return keras.ops.relu(x)", "keras.ops.relu"),
        ("def g(x): return keras.ops.relu(x)\nclass A:\n    def h(self, x): return g(x)\ndef f(x): return A().h(x)",
         "keras.ops.relu"),
        ("@keras.saving.register_keras_serializable()\ndef f(x): return x", "keras.saving.register_keras_serializable"),
        ("def f(x: keras.Model): return x", "keras.Model"),
        ("T = {}\nT['relu'] = keras.ops.relu\ndef f(x): return T['relu'](x)", "keras.ops.relu"),
        ("def f(x): return x\nif True:\n    f = keras.ops.relu", "keras.ops.relu"),
    ],
)  # fmt: skip
def test_a_use_is_found(code, use):
    assert use in found(code)


def test_a_use_in_another_cell_is_found_and_named():
    cells = [(2, "def f(x): return g(x)"), (7, "def g(x): return keras.ops.relu(x)")]
    assert forbidden_in_code("f", FORBID, cells, GIVEN)[0] == "keras.ops.relu in cell 7"


@pytest.mark.parametrize(
    "code",
    [
        "def f(x): return np.dot(x, x)",
        "def other(): return keras.ops.relu(1)\ndef f(x): return x",
        "import keras\nfrom scipy import ndimage\ndef f(x): return ndimage.zoom(x, 2)",
        "import keras, numpy as n\ndef f(x): return n.dot(x, x)",
        "try:\n    import tensorflow, numpy as n\nexcept ImportError: pass\ndef f(x): return n.dot(x, x)",
        "def f(x): return 'keras.ops.relu', 'import tensorflow'",
        "def f(x): return cnnkit.plots.loss_curves(x), cnnkit.spec.describe(x)",
        "def f(x): return x.keras_like, getattr(x, 'shape')",
        "def f(x): return {'convolve': 1}['convolve']",
        "def f(x):",
    ],
)
def test_what_is_allowed_is_not(code):
    assert found(code) == []


def test_an_absent_function_uses_nothing():
    assert forbidden_in_code("f", FORBID, [(1, "def g(): return keras")], GIVEN) == []


FORBIDDEN = "import keras\ndef f(x): return keras.ops.relu(x)"
ALLOWED = "def f(x): return max(x, 0)"


@pytest.mark.parametrize(
    ("own", "later", "found"),
    [
        ([FORBIDDEN, "print(f(3))", ALLOWED], [], False),  # a first attempt
        ([FORBIDDEN, ALLOWED, FORBIDDEN], [], True),
        ([FORBIDDEN, "g = f", "def f(x): return g(x)"], [], True),
        ([FORBIDDEN, "import functools\ng = functools.partial(f)", "def f(x): return g(x)"], [], True),
        ([FORBIDDEN, "g = globals()['f']", "def f(x): return g(x)"], [], True),
        ([f"@kept\n{FORBIDDEN.splitlines()[1]}", "import keras", ALLOWED], [], True),
        ([ALLOWED], [FORBIDDEN], False),  # to compare with, below the check
        (["def f(x): return g(x)"], ["import keras\ndef g(x): return keras.ops.relu(x)"], True),
        (["def f(x): return g(x)", "def g(x): return x"], ["import keras\ndef g(x): return keras.ops.relu(x)"], False),
    ],
)
def test_the_definition_counts_that_the_last_check_saw(own, later, found):
    cells = [list(enumerate(part, first)) for part, first in ((own, 1), (later, 10))]
    assert bool(forbidden_in_code("f", ["keras"], cells[0], later=cells[1])) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from helper import g\ndef f(x): return g(x)", ["keras.ops.relu in helper.py"]),
        ("import helper as h\ndef f(x): return h.g(x)", ["keras.ops.relu in helper.py"]),
        ("def f(x):\n    import through\n    return through.g(x)", ["keras.ops.relu in helper.py"]),
        ("from package.inner import g\ndef f(x): return g(x)", ["keras.ops.exp in package/inner.py"]),
        ("import helper\ndef other(x): return helper.g(x)\ndef f(x): return x", []),
        ("import numpy\ndef f(x): return x", []),
    ],
)
def test_a_module_beside_the_notebook_is_the_students_own(code, found):
    relu = "import keras\ndef g(x): return keras.ops.relu(x)"
    modules = {"helper.py": relu, "through.py": "from helper import g", "package/inner.py": relu.replace("relu", "exp")}
    assert forbidden_in_code("f", ["keras"], [(1, code)], modules=modules) == found


def test_a_long_chain_of_names_is_followed_to_its_end():
    # each statement needs the one above it; a pass over all of them for each link would take minutes
    chain = "\n".join(["a3000 = keras.ops.relu", *(f"a{k} = a{k + 1}" for k in range(2_999, 0, -1))])
    cells = [(2, chain), (3, "def f(x): return a1(x)")]
    assert forbidden_in_code("f", ["keras"], cells, ["import keras"])[0] == "keras.ops.relu in cell 2"
