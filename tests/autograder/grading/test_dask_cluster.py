"""The class on a real Dask cluster of two worker processes: as on this machine, also when a worker dies half way."""

import functools
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask
import msgspec
import psutil
import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.grading import dask_cluster
from autograder.grading.dask_cluster import grade_on_cluster
from autograder.grading.pool import grade_class, submitting_students
from autograder.grading.tasks import GradingTask
from autograder.sandbox.client.connection import SandboxError
from tests.conftest import missing

pytestmark = pytest.mark.tensorflow

NAME = "mnist_convnet"
COURSE = load_course(Path(__file__).parent)
DASK = Path(sys.executable).with_name("dask")


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers: its address, and their processes."""
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    begun = [subprocess.Popen([DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", *common], **quiet)]
    try:
        until(lambda: file.exists() and file.stat().st_size)
        for _ in range(2):
            command = [DASK, "worker", *common, "--nthreads", "1", "--nworkers", "1", "--host", "127.0.0.1"]
            begun.append(subprocess.Popen([*command, "--local-directory", str(tmp_path), "--no-nanny"], **quiet))
        yield json.loads(file.read_text())["address"], begun[1:]
    finally:
        for process in begun:
            process.kill()
            process.wait()


def until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "submitted"
    answers = reference_cells(COURSE, NAME)
    for number in range(6):
        cells = (
            {} if number == 5 else {f"{part}_solution": answers[f"{part}_solution"] for part in ("data", "arithmetic")}
        )
        target = folder / f"s{number}" / NAME
        target.mkdir(parents=True)
        notebook = notebook_with(COURSE, NAME, cells, student=f"s{number}", records={})
        (target / f"{NAME}.ipynb").write_bytes(notebook)
    (folder / "s5" / NAME / f"{NAME}.ipynb").write_text("no notebook")
    return folder


def tasks(submitted, output):
    return [GradingTask(NAME, student, submitted, output) for student in submitting_students(submitted, NAME)]


@pytest.fixture(scope="module")
def here(submitted, tmp_path_factory):
    """Results of grading on this machine."""
    output = tmp_path_factory.mktemp("here")
    return cards(grade_class(COURSE, tasks(submitted, output), jobs=2))


def cards(results):
    return {done.student: msgspec.structs.replace(done.card, seconds=0.0) for done in results}


def test_a_worker_dies_and_the_results_are_those_of_this_machine(cluster, submitted, here, tmp_path):
    address, workers = cluster
    output, found = tmp_path / "graded", {}
    for done in grade_on_cluster(COURSE, tasks(submitted, output), address):
        assert done.card is not None, done.failure
        found |= cards([done])
        if sum(card.status == "graded" for card in found.values()) == 1:  # half way: the others are under way
            workers[0].send_signal(signal.SIGKILL)
    assert found == here
    # and they stand: nothing is sent again, and this machine takes them too
    again = list(grade_on_cluster(COURSE, tasks(submitted, output), "tcp://127.0.0.1:1"))
    assert not any(done.fresh for done in again)
    assert cards(again) == here
    assert cards(grade_class(COURSE, tasks(submitted, output), jobs=1)) == here


def test_the_zygote_of_a_worker_that_died_ends_too(cluster, submitted, tmp_path):
    address, workers = cluster
    results = grade_on_cluster(COURSE, tasks(submitted, tmp_path / "graded")[:2], address)
    assert all(done.card is not None for done in results)
    started = [child for worker in workers for child in psutil.Process(worker.pid).children(recursive=True)]
    assert any("autograder.sandbox.server.zygote" in child.cmdline() for child in started)
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in started))


def test_a_worker_with_another_rubric_is_refused(cluster, submitted, tmp_path, monkeypatch):
    address, _ = cluster
    monkeypatch.setattr("autograder.grading.dask_cluster.code_digest", lambda stage, name: f"sha256:another {stage}")
    (done,) = grade_on_cluster(COURSE, tasks(submitted, tmp_path / "graded")[:1], address)
    assert done.card is None
    assert "other code than the grader for: evidence, verdicts, marks, page. Install the same" in done.failure


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_what_cannot_be_read_is_not_read_again(cluster, submitted, tmp_path, isolation):
    address, _ = cluster
    only = [task for task in tasks(submitted, tmp_path / "graded") if task.student == "s5"]
    found = [list(grade_on_cluster(COURSE, only, address, isolation=isolation)) for _ in range(2)]
    assert [(done.card.status, done.fresh) for (done,) in found] == [("ungradable", True), ("ungradable", False)]


OWN = {"cert": "pem", "key": "key"}


def certificates(folder):
    """A certificate authority, and a certificate of it; Dask's configuration that names them."""
    ca, name = folder / "ca", ["-nodes", "-newkey", "rsa:2048", "-days", "2"]
    run = functools.partial(subprocess.run, check=True, capture_output=True)
    run(["openssl", "req", "-x509", *name, "-subj", "/CN=ca", "-keyout", f"{ca}.key", "-out", f"{ca}.pem"])
    own = folder / "own"
    run(["openssl", "req", *name[:3], "-subj", "/CN=own", "-keyout", f"{own}.key", "-out", f"{own}.csr"])
    signing = ["-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", "2"]
    run(["openssl", "x509", "-req", "-in", f"{own}.csr", *signing, "-out", f"{own}.pem"])
    parts = [(side, kind, file) for side in ("client", "worker", "scheduler") for kind, file in OWN.items()]
    named = {f"distributed.comm.tls.{side}.{kind}": f"{own}.{file}" for side, kind, file in parts}
    return {"distributed.comm.tls.ca-file": f"{ca}.pem", **named}


