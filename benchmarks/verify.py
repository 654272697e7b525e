"""What it costs to judge a student's training records, beside training again.

Usage: python benchmarks/verify.py

Three runs of the MNIST ConvNet (Adam, Adadelta, SGD) are trained in the notebook's quick mode, as a student's would be,
packed with `cnnkit.submit`, and judged again and again by a fork of the zygote, as the grader does it: one run
replayed, chosen by lot, or all. Processor seconds; the first submission of a class pays for building and tracing.
"""

import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path

from solved import solution

from autograder.intake.archive import read_entry, unpack_entries
from autograder.intake.files import list_files
from autograder.intake.training_records import validated_record
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.requests import Examination, ExaminationRequest
from autograder.records.verdicts import Replays, verdicts
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.recording.files import record_file_name
from cnnkit.recording.schema import TrainingRecord

ROOT = Path(__file__).resolve().parents[1]
OPTIMIZERS = ("adam", "adadelta", "sgd")
STUDENTS = 10


class Measured(ExaminerClient):
    """An examiner that adds up what examining costs."""

    seconds = 0.0

    def examine(self, question: ExaminationRequest) -> Examination:
        """As the examiner does, with its processor seconds noted."""
        answer = super().examine(question)
        self.seconds += answer.seconds
        return answer


def trained(folder: Path) -> tuple[Path, float]:
    """The zip file of a submission, and the processor seconds of its three runs."""
    os.chdir(folder)
    names = solution()
    cnnkit = names["cnnkit"]
    cnnkit.start("mnist_convnet", student="bench")
    train, val = cnnkit.data.batches("mnist", quick=True)
    started = time.process_time()
    for name in OPTIMIZERS:
        cnnkit.record(names["train_convnet"], name, train, val, epochs=3)
    seconds = time.process_time() - started
    Path("mnist_convnet.ipynb").write_text('{"cells": []}', encoding="utf-8")
    return cnnkit.submit().path.resolve(), seconds


def read_back(folder: Path) -> tuple[dict[str, TrainingRecord], dict[str, bytes]]:
    """Records and weights of the zip file in a folder, by run."""
    entries, _ = unpack_entries(folder, list_files(folder))
    found = {entry.path: read_entry(folder, entry) for entry in entries if entry.archive}
    records = [validated_record(data) for path, data in found.items() if path.endswith(".json")]
    weights = {record.run: found[f"records/{record_file_name(record.run, 'npz')}"] for record in records}
    return {record.run: record for record in records}, weights


def main() -> None:
    """Train, judge, and print the table."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as handed:
        with contextlib.redirect_stdout(io.StringIO()):
            path, training = trained(Path(made))
        (Path(handed) / path.name).write_bytes(path.read_bytes())
        os.chdir(ROOT)
        records, weights = read_back(Path(handed))
        size = path.stat().st_size
    print(f"three runs in quick mode: {training:.1f} s of processor time; handed in with weights: {size / 1e6:.1f} MB")
    with Zygote(services=SERVICES) as zygote:
        zygote.wait()
        kinds: tuple[Replays, ...] = ("one", "all")
        for replays in kinds:
            with Measured(lambda: zygote.address) as examiner:
                costs = []
                for number in range(STUDENTS):
                    before = examiner.seconds
                    said = verdicts(
                        records,
                        weights,
                        examiner,
                        assignment="mnist_convnet",
                        student="bench",
                        lot=str(number),
                        replays=replays,
                    )
                    costs.append(examiner.seconds - before)
                    if {one.verdict for one in said.values()} != {"verified"}:
                        sys.exit(f"expected verified records, found {said}")
            later = sorted(costs[1:])[len(costs) // 2]
            print(
                f"judged, {replays:3} replayed: first {costs[0]:.2f} s, then {later:.2f} s a submission,"
                f" {training / later:.0f}x less than training again"
            )


if __name__ == "__main__":
    main()
