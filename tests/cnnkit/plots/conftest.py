"""Inputs shared by the tests of pictures, and functions that read a figure."""

import pytest

from cnnkit.networks.model_spec import LayerSpec, ModelSpec


def layer_spec(kind, shape, parameters=0, trainable=None, **config):
    return LayerSpec(kind, config, (None, *shape), parameters, parameters if trainable is None else trainable)


NETWORK = ModelSpec(
    (None, 28, 28, 1),
    (
        layer_spec(
            "Conv2D",
            (13, 13, 64),
            640,
            filters=64,
            kernel_size=(3, 3),
            strides=(2, 2),
            padding="valid",
            activation="relu",
        ),
        layer_spec(
            "Conv2D",
            (13, 13, 32),
            8224,
            filters=32,
            kernel_size=(2, 2),
            strides=(1, 1),
            padding="same",
            activation="relu",
        ),
        layer_spec("MaxPooling2D", (12, 12, 32), pool_size=(2, 2), strides=(1, 1), padding="valid"),
        layer_spec("Dropout", (12, 12, 32), rate=0.35),
        layer_spec("Flatten", (4608,)),
        layer_spec("Dense", (256,), 1179904, units=256, activation="tanh"),
        layer_spec("Dropout", (256,), rate=0.5),
        layer_spec("Dense", (10,), 2570, units=10, activation="softmax"),
    ),
    (7,),
    1191338,
    1191338,
)

HISTORIES = {
    "adam": {"loss": [0.19, 0.07, 0.05], "val_loss": [0.051, 0.042, 0.04]},
    "sgd": {"loss": [0.9, 0.45, 0.36], "val_loss": [0.4, 0.3, 0.28]},
    "adadelta": {"loss": [2.3, 2.29, 2.28]},
}


@pytest.fixture
def layer():
    """Make a layer's spec."""
    return layer_spec


@pytest.fixture
def network():
    """A network of two convolutions and two dense layers."""
    return NETWORK


@pytest.fixture
def histories():
    """Three runs, one without validation."""
    return HISTORIES


@pytest.fixture(scope="session")
def words():
    """Every text in a figure's axes."""

    def found(figure):
        texts = [text for ax in figure.axes for text in [*ax.texts, ax.title, ax._left_title]]
        return [text.get_text() for text in texts if text.get_text()]

    return found


@pytest.fixture
def png_size(tmp_path):
    """Bytes of a figure as PNG."""

    def size(figure):
        figure.savefig(tmp_path / "picture.png", dpi=100)
        return (tmp_path / "picture.png").stat().st_size

    return size
