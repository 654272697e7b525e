import hashlib
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def builder(load_script):
    return load_script("datasets/build_fashion_mnist.py")


@pytest.fixture(scope="module")
def idx_folder(builder, data_set, tmp_path_factory):
    """The four idx files, made again from what is committed."""
    (x_train, y_train), (x_test, y_test) = data_set("fashion_mnist")
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    folder = tmp_path_factory.mktemp("idx")
    for name, file in builder.idx.FILES.items():
        (folder / file).write_bytes(builder.idx.to_idx(arrays[name]))
    return folder


@pytest.fixture
def committed(root):
    return json.loads((root / "datasets" / "fashion_mnist.json").read_text())


@pytest.fixture
def small(builder, tmp_path, monkeypatch):
    """Four idx files of a few images, accepted instead of the real ones: packing those takes half a minute."""
    numbers = np.random.default_rng(1)
    folder = tmp_path / "small"
    folder.mkdir()
    for name, file in builder.idx.FILES.items():
        shape = (20, 28, 28) if name.startswith("x") else (20,)
        (folder / file).write_bytes(builder.idx.to_idx(numbers.integers(0, 10, shape, dtype=np.uint8)))
    md5 = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    monkeypatch.setattr(builder, "IDX_MD5", md5)
    return folder


def test_what_is_committed_is_what_zalando_published(idx_folder):
    md5 = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in idx_folder.iterdir()}
    assert md5 == {
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    }


def test_building_over_the_committed_file_keeps_it(builder, idx_folder, committed, root, tmp_path):
    body = (root / "datasets" / "fashion_mnist.npz").read_bytes()
    assert (hashlib.sha256(body).hexdigest(), len(body)) == (committed["sha256"], committed["bytes"])
    (tmp_path / "fashion_mnist.npz").write_bytes(body)
    builder.build(idx_folder, tmp_path)
    assert (tmp_path / "fashion_mnist.npz").read_bytes() == body
    assert json.loads((tmp_path / "fashion_mnist.json").read_text()) == committed


def test_building_twice_gives_the_same_bytes(builder, small, tmp_path):
    built = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        built.append(builder.build(small, tmp_path / name).read_bytes())
    assert built[0] == built[1]


def test_it_is_packed_tightly_enough_for_the_wheel(builder, small, tmp_path):
    with zipfile.ZipFile(builder.build(small, tmp_path)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_LZMA}


def test_another_fashion_mnist_is_refused(builder, small, tmp_path):
    images = small / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1] + b"\xff")
    with pytest.raises(builder.archive.SourceError, match="train-images-idx3-ubyte: expected md5 "):
        builder.build(small, tmp_path)
    assert not (tmp_path / "fashion_mnist.npz").exists()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "birds_mammals"])
def test_the_scripts_run_from_anywhere(root, tmp_path, name):
    """They import modules that lie beside them, and are in no package."""
    command = [sys.executable, str(root / "datasets" / f"build_{name}.py"), str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith(f"build_{name}: expected ")
    assert "found none" in run.stderr


def test_its_licence_travels_with_it(root, committed):
    assert committed["licence"] == "MIT"
    text = (root / "datasets" / committed["licence_file"]).read_text()
    assert "Zalando SE" in text
    assert "The above copyright notice and this permission notice shall be included" in text


def test_the_readme_names_origin_licence_and_checksum(root, committed):
    text = (root / "datasets" / "README.md").read_text(encoding="utf-8")
    for fact in (committed["sha256"], "fashion_mnist.LICENSE", "dataset-fashion-mnist", "Zalando SE"):
        assert fact in text
