"""The grader's side of the proof that isolation holds: it offers targets, and raises an error if one was reached."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.client.connection import ChildConnection, SandboxError
from autograder.sandbox.client.submission_budget import SubmissionBudget
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.limits import Limits


@dataclass(frozen=True)
class Proof:
    """Result of a probe: the target that each attempt reached, by the name of the attempt; "" if it reached none."""

    reached: Mapping[str, str]

    @property
    def holds(self) -> bool:
        """True if nothing was reached."""
        return not any(self.reached.values())

    def require(self) -> None:
        """Raise an error if anything was reached.

        Raises:
            SandboxError: a target was reached; the message names it.
        """
        if not self.holds:
            told = "\n  ".join(f"it can {name}: {what}" for name, what in self.reached.items() if what)
            raise SandboxError(
                f"isolation does not hold on this machine, so no submission is run:\n  {told}\n"
                "Move what was reached out of the folders that Python is installed in, or grade on another machine; "
                "with submissions that you trust, use --isolation none."
            )


def prove(address: str, guarded: str, withheld: str, hidden: Mapping[str, Path]) -> Proof:
    """Let an isolated child try to reach what it must not.

    Args:
        address: where the zygote gives a child to this probe.
        guarded: its address for submissions.
        withheld: a variable of this process's environment that no submission may see; "" if there is none.
        hidden: files and folders that no submission may read or write to, by their names ("the rubric").

    Raises:
        SandboxError: the child could not be set up.
        ValueError: none of the hidden paths exists, so that the proof would prove nothing.
    """
    there = {name: path for name, path in hidden.items() if path.exists()}
    if not there:
        raise ValueError(f"expected files or folders to hide, found none of {list(hidden)}")
    with _listening() as port:
        child = ChildConnection(address, SubmissionBudget(Limits()))
        try:
            answer = child.probe(
                messages.ProbeRequest(
                    port=port,
                    address=guarded,
                    secrets={name: str(path) for name, path in there.items()},
                    folders={name: str(path) for name, path in there.items() if path.is_dir()},
                    process=os.getpid(),
                    variable=withheld,
                    limits=Limits(),
                )
            )
        finally:
            child.close()
    return Proof(answer.reached)


@contextmanager
def _listening() -> Iterator[int]:
    """A port of this machine that takes connections and datagrams, tried before it is given away."""
    with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        stream.bind(("127.0.0.1", 0))
        stream.listen()
        port = stream.getsockname()[1]
        with suppress(OSError):  # taken by another program: then only TCP is a target that is there
            datagrams.bind(("127.0.0.1", port))
        socket.create_connection(("127.0.0.1", port), 1.0).close()
        yield port
