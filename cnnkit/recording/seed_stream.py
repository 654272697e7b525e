"""The stream that Keras draws the seeds of a network's layers from. Needs no Keras.

`keras.utils.set_random_seed(seed)` seeds Python's generator, and a layer or an initializer without a seed of its own
then takes `random.randint(1, 10**9)`. So each seed of a recorded network has a position in a stream that depends on the
student's seed alone.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from dataclasses import replace

from cnnkit.recording.schema import GeneratorState

LENGTH = 10_000
"""Positions of the stream that are searched. A network takes a few dozen, and its notebook may draw others before."""

_BITS = 30
"""Bits that `randint(1, 10**9)` takes of one output of the generator; for a number too large it takes the next one."""


def seed_at(seed: int, position: int) -> int | None:
    """The seed at a position of the stream; None beyond its end.

    Args:
        seed: with which the stream begins.
        position: from 0. Every output of the generator counts, whoever draws it.

    Example:
        >>> random.seed(7)
        >>> seed_at(7, 0) == random.randint(1, 10**9)
        True
    """
    return _stream(seed)[position] if 0 <= position < LENGTH else None


def with_positions(draws: Iterable[GeneratorState], seed: int) -> tuple[GeneratorState, ...]:
    """The draws, each with the position of its seed in the stream; -1 for one that does not come from it.

    Args:
        draws: of a network; of a generator's state the first number is its seed.
        seed: with which the stream begins.
    """
    found = _positions(seed)
    return tuple(replace(draw, position=found.get(draw.seed[0], -1) if draw.seed else -1) for draw in draws)


@functools.lru_cache(maxsize=8)
def _stream(seed: int) -> tuple[int, ...]:
    generator = random.Random(seed)
    return tuple(1 + generator.getrandbits(_BITS) for _ in range(LENGTH))


@functools.lru_cache(maxsize=8)
def _positions(seed: int) -> dict[int, int]:
    return {value: position for position, value in reversed(list(enumerate(_stream(seed))))}
