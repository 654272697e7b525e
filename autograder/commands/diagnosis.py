"""The checks of `autograder doctor`: each looks at one thing that grading needs, and names the remedy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import config
from autograder.course.layout import RUBRICS, CourseLayout, find_root

IMPORT_SECONDS = 180
"""How long TensorFlow may take to start; without bytecode, on a slow disk, it is minutes."""

DISK_GB = 2.0
"""Free disk space that grading needs, in GB (10**9 bytes)."""

MEMORY_GB = 4.0
"""Available memory that grading needs, in GB (10**9 bytes)."""


@dataclass(frozen=True)
class Diagnosis:
    """Result of one check.

    Attributes:
        name: the thing checked: "disk".
        ok: True if it is as it should be.
        detail: what was found.
        remedy: what to do about it; empty if ok.
        necessary: True if grading is impossible without it; otherwise the result is for information.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    necessary: bool = True


def diagnose(course_root: Path) -> list[Diagnosis]:
    """Check this machine and the course in `course_root` (or in a folder above it).

    Nothing is changed. It takes as long as TensorFlow takes to start. A check that raises is reported as failing.
    """
    root = find_root(course_root) or course_root.resolve()
    checks: list[tuple[str, Callable[[], Diagnosis]]] = [
        ("Python", _python),
        ("environment", _environment),
        ("Keras", _keras),
        ("watching", _watching),
        ("bytecode", _bytecode),
        ("nbgrader", _nbgrader),
        ("Jupyter kernel", _kernel),
        ("course.toml", lambda: _course(root)),
        ("data sets", _data),
        ("git", _git),
        ("disk", lambda: _disk(root)),
        ("memory", _memory),
        ("gradebook", lambda: _gradebook(root)),
        ("privacy", lambda: _privacy(root)),
        ("isolation", lambda: _isolation(root)),
    ]
    results = []
    for name, check in checks:
        try:
            results.append(check())
        except Exception as error:  # an error of one check must not hide the results of the others
            detail = f"could not be looked at: {type(error).__name__}: {error}"
            results.append(Diagnosis(name, False, detail, "Run `make env`, then try again."))
    return results


def memory_gb() -> tuple[float, float]:
    """Available and total memory, in GB (10**9 bytes)."""
    import psutil

    memory = psutil.virtual_memory()
    return memory.available / 1e9, memory.total / 1e9


def _python() -> Diagnosis:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "" if ok else "Expected Python 3.11, 3.12 or 3.13: make env PYTHON=/path/to/python3.12"
    return Diagnosis("Python", ok, f"{found}, {sys.executable}", remedy)


def _environment() -> Diagnosis:
    if sys.prefix != sys.base_prefix:
        return Diagnosis("environment", True, f"virtual environment {sys.prefix}", necessary=False)
    if os.environ.get("CONDA_PREFIX"):
        return Diagnosis("environment", True, f"conda environment {os.environ['CONDA_PREFIX']}", necessary=False)
    return Diagnosis(
        "environment",
        False,
        f"none: packages come from {sys.prefix}, whose versions are not those of requirements.lock",
        "`make env` makes one; then run .venv/bin/autograder. In a container that holds nothing else this is fine.",
        necessary=False,
    )


_IMPORT = """
import json, time
start = time.perf_counter()
import keras, tensorflow
seconds = time.perf_counter() - start
print(json.dumps([keras.__version__, tensorflow.__version__, keras.backend.backend(), seconds]))
"""

_TRIAL = """
import json
from cnnkit.probe.weightless_watching import trial_error
print(json.dumps(trial_error()))
"""


def _run_with_keras(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a separate process, so that this one is unaffected by what TensorFlow prints or breaks."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS,
        check=False,
    )


def _keras() -> Diagnosis:
    remedy = "`make env` installs the versions of requirements.lock."
    try:
        run = _run_with_keras(_IMPORT)
    except subprocess.TimeoutExpired:
        detail = f"did not start within {IMPORT_SECONDS} s"
        return Diagnosis("Keras", False, detail, f"Is the machine overloaded? {remedy}")
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or [f"exit status {run.returncode}"])[-1]
        return Diagnosis("Keras", False, f"cannot be imported: {last}", remedy)
    keras, tensorflow, backend, seconds = json.loads(run.stdout.splitlines()[-1])
    detail = f"Keras {keras}, TensorFlow {tensorflow}, start {seconds:.1f} s"
    if backend != "tensorflow":
        return Diagnosis("Keras", False, f"{detail}, backend {backend}", "Expected TensorFlow: unset KERAS_BACKEND.")
    return Diagnosis("Keras", True, detail)


