"""Weights files: found where people put them, checked before they are used, and no network in any test."""

import hashlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from cnnkit import pretrained
from cnnkit.pretrained import WeightsError, locate

ROOT = Path(__file__).parents[2]
CONTENT = b"pretend that this is a network"

# Before the fixture forbids them.
weights_download = pretrained._download
weights_answers = pretrained._answers


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine with an empty Keras cache and no network; a small file stands for VGG16's."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("CNNKIT_WEIGHTS", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    small = pretrained.PublishedWeights("vgg16_notop.h5", "https://example.invalid/vgg16_notop.h5", md5(CONTENT))
    monkeypatch.setitem(pretrained.FILES, "VGG16", small)
    monkeypatch.setattr(pretrained, "_answers", lambda url, seconds: False)
    monkeypatch.setattr(pretrained, "_download", lambda name, cache: pytest.fail("a test must not download"))
    return tmp_path


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def put(folder, content=CONTENT, name="vgg16_notop.h5"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_in_a_folder_that_is_named(machine, capsys):
    path = put(machine / "course")
    assert locate("VGG16", folder=machine / "course") == path
    assert locate("VGG16", folder=str(machine / "course")) == path
    assert capsys.readouterr().out == ""


def test_in_the_folder_of_the_environment(machine, monkeypatch):
    monkeypatch.setenv("CNNKIT_WEIGHTS", str(machine / "course"))
    path = put(machine / "course")
    assert locate("VGG16") == path


def test_the_folder_in_the_call_comes_before_the_environment(machine, monkeypatch):
    monkeypatch.setenv("CNNKIT_WEIGHTS", str(machine / "nowhere"))
    assert locate("VGG16", folder=put(machine / "own").parent) == machine / "own" / "vgg16_notop.h5"


def test_in_the_cache_of_keras(machine):
    path = put(machine / "keras" / "models")
    assert locate("VGG16") == path


def test_a_folder_without_the_file_leaves_the_cache(machine):
    path = put(machine / "keras" / "models")
    (machine / "empty").mkdir()
    assert locate("VGG16", folder=machine / "empty") == path


def test_the_cache_in_the_home_directory(machine, monkeypatch):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(machine))
    assert pretrained.keras_cache() == machine / ".keras" / "models"
    monkeypatch.setattr(pretrained.os, "access", lambda path, mode: False)
    assert pretrained.keras_cache().parent.parent != machine
    monkeypatch.setenv("KERAS_HOME", "~/elsewhere")
    assert pretrained.keras_cache() == machine / "elsewhere" / "models"


def test_offline_it_says_so_and_goes_on(machine, capsys):
    assert locate("VGG16") is None

    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert f"not found: vgg16_notop.h5 is not in {machine / 'keras' / 'models'}" in said
    assert "example.invalid cannot be reached from this machine" in said
    assert "goes on with random weights" in said
    assert "expect an accuracy of about 0.7 on birds and mammals, where a coin has 0.5" in said


def test_every_place_that_was_looked_in_is_named(machine, capsys):
    (machine / "course").mkdir()
    locate("VGG16", folder=machine / "course", download=False)
    said = capsys.readouterr().out
    assert f"is not in {machine / 'course'} or {machine / 'keras' / 'models'}, and downloading was not asked" in said


