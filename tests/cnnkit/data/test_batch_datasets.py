import random

import numpy as np
import pytest

import cnnkit
from cnnkit import data, session
from cnnkit.data.batch_order import epoch_order

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def fifty():
    """50 images, each of one grey that tells which it is, in 7 batches of 8."""
    from cnnkit.data.batch_datasets import Batches

    greys = np.arange(50, dtype=np.uint8)
    pixels = np.broadcast_to(greys[:, None, None], (50, 4, 4))
    return Batches(pixels, greys % 10, batch_size=8, seed=5)


@pytest.fixture
def network():
    """A network that remembers the greys that training showed it, in order."""
    import keras

    class Watching(keras.Model):
        def __init__(self):
            super().__init__()
            self.flatten = keras.layers.Flatten()
            self.dense = keras.layers.Dense(10, activation="softmax")
            self.seen = []

        def call(self, x):
            return self.dense(self.flatten(x))

        def train_step(self, batch):
            self.seen.extend(np.rint(batch[0].numpy()[:, 0, 0, 0] * 255).astype(int).tolist())
            return super().train_step(batch)

    model = Watching()
    model.compile(optimizer="sgd", loss="categorical_crossentropy", run_eagerly=True)
    return model


def expected(epochs, seed=5):
    return np.concatenate([epoch_order(seed, epoch, 50) for epoch in epochs]).tolist()


def test_mnist_is_split_without_the_test_images():
    train, val = data.batches("mnist")
    (x_train, y_train), _ = data.load("mnist")
    assert (train.images, val.images) == (55_000, 5_000)
    assert (len(train), len(val)) == (430, 40)
    images, labels = val[39]
    assert (images.shape, labels.shape) == ((8, 28, 28, 1), (8, 10))
    assert np.array_equal(np.rint(images[..., 0] * 255), x_train[-8:])
    assert np.array_equal(labels.argmax(axis=1), y_train[-8:])
    assert train.order(0).max() == 54_999


def test_a_batch_is_float32_within_0_and_1_and_one_hot():
    train, _ = data.batches("mnist", batch_size=100)
    images, labels = train[0]
    assert (images.dtype, labels.dtype) == (np.float32, np.float32)
    assert (images.shape, labels.shape) == ((100, 28, 28, 1), (100, 10))
    assert (images.min(), images.max()) == (0, 1)
    assert np.array_equal(labels.sum(axis=1), np.ones(100))
    (x_train, y_train), _ = data.load("mnist")
    chosen = train.order(0)[:100]
    assert np.array_equal(images[..., 0], x_train[chosen].astype("float32") / 255)
    assert np.array_equal(labels.argmax(axis=1), y_train[chosen])


def test_quick_mode_has_fewer_training_images_and_the_same_validation():
    train, val = data.batches("mnist", quick=True)
    assert (train.images, val.images, train.order(3).max()) == (12_000, 5_000, 11_999)
    assert np.array_equal(val[0][0], data.batches("mnist")[1][0][0])


def test_a_border_of_zeros():
    plain, bordered = (data.batches("mnist", quick=True, seed=1, size=size) for size in (None, 32))
    for without, having in zip(plain, bordered, strict=True):
        (images, labels), (larger, same) = without[0], having[0]
        assert larger.shape == (128, 32, 32, 1)
        np.testing.assert_array_equal(larger[:, 2:-2, 2:-2], images)
        assert larger.sum() == images.sum()
        np.testing.assert_array_equal(labels, same)


def test_fashion_mnist_is_split_like_mnist():
    train, val = data.batches("fashion_mnist")
    (x_train, y_train), _ = data.load("fashion_mnist")
    assert (train.images, val.images, train.order(0).max()) == (55_000, 5_000, 54_999)
    images, labels = val[39]
    assert (images.shape, labels.shape) == ((8, 28, 28, 1), (8, 10))
    assert np.array_equal(np.rint(images[..., 0] * 255), x_train[-8:])
    assert np.array_equal(labels.argmax(axis=1), y_train[-8:])


@pytest.mark.parametrize(("quick", "count"), [(False, 256), (True, 128)])
def test_birds_and_mammals_are_in_colour_and_split_by_photograph(quick, count):
    train, val = data.batches("birds_mammals", quick=quick, batch_size=16)
    (x_train, y_train), _ = data.load("birds_mammals")
    photographs, _ = data.photographs("birds_mammals")
    assert (train.images, val.images) == (count, 80)
    images, labels = train[0]
    assert (images.shape, labels.shape) == ((16, 96, 96, 3), (16, 2))
    assert np.array_equal(np.rint(images * 255), x_train[train.order(0)[:16]])
    assert np.array_equal(labels.argmax(axis=1), y_train[train.order(0)[:16]])
    assert np.array_equal(np.rint(val[4][0] * 255), x_train[-16:])
    assert not set(photographs[train.order(0)].tolist()) & set(photographs[-80:].tolist())


def test_colour_images_keep_their_channels():
    from cnnkit.data.batch_datasets import Batches

    pixels = np.full((3, 4, 5, 3), 51, np.uint8)
    images, _ = Batches(pixels, np.array([1, 2, 0]), classes=3, batch_size=2)[0]
    assert images.shape == (2, 4, 5, 3)
    assert np.allclose(images, 0.2)


