"""Whatever a student trains is recorded as far as it can be, and trains as it would without being recorded."""

import json
import math

import keras
import numpy as np
import pytest
from keras import layers

import cnnkit
from autograder.intake.training_records import validated_record
from cnnkit import session
from cnnkit.data import Batches
from cnnkit.recording.callback import Recorder
from cnnkit.recording.fingerprint import fingerprint
from cnnkit.recording.seed_stream import seed_at
from cnnkit.recording.validation_losses import unpacked_answers, unpacked_losses

pytestmark = pytest.mark.tensorflow

EPOCHS = 2


@pytest.fixture(autouse=True)
def started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 11))


@pytest.fixture
def data():
    dice = np.random.default_rng(3)
    pixels, labels = dice.integers(0, 256, (100, 4, 4), dtype=np.uint8), np.arange(100) % 10
    return Batches(pixels, labels, batch_size=16, seed=11), Batches(pixels[:30], labels[:30], batch_size=16, seed=None)


def plain():
    return keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])


def with_dropout():
    return keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ]
    )


def that_always_draws():
    """Drops out in prediction too, and keeps its means up to date there: looking at its loss would change it."""
    image = x = keras.Input((4, 4, 1))
    x = layers.BatchNormalization()(x, training=True)
    x = layers.Dropout(0.4)(layers.Flatten()(x), training=True)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


def not_built():
    return keras.Sequential([layers.Flatten(), layers.Dropout(0.4), layers.Dense(10, activation="softmax")])


class Own(keras.Model):
    """A class that does not know of training and adds a loss of its own."""

    def __init__(self):
        super().__init__()
        self.flatten, self.dense, self.drop = (
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
            layers.Dropout(0.3),
        )

    def call(self, x):
        answer = self.dense(self.drop(self.flatten(x)))
        self.add_loss(0.01 * keras.ops.mean(answer**2))
        return answer


def of_its_own_class():
    made = Own()
    made(np.zeros((1, 4, 4, 1), np.float32))
    return made


def trained(build, loss="categorical_crossentropy", more=(), **settings):
    """A training function; its histories are in its attribute `histories`."""

    def train(optimizer, train, val, epochs, callbacks):
        network = build()
        network.compile(optimizer, loss, **{"metrics": ["accuracy"]} | settings)
        history = network.fit(train, validation_data=val, epochs=epochs, callbacks=[*callbacks, *more], verbose=0)
        recorded.histories.append(history.history)
        return history

    recorded = train
    recorded.histories = []
    return recorded


class SetEpoch(keras.callbacks.Callback):
    def __init__(self, data):
        super().__init__()
        self._data = data

    def on_epoch_begin(self, epoch, logs=None):
        self._data.set_epoch(epoch)


@pytest.mark.parametrize("build", [with_dropout, that_always_draws, not_built, of_its_own_class])
def test_recording_does_not_change_the_training(data, build):
    train = trained(build)
    recorded = cnnkit.record(train, "adam", *data, epochs=3)
    keras.utils.set_random_seed(11)
    train("adam", *data, epochs=3, callbacks=[SetEpoch(data[0])])
    with_it, without = train.histories
    assert with_it == without
    assert recorded.history == with_it


def test_a_network_that_is_watched_says_where_it_began_and_ended(data):
    models = []

    def build():
        models.append(with_dropout())
        return models[-1]

    found = cnnkit.record(trained(build), "adam", *data, epochs=EPOCHS)
    assert len(found.fingerprints) == EPOCHS + 1
    assert found.fingerprints[-1][1:] == pytest.approx(fingerprint(models[0].get_weights()))
    with np.load("records/adam.npz") as kept:
        final = [kept[name] for name in kept]
    assert all(np.array_equal(a, b.astype(np.float16)) for a, b in zip(final, models[0].get_weights(), strict=True))
    images, labels = (np.concatenate(part) for part in zip(*(data[1][k] for k in range(2)), strict=True))
    loss = models[0].evaluate(images, labels, verbose=0)[0]
    assert found.fingerprints[-1][0] == pytest.approx(loss, rel=1e-5)
    assert found.device == "CPU"
    assert found.settings == {"jit_compile": 0.0, "run_eagerly": 0.0, "threads": found.settings["threads"]}
    assert validated_record(json.dumps(found.to_json())) == found


def own_loss(true, found):
    return keras.ops.mean((true - found) ** 2, axis=-1)


