"""What verifying one student's four training records costs.

Three runs of the MNIST ConvNet (Adam, Adadelta, SGD) and the repaired Adadelta are trained in the notebook's quick
mode. A fork of the zygote judges them again and again, as in the grader: with one run replayed, chosen by lot, or with
all. Two commands of different numbers of students are measured, so that their difference leaves out the start, and
what the first submission of a class pays for building and tracing.

Usage, by the part itself: python benchmarks/verify.py FOLDER STUDENTS (one|all)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from class_folder import grading_environment, trained_runs
from parts import Figures, PartContext
from processor_time import Spent
from processor_time import measure as measure_command
from sample_class import NAME

from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.verdicts import Replays, verdicts
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.recording.record_files import record_file_name
from cnnkit.recording.schema import TrainingRecord

STUDENTS = 20
FEW = 2
"""Students of the shorter command."""


def measure(context: PartContext) -> Figures:
    """Seconds of wall time and processor time for each student, and the size of what was handed in."""
    trained = trained_runs(context.work)
    students = FEW + 2 if context.trial else STUDENTS
    found: Figures = {"mb_handed_in": sum(file.stat().st_size for file in trained.glob("records/*")) / 1e6}
    for replays in ("one", "all"):
        few, many = (_judge_in_a_command(trained, count, replays) for count in (FEW, students))
        suffix = "" if replays == "one" else "_all_replayed"
        found[f"seconds_verify_per_submission{suffix}"] = (many.wall - few.wall) / (students - FEW)
        if few.processor is not None and many.processor is not None:
            found[f"cpu_verify_four_runs{suffix}"] = (many.processor - few.processor) / (students - FEW)
    return found


def _judge_in_a_command(trained: Path, students: int, replays: str) -> Spent:
    command = [sys.executable, __file__, trained, str(students), replays]
    return measure_command(command, env=grading_environment())


def judge(trained: Path, students: int, replays: Replays) -> None:
    """Judge the records in a folder again and again.

    Raises:
        SystemExit: a verdict is not "verified".
    """
    records, weights = _read(trained)
    with Zygote(services=SERVICES) as zygote:
        zygote.wait()
        with ExaminerClient(lambda: zygote.address) as examiner:
            for number in range(students):
                judged = verdicts(
                    records,
                    weights,
                    examiner,
                    assignment=NAME,
                    student="bench",
                    lot=str(number),
                    replays=replays,
                )
                if {one.verdict for one in judged.values()} != {"verified"}:
                    sys.exit(f"expected verified records, found {judged}")


def _read(trained: Path) -> tuple[dict[str, TrainingRecord], dict[str, bytes]]:
    """Training records and weights by run."""
    files = sorted(trained.glob("records/*.json"))
    found = [msgspec.json.decode(file.read_bytes(), type=TrainingRecord) for file in files]
    records = {record.run: record for record in found}
    return records, {run: (trained / "records" / record_file_name(run, "npz")).read_bytes() for run in records}


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    judge(Path(sys.argv[1]), int(sys.argv[2]), "all" if sys.argv[3] == "all" else "one")
