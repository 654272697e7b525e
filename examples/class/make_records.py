"""Train a reference solution for real and keep the records: `python examples/class/make_records.py lenet s01 [--quick]`.

The notebook's own cells are run up to the last one that records; pictures, checks and what trains on the way are left out,
unless `--everything` is asked for (transfer_learning needs it: there the features are made on the way). A full run of
mnist_convnet trains three networks for ten epochs each on 55,000 images: 5 to 12 minutes on two cores; one of lenet two
networks: 2 minutes; one of data_augmentation two small ones: 1 minute. The small JSON files it writes
(examples/class/<assignment>/<student>/) are committed; the sample class is made from them.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import jupytext

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from make_expected import run_cell  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment", help="one that trains")
    parser.add_argument("student", help="student id: it decides the seed")
    parser.add_argument("--quick", action="store_true", help="the notebook's quick mode")
    parser.add_argument("--everything", action="store_true", help="leave no cell out")
    parser.add_argument(
        "--weights", action="store_true", help="keep the final weights too, 2 MB a run of mnist_convnet"
    )
    parser.add_argument("--folder", type=Path, help="where to, unless beside this script")
    asked = parser.parse_args()
    target = (asked.folder or HERE / asked.assignment / asked.student).resolve()
    cells = [cell for cell in jupytext.read(ROOT / "solutions" / asked.assignment / f"{asked.assignment}.py").cells]
    last = max(number for number, cell in enumerate(cells) if records(cell))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        names = {"__name__": "__main__"}
        for cell in cells[: last + 1]:
            if cell.cell_type == "code" and (asked.everything or needed(cell)) and not grade(cell).get("grade"):
                source = cell.source.replace('student=""', f"student={json.dumps(asked.student)}")
                source = source.replace("QUICK = True", f"QUICK = {asked.quick}")
                run_cell(source, names, grade(cell).get("grade_id", "cell"))
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(Path("records").iterdir()):
            if file.suffix == ".json":
                text = json.dumps(json.loads(file.read_text(encoding="utf-8")), indent=1) + "\n"
                (target / file.name).write_text(text, encoding="utf-8")
            elif asked.weights:
                shutil.copy(file, target)
        os.chdir(ROOT)


def grade(cell):
    """Nbgrader's metadata of a cell."""
    return cell.metadata.get("nbgrader", {})


def records(cell):
    """True if the cell records a run; the exercise's own function only passes callbacks on."""
    return cell.cell_type == "code" and "cnnkit.record(" in cell.source and not grade(cell).get("solution")


def needed(cell):
    """True if the records depend on a cell, as far as its source shows."""
    on_the_way = "skip-in-grading" in cell.metadata.get("tags", [])
    return not on_the_way or records(cell) or "cnnkit.data.batches(" in cell.source


if __name__ == "__main__":
    main()
