"""The changes that a pipeline makes are measured right."""

import numpy as np
import pytest

from cnnkit.expect import moves
from cnnkit.expect.moves import measure, probe
from cnnkit.mismatch import Mismatch

N = 8


def turned(images, times):
    return np.rot90(images, times, axes=(1, 2))


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
    monkeypatch.setattr(moves, "_moves", lambda copies: measured.append(copies))
    kinds = [np.full((1, 48, 48, 3), 2 + number, np.float32) for number in range(20)]
    for copies in [*kinds, kinds[-1], kinds[-1].copy(), kinds[0]]:
        with pytest.raises(Mismatch, match="another call"):
            measure(copies, "another call")
    assert len(measured) == 21
    assert len(moves._measured) == moves._KEPT


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


@pytest.mark.parametrize("size", [48, 56])
@pytest.mark.parametrize(("down", "right"), [(5, 5), (-5, 4), (0, -6), (6, 0), (-4, -5)])
def test_a_shift_changes_no_other_measure(size, down, right):
    """The border that comes in shows what is near it once more, as RandomTranslation fills it."""
    wide = np.pad(probe(N, size), ((0, 0), (8, 8), (8, 8), (0, 0)), mode="symmetric")
    found = measure(wide[:, 8 - down : 8 - down + size, 8 - right : 8 - right + size], "f()")
    np.testing.assert_allclose(found.shift, np.hypot(down, right), atol=1e-6)
    np.testing.assert_allclose([found.largest, found.smallest], 1, atol=1e-6)
    np.testing.assert_allclose(found.turn, 0, atol=1e-6)


def test_a_copy_without_a_disc_counts_as_moved_far_and_otherwise_unchanged():
    copies = probe(N)
    copies[3] = moves.GROUND
    found = measure(copies, "f()")
    assert np.flatnonzero(~np.isfinite(found.shift)).tolist() == [3]
    np.testing.assert_allclose([found.largest, found.smallest], 1, atol=1e-6)


def test_a_border_that_mirrors_does_not_disturb():
    wide = np.pad(probe(N), ((0, 0), (16, 16), (16, 16), (0, 0)), mode="symmetric")
    smaller = wide.reshape(N, 40, 2, 40, 2, 3).mean(axis=(2, 4))
    framed = np.full_like(probe(N), moves.GROUND)
    framed[:, 4:44, 4:44] = smaller
    np.testing.assert_allclose(measure(framed, "f()").largest, 0.5, atol=0.02)


@pytest.mark.parametrize(
    "copies", [np.zeros((N, 48, 48, 3)), np.full((N, 48, 48, 3), np.nan), probe(N)[..., :1] * [1, 1, 0]]
)
def test_copies_that_show_something_else(copies):
    with pytest.raises(Mismatch, match="one is gone"):
        measure(np.asarray(copies, np.float32), "f()")
