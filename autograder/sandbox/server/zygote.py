"""The zygote: one process that has imported Keras and never runs it; every submission is a fork of it.

Importing takes seconds, a fork milliseconds. Forking is safe because the zygote only imports: it starts no thread and
runs no TensorFlow operation. It listens on a Unix socket; a connection is a request for one child, and becomes the pipe
to it. Who hangs up ends the child; when the child ends first, the zygote hangs up. The zygote holds nothing secret.

Run as `python -m autograder.sandbox.server.zygote PUBLIC PRIVATE ISOLATION [DATA ...]`, with two listening sockets and
the data sets that notebooks will read (reading them anew would take a third of a notebook's time). It says "ready" on
standard output when it has imported everything, serves the private one, serves the public one too when it reads
"open" on standard input, and ends when that is closed.

With bubblewrap it cannot fork: every submission gets a Python of its own, started inside a sandbox, which costs what
importing costs.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from contextlib import suppress
from typing import NamedTuple, cast, get_args

from autograder.sandbox.isolation import cgroups
from autograder.sandbox.isolation.backends import BackendName, IsolationBackend, NamespaceBackend, OpenBackend
from autograder.sandbox.isolation.bubblewrap import become_bubblewrap
from autograder.sandbox.isolation.filesystem import mount_plan
from autograder.sandbox.isolation.namespaces import SupervisorExit
from autograder.sandbox.server import library_pages

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


def import_libraries() -> None:
    """Import what notebooks import, and nothing else."""
    os.environ.update(_ENVIRONMENT)
    import IPython.core.interactiveshell
    import keras
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
    """Forks a child for each connection, reaps it, and clears its scratch folder away."""

    def __init__(self, public: socket.socket, private: socket.socket, isolation: BackendName) -> None:
        self.public = public
        self.listeners = {listener.fileno(): listener for listener in (public, private)}
        self.isolation = isolation
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
                become_bubblewrap(connection)
            from autograder.sandbox.server.child import serve_submission

            serve_submission(connection, self._room(scratch))
            status = 0
        except SupervisorExit as ended:
            status = ended.status
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _room(self, scratch: str) -> IsolationBackend:
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


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _drain(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""


def zygote_main() -> None:
    """Entry point of `python -m autograder.sandbox.server.zygote FD`."""
    public, private = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    isolation = sys.argv[3]
    if isolation not in get_args(BackendName):
        sys.exit(f"expected one of {', '.join(get_args(BackendName))}, found {isolation}")
    if isolation != "bubblewrap":
        import_libraries()
        from cnnkit.data.datasets import preload as preload_data

        for name in sys.argv[4:]:
            preload_data(name)
    if isolation == "namespaces":
        mount_plan(), mount_plan(grader=True)  # looked up once, not by every child
    with suppress(OSError):  # without /proc they are kept
        library_pages.release_library_pages()
    gc.collect()
    gc.disable()  # a collection would write to every page and unshare it; the child turns it on again
    gc.freeze()
    print("ready", flush=True)
    ZygoteServer(public, private, cast(BackendName, isolation)).run()


if __name__ == "__main__":
    zygote_main()
