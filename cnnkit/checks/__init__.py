"""The checks a student runs in the notebook: `cnnkit.check.<exercise>(functions...)`.

They are the public part of the rubric. Each is an ordinary function that takes the evidence (the results of the
student's functions, as data) and raises Mismatch; the grader runs the same ones, and hidden ones besides.

Names are imported when they are first used: who prints outcomes needs neither NumPy nor the checks.
"""

from typing import TYPE_CHECKING

from cnnkit.lazy_names import on_first_use

if TYPE_CHECKING:
    from cnnkit.checks.evidence import Evidence, FunctionMissing, StudentError
    from cnnkit.checks.live_evidence import LiveEvidence
    from cnnkit.checks.registry import PublicCheck, PublicChecks
    from cnnkit.checks.runner import CheckFailed, check

__all__ = [
    "CheckFailed",
    "Evidence",
    "FunctionMissing",
    "LiveEvidence",
    "PublicCheck",
    "PublicChecks",
    "StudentError",
    "check",
]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "CheckFailed": "runner",
        "Evidence": "evidence",
        "FunctionMissing": "evidence",
        "LiveEvidence": "live_evidence",
        "PublicCheck": "registry",
        "PublicChecks": "registry",
        "StudentError": "evidence",
        "check": "runner",
    },
)
