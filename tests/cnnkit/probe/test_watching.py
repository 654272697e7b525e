"""A training function is watched, not run."""

import keras
import numpy as np
import pytest

from cnnkit.probe import watching
from cnnkit.probe.trained_weights import MOST_VALUES
from cnnkit.probe.watching import OptimizerSpec, watch_training

pytestmark = pytest.mark.tensorflow

SHAPE = (None, 4, 4, 1)


def build(**last):
    last = {"units": 10, "activation": "softmax"} | last
    return keras.Sequential([keras.Input(SHAPE[1:]), keras.layers.Flatten(), keras.layers.Dense(**last)])


def compiled(optimizer="adam", loss="categorical_crossentropy", **last):
    network = build(**last)
    network.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return network


def right(optimizer, train, val, epochs=10, callbacks=()):
    return compiled(optimizer).fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks))


def watch(function, optimizers=("adam",), epochs=4):
    return watch_training(function, [OptimizerSpec(name) for name in optimizers], epochs, SHAPE)


def fit(**changes):
    """Record of the fit of a right function whose call of fit is changed."""

    def train(optimizer, train, val, epochs, callbacks):
        given = {"x": train, "validation_data": val, "epochs": epochs, "callbacks": callbacks}
        given |= {name: change(given) if callable(change) else change for name, change in changes.items()}
        return compiled(optimizer).fit(**given)

    return watch(train)[0].fits[0]


def test_a_right_function():
    own = "fit" in vars(keras.Model)
    before = keras.Model.fit
    runs = watch(right, ("adam", "sgd"))
    assert [run.optimizer for run in runs] == ['"adam"', '"sgd"']
    assert [run.fits[0].model.compiled.optimizer for run in runs] == ["adam", "sgd"]
    assert [run.fits[0].fresh for run in runs] == [True, True]
    assert [run.returned for run in runs] == ["history", "history"]
    seen = runs[0].fits[0]
    assert (seen.epochs, seen.data, seen.validation, seen.callbacks, seen.steps) == (4, "train", "val", True, None)
    assert seen.problem == ""
    assert keras.Model.fit is before
    assert ("fit" in vars(keras.Model)) is own


def test_fit_is_put_back_when_the_function_raises():
    before = keras.Model.fit
    with pytest.raises(TypeError, match="epoch"):
        watch(lambda optimizer, train, val, epochs, callbacks: compiled().fit(train, epoch=3))
    assert keras.Model.fit is before


def test_the_invented_history_can_be_used():
    def train(optimizer, train, val, epochs, callbacks):
        network = compiled(optimizer)
        network.compile(
            optimizer, "categorical_crossentropy", metrics=["acc", keras.metrics.TopKCategoricalAccuracy(3)]
        )
        history = network.fit(train, validation_data=val, epochs=epochs)
        assert len(history.history["val_acc"]) == len(history.epoch) == 4
        assert min(history.history["val_loss"]) <= history.history["loss"][0]
        return network.history

    assert watch(train)[0].returned == "history"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"epochs": 1}, {"epochs": 1}),
        ({"epochs": 8, "initial_epoch": 4}, {"epochs": 4}),
        ({"epochs": np.int64(4)}, {"epochs": 4}),
        ({"epochs": 4.0}, {"epochs": -1}),
        ({"epochs": "4"}, {"epochs": -1}),
        ({"epochs": 10**30}, {"epochs": 2**31}),
        ({"x": lambda given: given["validation_data"]}, {"data": "val"}),
        ({"x": lambda given: given["x"][0][0]}, {"data": "other"}),
        ({"validation_data": None}, {"validation": "none"}),
        ({"validation_data": lambda given: given["x"]}, {"validation": "train"}),
        ({"validation_data": None, "validation_split": 0.1}, {"validation": "split"}),
        ({"validation_freq": 2}, {"validation": "part"}),
        ({"validation_steps": 1}, {"validation": "part"}),
        ({"validation_steps": lambda given: len(given["validation_data"])}, {"validation": "val"}),
        ({"class_weight": {0: 2.0}}, {"weighted": "class_weight"}),
        ({"steps_per_epoch": 1}, {"steps": 1}),
        ({"steps_per_epoch": lambda given: len(given["x"])}, {"steps": None}),
        ({"callbacks": None}, {"callbacks": False}),
        ({"callbacks": ()}, {"callbacks": False}),
        ({"callbacks": keras.callbacks.Callback()}, {"callbacks": False}),
        ({"callbacks": lambda given: given["callbacks"][0]}, {"callbacks": True}),
        ({"callbacks": lambda given: [given["callbacks"], keras.callbacks.TerminateOnNaN()]}, {"callbacks": True}),
        ({"callbacks": lambda given: keras.callbacks.CallbackList(given["callbacks"])}, {"callbacks": True}),
        ({"callbacks": lambda given: (one for one in given["callbacks"])}, {"callbacks": False}),
        ({"callbacks": 3}, {"callbacks": False}),
    ],
)
def test_what_fit_was_given(changes, expected):
    seen = fit(**changes)
    assert {name: getattr(seen, name) for name in expected} == expected


