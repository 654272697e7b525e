"""Code that builds networks of Keras's layers is plain; whatever could change Keras, the kit or itself is not."""

from pathlib import Path

import pytest

from autograder.audit.submissions import reference_cells
from autograder.course.config import load_course
from autograder.intake.plain_code import is_plain_code
from autograder.intake.submission import Cell, Submission
from autograder.intake.syntax import MAX_PARSED


@pytest.mark.parametrize("name", ["mnist_convnet", "lenet", "data_augmentation", "transfer_learning"])
def test_the_reference_is_plain(name):
    cells = [source for source in reference_cells(load_course(), name).values() if "def " in source]
    assert len(cells) >= 5
    assert [source for source in cells if not is_plain_code(source)] == []


@pytest.mark.parametrize(
    "code",
    [
        "import keras\nfrom keras import layers\nmodel = keras.Sequential([layers.Dense(3)])",
        "backbone.trainable = False\nfor layer in model.layers[-4:]: layer.trainable = True",
        "import matplotlib.pyplot as plt\n%matplotlib inline\nplt.rcParams['figure.dpi'] = 90",
        "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'",
        "print(type(model), keras.__version__)",
        "model.compile('adam', 'mse')\npattern = re.compile('x')",
        "base = getattr(keras.applications, name)(include_top=False, weights=None)",
        "    \n%matplotlib inline\nx = 1",
        "x = [1, 2]\nx[0] = 3",
    ],
)
def test_what_notebooks_need_is_plain(code):
    assert is_plain_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "class Two(keras.Model): pass",
        "keras.layers.Dense.call = lie",
        "layer.call = lie",
        "model._functional = other",
        "model.outputs[:] = other.outputs",
        "setattr(layer, 'call', lie)",
        "type('Dense', (keras.layers.Dense,), {})",
        "object.__setattr__(layer, 'call', lie)",
        "from autograder.sandbox.protocol import messages",
        "import sys",
        "import numpy.ctypeslib",
        "from numpy import ctypeslib",
        "warnings.sys.modules",
        "import ctypes as numpy",
        "from keras import *",
        "from keras.src.layers import Dense",
        "from . import x",
        "try: 1/0\nexcept Exception as e: e.__traceback__.tb_frame.f_back",
        "frame.f_back",
        "exec('x')",
        "e = eval\ne('x')",
        "__import__('sys')",
        "__builtins__",
        "typing.get_type_hints(f)",
        "get_ipython().run_line_magic('run', 'x')",
        "%run other.py",
        "!ls",
        "%%time\nexec('x')",
        "keras.layers.Dense.call.__code__ = lie.__code__",
        "del keras.layers.Dense.call",
        "make = type\nmake('Dense', (keras.layers.Dense,), {})",
        "x = [type][0]",
        "getattr(keras.applications, name)",
        "getattr(keras, name)(include_top=False)",
        "getattr(keras.applications, name)('__builtins__')",
        "get = getattr",
        "functools.update_wrapper(keras.layers.Dense, lies, assigned=['call'], updated=[])",
        "from functools import wraps as decorated",
        "string.Formatter().get_field('0.__class__.__setattr__', [keras.layers.Dense], {})",
        "x = 1 \\\n%matplotlib_ + setattr(keras.layers.Dense, 'call', lie)",
        "x = (1\n%matplotlib (setattr(keras.layers.Dense, 'call', lie)))",
        "for keras.layers.Dense.call in [lie]: pass",
        "with open('x') as keras.layers.Dense.call: pass",
        "(",
        "np.load('weights.npy', allow_pickle=True)",
        "from numpy import load as read",
        "pd.read_pickle('x')",
        "frame.query('@pd.io')",
        "np.testing.measure('x')",
        "keras.models.load_model('x.keras', safe_mode=False)",
        "keras.Sequential.from_config(lies)",
        "keras.saving.deserialize_keras_object(lies)",
        "tf.load_op_library('x.so')",
        "os.system('python x.py')",
        "(" * 100_000,
        "x = 1\n" * MAX_PARSED,
    ],
    ids=lambda code: code[:30],
)
def test_what_could_change_something_is_not(code):
    assert not is_plain_code(code)


@pytest.mark.parametrize(
    ("files", "plain"),
    [({}, True), ({"data/table.csv": b"1,2"}, True), ({"data/pytz.py": b"", "table.csv": b""}, False)],
)
def test_a_submission_with_a_module_of_its_own_is_not_plain(files, plain):
    cells = (Cell(1, "", "import pandas", "student"), Cell(2, "", "import sys", "given"))
    assert Submission("a", "s", Path(), cells, files=files).is_plain == plain
