"""The base of every exception that this project raises on purpose."""

from __future__ import annotations


class KitError(Exception):
    """An error whose text a person can act on: what was expected, what was found, what to do.

    Attributes:
        exit_status: status with which a command ends that this error stopped: 1 for something that went wrong on the
            way, 2 for a call or a course that cannot work as it is.
    """

    exit_status: int = 1
