# ruff: noqa: E501 -- what students wrote stands in a table, a line each
"""A class is graded: every score is what it should be, whatever came in, and again the same."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.grading import pool
from autograder.grading.due import due_stage
from autograder.grading.pool import grade_class, submitting_students
from autograder.grading.tasks import GradingContext, GradingTask
from autograder.records.examiner import ExaminerClient
from autograder.results.scorecard import card_digest
from autograder.results.store import ResultStore
from autograder.sandbox.client.connection import SandboxError

pytestmark = pytest.mark.tensorflow

COURSE = load_course(Path(__file__).parent)
NAME = "mnist_convnet"
REFERENCE = reference_cells(COURSE, NAME)


def tasks(submitted, output):
    return [GradingTask(NAME, student, submitted, output) for student in submitting_students(submitted, NAME)]


def grade(submitted, output, **options):
    return {done.student: done for done in grade_class(COURSE, tasks(submitted, output), jobs=2, **options)}


def lost(card):
    return {check.id: check.message for check in card.checks if check.outcome in ("failed", "error")}


# --- the sample class -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_class(load_script):
    return load_script("examples/class/build.py")


@pytest.fixture(scope="module")
def graded(graded_class, tmp_path_factory):
    """A copy of the graded class, and what has become of each student."""
    folder = tmp_path_factory.mktemp("class")
    for name in ("submitted", "graded"):
        shutil.copytree(graded_class.root / name, folder / name)
    cards = ResultStore(folder / "graded", NAME).cards()
    return folder, {student: SimpleNamespace(student=student, card=card) for student, card in cards.items()}


def test_every_score_of_the_sample_class(sample_class, graded):
    wanted = {
        student: asked.get("score") for student, asked in sample_class.read_class(COURSE)[NAME]["students"].items()
    }
    assert {student: done.card.score for student, done in sorted(graded[1].items())} == wanted


def test_ungradable_ones_say_why(graded):
    for student, word in (("s10", "PDF"), ("s14", "empty")):
        card = graded[1][student].card
        assert card.status == "ungradable"
        assert word in card.notes[0]


def test_a_blank_release_is_worth_nothing_and_hears_it_once(graded):
    checks = graded[1]["s07"].card.checks
    said = [check.message for check in checks if check.outcome == "failed"]
    assert sum("not written yet" in message for message in said) == 8  # one for each function
    assert all(check.outcome in ("failed", "skipped") for check in checks)


def test_repairs_and_interruptions_are_noted(graded):
    for student, word in (
        ("s03", "metadata"),
        ("s09", "15 seconds"),
        ("s11", "copies"),
        ("s12", "ended"),
        ("s13", "final"),
    ):
        assert any(word in note for note in graded[1][student].card.notes), student


def test_every_student_has_a_feedback_page(graded):
    folder, done = graded
    store = ResultStore(folder / "graded", NAME)
    for student in done:
        page = store.feedback_path(student).read_text()
        assert student in page
        assert "</html>" in page


@pytest.fixture
def no_keras(monkeypatch):
    """No zygote may start."""
    monkeypatch.setattr(pool.Zygote, "start", lambda zygote: pytest.fail("the zygote was started"))


def test_nothing_changed_means_nothing_to_do(graded, no_keras):
    folder, done = graded
    again = grade(folder / "submitted", folder / "graded")
    assert not any(result.fresh for result in again.values())
    assert {student: result.card for student, result in again.items()} == {s: r.card for s, r in done.items()}


def test_graded_again_it_is_the_same(graded):
    folder, done = graded
    few = [
        task for task in tasks(folder / "submitted", folder / "graded") if task.student in ("s01", "s05", "s07", "s10")
    ]
    for result in grade_class(COURSE, few, jobs=2, force=True):
        same = msgspec.structs.replace(result.card, seconds=done[result.student].card.seconds)
        assert result.fresh
        assert same == done[result.student].card


def due(folder, student="s01", course=COURSE, isolation="namespaces"):
    def nowhere():
        pytest.fail("nothing has to run")

    context = GradingContext(course, nowhere, ExaminerClient(nowhere), isolation)
    return due_stage(GradingTask(NAME, student, folder / "submitted", folder / "graded"), context)


def test_a_resubmission_is_graded_again(graded):
    folder, _ = graded
    assert due(folder, "s05") is None
    assert due(folder, "s05", isolation="none") == "evidence"
    notebook = folder / "submitted" / "s05" / NAME / f"{NAME}.ipynb"
    before = notebook.read_bytes()
    try:
        notebook.write_bytes(before + b"\n")
        assert due(folder, "s05") == "evidence"
    finally:
        notebook.write_bytes(before)


def test_another_kit_is_graded_again(graded, monkeypatch):
    folder, _ = graded
    monkeypatch.setattr("cnnkit.__version__", "9.9.9")
    assert due(folder) == "marks"


def test_a_page_that_is_gone_is_made_again(graded, no_keras, tmp_path):
    folder, _ = graded
    shutil.copytree(folder / "graded", tmp_path / "graded")
    page = ResultStore(tmp_path / "graded", NAME).feedback_path("s01")
    before = page.read_bytes()
    page.unlink()
    again = grade(folder / "submitted", tmp_path / "graded")
    assert not any(result.fresh for result in again.values())
    assert page.read_bytes() == before


def test_a_changed_page_is_rendered_again_and_nothing_else_is_done(graded, no_keras, monkeypatch, tmp_path):
    """Another title is on the page only: the marks stay as they are, and so does everything beside the page's key."""
    folder, done = graded
    shutil.copytree(folder / "graded", tmp_path / "graded")
    titled = msgspec.structs.replace(COURSE.assignment(NAME), title="A title of its own")
    course = msgspec.structs.replace(COURSE, assignments={NAME: titled})
    assert due(folder, "s04", course) == "page"
    assert due(folder, "s10", course) == "page"
    for result in grade_class(course, tasks(folder / "submitted", tmp_path / "graded"), jobs=2):
        assert not result.fresh
        assert card_digest(result.card) == card_digest(done[result.student].card)
        page = ResultStore(tmp_path / "graded", NAME).feedback_path(result.student).read_text()
        old = ResultStore(folder / "graded", NAME).feedback_path(result.student).read_text()
        assert page == old.replace(COURSE.assignment(NAME).title, "A title of its own")


