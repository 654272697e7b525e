"""course.toml and the kit's assignments: what each is worth, and what a submission may use."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from autograder.course.layout import CourseLayout, find_root
from autograder.sandbox.protocol.limits import Limits
from cnnkit.catalog import index
from cnnkit.errors import KitError


class Assignment(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One assignment: points by exercise, graded automatically (`points`) or by hand (`written`).

    `data` are the data sets that its notebook reads: they are read once for a class. `forbid` are, by exercise, the
    modules and functions that it may not use.
    """

    title: str
    points: dict[str, float]
    written: dict[str, float] = {}
    data: list[str] = []
    forbid: dict[str, list[str]] = {}
    limits: Limits = Limits()

    @property
    def max_score(self) -> float:
        """The automatic points."""
        return float(sum(self.points.values()))


class CourseHeader(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The course's name, and where students find it."""

    name: str
    id: str
    repository: str
    branch: str = "main"


class Course(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The whole file, and every assignment. `root` is the folder it lies in; every other path is found from there.

    Attributes:
        course: its name, and where students find it.
        assignments: those of the kit whose source lies in solutions/, in their order; then what only course.toml has.
        broken: by name, the assignments of this course whose assignment.toml cannot be used, and why.
        limits: of the assignments that have none of their own.
        root: the course's folder.
    """

    course: CourseHeader
    assignments: dict[str, Assignment] = {}
    limits: Limits = Limits()
    root: Path = Path()
    broken: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """Names of all assignments, the broken ones last."""
        return [*self.assignments, *self.broken]

    @property
    def layout(self) -> CourseLayout:
        """The paths of its files."""
        return CourseLayout(self.root)

    def assignment(self, name: str) -> Assignment:
        """One assignment by name.

        Raises:
            CourseError: there is none of that name, or its assignment.toml cannot be used (file and key are named).
        """
        if name in self.broken:
            raise CourseError(self.broken[name])
        try:
            return self.assignments[name]
        except KeyError:
            known = ", ".join(self.assignments)
            raise CourseError(f"course.toml has no assignment {name!r}; it has: {known}") from None


class CourseError(KitError):
    """course.toml or an assignment.toml is missing, cannot be read, or lacks what is needed."""

    exit_status = 2


def load_course(root: Path | None = None) -> Course:
    """Read course.toml from `root`, or from the working directory or the nearest folder above that has one.

    Raises:
        CourseError: no file, not TOML, or a field that is missing, unknown or of the wrong type (named). A broken
            assignment.toml raises nothing here: `Course.assignment` does.
    """
    start = (root or Path.cwd()).resolve()
    folder = find_root(start)
    if folder is None:
        raise CourseError(f"no course.toml in {start} or above it; run the command inside the course's folder")
    try:
        data = tomllib.loads(CourseLayout(folder).course_file.read_text(encoding="utf-8"))
        broken = _broken(data, folder)
        course = msgspec.convert(_with_the_kits(data, folder, broken), Course)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise CourseError(f"{folder / 'course.toml'}: {error}") from error
    return msgspec.structs.replace(course, root=folder, broken=broken)


def _broken(data: dict[str, Any], root: Path) -> dict[str, str]:
    """The broken assignments of the kit that this course has, by a source in solutions/ or an entry in course.toml."""
    own = _own(data)
    return {
        name: error
        for name, error in index.broken_assignments().items()
        if (root / CourseLayout(root).source_folder(name)).is_dir() or name in own
    }


def _with_the_kits(data: dict[str, Any], root: Path, broken: Collection[str]) -> dict[str, Any]:
    """Merge the descriptions of the kit's assignments that have a source here into the entries of course.toml.

    An entry of course.toml takes precedence; a broken assignment is left out.
    """
    own = _own(data)
    known: dict[str, dict[str, Any]] = {
        one.name: {"title": one.title, "points": dict(one.points), "written": dict(one.written), "data": list(one.data)}
        | ({"forbid": {exercise: list(names) for exercise, names in one.forbid.items()}} if one.forbid else {})
        for one in index.all_assignments().values()
        if (root / CourseLayout(root).source_folder(one.name)).is_dir()
    }
    usual = {"limits": data["limits"]} if "limits" in data else {}
    merged = {}
    for name in [*known, *own]:
        entry = own.get(name, {})
        if name not in broken:
            # an entry that is no table is left to the validation, which names it
            merged[name] = usual | known.get(name, {}) | entry if isinstance(entry, dict) else entry
    return (
        data if "assignments" in data and not isinstance(data["assignments"], dict) else data | {"assignments": merged}
    )


def _own(data: dict[str, Any]) -> dict[str, Any]:
    own = data.get("assignments", {})
    return own if isinstance(own, dict) else {}