def other(make):
    """Record of the fit of a right function whose network is made by `make`."""

    def train(optimizer, train, val, epochs, callbacks):
        return make().fit(train, validation_data=val, epochs=epochs, callbacks=callbacks)

    return watch(train)[0].fits[0]


def no_number(truth, guess):
    return keras.ops.sum(guess) * np.nan


def no_result(truth, guess):
    return 1 / 0


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: build(), "fit was called before compile"),
        (lambda: compiled(loss="sparse_categorical_crossentropy"), "Error"),
        (lambda: compiled(loss=no_number), "a loss of nan, which is no finite number"),
        (lambda: compiled(loss=no_result), "ZeroDivisionError"),
    ],
)
def test_a_loss_that_cannot_be_computed(make, problem):
    seen = other(make)
    assert problem in seen.problem
    assert "\n" not in seen.problem


def test_a_network_for_another_input_has_a_loss_all_the_same():
    def make():
        network = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
        network.compile(loss="categorical_crossentropy")
        return network

    assert other(make).problem == ""


def test_a_network_that_cannot_be_described():
    class Strange(keras.Model):
        def call(self, images):
            raise ValueError("not today")

    def make():
        network = Strange()
        network.compile(loss="categorical_crossentropy")
        return network

    seen = other(make)
    assert seen.model is None
    assert "not today" in seen.problem


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (lambda history, network: None, "None"),
        (lambda history, network: history.history, "the dictionary history.history"),
        (lambda history, network: network, "Sequential"),
        (lambda history, network: keras.callbacks.History(), "a History that did not come from fit"),
        (lambda history, network: (network, history), "tuple"),
    ],
)
def test_what_is_returned(result, said):
    def train(optimizer, train, val, epochs, callbacks):
        network = compiled(optimizer)
        return result(network.fit(train), network)

    assert watch(train)[0].returned == said


def test_no_fit_and_many():
    assert watch(lambda *args, **kwargs: None)[0].fits == ()

    def often(optimizer, train, val, epochs, callbacks):
        network = compiled(optimizer)
        histories = [network.fit(train, epochs=number) for number in range(watching.MOST_FITS + 5)]
        return histories[0]

    (run,) = watch(often)
    assert len(run.fits) == watching.MOST_FITS
    assert run.fits[-1].epochs == watching.MOST_FITS + 4
    assert run.returned == "the History of an earlier fit"


def fresh(train, optimizers=("adam", "sgd")):
    """For each run True if it begins with weights that no earlier run has trained; `train()` makes its network."""
    runs = watch(lambda optimizer, data, *args, **kwargs: train().fit(data), optimizers)
    return [run.fits[0].fresh for run in runs]


def test_a_network_used_again_is_not_fresh():
    network = compiled()
    assert fresh(lambda: network) == [True, False]


def test_a_network_that_is_not_built_yet_is_not_fresh_either_the_second_time():
    network = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    network.compile("adam", "categorical_crossentropy")
    assert fresh(lambda: network) == [True, False]


