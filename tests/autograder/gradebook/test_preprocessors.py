from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.config import Course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.database import open_gradebook, record_release
from autograder.gradebook.marks import gradebook_scores
from autograder.gradebook.preprocessors import (
    SubmissionExporter,
    UseScorecard,
    expect_notebook,
    grade_outputs,
    repaired_notebook,
)
from autograder.intake import Ungradable, read_submission
from autograder.results.scorecard import CheckResult, Scorecard
from autograder.results.staging import commit_files
from autograder.results.store import ResultStore

pytestmark = pytest.mark.slow

Notebook = dict[str, Any]
Edit = Callable[[Notebook], Notebook]


def check(exercise: str, points: float, worth: float, **more: Any) -> CheckResult:
    outcome = "passed" if points == worth else "failed"
    more |= {"id": f"{exercise}.it_works", "exercise": exercise, "outcome": outcome}
    return CheckResult(points=points, max_points=worth, **more)


def card_for(course: Course, student: str, double: float = 2.0, halve: float = 0.1 + 0.2) -> Scorecard:
    """A scorecard of what lies in submitted/, as the grader would write it."""
    about: dict[str, Any] = {"assignment": "small", "student": student, "max_score": 5.0, "rubric": "r", "kit": "1"}
    try:
        submission = read_submission(course.root / "submitted" / student / "small", "small", student, course)
    except Ungradable as reason:
        return Scorecard(**about, status="ungradable", score=None, notes=[str(reason)], submission=reason.digest)
    checks = [check("double", double, 2.0), check("halve", halve, 3.0, message="expected <b>1</b>")]
    return Scorecard(**about, status="graded", score=double + halve, checks=checks, submission=submission.digest)


@pytest.fixture
def course(released_course: Course) -> Course:
    return released_course


