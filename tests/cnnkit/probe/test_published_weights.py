"""A request for published weights succeeds without a network, loads nothing and leaves no file."""

import os
import urllib.request
from pathlib import Path

import keras
import pytest

from cnnkit.checks.evidence import StudentError
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.checks.registry import public_checks
from cnnkit.mismatch import Mismatch
from cnnkit.networks.describe.weightless import building_without_weights
from cnnkit.probe.published_weights import PUBLISHERS, has_published_name, is_published, published_weights_left_out

pytestmark = pytest.mark.tensorflow

SIZE = (96, 96, 3)
FILE = "mobilenet_1_0_224_tf_no_top.h5"
ADDRESS = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/{FILE}"
get_file = keras.utils.get_file  # bound before any check, as a notebook's import binds it
urlretrieve = urllib.request.urlretrieve


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """No network, and a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("socket.create_connection", lambda *args, **kwargs: pytest.fail("a test must not download"))


def mobilenet(**settings):
    return keras.applications.MobileNet(**{"include_top": False, "input_shape": SIZE, **settings})


def loaded_later(path):
    base = mobilenet(weights=None)
    base.load_weights(path)
    return base


REQUESTS = {
    "written out": lambda: mobilenet(weights="imagenet"),
    "by default": lambda: mobilenet(),
    "by position": lambda: keras.applications.MobileNet(SIZE, 1.0, 1, 0.001, False, "imagenet"),
    "by name": lambda: getattr(keras.applications, "MobileNet")(include_top=False, input_shape=SIZE),  # noqa: B009
    "another network": lambda: keras.applications.EfficientNetV2B0(include_top=False, input_shape=SIZE),
    "with its top": lambda: keras.applications.VGG16(),
    "get_file": lambda: mobilenet(weights=get_file(FILE, ADDRESS)),
    "get_file under a name of one's own": lambda: mobilenet(weights=get_file("mine.h5", origin=ADDRESS)),
    "get_file with a checksum": lambda: loaded_later(get_file(FILE, ADDRESS, file_hash="0" * 32)),
    "get_file in another folder": lambda: loaded_later(get_file(origin=ADDRESS, cache_dir=".", cache_subdir="w")),
    "urlretrieve": lambda: loaded_later(urllib.request.urlretrieve(ADDRESS, "copy.h5")[0]),
    "Keras's cache": lambda: loaded_later(os.path.expanduser(f"~/.keras/models/{FILE}")),
    "beside the notebook": lambda: mobilenet(weights=FILE),
    "a path object": lambda: loaded_later(Path("/content") / FILE),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_request_for_published_weights_is_answered_without_them(request_, tmp_path):
    with building_without_weights() as scope, published_weights_left_out():
        network = request_()

    assert network.count_params() > 3_000_000
    assert scope.needed == ""
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_asked_for_is_known_and_not_written():
    with published_weights_left_out() as asked:
        path = get_file("left_out.h5", ADDRESS)

    assert asked == {path}
    assert not os.path.exists(path)


def test_afterwards_keras_is_as_it_was():
    from keras.src.saving import saving_api
    from keras.src.utils import file_utils

    names = [(file_utils, "urlretrieve"), (file_utils, "exists"), (saving_api, "load_weights")]
    before = [getattr(*name) for name in names]
    with pytest.raises(ZeroDivisionError), published_weights_left_out():
        1 / 0  # noqa: B018

    assert [getattr(*name) for name in names] == before
    assert urllib.request.urlretrieve is urlretrieve


def test_a_file_of_ones_own_is_loaded_or_missing_as_always(tmp_path):
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    network.save_weights(tmp_path / "best.weights.h5")
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    with published_weights_left_out():
        other.load_weights(tmp_path / "best.weights.h5")
        with pytest.raises(ValueError, match="should be either"):
            mobilenet(weights="no such file.weights.h5")

    assert float(other.get_weights()[0].sum()) == 2.0


def test_data_sets_and_other_addresses_are_no_published_weights():
    assert not is_published("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz")
    assert not is_published("https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json")
    assert not is_published("https://example.org/storage.googleapis.com/tensorflow/weights.h5")
    assert not has_published_name("vgg16.weights.h5")


def test_keras_publishes_nothing_elsewhere():
    """The addresses in the source of the installed keras.applications."""
    folder = Path(keras.__file__).parent / "src" / "applications"
    texts = [text for path in folder.glob("*.py") for text in path.read_text("utf-8").split('"')]
    bases = {text.removeprefix("https://") for text in texts if text.startswith("https://") and text.endswith("/")}

    assert len(bases) > 3
    assert [base for base in bases if not base.startswith(PUBLISHERS)] == []


def test_imagenet_written_out_costs_one_public_check():
    def build_transfer_model(backbone, input_shape, weights=None):
        base = getattr(keras.applications, backbone)(include_top=False, weights="imagenet", input_shape=input_shape)
        base.trainable = False
        inputs = keras.Input(input_shape)
        x = base(inputs, training=False)
        x = keras.layers.Flatten()(x) if backbone == "VGG16" else keras.layers.GlobalAveragePooling2D()(x)
        x = keras.layers.Dense(128, activation="relu")(x)
        return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))

    evidence = LiveEvidence({"build_transfer_model": build_transfer_model})
    failed = {}
    for check in public_checks("transfer_learning").of("model"):
        try:
            check.run(evidence)
        except (Mismatch, StudentError) as error:
            failed[check.run.__name__] = error
    (error,) = failed.values()

    assert list(failed) == ["weights_passed_on"]
    assert "imagenet" in error.hint
