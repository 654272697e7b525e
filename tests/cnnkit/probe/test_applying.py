"""Results of any kind are applied, and the notebook's own random state is restored."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.probe.applying import UnusableResult, use_result
from cnnkit.probe.built import BuiltNetwork

pytestmark = pytest.mark.tensorflow

IMAGES = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3)).astype("float32")


def pipeline():
    return keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])


def test_training_is_said_or_left_unsaid():
    assert np.array_equal(use_result(pipeline, images=IMAGES, training=False).outputs[0], IMAGES)
    assert not np.array_equal(use_result(pipeline, images=IMAGES, training=True).outputs[0], IMAGES)
    assert not np.array_equal(
        use_result(pipeline, images=IMAGES).outputs[0], IMAGES
    )  # these layers augment unless told


def test_a_seed_gives_the_same_again_and_every_call_draws_anew():
    one, other = (use_result(pipeline, images=IMAGES, training=True, times=2, seed=3) for _ in range(2))
    assert np.array_equal(one.outputs[0], other.outputs[0])
    assert not np.array_equal(one.outputs[0], one.outputs[1])


def test_the_notebook_s_random_numbers_go_on_as_before():
    def drawn(between):
        keras.utils.set_random_seed(1)
        keras.random.uniform(())
        between()
        return random.random(), np.random.rand(), float(keras.random.uniform(()))

    assert drawn(lambda: None) == drawn(lambda: use_result(pipeline, images=IMAGES, training=True))


def test_images_are_copied():
    given = IMAGES.copy()

    def spoils():
        return lambda images, training: images.fill(0)

    use_result(spoils, images=given, training=True, times=2)
    assert np.array_equal(given, IMAGES)


def test_weights_that_move_are_named():
    def normalised():
        return keras.Sequential([keras.Input((8, 8, 3)), layers.BatchNormalization(name="norm"), layers.Conv2D(2, 3)])

    moved = use_result(normalised, images=IMAGES, training=True).moved
    assert [path.split("/")[-1] for path in moved] == ["moving_mean", "moving_variance"]
    assert use_result(normalised, images=IMAGES, training=False).moved == ()


class Numbers(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.epoch = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return np.full(3, 10 * self.epoch + index), np.zeros(3)

    def on_epoch_end(self):
        self.epoch += 1


def test_data_sets_are_gone_through():
    first, second = use_result(Numbers, times=2).outputs
    assert [batch[0][0] for batch in first + second] == [0, 1, 10, 11]
    (batches,) = use_result(lambda: tf.data.Dataset.range(10).batch(4)).outputs
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert len(use_result(lambda: tf.data.Dataset.range(10).repeat()).outputs[0]) == 200
    assert [len(one) for one in use_result(lambda: iter([1, 2]), times=2).outputs] == [2, 0]


@pytest.mark.parametrize(
    ("returned", "asked", "words"),
    [
        (None, {"images": IMAGES}, "found None"),
        ([1], {"images": IMAGES}, r"type list\. Give the layers to keras\.Sequential"),
        (keras.Sequential, {"images": IMAGES}, "class Sequential itself"),
        (lambda images: images, {"images": IMAGES, "training": True}, r"takes `training`.*a function of \(images\)"),
        (3, {}, "gone through batch by batch"),
    ],
)
def test_what_cannot_be_used(returned, asked, words):
    with pytest.raises(UnusableResult, match=words):
        use_result(lambda: returned, **asked)


def test_in_the_notebook_tensors_are_arrays_and_misuse_is_a_mismatch():
    found = LiveEvidence({"f": pipeline}).used("f", images=IMAGES, training=False)
    assert isinstance(found.outputs[0], np.ndarray)
    with pytest.raises(Mismatch, match="`f`: expected something that can be called on images, found None"):
        LiveEvidence({"f": lambda: None}).used("f", images=IMAGES)


def test_an_argument_without_an_input_layer_takes_images_of_any_size():
    open_ = BuiltNetwork(sequence((None, 28, 28, 1), [("RandomBrightness", {"factor": 0.1})]), 1, is_open=True)
    for images in (IMAGES, IMAGES[0]):
        added = np.array(open_.live()(images, training=False)) - images
        assert not added.any()
    flip = BuiltNetwork(sequence((None, 28, 28, 1), [("RandomFlip", {"mode": "horizontal"})]), 1, is_open=True)
    copies = np.array(flip.live()(np.repeat(IMAGES[:1], 40, axis=0), training=True))
    assert {np.array_equal(copy, IMAGES[0]) for copy in copies} == {True, False}
