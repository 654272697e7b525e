import hashlib
import json
import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest

from cnnkit.data import datasets
from cnnkit.data.datasets import DataError


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder with one data set of three images, found instead of the real ones."""
    folder = tmp_path / "datasets"
    folder.mkdir()
    np.savez_compressed(
        folder / "small.npz",
        x_train=np.zeros((2, 28, 28), np.uint8),
        y_train=np.array([3, 4], np.uint8),
        x_test=np.zeros((1, 28, 28), np.uint8),
        y_test=np.array([5], np.uint8),
    )
    body = (folder / "small.npz").read_bytes()
    description = {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
    (folder / "small.json").write_text(json.dumps(description))
    monkeypatch.setattr(datasets, "folder", lambda: folder)
    return folder


def test_mnist_has_keras_layout(data_set):
    (x_train, y_train), (x_test, y_test) = data_set("mnist")
    assert (x_train.shape, x_test.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert (y_train.shape, y_test.shape) == ((60_000,), (10_000,))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]  # the first five digits everyone knows
    assert y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert (x_train.min(), x_train.max()) == (0, 255)


def test_fashion_mnist_has_keras_layout(data_set):
    (x_train, y_train), (x_test, y_test) = data_set("fashion_mnist")
    assert (x_train.shape, x_test.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    assert y_train[:5].tolist() == [9, 0, 0, 3, 0]  # an ankle boot, as everyone's
    assert np.bincount(y_train).tolist() == [6_000] * 10
    assert np.bincount(y_test).tolist() == [1_000] * 10
    assert (x_train.min(), x_train.max()) == (0, 255)


def test_birds_and_mammals_are_in_colour(data_set):
    (x_train, y_train), (x_test, y_test) = data_set("birds_mammals")
    assert (x_train.shape, x_test.shape) == ((336, 96, 96, 3), (96, 96, 96, 3))
    assert (y_train.shape, y_test.shape) == ((336,), (96,))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    assert set(y_train.tolist()) == set(y_test.tolist()) == {0, 1}
    assert (x_train[..., 0] != x_train[..., 2]).mean() > 0.5


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "birds_mammals"])
def test_every_label_has_a_name(name, data_set):
    (_, y_train), (_, y_test) = data_set(name)
    names = datasets.class_names(name)
    assert set(y_train.tolist()) == set(y_test.tolist()) == set(range(len(names)))
    assert len(set(names)) == len(names)


def test_the_names_of_the_classes():
    assert datasets.class_names("mnist") == list("0123456789")
    assert datasets.class_names("birds_mammals") == ["bird", "mammal"]
    clothes = datasets.class_names("fashion_mnist")
    assert (clothes[0], clothes[1], clothes[9]) == ("T-shirt/top", "Trouser", "Ankle boot")


def test_photographs_are_numbered_for_each_image_and_never_on_both_sides(data_set):
    (x_train, _), (x_test, _) = data_set("birds_mammals")
    photo_train, photo_test = datasets.photographs()
    assert (photo_train.shape, photo_test.shape) == ((len(x_train),), (len(x_test),))
    assert not set(photo_train.tolist()) & set(photo_test.tolist())


def test_photographs_where_each_image_is_one_of_its_own():
    with pytest.raises(DataError, match=r"show one photograph \(birds_mammals\), found 'mnist', whose images are"):
        datasets.photographs("mnist")


@pytest.mark.parametrize("function", [datasets.load, datasets.class_names, datasets.photographs, datasets.batches])
def test_every_function_suggests_the_nearest_name(function):
    with pytest.raises(DataError, match=r"no data set 'fashion-mnst'.* Did you mean 'fashion_mnist'\?"):
        function("fashion-mnst")


def test_a_python_without_lzma_is_told_apart_from_a_damaged_file(small, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise RuntimeError("Compression requires the (missing) lzma module")

    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(DataError, match=r"can unpack small\.npz, found one .*\(missing\) lzma.* Use the course's"):
        datasets.load("small")


def test_load_needs_no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert len(datasets.load("birds_mammals")[0][0]) == 336


def test_each_call_gives_arrays_of_its_own(small):
    datasets.load("small")[0][0][:] = 255
    assert datasets.load("small")[0][0].max() == 0


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(DataError, match=r"no data set 'MNSIT'; there is: .*mnist.* Did you mean 'mnist'\?"):
        datasets.load("MNSIT")


def test_unknown_name_without_a_near_one_lists_what_there_is():
    with pytest.raises(DataError, match=r"no data set 'cats'; there is: birds_mammals, fashion_mnist, mnist\.$"):
        datasets.load("cats")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", None, 3])
def test_a_name_is_never_a_path(name):
    with pytest.raises(DataError, match="there is no data set"):
        datasets.load(name)


def test_damaged_file_says_what_was_expected_and_what_to_do(small):
    body = bytearray((small / "small.npz").read_bytes())
    body[len(body) // 2] ^= 1
    (small / "small.npz").write_bytes(body)
    with pytest.raises(DataError, match=r"expected sha256 \w{64}, found \w{64}.*Install cnnkit again"):
        datasets.load("small")


def test_missing_file_is_named(small):
    (small / "small.npz").unlink()
    with pytest.raises(DataError, match=r"expected the data file .*small\.npz, found none"):
        datasets.load("small")


def test_a_file_is_hashed_once_a_process(small, monkeypatch):
    datasets.load("small")
    monkeypatch.setattr(datasets.hashlib, "sha256", None)
    assert datasets.load("small")[1][1].tolist() == [5]


def test_pickles_are_refused(small):
    np.savez(small / "small.npz", **dict.fromkeys(("x_train", "y_train", "x_test", "y_test"), np.array([{}], object)))
    body = (small / "small.npz").read_bytes()
    (small / "small.json").write_text(json.dumps({"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        datasets.load("small")


def test_a_package_without_data_says_so(tmp_path, root):
    shutil.copytree(root / "cnnkit", tmp_path / "cnnkit", ignore=shutil.ignore_patterns("__pycache__"))
    run = subprocess.run(
        [sys.executable, "-c", "import cnnkit; cnnkit.data.load('mnist')"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "found none: this copy of cnnkit was installed without them" in run.stderr


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "128"])
def test_batch_size_must_be_a_positive_whole_number(size):
    with pytest.raises(DataError, match="expected batch_size as a positive whole number, found"):
        datasets.batches(batch_size=size)


def test_importing_the_package_imports_neither_keras_nor_tensorflow():
    code = "import sys, cnnkit, autograder; cnnkit.data; print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("size", [27, 29, 31])
def test_a_border_is_as_wide_on_every_side(size):
    with pytest.raises(DataError, match=f"28×28 fit in the middle of, found {size}"):
        datasets.batches("mnist", size=size)
