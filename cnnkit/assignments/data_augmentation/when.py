"""Public checks of the exercise `when`."""

from __future__ import annotations

import numpy as np

from cnnkit import expect
from cnnkit.assignments.data_augmentation.brief import CHECKS
from cnnkit.checks.evidence import Evidence
from cnnkit.mismatch import Mismatch

CASES = (
    "pipeline(x)",
    "pipeline(x, training=False)",
    "model(x)",
    "model.predict(x)",
    "model.evaluate(x, y)",
    "model.fit(x, y)",
)
"""Ways to call, in the notebook's words."""

_HINT = "The six keys stand in the docstring of when_it_augments; each has the value True or False."


def answers(evidence: Evidence) -> dict[str, bool]:
    """Answers of when_it_augments(), by case.

    Raises:
        Mismatch: a case is missing, or its answer is neither True nor False.
    """
    found, what = evidence.call("when_it_augments"), "when_it_augments()"
    if type(found) is not dict:
        raise Mismatch(what, expected="a dictionary", found=expect.kind(found), hint=_HINT)
    said = {}
    for case in CASES:
        if case not in found:
            raise Mismatch(what, expected=f"an entry {case!r}", found="none", hint=_HINT)
        answer = found[case]
        if isinstance(answer, np.ndarray | np.generic) and answer.size == 1 and answer.dtype == bool:
            answer = bool(answer)
        if type(answer) is not bool:
            raise Mismatch(f"{what}[{case!r}]", expected="True or False", found=expect.kind(answer))
        said[case] = answer
    return said


@CHECKS.add("when", "six answers, each True or False")
def six_answers(evidence: Evidence) -> None:
    """Expect the specified form. Not in the rubric, where the answers count."""
    answers(evidence)
