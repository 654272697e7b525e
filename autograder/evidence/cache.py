"""Evidence that outlives a grading: what a submission's process answered, and what came of examining its records.

When only a rubric changes, nobody's code has to run again. The file lies beside the scorecard; what it was made from
stands in its key, and one that does not fit is forgotten.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

import msgspec

from autograder.intake.submission import Submission
from autograder.records.requests import Examination, ExaminationRequest
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.limits import Limits

MOST_BYTES = 20_000_000
"""Evidence that takes more is not kept; the submission is run again."""

_ROOT = Path(__file__).parents[2]
_MADE_BY = ("autograder/sandbox", "autograder/records", "cnnkit")
_JUDGES = ("similarity", "self_consistency", "findings", "judge", "reference_bands", "retrain", "verdicts")
_NOT_BY = (
    "cnnkit/assignments/",
    "cnnkit/checks/",
    "cnnkit/expect/",
    *(f"autograder/records/{name}.py" for name in _JUDGES),
)
"""What only judges evidence: rubrics and what they are written with, and the verdicts on records."""

_PACKAGES = ("keras", "tensorflow", "numpy", "matplotlib")


class CachedResponse(msgspec.Struct, frozen=True):
    """One question, by its bytes, with its answer; without one, `silence` says why."""

    question: bytes
    answer: messages.Response | None = None
    silence: str = ""


class CachedEvidence(msgspec.Struct, kw_only=True):
    """The evidence of one submission.

    Attributes:
        key: what it was made from, see `key_of`.
        lot: which run of the training was chosen to be replayed; it stays chosen.
        answers: of the process that ran the notebook.
        notes, problems: what went wrong while its cells ran, as in `autograder.evidence.conversation.Conversation`.
        examined: what came of examining training records, by the question, see `question_about`.
    """

    key: str
    lot: str = ""
    answers: list[CachedResponse] = []
    notes: list[str] = []
    problems: dict[int, str] = {}
    examined: dict[str, Examination] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CachedEvidence)


def encode_evidence(kept: CachedEvidence) -> bytes | None:
    """The file's bytes; None where there are too many."""
    data = _encoder.encode(kept)
    return data if len(data) <= MOST_BYTES else None


def load_evidence(data: bytes | None, key: str) -> CachedEvidence:
    """What was kept under this key; empty where that is another one, or nothing that can be read."""
    found = read_evidence(data)
    return found if found.key == key else CachedEvidence(key=key)


def read_evidence(data: bytes | None) -> CachedEvidence:
    """What was kept, whatever it was made from; empty, without a key, where nothing can be read."""
    try:
        return _decoder.decode(data or b"")
    except (msgspec.MsgspecError, ValueError, RecursionError):  # of an earlier kit, or cut short
        return CachedEvidence(key="")


def evidence_key(submission: Submission, limits: Limits, isolation: str) -> str:
    """What evidence depends on: the code that runs, its records and weights, the kit's own code, and the machine's."""
    cells = [(cell.number, cell.source) for cell in submission.cells]
    weights = {run: hashlib.sha256(data).hexdigest() for run, data in sorted(submission.weights.items())}
    parts = [cells, submission.records, weights, limits, isolation, _code(), _versions()]
    return hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()


def examination_key(question: ExaminationRequest) -> str:
    """A question about a record, shortened: what the record and its weights are stands in the key."""
    return f"{question.record.run} {question.seed} {question.replay}"


@functools.cache
def _code() -> str:
    total = hashlib.sha256()
    paths = [path for folder in _MADE_BY for path in sorted((_ROOT / folder).rglob("*.py"))]
    for path in [*paths, Path(__file__).with_name("conversation.py")]:
        name = path.relative_to(_ROOT).as_posix()
        if not name.startswith(_NOT_BY):
            total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


@functools.cache
def _versions() -> Mapping[str, str]:
    return {name: importlib.metadata.version(name) for name in _PACKAGES}
