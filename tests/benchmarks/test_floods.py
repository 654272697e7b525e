"""A worker's memory stays flat over a class of floods."""

import pytest

pytestmark = pytest.mark.tensorflow

PEAK, LEFT = 250.0, 30.0
"""MB that one submission may add at most, and leave behind: it may send 64 MB, which are decoded, copied and cached."""


@pytest.fixture(scope="module")
def grown(load_script, tmp_path_factory):
    floods = load_script("benchmarks/floods.py")
    return list(floods.measure_floods(tmp_path_factory.mktemp("floods")))[1:]  # the first one imports the rubric


def test_no_flood_takes_much_memory_or_leaves_any(grown):
    for one in grown:
        print(f"{one.student:40} {one.peak:8.1f} MB at most, {one.left:6.1f} MB left")
    assert {one.student: one.peak for one in grown if one.peak > PEAK} == {}
    assert {one.student: one.left for one in grown if one.left > LEFT} == {}


def test_the_honest_one_keeps_its_marks(grown):
    assert grown[0].student == grown[-1].student == "honest"
    assert grown[0].score == grown[-1].score > 5
