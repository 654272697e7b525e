import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def writer(load_script):
    return load_script("scripts/write_environment.py")


@pytest.fixture(scope="module")
def lock(root):
    return (root / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def wanted(root):
    return (root / "requirements.in").read_text()


def conda_pins(root):
    """Name -> version, read from environment.yml without the script that wrote it."""
    text = (root / "environment.yml").read_text()
    return dict(re.findall(r"^      - ([a-z0-9.-]+)==(\S+)", text, flags=re.M))


def test_environment_is_what_the_script_writes(root, writer, wanted, lock):
    assert (root / "environment.yml").read_text() == writer.environment(wanted, lock)


def test_each_pin_equals_the_locks(root, lock):
    pins = conda_pins(root)
    assert len(pins) > 100
    locked = set(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", lock, flags=re.M))
    assert set(pins.items()) <= locked


def test_what_another_platform_needs_is_left_out(root, writer, lock):
    pins = conda_pins(root)
    assert "appnope" not in pins  # macOS
    assert "pywinpty" not in pins  # Windows
    mac = writer.pins(lock, writer.PLATFORM | {"sys_platform": "darwin", "platform_system": "Darwin"})
    assert "appnope" in mac


def test_every_direct_dependency_is_pinned_with_its_reason(root, writer, wanted):
    text = (root / "environment.yml").read_text()
    for name, reason in writer.reasons(wanted).items():
        assert re.search(rf"^      - {re.escape(name)}==\S+ # {re.escape(reason)}$", text, flags=re.M), name


def test_a_dependency_without_a_reason_is_refused(writer):
    with pytest.raises(ValueError, match="expected a reason after 'numpy'"):
        writer.reasons("keras  # networks\nnumpy\n")


def test_a_lock_that_lacks_a_dependency_is_refused(writer):
    with pytest.raises(ValueError, match=r"lacks numpy of requirements\.in; run `make lock`"):
        writer.environment("numpy  # arrays\n", "keras==3.15.1\n")


def test_every_pin_of_the_lock_carries_hashes_and_no_address(lock):
    pinned = [part for part in re.split(r"\n(?=\S)", lock) if not part.startswith("#")]
    assert len(pinned) > 100
    assert all("--hash=sha256:" in part for part in pinned)
    assert "://" not in lock


def test_the_lock_satisfies_what_the_kit_declares(root, writer, lock):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    student = tomllib.loads((root / "cnnkit" / "pyproject.toml").read_text())["project"]
    locked = writer.pins(lock)
    for line in [*project["dependencies"], *student["dependencies"]]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), line


@pytest.mark.parametrize("python", ["3.11.9", "3.12.4", "3.13.1"])
def test_each_python_gets_one_version_of_everything_direct(writer, wanted, lock, python):
    platform = writer.PLATFORM | {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    assert set(writer.reasons(wanted)) <= set(writer.pins(lock, platform))


def test_ci_runs_what_a_developer_runs(root):
    lines = [line for line in (root / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]


def test_make_help_lists_every_target(root):
    listed = subprocess.run(["make", "-s", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"make (\w+)", listed)) >= {"env", "check", "test", "demo", "release", "lock", "clean"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("echo 3.10", "expected Python 3.11, 3.12 or 3.13, found 3.10"),
        ("echo 3.14", "expected Python 3.11, 3.12 or 3.13, found 3.14"),
        ("case $2 in *ensurepip*) exit 1;; esac; echo 3.12", "apt install python3.12-venv"),
        ("exit 1", "does not start"),
    ],
)
def test_an_unfit_python_is_refused_with_the_remedy(root, tmp_path, body, message):
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n{body}\n")
    python.chmod(0o755)
    script = root / "scripts" / "make_venv.sh"
    run = subprocess.run([script, python, tmp_path / "venv"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert message in run.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_named_with_the_remedy(root, tmp_path):
    script = root / "scripts" / "make_venv.sh"
    run = subprocess.run([script, "no-such-python", tmp_path / "venv"], capture_output=True, text=True, check=False)
    assert (run.returncode, "as 'no-such-python', found none" in run.stderr) == (1, True)
