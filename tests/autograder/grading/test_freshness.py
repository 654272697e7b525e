"""A change invalidates the stage that it belongs to and the later ones, and nothing else."""

import shutil
from pathlib import Path

import msgspec
import pytest

from autograder.course.config import Assignment
from autograder.grading import freshness
from autograder.grading.freshness import STAGES, code_digest, evidence_key, source_files, stage_keys, stage_of
from autograder.intake.submission import Cell, Submission
from autograder.results.scorecard import Scorecard, StageKeys
from autograder.sandbox.protocol.limits import Limits

ROOT = Path(__file__).parents[3]
NAME = "mnist_convnet"
TOY = Assignment(title="Toy", points={"one": 2.0})
FILES = list(source_files())


def keys(assignment=TOY, *, name=NAME, submission="sha256:1", isolation="namespaces", classmates=()):
    return stage_keys(name, assignment, submission=submission, isolation=isolation, classmates=dict(classmates))


def changed(before: StageKeys, after: StageKeys) -> tuple[str, ...]:
    return tuple(stage for stage in STAGES if getattr(before, stage) != getattr(after, stage))


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """A copy of both packages."""
    folder = tmp_path_factory.mktemp("code")
    for path in FILES:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    return folder


@pytest.fixture
def copied(code, monkeypatch):
    """The copy, which keys are made from; a file that a test has lengthened is as before afterwards."""
    monkeypatch.setattr(freshness, "_ROOT", code)
    code_digest.cache_clear()
    yield code
    code_digest.cache_clear()
    for path in FILES:
        if (code / path).stat().st_size != (ROOT / path).stat().st_size:
            shutil.copyfile(ROOT / path, code / path)


# --- the table ------------------------------------------------------------------------------------------------------


def test_every_file_has_one_stage_or_is_an_exception():
    """`stage_of` takes the longest entry; two entries of one length that both fit would be a matter of luck."""
    for path in FILES:
        fitting = [entry for entry in freshness._STAGE_OF if freshness._covers(entry, path)]
        longest = [entry for entry in fitting if len(entry) == max(map(len, fitting))]
        assert len(longest) <= 1, f"{path} stands under {longest}"
        assert stage_of(path) in (None, *STAGES)


def test_every_entry_names_something_that_is_there():
    idle = [entry for entry in freshness._STAGE_OF if not any(freshness._covers(entry, path) for path in FILES)]
    assert idle == []


def test_what_runs_a_students_code_belongs_to_the_evidence():
    inside = [path for path in FILES if path.parts[:2] in (("autograder", "sandbox"), ("cnnkit", "probe"))]
    assert len(inside) > 30
    assert {stage_of(path) for path in inside} == {"evidence"}


def test_a_new_file_counts_from_the_first_stage_on():
    for path in ("autograder/new.py", "autograder/new/module.py", "cnnkit/new.py", "cnnkit/networks/new.py"):
        assert stage_of(Path(path)) == "evidence"


def test_exceptions_are_few():
    exempt = {path.parts[1] for path in FILES if stage_of(path) is None}
    assert exempt <= {
        *("__main__.py", "audit", "commands", "course", "gradebook", "grading", "records", "release", "report"),
        *("results", "rubrics", "assignments", "pyproject.toml"),
    }


