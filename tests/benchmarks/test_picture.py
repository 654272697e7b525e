"""The picture has a line for what was measured."""

import re
from xml.etree import ElementTree

import pytest


@pytest.fixture(scope="module")
def picture(load_script):
    return load_script("benchmarks/picture.py").picture


def heights(svg, name):
    """The y of the points of a line, by its name, from left to right."""
    (group,) = re.findall(rf'<polyline points="([^"]+)"[^\n]*\n(?:<circle[^\n]*\n)*<text[^>]*>{name}<', svg)
    return [float(point.split(",")[1]) for point in group.split()]


def test_a_slower_grader_is_higher_up(picture):
    svg = picture({"seconds_60": 20.0, "seconds_300": 80.0, "seconds_nbgrader_capped_60": 600.0})
    ElementTree.fromstring(svg)
    first, second = heights(svg, "ours")
    assert second < first
    (stock,) = heights(svg, "stock nbgrader")
    assert stock < second
    assert "records verified" not in svg


def test_ten_minutes_lie_at_their_mark(picture):
    svg = picture({"seconds_60": 600.0})
    (height,) = heights(svg, "ours")
    assert f'y1="{height}" y2="{height}"' in svg


def test_without_figures_there_are_axes_only(picture):
    svg = picture({})
    ElementTree.fromstring(svg)
    assert "polyline" not in svg
