"""Honest runs, trained for this test session, and what examining them costs nothing to repeat."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from cnnkit.recording.schema import TrainingRecord

SCRIPT = Path(__file__).with_name("train_run.py")


@dataclass(frozen=True)
class Run:
    """A record and the bytes of its weights, as they were handed in."""

    record: TrainingRecord
    weights: bytes | None


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """`trained(student, optimizer, ...)`: a run of the MNIST ConvNet in quick mode, each made once a session."""
    spec = importlib.util.spec_from_file_location("train_run", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = {}

    def train(student, optimizer="adam", *, environment=None, threads=None, **how):
        key = json.dumps([student, optimizer, environment, threads, how], sort_keys=True)
        if key not in made:
            folder, before = tmp_path_factory.mktemp("run"), Path.cwd()
            try:
                if environment or threads:
                    asked = {"student": student, "optimizer": optimizer, **how} | (
                        {"threads": threads} if threads else {}
                    )
                    command = [sys.executable, str(SCRIPT), str(folder), json.dumps(asked)]
                    subprocess.run(command, env=os.environ | (environment or {}), check=True, capture_output=True)
                    (file,) = (folder / "records").glob("*.json")
                    record = msgspec.json.decode(file.read_bytes(), type=TrainingRecord)
                    made[key] = Run(record, file.with_suffix(".npz").read_bytes())
                else:
                    made[key] = Run(*module.train(folder, student, optimizer, **how))
            finally:
                os.chdir(before)
        return made[key]

    return train