def test_while_grading_nothing_is_downloaded_or_raised(machine, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(pretrained, "_answers", lambda url, seconds: pytest.fail("asked the network"))

    assert locate("VGG16") is None
    assert "while a notebook is graded nothing is downloaded" in capsys.readouterr().out
    assert locate("VGG16", folder="/of/the/students/own") is None
    assert "not used here: expected a folder with weights files" in capsys.readouterr().out
    put(machine / "keras" / "models", b"cut off")
    assert locate("VGG16") is None
    assert "is not the file that Keras publishes" in capsys.readouterr().out
    path = put(machine / "keras" / "models")
    assert locate("VGG16") == path


def test_a_damaged_file_is_an_error(machine):
    path = put(machine / "course", CONTENT[:-1])
    with pytest.raises(WeightsError) as caught:
        locate("VGG16", folder=machine / "course")
    assert f"{path} is not the file that Keras publishes for VGG16" in str(caught.value)
    assert f"expected md5 {md5(CONTENT)}, found {md5(CONTENT[:-1])} (29 bytes)" in str(caught.value)
    assert "delete it" in str(caught.value)


def test_a_mended_file_is_looked_at_again(machine):
    put(machine / "course", CONTENT[:-1])
    with pytest.raises(WeightsError):
        locate("VGG16", folder=machine / "course")
    assert locate("VGG16", folder=put(machine / "course").parent) is not None


def test_a_file_that_cannot_be_read(machine, monkeypatch):
    path = put(machine / "course")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pretrained, "_digest", refuse)
    with pytest.raises(WeightsError, match=r"expected to read .*Permission denied"):
        pretrained.check_weights(path, "VGG16")


@pytest.mark.parametrize(
    ("name", "guess"), [("vgg16", "VGG16"), ("VGG-16", "VGG16"), ("Resnet", "ResNet50"), ("inception", "InceptionV3")]
)
def test_another_spelling_is_guessed(name, guess):
    with pytest.raises(WeightsError, match=rf"found '{name}'\. Did you mean '{guess}'\?"):
        locate(name)


def test_an_unknown_network_is_told_with_those_there_are():
    with pytest.raises(WeightsError, match=r"expected one of VGG16, ResNet50, InceptionV3, MobileNet, found 'xyz'\.$"):
        locate("xyz")


def test_a_folder_that_is_none(machine, monkeypatch):
    with pytest.raises(WeightsError, match=r"in folder=, found '.*gone', which is none"):
        locate("VGG16", folder=machine / "gone")
    monkeypatch.setenv("CNNKIT_WEIGHTS", str(machine / "gone"))
    with pytest.raises(WeightsError, match="the environment variable CNNKIT_WEIGHTS"):
        locate("VGG16")


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_a_file_without_a_published_checksum_has_to_be_complete(machine, version):
    name = pretrained.FILES["MobileNet"].file
    path = put(machine / "course", b"", name)
    with h5py.File(path, "w", libver=version) as file:
        file["kernel"] = np.arange(1000.0)
    assert locate("MobileNet", folder=machine / "course") == path


