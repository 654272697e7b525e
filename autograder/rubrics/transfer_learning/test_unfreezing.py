"""unfreeze_top, on a small network that the kit builds: no other exercise has to be right."""

import numpy as np
import pytest

from autograder.rubrics.transfer_learning import reference
from cnnkit import expect
from cnnkit.assignments.transfer_learning import unfreezing as public
from cnnkit.mismatch import Mismatch
from cnnkit.probe.built import BuiltNetwork

OTHER = BuiltNetwork(public.frozen_network(12), 9)
INTO_THE_MIDDLE = 10
"""Layers from the end, with the second block."""


@pytest.mark.public
@pytest.mark.points(0.5)
def test_last_block_trained(evidence):
    public.last_block_trained(evidence)


@pytest.mark.points(0.5)
def test_as_many_as_asked(evidence):
    """A different number of layers; the others stay frozen."""
    public.top_is_trained(evidence, OTHER, INTO_THE_MIDDLE)
    public.top_is_trained(evidence, OTHER, public.HEAD_LAYERS)


@pytest.mark.points(0.25)
def test_weights_kept(evidence, draw):
    """The network returned has the weights of the one given: a clone has the same layers, but new weights."""
    images = draw("weights_kept").normal(0.5, 1.5, size=(6, 16, 16, 3)).astype(np.float32)
    layers = public.HEAD_LAYERS + public.BLOCK_LAYERS
    what = f"what the model puts out after unfreeze_top(model, {layers})"
    found = evidence.used("unfreeze_top", public.GIVEN, layers, images=images, training=False).outputs[0]
    wanted = reference.outputs(public.GIVEN, images)
    hint = "Return the model that was given, or give a copy its weights: keras.models.clone_model makes new ones."
    found = expect.array(found, what, shape=wanted.shape, hint=hint)
    if not np.allclose(found, wanted, atol=1e-3):
        raise Mismatch(
            what,
            expected="the same as before: nothing has been trained yet",
            found=f"up to {np.abs(found - wanted).max():.2g} more or less",
            consequence="What the backbone learned is gone, and the head's training with it.",
            hint=hint,
        )


@pytest.mark.points(0.25)
def test_rest_is_frozen(evidence):
    public.rest_is_frozen(evidence, public.GIVEN, public.HEAD_LAYERS + public.BLOCK_LAYERS)
    public.rest_is_frozen(evidence, OTHER, public.HEAD_LAYERS)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_normalisation_frozen(evidence):
    public.normalisation_frozen(evidence)


@pytest.mark.points(0.25)
def test_statistics_unmoved(evidence, draw):
    """A real step in training mode leaves the running means and variances unchanged."""
    images = draw("statistics_unmoved").normal(2.0, 3.0, size=(8, 12, 12, 3)).astype(np.float32)
    moved = evidence.used("unfreeze_top", OTHER, INTO_THE_MIDDLE, images=images, training=True).moved
    if moved:
        raise Mismatch(
            "running means and variances after a step in training mode",
            expected="as they were",
            found=f"{len(moved)} of them moved",
            consequence="The backbone's features drift with every batch, although no gradient reaches them.",
            hint="`trainable = False` on a BatchNormalization keeps its statistics, also in training.",
        )


@pytest.mark.public
@pytest.mark.points(0.25)
def test_compiled_again(evidence):
    public.compiled_again(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_adam_and_accuracy(evidence):
    public.adam_and_accuracy(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_small_learning_rate(evidence):
    public.small_learning_rate(evidence)
