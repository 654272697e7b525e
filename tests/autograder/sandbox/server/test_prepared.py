"""Parts of a child that are made before the fork: the same as if each child made them, and nothing of the zygote's."""

import json
import os
import subprocess
import sys

import keras
import pytest

from autograder.sandbox.protocol import messages
from autograder.sandbox.server import child, prepared
from autograder.sandbox.server.prepared import Prepared, prepare, start_trial, trial_passed
from cnnkit.probe.watching import OptimizerSpec

pytestmark = pytest.mark.tensorflow

SURROUNDINGS = """
import json, os, sys, threading
from autograder.sandbox.server import kit_guard
from autograder.sandbox.server.prepared import prepare
from autograder.sandbox.server.training_cap import cap_training
from autograder.sandbox.server.zygote import import_libraries

def held(guard):
    found = []
    for one in guard._snapshots:
        if isinstance(one, kit_guard._NameSnapshot):
            found.append([one.known_as, sorted((name, id(value)) for name, value in one.held.items())])
        elif isinstance(one, kit_guard._TableSnapshot):
            found.append([one._known_as, id(one._table), len(one._copy)])
        else:
            found.append([one._name, sorted(map(id, one._functions)), sorted(map(id, one._values))])
    return sorted(found, key=str)

import_libraries()
path, folder, environment = list(sys.path), os.getcwd(), dict(os.environ)
ready = prepare(weightless=True)
cap_training({}, print)
print(json.dumps({
    "the guard of before the fork is that of after it": held(ready.guard) == held(kit_guard.KitGuard()),
    "modules and functions are guarded": sum(len(getattr(one, "held", ())) for one in ready.guard._snapshots) > 1000,
    "one thread": threading.active_count() == 1,
    "the path is as before": path == sys.path,
    "folder and environment are as before": [folder, environment] == [os.getcwd(), dict(os.environ)],
    "the shell knows no folder of the zygote's": not any(
        folder in str(value) or environment.get("HOME", folder) in str(value)
        for value in (ready.notebook.shell.ipython_dir, ready.notebook.shell.starting_dir, ready.notebook.names["_dh"])
    ),
}))
"""


def test_what_is_made_before_the_fork_is_what_a_child_would_make():
    done = subprocess.run([sys.executable, "-c", SURROUNDINGS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert [title for title, holds in found.items() if not holds] == []


@pytest.mark.parametrize(("error", "passed"), [("", True), ("a network was missing", False)])
def test_the_trial_runs_in_a_fork(monkeypatch, error, passed):
    own = os.getpid()
    monkeypatch.setattr(prepared, "trial_error", lambda: error if os.getpid() != own else "it runs in this process")
    assert trial_passed(start_trial()) is passed


def test_a_trial_that_raises_or_dies_has_not_passed(monkeypatch):
    monkeypatch.setattr(prepared, "trial_error", lambda: os.abort())
    assert not trial_passed(start_trial())


TRAINING = """
import keras
calls = []
def train(optimizer, train, val, epochs=10, callbacks=()):
    calls.append(1)
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    network.compile(optimizer, "categorical_crossentropy")
    return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks))
def reads(optimizer, *args, **kwargs):
    keras.layers.Dense(1).get_weights()
    layer = keras.layers.Dense(1)
    layer.build((None, 1))
    layer.get_weights()
    return train(optimizer, *args, **kwargs)
def adadelta():
    return keras.optimizers.Adadelta(1.0)
def table():
    calls.append(1)
    return {"rows": [1, 2]}
"""


@pytest.fixture(scope="module")
def ready():
    made = prepare(weightless=True)
    assert made.notebook.run(1, TRAINING, 60).problem == ""
    return made


def ask(ready, question):
    keras.utils.clear_session()  # names count the layers made so far
    return child._answer(ready, question, 60)


def watch(function, **more):
    asked = [OptimizerSpec("adam"), OptimizerSpec("SGD", {"learning_rate": 0.5})]
    return messages.WatchRequest(function=function, optimizers=asked, epochs=4, input_shape=(None, 4, 4, 1), **more)


def test_a_training_is_watched_alike_with_and_without_weights(ready):
    without = ask(ready, watch("train"))
    assert [len(run.fits) for run in without.runs] == [1, 1]
    assert ask(ready, watch("train", weights=True)) == without
    assert ask(Prepared(ready.notebook, ready.guard, weightless=False), watch("train")) == without


def test_where_the_trial_failed_weights_are_used_at_once(ready):
    plain = Prepared(ready.notebook, ready.guard, weightless=False)
    assert isinstance(ask(plain, watch("reads")), messages.WatchResponse)
    assert isinstance(ask(plain, watch("train", vary=True)), messages.WatchResponse)


def test_a_training_that_needs_weights_is_refused_without(ready):
    assert ask(ready, watch("reads")) == messages.WeightsNeededResponse(reason="its code reads the weights")
    assert isinstance(ask(ready, watch("reads", weights=True)), messages.WatchResponse)
    assert isinstance(ask(ready, watch("reads", vary=True)), messages.WatchResponse)


def test_calls_without_arguments_get_the_same_responses(ready):
    plain = Prepared(ready.notebook, ready.guard, weightless=False)
    for function in ("adadelta", "table", "train"):
        question = messages.CallRequest(function=function, args=[], kwargs={})
        assert ask(ready, question) == ask(plain, question)


def test_a_call_that_needs_no_weights_is_made_once(ready):
    ready.notebook.names["calls"].clear()
    ask(ready, messages.CallRequest(function="table", args=[], kwargs={}))
    assert len(ready.notebook.names["calls"]) == 1
