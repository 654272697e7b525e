import gzip
import hashlib
import tarfile

import numpy as np
import pytest


@pytest.fixture(scope="module")
def idx(load_script):
    return load_script("datasets/idx.py")


@pytest.fixture
def arrays():
    return {
        "x_train": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        "y_train": np.array([7, 1], np.uint8),
        "x_test": np.full((1, 3, 4), 9, np.uint8),
        "y_test": np.array([2], np.uint8),
    }


@pytest.fixture
def folder(idx, arrays, tmp_path):
    """The four files of a small data set."""
    folder = tmp_path / "idx"
    folder.mkdir()
    for name, file in idx.FILES.items():
        (folder / file).write_bytes(idx.to_idx(arrays[name]))
    return folder


@pytest.fixture
def md5(folder):
    return {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def same(found, expected):
    return list(found) == list(expected) and all(np.array_equal(found[name], expected[name]) for name in expected)


def test_a_folder_is_read(idx, folder, md5, arrays):
    assert same(idx.read(folder, md5), arrays)


def test_gzipped_files_are_read_like_plain_ones(idx, folder, md5, arrays):
    for path in list(folder.iterdir()):
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert same(idx.read(folder, md5), arrays)


def test_a_package_archive_is_read_like_the_folder(idx, folder, md5, arrays, tmp_path):
    with tarfile.open(tmp_path / "package.tgz", "w:gz") as archive:
        for path in folder.iterdir():
            archive.add(path, f"package/data/{path.name}")
    assert same(idx.read(tmp_path / "package.tgz", md5), arrays)


def test_a_changed_file_is_refused(idx, folder, md5):
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx.to_idx(np.array([3], np.uint8)))
    with pytest.raises(idx.SourceError, match=r"t10k-labels-idx1-ubyte: expected md5 \w{32}, found \w{32}; get the"):
        idx.read(folder, md5)


def test_a_missing_file_is_named(idx, folder, md5, tmp_path):
    (folder / "train-images-idx3-ubyte").unlink()
    with pytest.raises(
        idx.SourceError, match=r"expected train-images-idx3-ubyte in .*, found t10k-images-idx3-ubyte, "
    ):
        idx.read(folder, md5)
    (tmp_path / "empty").mkdir()
    with pytest.raises(idx.SourceError, match="found none of the four files"):
        idx.read(tmp_path / "empty", md5)
    with pytest.raises(idx.SourceError, match="found nothing there"):
        idx.read(tmp_path / "absent", md5)


@pytest.mark.parametrize("cut", [0, 5, 25])
def test_a_damaged_gzip_file_is_refused(idx, folder, md5, cut):
    path = folder / "train-images-idx3-ubyte"
    (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes())[:cut] or b"not gzip")
    path.unlink()
    with pytest.raises(idx.SourceError, match="found an archive that is damaged"):
        idx.read(folder, md5)


@pytest.mark.parametrize("body", [b"", b"not a tar", b"\x1f\x8b\x08\x00rubbish"])
def test_what_is_no_archive_is_refused(idx, md5, tmp_path, body):
    (tmp_path / "package.tgz").write_bytes(body)
    with pytest.raises(idx.SourceError, match="found an archive that is damaged"):
        idx.read(tmp_path / "package.tgz", md5)


@pytest.mark.parametrize("body", [b"", b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", b"\0\0\x08\x01\0\0\0\x02\0"])
def test_what_is_not_idx_is_refused(idx, body):
    with pytest.raises(idx.SourceError, match="expected"):
        idx.from_idx(body)
