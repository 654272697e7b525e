"""The checks a student runs in the notebook: `cnnkit.check.<exercise>(functions...)`.

They are the public part of the rubric. Each is an ordinary function that takes the evidence (the results of the
student's functions, as data) and raises Mismatch; the grader runs the same ones, and hidden ones besides.

Names are imported when they are first used: who prints outcomes needs neither NumPy nor the checks.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_DEFINED_IN = {
    "CheckFailed": "runner",
    "Evidence": "evidence",
    "FunctionMissing": "evidence",
    "LiveEvidence": "live_evidence",
    "PublicCheck": "registry",
    "PublicChecks": "registry",
    "StudentError": "evidence",
    "check": "runner",
}


def __getattr__(name: str) -> Any:
    if name in _DEFINED_IN:
        return getattr(import_module(f"{__name__}.{_DEFINED_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
