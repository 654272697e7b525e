"""The validation images that are evaluated one by one: the hardest ones, and some drawn by lot.

A record holds the loss on each validation image. Somebody who understates some of them has to choose images whose
losses are large, or very many images. The hardest images of the data, on which a trained network has most of its loss,
are evaluated for everybody; among the others every image may be drawn, and nobody can know which. The probabilities are
in docs/verification.md.

autograder/records/hard_images.json is written by `scripts/make_references.py --hard-images`.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnnkit.recording.record_bounds import MOST_VALIDATED
from cnnkit.recording.schema import TrainingRecord

HARD, DRAWN = 300, 300
"""Number of hard images and of drawn ones that are evaluated."""

FILE = Path(__file__).with_name("hard_images.json")


def chosen_images(record: TrainingRecord, lot: str) -> tuple[int, ...]:
    """The validation images whose losses are compared one by one, by position in ascending order.

    Args:
        record: of the run, with the loss on each validation image.
        lot: text that no student can know; it decides which images are drawn, the same ones each time.

    Returns:
        Nothing for data of which the hard images are not known, or that were made smaller or larger.
    """
    images = record.data.get("validation")
    hard = hard_images(str(record.data.get("name")))
    if not hard or not isinstance(images, int | float) or not max(hard) < images <= MOST_VALIDATED:
        return ()
    others = sorted(set(range(int(images))) - set(hard))
    drawn = random.Random(f"{lot} {record.run}").sample(others, min(DRAWN, len(others)))
    return tuple(sorted([*hard, *drawn]))


def hard_images(name: str) -> tuple[int, ...]:
    """Positions of the hardest validation images of a data set, the hardest first; none if they are not known."""
    return _known().get(name, ())


@functools.cache
def _known() -> dict[str, tuple[int, ...]]:
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, tuple[int, ...]])


def hardest(runs: Iterable[NDArray[np.floating]], count: int = HARD) -> tuple[int, ...]:
    """Positions of the images with the largest share of the loss, on average over trained networks.

    Args:
        runs: losses of one network on each image, (N,), for each network.
        count: how many.

    Example:
        >>> hardest([np.array([0.1, 0.2, 0.7]), np.array([2.0, 3.0, 5.0])], count=2)
        (2, 1)
    """
    shares = np.mean([losses / losses.mean() for losses in runs], axis=0)
    return tuple(int(position) for position in np.argsort(-shares, kind="stable")[:count])
