"""Tab offers what a student needs: no imports, no modules of ours, at most twelve names."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import cnnkit

ROOT = Path(__file__).parents[2]
MODULES = ("cnnkit", "cnnkit.data", "cnnkit.plots", "cnnkit.spec", "cnnkit.weights")

# In a process of its own, because other tests import what a student's notebook does not. Keras is not there: only its
# seed is needed, by start.
CODE = """
import json, sys, types
sys.modules["keras"] = types.SimpleNamespace(utils=types.SimpleNamespace(set_random_seed=lambda seed: None))
import cnnkit
cnnkit.start("mnist_convnet", student="s1")
cnnkit.record, cnnkit.submit, cnnkit.check.data, cnnkit.spec, cnnkit.weights, cnnkit.plots, cnnkit.data.load
for call in (cnnkit.submit, lambda: cnnkit.record(None, "adam", None, None)):
    try:
        call()
    except (OSError, TypeError):
        pass
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.user_ns["cnnkit"] = cnnkit
found = {}
for shell.Completer.use_jedi in (False, True):
    for module in json.loads(sys.argv[1]):
        with provisionalcompleter():
            offered = [one.text.lstrip(".") for one in shell.Completer.completions(module + ".", len(module) + 1)]
        found[f"{module} {shell.Completer.use_jedi}"] = sorted(offered)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def offered():
    names = json.dumps([*MODULES, "cnnkit.check"])
    done = subprocess.run([sys.executable, "-c", CODE, names], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("jedi", [False, True])
@pytest.mark.parametrize("name", MODULES)
def test_tab_offers_what_is_listed(offered, name, jedi):
    listed = import_module(name).__all__
    assert offered[f"{name} {jedi}"] == sorted(listed)
    assert len(listed) <= 12


@pytest.mark.parametrize("jedi", [False, True])
def test_tab_offers_the_exercises_of_the_assignment(offered, jedi):
    exercises = ["architecture", "arithmetic", "curves", "data", "repair", "training"]
    assert offered[f"cnnkit.check {jedi}"] == exercises


@pytest.mark.parametrize("name", MODULES)
def test_dir_is_what_is_listed_and_all_of_it_is_there(name):
    module = import_module(name)
    assert dir(module) == sorted(module.__all__)
    for listed in set(module.__all__) - {"Batches"}:  # which imports Keras
        assert hasattr(module, listed)


UNLISTED = (
    "BACKBONES Comparison CompileSpec Difference Setting Shape backbone_in backbone_layers building_without_weights "
    "frozen_layers frozen_text frozen_until to_json trainable_layers trained_statistics"
)


@pytest.mark.parametrize("name", UNLISTED.split())
def test_what_is_not_listed_can_be_used_as_before(name):
    assert name not in dir(cnnkit.spec)
    assert getattr(cnnkit.spec, name) is not None
