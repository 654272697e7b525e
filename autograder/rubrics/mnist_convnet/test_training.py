"""train_convnet as it compiles and fits, and the records of the three runs."""

import math

import pytest

from autograder.records.reference_bands import load_references
from autograder.rubric.training_checks import compile_checks, fit_checks, record_checks
from cnnkit.assignments.mnist_convnet.brief import INPUT, OPTIMIZERS, TRAINING
from cnnkit.expect import fit
from cnnkit.mismatch import Mismatch
from cnnkit.probe.watching import OptimizerSpec

EPOCHS = 10
IMAGES = 55_000
MARGIN = 1.5
"""Factor by which a last loss may differ from those of the reference runs, and must differ from another optimizer's.
Adam and SGD end a factor of 5 apart, SGD and Adadelta one of 8."""

globals().update(compile_checks(TRAINING, points=0.5))


@pytest.mark.points(0.25)
def test_optimizer_is_the_given_one(evidence):
    TRAINING.optimizer_is_right(evidence)


@pytest.mark.points(0.25)
def test_optimizer_objects(evidence):
    """An optimizer may be an object, with settings that no name implies."""
    asked = OptimizerSpec("SGD", {"learning_rate": 0.02, "momentum": 0.5})
    (run,) = evidence.training(TRAINING.function, [asked], epochs=TRAINING.epochs, input_shape=INPUT)
    fit.optimizer_is(run, TRAINING.function, asked)


globals().update(fit_checks(TRAINING, points=0.5))
globals().update(record_checks(OPTIMIZERS, images=IMAGES, epochs=EPOCHS, hold=0.5, complete=0.5, fall=0.25))


@pytest.mark.points(0.25)
@pytest.mark.depends("losses_fall")
def test_losses_end_where_they_should(records):
    """Adam ends low, SGD between, and Adadelta high, as in every reference run; the margin is wide."""
    ends = {name: records[name].history["loss"][-1] for name in OPTIMIZERS}
    runs = load_references("mnist_convnet")
    lowest = math.exp(runs["adam", IMAGES, EPOCHS].bands["loss"][-1].most) * MARGIN
    highest = math.exp(runs["adadelta", IMAGES, EPOCHS].bands["loss"][-1].least) / MARGIN
    for right, name, expected in (
        (
            ends["adam"] < lowest,
            "adam",
            f"below {lowest:.2g}, where every run of this network ends",
        ),
        (ends["adam"] * MARGIN < ends["sgd"], "sgd", f"well above that of adam, {ends['adam']:.3f}"),
        (ends["sgd"] * MARGIN < ends["adadelta"], "sgd", f"well below that of adadelta, {ends['adadelta']:.3f}"),
        (ends["adadelta"] > highest, "adadelta", f"above {highest:.2g}: with Keras's settings it barely moves"),
    ):
        if not right:
            raise Mismatch(
                f"the last loss of {name}",
                expected=expected,
                found=f"{ends[name]:.3f}",
                consequence="With Keras's own settings these three end far apart on this network.",
                hint="Was each run trained with the optimizer that it is named after, with Keras's own settings?",
            )
