"""The changes of a pipeline are measured right, and each expectation fails for its own mistake and no other."""

import numpy as np
import pytest

from cnnkit.expect import augmentation
from cnnkit.expect.augmentation import measure, probe
from cnnkit.mismatch import Mismatch

N = 8


def turned(images, times):
    return np.rot90(images, times, axes=(1, 2))


def moved(images, **changes):
    """A Moves of N untouched copies but for the changes."""
    moves = measure(images if images is not None else probe(N), "f()")
    return augmentation.Moves(**{**vars(moves), **changes})


def test_untouched_copies_are_measured_as_such():
    found = measure(probe(N), "f()")
    assert not found.sides_changed.any()
    assert not found.upside_down.any()
    for values, wanted in ((found.turn, 0), (found.largest, 1), (found.smallest, 1), (found.shift, 0)):
        np.testing.assert_allclose(values, wanted, atol=1e-6)
    np.testing.assert_allclose(found.contrast, 1, atol=1e-6)
    np.testing.assert_allclose(found.brightness, 0, atol=1e-6)


def test_the_same_copies_are_measured_once_and_few_measurements_are_kept(monkeypatch):
    measured = []
    monkeypatch.setattr(augmentation, "_moves", lambda copies: measured.append(copies))
    kinds = [np.full((1, 48, 48, 3), 2 + number, np.float32) for number in range(20)]
    for copies in [*kinds, kinds[-1], kinds[-1].copy(), kinds[0]]:
        with pytest.raises(Mismatch, match="another call"):
            measure(copies, "another call")
    assert len(measured) == 21
    assert len(augmentation._measured) == augmentation._KEPT


@pytest.mark.parametrize(
    ("change", "sides", "upside_down", "turn"),
    [
        (lambda x: x[:, :, ::-1], True, False, 0),
        (lambda x: x[:, ::-1], False, True, 0),
        (lambda x: x[:, ::-1, ::-1], True, True, 0),
        (lambda x: turned(x, 1), False, False, 90),
        (lambda x: turned(x, 1)[:, :, ::-1], True, False, 90),
        (lambda x: x[:, :, ::-1] / 255, True, False, 0),
    ],
)
def test_flips_and_turns_are_told_apart(change, sides, upside_down, turn):
    found = measure(change(probe(N)), "f()")
    assert found.sides_changed.tolist() == [sides] * N
    assert found.upside_down.tolist() == [upside_down] * N
    np.testing.assert_allclose(np.abs(found.turn), turn, atol=1e-6)


def test_zoom_shift_contrast_and_brightness():
    larger = np.repeat(np.repeat(probe(N)[:, 12:36, 12:36], 2, axis=1), 2, axis=2)
    found = measure(larger, "f()")
    np.testing.assert_allclose([found.largest, found.smallest], 2, atol=0.03)
    np.testing.assert_allclose(measure(np.roll(probe(N), 4, axis=1), "f()").shift, 4, atol=0.3)
    changed = measure((probe(N) - 100) * 1.3 + 90, "f()")
    np.testing.assert_allclose(changed.contrast, 1.3, atol=1e-6)
    np.testing.assert_allclose(changed.brightness, -10, atol=1e-6)


def test_a_border_that_mirrors_does_not_disturb():
    wide = np.pad(probe(N), ((0, 0), (16, 16), (16, 16), (0, 0)), mode="symmetric")
    smaller = wide.reshape(N, 40, 2, 40, 2, 3).mean(axis=(2, 4))
    framed = np.full_like(probe(N), augmentation.GROUND)
    framed[:, 4:44, 4:44] = smaller
    np.testing.assert_allclose(measure(framed, "f()").largest, 0.5, atol=0.02)


@pytest.mark.parametrize(
    "copies", [np.zeros((N, 48, 48, 3)), np.full((N, 48, 48, 3), np.nan), probe(N)[..., :1] * [1, 1, 0]]
)
def test_copies_that_show_something_else(copies):
    with pytest.raises(Mismatch, match="one is gone"):
        measure(np.asarray(copies, np.float32), "f()")


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
            lambda: augmentation.turns(moved(None, angle=np.linspace(-80, 80, N)), "f()", most=72, least=58, hint=""),
            "80°",
        ),
        (
            lambda: augmentation.turns(moved(None, angle=np.linspace(0, 70, N)), "f()", most=72, least=58, hint=""),
            "both",
        ),
        (lambda: augmentation.zooms(moved(None, largest=np.full(N, 1.5)), "f()", hint=""), "at most 20 %"),
        (lambda: augmentation.zooms(moved(None), "f()", hint=""), "in and out"),
        (lambda: augmentation.contrasts(moved(None, contrast=np.full(N, 1.4)), "f()", hint=""), "at most 10 %"),
        (lambda: augmentation.contrasts(moved(None), "f()", hint=""), "up to 10 %"),
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
        None,
        angle=np.linspace(-71, 71, N),
        largest=np.linspace(0.84, 1.25, N),
        smallest=np.linspace(0.84, 1.25, N),
        contrast=np.linspace(1, 1.1, N),
    )
    augmentation.turns(moves, "f()", most=72, least=58, hint="")
    augmentation.zooms(moves, "f()", hint="")
    augmentation.contrasts(moves, "f()", hint="")
    augmentation.no_other_changes(moves, "f()")


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
