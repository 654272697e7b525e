"""Tables hold what was measured, and nothing else."""

import pytest

MACHINE = {"processor": "P", "cores": "2", "python": "3.11", "keras": "3", "tensorflow": "2", "nbgrader": "0.9"}


@pytest.fixture(scope="module")
def tables(load_script):
    return load_script("benchmarks/performance_tables.py").performance_tables


def test_nothing_is_invented(tables):
    assert tables({"machine": MACHINE}) == "Measured on: P, 2 cores, Python 3.11, Keras 3, TensorFlow 2, nbgrader 0.9."


def test_what_was_not_measured_is_left_out(tables):
    made = tables({"machine": MACHINE, "times_floor": 1.3, "cpu_floor_of": {"calls": 0.1, "records": 1.5}})
    assert "1.30 times | at most 1.15 |" in made
    assert "otter" not in made
    assert "class-sizes.svg" not in made
    assert made.index("records | 1.500 s") < made.index("calls | 0.100 s")


def test_a_class_where_processor_time_is_not_measurable(tables):
    made = tables({"machine": MACHINE, "seconds_60": 22.6, "peak_mb_60": 812.3})
    assert "| 60 notebooks | 22.6 s | 0.38 s |  |  |  | 812 MB |" in made
    assert "class-sizes.svg" in made


def test_the_full_run_is_extended_from_both_measurements(tables):
    figures = {"seconds_nbgrader_capped_60": 600.0, "seconds_full_training": 100.0}
    made = tables({"machine": MACHINE} | figures)
    assert "training capped | 600 s |" in made
    assert "with its 30 epochs | 6,600 s |" in made


def test_both_targets_have_their_dates(tables):
    entry = {"date": "2026-11-30", "commit": "c0ffee1", "figures": {}}
    made = tables(
        {"machine": MACHINE, "measured": {"side_by_side": entry, "full_training": entry | {"commit": "beef"}}}
    )
    assert "By `make bench`: 2026-11-30 (c0ffee1)." in made
    assert "By `make bench-scale`: 2026-11-30 (beef)." in made
