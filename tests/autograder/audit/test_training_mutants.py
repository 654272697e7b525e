"""Every wrong training function is made from a reference in the usual words, is Python, and names its check."""

import ast

from autograder.audit.samples import apply_samples
from autograder.audit.training_mutants import COMPILE, FIT, training_equivalents, training_mutants

REFERENCE = f"""
def train(pooling, train, val, epochs=10, callbacks=()):
    network = build(pooling)
    network.{COMPILE}
    {FIT}
"""


def test_every_change_fits():
    samples = training_mutants("training_solution", "build(pooling)", exercise="fit")
    made = [apply_samples({"training_solution": REFERENCE}, [sample])["training_solution"] for sample in samples]
    assert len({*made, REFERENCE}) == len(samples) + 1
    for source, sample in zip(made, samples, strict=True):
        ast.parse(source)
        assert all(check.startswith("fit.") for check in sample.fails)
        assert sample.says
    assert len({sample.name for sample in samples}) == len(samples)


def test_every_right_way_fits_too():
    samples = training_equivalents("training_solution")
    made = [apply_samples({"training_solution": REFERENCE}, [sample])["training_solution"] for sample in samples]
    assert len({*made, REFERENCE}) == len(samples) + 1
    for source, sample in zip(made, samples, strict=True):
        ast.parse(source)
        assert "callbacks=[own, *callbacks]" in source
        assert sample.fails == ()
