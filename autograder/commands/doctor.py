"""`autograder doctor`: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.commands import machine
from autograder.course import config
from autograder.course.layout import RUBRICS

IMPORT_SECONDS = 180
"""How long TensorFlow may take to start; without bytecode, on a slow disk, it is minutes."""

DISK_GB = 2.0
MEMORY_GB = 4.0


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at.

    Attributes:
        name: what was looked at.
        ok: whether it is as it should be.
        detail: what was found.
        remedy: what to do about it; empty when ok.
        necessary: whether grading cannot do without it. The rest is for information.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    necessary: bool = True


def diagnose(course_root: Path) -> list[Diagnosis]:
    """Look at this machine and at the course in `course_root` (or in a folder above it).

    Changes nothing; takes as long as TensorFlow takes to start. A check that fails unexpectedly is a finding too.
    """
    root = _root(course_root)
    checks: list[tuple[str, Callable[[], Diagnosis]]] = [
        ("Python", _python),
        ("environment", _environment),
        ("Keras", _keras),
        ("bytecode", _bytecode),
        ("nbgrader", _nbgrader),
        ("Jupyter kernel", _kernel),
        ("course.toml", lambda: _course(root)),
        ("data sets", _data),
        ("git", _git),
        ("disk", lambda: _disk(root)),
        ("memory", _memory),
        ("gradebook", lambda: _gradebook(root)),
        ("isolation", lambda: _isolation(root)),
    ]
    findings = []
    for name, check in checks:
        try:
            findings.append(check())
        except Exception as error:  # the doctor's own trouble must not hide the other findings
            detail = f"could not be looked at: {type(error).__name__}: {error}"
            findings.append(Diagnosis(name, False, detail, "Run `make env`, then try again."))
    return findings


def print_report(findings: list[Diagnosis], console: Console | None = None) -> int:
    """Print a table and the remedies.

    Returns:
        The exit status: 1 if something necessary is not as it should be, else 0.
    """
    out = console or Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark = "[green]✓ ok[/]" if finding.ok else "[red]✗ fails[/]" if finding.necessary else "[yellow]! note[/]"
        table.add_row(mark, escape(finding.name), escape(finding.detail))
    out.print(table)
    for finding in findings:
        if not finding.ok and finding.remedy:
            out.print(f"\n[bold]{escape(finding.name)}[/]: {escape(finding.remedy)}")
    failing = [finding.name for finding in findings if finding.necessary and not finding.ok]
    if failing:
        out.print(f"\nNot ready to grade: {escape(', '.join(failing))}.")
        return 1
    out.print("\nReady to grade.")
    return 0


def _root(start: Path) -> Path:
    folders = [start.resolve(), *start.resolve().parents]
    return next((folder for folder in folders if (folder / "course.toml").is_file()), folders[0])


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


def _keras() -> Diagnosis:
    # In a process of its own: this one stays small, and what TensorFlow prints or breaks stays there.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    remedy = "`make env` installs the versions of requirements.lock."
    try:
        run = subprocess.run(
            [sys.executable, "-c", _IMPORT],
            env=environment,
            capture_output=True,
            text=True,
            timeout=IMPORT_SECONDS,
            check=False,
        )
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

    remedy = f"Make it anew: {sys.executable} -m ipykernel install --sys-prefix --name python3"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Diagnosis("Jupyter kernel", False, "there is no kernel python3", remedy)
    program = spec.argv[0]
    if program in {"python", "python3", f"python3.{sys.version_info[1]}"}:
        program = sys.executable  # so does Jupyter when it starts one
    # Compared without following links: every environment's python is a link to the same file.
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
    available, total = machine.memory_gb()
    ok = available >= MEMORY_GB
    remedy = "" if ok else f"Expected {MEMORY_GB:g} GB: TensorFlow and one submission's limit. Fewer --jobs need less."
    detail = f"{available:.1f} GB available of {total:.1f}, {os.cpu_count()} cores"
    return Diagnosis("memory", ok, detail, remedy, necessary=False)


def _gradebook(root: Path) -> Diagnosis:
    url = os.environ.get("NBGRADER_DB_URL")
    file = root / "gradebook.db"
    if not url and not file.is_file():
        return Diagnosis("gradebook", True, "none yet; the first `autograder grade` makes it", necessary=False)
    import sqlalchemy

    # SQLite would create what it cannot find, and a look should not lock anyone out: read only
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
    return Diagnosis("gradebook", True, f"{shown}: {students:,} students")


def _isolation(root: Path) -> Diagnosis:
    """The isolation that grading would use, and what a probe inside it has tried in vain."""
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
            said = f"{zygote.isolation}, memory bounded by {bounds}; a probe inside could not {'; '.join(tried)}"
            return Diagnosis("isolation", True, said)
    except SandboxError as error:
        first, _, rest = str(error).partition("\n")
        return Diagnosis("isolation", False, first, rest)
