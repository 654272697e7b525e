"""The rubric's right answers are Keras's."""

import keras
import numpy as np
import pytest
from keras import layers

from autograder.rubrics.data_augmentation import reference

pytestmark = pytest.mark.tensorflow

X = np.random.default_rng(0).uniform(0, 255, (32, 28, 28, 1)).astype("float32")
Y = np.zeros((32, 784), "float32")
PLAIN = (X / 255).reshape(32, 784)


class Seen(keras.losses.Loss):
    """Keeps what the model put out."""

    def __init__(self):
        super().__init__()
        self.outputs = []

    def call(self, y, outputs):
        self.outputs.append(np.array(outputs))
        return keras.ops.mean(outputs, axis=-1)


def test_when_keras_augments():
    pipeline = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])
    model = keras.Sequential([keras.Input((28, 28, 1)), pipeline, layers.Rescaling(1 / 255), layers.Flatten()])
    seen = Seen()
    model.compile("sgd", seen, run_eagerly=True)

    def handed_on(run):
        seen.outputs.clear()
        run()
        return np.concatenate(seen.outputs)

    found = {
        "pipeline(x)": not np.allclose(pipeline(X), X),
        "pipeline(x, training=False)": not np.allclose(pipeline(X, training=False), X),
        "model(x)": not np.allclose(model(X), PLAIN, atol=1e-5),
        "model.predict(x)": not np.allclose(model.predict(X, verbose=0), PLAIN, atol=1e-5),
        "model.evaluate(x, y)": not np.allclose(handed_on(lambda: model.evaluate(X, Y, verbose=0)), PLAIN, atol=1e-5),
        "model.fit(x, y)": not np.allclose(
            handed_on(lambda: model.fit(X, Y, shuffle=False, verbose=0)), PLAIN, atol=1e-5
        ),
    }
    assert found == reference.AUGMENTS