def test_another_rubric_is_graded_without_running_anybody_s_code(graded, no_keras, tmp_path):
    """The evidence of the first grading is used again; only what the rubric makes of it is new."""
    folder, done = graded
    shutil.copytree(folder / "graded", tmp_path / "graded")
    for path in (tmp_path / "graded").rglob("scorecard.json"):
        path.write_text(path.read_text().replace('"marks": "sha256:', '"marks": "sha256:an earlier one '))
    again = grade(folder / "submitted", tmp_path / "graded")
    assert all(result.fresh for result in again.values())
    for student, result in again.items():
        same = msgspec.structs.replace(result.card, seconds=done[student].card.seconds)
        assert same == done[student].card


def test_a_raised_limit_is_graded_again(tmp_path):
    """The natural remedy for a submission that was stopped: give it more time."""
    slow = REFERENCE["arithmetic_solution"] + "\nimport time\nwhile time.process_time() < START + 3: pass"
    slow = "import time\nSTART = time.process_time()\n" + slow
    write(tmp_path, "slow", {**REFERENCE, "arithmetic_solution": slow})

    def graded_within(seconds):
        limits = msgspec.structs.replace(COURSE.assignment(NAME).limits, cell_seconds=seconds)
        assignment = msgspec.structs.replace(COURSE.assignment(NAME), limits=limits)
        course = msgspec.structs.replace(COURSE, assignments={NAME: assignment})
        (done,) = grade_class(course, [GradingTask(NAME, "slow", tmp_path, tmp_path / "graded")], jobs=1)
        return done

    stopped, whole = graded_within(1), graded_within(15)
    assert any("1 second" in note for note in stopped.card.notes)
    assert whole.fresh
    assert set(lost(whole.card)) == NO_RECORDS
    assert not graded_within(15).fresh