DAMAGED = {
    "without its end": lambda whole: whole[:-100],
    "without its last byte": lambda whole: whole[:-1],
    "without its second half": lambda whole: whole[: len(whole) // 2],
    "not even its head": lambda whole: whole[:40],
    "its signature only": lambda whole: whole[:8],
    "empty": lambda whole: b"",
    "a page that asks for a password": lambda whole: b"<html>please log in</html>" * 9,
    "another format": lambda whole: b"PK\x03\x04" + bytes(len(whole)),
    "zeros": lambda whole: bytes(len(whole)),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_a_damaged_file_without_a_published_checksum_is_refused(machine, version, name):
    path = put(machine / "course", b"", pretrained.FILES["MobileNet"].file)
    with h5py.File(path, "w", libver=version) as file:
        file["kernel"] = np.arange(1000.0)
    path.write_bytes(DAMAGED[name](path.read_bytes()))
    with pytest.raises(WeightsError, match="no complete weights file"):
        locate("MobileNet", folder=machine / "course")
    path.unlink()  # HDF5 has closed it


def test_h5py_is_imported_only_where_a_file_has_to_be_looked_at():
    code = "import sys, cnnkit.weights; cnnkit.weights.keras_cache(); print('h5py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


class Downloads:
    """`keras.utils.get_file` without a network: writes what the server would send, or fails as Keras does."""

    def __init__(self, sent=CONTENT, error=None):
        self.sent, self.error, self.calls, self.timeout = sent, error, [], None

    def __call__(self, fname, origin, *, cache_subdir, file_hash):
        self.calls.append((fname, origin, file_hash))
        self.timeout = socket.getdefaulttimeout()
        target = pretrained.Path(cache_subdir) / fname
        target.write_bytes(self.sent)
        if self.error is not None:
            raise self.error
        if file_hash is not None and md5(self.sent) != file_hash:
            raise ValueError("Incomplete or corrupted file detected.")
        return str(target)


@pytest.fixture
def online(monkeypatch):
    """A machine whose network sends what the given Downloads sends."""

    def connect(downloads):
        monkeypatch.setattr(pretrained, "_answers", lambda url, seconds: True)
        monkeypatch.setattr(pretrained, "_download", weights_download)
        monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(utils=SimpleNamespace(get_file=downloads)))
        return downloads

    return connect


def test_a_download_ends_in_the_cache_of_keras(machine, online):
    downloads = online(Downloads())
    before = socket.getdefaulttimeout()

    path = locate("VGG16")

    assert path == machine / "keras" / "models" / "vgg16_notop.h5"
    assert path.read_bytes() == CONTENT
    assert downloads.calls == [("vgg16_notop.h5", "https://example.invalid/vgg16_notop.h5", md5(CONTENT))]
    assert downloads.timeout == pretrained.STALLED  # a network that falls silent is given up
    assert socket.getdefaulttimeout() == before
    assert locate("VGG16") == path
    assert len(downloads.calls) == 1


@pytest.mark.parametrize(
    ("downloads", "reason"),
    [
        (Downloads(CONTENT[:5], Exception("URL fetch failure on https://…: 403 -- Forbidden")), "403 -- Forbidden"),
        (Downloads(CONTENT[:5], TimeoutError("The read operation timed out")), "timed out"),
        (Downloads(b"<html>please log in</html>"), "Incomplete or corrupted file"),
    ],
)
def test_a_download_that_fails_leaves_nothing_behind(machine, online, capsys, downloads, reason):
    online(downloads)
    assert locate("VGG16") is None
    said = capsys.readouterr().out
    assert "the download failed (" in said
    assert reason in said
    assert [path for path in machine.rglob("*") if path.is_file()] == []


def test_what_comes_without_a_checksum_is_looked_at_too(machine, online, capsys):
    online(Downloads(b"<html>please log in</html>"))
    assert locate("MobileNet") is None
    assert "no complete weights file" in capsys.readouterr().out
    assert [path for path in machine.rglob("*") if path.is_file()] == []


def test_nothing_is_waited_for_longer_than_a_moment(monkeypatch):
    let_go = threading.Event()

    def hang(*_, **__):
        let_go.wait(20)
        raise OSError

    monkeypatch.setattr(pretrained.urllib.request, "urlopen", hang)
    start = time.monotonic()
    try:
        assert weights_answers("https://example.invalid/file", 0.1) is False
    finally:
        let_go.set()
    assert time.monotonic() - start < 5


def test_an_error_page_is_no_answer(monkeypatch):
    def refuse(*_, **__):
        raise pretrained.urllib.error.HTTPError("https://example.invalid", 404, "Not Found", None, None)

    monkeypatch.setattr(pretrained.urllib.request, "urlopen", refuse)
    assert weights_answers("https://example.invalid/file", 5) is False


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", ["VGG16", "ResNet50", "InceptionV3", "MobileNet"])
def test_the_files_are_those_that_the_installed_keras_would_load(name, monkeypatch):
    """If this fails Keras has published other weights: take name, address and checksum over from its source."""
    monkeypatch.undo()  # the real table
    import keras
    from keras.src.utils import file_utils

    from cnnkit.networks.describe.weightless import building_without_weights

    asked = []

    class Asked(Exception):
        pass

    def get_file(fname, origin, cache_subdir="", file_hash="", **_):
        asked.append((fname, origin, cache_subdir, file_hash))
        raise Asked

    monkeypatch.setattr(file_utils, "get_file", get_file)
    with building_without_weights(), pytest.raises(Asked):
        getattr(keras.applications, name)(include_top=False, weights="imagenet", input_shape=(224, 224, 3))
    published = pretrained.FILES[name]
    assert asked == [(published.file, published.url, "models", published.md5)]
