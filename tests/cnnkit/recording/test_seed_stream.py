"""Seeds of layers have a position in the stream of the student's seed, whoever else draws from it."""

import random

from cnnkit.recording import seed_stream
from cnnkit.recording.schema import GeneratorState
from cnnkit.recording.seed_stream import seed_at, with_positions

SEEDS = (0, 7, 12_345, 2**31 - 1)


def draw(*seed):
    return GeneratorState(0, "kernel_initializer", "GlorotUniform", seed)


def keras_seeds(seed, count):
    """Seeds that `keras.random.make_default_seed` takes after `keras.utils.set_random_seed`."""
    generator = random.Random(seed)
    return [generator.randint(1, 10**9) for _ in range(count)]


def test_seeds_that_keras_draws_have_a_position_each():
    for seed in SEEDS:
        found = with_positions([draw(value) for value in keras_seeds(seed, 50)], seed)
        positions = [one.position for one in found]
        assert positions == sorted(set(positions))
        assert positions[0] >= 0
        assert [seed_at(seed, one.position) for one in found] == [one.seed[0] for one in found]


def test_others_may_draw_in_between():
    generator = random.Random(7)
    generator.shuffle(list(range(100)))
    generator.random()
    (found,) = with_positions([draw(generator.randint(1, 10**9))], 7)
    assert found.position > 0


def test_a_state_has_the_position_of_its_seed():
    (value,) = keras_seeds(7, 1)
    assert with_positions([GeneratorState(3, "generator", "", (value, 4))], 7)[0].position >= 0


def test_a_seed_of_one_s_own_has_none():
    assert [one.position for one in with_positions([draw(42), draw()], 7)] == [-1, -1]
    (value,) = keras_seeds(8, 1)
    assert with_positions([draw(value)], 7)[0].position == -1


def test_the_stream_ends():
    assert seed_at(7, seed_stream.LENGTH - 1) is not None
    assert seed_at(7, seed_stream.LENGTH) is None
    assert seed_at(7, -1) is None
