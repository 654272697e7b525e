import hashlib
import os
import subprocess
import sys
import zipfile

import pytest

from autograder.course.config import load_course
from autograder.release import leaks

pytestmark = pytest.mark.slow

KINDS_OF_DATA = {".npz", ".json", ".LICENSE", ".md"}


def build(folder, destination):
    """Build the wheel of the project in `folder` as pip would, without the network."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1577836800"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(destination)]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    (wheel,) = destination.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    return build(root / "cnnkit", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_cnnkit_and_its_data_and_nothing_else(names):
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"cnnkit"}
    tops = {name.split("/")[0] for name in names}
    assert len(tops) == 2  # the package and its .dist-info
    assert not [name for name in names if "pyproject" in name or "__pycache__" in name or name.endswith(".pyc")]


def test_every_module_is_in_it(names, root):
    modules = {str(path.relative_to(root)) for path in (root / "cnnkit").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules


def test_all_data_is_in_it_with_its_licences(names, root):
    data = {f"cnnkit/datasets/{path.name}" for path in (root / "datasets").iterdir() if path.suffix in KINDS_OF_DATA}
    assert {name for name in names if name.startswith("cnnkit/datasets/")} == data
    for name in ("mnist", "fashion_mnist", "birds_mammals"):
        assert {f"cnnkit/datasets/{name}.npz", f"cnnkit/datasets/{name}.json"} <= names
    assert {"cnnkit/datasets/fashion_mnist.LICENSE", "cnnkit/datasets/birds_mammals.LICENSE"} <= names


def test_it_names_the_licence_of_each_data_set(wheel, names):
    (metadata,) = [name for name in names if name.endswith("METADATA")]
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read(metadata).decode().splitlines()
    assert "License-Expression: MIT AND CC-BY-SA-3.0 AND GPL-2.0-or-later" in lines


def test_a_student_fetches_no_more_than_40_mb(wheel):
    assert wheel.stat().st_size <= 40_000_000


def test_nothing_in_it_imports_or_carries_the_grader(wheel, names):
    with zipfile.ZipFile(wheel) as archive:
        texts = {name: archive.read(name).decode() for name in names if name.endswith((".py", ".txt", "METADATA"))}
    assert texts
    for name, text in texts.items():
        for line in text.splitlines():
            assert not line.strip().startswith(("import autograder", "from autograder")), f"{name}: {line}"


def test_it_needs_only_keras_numpy_and_matplotlib(wheel, names):
    (metadata,) = [name for name in names if name.endswith("METADATA")]
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read(metadata).decode().splitlines()
    needs = {line.split()[1].partition(">=")[0] for line in lines if line.startswith("Requires-Dist: ")}
    assert needs == {"keras", "numpy", "matplotlib"}


def test_building_twice_gives_the_same_bytes(root, wheel, tmp_path):
    again = build(root / "cnnkit", tmp_path)
    assert again.name == wheel.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def test_its_data_are_the_bytes_of_the_checkout(wheel, root):
    with zipfile.ZipFile(wheel) as archive:
        for path in (root / "datasets").glob("*.npz"):
            assert archive.read(f"cnnkit/datasets/{path.name}") == path.read_bytes()


def test_installed_it_loads_its_data_without_the_checkout(wheel, tmp_path):
    """The smallest data set stands for all: each is found in the same folder."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import cnnkit, pathlib; print(*cnnkit.data.names(), cnnkit.data.load('birds_mammals')[0][0].shape,"
        "cnnkit.__version__, pathlib.Path(cnnkit.__file__).parent == cnnkit.data.folder().parent)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    version = wheel.name.split("-")[1]
    assert run.stdout == f"birds_mammals fashion_mnist mnist (336, 96, 96, 3) {version} True\n"


def test_no_answer_in_it(root, wheel):
    """The public checks are in it, on purpose; solutions and hidden tests are not."""
    course = load_course(root)
    assert [leak for name in course.assignments for leak in leaks(course, name, wheel)] == []
