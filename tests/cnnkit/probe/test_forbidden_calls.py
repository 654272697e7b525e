"""A forbidden module is found however a notebook gets hold of it; what the kit or another exercise uses is not."""

# ruff: noqa: E501 -- what notebooks write stands in a table
import contextlib
import importlib.util
import sys
from textwrap import dedent

import numpy as np
import pytest

from cnnkit.probe.calling import call_function
from cnnkit.probe.forbidden_calls import ForbiddenUses

PACKAGE = {
    "__init__.py": "from madeup.src.core import relu, Layer\nfrom madeup import ops",
    "ops.py": "from madeup.src.core import conv",
    "src/__init__.py": "",
    "src/core.py": dedent(
        """
        def conv(x): return _inner(x) + 1
        def relu(x): return x
        def _inner(x): return x
        class Layer:
            def __call__(self, x): return x
        """
    ),
}


@pytest.fixture
def madeup(tmp_path, monkeypatch):
    """A package called `madeup`, and another one, `bridge`, that has imported it."""
    for name, text in PACKAGE.items():
        file = tmp_path / "madeup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "bridge.py").write_text("import madeup as inner\ndef allowed(x): return x")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in ("madeup", "bridge")]:
        del sys.modules[name]


def uses(code, forbid=("madeup",), *, imported_before=False):
    """Uses of `f`, when the kit looks at it and calls it, in a notebook with this code."""
    if imported_before:
        __import__("madeup")
    names = {"__name__": "__main__"}
    watch = ForbiddenUses(forbid, names)
    exec(compile(dedent(code), "<cell 1>", "exec"), names)
    watch.look_at(names["f"])
    referred = list(watch.found)
    with watch.watching(), contextlib.suppress(ArithmeticError):
        call_function(names["f"], [1])
    return referred, watch.found


ROUTES = {
    "a module": "import madeup\ndef f(x): return madeup.ops.conv(x)",
    "another name": "import madeup as numpy\ndef f(x): return numpy.ops.conv(x)",
    "a from-import": "from madeup import relu\ndef f(x): return relu(x)",
    "a from-import of a part": "from madeup.ops import conv as c\ndef f(x): return c(x)",
    "a star": "from madeup import *\ndef f(x): return relu(x)",
    "an import inside": "def f(x):\n    import madeup.ops as o\n    return o.conv(x)",
    "a from-import inside": "def f(x):\n    from madeup import ops\n    return ops.conv(x)",
    "importlib": "import importlib\nm = importlib.import_module('made' + 'up')\ndef f(x): return m.ops.conv(x)",
    "importlib inside": "import importlib\ndef f(x): return importlib.import_module('made' + 'up').ops.conv(x)",
    "__import__": "def f(x): return __import__('made' + 'up').ops.conv(x)",
    "__import__ by another name": "i = __import__\ndef f(x): return i('made' + 'up').ops.conv(x)",
    "getattr": "import bridge\ndef f(x): return getattr(getattr(bridge, 'in' + 'ner'), 'relu')(x)",
    "another module's import": "import bridge\ndef f(x): return bridge.inner.relu(x)",
    "sys.modules": "import sys, madeup\ndef f(x): return sys.modules['made' + 'up'].relu(x)",
    "a helper": "import madeup\ndef g(x): return madeup.relu(x)\ndef f(x): return g(x)",
    "a list": "import madeup\nTOOLS = [madeup.relu]\ndef f(x): return TOOLS[0](x)",
    "map": "import madeup\nr = madeup.relu\ndef f(x): return list(map(r, [x]))",
    "a default": "import madeup\ndef f(x, r=madeup.relu): return r(x)",
    "a closure": "import madeup\ndef outer():\n    r = madeup.relu\n    return lambda x: r(x)\nf = outer()",
    "a partial": "import madeup, functools\nf = functools.partial(madeup.relu)",
    "the function itself": "import madeup\nf = madeup.relu",
    "an object": "import madeup\nlayer = madeup.Layer()\ndef f(x): return layer(x)",
    "a class of the notebook's": "import madeup\nclass A:\n    def g(self, x): return madeup.relu(x)\ndef f(x): return A().g(x)",
    "exec": "def f(x):\n    exec('import madeup; madeup.relu(1)', {})\n    return x",
    "a thread": "import threading, madeup\ndef g(): madeup.relu(1)\ndef f(x):\n    t = threading.Thread(target=g)\n    t.start()\n    t.join()\n    return x",
    "an error afterwards": "def f(x):\n    import madeup\n    madeup.relu(x)\n    return 1 / 0",
    "an error swallowed": "def f(x):\n    try:\n        import madeup\n        madeup.relu(x)\n    except BaseException: pass\n    return x",
}  # fmt: skip


