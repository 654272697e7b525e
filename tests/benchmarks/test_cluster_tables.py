"""What 10,000 submissions cost, as far as it was measured."""

import pytest


@pytest.fixture(scope="module")
def tables(load_script):
    return load_script("benchmarks/cluster_tables.py").cluster_tables


def test_before_anything_was_measured(tables):
    assert tables({}) == "Not measured yet: `make bench-scale` does."


def test_growth_is_beside_the_time(tables):
    made = tables(
        {
            "seconds_10000": {"similarity": 30.0, "submissions": 400.0},
            "seconds_tenth": {"similarity": 0.5},
            "mb_10000": {"similarity": 812.4},
            "measured": {"class_tables": {"date": "2026-11-30", "commit": "c0ffee1"}},
        }
    )
    assert "on 2026-11-30 (c0ffee1)." in made
    assert "| similar records | 30.0 s |  | 812 MB | 60.0 |" in made
    assert "| a tenth, graded by two workers | 400.0 s |  |  |  |" in made
    assert "gradebook" not in made


def test_all_of_them_follow_from_the_tenth(tables):
    made = tables(
        {
            "seconds_10000": {"submissions": 500.0},
            "cpu_10000": {"submissions": 900.0},
            "submissions_10000": {"submissions": 1000},
        }
    )
    assert "takes 0.90 s of processor time" in made
    assert "| 1 worker process | 2.5 hours |" in made
    assert "| 64 worker processes | 2 minutes |" in made