def _watching() -> Diagnosis:
    """Try whether trainings can be watched without weights, which uses parts of Keras that are not documented."""
    slower = "with weights, which takes about 0.3 s of processor time more a submission"
    try:
        run = _run_with_keras(_TRIAL)
        error = json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else "the trial ended early"
    except (subprocess.TimeoutExpired, ValueError, IndexError) as failure:
        error = f"the trial did not come to a result ({type(failure).__name__})"
    if not error:
        return Diagnosis("watching", True, "trainings are watched without weights", necessary=False)
    remedy = "Marks are the same. `make env` installs a version of Keras with which it works."
    return Diagnosis("watching", False, f"trainings are watched {slower}: {error}", remedy, necessary=False)


def _bytecode() -> Diagnosis:
    sources = compiled = 0
    for package in ("keras", "tensorflow"):
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations if spec else None) or []:
            for source in Path(folder).rglob("*.py"):
                sources += 1
                compiled += Path(importlib.util.cache_from_source(str(source))).is_file()
    detail = f"{compiled:,} of {sources:,} modules of Keras and TensorFlow are compiled"
    if sources and compiled >= 0.95 * sources:
        return Diagnosis("bytecode", True, detail, necessary=False)
    command = f"{sys.executable} -m compileall -qq -j 0 {Path(sys.prefix) / 'lib'}"
    remedy = f"Starting takes four times as long without. Compile once: {command}"
    return Diagnosis("bytecode", False, detail, remedy, necessary=False)


def _nbgrader() -> Diagnosis:
    remedy = "`make env` installs it with its commands."
    try:
        version = importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        return Diagnosis("nbgrader", False, "not installed", remedy)
    folder = Path(sys.executable).parent
    # nbgrader calls alembic by its bare name to make or upgrade the gradebook
    missing = [name for name in ("nbgrader", "alembic") if shutil.which(name, path=str(folder)) is None]
    if missing:
        return Diagnosis("nbgrader", False, f"{version}, but {' and '.join(missing)} not in {folder}", remedy)
    found = shutil.which("alembic")
    if found is None or Path(found).parent != folder:
        hint = f"`autograder` finds them. To call nbgrader by hand: export PATH={folder}:$PATH"
        return Diagnosis("nbgrader", False, f"{version}; {folder} is not first on the PATH", hint, necessary=False)
    return Diagnosis("nbgrader", True, f"{version}, with alembic, in {folder}")


def _kernel() -> Diagnosis:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    remedy = f"Make it again: {sys.executable} -m ipykernel install --sys-prefix --name python3"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Diagnosis("Jupyter kernel", False, "there is no kernel python3", remedy)
    program = spec.argv[0]
    if program in {"python", "python3", f"python3.{sys.version_info[1]}"}:
        program = sys.executable  # Jupyter substitutes it too when it starts the kernel
    # Links are not followed: the python of every environment may be a link to the same file.
    if Path(program).parent != Path(sys.executable).parent:
        return Diagnosis("Jupyter kernel", False, f"python3 starts {program}, not {sys.executable}", remedy)
    return Diagnosis("Jupyter kernel", True, f"python3 starts {program}")


def _course(root: Path) -> Diagnosis:
    try:
        found = config.load_course(root)
    except config.CourseError as error:
        return Diagnosis(
            "course.toml", False, str(error), "Correct the line named, or run this inside the course's folder."
        )
    if found.broken:
        errors = "; ".join(found.broken.values())
        return Diagnosis(
            "assignment.toml", False, errors, "Correct the key named. The other assignments can be graded."
        )
    return Diagnosis("course.toml", True, f"{found.course.name}: {', '.join(found.assignments)} ({found.root})")


def _data() -> Diagnosis:
    from cnnkit import data

    try:
        names = data.names()
        sizes = [f"{name}: {' + '.join(f'{len(images):,}' for images, _ in data.load(name))}" for name in names]
    except (data.DataError, OSError, ValueError) as error:
        return Diagnosis("data sets", False, str(error), "In a checkout: git checkout -- datasets")
    return Diagnosis("data sets", True, "; ".join(sizes))


def _git() -> Diagnosis:
    found = shutil.which("git")
    remedy = "" if found else "Grading does without; to update the course install it (Debian, Ubuntu: apt install git)."
    return Diagnosis("git", found is not None, found or "not installed", remedy, necessary=False)


