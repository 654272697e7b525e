"""Ways in which honest students train that the assignment does not ask for, on a small network and few images.

Each is a training function as somebody might write it who reads Keras's guides; the outcome says whether the replay
follows it, and if not, which words of the reason say why.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnkit
from cnnkit.recording.schema import TrainingRecord

IMAGES, VALIDATED, EPOCHS = 1_536, 500, 2


@dataclass(frozen=True)
class Variation:
    """One honest training.

    Attributes:
        name: name of its function.
        train: the training function, as `cnnkit.record` calls it.
        reason: words of the reason for which its record is left open; "" if it is verified.
        options: of `record_variation`.
    """

    name: str
    train: Callable[..., Any]
    reason: str
    options: dict[str, Any]


VARIATIONS: list[Variation] = []


def honest(reason: str = "", **options: Any) -> Callable[..., Any]:
    """Decorator that adds a training function to the corpus."""

    def add(train: Callable[..., Any]) -> Callable[..., Any]:
        VARIATIONS.append(Variation(train.__name__, train, reason, options))
        return train

    return add


def record_variation(
    folder: Path,
    train_function: Callable[..., Any],
    *,
    student: str = "s1",
    optimizer: Any = "adam",
    batch_size: int = 128,
    policy: str = "",
    floatx: str = "",
    **options: Any,
) -> tuple[TrainingRecord, bytes | None]:
    """Record one training in a folder; the record and the bytes of its weights."""
    os.chdir(folder)
    cnnkit.start("mnist_convnet", student=student)
    train, val = cnnkit.data.batches("mnist", quick=True, batch_size=batch_size)
    try:
        if policy:
            keras.mixed_precision.set_global_policy(policy)
        if floatx:
            keras.config.set_floatx(floatx)
        record = cnnkit.record(
            train_function,
            optimizer() if callable(optimizer) else optimizer,
            train.first(IMAGES),
            val.first(VALIDATED),
            epochs=EPOCHS,
            run="variation",
            **options,
        )
    finally:
        keras.config.set_floatx("float32")
        keras.mixed_precision.set_global_policy("float32")
    weights = Path("records/variation.npz")  # none where the recorder could not describe the network
    return record, weights.read_bytes() if weights.exists() else None


def network(kind: type = keras.Sequential, initializer: Any = "glorot_uniform", bias: Any = "zeros", **settings: Any):
    """The assigned network with fewer filters and units."""
    layers = keras.layers
    how = {"kernel_initializer": initializer, "bias_initializer": bias}
    return kind(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 3, strides=2, activation="relu", **how),
            layers.Conv2D(4, (2, 2), padding="same", activation="relu", **settings),
            layers.MaxPooling2D(2, strides=1),
            layers.Dropout(0.35),
            layers.Flatten(),
            layers.Dense(16, activation="tanh"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def fitted(train, val, epochs, callbacks, *, model=None, optimizer="adam", loss="categorical_crossentropy", **how):
    """The usual end of a training function; `how` goes to compile or to fit."""
    model = model or network()
    compiled = {name: how.pop(name) for name in ("run_eagerly", "jit_compile", "weighted_metrics") if name in how}
    if not model.compiled:
        model.compile(optimizer, loss, metrics=["accuracy"], **compiled)
    how = {"validation_data": val, "epochs": epochs, "verbose": 0} | how
    return model.fit(train, callbacks=callbacks, **how)


def as_arrays(data):
    images, labels = zip(*(data[number] for number in range(len(data))), strict=True)
    return np.concatenate(images), np.concatenate(labels)


# --- followed by the replay -----------------------------------------------------------------------------------------


@honest()
def as_usual(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest()
def rate_halved_each_epoch(optimizer, train, val, epochs, callbacks):
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    return fitted(train, val, epochs, [*callbacks, halved])


@honest()
def rate_set_by_a_callback_before(optimizer, train, val, epochs, callbacks):
    class Set(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.optimizer.learning_rate = 0.01

    return fitted(train, val, epochs, [Set(), *callbacks])


@honest()
def rate_set_by_a_callback_after(optimizer, train, val, epochs, callbacks):
    class Set(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.optimizer.learning_rate = 0.01

    return fitted(train, val, epochs, [*callbacks, Set()])


@honest()
def rate_reduced_on_plateau(optimizer, train, val, epochs, callbacks):
    plateau = keras.callbacks.ReduceLROnPlateau(patience=0, min_delta=10.0, factor=0.1)
    return fitted(train, val, epochs, [*callbacks, plateau])


@honest()
def rate_by_a_schedule(optimizer, train, val, epochs, callbacks):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 3, 0.5)
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.Adam(schedule))


@honest()
def warm_up_in_a_callback_before(optimizer, train, val, epochs, callbacks):
    class WarmUp(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.001 * min(1.0, (batch + 1) / 10)

    return fitted(train, val, epochs, [WarmUp(), *callbacks])


@honest("its learning rate changed within a step")
def warm_up_in_a_callback_after(optimizer, train, val, epochs, callbacks):
    class WarmUp(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.001 * min(1.0, (batch + 1) / 10)

    return fitted(train, val, epochs, [*callbacks, WarmUp()])


@honest()
def classes_weighted(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, class_weight={0: 4.0, 3: 0.25, 7: 2.0})


@honest()
def classes_weighted_in_a_metric_too(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, class_weight={1: 3.3}, weighted_metrics=["accuracy"])


@honest()
def labels_smoothed(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1))


@honest()
def binary_crossentropy(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, loss="binary_crossentropy")


@honest(batch_size=48)
def small_batches(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest(batch_size=1_000)
def large_batches(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest()
def part_of_each_epoch(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, steps_per_epoch=5)


@honest()
def unshuffled(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, shuffle=False)


@honest()
def gradients_clipped_by_norm(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.SGD(0.1, momentum=0.9, clipnorm=0.1))


@honest()
def gradients_clipped_by_value(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.RMSprop(clipvalue=0.001))


@honest()
def gradients_accumulated(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.SGD(0.5, gradient_accumulation_steps=2))


@honest()
def loss_scaled(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.SGD(0.5, loss_scale_factor=64.0))


@honest()
def weights_decayed(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.AdamW(weight_decay=0.1))


@honest()
def run_eagerly(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, run_eagerly=True)


@honest()
def compiled_by_xla(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, jit_compile=True)


@honest()
def he_initializers(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(initializer="he_normal"))


@honest()
def a_network_thrown_away(optimizer, train, val, epochs, callbacks):
    """A short fit of another network first, to see whether it works."""
    fitted(train.first(128), None, 1, [])
    return fitted(train, val, epochs, callbacks)


@honest()
def best_weights_restored(optimizer, train, val, epochs, callbacks):
    best = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True, monitor="accuracy", mode="min")
    return fitted(train, val, epochs, [*callbacks, best])


@honest()
def a_metric_of_ones_own_in_some_epochs(optimizer, train, val, epochs, callbacks):
    class Sometimes(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                logs["f1"] = 0.5

    return fitted(train, val, epochs, [Sometimes(), *callbacks])


# --- left open, with a reason ---------------------------------------------------------------------------------------


@honest("it was trained in mixed_float16", policy="mixed_float16")
def mixed_float16(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest("it was trained in mixed_bfloat16", policy="mixed_bfloat16")
def mixed_bfloat16(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest("it was trained in float64", floatx="float64")
def float64(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest("it was trained in bfloat16", policy="bfloat16")
def bfloat16(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks)


@honest("it was trained in mixed_float16")
def one_layer_in_half_precision(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(dtype="mixed_float16"))


@honest("it had been trained before (once by fit in the same call of cnnkit.record)")
def warm_up_fit(optimizer, train, val, epochs, callbacks):
    model = network()
    fitted(train.first(256), None, 1, [], model=model)
    return fitted(train, val, epochs, callbacks, model=model)


@honest("(twice by fit in the same call of cnnkit.record)")
def warm_up_fits_compiled_again(optimizer, train, val, epochs, callbacks):
    model = network()
    for _ in range(2):
        fitted(train.first(256), None, 1, callbacks, model=model)
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    return fitted(train, val, epochs, callbacks, model=model)


@honest("its weights were set")
def weights_rescaled(optimizer, train, val, epochs, callbacks):
    model = network()
    model.set_weights([0.5 * array for array in model.get_weights()])
    return fitted(train, val, epochs, callbacks, model=model)


@honest("its weights were set")
def weights_set_by_a_callback(optimizer, train, val, epochs, callbacks):
    class Set(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.set_weights([0.5 * array for array in self.model.get_weights()])

    return fitted(train, val, epochs, [*callbacks, Set()])


@honest("its weights were set, or drawn in a way that a record cannot describe")
def biases_of_a_tenth(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(bias=keras.initializers.Constant(0.1)))


@honest("drawn in a way that a record cannot describe")
def kernels_without_a_seed(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(initializer=lambda shape, dtype: 0.1 * tf.ones(shape)))


@honest("weights that begin as RandomNormal")
def kernels_drawn_otherwise(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(initializer=keras.initializers.RandomNormal(stddev=0.1)))


@honest("seeds of its own")
def seeds_of_ones_own(optimizer, train, val, epochs, callbacks):
    keras.utils.set_random_seed(42)
    return fitted(train, val, epochs, callbacks)


@honest("an optimizer that averages the weights")
def weights_averaged(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, optimizer=keras.optimizers.Adam(use_ema=True))


@honest("an optimizer that averages the weights")
def weights_averaged_and_swapped(optimizer, train, val, epochs, callbacks):
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    return fitted(train, val, epochs, [swap, *callbacks], optimizer=keras.optimizers.Adam(use_ema=True))


@honest("fit was given other training data")
def arrays_shuffled_by_keras(optimizer, train, val, epochs, callbacks):
    images, labels = as_arrays(train)
    return fitted(images, val, epochs, callbacks, y=labels, batch_size=128)


@honest("fit was given other training data")
def images_weighted(optimizer, train, val, epochs, callbacks):
    images, labels = as_arrays(train)
    weights = np.where(labels.argmax(axis=1) == 3, 3.0, 1.0)
    return fitted(images, val, epochs, callbacks, y=labels, sample_weight=weights)


@honest("fit was given other training data")
def a_tf_data_pipeline(optimizer, train, val, epochs, callbacks):
    data = tf.data.Dataset.from_tensor_slices(as_arrays(train)).shuffle(500).batch(100).prefetch(2)
    return fitted(data, val, epochs, callbacks)


@honest("other validation data")
def split_off_validation_images(optimizer, train, val, epochs, callbacks):
    images, labels = as_arrays(train)
    return fitted(images, None, epochs, callbacks, y=labels, validation_split=0.2)


@honest("other validation data")
def part_of_the_validation_data(optimizer, train, val, epochs, callbacks):
    return fitted(train, val.first(100), epochs, callbacks)


@honest("a part of the validation images (validation_steps)")
def a_few_validation_steps(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, validation_steps=2)


@honest()
def validated_every_second_epoch(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, validation_freq=2)


@honest("(validation_freq)")
def validated_in_the_first_epoch_only(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, validation_freq=[1])


@honest("fit began at epoch 1")
def begun_at_a_later_epoch(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, initial_epoch=1)


@honest("It ends after 1 of 2 epochs")
def fewer_epochs(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, 1, callbacks)


@honest("fit was called with 3 instead of the 2 asked for")
def more_epochs(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, 3, callbacks)


@honest("a penalty or constraint: kernel_regularizer")
def weights_regularized(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(kernel_regularizer="l2"))


@honest("a penalty or constraint: activity_regularizer")
def outputs_regularized(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, model=network(activity_regularizer="l2"))


@honest("a penalty or constraint: kernel_constraint")
def weights_constrained(optimizer, train, val, epochs, callbacks):
    limit = keras.constraints.MaxNorm(0.3)
    return fitted(train, val, epochs, callbacks, model=network(kernel_constraint=limit))


@honest("some of its layers are frozen")
def a_layer_frozen(optimizer, train, val, epochs, callbacks):
    model = network()
    model.layers[1].trainable = False
    return fitted(train, val, epochs, callbacks, model=model)


@honest("its class takes training steps of its own")
def a_training_step_of_ones_own(optimizer, train, val, epochs, callbacks):
    class Noisy(keras.Sequential):
        def train_step(self, data):
            images, labels = data
            return super().train_step((images + 0.3, labels))

    return fitted(train, val, epochs, callbacks, model=network(Noisy))


@honest("its optimizer is of a class of its own")
def an_optimizer_of_ones_own(optimizer, train, val, epochs, callbacks):
    class SGD(keras.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient * 3.0, variable, learning_rate)

    return fitted(train, val, epochs, callbacks, optimizer=SGD(0.1))


@honest("Its loss cannot be computed again: categorical_crossentropy with reduction=sum")
def loss_summed(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, loss=keras.losses.CategoricalCrossentropy(reduction="sum"))


@honest("Its loss cannot be computed again: the loss 'categorical_focal_crossentropy'")
def another_loss(optimizer, train, val, epochs, callbacks):
    return fitted(train, val, epochs, callbacks, loss="categorical_focal_crossentropy")


@honest("several at a time")
def several_steps_at_a_time(optimizer, train, val, epochs, callbacks):
    model = network()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], steps_per_execution=4)
    return fitted(train, val, epochs, callbacks, model=model)


_GLOBAL: list[Any] = []


@honest("it had been trained before")
def a_network_of_an_earlier_cell(optimizer, train, val, epochs, callbacks):
    """Built and trained outside the function, which goes on where that ended."""
    return fitted(train, val, epochs, callbacks, model=_GLOBAL[0])
