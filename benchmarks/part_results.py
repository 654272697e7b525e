"""Results of the parts on disk: build/bench/<part>.json.

A result belongs to a machine, to versions of the libraries and to code. Where one of them has changed it is stale.
"""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from machine import machine
from parts import Figures, Part

from autograder.grading.freshness import source_files
from cnnkit.atomic_write import write_atomically

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
FOLDER = ROOT / "build" / "bench"


@dataclass(frozen=True)
class PartResult:
    """Result of one part.

    Attributes:
        part: its name.
        date: the day on which it was measured, as YYYY-MM-DD.
        commit: the commit that was checked out then; "+" follows if files differed from it.
        code: digest of the code that was measured and of the code that measured it.
        machine: see `machine`.
        seconds: wall time that the part took.
        processor: processor time that it took; None if not measurable.
        figures: what was measured, by name.
    """

    part: str
    date: str
    commit: str
    code: str
    machine: dict[str, str]
    seconds: float
    processor: float | None
    figures: Figures = field(default_factory=dict)


def new_result(part: Part, seconds: float, processor: float | None, figures: Figures) -> PartResult:
    """The result of a part that has just been measured, with the figures rounded."""
    return PartResult(
        part=part.name,
        date=date.today().isoformat(),
        commit=commit(),
        code=code_digest(part),
        machine=machine(),
        seconds=round(seconds, 1),
        processor=None if processor is None else round(processor, 1),
        figures={name: rounded(value) for name, value in figures.items() if value is not None},
    )


def read_result(name: str, folder: Path = FOLDER) -> PartResult | None:
    """The stored result of a part; None if there is none that can be read."""
    try:
        return PartResult(**json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_result(result: PartResult, folder: Path = FOLDER) -> None:
    """Store the result of a part."""
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(asdict(result), indent=1) + "\n"
    write_atomically(folder / f"{result.part}.json", data.encode())


def reason_to_measure(part: Part, result: PartResult | None, here: Mapping[str, str], code: str) -> str | None:
    """The reason why a part has to be measured; None if its result is up to date.

    Args:
        part: the part.
        result: what is stored.
        here: this machine.
        code: the part's `code_digest`.
    """
    if result is None:
        return "it has not been measured"
    if result.machine != here:
        other = [name for name, value in here.items() if result.machine.get(name) != value]
        return f"measured with a different {', '.join(other) or 'machine'}"
    if result.code != code:
        return f"the code has changed since {result.date} ({result.commit})"
    return None


def code_digest(part: Part) -> str:
    """Digest of both packages' files and of the modules here that a part consists of."""
    total = hashlib.sha256()
    own = [path.relative_to(ROOT) for path in sorted(modules_of(part.module))]
    for path in [*source_files(), *own]:
        total.update(path.as_posix().encode() + b"\0" + (ROOT / path).read_bytes() + b"\0")
    return f"sha256:{total.hexdigest()}"


def modules_of(name: str, folder: Path = HERE) -> set[Path]:
    """The file of a module in a folder, and the files there that it imports, directly or by others."""
    found: set[Path] = set()
    waiting = [name]
    while waiting:
        path = folder / f"{waiting.pop()}.py"
        if path in found or not path.is_file():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                waiting.append(node.module)
    return found


def commit() -> str:
    """The commit that is checked out, shortened, with "+" if files differ from it; "" outside a repository."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    run = subprocess.run(command, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def rounded(value: Any) -> Any:
    """A number, or the numbers of a dictionary, to a thousandth; whatever else as it is."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items() if one is not None}
    return value