def _disk(root: Path) -> Diagnosis:
    free = shutil.disk_usage(root).free / 1e9
    ok = free >= DISK_GB
    remedy = (
        "" if ok else f"Expected {DISK_GB:g} GB for what grading writes. Free some, or grade elsewhere with --output."
    )
    return Diagnosis("disk", ok, f"{free:,.1f} GB free in {root}", remedy)


def _memory() -> Diagnosis:
    available, total = memory_gb()
    ok = available >= MEMORY_GB
    remedy = "" if ok else f"Expected {MEMORY_GB:g} GB: TensorFlow and one submission's limit. Fewer --jobs need less."
    detail = f"{available:.1f} GB available of {total:.1f}, {os.cpu_count()} cores"
    return Diagnosis("memory", ok, detail, remedy, necessary=False)


def _gradebook(root: Path) -> Diagnosis:
    url = os.environ.get("NBGRADER_DB_URL")
    file = CourseLayout(root).gradebook
    if not url and not file.is_file():
        return Diagnosis("gradebook", True, "none yet; the first `autograder grade` makes it", necessary=False)
    import sqlalchemy

    # Read only: SQLite would create a missing file, and a check must not lock others out.
    address = sqlalchemy.make_url(url or f"sqlite:///file:{file}?mode=ro&uri=true")
    shown = address.render_as_string(hide_password=True) if url else str(file)
    engine = sqlalchemy.create_engine(address)
    try:
        with engine.connect() as connection:
            students = connection.execute(sqlalchemy.text("SELECT count(*) FROM student")).scalar_one()
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        remedy = "Is the address in NBGRADER_DB_URL right, and the server up?" if url else "Restore it from a copy."
        return Diagnosis("gradebook", False, f"{shown}: {cause}", remedy)
    finally:
        engine.dispose()
    return Diagnosis("gradebook", True, f"{shown}: {students:,} students{_slowly_filled(root)}")


def _privacy(root: Path) -> Diagnosis:
    """Look whether other accounts of this machine can read marks, hidden tests or solutions."""
    layout = CourseLayout(root)
    secrets = (layout.gradebook, layout.graded, layout.submitted, root / "solutions", RUBRICS)
    readable = [path for path in secrets if readable_by_others(path)]
    if not readable:
        return Diagnosis("privacy", True, "no other account reads marks, hidden tests or solutions", necessary=False)
    names = ", ".join(str(path.relative_to(root)) if path.is_relative_to(root) else str(path) for path in readable)
    return Diagnosis(
        "privacy",
        False,
        f"every account of this machine can read {names}",
        f"Where students have accounts: chmod o-rx {root}",
        necessary=False,
    )


def readable_by_others(path: Path) -> bool:
    """True if an account that is neither the owner nor in the group can read a file or list a folder.

    Args:
        path: of the file or folder; one that is not there cannot be read.
    """
    try:
        path = path.resolve(strict=True)
        mode = path.stat().st_mode
        own = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
        return mode & own == own and all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    except OSError:
        return False


def _slowly_filled(root: Path) -> str:
    """Names of the settings for which nbgrader itself writes the marks, one student after the other; "" if none."""
    from autograder.course.nbgrader_settings import FILE, nbgrader_settings
    from autograder.gradebook.batch_settings import unsupported_settings

    if not (root / FILE).is_file():
        return ""
    found = unsupported_settings(nbgrader_settings(config.load_course(root)))
    return f"; nbgrader itself writes the marks, one by one, because of {', '.join(found)}" if found else ""


def _isolation(root: Path) -> Diagnosis:
    """Start the isolation that grading would use, and list what a probe inside it could not reach."""
    from autograder.sandbox.client.connection import SandboxError
    from autograder.sandbox.client.zygote_process import Zygote
    from autograder.sandbox.isolation import cgroups

    try:
        course = config.load_course(root)
        hidden = course.layout.hidden_paths(course.layout.submitted, course.layout.graded)
    except config.CourseError:
        hidden = {"the rubrics": RUBRICS}
    try:
        with Zygote("auto", hidden) as zygote:
            zygote.wait()
            assert zygote.proof is not None
            tried = list(zygote.proof.reached)
            grouped = zygote.isolation == "namespaces" and cgroups.find_cgroups() is not None
            bounds = "control groups" if grouped else "the limits of a process"
            detail = f"{zygote.isolation}, memory bounded by {bounds}; a probe inside could not {'; '.join(tried)}"
            return Diagnosis("isolation", True, detail)
    except SandboxError as error:
        first, _, rest = str(error).partition("\n")
        return Diagnosis("isolation", False, first, rest)
