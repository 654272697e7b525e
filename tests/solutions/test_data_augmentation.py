"""The source of data_augmentation: what it promises to students, to the grader and to nbgrader."""

import ast
import builtins
import re
from pathlib import Path

import jupytext
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.course import config
from cnnkit.assignments.data_augmentation.brief import CHECKS
from cnnkit.assignments.data_augmentation.when import CASES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "solutions" / "data_augmentation"
NOTEBOOK = jupytext.read(FOLDER / "data_augmentation.py")
ASSIGNMENT = config.load_course(ROOT).assignment("data_augmentation")


def grade(cell):
    return cell.metadata.get("nbgrader", {})


def skipped(cell):
    return "skip-in-grading" in cell.metadata.get("tags", [])


def tree(cell):
    return ast.parse(TransformerManager().transform_cell(cell.source))


CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
SOLUTIONS = {grade(cell)["grade_id"]: cell for cell in CODE if grade(cell).get("solution")}
TEXT = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")
WORDS = re.sub(r"\s+", " ", TEXT)


def test_every_exercise_has_its_cell_its_points_and_its_check():
    for name, points in ASSIGNMENT.points.items():
        (cell,) = [cell for cell in CODE if grade(cell).get("grade_id") == name]
        assert (grade(cell)["grade"], grade(cell)["locked"], grade(cell)["solution"]) == (True, True, False)
        assert grade(cell)["points"] == points
        assert cell.source == f"cnnkit.check.{name}({', '.join(CHECKS.functions[name])})"
    for number, (name, points) in enumerate({**ASSIGNMENT.points, **ASSIGNMENT.written}.items(), 1):
        assert f"### Exercise {number} · `{name}` ({points:g} point{'' if points == 1 else 's'})" in TEXT
        assert re.search(rf"\| {number} \| `{name}` \|.*\| {points:g} \|", TEXT)


def test_grade_ids_are_unique_and_given_cells_are_locked():
    ids = [grade(cell)["grade_id"] for cell in NOTEBOOK.cells if grade(cell)]
    assert len(ids) == len(set(ids))
    for cell in NOTEBOOK.cells:
        if grade(cell):
            assert grade(cell)["schema_version"] == 3
            assert grade(cell)["locked"] != grade(cell)["solution"]


def test_the_only_free_cells_are_the_student_s_id_and_the_one_to_hand_in():
    first, last = [cell for cell in NOTEBOOK.cells if not grade(cell)]
    assert first.source.startswith("QUICK = True")
    assert last.source.endswith("# cnnkit.submit()")
    assert last is NOTEBOOK.cells[-1]


@pytest.mark.parametrize("exercise", list(ASSIGNMENT.points))
def test_a_skeleton_keeps_name_arguments_and_a_docstring_with_an_example(exercise):
    cell = SOLUTIONS[f"{exercise}_solution"]
    (function,) = [node for node in tree(cell).body if isinstance(node, ast.FunctionDef)]
    assert function.name == CHECKS.functions[exercise][0]
    words = ast.get_docstring(function)
    assert "Returns:" in words
    assert "Example:\n    >>> " in words
    for argument in function.args.args:
        assert f"    {argument.arg}: " in words[words.index("Args:") :]


def test_functions_rely_only_on_cells_that_the_grader_runs():
    known = set(dir(builtins))
    for cell in CODE:
        if skipped(cell) or grade(cell).get("grade"):
            continue
        for node in ast.walk(tree(cell)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.Lambda):
                known |= {node.name} if isinstance(node, ast.FunctionDef) else set()
                inside = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
                inside |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - inside
                assert used - known <= {"pipeline"}, used - known


def test_data_are_not_unpacked_while_grading():
    """Fashion-MNIST takes two seconds of processor time to unpack, which a class would pay for every submission."""
    for cell in CODE:
        if "cnnkit.data." in cell.source:
            assert skipped(cell), cell.source


def test_what_is_asked_in_the_notebook_is_what_is_checked():
    asked = next(cell.source for cell in NOTEBOOK.cells if grade(cell).get("grade_id") == "when_exercise")
    given, _, solution = SOLUTIONS["when_solution"].source.partition("### BEGIN SOLUTION")
    for case in CASES:
        assert f"- `{case}`" in asked
        assert f'"{case}"' in given  # the solution is taken out of the release: the keys must stand before it
        assert f'"{case}": ' in solution


def test_traps_are_taught():
    for words in [
        "Without a mode it also turns images upside down",
        "**of a full circle**",
        "does nothing then. And the layers for augmentation?",
        "divide by 255 **once**",
        "Validation data get no pipeline",
        "`loss_weights`",
        "in front of `.cache()`",
        "takes floats to be from 0 to 1",
    ]:
        assert words in WORDS, words


def test_numbers_in_the_text_are_right():
    assert 0.2 * 360 == 72
    assert 0.05 * 360 == 18
    assert 1 / 255 < 0.004


def test_pictures_have_alternative_text_and_a_caption():
    figures = re.findall(r"\{\{figure:([^}]*)\}\}", TEXT)
    assert len(figures) == 6
    for figure in figures:
        file, alt, caption = figure.split("|")
        assert file.endswith(".png")
        assert len(alt) > 40
        assert len(caption) > 20


def test_expected_outputs_are_there_and_small():
    wanted = re.findall(r"\{\{(?:expected|figure):([^|}]+)", TEXT)
    assert sorted(path.name for path in (FOLDER / "expected").iterdir()) == sorted(wanted)
    for name in wanted:
        assert 0 < (FOLDER / "expected" / name).stat().st_size < (60_000 if name.endswith(".png") else 2_000)


def test_expected_results_are_those_of_a_full_run_and_show_what_the_text_says():
    rows = (FOLDER / "expected" / "results.txt").read_text(encoding="utf-8").split("\n")
    plain, augmented = (dict(zip(rows[0].split(), map(float, row.split()[1:]), strict=True)) for row in rows[1:3])
    assert [row.split()[0] for row in rows[1:3]] == ["plain", "augmented"]
    assert plain["loss"] < 0.1
    assert plain["gap"] > 5 * augmented["gap"]
    assert augmented["val_accuracy"] < plain["val_accuracy"]


@pytest.mark.tensorflow
def test_the_notebook_runs_from_the_top(monkeypatch, capsys):
    """Every cell, with the training shortened to one epoch of 64 images; all checks green."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import make_expected

    names = {}
    for cell in CODE:
        source = cell.source.replace("EPOCHS = 6 if", "EPOCHS = 1 if").replace("first(1000)", "first(64)")
        make_expected.run_cell(source, names, grade(cell).get("grade_id", "cell"))
    assert set(names["records"]) == {"plain", "augmented"}
    assert "not yet" not in capsys.readouterr().out
