from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course.config import Course
from autograder.release import ReleaseError, build_source, release
from autograder.release.setup_cell import complete_setup

TEMPLATE = """\
# A secret remark of the instructor, in no notebook.

# %%
import os
import sys

try:
    import cnnkit
except ImportError:
    # %pip install "cnnkit @ git+{{repository}}"
    import cnnkit

import keras
from keras import layers

if os.environ:
    print("checked")
# {{notebook}}
print(sys.version, keras.__version__, layers)
"""


@pytest.fixture
def course(small_course: Course) -> Course:
    (small_course.root / "solutions/setup_cell.py").write_text(TEMPLATE, encoding="utf-8")
    return small_course


def complete(course: Course, *lines: str) -> str:
    return complete_setup("\n".join(["# {{setup}}", *lines]), course)


def test_imports_go_where_they_belong_each_once(course: Course) -> None:
    found = complete(
        course, "import math", "", "import keras", "import numpy as np", "from abc import ABC", "import cnnkit"
    )
    assert found.startswith("import math\nimport os\nimport sys\nfrom abc import ABC\n\ntry:\n    import cnnkit\n")
    assert "\n\nimport keras\nimport numpy as np\nfrom keras import layers\n\nif os" in found
    assert found.count("import cnnkit") == 2
    assert 'print("checked")\nprint(sys.version' in found
    assert "# {{" not in found


def test_other_lines_come_behind_the_checks(course: Course) -> None:
    found = complete(course, "import math", "", "math.tau  # a remark", "", "import late")
    assert 'print("checked")\nmath.tau  # a remark\n\nimport late\nprint(sys.version' in found


def test_an_import_over_several_lines_is_left_as_it_is(course: Course) -> None:
    found = complete(course, "from keras import (", "    losses,", ")")
    assert 'print("checked")\nfrom keras import (\n    losses,\n)\nprint(sys.version' in found


def test_a_cell_without_imports_gets_the_template(course: Course) -> None:
    whole = complete(course).splitlines()
    lines = TEMPLATE.replace("# %pip", "%pip").replace("# {{notebook}}\n", "").splitlines()
    assert whole == lines[lines.index("import os") :]


def test_the_notebook_gets_it_filled_in_and_no_more_of_the_file(course: Course) -> None:
    path = course.root / "solutions/small/small.py"
    text = path.read_text(encoding="utf-8").replace("# %%\nimport cnnkit", "# %%\n# {{setup}}\nimport cnnkit", 1)
    path.write_text(text, encoding="utf-8")
    setup = "".join(json.loads(build_source(course, "small"))["cells"][1]["source"])
    assert '    %pip install "cnnkit @ git+https://github.com/example/small-course"\n' in setup
    release(course)
    assert [file.name for file in (course.root / "assignments").rglob("*") if file.is_file()] == ["small.ipynb"]
    assert "secret remark" not in (course.root / "assignments/small/small.ipynb").read_text(encoding="utf-8")


def test_a_template_that_is_missing(small_course: Course) -> None:
    with pytest.raises(ReleaseError, match=r"solutions/setup_cell\.py is missing"):
        complete(small_course)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# {{notebook}}\n", "", "found 2 and 0"),
        ("import keras\nfrom keras import layers\n", "", "found 1 and 1"),
    ],
)
def test_a_template_without_its_places(course: Course, old: str, new: str, said: str) -> None:
    path: Path = course.root / "solutions/setup_cell.py"
    path.write_text(TEMPLATE.replace(old, new), encoding="utf-8")
    with pytest.raises(ReleaseError, match=f"two groups of imports.*{said}"):
        complete(course)
