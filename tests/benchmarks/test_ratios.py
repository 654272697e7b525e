"""Ratios compare like with like, and only what was measured."""

import pytest


@pytest.fixture(scope="module")
def ratios(load_script):
    return load_script("benchmarks/ratios.py").ratios


def test_nothing_measured_nothing_computed(ratios):
    assert ratios({}) == {}


def test_stock_nbgrader_at_each_size(ratios):
    found = {f"seconds_{size}": size / 2 for size in (60, 300, 1000)}
    found |= {f"seconds_nbgrader_capped_{size}": size * 10 for size in (60, 1000)}
    computed = ratios(found)
    assert computed == {"times_faster_than_nbgrader_capped": 20, "times_faster_than_nbgrader_capped_1000": 20}


def test_the_full_run_is_compared_with_records_verified(ratios):
    figures = {"seconds_nbgrader_capped_60": 600.0, "seconds_full_training": 590.0, "seconds_verified_60": 30.0}
    assert ratios(figures) == {"times_faster_than_nbgrader_full": (600 + 60 * 590) / 30}


def test_the_floor_is_compared_with_processor_time_and_without_the_gradebook(ratios):
    figures = {"cpu_floor_each": 0.5, "cpu_verified_60_without_gradebook": 36.0, "cpu_start": 3.0}
    assert ratios(figures) == {"times_floor": 1.2, "times_floor_without_start": 1.1}