def test_a_cluster_with_tls_grades_for_those_with_a_certificate(submitted, tmp_path):
    from distributed import LocalCluster, Security

    if shutil.which("openssl") is None:
        missing("expected openssl: apt install openssl")
    with dask.config.set(certificates(tmp_path)):
        trusted = Security(require_encryption=True)
        options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None, "processes": True}
        with LocalCluster(security=trusted, local_directory=str(tmp_path), **options) as cluster:
            address = cluster.scheduler_address
            assert address.startswith("tls://")
            only = [task for task in tasks(submitted, tmp_path / "graded") if task.student == "s0"]
            (done,) = grade_on_cluster(COURSE, only, address)
            assert done.card.status == "graded", done.failure
            stranger = tmp_path / "stranger"
            stranger.mkdir()
            with dask.config.set(certificates(stranger)), pytest.raises(SandboxError):
                list(grade_on_cluster(COURSE, only, address, force=True))


@pytest.mark.parametrize("named", [{}, {"distributed.comm.tls.ca-file": "/no/such/file"}])
def test_an_encrypted_address_needs_certificates(submitted, tmp_path, named):
    only = tasks(submitted, tmp_path / "graded")[:1]
    said = r"needs certificates, .* distributed\.comm\.tls\.ca-file, .*client\.key"
    with dask.config.set(named), pytest.raises(SandboxError, match=said):
        list(grade_on_cluster(COURSE, only, "tls://127.0.0.1:1"))


def test_what_one_submission_raises_costs_that_one_only(cluster, submitted, tmp_path, monkeypatch):
    """Wherever it is raised on this side: while it is read, packed, or staged."""
    address, _ = cluster
    real = {name: getattr(dask_cluster, name) for name in ("read_bounded", "_parcel", "_staged")}

    def failing(name, student):
        def fail(*arguments):
            named = [getattr(one, "student", one) for one in arguments]
            if student in named:
                raise ZeroDivisionError(f"in {name}")
            return real[name](*arguments)

        return fail

    for name, student in zip(real, ("s0", "s1", "s2"), strict=True):
        monkeypatch.setattr(dask_cluster, name, failing(name, student))
    some = [task for task in tasks(submitted, tmp_path / "graded") if task.student in ("s0", "s1", "s2", "s5")]
    found = {done.student: done for done in grade_on_cluster(COURSE, some, address)}
    assert found["s5"].card.status == "ungradable"
    said = {student: found[student].failure for student in ("s0", "s1", "s2")}
    assert said == {f"s{n}": f"ZeroDivisionError: in {name}" for n, name in enumerate(real)}


def test_no_scheduler_is_said(submitted, tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.grading.dask_cluster._LONGEST_CONNECT", "1s")
    with pytest.raises(SandboxError, match="no Dask scheduler answers at tcp:"):
        list(grade_on_cluster(COURSE, tasks(submitted, tmp_path / "graded")[:1], "tcp://127.0.0.1:1"))