def test_first_is_a_data_set_of_its_own(fifty):
    assert (fifty.first(20).images, len(fifty.first(20)), fifty.first(99).images) == (20, 3, 50)
    assert np.array_equal(np.sort(fifty.first(20).order(0)), np.arange(20))


def test_the_seed_is_that_of_the_session(monkeypatch):
    monkeypatch.setattr(session, "_current", None)
    assert data.batches(quick=True)[0].seed == 0
    started = cnnkit.start("mnist_convnet", student="s1")
    assert data.batches(quick=True)[0].seed == started.seed
    assert data.batches(quick=True, seed=7)[0].seed == 7


def test_fit_is_served_the_known_order_whatever_the_global_generators_say(fifty, network):
    for state in (1, 2):
        random.seed(state)
        np.random.seed(state)
        network.seen.clear()
        network.fit(fifty, epochs=3, verbose=0)  # shuffle=True, Keras's default
        assert network.seen == expected([0, 1, 2])


def test_validation_is_in_the_order_of_the_arrays_every_time(fifty, network):
    fifty.seed = None
    fifty.set_epoch(1)
    network.fit(fifty, epochs=2, verbose=0)
    assert network.seen == [*range(50), *range(50)]


def test_evaluating_on_the_training_images_leaves_the_count_alone_when_epochs_are_set(fifty, network):
    import keras

    class Recorder(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            fifty.set_epoch(epoch)

        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(fifty, verbose=0)

    network.fit(fifty, epochs=3, validation_data=fifty.first(8), callbacks=[Recorder()], verbose=0)
    assert network.seen == expected([0, 1, 2])


def test_an_interrupted_run_does_not_disturb_the_next(fifty, network):
    import keras

    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.fit(fifty, epochs=2, callbacks=[Interrupt()], verbose=0)
    network.seen.clear()
    fifty.set_epoch(0)
    network.fit(fifty, epochs=2, verbose=0)
    assert network.seen == expected([0, 1])


def test_outside_an_epoch_an_index_means_what_it_says(fifty):
    whole = np.concatenate([fifty[i][0][:, 0, 0, 0] for i in range(len(fifty))])
    assert np.rint(whole * 255).astype(int).tolist() == expected([0])
    fifty.set_epoch(4)
    whole = np.concatenate([images[:, 0, 0, 0] for images, _ in fifty])
    assert np.rint(whole * 255).astype(int).tolist() == expected([4])
    assert np.array_equal(fifty[-1][0], fifty[6][0])


@pytest.mark.parametrize("index", [7, -8, 10**9])
def test_a_batch_that_is_not_there(fifty, index):
    with pytest.raises(IndexError, match=f"expected a batch from 0 to 6, found {index}"):
        fifty[index]


def test_pixels_may_stay_as_they_are():
    scaled, raw = (data.batches("birds_mammals", batch_size=4, scaled=scaled)[0] for scaled in (True, False))
    images, labels = raw.first(8)[0]
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, scaled.first(8)[0][0] * 255, rtol=1e-5)
    assert np.array_equal(labels, scaled.first(8)[0][1])
    assert images.max() > 100


def test_features_come_in_the_order_of_images_with_labels_in_a_column(fifty):
    greys = np.arange(50)
    features = data.feature_batches(np.broadcast_to(greys[:, None, None, None], (50, 2, 2, 3)), greys % 2, batch_size=8)
    again = type(features)(np.zeros((50, 1)), greys % 2, batch_size=8, seed=5)
    assert (len(features), features.images, features.batch_size) == (7, 50, 8)
    maps, labels = features[0]
    assert (maps.shape, labels.shape, maps.dtype, labels.dtype) == ((8, 2, 2, 3), (8, 1), "float32", "float32")
    assert np.array_equal(maps[:, 0, 0, 0] % 2, labels[:, 0])
    assert again.order(3).tolist() == fifty.order(3).tolist()
    assert features.first(10).images == 10
    assert len(features.first(10)[1][0]) == 2


def test_features_for_validation_stay_in_their_order():
    still = data.feature_batches(np.arange(20.0)[:, None], np.arange(20) % 2, batch_size=8, shuffle=False)
    assert np.concatenate([maps[:, 0] for maps, _ in still]).tolist() == list(range(20))
    with pytest.raises(data.DataError, match="expected a label for each of 20 arrays of features, found 19 labels"):
        data.feature_batches(np.zeros((20, 1)), np.zeros(19))


def test_data_of_the_course_say_what_they_are():
    train, val = data.batches("fashion_mnist", quick=True, size=32)
    assert train.origin == {"name": "fashion_mnist", "images": 12_000, "size": 32, "scaled": 1.0}
    assert val.origin == train.origin | {"images": 5_000}
    assert train.first(200).origin == train.origin | {"images": 200}
    assert train.first(20_000).origin == train.origin
    assert data.batches("birds_mammals", scaled=False)[0].origin == {
        "name": "birds_mammals",
        "images": 256,
        "size": 0,
        "scaled": 0.0,
    }


def test_data_of_another_origin_say_nothing(fifty):
    assert fifty.origin is None
    assert fifty.first(3).origin is None
    assert data.feature_batches(np.zeros((20, 1)), np.zeros(20)).origin is None
