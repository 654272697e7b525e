"""Who runs the notebook: its student, or a grader.

nbgrader says so in an environment variable. This kit's own grader sets none, so that a notebook runs under grading as
it does for its student; the kit itself has to know, since it downloads nothing and packs nothing there.
"""

from __future__ import annotations

import os

_is_graded = False


def note_grading() -> None:
    """Note that a grader runs the notebook in this process."""
    global _is_graded
    _is_graded = True


def runs_under_nbgrader() -> bool:
    """True if one of nbgrader's own commands, such as `nbgrader validate`, runs the notebook."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def runs_under_a_grader() -> bool:
    """True if nbgrader or this kit's grader runs the notebook.

    Example:
        >>> runs_under_a_grader()
        False
    """
    return _is_graded or runs_under_nbgrader()