def test_a_new_network_with_trained_weights_is_not_fresh():
    kept = []

    def make():
        network = compiled()
        if kept:
            network.set_weights(kept[-1].get_weights())
        kept.append(network)
        return network

    assert fresh(make, ("adam", "sgd", "adadelta")) == [True, False, False]


def test_a_network_whose_first_weights_are_put_back_is_fresh():
    network = compiled()
    first = network.get_weights()

    def make():
        network.set_weights(first)
        return network

    assert fresh(make) == [True, True]


def test_networks_with_the_same_first_weights_are_fresh():
    def make():
        keras.utils.set_random_seed(3)
        return compiled()

    assert fresh(make) == [True, True]


def test_weights_of_one_large_layer_tell_networks_apart():
    def make():
        network = keras.Sequential([keras.Input(SHAPE[1:]), keras.layers.Flatten()])
        network.add(keras.layers.Dense(7_000, use_bias=False))
        network.compile("adam", "mse")
        return network

    assert int(np.prod(make().weights[0].shape)) > MOST_VALUES
    assert fresh(make) == [True, True]
    network = make()
    assert fresh(lambda: network) == [True, False]


def test_the_notebook_s_own_network_is_left_as_it_was():
    network = compiled()
    first = network.get_weights()
    assert fresh(lambda: network) == [True, False]
    assert all(np.array_equal(before, after) for before, after in zip(first, network.get_weights(), strict=True))


def test_fitting_twice_in_one_run_is_one_training():
    def train(optimizer, data, *args, **kwargs):
        network = compiled(optimizer)
        network.fit(data)
        return network.fit(data)

    assert [fit.fresh for run in watch(train, ("adam", "sgd")) for fit in run.fits] == [True] * 4


def test_an_optimizer_may_be_an_object():
    asked = OptimizerSpec("SGD", {"learning_rate": 0.25})
    (run,) = watch_training(right, [asked], 4, SHAPE)
    compiled_ = run.fits[0].model.compiled
    assert (compiled_.optimizer, compiled_.optimizer_config["learning_rate"]) == ("sgd", 0.25)
    assert run.optimizer == str(asked) == "SGD(learning_rate=0.25)"


def test_an_optimizer_is_always_called_the_same():
    asked = OptimizerSpec("SGD", {"learning_rate": 0.25})
    assert [asked.live().name for _ in range(2)] == ["sgd", "sgd"]


@pytest.mark.parametrize(
    ("loss", "works"), [("categorical_crossentropy", True), ("sparse_categorical_crossentropy", False)]
)
def test_the_loss_is_tried_whatever_the_network_s_output(loss, works):
    """Another output is another check's finding; here it counts whether the loss goes with one-hot labels."""

    def make():
        network = keras.Sequential([keras.Input(SHAPE[1:]), keras.layers.Dense(7, "softmax")])
        network.compile("adam", loss)
        return network

    assert (other(make).problem == "") is works


@pytest.mark.parametrize(("noisy", "wanted"), [(False, False), (True, True)])
def test_whether_a_network_varies_in_training_is_tried_where_it_is_asked_for(noisy, wanted):
    class Noise(keras.layers.Layer):
        """Layers within a layer: nothing of it shows in a description."""

        def __init__(self):
            super().__init__()
            self.inner = keras.layers.GaussianNoise(0.5)

        def call(self, x, training=None):
            return self.inner(x, training=True) if training and noisy else x

    def function(optimizer, train, val, epochs=10, callbacks=()):
        network = keras.Sequential([keras.Input(SHAPE[1:]), Noise(), keras.layers.Flatten(), keras.layers.Dense(10)])
        network.compile(optimizer, "mse")
        return network.fit(train, epochs=epochs)

    (tried,) = watch_training(function, [OptimizerSpec("adam")], 4, SHAPE, vary=True)
    (untried,) = watch_training(function, [OptimizerSpec("adam")], 4, SHAPE)
    assert tried.fits[0].varies is wanted
    assert untried.fits[0].varies is None
