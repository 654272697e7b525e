"""Geometry of loss curves: for any values the ticks lie on the axis and the labels beside each other."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.plots.loss_axes import (
    MOST_EPOCHS,
    MOST_TICKS,
    drawn_segments,
    epoch_ticks,
    has_logarithm,
    log_limits,
    log_ticks,
    spread_labels,
)

losses = st.floats(1e-30, 1e30)
heights = st.lists(st.floats(0, 300), max_size=8)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1.0, 5e-324, 1e300, 10**400])
def test_what_has_no_place_on_the_axis(value):
    assert not has_logarithm(value)
    assert drawn_segments([value, value]) == []


def test_segments_end_at_gaps():
    assert drawn_segments([math.nan, 2.0, 1.0, 0.0, 0.5]) == [[(2, 2.0), (3, 1.0)], [(5, 0.5)]]
    assert drawn_segments([]) == []
    assert drawn_segments([1.0] * 5_000) == [[(epoch, 1.0) for epoch in range(1, MOST_EPOCHS + 1)]]


@given(losses, losses)
def test_limits_hold_the_values_and_are_a_factor_of_two_apart(one, two):
    low, high = log_limits(min(one, two), max(one, two))
    assert low < math.log10(min(one, two)) <= math.log10(max(one, two)) < high
    assert high - low > math.log10(2)


@given(losses, losses)
def test_there_are_always_some_ticks_and_never_many(one, two):
    low, high = log_limits(min(one, two), max(one, two))
    ticks = log_ticks(low, high)
    assert 2 <= len(ticks) <= MOST_TICKS
    assert ticks == sorted(set(ticks))
    assert all(low - 1e-9 <= math.log10(tick) <= high + 1e-9 for tick in ticks)
    assert len({f"{tick:g}" for tick in ticks}) == len(ticks)


@given(st.integers(1, MOST_EPOCHS), st.sampled_from([10, 12]))
def test_epoch_ticks_begin_with_one(epochs, most):
    ticks = epoch_ticks(epochs, most)
    assert ticks[0] == 1
    assert ticks == sorted(set(ticks))
    assert ticks[-1] <= epochs
    assert len(ticks) <= most + 1


@given(heights)
def test_labels_keep_their_order_and_distance_within_the_limits(positions):
    spread = spread_labels(positions, 21.0, 0.0, 300.0)
    assert [place for _, place in sorted(zip(spread, range(len(spread)), strict=True))] == sorted(
        range(len(positions)), key=positions.__getitem__
    )
    assert all(0 <= place <= 300 for place in spread)
    assert all(above - below >= 21 - 1e-6 for below, above in pairwise(sorted(spread)))


def test_labels_that_are_far_apart_stay():
    assert spread_labels([10.0, 90.0, 50.0], 21.0, 0.0, 300.0) == [10.0, 90.0, 50.0]


def test_more_labels_than_there_is_room_for_share_it():
    assert spread_labels([5.0] * 5, 21.0, 0.0, 40.0) == pytest.approx([0.0, 10.0, 20.0, 30.0, 40.0])
