"""Measure the parts that are missing or out of date, and write their figures into latest.json, pages and picture.

Usage: python benchmarks/run.py [--scale] [--part NAME ...] [--again] [--trial] [--list]

Every part runs in a process of its own. Its result is stored the moment it is known, in build/bench/<part>.json, so a
run that was interrupted goes on where it was. A part that fails is named, and the others are measured all the same.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from latest_figures import update_latest
from machine import machine
from part_results import FOLDER, code_digest, new_result, read_result, reason_to_measure, write_result
from parts import PARTS, Figures, Part, PartContext, part_named
from processor_time import CommandFailed, in_words
from processor_time import measure as measure_command
from table import write_pages


def main() -> int:
    """Measure what the command line asks for; the exit status, 1 if a part failed."""
    options = _options()
    if options.list:
        print("\n".join(_line(part) for part in PARTS))
        return 0
    names = options.part or [part.name for part in PARTS if part.scale == options.scale]
    if options.into is not None:
        found = measure_here(part_named(names[0]), trial=options.trial)
        options.into.write_text(json.dumps(found), encoding="utf-8")
        return 0
    failed = [name for name in names if not bring_up_to_date(part_named(name), options.again, options.trial)]
    if not options.trial:
        write_pages(update_latest(PARTS))
    for name in failed:
        print(f"{name}: not measured; its reason is above", file=sys.stderr)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scale", action="store_true", help="the parts of `make bench-scale`")
    parser.add_argument("--part", action="append", choices=[part.name for part in PARTS], help="only this part")
    parser.add_argument("--again", action="store_true", help="measure what is up to date, too")
    parser.add_argument("--trial", action="store_true", help="small sizes; the figures are printed and not stored")
    parser.add_argument("--list", action="store_true", help="list the parts")
    parser.add_argument("--into", type=Path, help="measure the part in this process, and write its figures as JSON")
    return parser.parse_args()


def _line(part: Part) -> str:
    result = read_result(part.name)
    reason = reason_to_measure(part, result, machine(), code_digest(part))
    state = reason if result is None or reason else f"up to date, measured on {result.date}"
    return f"{part.name:18} {'scale' if part.scale else 'bench':6} {part.about}: {state}"


def bring_up_to_date(part: Part, again: bool, trial: bool) -> bool:
    """Measure a part in a process of its own if it has to be, and first those that it goes on with.

    Args:
        part: the part.
        again: True to measure it though it is up to date.
        trial: True for small sizes; nothing is stored.

    Returns:
        False if a part failed.
    """
    if not trial and not all(bring_up_to_date(part_named(name), False, False) for name in part.after):
        return False
    reason = reason_to_measure(part, read_result(part.name), machine(), code_digest(part))
    if reason is None and not again and not trial:
        print(f"{part.name}: up to date", flush=True)
        return True
    print(f"{part.name}: {part.about} ({reason or 'asked for'})", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, __file__, "--part", part.name, "--into", file, *(["--trial"] if trial else [])]
        try:
            spent = measure_command(command, capture=False)
        except CommandFailed as error:
            print(f"{part.name}: {error}", file=sys.stderr)
            return False
        result = new_result(part, spent.wall, spent.processor, json.loads(file.read_text(encoding="utf-8")))
    print(f"{part.name}: {spent.wall:,.0f} s, processor time {in_words(spent.processor)}", flush=True)
    for name, value in result.figures.items():
        print(f"  {name}: {value}")
    if not trial:
        write_result(result)
    return True


def measure_here(part: Part, *, trial: bool) -> Figures:
    """Measure a part in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    module = importlib.import_module(part.module)
    found: Figures = getattr(module, part.function)(
        PartContext(work_folder(), part.trial if trial else part.size, trial)
    )
    return found


def work_folder() -> Path:
    """The folder for classes and trainings; one that was made with different code is removed."""
    digest = code_digest(Part("classes", "class_folder", ""))
    wanted = FOLDER / f"work-{digest.removeprefix('sha256:')[:12]}"
    for other in FOLDER.glob("work-*"):
        if other != wanted:
            shutil.rmtree(other, ignore_errors=True)
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted


if __name__ == "__main__":
    sys.exit(main())
