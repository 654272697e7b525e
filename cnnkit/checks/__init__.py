"""The checks a student runs in the notebook: `cnnkit.check.<exercise>(functions...)`.

They are the public part of the rubric. Each is an ordinary function that takes the evidence (the results of the
student's functions, as data) and raises Mismatch; the grader runs the same ones, and hidden ones besides.
"""

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