# --- bad input ------------------------------------------------------------------------------------------------------

CELLS = {
    # what a student wrote instead of the reference: exercise, source, a check that must fail, what its message says
    "other_arguments": ("arithmetic", "def conv_output_size(size):\n    return size\ndef conv_parameters(*_):\n    return 0", "arithmetic.output_size_of_the_brief", "unexpected keyword argument"),
    "returns_none": ("arithmetic", "def conv_output_size(*_, **__): pass\ndef conv_parameters(*_, **__): pass", "arithmetic.output_size_of_the_brief", "found None"),
    "returns_text": ("arithmetic", "def conv_output_size(*_, **__): return '13'\ndef conv_parameters(*_, **__): return '640'", "arithmetic.output_size_of_the_brief", "the text '13'"),
    "returns_nan": ("arithmetic", "def conv_output_size(*_, **__): return float('nan')\ndef conv_parameters(*_, **__): return 1", "arithmetic.output_size_of_the_brief", "finite"),
    "returns_itself": ("arithmetic", "def conv_output_size(*_, **__): return conv_output_size\ndef conv_parameters(*_, **__): return object()", "arithmetic.output_size_of_the_brief", "function"),
    "names_not_functions": ("arithmetic", "conv_output_size = 13\nconv_parameters = [640]", "arithmetic.output_size_of_the_brief", "is not a function"),
    "wrong_dtype": ("data", "def prepare_images(images): return images[..., None].astype('int8')\ndef one_hot(labels, classes=10): return [str(x) for x in labels]", "data.images_shape_and_type", "float32"),
    "ten_gigabytes": ("data", "def prepare_images(images): return np.ones((10 * 2**30,), np.uint8)\ndef one_hot(labels, classes=10): return np.eye(10)[labels]", "data.images_shape_and_type", "MemoryError"),
    "half_a_gigabyte": ("data", "def prepare_images(images): return np.ones((2**29,), np.uint8)\ndef one_hot(labels, classes=10): return np.eye(10)[labels]", "data.images_shape_and_type", "537 MB"),
    "not_a_model": ("architecture", "def build_convnet(): return 'a network'", "architecture.input", "expected a Keras model"),
    "no_model": ("architecture", "def build_convnet(): pass", "architecture.input", "None"),
    "class_not_model": ("architecture", "def build_convnet(): return keras.Sequential", "architecture.input", "Sequential"),
    "impossible_model": ("architecture", "def build_convnet():\n    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 64)])", "architecture.input", "build_convnet() raised ValueError"),
    "never_fits": ("training", "def train_convnet(optimizer, train, val, epochs=10, callbacks=()):\n    return None", "training.loss_is_crossentropy", "a call of model.fit"),
    "not_compiled": ("training", "def train_convnet(optimizer, train, val, epochs=10, callbacks=()):\n    return build_convnet().fit(train)", "training.loss_is_crossentropy", "before compile"),
    "plots_nothing": ("curves", "def plot_loss_curves(histories): return 3", "curves.one_curve_for_each", "nothing was drawn"),
    "raises_in_a_call": ("curves", "def plot_loss_curves(histories):\n    return histories['adamax']", "curves.one_curve_for_each", "KeyError"),
    "loops_in_a_call": ("curves", "def plot_loss_curves(histories):\n    while True: pass", "curves.one_curve_for_each", "did not come to an end"),
    "ends_in_a_call": ("curves", "import os\ndef plot_loss_curves(histories):\n    os._exit(0)", "curves.one_curve_for_each", "ended"),
    "leaves": ("curves", "import sys\nsys.exit(0)", "curves.one_curve_for_each", "not defined"),
    "syntax_error": ("curves", "def plot_loss_curves(histories)\n    return 1", "curves.one_curve_for_each", "not defined"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    for student, (exercise, source, *_) in CELLS.items():
        write(folder, student, {**REFERENCE, f"{exercise}_solution": source})
    loud = REFERENCE | {"data_solution": REFERENCE["data_solution"] + "\nprint('x' * 200_000_000)"}
    write(folder, "prints_200_mb", loud)
    (folder / "no_notebook" / NAME).mkdir(parents=True)
    (folder / "no_notebook" / NAME / "notes.txt").write_text("I could not upload it")
    two = folder / "two_notebooks" / NAME
    two.mkdir(parents=True)
    other = REFERENCE | {"curves_solution": "def plot_loss_curves(histories):\n    return histories"}
    for name, cells in (("first.ipynb", REFERENCE), ("second.ipynb", other)):
        (two / name).write_bytes(notebook_with(COURSE, NAME, cells, student="two", records={}))
    old = folder / "nbformat_3" / NAME
    old.mkdir(parents=True)
    (old / f"{NAME}.ipynb").write_bytes(as_version_3(notebook_with(COURSE, NAME, REFERENCE, student="old", records={})))
    return grade(folder, folder / "graded")


def write(folder, student, cells):
    target = folder / student / NAME
    target.mkdir(parents=True)
    (target / f"{NAME}.ipynb").write_bytes(notebook_with(COURSE, NAME, cells, student=student, records={}))


def as_version_3(data):
    cells = []
    for cell in json.loads(data)["cells"]:
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] == "code":
            cells.append(
                {
                    "cell_type": "code",
                    "language": "python",
                    "input": source,
                    "outputs": [],
                    "collapsed": False,
                    "metadata": {},
                }
            )
        else:
            cells.append({"cell_type": "markdown", "source": source, "metadata": {}})
    notebook = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": NAME},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    return json.dumps(notebook).encode()


NO_RECORDS = {"training.records_hold", "repair.record_holds"}


@pytest.mark.parametrize("student", CELLS)
def test_bad_code_costs_its_own_exercise_and_is_named(bad, student):
    exercise, _, check, said = CELLS[student]
    card = bad[student].card
    assert card is not None, bad[student].failure
    failures = lost(card)
    assert said in failures[check]
    others = {name for name in failures if not name.startswith(exercise + ".")} - NO_RECORDS
    if exercise == "architecture":  # a network that cannot be built cannot be trained either
        others = {name for name in others if not name.startswith("training.")}
    assert others == set()
    assert all(len(message) < 1500 for message in failures.values())


def test_200_mb_of_output_are_noted_and_cost_nothing(bad):
    card = bad["prints_200_mb"].card
    assert set(lost(card)) == NO_RECORDS
    assert any("200.0 MB" in note for note in card.notes)


def test_an_old_notebook_format_is_graded(bad):
    card = bad["nbformat_3"].card
    assert set(lost(card)) == NO_RECORDS
    assert any("old format 3" in note for note in card.notes)


@pytest.mark.parametrize(("student", "said"), [("no_notebook", "notebook"), ("two_notebooks", "first.ipynb")])
def test_what_cannot_be_graded_says_so(bad, student, said):
    card = bad[student].card
    assert card.status == "ungradable"
    assert card.score is None
    assert said in card.notes[0]


def test_a_failure_of_the_grader_itself_is_reported_and_the_rest_is_graded(monkeypatch, tmp_path):
    """The rubric breaks for one student: no mark for that one, and a reason."""
    write(tmp_path, "one", REFERENCE)
    task = GradingTask(NAME, "one", tmp_path, tmp_path / "graded")
    course = msgspec.structs.replace(
        COURSE, assignments={NAME: msgspec.structs.replace(COURSE.assignment(NAME), points={"data": 1})}
    )
    (done,) = grade_class(course, [task], jobs=1)
    assert done.card is None
    assert "RubricError" in done.failure
    assert ResultStore(tmp_path / "graded", NAME).card("one") is None


def test_a_sandbox_that_cannot_start_is_said_once_and_nobody_gets_a_0(monkeypatch, tmp_path):
    write(tmp_path, "one", REFERENCE)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(SandboxError, match="autograder doctor"):
        list(grade_class(COURSE, [GradingTask(NAME, "one", tmp_path, tmp_path / "graded")], jobs=1, isolation="none"))
    assert ResultStore(tmp_path / "graded", NAME).card("one") is None