@pytest.mark.parametrize("imported_before", [False, True], ids=["new", "imported before"])
@pytest.mark.parametrize("route", ROUTES)
def test_every_route_to_a_module_is_found(madeup, route, imported_before):
    _, found = uses(ROUTES[route], imported_before=imported_before)
    assert found, route
    assert all("madeup" in one for one in found)


@pytest.mark.parametrize(
    "code",
    [
        "def f(x): return x + 1",
        "import madeup\ndef g(x): return madeup.relu(x)\ndef f(x): return x",
        "import bridge\ndef f(x): return bridge.allowed(x)",
        "def f(x): return 'madeup.relu'",
        "import numpy as np\ndef f(x): return np.convolve([x], [x])",
        "def madeup(x): return x\ndef f(x): return madeup(x)",
        "class A:\n    def relu(self, x): return x\ndef f(x): return A().relu(x)",
    ],
)
def test_what_is_allowed_is_not_found(madeup, code):
    assert uses(code) == ([], [])


NUMPY = {
    "a call": "import numpy as np\ndef f(x): return np.{0}(a, b)",
    "another name": "import numpy as np\nc = np.{0}\ndef f(x): return c(a, b)",
    "getattr": "import numpy as np\ndef f(x): return getattr(np, '{0}'[:2] + '{0}'[2:])(a, b)",
    "a from-import": "from numpy import {0} as c\ndef f(x): return c(a, b)",
    "a dictionary": "import numpy as np\nT = dict(c=np.{0})\ndef f(x): return T['c'](a, b)",
}


@pytest.mark.parametrize("name", ["convolve", "correlate", "dot", "add", "outer"])
@pytest.mark.parametrize("route", NUMPY)
def test_every_route_to_a_single_function_is_found(route, name):
    code = f"a, b = [1], [2]\n{NUMPY[route].format(name)}"
    assert uses(code, [f"numpy.{name}"])[1]
    assert uses(code, ["numpy.kron"])[1] == []


def test_a_library_may_call_what_a_notebook_may_not():
    real = np.dot
    assert uses("import numpy as np\ndef f(x): return np.linalg.multi_dot([np.eye(2)] * 3)", ["numpy.dot"])[1] == []
    assert np.dot is real
    assert uses("import numpy as np\ndef f(x): return np.polymul([x], [x])", ["numpy.convolve"])[1] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from cnnkit.probe.calling import call_text\ndef f(x): return call_text('f', [], {})", True),
        ("import cnnkit\ndef f(x): return cnnkit.probe.calling.call_text('f', [], {})", True),
        ("def f(x):\n    from cnnkit.networks.model_spec import ModelSpec\n    return 1", True),
        ("import cnnkit\ndef f(x): return cnnkit.networks.model_spec.ModelSpec", True),
        ("import cnnkit\ndef f(x): return cnnkit.spec.describe", False),
        ("import cnnkit\ndef f(x): return cnnkit.data, cnnkit.plots, cnnkit.__version__", False),
    ],
)
def test_the_kit_may_be_used_as_notebooks_use_it(code, found):
    assert bool(uses(code, ["cnnkit"])[1]) == found


@pytest.mark.parametrize("module", ["watching", "weightless_watching", "driven_callbacks", "published_weights"])
def test_what_stands_in_for_keras_is_no_use_of_the_kit(module):
    """A training calls `model.fit`, which is the kit's while it is watched."""
    found = importlib.util.find_spec(f"cnnkit.probe.{module}").origin
    assert ForbiddenUses(["cnnkit"], {})._entry_of_file(found) == ""
    assert ForbiddenUses(["cnnkit"], {})._entry_of_file(found.replace(module, "built")) == "cnnkit"


@pytest.mark.parametrize("switch", ["sys.setprofile(None)", "sys.settrace(None)", "threading.setprofile(None)"])
def test_switching_the_watch_off_is_found(madeup, switch):
    _, found = uses(f"import sys, threading\ndef f(x):\n    {switch}\n    return x")
    assert any("hides calls" in one for one in found)


def test_an_object_that_raises_at_every_look_hides_nothing(madeup):
    meddler = "class M:\n    @property\n    def __class__(self): raise RuntimeError\n    def __getattr__(self, n): raise RuntimeError"
    assert uses(f"{meddler}\nm = M()\ndef f(x): return m and x") == ([], [])
    assert uses(f"import madeup\n{meddler}\nm = M()\ndef f(x): return m and madeup.relu(x)")[0]


def test_everything_is_as_before_afterwards(madeup):
    import builtins

    before = builtins.__import__, sys.getprofile(), np.dot
    uses(ROUTES["exec"], ["madeup", "numpy.dot"])
    assert (builtins.__import__, sys.getprofile(), np.dot) == before


def test_what_does_not_exist_forbids_nothing():
    assert uses("def f(x): return x", ["no_such_module", "numpy.no_such_function", "no.such.thing"]) == ([], [])
