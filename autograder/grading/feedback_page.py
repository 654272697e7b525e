"""The feedback page of one submission: what it shows beside the scorecard, and the page made of both."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.course.config import Assignment
from autograder.evidence.cache import PageInput
from autograder.report import feedback_html
from autograder.results.scorecard import Scorecard
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.checks.registry import public_checks
from cnnkit.expect.network import SOFTMAX_IN_THE_LOSS
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.softmax import ends_in_softmax
from cnnkit.recording.schema import TrainingRecord


def page_input(name: str, evidence: Evidence, records: Mapping[str, TrainingRecord]) -> PageInput:
    """What the page of a submission shows: the student's network beside the expected one, and the loss curves.

    Args:
        name: of the assignment.
        evidence: of the submission; the rubric has asked for the network already, so nothing runs again.
        records: its training records, by run.
    """
    found, expected, note = _networks(name, evidence)
    histories = {run: {metric: list(values) for metric, values in one.history.items()} for run, one in records.items()}
    return PageInput(found=found, expected=expected, network_note=note, histories=histories)


def render_page(card: Scorecard, assignment: Assignment, shown: PageInput) -> str:
    """The feedback page, as HTML."""
    return feedback_html(
        card,
        title=assignment.title,
        found=shown.found,
        brief=shown.expected,
        network_note=shown.network_note,
        histories=shown.histories or None,
    )


def _networks(name: str, evidence: Evidence) -> tuple[ModelSpec | None, ModelSpec | None, str]:
    """The student's network, the one it is compared with, and a note; None for both if there is none to show."""
    checks = public_checks(name)
    brief = checks.brief if checks else None
    if brief is None:
        return None, None, ""
    try:
        found = evidence.model(brief.function, input_shape=brief.network.input_shape)
    except (Mismatch, StudentError):
        return None, None, ""
    expected = brief.beside(found, evidence)
    in_the_loss = ends_in_softmax(brief.network) and not ends_in_softmax(expected)
    return found, expected, SOFTMAX_IN_THE_LOSS if in_the_loss else ""
