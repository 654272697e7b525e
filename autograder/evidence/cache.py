"""On-disk cache of a submission's evidence: responses of its process, and examinations of its training records.

With it a changed rubric runs nobody's code again. The file lies beside the scorecard; its key says what it was made
from (`autograder.grading.freshness.evidence_key`), and an entry under a different key is not used.
"""

from __future__ import annotations

import hashlib

import msgspec

from autograder.evidence.earlier_records import EarlierHandIn
from autograder.records.requests import Examination, ExaminationRequest
from autograder.sandbox.protocol import messages
from cnnkit.networks.model_spec import ModelSpec

MAX_BYTES = 20_000_000
"""Evidence that takes more is not cached; the submission runs again."""


class CachedResponse(msgspec.Struct, frozen=True):
    """A request, by its bytes, with its response; without one, `silence` says why."""

    question: bytes
    answer: messages.Response | None = None
    silence: str = ""


class PageInput(msgspec.Struct, kw_only=True, frozen=True):
    """Input of the feedback page beside the scorecard.

    Attributes:
        found: the student's network; None if there is none to show.
        expected: the network that it is compared with.
        network_note: a sentence to go with the two.
        histories: by run and metric, one value an epoch; values may be nan or infinite.
    """

    found: ModelSpec | None = None
    expected: ModelSpec | None = None
    network_note: str = ""
    histories: dict[str, dict[str, list[float]]] = {}


class CachedEvidence(msgspec.Struct, kw_only=True):
    """The evidence of one submission.

    Attributes:
        key: key of everything that it was made from.
        lot: decides which training run is replayed; it stays the same when the rubric changes.
        answers: responses of the process that ran the notebook.
        notes, problems, missing: what went wrong while its cells ran, as in
            `autograder.evidence.conversation.Conversation`.
        examined: examinations of training records, by `examination_key`.
        page: what the feedback page was made from; None until it has been made.
        earlier: hand-ins of which a record was contradicted. They stay under whatever key.
    """

    key: str
    lot: str = ""
    answers: list[CachedResponse] = []
    notes: list[str] = []
    problems: dict[int, str] = {}
    missing: list[str] = []
    examined: dict[str, Examination] = {}
    page: PageInput | None = None
    earlier: list[EarlierHandIn] = []


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CachedEvidence)


def encode_evidence(evidence: CachedEvidence) -> bytes | None:
    """The bytes of the cache file; if there are more than `MAX_BYTES`, those of `earlier_only`."""
    data = _encoder.encode(evidence)
    return data if len(data) <= MAX_BYTES else _earlier_alone(evidence)


def earlier_only(data: bytes | None) -> bytes | None:
    """The bytes of a cache file of which nothing but the earlier hand-ins is used; None if there are none."""
    return _earlier_alone(read_evidence(data))


def _earlier_alone(evidence: CachedEvidence) -> bytes | None:
    return _encoder.encode(CachedEvidence(key="", earlier=evidence.earlier)) if evidence.earlier else None


def load_evidence(data: bytes | None, key: str) -> CachedEvidence:
    """The cached evidence; an entry with the earlier hand-ins alone if its key differs or the bytes cannot be read."""
    found = read_evidence(data)
    return found if found.key == key else CachedEvidence(key=key, earlier=found.earlier)


def read_evidence(data: bytes | None) -> CachedEvidence:
    """The cached evidence under whatever key; an empty entry without a key if the bytes cannot be read."""
    try:
        return _decoder.decode(data or b"")
    except (msgspec.MsgspecError, ValueError, RecursionError):  # of an earlier version, or cut short
        return CachedEvidence(key="")


def examination_key(request: ExaminationRequest) -> str:
    """Key of an examination within the evidence of a submission: record and weights are in the key of the whole."""
    images = hashlib.sha256(repr(request.images).encode()).hexdigest() if request.images else ""
    asked = [request.replay, request.steps, request.hidden, request.whole, images]
    return " ".join(map(str, [request.record.run, request.seed, *asked])).rstrip()
