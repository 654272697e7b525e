"""A PostgreSQL server of its own with an empty database, for as long as something is measured or tested on it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple


class PostgresqlServer(NamedTuple):
    """Server that is running.

    Attributes:
        url: address of an empty database, for SQLAlchemy.
        process: id of its first process, whose children are the others.
    """

    url: str
    process: int


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server in a temporary folder, and stop it at the end.

    Raises:
        FileNotFoundError: no PostgreSQL server is installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    programs = found[-1].parent
    if not (programs / "initdb").is_file():
        raise FileNotFoundError("expected a PostgreSQL server: `make test-deps` installs one")
    # it refuses to run as root
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    as_owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_owner = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}

    def run(program: str, *arguments: str | Path) -> None:
        # "/": the owner may not see where this runs
        command: list[str | Path] = [programs / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_owner)

    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # a socket's path must be short
        os.chmod(folder, 0o755)
        data = Path(folder) / "data"
        data.mkdir()
        shutil.chown(folder, owner)
        shutil.chown(data, owner)
        run("initdb", "--pgdata", data, "--username", "kit", "--auth", "trust", "--no-sync")
        options = f"-c listen_addresses='' -k {folder} -F"
        run("pg_ctl", "--pgdata", data, "--wait", "--options", options, "--log", f"{folder}/log", "start")
        try:
            run("createdb", "--host", folder, "--username", "kit", "gradebook")
            process = int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
            yield PostgresqlServer(f"postgresql+psycopg://kit@/gradebook?host={folder}", process)
        finally:
            run("pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")
