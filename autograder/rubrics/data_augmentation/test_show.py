"""show_augmented, with a pipeline of the kit's: exercise 1 does not count here."""

import pytest

from cnnkit.assignments.data_augmentation import show as public
from cnnkit.assignments.data_augmentation.brief import flipping, images
from cnnkit.mismatch import Mismatch

COLOUR, VERTICAL = images(1, 12, 12, 3, seed=6)[0], flipping("vertical")


@pytest.mark.public
@pytest.mark.points(0.75)
def test_nine_copies(evidence):
    public.nine_copies(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_copies_differ(evidence):
    public.copies_differ(evidence)


@pytest.mark.points(0.5)
def test_in_colour(evidence):
    """In a colour image Matplotlib expects floats from 0 to 1, and clips all others.

    The number of pictures is another check's business. This pipeline flips upside down only.
    """
    found = public.shown(evidence, COLOUR, VERTICAL)
    made = sum(orientation in (0, 2) for orientation in found.orientations)
    if made < max(1, min(found.pictures, public.COPIES)):
        raise Mismatch(
            "show_augmented(image, pipeline) of a colour image",
            expected="pictures in its colours, as the pipeline makes them",
            found=f"{found.pictures} pictures, {made} of them so",
            hint="Draw what the pipeline returns, and change nothing else. For a colour image imshow wants floats "
            "from 0 to 1, or whole numbers (uint8) from 0 to 255.",
        )
