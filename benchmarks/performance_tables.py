"""The tables of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_table import markdown_table, shown, when_measured
from parts import PARTS
from ratios import COMPARED

Found = Mapping[str, Any]

SIZES = (60, 300, 1_000)
LIBRARIES = {"python": "Python", "keras": "Keras", "tensorflow": "TensorFlow", "nbgrader": "nbgrader"}

PICTURE = """![Time to grade a class against its size: ours and stock nbgrader](images/class-sizes.svg)

Stock nbgrader has graded a few of these notebooks, and its line is extended from them."""

GOALS = (
    ("stock `nbgrader autograde`, training capped, 60", "times_faster_than_nbgrader_capped", "{:.0f} times", "30"),
    ("the same, 300", "times_faster_than_nbgrader_capped_300", "{:.0f} times", ""),
    ("the same, 1,000", "times_faster_than_nbgrader_capped_1000", "{:.0f} times", "40"),
    (
        "stock `nbgrader autograde` with its 30 epochs, against records verified",
        "times_faster_than_nbgrader_full",
        "{:,.0f} times",
        "1,200",
    ),
    ("`otter run`, the same checks, training capped", "times_faster_than_otter", "{:.0f} times", ""),
    (
        "a submission with records against one warm process without isolation",
        "times_floor",
        "{:.2f} times",
        "at most 1.15",
    ),
    ("the same without our start", "times_floor_without_start", "{:.2f} times", ""),
    ("a submission without records, processor time", "cpu_per_submission", "{:.2f} s", "at most 0.33 s"),
    ("start, once for a class, processor time", "cpu_start", "{:.1f} s", ""),
    ("a mark in the gradebook, processor time", "cpu_gradebook_each", "{:.3f} s", "at most 0.05 s"),
    ("verifying four records, processor time", "cpu_verify_four_runs", "{:.2f} s", "three: at most 0.45 s"),
    ("the same, all of them replayed", "cpu_verify_four_runs_all_replayed", "{:.2f} s", ""),
    ("300 after a change of the rubric", "seconds_regrade_300", "{:.1f} s", "at most 5 s"),
    ("300, all up to date", "seconds_unchanged_300", "{:.1f} s", "at most 1 s"),
    ("two workers with everything, peak memory", "peak_mb_two_workers", "{:,.0f} MB", "at most 900 MB"),
    ("memory that the second worker adds", "mb_per_worker", "{:.0f} MB", ""),
    ("recording adds to a training", "percent_recording_adds", "{:.1f} %", ""),
    ("four training records with their weights", "mb_handed_in", "{:.1f} MB", ""),
)
"""Rows of the second table: what is measured, the figure's name, how it is shown, the goal."""


def performance_tables(found: Found) -> str:
    """The tables as Markdown, without rows for figures that were not measured.

    Args:
        found: the content of `latest.json`.
    """
    machine = found["machine"]
    versions = ", ".join(f"{name} {machine[key]}" for key, name in LIBRARIES.items())
    lines = [f"Measured on: {machine['processor']}, {machine['cores']} cores, {versions}."]
    for scale, target in ((False, "make bench"), (True, "make bench-scale")):
        if days := when_measured(found, [part.name for part in PARTS if part.scale == scale]):
            lines.append(f"By `{target}`: {days}.")
    lines += ["", *_classes(found)]
    if any(f"seconds_{size}" in found for size in SIZES):
        lines += [PICTURE, ""]
    lines += [*_graders(found), *_goals(found), *_floor(found), *_networks(found), *_features(found)]
    return "\n".join(lines).strip()


def _classes(found: Found) -> Iterator[str]:
    classes = [(f"{size:,} notebooks", f"{size}", size) for size in SIZES]
    classes.append((f"{COMPARED}, records verified", f"verified_{COMPARED}", COMPARED))
    heading = ("class", "first grading", "each", "processor time", "changed rubric", "all up to date", "peak memory")
    yield from markdown_table(heading, [_class(found, *one) for one in classes])


def _class(found: Found, name: str, key: str, size: int) -> Sequence[str] | None:
    seconds = found.get(f"seconds_{key}")
    if seconds is None:
        return None
    return (
        name,
        f"{seconds:,.1f} s",
        f"{seconds / size:.2f} s",
        shown(found, f"cpu_{key}", "{:,.0f} s"),
        shown(found, f"seconds_regrade_{key}", "{:.1f} s"),
        shown(found, f"seconds_unchanged_{key}", "{:.1f} s"),
        shown(found, f"peak_mb_{key}", "{:,.0f} MB"),
    )


def _graders(found: Found) -> Iterator[str]:
    size, training = COMPARED, found.get("seconds_full_training")
    stock = found.get(f"seconds_nbgrader_capped_{size}")
    rows = [
        ("ours, start and gradebook included", found.get(f"seconds_{size}"), "cpu_per_submission"),
        ("ours, records verified", found.get(f"seconds_verified_{size}"), ""),
        ("stock `nbgrader autograde`, training capped", stock, "cpu_nbgrader_capped_each"),
        ("`otter run`, two at a time, training capped", found.get(f"seconds_otter_{size}"), "cpu_otter_each"),
        (
            "stock `nbgrader autograde` with its 30 epochs",
            stock + size * training if stock and training else None,
            "",
        ),
    ]
    table = [
        (name, f"{seconds:,.0f} s", shown(found, key, "{:.2f} s")) if seconds is not None else None
        for name, seconds, key in rows
    ]
    yield from markdown_table(("grader", f"{size} submissions", "processor time of each"), table)


def _goals(found: Found) -> Iterator[str]:
    rows = [(name, shown(found, key, form), goal) if key in found else None for name, key, form, goal in GOALS]
    yield from markdown_table(("figure", "measured", "goal"), rows)


def _floor(found: Found) -> Iterator[str]:
    spent = sorted(found.get("cpu_floor_of", {}).items(), key=lambda one: -one[1])
    heading = ("part of a submission with records, in a warm process", "processor time")
    yield from markdown_table(heading, [(what, f"{seconds:.3f} s") for what, seconds in spent])


def _networks(found: Found) -> Iterator[str]:
    described, built = found.get("cpu_described", {}), found.get("cpu_built", {})
    mb = (found.get("mb_described", {}), found.get("mb_built", {}))
    rows = [
        (
            name,
            f"{described[name]:.2f} s, {mb[0].get(name, 0):,.0f} MB",
            f"{built[name]:.2f} s, {mb[1].get(name, 0):,.0f} MB",
        )
        for name in described
        if name in built
    ]
    yield from markdown_table(("network", "described without weights", "built with weights"), rows)


def _features(found: Found) -> Iterator[str]:
    accuracy = found.get("accuracy_features")
    if accuracy:
        interval = f"{found['margin_features_low']:.2f} to {found['margin_features_high']:.2f}"
        yield (
            f"Features from ImageNet tell birds from mammals in {100 * accuracy['learned']:.0f} % of photographs held "
            f"out, random ones in {100 * accuracy['random']:.0f} %; the difference is {found['margin_features']:.2f} "
            f"({interval}, `benchmarks/transfer_features.py`)."
        )
        yield ""
