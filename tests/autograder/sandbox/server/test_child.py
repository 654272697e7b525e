# ruff: noqa: E501 -- what students wrote stands in a table
"""What a submission's process makes of cells below a check, files beside the notebook, and imports that fail.

A class of variations of one right notebook is graded. None of them may cost a point that a reader would not take.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.grading.pool import grade_class, submitting_students
from autograder.grading.tasks import GradingTask

pytestmark = pytest.mark.tensorflow

COURSE = load_course(Path(__file__).parent)
NAME = "mnist_convnet"
REFERENCE = reference_cells(COURSE, NAME)
ARCHITECTURE = REFERENCE["architecture_solution"]
WRONG = ARCHITECTURE.replace("64", "63")


def code(source, **metadata):
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


@dataclass
class Notebook:
    """The right notebook as data, and hands to change it with."""

    cells: list
    files: dict = field(default_factory=dict)

    def place(self, grade_id):
        ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in self.cells]
        return ids.index(grade_id)

    def add(self, *sources):
        self.cells += map(code, sources)
        return self

    def below(self, grade_id, *sources):
        at = self.place(grade_id) + 1
        self.cells[at:at] = map(code, sources)
        return self

    def write(self, grade_id, source):
        self.cells[self.place(grade_id)]["source"] = source
        return self

    def ahead(self, grade_id, source):
        """Write lines on top of a cell."""
        cell = self.cells[self.place(grade_id)]
        cell["source"] = source + "\n" + "".join(cell["source"])
        return self

    def drop(self, grade_id):
        del self.cells[self.place(grade_id)]
        return self

    def beside(self, **files):
        self.files |= {name.replace("__", "."): text for name, text in files.items()}
        return self


def right():
    return Notebook(json.loads(notebook_with(COURSE, NAME, REFERENCE, student="s1", records={}))["cells"])


SKELETON = "def build_convnet():\n    raise NotImplementedError()"

# Cells below a check: name -> notebook, a word of the note, points that it costs.
STATES = {
    "plain": (right(), "", 0),
    "module_name_taken": (
        right().add("layers = build_convnet().layers\nfor one in layers:\n    print(one)"),
        "`layers`",
        0,
    ),
    "numpy_is_three": (right().add("np = 3; keras = None"), "`np`", 0),
    "function_is_its_network": (right().add("build_convnet = build_convnet()"), "`build_convnet`", 0),
    "deleted": (right().add("del build_convnet, prepare_images"), "`build_convnet`", 0),
    "another_module_of_that_name": (right().add("import os as layers"), "`layers`", 0),
    "built_in_name_taken": (
        right().add("sum = 0\nmax = [1]\nlist = dict = len = str = int = float = range = 5"),
        "`range`",
        0,
    ),
    "everything_reset": (right().add("%reset -f"), "deletes", 0),
    "globals_cleared": (right().add("globals().clear()"), "deletes", 0),
    "loop_variable": (right().add("for layers in range(3):\n    pass"), "`layers`", 0),
    "with_as": (right().add("import io\nwith io.StringIO() as layers:\n    pass"), "`layers`", 0),
    "star_import": (right().add("layers = np = None\nfrom math import *"), "`layers`", 0),
    "walrus_and_except": (
        right().add("(np := 1)\ntry:\n    1 / 0\nexcept ZeroDivisionError as keras:\n    pass"),
        "`np`",
        0,
    ),
    "module_patched": (right().add("layers.Conv2D = layers.Dense"), "`layers.Conv2D` was replaced", None),
    "wrong_again_without_check": (right().add(WRONG), "cells 26 and 64: the one in cell 26 counts", 0),
    "wrong_again_then_checked": (
        right().add(WRONG, "cnnkit.check.architecture(build_convnet)"),
        "cells 26 and 64: the one in cell 64 counts",
        None,
    ),
    "mended_below_then_checked_by_alias": (
        right()
        .write("architecture_solution", WRONG)
        .add("check = cnnkit.check.architecture", ARCHITECTURE, "check(build_convnet)"),
        "cells 26 and 65",
        0,
    ),
    "mended_below_then_checked_in_a_function": (
        right()
        .write("architecture_solution", WRONG)
        .add(ARCHITECTURE, "def look():\n    getattr(cnnkit.check, 'architecture')(build_convnet)\nlook()"),
        "cells 26 and 64",
        0,
    ),
    "mended_below_then_checked_in_a_loop": (
        right()
        .write("architecture_solution", WRONG)
        .add(
            ARCHITECTURE,
            "for one in ('data', 'architecture'):\n    try:\n        getattr(cnnkit.check, one)(build_convnet)\n    except Exception:\n        pass",
        ),
        "cells 26 and 64",
        0,
    ),
    "check_in_a_cell_that_raised_behind_it": (
        right()
        .write("architecture_solution", WRONG)
        .add(ARCHITECTURE, "cnnkit.check.architecture(build_convnet)\n1 / 0"),
        "cells 26 and 64",
        0,
    ),
    "check_in_a_cell_that_raised_before_it": (
        right()
        .write("architecture_solution", WRONG)
        .add(ARCHITECTURE, "1 / 0\ncnnkit.check.architecture(build_convnet)"),
        "cells 26 and 64",
        0,
    ),
    "check_deleted": (right().drop("architecture").add("layers = 3"), "`layers`", 0),
    "check_copied_below": (
        right().write("architecture_solution", WRONG).add(ARCHITECTURE, "cnnkit.check.architecture( build_convnet )"),
        "cells 26 and 64",
        0,
    ),
    "check_never_called_in_code": (
        right().add("if False:\n    cnnkit.check.architecture(build_convnet)\nlayers = 3"),
        "`layers`",
        0,
    ),
    "written_below_its_check": (
        right().write("architecture_solution", SKELETON + "  # later").add(ARCHITECTURE),
        "not written yet at its check",
        0,
    ),
    "helper_below_its_check": (
        right()
        .write("architecture_solution", "def build_convnet():\n    return make()")
        .add(ARCHITECTURE.replace("build_convnet", "make")),
        "",
        0,
    ),
    "helper_changed": (
        right()
        .write(
            "architecture_solution",
            ARCHITECTURE.replace("build_convnet", "make") + "\n\ndef build_convnet():\n    return make()",
        )
        .add("make = None"),
        "Cell 64 changes `make`, which build_convnet(), train_convnet() use",
        0,
    ),
    "the_same_again": (right().add(ARCHITECTURE, "import numpy as np\nfrom keras import layers\nEPOCHS = 3"), "", 0),
}

# Imports that fail, and files beside the notebook.
IMPORTS = {
    "unused_on_top": (
        right().ahead("architecture_solution", "import cv2, torch\nfrom numba import njit"),
        "`cv2` is not installed",
        0,
    ),
    "own_import_cell": (
        right()
        .below("setup", "import cv2\nfrom keras.layers import Conv2D as C\nimport torch.nn as nn\nK = 64")
        .write("architecture_solution", ARCHITECTURE.replace("layers.Conv2D(\n        64", "C(\n        K")),
        "`cv2` is not installed",
        0,
    ),
    "in_a_function": (
        right().write(
            "curves_solution", REFERENCE["curves_solution"].replace('    """Draw', '    import plotly\n    """Draw', 1)
        ),
        "`plotly` is not installed",
        0,
    ),
    "star": (right().ahead("architecture_solution", "from fastai.vision import *"), "`fastai` is not installed", 0),
    "part_of_a_package": (
        right().ahead("architecture_solution", "import keras.wrappers.scikit\nfrom keras.layers import Nothing"),
        "`keras.wrappers.scikit` could not be imported",
        0,
    ),
    "in_a_try": (
        right().ahead(
            "architecture_solution", "try:\n    import cv2\nexcept ImportError:\n    cv2 = None\nassert cv2 is None"
        ),
        "",
        0,
    ),
    "suppressed": (
        right().ahead(
            "architecture_solution",
            "from contextlib import suppress\nwith suppress(ImportError):\n    import cv2\nassert 'cv2' not in dir()",
        ),
        "",
        0,
    ),
    "what_colab_has": (
        right().ahead(
            "curves_solution",
            "import seaborn as sns, scipy.stats, pandas as pd\nfrom sklearn.metrics import confusion_matrix\n"
            "from tqdm.auto import tqdm\nimport tqdm as bars\nsns.set_theme()\nconfusion_matrix([0, 1], [0, 1])\n"
            "for _ in tqdm(range(3)):\n    pass\nfrom scipy.ndimage import zoom\nimport PIL.Image",
        ),
        "",
        0,
    ),
    "used": (
        right()
        .ahead("architecture_solution", "import cv2")
        .write(
            "curves_solution",
            "import cv2\n" + REFERENCE["curves_solution"].replace('    """Draw', '    cv2.imread("a")\n    """Draw', 1),
        ),
        "`cv2` is not installed",
        3,
    ),
    "module_beside": (
        right()
        .write("architecture_solution", "from mynet import build_convnet")
        .beside(mynet__py="import cv2\nfrom keras import layers\nimport keras\n" + ARCHITECTURE),
        "mynet.py was handed in beside the notebook",
        0,
    ),
    "package_beside": (
        right()
        .write("architecture_solution", "from net.parts import build_convnet")
        .beside(**{"net/__init____py": "", "net/parts__py": "from keras import layers\nimport keras\n" + ARCHITECTURE}),
        "net/parts.py was handed in",
        0,
    ),
    "run_a_file": (
        right().write("architecture_solution", "%run helper.py").beside(helper__py=ARCHITECTURE),
        "helper.py was handed in",
        0,
    ),
    "run_a_notebook": (
        right()
        .write("architecture_solution", "%run other.ipynb")
        .beside(
            other__ipynb=json.dumps({"cells": [code(ARCHITECTURE)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        ),
        "",
        0,
    ),
    "write_and_import": (
        right()
        .write(
            "architecture_solution", f"%%writefile helper.py\nimport keras\nfrom keras import layers\n{ARCHITECTURE}"
        )
        .below("architecture_solution", "from helper import build_convnet"),
        "",
        0,
    ),
    "constant_from_a_file": (
        right()
        .ahead("architecture_solution", "import json\nK = json.load(open('settings.json'))['filters']")
        .beside(settings__json='{"filters": 64}'),
        "",
        0,
    ),
}
CASES = STATES | IMPORTS


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for name, (notebook, _, _) in CASES.items():
        home = folder / "submitted" / name / NAME
        home.mkdir(parents=True)
        data = {"cells": notebook.cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (home / f"{NAME}.ipynb").write_text(json.dumps(data))
        for path, text in notebook.files.items():
            (home / path).parent.mkdir(exist_ok=True)
            (home / path).write_text(text)
    students = submitting_students(folder / "submitted", NAME)
    tasks = [GradingTask(NAME, student, folder / "submitted", folder / "graded") for student in students]
    return {done.student: done.card for done in grade_class(COURSE, tasks, jobs=2)}


@pytest.mark.parametrize("case", CASES)
def test_a_variation_of_a_right_notebook(cards, case):
    _, word, cost = CASES[case]
    card, plain = cards[case], cards["plain"]
    lost = {check.id: check.message for check in card.checks if check.points != check.max_points}
    notes = [note for note in card.notes if note not in plain.notes]
    if cost is None:
        assert card.score < plain.score
    else:
        assert plain.score - card.score == cost, (lost, notes)
    assert any(word in note for note in notes) if word else not [n for n in notes if "judged" in n or "counts" in n], (
        notes
    )
