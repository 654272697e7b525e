"""show_augmented, with a pipeline of the kit's: exercise 1 does not count here."""

import pytest

from cnnkit.assignments.data_augmentation import show as public
from cnnkit.mismatch import Mismatch


@pytest.mark.public
@pytest.mark.points(0.75)
def test_nine_copies(evidence):
    public.nine_copies(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
@pytest.mark.depends("nine_copies")
def test_copies_differ(evidence):
    public.copies_differ(evidence)


@pytest.mark.points(0.5)
@pytest.mark.depends("nine_copies")
def test_in_colour(evidence):
    """In a colour image Matplotlib expects floats from 0 to 1, and clips all others."""
    found = public.shown(evidence, public.COLOUR)
    if len(found.brightness) < public.COPIES:
        raise Mismatch(
            "show_augmented(image, pipeline) of a colour image",
            expected=f"{public.COPIES} pictures in its colours",
            found=f"{found.pictures} pictures, {len(found.brightness)} of them in its colours",
            hint="imshow wants floats from 0 to 1 in a colour image, or whole numbers (uint8) from 0 to 255.",
        )
