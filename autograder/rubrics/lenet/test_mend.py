"""lines_to_mend: the lines of the listing that are wrong. No message says which they are."""

import pytest

from autograder.rubrics.lenet.reference import LINES_TO_MEND
from cnnkit.assignments.lenet import mend as public
from cnnkit.mismatch import Mismatch


@pytest.fixture
def lines(call):
    return public.lines_of(call("lines_to_mend"))


@pytest.mark.public
@pytest.mark.points(0.25)
def test_lines_form(evidence):
    public.lines_form(evidence)


@pytest.mark.points(0.5)
def test_mistakes_found(lines):
    missed = LINES_TO_MEND - lines
    named_besides = lines - LINES_TO_MEND
    if not missed and len(named_besides) > len(LINES_TO_MEND):
        raise Mismatch(
            "the lines that have to be mended",
            expected=f"{len(LINES_TO_MEND)} of them, told from the right ones",
            found=f"{len(lines)} lines named",
            consequence="Whoever names nearly every line has found none.",
            hint="Run the listing line by line: where does it stop? Name those lines only.",
        )
    if missed:
        raise Mismatch(
            "the lines that have to be mended",
            expected=f"{len(LINES_TO_MEND)} of them",
            found=f"{len(LINES_TO_MEND) - len(missed)} among those that you name",
            hint="Run the listing line by line: where does it stop? Mend that line and go on.",
        )


@pytest.mark.points(0.25)
def test_right_lines_left_alone(lines):
    if lines - LINES_TO_MEND:
        raise Mismatch(
            "the lines that you name besides",
            expected="none",
            found=len(lines - LINES_TO_MEND),
            consequence="A line that only looks unusual may be right.",
            hint="Take each line that you name back into the listing: does it run with it?",
        )
