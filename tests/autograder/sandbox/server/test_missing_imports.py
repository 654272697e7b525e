"""A failing import leaves a stand-in that raises on use; imports that the code guards itself are left alone."""

import ast

import pytest

from autograder.sandbox.server.missing_imports import FailedImports, StandIn
from cnnkit.grading_packages import packages_text


@pytest.fixture
def ran():
    """Run code as a cell; returns the names, the failed imports and the notes."""

    def run(source):
        notes, names = [], {"__name__": "__main__"}
        imports = FailedImports(notes.append)
        exec(compile(imports.visit(ast.parse(source)), "<cell 1>", "exec"), names)
        return names, list(imports.missing), notes

    return run


MISSING = f"`no_such` is not installed where work is graded (these are: {packages_text()})"


@pytest.mark.parametrize(
    ("source", "bound"),
    [
        ("import no_such", "no_such"),
        ("import no_such as one", "one"),
        ("import no_such.part", "no_such"),
        ("import no_such.part as one", "one"),
        ("from no_such import one", "one"),
        ("from no_such.part import two as one", "one"),
        ("if True:\n    import no_such", "no_such"),
        ("import math, no_such, os", "no_such"),
        ("try:\n    import no_such\nfinally:\n    pass", "no_such"),
        ("class Own:\n    import no_such\nno_such = Own.no_such", "no_such"),
    ],
)
def test_the_rest_runs_and_the_name_raises_when_it_is_used(ran, source, bound):
    names, missing, notes = ran(source + "\nafter = 1")
    assert (names["after"], missing) == (1, ["no_such"])
    assert notes == [f"{MISSING}; the rest of the cell was run."]
    for use in ("{}.x", "{}()", "{}[0]", "list({})", "len({})", "bool({})", "{} + 1", "1 in {}", "isinstance(1, {})"):
        with pytest.raises(ModuleNotFoundError, match="no_such is not among the packages that are installed"):
            eval(use.format(bound), names)
    with pytest.raises(ModuleNotFoundError):
        exec(f"class Sub({bound}): pass", names)


def test_other_imports_of_the_statement_are_made(ran):
    names, _, _ = ran("import math, no_such, os.path as path\nfrom math import sqrt, no_root")
    assert names["sqrt"](4) == 2
    assert names["path"].sep == "/"


def test_a_star_binds_nothing(ran):
    names, missing, _ = ran("from no_such import *\nafter = 1")
    assert missing == ["no_such"]
    assert names["after"] == 1


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import no_such\nexcept ImportError:\n    no_such = None",
        "try:\n    import no_such\nexcept Exception as e:\n    no_such = None",
        "from contextlib import suppress\nno_such = None\nwith suppress(ImportError):\n    import no_such",
    ],
)
def test_what_the_code_deals_with_itself_is_left_alone(ran, source):
    names, missing, notes = ran(source)
    assert names["no_such"] is None
    assert (missing, notes) == ([], [])


def test_an_import_in_a_handler_is_guarded(ran):
    names, missing, _ = ran("try:\n    1 / 0\nexcept ZeroDivisionError:\n    import no_such\nelse:\n    pass")
    assert isinstance(names["no_such"], StandIn)
    assert missing == ["no_such"]


def test_a_function_that_imports_for_nothing_works_and_is_noted_at_once(ran):
    names, missing, notes = ran("def f():\n    import no_such\n    return 1")
    assert (missing, notes) == (["no_such"], [f"{MISSING}."])
    assert names["f"]() == 1


def test_a_package_that_is_there_is_not_replaced_for_want_of_a_part(ran):
    names, missing, notes = ran("import json\nimport json.no_part\nfrom json import no_name, loads")
    assert names["json"].dumps(1) == "1"
    assert names["loads"]("1") == 1
    assert missing == []
    assert [note.split("`")[1] for note in notes] == ["json.no_part", "json.no_name"]
    with pytest.raises(ImportError, match=r"json\.no_name could not be imported"):
        names["no_name"]()


def test_relative_and_future_imports_are_left_alone(ran):
    names, _, _ = ran("from __future__ import annotations\nx: no_such = 1")
    assert names["x"] == 1
    with pytest.raises(ImportError):
        ran("from . import part")


@pytest.mark.parametrize("decorator", ["no_such", "one"])
def test_what_it_decorates_is_there_and_raises_when_it_is_called(ran, decorator):
    names, missing, _ = ran(
        f"import no_such\nfrom no_such import one\n@{decorator}\ndef helper(x): return x\nafter = 1"
    )
    assert (names["after"], missing, names["helper"].__name__) == (1, ["no_such"], "helper")
    with pytest.raises(ModuleNotFoundError, match="no_such is not among"):
        names["helper"](3)
    for use in ("one(3)", "one(helper, 3)", "one(function=helper)", "one(len)"):
        with pytest.raises(ModuleNotFoundError):
            eval(use, names)


def test_a_stand_in_can_be_looked_at():
    stand_in = StandIn(ImportError, "x is not there")
    assert repr(stand_in) == "<x is not there>"
    assert not hasattr(stand_in, "_repr_html_")


def test_exceptions_of_other_kinds_in_an_import_are_no_missing_package(ran, tmp_path, monkeypatch):
    (tmp_path / "broken_beside.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    names, missing, notes = ran("import broken_beside\nafter = 1")
    assert (names["after"], missing) == (1, [])
    assert "broken_beside` could not be imported (ZeroDivisionError" in notes[0]


@pytest.mark.parametrize(
    "source",
    [
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "from google.colab import files\nuploaded = files.upload()\nassert list(uploaded.keys()) == []",
        "import google.colab\ngoogle.colab.drive.mount('/content')",
        "import google.colab as colab\ncolab.drive.mount('/content')",
        "from google.colab.patches import cv2_imshow\ncv2_imshow(None)",
    ],
)
def test_colab_does_nothing(ran, source):
    names, missing, notes = ran(source + "\nafter = 1")
    assert (names["after"], missing) == (1, [])
    assert notes == ["`google.colab` exists on Colab only; during grading it does nothing."]


def test_line_numbers_stay(ran):
    with pytest.raises(ZeroDivisionError) as error:
        ran("import no_such\n\n1 / 0")
    assert error.traceback[-1].lineno == 2
