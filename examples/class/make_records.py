"""Train a reference solution for real and keep the records: `python examples/class/make_records.py lenet s01 [--quick]`.

A full run of mnist_convnet trains three networks for ten epochs each on 55,000 images: 10 to 12 minutes on two cores; one of lenet
two networks: 2 minutes. The small JSON files it writes (examples/class/records/<assignment>/<student>/) are committed; the
sample class is made from them.
"""

import argparse
import json
from importlib import import_module
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

import cnnkit
from autograder.course import load
from autograder.samples import reference_cells
from cnnkit.checks.training import Training


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment", help="one that trains on MNIST")
    parser.add_argument("student", help="student id: it decides the seed")
    parser.add_argument("--quick", action="store_true", help="12,000 images and 3 epochs")
    asked = parser.parse_args()
    training: Training = import_module(f"cnnkit.checks.{asked.assignment}").TRAINING
    names = {"keras": keras, "layers": layers, "np": np, "plt": plt}
    for cell, source in reference_cells(load(Path(__file__).parent), asked.assignment).items():
        if cell.endswith("_solution"):
            exec(source, names)
    folder = Path(__file__).parent / "records" / asked.assignment / asked.student
    folder.mkdir(parents=True, exist_ok=True)
    cnnkit.start(asked.assignment, student=asked.student, quick=asked.quick)
    train, val = cnnkit.data.batches("mnist", quick=asked.quick, size=training.input_shape[1])
    for run in training.runs:
        record = cnnkit.record(names[training.function], run, train, val, epochs=3 if asked.quick else 10)
        (folder / f"{run}.json").write_text(json.dumps(record.to_json(), indent=1) + "\n")


if __name__ == "__main__":
    main()
