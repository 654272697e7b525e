"""What every assignment's source promises to students, to the grader and to nbgrader."""

import ast
import builtins
import json
import re
from functools import cache
from pathlib import Path

import jupytext
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.course import config
from autograder.release import build_source
from cnnkit.checks.registry import public_checks

ROOT = Path(__file__).parents[2]
COURSE = config.load_course(ROOT)

pytestmark = pytest.mark.parametrize("name", COURSE.assignments)


def grade(cell):
    return cell.metadata.get("nbgrader", {})


def skipped(cell):
    return "skip-in-grading" in cell.metadata.get("tags", [])


@cache
def cells(name):
    return jupytext.read(ROOT / "solutions" / name / f"{name}.py").cells


def code(name):
    return [cell for cell in cells(name) if cell.cell_type == "code"]


def text(name):
    return "\n".join(cell.source for cell in cells(name) if cell.cell_type == "markdown")


def tree(cell):
    return ast.parse(TransformerManager().transform_cell(cell.source))


def cleared(cell):
    """The cell as students get it: what stands between the markers replaced by the stub."""
    return re.sub(
        r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION",
        r"\1# YOUR CODE HERE\n\1raise NotImplementedError()",
        cell.source,
        flags=re.DOTALL | re.MULTILINE,
    )


def test_every_exercise_has_its_cell_its_points_and_its_check(name):
    asked, checks = COURSE.assignment(name), public_checks(name)
    assert list(checks.functions) == list(asked.points)
    for exercise, points in asked.points.items():
        (cell,) = [cell for cell in code(name) if grade(cell).get("grade_id") == exercise]
        assert (grade(cell)["grade"], grade(cell)["locked"], grade(cell)["solution"]) == (True, True, False)
        assert grade(cell)["points"] == points
        assert cell.source == f"cnnkit.check.{exercise}({', '.join(checks.functions[exercise])})"
    for number, (exercise, points) in enumerate({**asked.points, **asked.written}.items(), 1):
        assert f"### Exercise {number} · `{exercise}` ({points:g} point{'s' if points > 1 else ''})" in text(name)


def test_written_answers_are_graded_by_hand_and_cleared(name):
    for exercise, points in COURSE.assignment(name).written.items():
        (cell,) = [cell for cell in cells(name) if grade(cell).get("grade_id") == exercise]
        assert (cell.cell_type, grade(cell)["grade"], grade(cell)["solution"]) == ("markdown", True, True)
        assert grade(cell)["points"] == points
        assert cell.source.startswith("### BEGIN SOLUTION\n")
        assert cell.source.endswith("\n### END SOLUTION")


def test_grade_ids_are_unique_and_given_cells_are_locked(name):
    ids = [grade(cell)["grade_id"] for cell in cells(name) if grade(cell)]
    assert len(ids) == len(set(ids))
    for cell in cells(name):
        if grade(cell):
            assert grade(cell)["schema_version"] == 3
            assert grade(cell)["locked"] != grade(cell)["solution"]


def test_a_skeleton_keeps_name_arguments_and_a_docstring_with_an_example(name):
    for exercise, functions in public_checks(name).functions.items():
        (cell,) = [cell for cell in code(name) if grade(cell).get("grade_id") == f"{exercise}_solution"]
        whole, skeletons = ({node.name: node for node in ast.parse(s).body} for s in (cell.source, cleared(cell)))
        assert set(whole) == set(skeletons) <= set(functions)
        for function, skeleton in skeletons.items():
            assert ast.dump(whole[function].args) == ast.dump(skeleton.args)
            words = ast.get_docstring(skeleton)
            assert "Returns:" in words
            assert "Example:\n    >>> " in words
            assert all(f"    {argument.arg}: " in words for argument in skeleton.args.args)
            assert isinstance(skeleton.body[-1], ast.Raise)
            assert len(skeleton.body) == 2


def test_functions_rely_only_on_cells_that_the_grader_runs(name):
    known = set(dir(builtins))
    for cell in code(name):
        if skipped(cell) or grade(cell).get("grade"):
            continue
        for node in ast.walk(tree(cell)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.FunctionDef):
                known.add(node.name)
                parameters = [n for n in ast.walk(node) if isinstance(n, ast.arguments)]  # of lambdas within too
                inside = {argument.arg for found in parameters for argument in found.args}
                inside |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - inside
                assert used <= known, f"{node.name} uses {used - known}"
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                known.add(node.id)


def test_what_the_grader_runs_calls_no_student_function(name):
    names = {function for functions in public_checks(name).functions.values() for function in functions}
    for cell in code(name):
        if grade(cell).get("locked") and not skipped(cell) and not grade(cell).get("grade"):
            assert not names & {node.id for node in ast.walk(tree(cell)) if isinstance(node, ast.Name)}


def test_the_setup_installs_only_where_the_package_is_missing(name):
    built = {cell["id"]: "".join(cell["source"]) for cell in json.loads(build_source(COURSE, name))["cells"]}
    assert re.search(r"except ImportError:.*\n    %pip install", built["setup"])


def test_the_setup_of_the_source_imports_what_that_of_the_notebook_does(name):
    """The source is run as it is, by scripts/make_expected.py and by tests: it lacks only what no other cell uses."""
    source = next(cell for cell in code(name) if grade(cell).get("grade_id") == "setup")
    built = next(cell for cell in json.loads(build_source(COURSE, name))["cells"] if cell["id"] == "setup")
    assert source.source.startswith("# {{setup}}\n")
    whole = ast.parse(TransformerManager().transform_cell("".join(built["source"])))
    own, all_of_it = imported(tree(source)), imported(whole)
    assert own <= all_of_it
    assert all_of_it - own <= {"os", "sys", "tf"}


def imported(code):
    nodes = [node for node in ast.walk(code) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {(alias.asname or alias.name).split(".")[0] for node in nodes for alias in node.names}


def test_pictures_have_alternative_text_and_a_caption(name):
    figures = re.findall(r"\{\{figure:([^}]*)\}\}", text(name))
    assert figures
    for figure in figures:
        file, alt, caption = figure.split("|")
        assert file.endswith(".png")
        assert len(alt) > 40
        assert len(caption) > 20


def test_expected_outputs_are_there_and_small(name):
    wanted = re.findall(r"\{\{(?:expected|figure):([^|}]+)", text(name))
    folder = ROOT / "solutions" / name / "expected"
    assert sorted(path.name for path in folder.iterdir()) == sorted(wanted)
    for file in wanted:
        assert 0 < (folder / file).stat().st_size < (60_000 if file.endswith(".png") else 2_000)


def test_no_cell_is_too_long_to_read(name):
    assert 40 <= len(cells(name)) <= 65
    longest = max((cell.source for cell in cells(name) if cell.cell_type == "markdown"), key=len)
    assert len(longest) < 2_900, longest[:80]
