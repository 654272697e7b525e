"""Each check of `autograder doctor`: what it finds, and the remedy that it names."""

import json
import shutil
import sqlite3
import subprocess
import sys

import pytest

from autograder.commands import diagnosis
from autograder.commands.diagnosis import Diagnosis, diagnose


@pytest.fixture
def keras(monkeypatch):
    """Stands in for the process that imports Keras; a test sets what it answers."""

    class Answer:
        returncode = 0
        stdout = json.dumps(["3.15.1", "2.21.0", "tensorflow", 7.0])
        stderr = ""

    class Trial:
        returncode = 0
        stdout = json.dumps("")

    Answer.trial = Trial
    real = subprocess.run

    def run(command, **options):
        if command[0] != sys.executable:
            return real(command, **options)
        return Trial if "trial_error" in command[-1] else Answer

    monkeypatch.setattr(diagnosis.subprocess, "run", run)
    return Answer


@pytest.fixture
def quick(keras, monkeypatch):
    """Slow diagnoses are taken as passed: data sets, bytecode, and the isolation, which starts a zygote."""
    for name in ("_bytecode", "_data", "_isolation"):
        monkeypatch.setattr(diagnosis, name, lambda *_, name=name: Diagnosis(name, True, "", necessary=False))


@pytest.fixture
def here(root, tmp_path, quick):
    """A course of its own, only course.toml."""
    shutil.copy(root / "course.toml", tmp_path)
    return tmp_path


def finding(name, findings):
    (found,) = [item for item in findings if item.name == name]
    return found


@pytest.mark.tensorflow
def test_this_machine_is_ready(root):
    findings = diagnose(root)
    assert [item for item in findings if item.necessary and not item.ok] == []
    assert "mnist: 60,000 + 10,000" in finding("data sets", findings).detail
    assert finding("Keras", findings).detail.startswith("Keras 3.")
    for attempt in ("reach a port of this machine by TCP", "read the rubrics", "start a program"):
        assert attempt in finding("isolation", findings).detail


def test_every_finding_that_is_not_ok_has_a_remedy(here, keras, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert [item.name for item in diagnose(here) if not item.ok and not item.remedy] == []


def test_keras_that_cannot_be_imported(here, keras):
    keras.returncode = 1
    keras.stderr = "Traceback ...\nModuleNotFoundError: No module named 'keras'\n"
    found = finding("Keras", diagnose(here))
    assert (found.ok, found.necessary) == (False, True)
    assert found.detail == "cannot be imported: ModuleNotFoundError: No module named 'keras'"


def test_keras_on_another_backend(here, keras):
    keras.stdout = json.dumps(["3.15.1", "2.21.0", "jax", 7.0])
    assert finding("Keras", diagnose(here)).remedy == "Expected TensorFlow: unset KERAS_BACKEND."


def test_keras_that_never_starts(here, monkeypatch):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(diagnosis.subprocess, "run", run)
    assert finding("Keras", diagnose(here)).detail == "did not start within 180 s"


def test_trainings_are_watched_without_weights(here, keras):
    found = finding("watching", diagnose(here))
    assert (found.ok, found.detail) == (True, "trainings are watched without weights")


@pytest.mark.parametrize(
    ("returncode", "stdout", "said"),
    [
        (0, 'a warning\n"ValueError: no such scope"\n', "ValueError: no such scope"),
        (0, "", "the trial did not come to a result (IndexError)"),
        (1, "", "the trial ended early"),
    ],
)
def test_where_they_are_not_it_is_said_that_marks_are_the_same(here, keras, returncode, stdout, said):
    keras.trial.returncode, keras.trial.stdout = returncode, stdout
    found = finding("watching", diagnose(here))
    assert (found.ok, found.necessary) == (False, False)
    assert found.detail.endswith(said)
    assert found.remedy.startswith("Marks are the same.")


def test_an_unfit_python_is_named(here, keras, monkeypatch):
    monkeypatch.setattr(diagnosis.sys, "version_info", (3, 14, 0, "final", 0))
    found = finding("Python", diagnose(here))
    assert (found.ok, found.remedy) == (
        False,
        "Expected Python 3.11, 3.12 or 3.13: make env PYTHON=/path/to/python3.12",
    )


@pytest.mark.parametrize(("text", "detail"), [("[course", "course.toml"), ("", "course")])
def test_a_course_that_cannot_be_read(tmp_path, quick, text, detail):
    (tmp_path / "course.toml").write_text(text)
    found = finding("course.toml", diagnose(tmp_path))
    assert not found.ok
    assert detail in found.detail


def test_the_course_is_found_from_a_folder_below(here, keras):
    (here / "submitted" / "s01").mkdir(parents=True)
    assert finding("course.toml", diagnose(here / "submitted" / "s01")).ok


def test_damaged_data(monkeypatch):
    from cnnkit import data

    def damaged(name):
        raise data.DataError(f"{name}.npz is not the file that was published")

    monkeypatch.setattr(data, "names", lambda: ["mnist"])
    monkeypatch.setattr(data, "load", damaged)
    found = diagnosis._data()
    assert (found.ok, found.detail) == (False, "mnist.npz is not the file that was published")


def test_missing_bytecode_is_a_note_with_the_command(tmp_path, monkeypatch):
    package = tmp_path / "packages" / "keras"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setattr(
        diagnosis.importlib.util,
        "find_spec",
        lambda name: type("Spec", (), {"submodule_search_locations": [str(package)]}),
    )
    found = diagnosis._bytecode()
    assert (found.ok, found.necessary, found.detail[:6]) == (False, False, "0 of 2")
    assert "-m compileall" in found.remedy


@pytest.mark.parametrize("program", ["python", "python3", sys.executable])
def test_a_kernel_of_this_environment(program, monkeypatch):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    monkeypatch.setenv("PATH", "/elsewhere/bin")
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda _self, _name: KernelSpec(argv=[program]))
    assert diagnosis._kernel().ok


