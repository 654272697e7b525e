"""Which validation images are looked at: the hard ones always, the others by lot."""

import json
from dataclasses import replace
from math import comb
from pathlib import Path

import numpy as np
import pytest

from autograder.records.image_draw import DRAWN, HARD, chosen_images, hard_images, hardest
from autograder.records.judge import SAME_IMAGE
from cnnkit.recording.validation_losses import unpacked_losses
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


# --- what is not looked at ------------------------------------------------------------------------------------------

NETWORKS = json.loads(Path(__file__).with_name("image_losses.json").read_text())
"""Losses of trained networks on each validation image. The hard images were found from other networks, but for the full
run."""

PAGE = Path(__file__).parents[3] / "docs" / "verification.md"
GAINS = (0.01, 0.02, 0.05, 0.1, 0.2)


def chance_of_passing(losses, gain):
    """Probability that no understated image is looked at, for the best choice of images.

    Args:
        losses: true losses on each image.
        gain: share of the mean loss that is to be hidden. A loss is not below 0, so the images with the largest losses
            are said to have none, as few of them as possible and none of the hard ones.
    """
    others = np.sort(np.delete(losses, list(hard_images("mnist"))))[::-1]
    hidden = np.cumsum(others)
    needed = gain * losses.sum()
    if hidden[-1] < needed:
        return 0.0  # the images that may stay unseen do not hold so much
    lies = others[: int(np.searchsorted(hidden, needed)) + 1]
    least, share = SAME_IMAGE
    noticed = int((lies > least / (1 - share)).sum())  # below, a loss is taken for the same as none
    unseen = [1 - DRAWN / (len(others) - number) for number in range(noticed)]
    return float(np.prod(np.maximum(unseen, 0.0)))


def row(name):
    losses = unpacked_losses(NETWORKS[name])
    shown = [f"{chance_of_passing(losses, gain):.3f}".replace("0.000", "< 0.001") for gain in GAINS]
    return f"| {name} | {' | '.join(shown)} |"


@pytest.mark.parametrize("name", NETWORKS)
def test_a_forgery_that_hides_a_tenth_of_the_loss_is_caught(name):
    assert chance_of_passing(unpacked_losses(NETWORKS[name]), 0.1) <= 0.01


@pytest.mark.parametrize("name", NETWORKS)
def test_the_table_of_the_page_is_computed(name):
    assert row(name) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_row_on_answers_is_computed():
    chances = {lies: comb(5_000 - HARD - lies, DRAWN) / comb(5_000 - HARD, DRAWN) for lies in (3, 10, 25)}
    assert ", ".join(f"{chance:.3f} for {lies}" for lies, chance in chances.items()) in PAGE.read_text(encoding="utf-8")


def test_the_chance_is_that_of_drawing():
    losses = unpacked_losses(NETWORKS["sgd, quick (s1)"])
    expected = chance_of_passing(losses, 0.02)
    hard = set(hard_images("mnist"))
    order = [int(position) for position in np.argsort(-losses) if int(position) not in hard]
    lies = set(order[: int(np.searchsorted(np.cumsum(losses[order]), 0.02 * losses.sum())) + 1])
    draws = [chosen_images(LAYOUT_3, f"lot {number}") for number in range(1_000)]
    passed = sum(lies.isdisjoint(images) for images in draws) / len(draws)
    assert passed == pytest.approx(expected, abs=0.06)
