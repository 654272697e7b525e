"""Write environment.yml (conda, repo2docker) from requirements.in and requirements.lock.

Usage: python scripts/write_environment.py

The pins are those of the lock for CPython 3.11 on Linux. The packages of requirements.in come first, each with its
reason, then the rest.
"""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

PLATFORM = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.9",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "platform_release": "",
    "platform_version": "",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "linux",
    "extra": "",
}
"""Values with which the lock's environment markers are evaluated."""

_HEADER = """\
# The environment for conda and repo2docker (Binder): `conda env create -f environment.yml`.
# The same pins as requirements.lock, for Python 3.11 on Linux. Written by scripts/write_environment.py (`make lock`);
# change requirements.in instead.
name: cnn-course
channels:
  - conda-forge
dependencies:
  - python=3.11 # the oldest that the kit is tested on; Colab has 3.11 or 3.12
  - pip
  - pip:
"""


def reasons(requirements_in: str) -> dict[str, str]:
    """The direct dependencies, in the file's order: canonical name -> its comment.

    Raises:
        ValueError: a dependency has no comment.
    """
    found: dict[str, str] = {}
    for line in requirements_in.splitlines():
        requirement, _, comment = line.partition("#")
        if not requirement.strip():
            continue
        if not comment.strip():
            raise ValueError(f"requirements.in: expected a reason after {requirement.strip()!r}: `NAME  # why`")
        found[canonicalize_name(Requirement(requirement.strip()).name)] = comment.strip()
    return found


def pins(lock: str, platform: dict[str, str] | None = None) -> dict[str, str]:
    """The pins of a lock that apply to `platform` (PLATFORM unless given): canonical name -> version."""
    found: dict[str, str] = {}
    for line in lock.splitlines():
        if line.startswith((" ", "#")) or not line.strip():
            continue
        requirement = Requirement(line.removesuffix("\\"))
        if requirement.marker is None or requirement.marker.evaluate(dict(platform or PLATFORM)):
            (specifier,) = requirement.specifier
            found[canonicalize_name(requirement.name)] = specifier.version
    return found


def environment(requirements_in: str, lock: str) -> str:
    """The text of environment.yml.

    Raises:
        ValueError: the lock lacks a direct dependency, or a dependency has no comment.
    """
    locked = pins(lock)
    direct = reasons(requirements_in)
    missing = sorted(set(direct) - set(locked))
    if missing:
        raise ValueError(f"requirements.lock lacks {', '.join(missing)} of requirements.in; run `make lock`")
    lines = [f"      - {name}=={locked[name]} # {reason}" for name, reason in direct.items()]
    lines.append("      # What these need in turn.")
    lines += [f"      - {name}=={version}" for name, version in sorted(locked.items()) if name not in direct]
    lines.append("      # The kit itself: cnnkit and the command autograder.")
    lines.append("      - -e .")
    return _HEADER + "\n".join(lines) + "\n"


def main() -> int:
    """Write the file; the exit status."""
    try:
        text = environment(
            (ROOT / "requirements.in").read_text(encoding="utf-8"),
            (ROOT / "requirements.lock").read_text(encoding="utf-8"),
        )
    except (OSError, ValueError) as error:
        print(f"write_environment: {error}", file=sys.stderr)
        return 1
    (ROOT / "environment.yml").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
