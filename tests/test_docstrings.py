"""Every example in a docstring of the packages is run, and gives what it says; first lines can be checked."""

import ast
import doctest
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cnnkit", "autograder")
FRAMEWORKS = ("keras", "tensorflow")
RUBRICS = ROOT / "autograder" / "rubrics"  # pytest suites and sample answers: no examples, and not ours to import
NOT_RUN = "# doctest: +SKIP"
PROMPT = re.compile(r"^ *>>> ", re.MULTILINE)


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(nodes):
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def imports_when_imported(text):
    """Names of what a module imports as soon as it is imported itself."""
    return imported(ast.parse(text).body)


def imports_anywhere(text):
    """Names of what a module imports at some time: in functions and in the examples of its docstrings too."""
    nodes = list(ast.walk(ast.parse(text)))
    found = imported(nodes)
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PROMPT.search(node.value):
            for example in doctest.DocTestParser().get_examples(node.value):
                found |= imports_anywhere(example.source)
    return found


def of_keras(names):
    return {name for name in names if name.split(".")[0] in FRAMEWORKS}


SOURCES = {
    module_name(path): path.read_text(encoding="utf-8")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if RUBRICS not in path.parents
}
BUILT_ON_KERAS = {name for name, text in SOURCES.items() if of_keras(imports_when_imported(text))}
WITH_EXAMPLES = [name for name, text in SOURCES.items() if ">>> " in text]
WITH_KERAS = [
    name
    for name in WITH_EXAMPLES
    if of_keras(names := imports_anywhere(SOURCES[name])) or names & BUILT_ON_KERAS or name in BUILT_ON_KERAS
]
WITHOUT_KERAS = [name for name in WITH_EXAMPLES if name not in WITH_KERAS]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder to write into, and the session of the process as it was afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnnkit.session._current", None)


def run_examples(name, capsys):
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner()
    tests = doctest.DocTestFinder(exclude_empty=True).find(module, name)
    for test in tests:
        runner.run(test)
    assert sum(len(test.examples) for test in tests) > 0, f"no example of {name} was found"
    assert runner.failures == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", WITHOUT_KERAS)
def test_examples_give_what_they_say(name, capsys, monkeypatch):
    for framework in FRAMEWORKS:
        monkeypatch.setitem(sys.modules, framework, None)  # an example that needs Keras imports it by name
    run_examples(name, capsys)


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", WITH_KERAS)
def test_examples_with_keras_give_what_they_say(name, capsys):
    run_examples(name, capsys)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_an_example_that_is_not_run_says_why(name):
    for line in SOURCES[name].splitlines():
        if NOT_RUN in line:
            assert "#" in line.partition(NOT_RUN)[0], f"give the reason in a comment of its own: {line.strip()}"


def test_code_that_imports_keras_is_told_from_code_that_does_not():
    assert of_keras(imports_anywhere("def f():\n    from keras import ops")) == {"keras", "keras.ops"}
    assert of_keras(imports_anywhere('def f():\n    """Add.\n\n    >>> import tensorflow as tf\n    """'))
    assert not of_keras(imports_anywhere('"""A module about keras."""\nfrom . import keras'))
    assert not imports_when_imported("def f():\n    import keras")
    assert imports_when_imported("from cnnkit import plots") == {"cnnkit", "cnnkit.plots"}


def test_examples_are_run_in_both_tiers():
    assert "cnnkit.mismatch" in WITHOUT_KERAS
    assert "cnnkit.networks.shapes.construct" in WITH_KERAS


@pytest.mark.parametrize("module", SOURCES)
def test_no_docstring_begins_with_a_question(module):
    """A first line is a noun phrase or an imperative: "Whether ..." tells a reader neither what nor when."""
    questions = ("What ", "Whether ", "Where ")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        text.splitlines()[0]
        for node in ast.walk(ast.parse(SOURCES[module]))
        if isinstance(node, documented) and (text := ast.get_docstring(node) or "").startswith(questions)
    ]
    assert found == []
