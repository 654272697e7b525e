"""Asking a submission: answers are remembered, and a child that dies is replaced without the cell that killed it."""

from __future__ import annotations

from collections.abc import Callable

from autograder.evidence.cache import CachedEvidence, CachedResponse
from autograder.intake.submission import Submission
from autograder.sandbox.client.connection import ChildConnection, ChildDied, require_zygote
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.limits import Limits
from cnnkit.errors import KitError

MOST_CHILDREN = 4
"""Children started for one submission before the rest of the questions go unanswered."""


class NoResponse(KitError):
    """The submission gave no answer to this question. `str(error)` says why, for the student."""


class Conversation:
    """The questions put to one submission, and its answers.

    A child is started with the first question. If it dies in a cell it is started again without that cell; if it dies
    over a question, that question stays unanswered and the next one gets a new child.

    Args:
        submission: whose code is to run.
        address: gives the zygote's address; called when a child is first needed.
        limits: of a child.
        kept: what was answered before.

    Attributes:
        notes: plain sentences about what went wrong while the cells ran, in the order of the cells.
        problems: what each cell raised, by cell number.
    """

    def __init__(
        self, submission: Submission, address: Callable[[], str], limits: Limits, kept: CachedEvidence | None = None
    ) -> None:
        self.submission = submission
        self.notes: list[str] = list(kept.notes) if kept else []
        self.problems: dict[int, str] = dict(kept.problems) if kept else {}
        self._address = address
        self._limits = limits
        self._child: ChildConnection | None = None
        self._started = 0
        self._skipped: set[int] = set()
        self._answers: dict[bytes, messages.Response | NoResponse] = {
            one.question: NoResponse(one.silence) if one.answer is None else one.answer
            for one in (kept.answers if kept else [])
        }

    def ask(self, question: messages.SubmissionRequest) -> messages.Response:
        """The answer to a question, from memory if it was asked before.

        Raises:
            Silent: there is none.
            SandboxError: no child can be had, which is not the notebook's fault.
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
        """What was answered so far, by the question's bytes; questions that nobody answered are left out."""
        return {key: answer for key, answer in self._answers.items() if not isinstance(answer, NoResponse)}

    def keep(self, kept: CachedEvidence) -> None:
        """Note everything that was said in `kept`."""
        kept.notes, kept.problems = list(self.notes), dict(self.problems)
        kept.answers = [
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
            return self._child.ask(question)
        except NoResponse as silence:
            return silence
        except ChildDied as death:
            self.close()
            require_zygote(self._address())
            return NoResponse(f"the process that ran your notebook ended during {question.function}{_because(death)}")

    def _start(self) -> None:
        while self._started < MOST_CHILDREN:
            self._started += 1
            cells = [
                messages.CellSource(cell.number, cell.source)
                for cell in self.submission.cells
                if cell.number not in self._skipped
            ]
            child = ChildConnection(self._address(), self._limits)
            try:
                done, _ = child.run(cells, self.submission.records)
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
            return
        raise NoResponse("your notebook ended the process that ran it again and again; see the notes")

    def _remember(self, number: int, problem: str) -> None:
        if number not in self.problems:
            self.problems[number] = problem
            self._note(problem if f"cell {number}" in problem.lower() else f"Cell {number}: {problem}")

    def _note(self, note: str) -> None:
        if note not in self.notes and len(self.notes) < 50:
            self.notes.append(note[:500])


def _because(death: ChildDied) -> str:
    """Why, where there is more to say than that it ended."""
    return "" if death.reason == framing.ENDED else f" ({death.reason})"