# --- code -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "stages"),
    [
        ("autograder/sandbox/server/child.py", STAGES),
        ("autograder/evidence/conversation.py", STAGES),
        ("autograder/records/examination.py", STAGES),
        ("cnnkit/probe/watching.py", STAGES),
        ("cnnkit/networks/describe/graph.py", STAGES),
        ("cnnkit/networks/backbone_specs/VGG16.json", STAGES),
        ("autograder/records/judge.py", STAGES[1:]),
        (f"autograder/rubrics/{NAME}/reference_runs.json", STAGES[1:]),
        ("autograder/intake/match.py", STAGES[2:]),
        ("autograder/evidence/remote.py", STAGES[2:]),
        ("autograder/grading/pipeline.py", STAGES[2:]),
        ("autograder/results/scorecard.py", STAGES[2:]),
        ("autograder/rubric/pytest_session.py", STAGES[2:]),
        (f"autograder/rubrics/{NAME}/test_training.py", STAGES[2:]),
        (f"cnnkit/assignments/{NAME}/brief.py", STAGES[2:]),
        ("cnnkit/expect/fit.py", STAGES[2:]),
        ("cnnkit/networks/compare/align.py", STAGES[2:]),
        ("autograder/report/feedback.py", STAGES[3:]),
        ("autograder/report/templates/feedback.css", STAGES[3:]),
        ("autograder/commands/grade.py", ()),
        ("autograder/audit/campaign.py", ()),
        (f"autograder/rubrics/{NAME}/mutants.py", ()),
        ("autograder/rubrics/lenet/test_training.py", ()),
        ("cnnkit/assignments/lenet/brief.py", ()),
    ],
)
def test_a_change_of_a_file_invalidates_its_stage_and_the_later_ones(copied, path, stages):
    before = keys()
    with (copied / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    code_digest.cache_clear()
    assert changed(before, keys()) == stages


def test_a_file_that_comes_or_goes_is_a_change(copied):
    before = keys()
    new = copied / "autograder/rubric/extra.py"
    new.write_text("")
    code_digest.cache_clear()
    assert changed(before, keys()) == STAGES[2:]
    new.unlink()
    code_digest.cache_clear()
    assert keys() == before


# --- everything else ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "stages"),
    [
        ({"submission": "sha256:2"}, STAGES),
        ({"isolation": "none"}, STAGES),
        ({"assignment": msgspec.structs.replace(TOY, limits=Limits(cell_seconds=30))}, STAGES),
        ({"assignment": msgspec.structs.replace(TOY, forbid={"one": ["keras"]})}, STAGES),
        ({"classmates": {"s2": False}}, STAGES[1:]),
        ({"assignment": msgspec.structs.replace(TOY, points={"one": 3.0})}, STAGES[2:]),
        ({"assignment": msgspec.structs.replace(TOY, title="A toy")}, STAGES[3:]),
        ({"assignment": msgspec.structs.replace(TOY, written={"why": 4.0})}, ()),
    ],
)
def test_what_a_stage_depends_on_is_in_its_key(options, stages):
    assert changed(keys(), keys(**options)) == stages


def test_a_classmate_who_comes_later_counts():
    assert changed(keys(classmates={"s2": False}), keys(classmates={"s2": True})) == STAGES[1:]


def test_another_version_of_kit_or_library(monkeypatch):
    before = keys()
    monkeypatch.setattr("cnnkit.__version__", "9.9.9")
    assert changed(before, keys()) == STAGES[2:]
    monkeypatch.setattr(freshness, "_versions", lambda: {"keras": "9"})
    assert changed(before, keys()) == STAGES


# --- the first stage that is due ------------------------------------------------------------------------------------


def card(keys):
    fields = {"status": "graded", "score": 0.0, "max_score": 2.0, "submission": "", "rubric": "", "kit": ""}
    return Scorecard(assignment=NAME, student="s1", keys=keys, **fields)


def test_the_first_stage_that_differs_is_due():
    now = keys()
    assert freshness.stale_stage(None, now) == "evidence"
    assert freshness.stale_stage(card(None), now) == "evidence"
    assert freshness.stale_stage(card(now), now) is None
    for stage in STAGES:
        later = {one: "other" for one in STAGES[STAGES.index(stage) :]}
        assert freshness.stale_stage(card(msgspec.structs.replace(now, **later)), now) == stage


# --- cached evidence ------------------------------------------------------------------------------------------------


def submission(source="x = 1", weights=b"", **fields):
    cells = (Cell(1, "", source, "student"),)
    return Submission(NAME, "s1", Path(), cells, weights={"adam": weights} if weights else {}, **fields)


def test_evidence_is_found_by_what_runs():
    first = evidence_key(NAME, submission(), TOY, "namespaces")
    assert evidence_key(NAME, submission(digest="sha256:of other files"), TOY, "namespaces") == first
    others = [
        evidence_key(NAME, submission("x = 2"), TOY, "namespaces"),
        evidence_key(NAME, submission(weights=b"w"), TOY, "namespaces"),
        evidence_key(NAME, submission(files={"a.py": b"A = 1"}), TOY, "namespaces"),
        evidence_key(NAME, submission(exercises={"data": ("f",)}), TOY, "namespaces"),
        evidence_key(NAME, submission(), TOY, "none"),
        evidence_key(NAME, submission(), msgspec.structs.replace(TOY, limits=Limits(memory_mb=1)), "namespaces"),
    ]
    assert len({first, *others}) == 7


def test_evidence_holds_as_long_as_the_code_that_makes_it(copied):
    first = evidence_key(NAME, submission(), TOY, "namespaces")
    for path, same in (("autograder/intake/read.py", True), ("cnnkit/probe/calling.py", False)):
        with (copied / path).open("a", encoding="utf-8") as file:
            file.write("\n")
        code_digest.cache_clear()
        assert (evidence_key(NAME, submission(), TOY, "namespaces") == first) is same
