"""The zygote: one process that has imported Keras and never runs it; every submission is a fork of it.

Importing takes seconds, a fork milliseconds. Forking is safe because the zygote only imports: it starts no thread and
runs no TensorFlow operation. It listens on a Unix socket; a connection is a request for one child, and becomes the pipe
to it. Closing it ends the child; when the child ends first, the zygote closes it. The zygote holds nothing secret.

Run as `python -m autograder.sandbox.server.zygote PUBLIC PRIVATE ISOLATION [--service NAME=MODULE:FUNCTION ...]
[--data NAME ...]`, with the descriptors of two listening sockets, the services that a connection may ask for instead of
a notebook, and the data sets that notebooks will read (reading them again would take a third of a notebook's time). It
writes "ready" to standard output when it has imported everything, serves the private socket, serves the public one too
when it reads "open" on standard input, and ends when that is closed.

With bubblewrap it cannot fork: every submission gets a Python of its own, started inside a sandbox, which costs what
importing costs.
"""

from __future__ import annotations

import argparse
import gc
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn, get_args

from autograder.sandbox.isolation import cgroups
from autograder.sandbox.isolation.backends import BackendName, IsolationBackend, NamespaceBackend, OpenBackend
from autograder.sandbox.isolation.bubblewrap import bubblewrap_command
from autograder.sandbox.isolation.filesystem import mount_plan
from autograder.sandbox.isolation.namespaces import SupervisorExit
from autograder.sandbox.server import library_pages

if TYPE_CHECKING:
    from autograder.sandbox.server.prepared import Prepared

# Before NumPy and TensorFlow are imported: threads do not survive a fork.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "Agg",
}


_REQUEST_BEGIN = 4 + 8
"""Bytes in front of a request: the length of its frame, and its ticket."""

_SERVICE_REQUEST = b"\x82\xa2is\xa7service"
"""First bytes of a `ServiceRequest`; the messages themselves are not imported here, where it would take NumPy."""


def import_libraries() -> None:
    """Import what notebooks import, and nothing else."""
    os.environ.update(_ENVIRONMENT)
    import IPython.core.interactiveshell

    # Keras would import scikit-learn for wrappers that no notebook uses; those that do import it themselves.
    sys.modules["sklearn"] = None  # type: ignore[assignment]
    import keras

    del sys.modules["sklearn"]
    import matplotlib
    import matplotlib.pyplot
    import tensorflow

    import autograder.sandbox.isolation.seccomp
    import autograder.sandbox.server.child

    matplotlib.use("Agg")
    del IPython, keras, tensorflow, autograder


class ForkedChild(NamedTuple):
    """A running child: its number, the pipe to it, and its scratch folder."""

    number: int
    connection: socket.socket
    scratch: str


