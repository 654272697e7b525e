"""adadelta_that_learns, and the run in which it learned."""

import math

import pytest

from cnnkit.assignments.mnist_convnet import repair as public
from cnnkit.expect.records import records_hold
from cnnkit.mismatch import Mismatch
from cnnkit.networks.describe.optimizers import changed_settings

EPOCHS = 3
BOUND = 0.95
"""Of the validation accuracy. The reference runs with a learning rate of 1 reach 0.97 and more."""

RUN_IT = "Run the cell that records it, save the notebook with its outputs, and hand it in again."


@pytest.mark.public
@pytest.mark.points(0.5)
def test_adadelta_with_settings(evidence):
    public.adadelta_with_settings(evidence)


@pytest.mark.points(0.25)
def test_record_holds(records, contradicted):
    """The record exists, and nothing contradicts it."""
    records_hold(records, contradicted, [public.FUNCTION])


@pytest.mark.points(0.25)
@pytest.mark.depends("adadelta_with_settings", "record_holds")
def test_record_is_of_this_optimizer(evidence, records):
    """The recorded optimizer is the one that the function returns."""
    record, asked = records[public.FUNCTION], public.repaired(evidence)
    settings = {name: value for name, value in record.optimizer.items() if name != "name"}
    different = changed_settings("adadelta", settings, asked.settings)
    if record.optimizer.get("name") != "adadelta":
        different = [("the optimizer", "adadelta", str(record.optimizer.get("name")))]
    for name, expected, found in different:
        what = f"{name} in the record of {public.FUNCTION}"
        raise Mismatch(what, expected=f"{expected}, as your function has it", found=found, hint=RUN_IT)


@pytest.mark.points(1)
@pytest.mark.depends("record_holds")
def test_it_learns(records):
    """Above 95 % of the validation images after three epochs in quick mode."""
    record = records[public.FUNCTION]
    reached = record.history.get("val_accuracy", [])[:EPOCHS]
    best = max((value for value in reached if math.isfinite(value)), default=0.0)
    if not best > BOUND:
        raise Mismatch(
            f"the validation accuracy of {public.FUNCTION} within {EPOCHS} epochs",
            expected=f"above {BOUND:.0%}",
            found=f"{best:.1%}",
            consequence="So it still moves too slowly, or too fast." if best else "",
            hint="Try a few values of the setting, ten times apart, before you try finer ones.",
        )
