"""Requests to a submission's process: responses are cached, and a child that dies is replaced.

The new child leaves out the cell that killed the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from autograder.evidence.cache import CachedEvidence, CachedResponse
from autograder.intake.submission import Submission
from autograder.sandbox.client.connection import ChildConnection, ChildDied, require_zygote
from autograder.sandbox.client.submission_budget import SubmissionBudget
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.limits import Limits
from cnnkit.errors import KitError
from cnnkit.text import shorten

LONGEST_NOTE = 240
"""Characters of a note, which may quote what a student's cell raised."""

LONGEST_PACKAGE, MOST_MISSING = 60, 20
"""Characters of the name of a missing package, and missing packages named of one submission."""

MOST_CHILDREN = 4
"""Children started for one submission before the remaining requests get no response."""


class NoResponse(KitError):
    """The submission's process gave no response. `str(error)` says why, for the student."""


class Conversation:
    """Requests to one submission's process, and its responses.

    A child is started for the first request. If it dies in a cell, it is started again without that cell. If it dies
    during a request, that request has no response and the next one gets a new child. If a training cannot be watched
    without weights, it is watched with them by a new child, where nothing is left of the first attempt.

    All children together have one budget of processor time, of time asleep and of memory for what they send. Once it is
    spent no child is started any more, and the remaining requests have no response.

    Args:
        submission: whose code is to run.
        address: gives the zygote's address; called when a child is first needed.
        limits: of the submission, over all its children.
        cache: evidence of an earlier grading.
        forbid: by function of the notebook, the modules and functions that it may not use.

    Attributes:
        notes: plain sentences about what went wrong while the cells ran, in the order of the cells.
        problems: what each cell raised, by cell number.
        missing: names of packages that the cells import and that are not installed, as keys.
    """

    def __init__(
        self,
        submission: Submission,
        address: Callable[[], str],
        limits: Limits,
        cache: CachedEvidence | None = None,
        forbid: Mapping[str, list[str]] | None = None,
    ) -> None:
        self.submission = submission
        self.forbid = dict(forbid or {})
        self.notes: list[str] = list(cache.notes) if cache else []
        self.problems: dict[int, str] = dict(cache.problems) if cache else {}
        self.missing: dict[str, None] = dict.fromkeys(cache.missing if cache else [])
        self._address = address
        self._budget = SubmissionBudget(limits)
        self._child: ChildConnection | None = None
        self._started = 0
        self._skipped: set[int] = set()
        self._need_weights: set[str] = set()
        self._answers: dict[bytes, messages.Response | NoResponse] = {
            one.question: NoResponse(one.silence) if one.answer is None else one.answer
            for one in (cache.answers if cache else [])
        }

    def ask(self, question: messages.SubmissionRequest) -> messages.Response:
        """The response to a request, from the cache if it was sent before.

        Raises:
            NoResponse: there is none.
            SandboxError: no child can be started, which is not the notebook's fault.
        """
        key = messages.encode_message(question)
        if key not in self._answers:
            self._answers[key] = self._ask(question)
        answer = self._answers[key]
        if isinstance(answer, NoResponse):
            raise answer
        return answer

    @property
    def answers(self) -> dict[bytes, messages.Response]:
        """Responses so far, by the bytes of the request; requests without a response are left out."""
        return {key: answer for key, answer in self._answers.items() if not isinstance(answer, NoResponse)}

    def save(self, cache: CachedEvidence) -> None:
        """Store responses, notes and problems in `cache`."""
        cache.notes, cache.problems = list(self.notes), dict(self.problems)
        cache.missing = list(self.missing)
        cache.answers = [
            CachedResponse(key, silence=str(answer)) if isinstance(answer, NoResponse) else CachedResponse(key, answer)
            for key, answer in self._answers.items()
        ]

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _ask(self, question: messages.SubmissionRequest) -> messages.Response | NoResponse:
        try:
            if self._child is None:
                self._start()
            assert self._child is not None
            if not isinstance(question, messages.WatchRequest):
                return self._child.ask(question)
            known = question.function in self._need_weights
            answer = self._child.ask(msgspec.structs.replace(question, weights=known))
            if known or not isinstance(answer, messages.WeightsNeededResponse):
                return answer
            self._need_weights.add(question.function)
            self.close()
            self._started -= 1  # it did not die
            return self._ask(question)
        except NoResponse as silence:
            return silence
        except ChildDied as death:
            self.close()
            require_zygote(self._address())
            return NoResponse(f"the process that ran your notebook ended during {question.function}{_because(death)}")

    def _start(self) -> None:
        while self._started < MOST_CHILDREN:
            if spent := self._budget.spent:
                raise NoResponse(f"your notebook is not run any further: {spent}")
            self._started += 1
            cells = [
                messages.CellSource(cell.number, cell.source, list(cell.checks))
                for cell in self.submission.cells
                if cell.number not in self._skipped
            ]
            child = ChildConnection(self._address(), self._budget)
            try:
                done, end = child.run(
                    cells,
                    self.submission.records,
                    exercises=self.submission.exercises,
                    files=self.submission.files,
                    plain=self.submission.is_plain,
                    forbid=self.forbid,
                )
            except ChildDied as death:
                child.close()
                require_zygote(self._address())
                if not death.cell:
                    said = f"the process that ran your notebook ended after its last cell{_because(death)}"
                    raise NoResponse(said) from death
                self._skipped.add(death.cell)
                said = f"Cell {death.cell} ended the process that ran the notebook{_because(death)}; it was left out."
                self._remember(death.cell, said)
                continue
            self._child = child
            for cell in done:
                if cell.problem:
                    self._remember(cell.number, cell.problem)
                for note in cell.notes:
                    self._note(note)
                self._miss(cell.missing)
            for note in end.notes:
                self._note(note)
            return
        raise NoResponse("your notebook ended the process that ran it again and again; see the notes")

    def _remember(self, number: int, problem: str) -> None:
        if number not in self.problems:
            self.problems[number] = problem
            self._note(problem if f"cell {number}" in problem.lower() else f"Cell {number}: {problem}")

    def _miss(self, packages: list[str]) -> None:
        for package in packages:
            if package.isidentifier() and len(package) <= LONGEST_PACKAGE and len(self.missing) < MOST_MISSING:
                self.missing.setdefault(package)

    def _note(self, note: str) -> None:
        if note not in self.notes and len(self.notes) < 50:
            self.notes.append(shorten(note, LONGEST_NOTE))


def _because(death: ChildDied) -> str:
    """The suffix " (reason)", or "" if there is no reason but that it ended."""
    return "" if death.reason == framing.ENDED else f" ({death.reason})"
