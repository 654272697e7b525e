"""Train the MNIST ConvNet once and keep the record: `python train_run.py FOLDER '{"student": "s1"}'`.

The corpus of honest and forged records is made from such runs, in quick mode. Variations that a process decides when it
starts (threads, oneDNN) need a process of their own; the others are made in the test's.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

MODELS = {
    "plain": "sequential",
    "functional": "functional",
    "subclassed": "a class of one's own",
    "separate": "activations as layers of their own",
    "wider": "another network",
    "narrow": "a small one",
}


def build(kind):
    import keras
    from keras import layers

    def stack(first=64, second=32, units=256):
        return [
            layers.Conv2D(first, 3, strides=2, activation="relu"),
            layers.Conv2D(second, (2, 2), padding="same", activation="relu"),
            layers.MaxPooling2D(2, strides=1),
            layers.Dropout(0.35),
            layers.Flatten(),
            layers.Dense(units, activation="tanh"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]

    if kind == "functional":
        image = x = keras.Input((28, 28, 1))
        for layer in stack():
            x = layer(x)
        return keras.Model(image, x)
    if kind == "subclassed":

        class Network(keras.Model):
            def __init__(self):
                super().__init__()
                self.stack = stack()

            def call(self, x, training=None):
                for layer in self.stack:
                    x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
                return x

        network = Network()
        network.build((None, 28, 28, 1))
        return network
    if kind == "separate":
        network = keras.Sequential([keras.Input((28, 28, 1))])
        for layer in stack():
            activation = getattr(layer, "activation", None)
            if activation is not None:
                layer.activation = keras.activations.linear
            network.add(layer)
            if activation is not None:
                network.add(layers.Activation(activation))
        return network
    sizes = {"wider": (96,), "narrow": (8, 4, 16)}.get(kind, ())
    return keras.Sequential([keras.Input((28, 28, 1)), *stack(*sizes)])


def train(
    folder,
    student,
    optimizer="adam",
    *,
    epochs=3,
    settings=None,
    model="plain",
    data="train",
    eager=False,
    resume_after=None,
    run=None,
    classes=False,
    images=None,
):
    """Train once, on the first so many `images` if told so; `(record, bytes of the weights)`."""
    import keras
    import numpy as np

    import cnnkit
    from cnnkit.data.batch_datasets import Batches

    os.chdir(folder)
    cnnkit.start("mnist_convnet", student=student)
    ours, val = cnnkit.data.batches("mnist", quick=True)
    if images is not None:
        ours = ours.first(images)
    if data != "train":  # images that must not be trained on, behind those that may
        (x, y), (x_test, y_test) = cnnkit.data.load("mnist")
        x, y = {"test": (x_test, y_test), "validation": (x[55_000:], y[55_000:])}[data]
        first, labels = cnnkit.data.load("mnist")[0]
        pixels, known = np.concatenate([first[:12_000], x]), np.concatenate([labels[:12_000], y])
        ours = Batches(pixels, known, seed=ours.seed, origin=ours.origin)
    interrupted = {"left": resume_after}

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if interrupted["left"] is not None and epoch == interrupted["left"]:
                interrupted["left"] = None
                raise KeyboardInterrupt

    def train_convnet(optimizer, train, val, epochs=10, callbacks=()):
        network = build(model)
        network.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], run_eagerly=eager)
        extra = [Stop()] if resume_after is not None else []
        return network.fit(train, validation_data=val, epochs=epochs, callbacks=[*callbacks, *extra], verbose=0)

    def asked():
        if classes or settings:
            named = {"adam": "Adam", "adadelta": "Adadelta", "sgd": "SGD"}[optimizer]
            return getattr(keras.optimizers, named)(**(settings or {}))
        return optimizer

    if resume_after is not None:
        with contextlib.suppress(KeyboardInterrupt):
            cnnkit.record(train_convnet, asked(), ours, val, epochs=epochs, run=run)
    record = cnnkit.record(train_convnet, asked(), ours, val, epochs=epochs, run=run)
    return record, (Path("records") / f"{record.run}.npz").read_bytes()


if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    threads = asked.pop("threads", None)
    if threads:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
    train(Path(sys.argv[1]), **asked)
