"""Each expectation on a pipeline fails for its own mistake and no other."""

import numpy as np
import pytest

from cnnkit.expect import augmentation
from cnnkit.expect.moves import Moves, measure, probe
from cnnkit.mismatch import Mismatch

N = 8


def moved(**changes):
    """A Moves of N untouched copies but for the changes."""
    moves = measure(probe(N), "f()")
    return Moves(**{**vars(moves), **changes})


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        (lambda: augmentation.unchanged(probe(2) / 255, probe(2), "f()"), "divided by 255"),
        (lambda: augmentation.unchanged(probe(2) + 1, probe(2), "f()"), "differ by up to 1"),
        (lambda: augmentation.varies([probe(2)] * 2, probe(2), "f()"), "the images as they were"),
        (lambda: augmentation.varies([probe(2) + 1] * 2, probe(2), "f()"), "the same ones"),
        (lambda: augmentation.own_draws([probe(2) + 1], "f()"), "the same copy everywhere"),
        (lambda: augmentation.half_mirrored([50, 17], 100, "f()"), "found 17"),
        (lambda: augmentation.half_mirrored([83, 50], 100, "f()"), "found 83"),
        (lambda: augmentation.never_mirrored(measure(probe(N)[:, :, ::-1], "f()"), "f()", ""), "8 of 8"),
        (lambda: augmentation.never_upside_down(measure(probe(N)[:, ::-1], "f()"), "f()", "", ""), "8 of 8"),
        (
            lambda: augmentation.turns(moved(angle=np.linspace(-80, 80, N)), "f()", most=72, least=58, hint=""),
            "80°",
        ),
        (
            lambda: augmentation.turns(moved(angle=np.linspace(0, 70, N)), "f()", most=72, least=58, hint=""),
            "both",
        ),
        (lambda: augmentation.zooms(moved(largest=np.full(N, 1.5)), "f()", hint=""), "at most 20 %"),
        (lambda: augmentation.zooms(moved(), "f()", hint=""), "in and out"),
        (lambda: augmentation.contrasts(moved(contrast=np.full(N, 1.4)), "f()", hint=""), "at most 10 %"),
        (lambda: augmentation.contrasts(moved(), "f()", hint=""), "up to 10 %"),
        (lambda: augmentation.no_other_changes(measure(np.roll(probe(N), 3, axis=2), "f()"), "f()"), "3 pixels away"),
        (lambda: augmentation.no_other_changes(measure(probe(N) + 20, "f()"), "f()"), "20 of 255"),
    ],
)
def test_what_is_not_as_expected(expect, words):
    with pytest.raises(Mismatch, match=words):
        expect()


def test_what_is_as_expected():
    augmentation.unchanged(probe(2), probe(2), "f()")
    augmentation.half_mirrored([18, 82], 100, "f()")
    moves = moved(
        angle=np.linspace(-71, 71, N),
        largest=np.linspace(0.84, 1.25, N),
        smallest=np.linspace(0.84, 1.25, N),
        contrast=np.linspace(1, 1.1, N),
    )
    augmentation.turns(moves, "f()", most=72, least=58, hint="")
    augmentation.zooms(moves, "f()", hint="")
    augmentation.contrasts(moves, "f()", hint="")
    augmentation.no_other_changes(moves, "f()")


def test_a_part_out_of_the_frame_is_said_to_be_moved_that_far():
    with pytest.raises(Mismatch, match="out of the frame"):
        augmentation.no_other_changes(moved(shift=np.append(np.zeros(N - 1), np.inf)), "f()")


def test_an_honest_pipeline_fails_less_than_once_in_a_billion_times():
    from math import comb

    outside = sum(comb(100, k) for k in range(18)) / 2**100
    chances = {
        "mirrored, two calls, too few or too many": 4 * outside,
        "no turn beyond 58° to one of the sides": 2 * (1 - 14 / 144) ** 200,
        "no zoom beyond 1.13, or below 0.885": 2 * (1 - (0.2 - 0.13) / 0.4) ** 200,
        "contrasts within 0.06": 200 * 0.6**199,
    }
    assert max(chances.values()) < 3e-9, chances
    assert sum(chances.values()) < 4e-9
