"""Which validation images are looked at: the hard ones always, the others by lot."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.records.image_draw import DRAWN, HARD, chosen_images, hard_images, hardest
from tests.autograder.records.test_self_consistency import LAYOUT_3


def test_the_hard_images_are_always_chosen_and_the_lot_decides_on_the_others():
    hard = set(hard_images("mnist"))
    assert len(hard) == HARD
    found = [chosen_images(LAYOUT_3, f"lot {number}") for number in range(20)]
    for images in found:
        assert list(images) == sorted(set(images))
        assert len(images) == HARD + DRAWN
        assert hard <= set(images)
        assert max(images) < 5_000
    assert len(set(found)) == 20
    assert len({image for images in found for image in images}) > 3_000
    assert chosen_images(LAYOUT_3, "lot 3") == found[3]


def test_each_run_has_a_draw_of_its_own():
    assert chosen_images(LAYOUT_3, "lot") != chosen_images(replace(LAYOUT_3, run="sgd"), "lot")


@pytest.mark.parametrize("data", [{}, {"name": "mnist"}, {"name": "chess", "validation": 5_000}])
def test_data_whose_hard_images_are_not_known(data):
    assert chosen_images(replace(LAYOUT_3, data=data), "lot") == ()


@pytest.mark.parametrize("images", [100, 10**9, "many", float("inf")])
def test_data_of_another_size(images):
    assert chosen_images(replace(LAYOUT_3, data={"name": "mnist", "validation": images}), "lot") == ()


def test_the_hardest_have_the_largest_share_over_all_networks():
    good, bad = np.array([0.0, 0.1, 0.0, 0.9]), np.array([50.0, 30.0, 10.0, 10.0])
    assert hardest([good, bad], count=2) == (3, 0)
