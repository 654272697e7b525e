"""Without weights a watch gives the same answers as with them, or says that it needs them."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from autograder.audit.library import read_library
from autograder.audit.samples import apply_samples
from autograder.course.config import load_course
from cnnkit.assignments.mnist_convnet.brief import TRAINING
from cnnkit.networks.describe import weightless
from cnnkit.networks.describe.weightless import WeightsNeeded
from cnnkit.probe.watching import OptimizerSpec, watch_training
from cnnkit.probe.weightless_watching import trial_error, watch_without_weights

pytestmark = pytest.mark.tensorflow

SHAPE = (None, 4, 4, 1)
OPTIMIZERS = [OptimizerSpec("adam"), OptimizerSpec("sgd"), OptimizerSpec("SGD", {"learning_rate": 0.25})]


def compiled(optimizer="adam", loss="categorical_crossentropy", **options):
    layers = [keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(10, "softmax")]
    network = keras.Sequential([keras.Input(SHAPE[1:]), *layers])
    network.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"], **options)
    return network


def right(optimizer, train, val, epochs=10, callbacks=()):
    return compiled(optimizer).fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks))


def both(function):
    """Runs without and with weights; Keras counts its layers from the beginning each time, since names show it."""
    runs = []
    for watch in (watch_without_weights, watch_training):
        keras.utils.clear_session()
        runs.append(watch(function, OPTIMIZERS, 4, SHAPE))
    return runs


def test_the_trial_finds_nothing_wrong_with_this_keras():
    assert trial_error() == ""


def test_the_trial_notices_a_keras_whose_variables_ask_for_their_values(monkeypatch):
    """As if the scope left the numbers of an optimizer to Keras, which refuses to create them."""
    monkeypatch.setattr(
        weightless.WeightlessScope,
        "_create",
        lambda self, create, variable, *given, **more: create(variable, *given, **more),
    )
    assert "it raised ValueError" in trial_error()


@pytest.mark.parametrize(
    ("broken", "title"),
    [
        ("_drawing", "reads weights"),
        ("_assign", "sets weights"),
        ("left_behind", "stores its network"),
    ],
)
def test_the_trial_notices_what_is_not_noticed(monkeypatch, broken, title):
    harmless = {
        "_drawing": lambda self, initializer: initializer,
        "_assign": lambda self, update: None,
        "left_behind": lambda self: False,
    }
    monkeypatch.setattr(weightless.WeightlessScope, broken, harmless[broken])
    assert f"a function that {title} was taken for one that does without weights" == trial_error()


def test_a_right_function_gives_the_same_answers():
    without, with_weights = both(right)
    assert without == with_weights
    assert all(fit.fresh and not fit.problem for run in without for fit in run.fits)


def test_nothing_is_computed():
    """Not even TensorFlow's context is made, which takes longer than the watch."""
    program = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from tensorflow.python.eager import context
