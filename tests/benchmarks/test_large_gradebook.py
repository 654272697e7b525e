"""The output of `gradebook.py` is read, or refused."""

import pytest

OUTPUT = """\
10 students, first: 1.00 s of CPU (0.1000 s each), server 0.50 s, wall 2.00 s; peak 200 MB
10 students, all changed: 1.00 s of CPU (0.1000 s each), server 0.25 s, wall 1.50 s; peak 201 MB
100 students, first: 9.00 s of CPU (0.0900 s each), server 4.00 s, wall 20.00 s; first tenth 0.0900 s, last tenth \
0.0910 s each; peak 210 MB
"""


@pytest.fixture(scope="module")
def module(load_script):
    return load_script("benchmarks/large_gradebook.py")


def test_figures_of_the_tenth_and_of_all(module):
    assert module.figures_of(OUTPUT, 100) == {
        "seconds_postgresql_tenth": {"first": 2.0, "all changed": 1.5},
        "cpu_postgresql_tenth": {"first": 1.5, "all changed": 1.25},
        "mb_postgresql_tenth": {"first": 200.0, "all changed": 201.0},
        "seconds_postgresql_100": {"first": 20.0},
        "cpu_postgresql_100": {"first": 13.0},
        "mb_postgresql_100": {"first": 210.0},
    }


def test_an_output_without_the_class_is_refused(module):
    with pytest.raises(ValueError, match="expected figures of 1000 students"):
        module.figures_of(OUTPUT, 1000)
