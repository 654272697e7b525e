"""Summarise runs of a reference solution: `python scripts/make_references.py mnist_convnet --seeds 24`.

Each seed is a student of its own (r01, r02, ...) who trains the solution as examples/class/make_records.py does. Then
every run is examined as a student's would be, and its measures are appended to
autograder/rubrics/<assignment>/reference_measures.jsonl, one line a run. A seed whose lines are there is not trained
again: the script can be interrupted and continues, also on another machine. A full run of mnist_convnet takes 5 to 10
minutes a seed on two cores. At the end the bands are computed from all lines and written to reference_runs.json. Bands
of more runs than there are lines of their kind stay as they are.

With `--hard-images` the hardest validation images are found from the weights in the working folder, and written to
autograder/records/hard_images.json.
"""

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from autograder.records import image_draw
from autograder.records.judge import SAME_STEPS
from autograder.records.reference_bands import FILE, RUBRICS, load_references, run_measures
from autograder.records.reference_measures import FILE as MEASURES
from autograder.records.reference_measures import (
    Line,
    ReferenceKind,
    ReferenceRun,
    append_measures,
    read_measures,
    references_of,
    rounded,
)
from autograder.records.requests import Examination, ExaminationRequest
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.validation_losses import packed_answers, packed_losses

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
        images = tuple(range(int(record.data["validation"])))
        request = ExaminationRequest(record=record, seed=record.seed, weights=weights, replay=True, images=images)
        result = examine(request)
        apart = max(abs(a - b) for a, b in zip(record.steps, result.steps, strict=True))
        if result.problems or record.initial != result.initial or apart > SAME_STEPS:
            sys.exit(f"{file}: {result.problems or 'its first steps or initial weights are not those of its seeds'}")
        if not record.image_losses:  # of an earlier layout
            losses, right = np.array(result.image_losses), np.array(result.image_right)
            record = replace(record, image_losses=packed_losses(losses), image_right=packed_answers(right))
        found.append((record, result))
    return found


def lines_of(student: str, runs: list[tuple[TrainingRecord, Examination]]) -> list[Line]:
    """The lines of a seed's runs, each behind that of its kind.

    Raises:
        ValueError: a record describes no network, or a measure is not finite.
    """
    lines: list[Line] = []
    for record, result in runs:
        if record.network is None:
            raise ValueError(f"expected a record that describes its network, that of {record.run} does not")
        run, images, epochs = record.run, record.images, record.epochs
        optimizer, measures = dict(record.optimizer), rounded(run_measures(record, result))
        lines.append(ReferenceKind(run=run, images=images, epochs=epochs, optimizer=optimizer, network=record.network))
        lines.append(ReferenceRun(run=run, images=images, epochs=epochs, student=student, measures=measures))
    return lines


def write_hard_images(work: Path) -> None:
    """Find the hardest validation images of each data set from the runs in the working folder that classify well."""
    losses: dict[str, list[np.ndarray]] = defaultdict(list)
    for folder in sorted(path.parent for path in work.glob("*/*/done")):
        for record, result in examined(folder):
            if result.validation_accuracy is not None and result.validation_accuracy > 0.9:
                losses[str(record.data["name"])].append(np.array(result.image_losses))
    for name, runs in losses.items():
        print(f"{name}: from {len(runs)} runs")
    found = {name: image_draw.hardest(runs) for name, runs in losses.items()}
    image_draw.FILE.write_bytes(msgspec.json.encode(found) + b"\n")


def main() -> None:
    """Train what is missing, examine it, append its measures, compute the bands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "references", help="working folder")
    parser.add_argument("--no-training", action="store_true", help="use only the runs that are in the working folder")
    parser.add_argument("--hard-images", action="store_true", help="only find the hardest validation images")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    work = options.work.resolve() / options.assignment
    if options.hard_images:
        write_hard_images(work)
        return
    target, measures = RUBRICS / options.assignment / FILE, RUBRICS / options.assignment / MEASURES
    for mode in options.modes:
        for student in (f"r{number:02}" for number in range(1, options.seeds + 1)):
            folder, label = work / mode / student, f"{mode} {student}"
            known = {line.student for line in read_measures(measures) if isinstance(line, ReferenceRun)}
            if label in known:
                continue
            if not options.no_training:
                train(options.assignment, student, mode, folder)
            if (folder / "done").exists():
                append_measures(measures, lines_of(label, examined(folder)))
                print(f"{options.assignment}: {label} is done", flush=True)
    references = references_of(read_measures(measures), load_references(options.assignment))
    target.write_bytes(msgspec.json.format(msgspec.json.encode(references), indent=1) + b"\n")
    for one in references:
        print(f"{one.run}: {one.seeds} runs of {one.epochs} epochs on {one.images:,} images")
    print(f"{target.relative_to(ROOT)} was written.")


if __name__ == "__main__":
    main()