from tests_of_this import right, OPTIMIZERS, SHAPE
from cnnkit.probe.weightless_watching import watch_without_weights
runs = watch_without_weights(right, OPTIMIZERS, 4, SHAPE)
assert [len(run.fits) for run in runs] == [1, 1, 1]
assert context.context_safe() is None or not context.context_safe()._initialized
"""
    program = program.replace(
        "from tests_of_this import right, OPTIMIZERS, SHAPE",
        "import importlib.util\n"
        f"spec = importlib.util.spec_from_file_location('tests_of_this', {__file__!r})\n"
        "module = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(module)\n"
        "right, OPTIMIZERS, SHAPE = module.right, module.OPTIMIZERS, module.SHAPE",
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_random_states_are_restored():
    def train(optimizer, *args, **kwargs):
        keras.utils.set_random_seed(3)
        return right(optimizer, *args, **kwargs)

    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    watch_without_weights(train, OPTIMIZERS, 4, SHAPE)
    assert np.random.random() == expected


def needs(function, optimizers=OPTIMIZERS):
    with pytest.raises(WeightsNeeded) as caught:
        watch_without_weights(function, optimizers, 4, SHAPE)
    return str(caught.value)


def fitting(make):
    return lambda optimizer, train, val, epochs, callbacks: make().fit(train, validation_data=val, epochs=epochs)


def test_an_exception_needs_weights():
    def train(*args, **kwargs):
        raise NotImplementedError

    assert needs(train) == "it raised NotImplementedError"


def test_leaving_needs_weights():
    assert needs(lambda *args, **kwargs: sys.exit()) == "it raised SystemExit"


def test_a_time_limit_passes():
    class TimeLimit(BaseException):
        pass

    def train(*args, **kwargs):
        raise TimeLimit

    with pytest.raises(TimeLimit):
        watch_without_weights(train, OPTIMIZERS, 4, SHAPE)


def test_a_time_limit_that_missing_weights_may_be_the_cause_of_needs_weights():
    class TimeLimit(BaseException):
        pass

    def train(*args, **kwargs):
        compiled().get_weights()
        raise TimeLimit

    assert needs(train) == "its code reads the weights"


def test_no_fit_needs_weights():
    assert needs(lambda *args, **kwargs: None) == "a run does not call fit"


def test_a_network_of_before_needs_weights():
    network = compiled()
    assert needs(fitting(lambda: network)) == "it fits a network that is not new"


def test_a_network_used_again_needs_weights():
    stored = []

    def make():
        stored[:] = stored or [compiled()]
        return stored[0]

    assert needs(fitting(make)) == "it fits a network that is not new"


def test_a_network_that_stays_needs_weights():
    stored = []

    def make():
        stored[:] = [compiled()]
        return stored[0]

    assert needs(fitting(make)) == "something without weights is still in use afterwards"


def test_weights_that_are_carried_over_need_weights():
    stored = []

    def make():
        network = compiled()
        if stored:
            network.set_weights(stored[0])
        stored[:] = [network.get_weights()]
        return network

    assert needs(fitting(make)) == "its code reads the weights"


@pytest.mark.parametrize(
    "use",
    [
        lambda network: network.layers[-1].kernel.numpy(),
        lambda network: network(np.zeros((1, 4, 4, 1), "float32")),
        lambda network: network.predict(np.zeros((1, 4, 4, 1), "float32"), verbose=0),
        lambda network: keras.ops.sum(network.weights[0]),
    ],
)
def test_code_that_reads_weights_needs_them_even_if_it_hides_errors(use):
    def make():
        network = compiled()
        with suppress(Exception):
            use(network)
        return network

    assert needs(fitting(make)) == "its code reads the weights"


def test_code_that_sets_weights_needs_them():
    def make():
        network = compiled()
        network.layers[-1].kernel.assign(np.ones((16, 10), "float32"))
        return network

    assert needs(fitting(make)) == "its code sets weights"


@pytest.mark.parametrize(
    "callback",
    [
        lambda: keras.callbacks.ModelCheckpoint("best.keras"),
        lambda: keras.callbacks.EarlyStopping(restore_best_weights=True),
        lambda: [keras.callbacks.BackupAndRestore("backup")],
    ],
)
def test_callbacks_that_store_weights_need_them(callback):
    def train(optimizer, data, val, epochs, callbacks):
        return compiled(optimizer).fit(data, epochs=epochs, callbacks=[*callbacks, callback()])

    assert needs(train) == "it passes a callback that reads the weights"


def test_other_callbacks_need_none():
    def train(optimizer, data, val, epochs, callbacks):
        more = [keras.callbacks.EarlyStopping(), keras.callbacks.TerminateOnNaN()]
        return compiled(optimizer).fit(data, epochs=epochs, callbacks=[*callbacks, *more])

    without, with_weights = both(train)
    assert without == with_weights


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "mse", lambda truth, guess: 1.0])
def test_a_loss_that_has_to_be_tried_needs_weights(loss):
    assert needs(fitting(lambda: compiled(loss=loss))) == "its loss has to be tried"


def test_a_network_that_is_not_compiled_needs_weights():
    def make():
        return keras.Sequential([keras.Input(SHAPE[1:]), keras.layers.Flatten(), keras.layers.Dense(10)])

    assert needs(fitting(make)) == "it fits a network that cannot be described, or is not compiled"


SAMPLES = read_library(load_course(Path(__file__).parent), "mnist_convnet")
TRAININGS = [one for one in (*SAMPLES.equivalents, *SAMPLES.mutants) if one.cell == "training_solution"]
NEED_WEIGHTS = {
    *("first_weights_put_back", "clone_of_one_network", "loss_spelled_out"),
    *("reads_the_best_weights", "reads_the_best_network", "reads_the_restored_weights"),
}
"""Right answers that set or read weights, or whose loss has to be tried."""


@pytest.mark.parametrize("sample", TRAININGS, ids=lambda sample: sample.name)
def test_the_rubric_s_samples_get_the_same_answers(sample):
    def function():
        cells = apply_samples(SAMPLES.reference, [sample])
        names = {"keras": keras, "layers": keras.layers, "np": np, "tf": tf}
        for name in ("architecture_solution", "training_solution"):
            exec(cells[name], names)
        return names[TRAINING.function]

    optimizers = [OptimizerSpec("adam"), OptimizerSpec("SGD", {"learning_rate": 0.02, "momentum": 0.5})]
    keras.utils.clear_session()
    try:
        found = watch_without_weights(function(), optimizers, 4, TRAINING.input_shape)
    except WeightsNeeded:
        assert sample.fails or sample.name in NEED_WEIGHTS
        return
    keras.utils.clear_session()
    assert found == watch_training(function(), optimizers, 4, TRAINING.input_shape)
