"""The file assignment.toml: read and validated, with errors that name file, key and the nearest valid key.

By hand, because the package that students install has no validation library.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnkit.errors import KitError
from cnnkit.text import did_you_mean, one_line

FILE = "assignment.toml"


class AssignmentError(KitError, ValueError):
    """An assignment is unknown, or its assignment.toml cannot be read; the message says which file and key."""

    exit_status = 2


@dataclass(frozen=True)
class AssignmentDescription:
    """Description of one assignment, from its assignment.toml.

    Attributes:
        name: as `cnnkit.start` and nbgrader know it; the name of its folder.
        title: for people.
        order: position in the list of assignments.
        data: the data sets that its notebook reads.
        points: by exercise, in the notebook's order; graded automatically.
        written: by exercise; graded by a person.
        forbid: by exercise, the modules and functions that it may not use; see `cnnkit.probe.forbidden_names`.
    """

    name: str
    title: str
    order: int = 0
    data: Sequence[str] = ()
    points: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)
    forbid: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_description(file: Path) -> AssignmentDescription:
    """Read the description of the assignment in whose folder the file is.

    Args:
        file: `<name>/assignment.toml`.

    Raises:
        AssignmentError: the file cannot be read or is not TOML (with the line), or a key is unknown, missing or of the
            wrong type.
    """
    try:
        data = tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise AssignmentError(f"{file}: it cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AssignmentError(
            f"{file}: line {line}: expected text in UTF-8, found the byte {error.object[error.start]:#04x}. "
            "Save the file as UTF-8."
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise AssignmentError(f"{file}: it is not valid TOML: {one_line(error)}") from error
    try:
        return AssignmentDescription(name=file.parent.name, **_validated(data))
    except _Invalid as error:
        raise AssignmentError(f"{file}: {error}") from error


class _Invalid(KitError, ValueError):
    """An entry of the file is not what it should be."""


def _validated(data: Mapping[str, Any]) -> dict[str, Any]:
    for key in data:
        if key not in _KEYS:
            advice = did_you_mean(key, _KEYS) or f"Expected only: {', '.join(_KEYS)}."
            raise _Invalid(f"unknown key {one_line(key, 100)!r}. {advice}")
    if "title" not in data:
        raise _Invalid('expected the key title, such as title = "A ConvNet for handwritten digits", found none')
    for key, value in data.items():
        _KEYS[key](key, value)
    for exercise in data.get("forbid", {}):
        if exercise not in (points := data.get("points", {})):
            advice = did_you_mean(exercise, points) or f"Expected one of [points]: {', '.join(points) or 'none'}."
            raise _Invalid(f"forbid.{exercise}: there is no such exercise. {advice}")
    return dict(data)


def _title(key: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise _Invalid(f"{key}: expected text in quotes, found {_found(value)}")


def _order(key: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Invalid(f"{key}: expected an integer, found {_found(value)}")


def _names(key: str, value: Any) -> None:
    if not isinstance(value, list):
        raise _Invalid(f'{key}: expected a list of names such as ["mnist"], found {_found(value)}')
    for one in value:
        if not isinstance(one, str) or not one:
            raise _Invalid(f'{key}: expected names in quotes such as ["mnist"], found {_found(one)} in the list')


def _points(key: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise _Invalid(f"{key}: expected a table [{key}] with a line such as training = 3, found {_found(value)}")
    for exercise, points in value.items():
        entry = f"{key}.{one_line(exercise, 100)}"
        if not exercise.isidentifier():
            raise _Invalid(f"{entry}: expected an exercise's name (letters, digits and _), found {exercise!r}")
        is_number = isinstance(points, int | float) and not isinstance(points, bool)
        if not is_number or not math.isfinite(points) or points < 0:
            raise _Invalid(f"{entry}: expected a number of points, 0 or more, found {_found(points)}")


def _forbid(key: str, value: Any) -> None:
    example = 'a line such as convolution = ["keras", "scipy.signal"]'
    if not isinstance(value, dict):
        raise _Invalid(f"{key}: expected a table [{key}] with {example}, found {_found(value)}")
    for exercise, names in value.items():
        entry = f"{key}.{one_line(exercise, 100)}"
        if not isinstance(names, list) or not names:
            raise _Invalid(f"{entry}: expected {example}, found {_found(names)}")
        for one in names:
            if not isinstance(one, str) or not all(part.isidentifier() for part in one.split(".")):
                raise _Invalid(
                    f"{entry}: expected names of modules or functions as Python imports them, such as "
                    f'"scipy.signal" or "numpy.convolve", found {_found(one)} in the list'
                )


_KEYS: dict[str, Callable[[str, Any], None]] = {
    "title": _title,
    "order": _order,
    "data": _names,
    "points": _points,
    "written": _points,
    "forbid": _forbid,
}
"""The check of each key that the file may have."""


def _found(value: Any) -> str:
    return "true" if value is True else "false" if value is False else one_line(repr(value), 80)
