"""Summarise runs of a reference solution: `python scripts/make_references.py mnist_convnet --seeds 24`.

Each seed is a student of its own (r01, r02, ...) who trains the solution as examples/class/make_records.py does; the
records and weights are stored in a working folder, so that the script can be interrupted and continues. A full run of
mnist_convnet takes 5 to 10 minutes a seed on two cores. Then every run is examined as a student's would be, and their
summary is written to autograder/rubrics/<assignment>/reference_runs.json.
"""

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import msgspec

from autograder.records.judge import SAME_STEPS
from autograder.records.reference_bands import FILE, RUBRICS, Reference, summarize_reference
from autograder.records.requests import Examination, ExaminationRequest
from cnnkit.recording.schema import TrainingRecord

ROOT = Path(__file__).resolve().parents[1]
MODES = {"quick": ["--quick"], "full": []}


def train(assignment: str, student: str, mode: str, folder: Path) -> None:
    """Train the reference solution as a student, unless the folder holds the finished training.

    Args:
        assignment: its name.
        student: an id, from which the seed is made.
        mode: a key of MODES.
        folder: for the records and weights.
    """
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    script = ROOT / "examples" / "class" / "make_records.py"
    command = [sys.executable, str(script), assignment, student, *MODES[mode], "--weights", "--folder"]
    command.append(str(folder / "records"))
    subprocess.run(command, cwd=folder, check=True)
    (folder / "done").touch()


def examined(folder: Path) -> list[tuple[TrainingRecord, Examination]]:
    """Every run in a folder with its full examination.

    Raises:
        SystemExit: an examination found a problem.
    """
    from autograder.records.examination import examine

    found = []
    for file in sorted(folder.glob("records/*.json")):
        record = msgspec.json.decode(file.read_bytes(), type=TrainingRecord)
        weights = file.with_suffix(".npz").read_bytes()
        result = examine(ExaminationRequest(record=record, seed=record.seed, weights=weights, replay=True))
        apart = max(abs(a - b) for a, b in zip(record.steps, result.steps, strict=True))
        if result.problems or record.initial != result.initial or apart > SAME_STEPS:
            sys.exit(f"{file}: {result.problems or 'its first steps or initial weights are not those of its seeds'}")
        found.append((record, result))
    return found


def main() -> None:
    """Train what is missing, examine everything, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "references", help="working folder")
    parser.add_argument("--no-training", action="store_true", help="use only the runs that are in the working folder")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    work = options.work.resolve() / options.assignment
    kinds: dict[tuple[str, int, int], list[tuple[TrainingRecord, Examination]]] = defaultdict(list)
    for mode in options.modes:
        for student in (f"r{number:02}" for number in range(1, options.seeds + 1)):
            folder = work / mode / student
            if not options.no_training:
                train(options.assignment, student, mode, folder)
            if not (folder / "done").exists():
                continue
            for record, result in examined(folder):
                kinds[record.run, record.images, record.epochs].append((record, result))
            print(f"{options.assignment}, {mode}: {student} is done", flush=True)
    references: list[Reference] = [summarize_reference(runs) for _, runs in sorted(kinds.items()) if len(runs) > 1]
    target = RUBRICS / options.assignment / FILE
    target.write_bytes(msgspec.json.format(msgspec.json.encode(references), indent=1) + b"\n")
    for one in references:
        print(f"{one.run}: {one.seeds} runs of {one.epochs} epochs on {one.images:,} images")
    print(f"{target.relative_to(ROOT)} was written.")


if __name__ == "__main__":
    main()
