import hashlib
import io
import json
import sys
import zipfile

import numpy as np
import pytest

METHODS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]


@pytest.fixture(scope="module")
def archive(load_script):
    return load_script("datasets/archive.py")


@pytest.fixture
def arrays():
    numbers = np.random.default_rng(0)
    return {
        "x_train": numbers.integers(0, 256, (5, 4, 4), dtype=np.uint8),
        "y_train": np.array([0, 1, 0, 1, 0], np.uint8),
    }


@pytest.mark.parametrize("method", METHODS)
def test_numpy_reads_what_was_written(archive, arrays, method):
    with np.load(io.BytesIO(archive.to_npz(arrays, method)), allow_pickle=False) as read:
        assert read.files == list(arrays)
        for name, array in arrays.items():
            assert read[name].dtype == np.uint8
            assert np.array_equal(read[name], array)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_arrays_give_the_same_bytes(archive, arrays, method):
    assert archive.to_npz(arrays, method) == archive.to_npz({k: v.copy() for k, v in arrays.items()}, method)


@pytest.mark.parametrize("method", METHODS)
def test_there_is_no_time_and_no_machine_in_it(archive, arrays, method):
    with zipfile.ZipFile(io.BytesIO(archive.to_npz(arrays, method))) as written:
        entries = written.infolist()
    assert [entry.filename for entry in entries] == ["x_train.npy", "y_train.npy"]
    assert {(entry.date_time, entry.create_system, entry.external_attr, entry.compress_type) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 3, 0o644 << 16, method)
    }


def test_one_changed_pixel_is_noticed(archive, arrays, tmp_path):
    (tmp_path / "a.npz").write_bytes(archive.to_npz(arrays))
    assert archive.holds(tmp_path / "a.npz", arrays)
    arrays["x_train"][4, 1, 1] ^= 1
    assert not archive.holds(tmp_path / "a.npz", arrays)


def test_a_missing_or_an_additional_array_is_noticed(archive, arrays, tmp_path):
    (tmp_path / "a.npz").write_bytes(archive.to_npz(arrays))
    assert not archive.holds(tmp_path / "a.npz", arrays | {"more": arrays["y_train"]})
    assert not archive.holds(tmp_path / "a.npz", {"x_train": arrays["x_train"]})


@pytest.mark.parametrize("rubbish", [None, b"", b"not an archive", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_holds_something_else_is_not_kept(archive, arrays, tmp_path, rubbish):
    if rubbish is not None:
        (tmp_path / "a.npz").write_bytes(rubbish)
    assert not archive.holds(tmp_path / "a.npz", arrays)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7])
def test_a_damaged_file_is_not_kept(archive, arrays, tmp_path, method, place):
    body = bytearray(archive.to_npz(arrays, method))
    start = int(len(body) * place)
    body[start : start + 8] = b"\xff" * 8
    (tmp_path / "a.npz").write_bytes(body)
    assert not archive.holds(tmp_path / "a.npz", arrays)


def test_what_is_written_is_described(archive, arrays, tmp_path):
    path = archive.write(tmp_path, {"name": "small", "authors": "Zoë"}, arrays)
    text = path.with_suffix(".json").read_text(encoding="utf-8")
    assert "Zoë" in text
    body = path.read_bytes()
    assert json.loads(text) == {
        "name": "small",
        "authors": "Zoë",
        "file": "small.npz",
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "arrays": {
            "x_train": {
                "shape": [5, 4, 4],
                "dtype": "uint8",
                "sha256": hashlib.sha256(arrays["x_train"].tobytes()).hexdigest(),
            },
            "y_train": {"shape": [5], "dtype": "uint8", "sha256": hashlib.sha256(bytes([0, 1, 0, 1, 0])).hexdigest()},
        },
    }


def test_a_file_that_holds_the_arrays_is_kept_however_it_was_compressed(archive, arrays, tmp_path):
    np.savez(tmp_path / "small.npz", **arrays)
    before = (tmp_path / "small.npz").read_bytes()
    archive.write(tmp_path, {"name": "small"}, arrays)
    assert (tmp_path / "small.npz").read_bytes() == before
    assert json.loads((tmp_path / "small.json").read_text())["sha256"] == hashlib.sha256(before).hexdigest()
    arrays["y_train"][0] = 1
    archive.write(tmp_path, {"name": "small"}, arrays)
    assert (tmp_path / "small.npz").read_bytes() != before


def test_the_command_without_a_source_shows_how_to_call_it(archive, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["build_small.py"])
    assert archive.main(None, "Usage: ...") == 2
    assert capsys.readouterr().err == "Usage: ...\n"


def test_the_command_says_what_is_wrong_with_the_source(archive, monkeypatch, capsys):
    def refuse(source, folder):
        raise archive.SourceError(f"expected a folder, found {source}")

    monkeypatch.setattr(sys, "argv", ["datasets/build_small.py", "here"])
    assert archive.main(refuse, "") == 1
    assert capsys.readouterr().err == "build_small: expected a folder, found here\n"


def test_the_command_says_what_it_built(archive, arrays, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["datasets/build_small.py", "here"])
    assert archive.main(lambda source, folder: archive.write(tmp_path, {"name": "small"}, arrays), "") == 0
    body = (tmp_path / "small.npz").read_bytes()
    assert capsys.readouterr().out == f"small.npz: {len(body):,} bytes, sha256 {hashlib.sha256(body).hexdigest()}\n"
