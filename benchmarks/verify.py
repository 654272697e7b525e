"""Measure judging a student's training records, and training again.

Usage: python benchmarks/verify.py

Three runs of the MNIST ConvNet (Adam, Adadelta, SGD) are trained in the notebook's quick mode, as a student's would be,
and packed with `cnnkit.submit`. A fork of the zygote judges them ten times, as in the grader: with one run replayed,
chosen by lot, or with all. The figures are processor seconds. The first submission of a class pays for building and
tracing.
"""

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

from reference_solution import NAME, record_runs

from autograder.intake.archive import read_entry, unpack_entries
from autograder.intake.files import list_files
from autograder.intake.training_records import validated_record
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.requests import Examination, ExaminationRequest
from autograder.records.verdicts import Replays, verdicts
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.recording.record_files import record_file_name
from cnnkit.recording.schema import TrainingRecord

ROOT = Path(__file__).resolve().parents[1]
STUDENTS = 10
EPOCHS = 3


class MeasuringExaminer(ExaminerClient):
    """An examiner that adds up the processor seconds of its examinations."""

    seconds = 0.0

    def examine(self, question: ExaminationRequest) -> Examination:
        """Examine a run, and add its processor seconds."""
        examination = super().examine(question)
        self.seconds += examination.seconds
        return examination


def submission_file(folder: Path) -> tuple[Path, float]:
    """Train three runs in `folder` and pack them; the zip file, and the processor seconds of the trainings."""
    import cnnkit

    seconds = record_runs(folder, quick=True, epochs=EPOCHS).processor
    os.chdir(folder)
    Path(f"{NAME}.ipynb").write_text('{"cells": []}', encoding="utf-8")
    return cnnkit.submit().path.resolve(), seconds


def read_back(folder: Path) -> tuple[dict[str, TrainingRecord], dict[str, bytes]]:
    """Training records and weights from the zip file in a folder, by run."""
    entries, _ = unpack_entries(folder, list_files(folder))
    found = {entry.path: read_entry(folder, entry) for entry in entries if entry.archive}
    records = [validated_record(data) for path, data in found.items() if path.endswith(".json")]
    weights = {record.run: found[f"records/{record_file_name(record.run, 'npz')}"] for record in records}
    return {record.run: record for record in records}, weights


def main() -> None:
    """Train, judge, and print the table."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as submitted:
        with contextlib.redirect_stdout(io.StringIO()):
            path, training = submission_file(Path(work))
        (Path(submitted) / path.name).write_bytes(path.read_bytes())
        os.chdir(ROOT)
        records, weights = read_back(Path(submitted))
        size = path.stat().st_size
    print(f"three runs in quick mode: {training:.1f} s of processor time; handed in with weights: {size / 1e6:.1f} MB")
    with Zygote(services=SERVICES) as zygote:
        zygote.wait()
        kinds: tuple[Replays, ...] = ("one", "all")
        for replays in kinds:
            with MeasuringExaminer(lambda: zygote.address) as examiner:
                costs = []
                for number in range(STUDENTS):
                    before = examiner.seconds
                    judged = verdicts(
                        records,
                        weights,
                        examiner,
                        assignment=NAME,
                        student="bench",
                        lot=str(number),
                        replays=replays,
                    )
                    costs.append(examiner.seconds - before)
                    if {one.verdict for one in judged.values()} != {"verified"}:
                        sys.exit(f"expected verified records, found {judged}")
            later = sorted(costs[1:])[len(costs) // 2]
            print(
                f"judged, {replays:3} replayed: first {costs[0]:.2f} s, then {later:.2f} s a submission,"
                f" {training / later:.0f}x less than training again"
            )


if __name__ == "__main__":
    main()
