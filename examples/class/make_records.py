"""Train the reference solution for real and keep the records: `python examples/class/make_records.py s01 [--quick]`.

A full run trains three networks for ten epochs each on 55,000 images: 10 to 12 minutes on two cores. The small JSON files it writes
(examples/class/records/<student>/) are committed; the sample class is made from them.
"""

import argparse
import json
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

import cnnkit
from autograder.course import load
from autograder.samples import reference_cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("student", help="student id: it decides the seed")
    parser.add_argument("--quick", action="store_true", help="12,000 images and 3 epochs")
    asked = parser.parse_args()
    course = load(Path(__file__).parent)
    cells = reference_cells(course, "mnist_convnet")
    names = {"keras": keras, "layers": layers, "np": np, "plt": plt}
    for cell in ("architecture_solution", "training_solution"):
        exec(cells[cell], names)
    folder = Path(__file__).parent / "records" / asked.student
    folder.mkdir(parents=True, exist_ok=True)
    cnnkit.start("mnist_convnet", student=asked.student, quick=asked.quick)
    train, val = cnnkit.data.batches("mnist", quick=asked.quick)
    for optimizer in ("adam", "adadelta", "sgd"):
        record = cnnkit.record(names["train_convnet"], optimizer, train, val, epochs=3 if asked.quick else 10)
        (folder / f"{optimizer}.json").write_text(json.dumps(record.to_json(), indent=1) + "\n")


if __name__ == "__main__":
    main()
