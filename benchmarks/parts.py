"""The table of all measurements: each is a part that `run.py` makes by itself, and whose figures are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Figures = dict[str, Any]
"""Figures by name: numbers, or numbers by name again ("seconds_10000": {"gradebook": ...})."""


class Part(NamedTuple):
    """One part of `make bench` or `make bench-scale`.

    Attributes:
        name: of the part and of its file in build/bench/.
        module: the module beside this one whose function measures it.
        about: what is measured, for `run.py --list`.
        size: submissions or students.
        trial: the same for `run.py --trial`, which only shows that the part works.
        scale: True for a part of `make bench-scale`.
        after: parts that leave behind what this one goes on with.
        function: takes a `PartContext` and returns figures.
    """

    name: str
    module: str
    about: str
    size: int = 0
    trial: int = 0
    scale: bool = False
    after: tuple[str, ...] = ()
    function: str = "measure"


class PartContext(NamedTuple):
    """Circumstances in which a part is measured.

    Attributes:
        work: a folder for classes and trainings, shared by the parts; what lies there can be used again.
        size: submissions or students.
        trial: True if nobody will read the figures.
    """

    work: Path
    size: int
    trial: bool = False


PARTS = (
    Part("describe", "describe", "large networks, described without their weights and built with them"),
    Part("record", "record", "a training with `cnnkit.record` and without"),
    Part("verify", "verify", "verifying one student's four training records"),
    Part("side_by_side", "side_by_side", "60 submissions: ours, stock nbgrader, otter-grader, the floor", 60, 4),
    Part("class_300", "class_sizes", "300 submissions; again after a change of the rubric; again unchanged", 300, 4),
    Part("transfer_features", "transfer_features", "features from ImageNet against random ones, all photographs"),
    Part("full_training", "full_training", "one student's trainings, whole: three optimizers, ten epochs", scale=True),
    Part("class_1000", "class_sizes", "the same for 1,000 submissions", 1_000, 5, scale=True),
    Part("cluster_tenth", "ten_thousand", "a tenth of 10,000 through Dask", 10_000, 60, True, (), "grade_tenth"),
    Part(
        "cluster_rest",
        "ten_thousand",
        "the other nine tenths through Dask, with evidence taken from the tenth",
        10_000,
        60,
        True,
        ("cluster_tenth",),
        "grade_rest",
    ),
    Part(
        "class_tables",
        "ten_thousand",
        "tables, similarity and freshness of 10,000",
        10_000,
        60,
        True,
        ("cluster_rest",),
        "measure_tables",
    ),
    Part(
        "class_gradebook",
        "ten_thousand",
        "10,000 marks into nbgrader's gradebook (SQLite)",
        10_000,
        60,
        True,
        ("cluster_rest",),
        "fill_gradebook",
    ),
    Part("postgresql", "large_gradebook", "the gradebook of 10,000 students on PostgreSQL", 10_000, 100, scale=True),
)


def part_named(name: str) -> Part:
    """The part of that name.

    Raises:
        KeyError: there is none; the text lists the names.
    """
    for part in PARTS:
        if part.name == name:
            return part
    raise KeyError(f"expected a part's name, one of {', '.join(part.name for part in PARTS)}; found {name!r}")