def test_a_kernel_of_another_environment(here, keras, monkeypatch):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    elsewhere = KernelSpec(argv=["/elsewhere/bin/python", "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda _self, _name: elsewhere)
    found = finding("Jupyter kernel", diagnose(here))
    assert (found.ok, found.detail) == (False, f"python3 starts /elsewhere/bin/python, not {sys.executable}")


def test_nbgrader_commands_that_are_missing(here, keras, monkeypatch):
    monkeypatch.setattr(diagnosis.sys, "executable", str(here / "bin" / "python"))
    found = diagnosis._nbgrader()
    assert not found.ok
    assert f"but nbgrader and alembic not in {here / 'bin'}" in found.detail


def test_no_gradebook_yet_is_fine(here, keras, monkeypatch):
    monkeypatch.delenv("NBGRADER_DB_URL", raising=False)
    assert finding("gradebook", diagnose(here)).ok
    assert not (here / "gradebook.db").exists()


def test_a_gradebook_is_counted_and_left_alone(here, keras, monkeypatch):
    monkeypatch.delenv("NBGRADER_DB_URL", raising=False)
    with sqlite3.connect(here / "gradebook.db") as book:
        book.execute("CREATE TABLE student (id TEXT)")
        book.executemany("INSERT INTO student VALUES (?)", [("s1",), ("s2",)])
    before = (here / "gradebook.db").read_bytes()
    assert finding("gradebook", diagnose(here)).detail == f"{here / 'gradebook.db'}: 2 students"
    assert (here / "gradebook.db").read_bytes() == before


def test_settings_for_which_nbgrader_writes_the_marks_are_named(here, root, keras, monkeypatch):
    monkeypatch.delenv("NBGRADER_DB_URL", raising=False)
    shutil.copy(root / "nbgrader_config.py", here)
    with sqlite3.connect(here / "gradebook.db") as book:
        book.execute("CREATE TABLE student (id TEXT)")
    assert finding("gradebook", diagnose(here)).detail == f"{here / 'gradebook.db'}: 0 students"
    with (here / "nbgrader_config.py").open("a") as file:
        file.write("c.Autograde.create_student = False\n")
    assert finding("gradebook", diagnose(here)).detail.endswith(
        "; nbgrader itself writes the marks, one by one, because of c.Autograde.create_student"
    )


def test_a_gradebook_that_is_no_database(here, keras, monkeypatch):
    monkeypatch.delenv("NBGRADER_DB_URL", raising=False)
    (here / "gradebook.db").write_bytes(b"not a database" * 100)
    found = finding("gradebook", diagnose(here))
    assert (found.ok, found.necessary) == (False, True)
    assert "file is not a database" in found.detail


def test_a_database_password_is_not_printed(here, keras, monkeypatch):
    monkeypatch.setenv("NBGRADER_DB_URL", f"sqlite://user:hunter2@/{here}/none/gradebook.db")
    assert "hunter2" not in str(diagnose(here))


def test_a_check_that_breaks_does_not_hide_the_others(here, keras, monkeypatch):
    def broken():
        raise RuntimeError("no /proc here")

    monkeypatch.setattr(diagnosis, "memory_gb", broken)
    findings = diagnose(here)
    assert finding("memory", findings).detail == "could not be looked at: RuntimeError: no /proc here"
    assert len(findings) == 15


def test_a_machine_without_isolation_hears_why_and_what_to_do(root, monkeypatch):
    monkeypatch.setattr("autograder.sandbox.isolation.selection.unavailable_reason", lambda kind: f"no {kind} here")
    found = diagnosis._isolation(root)
    assert not found.ok
    assert found.necessary
    assert "no namespaces here" in found.remedy
    assert "--isolation none" in found.remedy


def test_memory_is_in_gigabytes():
    available, total = diagnosis.memory_gb()
    assert 0 < available <= total < 100_000


def test_marks_that_every_account_can_read_are_named(here, keras):
    for folder in (here, *here.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o055)
    (here / "graded").mkdir(mode=0o700)
    (here / "submitted").mkdir()
    (here / "submitted").chmod(0o755)
    (here / "gradebook.db").write_bytes(b"")
    (here / "gradebook.db").chmod(0o644)
    found = finding("privacy", diagnose(here))
    assert not found.ok
    assert not found.necessary
    assert "can read gradebook.db, submitted" in found.detail
    assert "graded" not in found.detail
    assert f"chmod o-rx {here}" in found.remedy


@pytest.mark.parametrize(
    ("kind", "mode", "folder_mode", "expected"),
    [
        ("file", 0o644, 0o755, True),
        ("file", 0o604, 0o701, True),
        ("file", 0o640, 0o755, False),
        ("file", 0o644, 0o770, False),
        ("folder", 0o755, 0o755, True),
        ("folder", 0o754, 0o755, False),
        ("folder", 0o751, 0o755, False),
        ("link", 0o644, 0o755, True),
        ("link", 0o600, 0o755, False),
        ("nothing", 0o644, 0o755, False),
    ],
)
def test_what_others_can_read(tmp_path, kind, mode, folder_mode, expected):
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o055)
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "secret"
    if kind == "folder":
        path.mkdir()
        path.chmod(mode)
    elif kind in ("file", "link"):
        path.write_text("17")
        path.chmod(mode)
    if kind == "link":
        path = tmp_path / "link"
        path.symlink_to(folder / "secret")
    folder.chmod(folder_mode)
    assert diagnosis.readable_by_others(path) is expected