LOSSES = {
    "a function": (own_loss, "custom loss own_loss", True),
    "lambda": (lambda true, found: keras.ops.mean((true - found) ** 2, axis=-1), "custom loss <lambda>", True),
    "an object": (keras.losses.CategoricalCrossentropy(label_smoothing=0.1), "categorical_crossentropy", True),
    "a list": (["categorical_crossentropy"], "categorical_crossentropy", False),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_any_kind(data, name):
    loss, said, one = LOSSES[name]
    found = cnnkit.record(trained(with_dropout, loss, metrics=[]), "adam", *data, epochs=EPOCHS)
    assert len(found["loss"]) == EPOCHS
    assert found.loss == said
    assert [math.isfinite(marks[0]) for marks in found.fingerprints] == [one] * (EPOCHS + 1)
    assert repr(validated_record(json.dumps(found.to_json()))) == repr(found)


def test_a_loss_that_only_the_network_knows(data):
    found = cnnkit.record(trained(of_its_own_class, None, metrics=[]), "adam", *data, epochs=EPOCHS)
    assert len(found["loss"]) == len(found["val_loss"]) == EPOCHS
    assert found.loss == ""
    assert found.network is None


def test_several_outputs(data):
    class Two(keras.utils.PyDataset):
        def __init__(self, inner):
            super().__init__()
            self._inner = inner

        def __len__(self):
            return len(self._inner)

        def __getitem__(self, number):
            images, labels = self._inner[number]
            return images, {"one": labels, "other": labels[:, :1]}

    def build():
        image = keras.Input((4, 4, 1))
        x = layers.Flatten()(image)
        one = layers.Dense(10, activation="softmax", name="one")(x)
        return keras.Model(image, {"one": one, "other": layers.Dense(1, name="other")(x)})

    losses = {"one": "categorical_crossentropy", "other": "mse"}
    found = cnnkit.record(trained(build, losses, metrics=None), "adam", *map(Two, data), epochs=EPOCHS)
    assert {"loss", "one_loss", "val_other_loss"} <= set(found)
    assert found.initial
    assert repr(validated_record(json.dumps(found.to_json()))) == repr(found)


class Odd(keras.metrics.Metric):
    def __init__(self, value):
        super().__init__(name="odd" * 100 + "\n")
        self._value = value

    def update_state(self, *args, **kwargs):
        pass

    def result(self):
        return self._value


@pytest.mark.parametrize("value", [keras.ops.zeros(3), keras.ops.zeros(()), float("nan"), 3])
def test_metrics_of_any_kind(data, value):
    found = cnnkit.record(trained(plain, metrics=[Odd(value)]), "adam", *data, epochs=EPOCHS)
    assert len(found["loss"]) == EPOCHS
    assert repr(validated_record(json.dumps(found.to_json()))) == repr(found)


@pytest.mark.parametrize("rate", [1e30, 1e6])
def test_a_training_that_diverges(data, rate):
    train = trained(lambda: keras.Sequential([plain(), layers.Dense(10)]), loss="mse")
    found = cnnkit.record(train, keras.optimizers.SGD(rate), *data, epochs=EPOCHS)
    assert not math.isfinite(found["loss"][-1])
    assert len(found.fingerprints) == EPOCHS + 1
    assert repr(validated_record(json.dumps(found.to_json()))) == repr(found)


FORMS = {
    "a tuple": lambda callbacks: tuple(callbacks),
    "the callback": lambda callbacks: callbacks[0],
    "a list in a list": lambda callbacks: [callbacks],
    "behind another": lambda callbacks: [keras.callbacks.EarlyStopping(), *callbacks],
    "twice": lambda callbacks: [*callbacks, *callbacks],
    "appended to": lambda callbacks: callbacks.append(keras.callbacks.TerminateOnNaN()) or callbacks,
    "a CallbackList": lambda callbacks: keras.callbacks.CallbackList(callbacks, add_history=True),
}


@pytest.mark.parametrize("form", FORMS)
def test_callbacks_in_any_form(data, form):
    def train(optimizer, train, val, epochs, callbacks):
        network = plain()
        network.compile(optimizer, "categorical_crossentropy")
        given = FORMS[form](callbacks)
        if form == "a CallbackList":
            given.set_model(network)
        network.fit(train, validation_data=val, epochs=epochs, callbacks=given, verbose=0)

    found = cnnkit.record(train, "adam", *data, epochs=EPOCHS)
    assert len(found["loss"]) == EPOCHS
    assert len(found.steps) == 7
    assert len(found.fingerprints) == EPOCHS + 1


@pytest.mark.parametrize("first", [True, False])
def test_weights_are_those_after_the_last_epoch_whatever_is_put_back_then(data, first):
    """`restore_best_weights` puts earlier weights back; the record ends with the losses of the last ones."""
    best = keras.callbacks.EarlyStopping(restore_best_weights=True, start_from_epoch=0, patience=9, monitor="worse")

    class Worse(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["worse"] = float(epoch)

    def train(optimizer, train, val, epochs, callbacks):
        network = plain()
        network.compile(optimizer, "categorical_crossentropy")
        given = [Worse(), best, *callbacks] if first else [Worse(), *callbacks, best]
        network.fit(train, validation_data=val, epochs=epochs, callbacks=given, verbose=0)

    best.monitor_op = np.less
    found = cnnkit.record(train, "adam", *data, epochs=3)
    with np.load("records/adam.npz") as kept:
        final = [kept[name].astype(np.float32) for name in kept]
    assert fingerprint(final) == pytest.approx(found.fingerprints[-1][1:], abs=1e-3)
    assert fingerprint(final) != pytest.approx(found.fingerprints[1][1:], abs=1e-3)


def test_steps_of_an_epoch_whose_last_batch_is_smaller(data):
    """Keras's mean counts images: 4 in the last of 7 batches."""
    found = cnnkit.record(trained(plain, metrics=[]), keras.optimizers.SGD(0.1), *data, epochs=1)
    keras.utils.set_random_seed(11)
    network = plain()
    network.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
    data[0].set_epoch(0)
    again = [float(network.train_on_batch(*data[0][step])) for step in range(7)]
    assert found.steps == pytest.approx(again, rel=1e-4)


def test_steps_taken_several_at_a_time_say_nothing_of_a_beginning(data):
    found = cnnkit.record(trained(plain, steps_per_execution=3), "adam", *data, epochs=EPOCHS)
    assert len(found["loss"]) == EPOCHS
    assert (found.network, found.fingerprints) == (None, [])


@pytest.mark.parametrize("settings", [{"run_eagerly": True}, {"jit_compile": True}, {"loss_weights": 0.5}])
def test_other_ways_to_compile(data, settings):
    found = cnnkit.record(trained(plain, **settings), "adam", *data, epochs=EPOCHS)
    assert len(found.fingerprints) == EPOCHS + 1
    assert found.settings["run_eagerly"] == float(settings.get("run_eagerly", False))
    assert found.settings["jit_compile"] == 0.0  # Keras never does where operations are to be deterministic


@pytest.mark.parametrize("form", ["arrays", "tf.data", "without validation"])
def test_data_of_other_kinds(data, form):
    import tensorflow as tf

    images, labels = (np.concatenate(part) for part in zip(*(data[0][k] for k in range(7)), strict=True))

    def train(optimizer, train, val, epochs, callbacks):
        network = plain()
        network.compile(optimizer, "categorical_crossentropy")
        if form == "tf.data":
            network.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, verbose=0)
        else:
            network.fit(images, labels, batch_size=16, epochs=epochs, callbacks=callbacks, verbose=0)

    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(16)
    given = {"arrays": ((images, labels), None), "tf.data": (dataset, dataset), "without validation": (data[0], None)}
    found = cnnkit.record(train, "adam", *given[form], epochs=EPOCHS)
    assert len(found["loss"]) == EPOCHS
    assert len(found.steps) == 7
    assert found.data == {}
    assert math.isnan(found.fingerprints[0][0])


def test_a_learning_rate_that_changes(data):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    found = cnnkit.record(trained(plain), keras.optimizers.SGD(schedule), *data, epochs=EPOCHS)
    assert found.optimizer["learning_rate"] == "ExponentialDecay"
    assert repr(validated_record(json.dumps(found.to_json()))) == repr(found)


class Breaking:
    """Fails at whatever it is told."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        self.told.append(name)
        raise RuntimeError(name)


def test_whoever_watches_may_fail(data):
    watcher = Breaking()
    recorder = Recorder("adam", EPOCHS, *data, watcher=watcher)
    trained(plain)("adam", *data, EPOCHS, [recorder])
    assert len(recorder.observed.values["loss"]) == EPOCHS
    assert watcher.told == ["begins"]


@pytest.mark.parametrize("what", ["initial_network", "weights_digest", "fingerprint", "step_settings", "first_images"])
def test_whatever_fails_here_the_training_goes_on(data, what, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("not here")

    monkeypatch.setattr(f"cnnkit.recording.callback.{what}", fails)
    found = cnnkit.record(trained(plain), "adam", *data, epochs=EPOCHS)
    assert len(found["loss"]) == EPOCHS
    assert (found.network, found.draws, found.initial, found.fingerprints, found.weights) == (None, (), "", [], "")


def test_a_network_that_grows_while_it_trains_is_given_up(data, monkeypatch):
    class Fails(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                monkeypatch.setattr("cnnkit.recording.callback.fingerprint", None)

    found = cnnkit.record(trained(plain, more=[Fails()]), "adam", *data, epochs=3)
    assert len(found["loss"]) == 3
    assert (found.network, found.fingerprints, found.weights) == (None, [], "")


@pytest.fixture
def more_data(data):
    """As many validation images as a record holds losses of single ones of."""
    dice = np.random.default_rng(4)
    pixels = dice.integers(0, 256, (60, 4, 4), dtype=np.uint8)
    return data[0], Batches(pixels, np.arange(60) % 10, batch_size=16, seed=None)


def losses_of(found):
    losses = unpacked_losses(found.image_losses)
    return losses, unpacked_answers(found.image_right, len(losses))


def with_penalty():
    """Its validation loss holds more than the loss on the images."""
    penalised = layers.Dense(10, activation="softmax", kernel_regularizer=keras.regularizers.L2(0.1))
    return keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), penalised])


@pytest.mark.parametrize("build", [plain, with_dropout, with_penalty])
@pytest.mark.parametrize("eager", [False, True])
def test_losses_on_single_images_have_the_last_validation_loss_as_their_mean(more_data, build, eager):
    found = cnnkit.record(trained(build, run_eagerly=eager), "adam", *more_data, epochs=EPOCHS)
    if build is with_penalty:
        assert found.image_losses == found.image_right == ""
        assert "by image its validation loss is" in found.unclear["images"]
        return
    assert found.unclear == {}
    losses, right = losses_of(found)
    assert losses.mean() == pytest.approx(found["val_loss"][-1], rel=1e-3)
    assert right.mean() == pytest.approx(found["val_accuracy"][-1])
    assert validated_record(found.to_json()) == found


def test_losses_on_single_images_are_those_of_the_last_epoch_whatever_is_put_back_then(more_data):
    best = keras.callbacks.EarlyStopping(restore_best_weights=True, patience=9, monitor="loss", mode="max")
    found = cnnkit.record(trained(plain, more=[best]), keras.optimizers.SGD(0.5), *more_data, epochs=3)
    assert found["val_loss"][0] != pytest.approx(found["val_loss"][-1], rel=0.01)
    assert losses_of(found)[0].mean() == pytest.approx(found["val_loss"][-1], rel=1e-3)


def test_fewer_validation_images_are_not_recorded_one_by_one(data):
    found = cnnkit.record(trained(plain), "adam", *data, epochs=1)
    assert (found.image_losses, found.image_right, found.unclear) == ("", "", {})


def test_an_evaluation_that_fails_leaves_a_reason(more_data, monkeypatch):
    def fails(*args):
        raise RuntimeError("not here")

    monkeypatch.setattr("cnnkit.recording.callback.validate_by_image", fails)
    found = cnnkit.record(trained(plain), "adam", *more_data, epochs=1)
    assert (found.image_losses, found.unclear) == ("", {"images": "RuntimeError: not here"})


def test_what_explains_a_training_is_recorded(more_data):
    """A warm-up, a rate that changes, class weights, fewer steps: each would be called a forgery otherwise."""
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)

    def train(optimizer, train, val, epochs, callbacks):
        network = plain()
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
        network.compile(optimizer, loss, metrics=["accuracy"])
        network.fit(train, epochs=1, verbose=0)
        weights = dict.fromkeys(range(10), 1.0) | {3: 2.0}
        more = {"class_weight": weights, "steps_per_epoch": 4, "validation_steps": 2}
        callbacks = [schedule, *callbacks]
        network.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, verbose=0, **more)

    found = cnnkit.record(train, keras.optimizers.SGD(0.1), *more_data, epochs=EPOCHS)
    assert found.earlier_fits == 1
    assert (found.fit["steps_per_epoch"], found.fit["validation_steps"]) == (4, 2)
    assert (found.fit["data"], found.fit["validation_data"]) == ("train", "val")
    assert (found.class_weight["3"], found.class_weight["4"]) == (2.0, 1.0)
    assert found.loss_settings["label_smoothing"] == 0.1
    assert found.step_rates == [0.05] * 4
    assert found.epoch_rates == [0.05, 0.025]
    assert (found.floatx, found.dtypes) == ("float32", ("float32", "float32"))
    assert "images" in found.unclear  # only part of the images were validated
    assert repr(validated_record(json.dumps(found.to_json()))) == repr(found)


def test_dtypes_of_mixed_precision(more_data):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = cnnkit.record(trained(plain), "adam", *more_data, epochs=1)
    finally:
        keras.config.set_dtype_policy(before)
    assert found.dtypes == ("mixed_bfloat16", "mixed_bfloat16")
    assert losses_of(found)[0].mean() == pytest.approx(found["val_loss"][-1], rel=2e-3)


def test_seeds_of_layers_have_their_position_in_the_stream(more_data):
    def build():
        seeded = keras.initializers.GlorotUniform(seed=7)
        return keras.Sequential([with_dropout(), layers.Dense(10, kernel_initializer=seeded)])

    found = cnnkit.record(trained(build, loss="mse"), "adam", *more_data, epochs=1)
    assert [draw.position >= 0 for draw in found.draws] == [draw.seed != (7,) for draw in found.draws]
    assert {seed_at(found.seed, draw.position) == draw.seed[0] for draw in found.draws if draw.position >= 0} == {True}
