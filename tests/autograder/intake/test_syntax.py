import pytest

from autograder.intake import syntax


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1\n    return y", {"f"}),
        ("async def f(): pass\nclass A:\n    b = 1", {"f", "A"}),
        ("import os.path\nimport numpy as np\nfrom keras import layers as L, ops", {"os", "np", "L", "ops"}),
        ("from keras.layers import *", set()),
        ("a, (b, *c) = 1, (2, 3)\nd += 1\ne: int = 2\n(f := 3)", {"a", "b", "c", "d", "e", "f"}),
        ("if True:\n    def g(): pass\nfor i in []:\n    j = i\nwith open('x') as k: pass", {"g", "i", "j", "k"}),
        ("f = lambda x: [y for y in x]", {"f"}),
        ("%matplotlib inline\n!pip install x\ndef f(): pass", {"f"}),
        ("def f():\n    !ls\n    %time g()\n    return 1", {"f"}),
        ("files = !ls\nf = 1", {"files", "f"}),
        ("%%time\ndef f(): pass", set()),
        ("%%bash\nf=1", set()),
        ("x = 10 \\\n  % 3", {"x"}),
        ("def f(x)\n    return x", {"f"}),
        ("    def f(x):\n        return x", {"f"}),
        ("", set()),
    ],
)
def test_names_that_a_cell_binds(source, names):
    # A cell magic of Python's is replaced like a line magic, so that the rest of the cell is read.
    expected = {"f"} if source.startswith("%%time") else names
    assert syntax.defined_names(source) == expected


@pytest.mark.parametrize(
    "source",
    ["x = " + "(" * 5_000, "x = " + "-" * 200_000 + "1", "\x00", "x = '\x00'", "a." * 50_000 + "b", "[" * 90_000],
)
def test_code_that_overwhelms_the_parser_is_no_error(source):
    assert syntax.defined_functions(source) == frozenset()
    assert isinstance(syntax.defined_names(source), frozenset)
    assert syntax.used_names(source) == frozenset() or "a" in syntax.used_names(source)


def test_uses_reads_names_in_functions_too():
    assert {"g", "x"} <= syntax.used_names("def f():\n    return g(x)")


def test_additions_are_the_statements_that_bind_new_names():
    original = "import numpy as np\nEPOCHS = 10"
    edited = (
        "import numpy as np\nfrom keras import layers\nEPOCHS = 3\n"
        "@cached\ndef mine(x):\n    return x\nprint('hello')\nsmall = load()\na = 1; b = 2\n"
    )
    assert syntax.additions(edited, original).splitlines() == [
        "from keras import layers", "@cached", "def mine(x):", "    return x", "small = load()", "a = 1; b = 2",
    ]  # fmt: skip


def test_additions_to_a_cell_that_must_not_run_leave_out_calls():
    edited = "import time\nsmall = load()\nRATE = 0.5\ndef f(): pass"
    assert syntax.additions(edited, "", definitions_only=True) == "import time\nRATE = 0.5\ndef f(): pass"


def test_additions_of_code_that_does_not_parse_are_none():
    assert syntax.additions("def f(:", "x = 1") == ""


def test_same_but_for_values():
    assert syntax.same_but_for_values('start("toy", student="s01")', 'start("toy", student="")')
    assert syntax.same_but_for_values("QUICK = True", "QUICK = False")
    assert not syntax.same_but_for_values("QUICK = f()", "QUICK = False")
    assert not syntax.same_but_for_values("x = 1", "y = 1")
    assert not syntax.same_but_for_values("x = (", "x = (")
