"""Release of an assignment: notebooks built from one source file, and searched for leaks before students get them.

Example:
    >>> from autograder.course.config import load_course
    >>> from autograder.release import release
    >>> for change in release(load_course(), ["mnist_convnet"]):  # writes into assignments/  # doctest: +SKIP
    ...     print(change.kind, change.path)
"""

from __future__ import annotations

from autograder.release.build import build_source
from autograder.release.generate import ReleaseChange, build_release, release
from autograder.release.leak import Leak, leaks
from autograder.release.release_error import ReleaseError

__all__ = ["Leak", "ReleaseChange", "ReleaseError", "build_release", "build_source", "leaks", "release"]
