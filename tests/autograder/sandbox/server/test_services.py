"""A connection may ask for a service that the zygote was given, by name; no other one runs."""

import socket
import subprocess
import sys
import threading

import pytest

from autograder.sandbox.client.connection import SandboxError, open_service
from autograder.sandbox.isolation.bubblewrap import bubblewrap_command
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.limits import SERVICE_MEMORY_MB, Limits
from autograder.sandbox.server.child import serve_connection
from autograder.sandbox.server.zygote import _asks_for_service, parse_services


def echo(connection):
    """A service: it sends back whatever it receives once."""
    framing.send_frame(connection, framing.receive_frame(connection))


SERVICES = {"echo": f"{__name__}:echo", "absent": "autograder.no_such_module:serve"}


LIKE_A_SERVICE = "\x82\xa2is\xa7service"
"""A cell whose text has the first characters of a request for a service."""


class RecordingBackend:
    """Isolates nothing, and notes what it was asked for."""

    def __init__(self):
        self.calls = []

    def enter(self, keep, *, memory_mb=None, grader=False):
        self.calls.append(("enter", grader, memory_mb))
        return ""

    def seal(self):
        self.calls.append(("seal",))


@pytest.fixture
def zygote(tmp_path):
    """The address of a listener that serves one connection as a child does, and the backend that it does it in."""
    address, backend = str(tmp_path / "zygote"), RecordingBackend()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()

    def serve():
        connection, _ = listener.accept()
        with connection:
            try:
                serve_connection(connection, backend, SERVICES)
            except (ImportError, framing.ProtocolError):
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield address, backend
    thread.join(10)
    listener.close()


def test_a_service_is_run_by_its_name(zygote):
    address, backend = zygote
    with open_service(address, "echo", 10) as connection:
        framing.send_frame(connection, b"hello")
        assert framing.receive_frame(connection) == b"hello"
    assert backend.calls == [("enter", True, SERVICE_MEMORY_MB)]


@pytest.mark.parametrize("name", ["unknown", "", "os:system", SERVICES["echo"]])
def test_a_name_that_is_not_in_the_table_is_refused(zygote, name):
    address, backend = zygote
    with pytest.raises(SandboxError, match="it has: echo, absent"):
        open_service(address, name, 10)
    assert backend.calls == []


def test_a_service_that_cannot_be_imported_is_an_error_of_the_sandbox(zygote):
    with pytest.raises(SandboxError, match="'absent' could not be set up"):
        open_service(zygote[0], "absent", 10)


def test_a_service_is_never_run_after_the_first_message():
    """A submission has no way to ask for one, and neither has whoever speaks to its process."""
    from autograder.sandbox.server.child import _answer

    answer = _answer(None, messages.ServiceRequest(name="echo"), 1.0)
    assert isinstance(answer, messages.UnusableResponse)


def test_without_a_zygote_there_is_no_service(tmp_path):
    with pytest.raises(SandboxError, match="not there"):
        open_service(str(tmp_path / "zygote"), "echo", 10)


def test_the_table_is_read_from_the_command_line():
    assert parse_services(["a=m.n:f", "b=m:g"]) == {"a": "m.n:f", "b": "m:g"}
    assert parse_services([]) == {}


def test_the_sandbox_knows_no_service_itself():
    """It imports nothing of the packages above it: its modules load where these cannot be imported."""
    code = (
        "import importlib, pkgutil, sys\n"
        "import autograder, autograder.sandbox\n"
        "above = [m.name for m in pkgutil.iter_modules(autograder.__path__) if m.name != 'sandbox']\n"
        "assert 'records' in above\n"
        "sys.modules.update({f'autograder.{name}': None for name in above})\n"
        "for module in pkgutil.walk_packages(autograder.sandbox.__path__, 'autograder.sandbox.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


@pytest.mark.parametrize(
    ("request_", "asks"),
    [
        (messages.ServiceRequest(name="echo"), True),
        (
            messages.StartRequest(cells=[messages.CellSource(1, "\x82\xa2is\xa7service")], records={}, limits=Limits()),
            False,
        ),
        (messages.CallRequest(function="service", args=[], kwargs={}), False),
    ],
)
def test_bubblewrap_tells_a_service_from_a_notebook_by_its_first_request(request_, asks):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        messages.send_request(ours, request_)
        assert _asks_for_service(theirs) is asks
        assert messages.decode_request(framing.receive_frame(theirs)[messages.TICKET :]) == request_


def test_bubblewrap_shows_the_packages_of_services_and_no_others():
    def visible(services):
        command = bubblewrap_command("-m", "x", services=services)
        shown = [command[n + 2] for n, option in enumerate(command) if option == "--ro-bind"]
        return {path.rpartition("/autograder/")[2] for path in shown if "/autograder/" in path}

    assert visible({}) == {"__init__.py", "sandbox"}
    assert visible({"a": "autograder.records.worker:f", "b": "elsewhere.module:g"}) == {
        "__init__.py",
        "sandbox",
        "records",
    }
