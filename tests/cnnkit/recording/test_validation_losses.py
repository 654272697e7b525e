"""Losses image by image: packing, agreement with the validation loss, and evaluating without a trace."""

import base64
import math
import random

import numpy as np
import pytest

from cnnkit.recording.validation_losses import (
    disagreement,
    packed_answers,
    packed_losses,
    piece_means,
    right_answers,
    unpacked_answers,
    unpacked_losses,
    validate_by_image,
)


def test_packing_loses_half_precision_only():
    dice = np.random.default_rng(1)
    losses, right = np.exp(dice.normal(-4, 3, 5_000)), dice.uniform(size=5_000) < 0.9
    assert np.allclose(unpacked_losses(packed_losses(losses)), losses, rtol=5e-4, atol=6e-8)
    assert (unpacked_answers(packed_answers(right), 5_000) == right).all()
    assert len(packed_losses(losses)) + len(packed_answers(right)) < 14_200
    assert unpacked_losses("").shape == unpacked_answers("", 0).shape == (0,)


@pytest.mark.parametrize("value", [math.nan, -1.0, 1e9])
def test_numbers_that_are_no_losses(value):
    with pytest.raises(ValueError, match="negative or not finite"):
        unpacked_losses(packed_losses(np.array([value])))


@pytest.mark.parametrize("text", ["x", "%%%%", "é", base64.b64encode(b"123").decode()])
def test_texts_that_are_no_losses(text):
    with pytest.raises(ValueError):  # noqa: PT011
        unpacked_losses(text)


@pytest.mark.parametrize(
    ("text", "images"), [("%", 3), (packed_answers(np.ones(8, bool)), 9), ("/w==", 7), ("/w==", 0)]
)
def test_texts_that_are_no_answers(text, images):
    with pytest.raises(ValueError):  # noqa: PT011
        unpacked_answers(text, images)


@pytest.mark.parametrize(
    ("factor", "agrees"), [(1.0, True), (1.0019, True), (1.0025, False), (0.9975, False), (math.nan, False)]
)
def test_the_mean_is_the_validation_loss(factor, agrees):
    losses, right = np.full(100, 0.5), np.ones(100, bool)
    assert (disagreement(losses, right, 0.5 * factor, 1.0) is None) == agrees


@pytest.mark.parametrize(("accuracy", "agrees"), [(1.0, True), (0.98, True), (0.97, False), (None, True)])
def test_the_right_answers_are_the_accuracy(accuracy, agrees):
    said = disagreement(np.full(100, 0.5), np.ones(100, bool), 0.5, accuracy)
    assert (said is None) == agrees
    assert agrees or said == "Image by image 100 validation images are classified right, by its last accuracy 97."


def test_pieces_are_every_fiftieth_image():
    losses = np.arange(130.0)
    found = piece_means(losses)
    assert found.shape == (50,)
    assert found[1] == np.mean([1, 51, 101])
    assert found[49] == np.mean([49, 99])


@pytest.mark.parametrize(
    ("outputs", "labels", "right"),
    [
        ([[0.2, 0.8], [0.9, 0.1]], [[0, 1], [0, 1]], [True, False]),
        ([[0.6], [0.4], [0.6]], [[1], [0], [0]], [True, True, False]),
    ],
)
def test_right_answers(outputs, labels, right):
    assert right_answers(np.array(outputs), np.array(labels)).tolist() == right


@pytest.mark.parametrize(("outputs", "labels"), [((3, 2), (3, 1)), ((3,), (3,)), ((3, 2, 2), (3, 2, 2))])
def test_outputs_that_do_not_fit_the_labels(outputs, labels):
    with pytest.raises(ValueError, match="expected outputs of shape"):
        right_answers(np.zeros(outputs), np.zeros(labels))


@pytest.mark.tensorflow
@pytest.mark.parametrize("eager", [False, True])
def test_given_weights_are_evaluated_and_nothing_is_changed(eager):
    """A layer that draws and keeps its means up to date in prediction too would give a trace away."""
    import keras
    from keras import layers

    from cnnkit.data import Batches

    keras.utils.set_random_seed(5)
    image = x = keras.Input((4, 4, 1))
    x = layers.BatchNormalization()(x, training=True)
    x = layers.Dropout(0.4)(layers.Flatten()(x), training=True)
    model = keras.Model(image, layers.Dense(10, activation="softmax")(x))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    model.compile("adam", loss, metrics=["accuracy"], run_eagerly=eager)
    dice = np.random.default_rng(3)
    val = Batches(dice.integers(0, 256, (300, 4, 4), dtype=np.uint8), np.arange(300) % 10, seed=None)
    model.fit(val, epochs=1, verbose=0)
    before = [
        np.array(variable) for variable in [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    ]
    random.seed(1)
    np.random.seed(1)
    python, numpy = random.getstate(), np.random.get_state()[1].copy()
    values = [(model.layers[-1].kernel, np.zeros((16, 10))), (model.layers[-1].bias, np.eye(10)[3] * 50)]
    losses, right = validate_by_image(model, values, val)
    assert losses.shape == right.shape == (300,)
    assert right.tolist() == [number % 10 == 3 for number in range(300)]
    after = [
        np.array(variable) for variable in [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    ]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))
    assert random.getstate() == python
    assert (np.random.get_state()[1] == numpy).all()
    assert model.losses == []
