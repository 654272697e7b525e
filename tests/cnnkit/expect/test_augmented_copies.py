"""Copies of an image are found again, however they are shown or handed out; nothing else is taken for one."""

import numpy as np
import pytest

from cnnkit.expect.augmented_copies import NO_IMAGE, copies_in, served_in
from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import AxesSpec, FigureSpec, ImageSpec

GREY = np.random.default_rng(0).uniform(80, 170, (6, 6, 1))
COLOUR = np.random.default_rng(1).uniform(80, 170, (6, 6, 3))
IMAGES = np.random.default_rng(2).uniform(80, 170, (10, 4, 4, 1)).astype(np.float32)


def figure(*pictures):
    images = tuple(ImageSpec(np.shape(one), tuple(np.ravel(one).tolist())) for one in pictures)
    return FigureSpec("", (AxesSpec("", "", "", "linear", "linear", (), images=images),))


@pytest.mark.parametrize(
    "shown",
    [
        GREY[..., 0] + 10,
        (GREY[..., 0] + 10) / 255,
        np.round(GREY[..., 0] + 10),
        np.repeat((GREY + 10) / 255, 3, axis=-1),
        255 - (GREY[..., 0] + 10),
    ],
)
def test_a_copy_is_known_in_any_scale(shown):
    found = copies_in(figure(shown), GREY)
    assert found.pictures == len(found.brightness) == 1


@pytest.mark.parametrize("image", [GREY, COLOUR])
def test_a_flipped_copy_is_known_however_it_is_stretched(image):
    flipped = [image, image[:, ::-1], image[::-1], image[::-1, ::-1]]
    stretched = [(one - one.min()) / (one.max() - one.min()) for one in flipped]
    assert copies_in(figure(*stretched), image).orientations.tolist() == [0, 1, 2, 3]


def test_what_was_added_is_told():
    found = copies_in(figure(GREY[..., 0] + 10, (GREY[..., 0] - 7) / 255), GREY)
    np.testing.assert_allclose(found.brightness, [10, -7], atol=0.01)


def test_tiles_of_a_large_picture_count_one_by_one():
    row = np.concatenate([GREY[..., 0] + k for k in range(3)], axis=1)
    assert len(copies_in(figure(np.concatenate([row, row])), GREY).brightness) == 6


@pytest.mark.parametrize(
    "shown",
    [GREY[:, :, 0].T, np.ones((6, 6)), np.full((6, 6), np.nan), np.ones((5, 7)), np.ones((6, 6, 2)), np.zeros((0, 6))],
)
def test_something_else_is_no_copy(shown):
    assert not len(copies_in(figure(shown), GREY).brightness)
    assert not len(copies_in(figure(shown), COLOUR).brightness)


def test_pictures_of_the_size_are_counted_whatever_they_show():
    shown = [GREY[:, :, 0].T, (GREY[..., 0] + 10) / 255, np.ones((6, 6)), GREY[:5, :, 0], np.full((6, 6), np.nan)]
    found = copies_in(figure(*shown), GREY)
    assert (found.pictures, found.sized, len(found.brightness)) == (5, 2, 1)
    assert copies_in(figure(COLOUR / 255, COLOUR[..., 0]), COLOUR).sized == 1


def test_a_colour_image_that_is_burnt_out_is_no_copy():
    assert len(copies_in(figure((COLOUR + 5) / 255), COLOUR).brightness) == 1
    assert not len(copies_in(figure(np.clip(COLOUR, 0, 1)), COLOUR).brightness)


def test_images_are_found_again_in_batches():
    order = [3, 1, 4, 0, 5]
    batches = [(IMAGES[order[:3]] + 5, np.array([30, 10, 40])), (IMAGES[order[3:]] / 255, np.array([0, 50]))]
    found = served_in(batches, IMAGES, "f()")
    assert found.sizes == (3, 2)
    assert found.which == tuple(order)
    np.testing.assert_allclose(found.brightness, [5, 5, 5, 0, 0], atol=1e-3)
    assert [int(label) for label in found.labels] == [30, 10, 40, 0, 50]


def test_flipped_images_and_unknown_ones_in_batches():
    noise = np.random.default_rng(9).uniform(0, 255, (2, 4, 4, 1))
    served = np.concatenate([IMAGES[[4, 2]][:, ::-1] + 7, IMAGES[[6]], noise, np.zeros((1, 4, 4, 1))])
    found = served_in([(served, np.arange(6))], IMAGES, "f()")
    assert found.which == (4, 2, 6, NO_IMAGE, NO_IMAGE, NO_IMAGE)
    assert found.flipped.tolist() == [True, True, False, False, False, False]
    np.testing.assert_allclose(found.brightness, [7, 7, 0, np.nan, np.nan, np.nan], atol=1e-3)


def test_a_pass_that_gives_nothing():
    assert served_in([], IMAGES, "f()").which == ()


@pytest.mark.parametrize(
    ("batches", "words"),
    [
        (None, "expected batches, found None"),
        ([IMAGES], "a pair"),
        ([(IMAGES, None)], "the labels"),
        ([(IMAGES[:3], np.zeros(2))], "3 of them"),
        ([(IMAGES[..., 0], np.zeros(10))], "shape"),
        ([("images", np.zeros(6))], "text"),
    ],
)
def test_what_is_no_batch_of_these_images(batches, words):
    with pytest.raises(Mismatch, match=words):
        served_in(batches, IMAGES, "f()")


def test_odd_objects_are_mismatches(odd):
    for batches in (odd, [odd], [(odd, odd)], [(IMAGES, odd)]):
        if not (type(batches) is list and not batches):
            with pytest.raises(Mismatch):
                served_in(batches, IMAGES, "f()")
