"""Imports of a notebook are found, whatever its cells hold."""

import json

import pytest

from cnnkit import notebook_imports
from cnnkit.notebook_imports import imported_by, imported_modules


def notebook(*sources):
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]}).encode()


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import os.path as place, numpy", {"os", "numpy"}),
        ("from . import helper\nfrom .helper import build", set()),
        ("def late():\n    from keras.layers import Dense", {"keras"}),
        ("!pip install cv2\n  %time import cv2\nimport json", {"json"}),
        ("import cv2 as", set()),
        ("x = '\\0'\x00", set()),
        ("(" * 10_000, set()),
    ],
)
def test_modules_of_a_cell(source, modules):
    assert imported_modules(source) == modules


def test_files_beside_it_and_absent_packages(tmp_path):
    (tmp_path / "helper.py").write_text("import inner, helper, cv2")
    (tmp_path / "inner.py").write_text("import helper, torch")
    (tmp_path / "unused.py").write_text("import jax")
    files, absent = imported_by(notebook(["import helper\n", "import numpy"], "import cnnkit, IPython"), tmp_path)
    assert list(files) == ["helper.py", "inner.py"]
    assert absent == ["cv2", "torch"]


def test_a_large_module_is_left_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_imports, "_LARGEST_MODULE", 3)
    (tmp_path / "helper.py").write_text("x = 3")
    assert imported_by(notebook("import helper"), tmp_path) == ({}, ["helper"])


def test_a_module_that_cannot_be_read_is_left_where_it_is(tmp_path):
    (tmp_path / "helper.py").mkdir()
    assert imported_by(notebook("import helper"), tmp_path) == ({}, ["helper"])


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [3]}', notebook(3), notebook(None), notebook(["x", 3])]
)
def test_a_notebook_that_cannot_be_read_imports_nothing(tmp_path, content):
    assert imported_by(content, tmp_path) == ({}, [])
