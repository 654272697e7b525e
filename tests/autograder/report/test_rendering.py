"""Numbers in pages and tables."""

import pytest

from autograder.report.rendering import points_text


@pytest.mark.parametrize(
    ("value", "text"), [(6.0, "6"), (4.5, "4.5"), (1 / 3, "0.33"), (0.0, "0"), (17.499999999, "17.5")]
)
def test_points(value, text):
    assert points_text(value) == text
