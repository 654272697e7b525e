"""An audit asks again for everything that a sample could have changed."""

import pytest

from autograder.audit.reach import reached

REFERENCE = [
    "import keras\nfrom keras import layers",
    "SIZE = 96",
    'def body(x):\n    """Two layers."""\n    return layers.Dense(SIZE)(x)',
    "def network():\n    x = keras.Input((3,))\n    return keras.Model(x, body(x))",
    "def data(size):\n    x = [size] * SIZE\n    return x",
    "model = network()",
    "def train(epochs):\n    return model.fit(epochs=epochs)",
    'def by_name():\n    return getattr(keras, "data")',
]


def with_cell(number, source):
    return [*REFERENCE[:number], source, *REFERENCE[number + 1 :]]


@pytest.mark.parametrize(
    ("number", "source", "names"),
    [
        (4, "def data(size):\n    return size", {"data", "by_name"}),
        (2, "def body(x):\n    return x", {"body", "network", "model", "train"}),
        (2, "def tail(x):\n    return x", {"body", "tail", "network", "model", "train"}),
        (1, "SIZE = 97", {"SIZE", "body", "network", "model", "train", "data", "by_name"}),
        (6, "def train(epochs):\n    network = epochs\n    return network", {"train"}),
        (6, "import numpy as keras\ndef train(epochs):\n    pass", {"keras", "network", "model", "train", "by_name"}),
        (6, "class Model:\n    def fit(self):\n        self.size = 3", {"Model", "train"}),
    ],
)
def test_a_name_is_reached_through_all_that_use_it(number, source, names):
    assert reached(REFERENCE, with_cell(number, source)) == names


def test_without_a_change_nothing_is_reached():
    assert reached(REFERENCE, REFERENCE) == frozenset()


@pytest.mark.parametrize(
    "source",
    [
        "print(3)",
        "SIZE = keras.backend.floatx()",
        "def body(x):\n    global SIZE\n    SIZE = 3",
        "def body(x):\n    keras.utils.set_random_seed(3)",
        "def body(x):\n    layers.Dense = x",
        "def body(x):\n    keras.layers.Dense.units = 3",
        "def body(x):\n    data.cache[3] = x",
        "def body(x):\n    del layers.Dense",
        "def body(x):\n    globals()['data'] = x",
        "def body(x):\n    setattr(layers, 'Dense', x)",
        "from keras import backend\ndef body(x):\n    pass",
        "import random\ndef body(x):\n    random.seed(3)",
        "for i in range(3):\n    data = i",
        "@keras.saving.register\ndef body(x):\n    pass",
        "def body(x=keras.Input((3,))):\n    pass",
        "class body(keras.make()):\n    pass",
        "class body:\n    keras.start()",
        "def body(x)",
    ],
)
def test_a_change_that_may_reach_far_reaches_everything(source):
    assert reached(REFERENCE, with_cell(2, source)) is None


def test_a_notebook_that_cannot_be_compared_is_reached_everywhere():
    assert reached(REFERENCE, REFERENCE[:-1]) is None
    cells = with_cell(0, "import keras as")
    assert reached(cells, [*cells[:2], "def body(x):\n    pass", *cells[3:]]) is None


def test_a_magic_matters_only_in_a_changed_cell():
    cells = with_cell(0, "%matplotlib inline\nimport keras")
    assert reached(cells, [*cells[:4], "def data(size):\n    pass", *cells[5:]]) == {"data", "by_name"}
    assert reached(cells, [*cells[:4], "%cd ..\ndef data(size):\n    pass", *cells[5:]]) is None
