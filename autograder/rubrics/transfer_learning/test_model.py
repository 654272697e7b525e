"""build_transfer_model: the frozen backbone, the layers before it, and the head behind it."""

import pytest

from cnnkit.assignments.transfer_learning import model as public
from cnnkit.assignments.transfer_learning.brief import SIZE
from cnnkit.mismatch import Mismatch
from cnnkit.networks.wording import shape_text

OBLONG = (64, 96)


@pytest.mark.points(0.5)
def test_input(evidence):
    """The input shape given, which need not be square."""
    asked = [(name, (SIZE, SIZE), spec) for name, spec, _ in public.networks(evidence)]
    asked += [("MobileNet", OBLONG, public.built(evidence, "MobileNet", OBLONG))]
    for name, size, spec in asked:
        if spec.input_shape[1:] != (*size, 3):
            raise Mismatch(
                f"the input of {public.named(name, size)}",
                expected=shape_text((None, *size, 3)),
                found=shape_text(spec.input_shape),
                hint="Pass `input_shape` on.",
            )


@pytest.mark.public
@pytest.mark.points(1)
def test_backbones(evidence):
    public.backbones(evidence)


@pytest.mark.public
@pytest.mark.points(1.25)
def test_backbone_frozen(evidence):
    public.backbone_frozen(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_pixels_as_prepared(evidence):
    public.pixels_as_prepared(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_pooling_of_vgg(evidence):
    public.pooling_of_vgg(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_pooling_of_others(evidence):
    public.pooling_of_others(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_dense_layers(evidence):
    public.dense_layers(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_weights_passed_on(evidence):
    public.weights_passed_on(evidence)