class ZygoteServer:
    """Forks a child for each connection, reaps it, and deletes its scratch folder."""

    def __init__(
        self,
        public: socket.socket,
        private: socket.socket,
        isolation: BackendName,
        services: Mapping[str, str],
        prepared: Prepared | None,
    ) -> None:
        self.public = public
        self.listeners = {listener.fileno(): listener for listener in (public, private)}
        self.isolation = isolation
        self.services = services
        self.prepared = prepared
        self.groups = cgroups.find_cgroups() if isolation == "namespaces" else None
        self.number = 0
        self.children: dict[int, ForkedChild] = {}
        self.poll = select.poll()

    def run(self) -> None:
        """Serve until standard input is closed."""
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for descriptor in (*self.listeners, wake_read, sys.stdin.fileno()):
            if descriptor != self.public.fileno():
                self.poll.register(descriptor, select.POLLIN)
        while True:
            for descriptor, event in self.poll.poll():
                if descriptor == sys.stdin.fileno():
                    if not os.read(descriptor, 4096):
                        self._end_all()
                        return
                    self.poll.register(self.public.fileno(), select.POLLIN)
                elif descriptor == wake_read:
                    while _drain(wake_read):
                        pass
                    self._reap()
                elif descriptor in self.listeners:
                    self._fork(self.listeners[descriptor])
                elif event & (select.POLLHUP | select.POLLERR):
                    self._hung_up(descriptor)

    def _fork(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        scratch = tempfile.mkdtemp(prefix="submission-")
        self.number += 1
        pid = os.fork()
        if pid == 0:
            self._become_child(connection, scratch)
        self.children[pid] = ForkedChild(self.number, connection, scratch)
        # no events asked for: only a hang-up of the other side is reported
        self.poll.register(connection.fileno(), 0)

    def _become_child(self, connection: socket.socket, scratch: str) -> None:
        status = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for listener in self.listeners.values():
                listener.close()
            for other in self.children.values():
                other.connection.close()
            quiet = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(quiet, descriptor)
            if self.isolation == "bubblewrap":
                _become_bubblewrap(connection, self.services)
            from autograder.sandbox.server.child import serve_connection

            serve_connection(connection, self._backend(scratch), self.services, self.prepared, os.getpid())
            status = 0
        except SupervisorExit as ended:
            status = ended.status
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _backend(self, scratch: str) -> IsolationBackend:
        return OpenBackend(scratch) if self.isolation == "none" else NamespaceBackend(scratch, self.number, self.groups)

    def _hung_up(self, descriptor: int) -> None:
        for pid, fork in self.children.items():
            if fork.connection.fileno() == descriptor:
                self.poll.unregister(descriptor)
                _kill(pid)
                return

    def _reap(self) -> None:
        while self.children:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            fork = self.children.pop(pid, None)
            if fork is None:
                continue
            _kill(pid)  # whatever the child started and left behind
            with suppress(KeyError):  # already unregistered where the other side hung up first
                self.poll.unregister(fork.connection.fileno())
            with suppress(OSError):
                fork.connection.shutdown(socket.SHUT_RDWR)
            fork.connection.close()
            self._clear(fork)

    def _end_all(self) -> None:
        for pid in self.children:
            _kill(pid)
        for pid, fork in self.children.items():
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
            self._clear(fork)

    def _clear(self, fork: ForkedChild) -> None:
        shutil.rmtree(fork.scratch, ignore_errors=True)
        if self.groups is not None:
            self.groups.remove(fork.number)


def _become_bubblewrap(connection: socket.socket, services: Mapping[str, str]) -> NoReturn:
    """Replace this process by one inside a sandbox, which serves the connection.

    Args:
        connection: to the grader.
        services: see `bubblewrap_command`.
    """
    descriptor = connection.fileno()
    os.set_inheritable(descriptor, True)
    table = [f"{name}={target}" for name, target in services.items()]
    shown = services if _asks_for_service(connection) else {}
    command = bubblewrap_command(
        *("-m", "autograder.sandbox.server.bubblewrap_main", str(descriptor), str(os.getpid()), *table),
        services=shown,
    )
    os.execv(command[0], command)


def _asks_for_service(connection: socket.socket) -> bool:
    """Look at the first request without taking it; the packages of services are shown to their own processes only."""
    begin = connection.recv(_REQUEST_BEGIN + len(_SERVICE_REQUEST), socket.MSG_PEEK | socket.MSG_WAITALL)
    return begin[_REQUEST_BEGIN:] == _SERVICE_REQUEST


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _drain(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""


def parse_services(table: list[str]) -> dict[str, str]:
    """The table of services from the command line: ["NAME=MODULE:FUNCTION"] becomes {NAME: "MODULE:FUNCTION"}."""
    return {name: target for name, _, target in (entry.partition("=") for entry in table)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m autograder.sandbox.server.zygote")
    parser.add_argument("public", type=int, help="descriptor of the listening socket for submissions and services")
    parser.add_argument("private", type=int, help="descriptor of the listening socket for the probe")
    parser.add_argument("isolation", choices=get_args(BackendName))
    parser.add_argument("--service", action="append", default=[], metavar="NAME=MODULE:FUNCTION")
    parser.add_argument("--data", action="append", default=[], metavar="NAME", help="data set to read beforehand")
    return parser.parse_args()


def zygote_main() -> None:
    """Entry point of `python -m autograder.sandbox.server.zygote`; see the module's docstring."""
    given = _arguments()
    public, private = (socket.socket(fileno=number) for number in (given.public, given.private))
    prepared = None
    if given.isolation != "bubblewrap":
        import_libraries()
        from autograder.sandbox.server.prepared import prepare, start_trial, trial_passed
        from cnnkit.data.datasets import preload as preload_data

        trial = start_trial()
        for name in given.data:
            preload_data(name)
        prepared = prepare(weightless=trial_passed(trial))
    if given.isolation == "namespaces":
        mount_plan(), mount_plan(grader=True)  # looked up once, not by every child
    with suppress(OSError):  # without /proc they stay mapped
        library_pages.release_library_pages()
    gc.collect()
    gc.disable()  # a collection would write to every page and unshare it; the child turns it on again
    gc.freeze()
    print("ready", flush=True)
    ZygoteServer(public, private, given.isolation, parse_services(given.service), prepared).run()


if __name__ == "__main__":
    zygote_main()
