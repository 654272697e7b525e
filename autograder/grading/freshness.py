"""When a result is up to date: one key a stage, made from everything that the stage depends on.

A result is made in four stages, each from the one before: evidence (a submission's code runs, its records are
examined), verdicts (on the records), marks (the rubric) and page (the feedback). A key covers its own stage and the
earlier ones, so that a change invalidates its stage and the later ones only: a changed rubric runs nobody's code again.

All code of `autograder` and `cnnkit` counts, in the earliest stage unless `_STAGE_OF` says otherwise. So a new module
cannot be forgotten: at worst it makes more work than necessary.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

import cnnkit
from autograder.course.config import Assignment
from autograder.results.scorecard import Scorecard, StageKeys
from cnnkit.grading_packages import GRADING_PACKAGES

if TYPE_CHECKING:
    from autograder.intake.submission import Submission

Stage = Literal["evidence", "verdicts", "marks", "page"]

STAGES: tuple[Stage, ...] = get_args(Stage)
"""In the order in which a result is made."""

_ROOT = Path(__file__).parents[2]

_STAGE_OF: dict[str, Stage | None] = {
    # Verdicts: what judges a record by the figures of its examination.
    "autograder/records/asked_runs.py": "verdicts",
    "autograder/records/findings.py": "verdicts",
    "autograder/records/hard_images.json": "verdicts",
    "autograder/records/image_draw.py": "verdicts",
    "autograder/records/judge.py": "verdicts",
    "autograder/records/reference_bands.py": "verdicts",
    "autograder/records/self_consistency.py": "verdicts",
    "autograder/records/specified_networks.py": "verdicts",
    "autograder/records/training_conditions.py": "verdicts",
    "autograder/records/verdicts.py": "verdicts",
    "autograder/rubrics/*/reference_runs.json": "verdicts",
    # Marks: reading a submission (the cells and records that come of it are in the key of the evidence), putting
    # responses into words, and judging them.
    "autograder/evidence/": "marks",
    "autograder/evidence/conversation.py": "evidence",
    "autograder/grading/pipeline.py": "marks",
    "autograder/intake/": "marks",
    "autograder/results/scorecard.py": "marks",
    "autograder/rubric/": "marks",
    "autograder/rubrics/": "marks",
    "cnnkit/assignments/": "marks",
    "cnnkit/checks/": "marks",
    "cnnkit/expect/": "marks",
    "cnnkit/mismatch.py": "marks",
    "cnnkit/networks/compare/": "marks",
    # The page.
    "autograder/grading/feedback_page.py": "page",
    "autograder/report/": "page",
    "cnnkit/plots/svg.py": "page",
    # No result depends on these.
    "autograder/__main__.py": None,
    "autograder/audit/": None,  # tests the rubrics
    "autograder/commands/": None,  # the command line
    "autograder/course/": None,  # the values that it reads are in the keys
    "autograder/gradebook/": None,  # nbgrader's database has a record of its own of what it was told
    "autograder/grading/dask_cluster.py": None,  # where submissions are graded, not how
    "autograder/grading/due.py": None,  # what is up to date is said here, not there
    "autograder/grading/on_demand.py": None,
    "autograder/grading/pool.py": None,
    "autograder/grading/tasks.py": None,
    "autograder/grading/workers.py": None,
    "autograder/records/reference_measures.py": None,  # what reference_runs.json is computed from
    "autograder/records/retrain.py": None,  # for `autograder verify --full`
    "autograder/records/similarity.py": None,  # compares the whole class each time
    "autograder/release/": None,  # what it makes is read by intake
    "autograder/report/grades.py": None,  # tables of the class, written each time
    "autograder/report/marks_table.py": None,
    "autograder/results/record_traces.py": None,  # compared with the whole class each time
    "autograder/results/staging.py": None,  # how results get onto the disk
    "autograder/results/store.py": None,  # where they lie
    "autograder/rubrics/*/equivalents.py": None,  # samples for the audit
    "autograder/rubrics/*/mutants.py": None,
    "cnnkit/assignments/*/assignment.toml": None,  # its values are in the keys
    "cnnkit/pyproject.toml": None,
}
"""Stage of a file, or of all files of a folder; None for files that no result depends on. The longest entry decides,
and "*" stands for one folder; what no entry names belongs to the evidence."""


_SUFFIXES = {".py", ".json", ".toml", ".j2", ".css"}


@functools.cache
def stage_of(path: Path) -> Stage | None:
    """The stage that a file of the two packages belongs to; None if no result depends on it.

    Args:
        path: relative to the folder that holds `autograder` and `cnnkit`.

    Example:
        >>> stage_of(Path("autograder/intake/read.py")), stage_of(Path("autograder/sandbox/a_new_module.py"))
        ('marks', 'evidence')
    """
    fitting = [entry for entry in _STAGE_OF if _covers(entry, path)]
    return _STAGE_OF[max(fitting, key=len)] if fitting else "evidence"


def source_files() -> Iterator[Path]:
    """Every file of the two packages that decides over something, relative to the folder that holds them."""
    for package in ("autograder", "cnnkit"):
        for path in sorted((_ROOT / package).rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(_ROOT)


@functools.cache
def code_digest(stage: Stage, assignment: str) -> str:
    """Hash "sha256:..." of the files of one stage, of all assignments' those of `assignment` alone.

    Read once a process: a process goes on with the modules that it has imported.
    """
    total = hashlib.sha256()
    for path in source_files():
        if stage_of(path) == stage and _owner(path) in ("", assignment):
            total.update(path.as_posix().encode() + b"\0" + (_ROOT / path).read_bytes() + b"\0")
    return f"sha256:{total.hexdigest()}"


def stage_keys(
    name: str, assignment: Assignment, *, submission: str, isolation: str, classmates: Mapping[str, bool]
) -> StageKeys:
    """The keys of a result.

    Args:
        name: of the assignment.
        assignment: what it is worth, within which limits submissions run, and what they may not use.
        submission: digest of the files that were handed in.
        isolation: of the process that runs them.
        classmates: for each other student whom its records name, whether that student is in the class.
    """
    code = code_digest("evidence", name)
    evidence = _hashed(submission, assignment.limits, assignment.forbid, isolation, _versions(), code)
    verdicts = _hashed(evidence, sorted(classmates.items()), code_digest("verdicts", name))
    marks = _hashed(verdicts, assignment.points, cnnkit.__version__, code_digest("marks", name))
    page = _hashed(marks, assignment.title, code_digest("page", name))
    return StageKeys(evidence=evidence, verdicts=verdicts, marks=marks, page=page)


def stale_stage(card: Scorecard | None, keys: StageKeys) -> Stage | None:
    """The first stage that has to be done again; None if the card and its page are up to date."""
    if card is None or card.keys is None:
        return "evidence"
    return next((stage for stage in STAGES if getattr(card.keys, stage) != getattr(keys, stage)), None)


def evidence_key(name: str, submission: Submission, assignment: Assignment, isolation: str) -> str:
    """Key of the cached evidence of a submission: by the cells that run, whatever files they came in.

    It is finer than the key of the stage: where only a file beside the notebook has changed, or the way it is read,
    the evidence is used again.
    """
    cells = [(cell.number, cell.source, cell.checks) for cell in submission.cells]
    files, weights = (
        {path: hashlib.sha256(data).hexdigest() for path, data in sorted(found.items())}
        for found in (submission.files, submission.weights)
    )
    code = code_digest("evidence", name)
    asked = submission.exercises, assignment.limits, assignment.forbid
    return _hashed(cells, files, submission.records, weights, *asked, isolation, _versions(), code)


def _covers(entry: str, path: Path) -> bool:
    wanted = entry.rstrip("/").split("/")
    parts = path.parts[: len(wanted)]
    whole = entry.endswith("/") or len(path.parts) == len(wanted)
    return whole and len(parts) == len(wanted) and all(a in ("*", b) for a, b in zip(wanted, parts, strict=True))


def _owner(path: Path) -> str:
    """The assignment that a file belongs to; "" if it belongs to all."""
    folders = ("autograder/rubrics/*/", "cnnkit/assignments/*/")
    return path.parts[2] if len(path.parts) > 3 and any(_covers(folder, path) for folder in folders) else ""


def _hashed(*parts: Any) -> str:
    return f"sha256:{hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()}"


@functools.cache
def _versions() -> Mapping[str, str]:
    """Versions of the libraries that a submission's code computes with; "" for one that is not installed."""
    found = {}
    for name in GRADING_PACKAGES.values():
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found