@pytest.fixture
def autograde(course: Course, nbgrader: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`nbgrader autograde small` where the grader gives everybody full marks; its exit status."""
    from autograder.grading import on_demand

    monkeypatch.setattr(on_demand, "grade_on_demand", lambda task, course: card_for(course, task.student))
    record_release(course, "small", course_directory(course, nbgrader_settings(course)))
    return lambda *arguments: nbgrader("autograde", "small", *arguments)


def released(course: Course) -> Notebook:
    notebook: Notebook = json.loads((course.root / "assignments/small/small.ipynb").read_bytes())
    return notebook


def hand_in(course: Course, student: str, notebook: Notebook | bytes, name: str = "small.ipynb") -> Path:
    folder = course.root / "submitted" / student / "small"
    folder.mkdir(parents=True)
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (folder / name).write_bytes(data)
    return folder


def cell(notebook: Notebook, grade_id: str) -> Any:
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def duplicated(notebook: Notebook) -> Notebook:
    notebook["cells"].append({**copy.deepcopy(cell(notebook, "double")), "id": "copy"})
    return notebook


def stripped(notebook: Notebook) -> Notebook:
    for each in notebook["cells"]:
        each["metadata"] = {}
    return notebook


def deleted(notebook: Notebook) -> Notebook:
    notebook["cells"].remove(cell(notebook, "halve"))
    return notebook


def old_format(notebook: Notebook) -> Notebook:
    node = nbformat.convert(nbformat.from_dict(notebook), 3)
    return json.loads(json.dumps(node))


def test_one_class_with_every_kind_of_damage(course: Course, autograde: Callable[..., int]) -> None:
    notebook = released(course)
    hand_in(course, "good", notebook)
    for number, edit in enumerate([duplicated, stripped, deleted, old_format]):
        hand_in(course, f"damaged{number}", edit(copy.deepcopy(notebook)))
    hand_in(course, "misnamed", notebook, name="my homework.ipynb")
    hand_in(course, "nonsense", b"this is not a notebook")
    hand_in(course, "empty", b"")
    assert autograde() == 1  # nbgrader names those it could not grade

    graded = ["good", "damaged0", "damaged1", "damaged2", "damaged3", "misnamed"]
    found = gradebook_scores(course, "small")
    assert sorted(found) == sorted(graded)
    assert found == pytest.approx(dict.fromkeys(graded, 2.0 + (0.1 + 0.2)), abs=1e-9)
    assert {path.parent.name for path in (course.root / "autograded").glob("*/small")} == set(graded)
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        assert {submission.student.id for submission in book.assignment_submissions("small")} == set(graded)


def test_an_ungradable_second_submission_leaves_no_old_mark(course: Course, autograde: Callable[..., int]) -> None:
    for student in ["plain", "marked"]:
        hand_in(course, student, released(course))
    assert autograde() == 0
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        book.find_grade("why", "small", "small", "marked").manual_score = 3.5
        book.db.commit()
    for student in ["plain", "marked"]:
        (course.root / "submitted" / student / "small/small.ipynb").write_bytes(b"gone")
    assert autograde("--force") == 1

    assert gradebook_scores(course, "small") == {"marked": None}
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        assert [submission.student.id for submission in book.assignment_submissions("small")] == ["marked"]
        assert book.find_grade("why", "small", "small", "marked").manual_score == 3.5
        assert book.find_submission("small", "marked").needs_manual_grade


def test_written_answers_are_left_to_people(course: Course, autograde: Callable[..., int]) -> None:
    answered = released(course)
    cell(answered, "why")["source"] = ["Because.\n", "\n", "<script>alert(1)</script> 1 < 2"]
    hand_in(course, "answered", answered)
    hand_in(course, "blank", released(course))
    assert autograde() == 0
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        grade = book.find_grade("why", "small", "small", "answered")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
        assert book.find_grade("why", "small", "small", "blank").auto_score == 0
        assert book.find_comment("why", "small", "small", "blank").auto_comment == "No response."
    text = (course.root / "autograded/answered/small/small.ipynb").read_text(encoding="utf-8")
    assert "< script>alert(1)< /script> 1 < 2" in text


def test_a_written_answer_is_shown_up_to_a_bound(course: Course, autograde: Callable[..., int]) -> None:
    answered = released(course)
    cell(answered, "why")["source"] = ["\\begin{a}" * 100_000]
    hand_in(course, "answered", answered)
    assert autograde() == 0
    shown = json.loads((course.root / "autograded/answered/small/small.ipynb").read_text(encoding="utf-8"))
    text = "".join(cell(shown, "why")["source"])
    assert text.endswith("\n\n… 850,000 more characters are in the notebook that was handed in.")
    assert 50_000 < len(text) < 60_000


def test_a_scorecard_that_is_up_to_date_is_used(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.grading import on_demand, pipeline

    folder = hand_in(course, "good", released(course))
    asked = []

    def nothing_is_due(task: Any, context: Any) -> None:
        asked.append((task.folder, task.output))

    commit_files(ResultStore(course.root / "graded", "small").stage(card_for(course, "good"), ""))
    monkeypatch.setattr(on_demand, "due_stage", nothing_is_due)
    monkeypatch.setattr(pipeline, "grade_task", lambda *_: pytest.fail("graded again"))
    submitted = str(course.root / "submitted")
    about = {"assignment": "small", "student": "good", "course": str(course.root), "submitted": submitted}
    notebook = repaired_notebook(course, "small", "good", folder)
    result, _ = UseScorecard().preprocess(notebook, {"nbgrader": about})
    assert asked == [(folder, course.root / "graded")]
    assert cell(result, "double")["outputs"][1]["data"] == {"text/plain": "2.0"}


def use(card: Scorecard, notebook: Any) -> Any:
    about = {"assignment": "small", "student": card.student}
    return UseScorecard(find_card=lambda assignment, student: card).preprocess(notebook, {"nbgrader": about})[0]


def test_no_points_without_checks_score_or_the_same_submission(course: Course) -> None:
    folder = hand_in(course, "good", released(course))
    notebook = repaired_notebook(course, "small", "good", folder)
    card = card_for(course, "good")
    half = Scorecard(**{**fields(card), "checks": card.checks[:1], "score": 2.0})
    with pytest.raises(ValueError, match="no checks for the graded cell 'halve'"):
        use(half, copy.deepcopy(notebook))
    other = Scorecard(**{**fields(card), "submission": "sha256:other"})
    with pytest.raises(Ungradable, match="changed while it was being graded"):
        use(other, copy.deepcopy(notebook))
    nothing = Scorecard(**{**fields(card), "status": "ungradable", "score": None, "checks": [], "notes": ["Ill."]})
    with pytest.raises(Ungradable, match=r"Ill\."):
        use(nothing, copy.deepcopy(notebook))


def fields(card: Scorecard) -> dict[str, Any]:
    return {name: getattr(card, name) for name in card.__struct_fields__}


def test_outputs_are_what_nbgrader_reads_and_people_can() -> None:
    checks = [
        check("double", 0.1, 1.0, message="expected <script>x</script>", hint="Look & see."),
        check("double", 0.2, 1.0),
    ]
    display, result = grade_outputs(checks, 2.0)
    assert result == {
        "output_type": "execute_result",
        "data": {"text/plain": "0.30000000000000004"},
        "metadata": {},
        "execution_count": None,
    }
    assert display["output_type"] == "display_data"
    assert "expected <script>" in display["data"]["text/plain"]
    assert "✗ it works: not yet, 0.1 of 1" in display["data"]["text/plain"]
    assert '<li><span aria-hidden="true">✗</span> <b>it works</b>: not yet, 0.1 of 1' in display["data"]["text/html"]
    assert "&lt;script&gt;x&lt;/script&gt;" in display["data"]["text/html"]
    assert "Look &amp; see." in display["data"]["text/html"]
    assert "<script>" not in display["data"]["text/html"]


def test_rounding_never_exceeds_the_cell_and_more_than_it_is_refused() -> None:
    thirds = [check("double", 0.1, 0.1) for _ in range(3)]
    assert float(grade_outputs(thirds, 0.3)[1]["data"]["text/plain"]) <= 0.3
    with pytest.raises(ValueError, match=r"give 3.0 points, their cell is worth 2"):
        grade_outputs([check("double", 3.0, 3.0)], 2.0)


def test_long_messages_are_cut() -> None:
    display, _ = grade_outputs([check("double", 0.0, 1.0, message="x" * 10_000)], 1.0)
    assert len(display["data"]["text/html"]) < 3_000


def test_one_name_is_looked_for() -> None:
    notebooks = ["submitted/s1/small/b.ipynb", "submitted/s1/small/a.ipynb"]
    expect_notebook(assignment="small", student="*", notebooks=notebooks)
    assert notebooks == ["submitted/s1/small/small.ipynb"]


def test_the_config_names_what_exists(course: Course) -> None:
    config = nbgrader_settings(course)
    assert config.Autograde.exporter_class == f"{SubmissionExporter.__module__}.{SubmissionExporter.__name__}"
    assert config.Autograde.pre_convert_hook == f"{expect_notebook.__module__}.{expect_notebook.__name__}"
    assert f"{UseScorecard.__module__}.{UseScorecard.__name__}" in config.Autograde.autograde_preprocessors
