"""when_it_augments: which calls augment, and which do not."""

import pytest

from autograder.rubrics.data_augmentation import reference
from cnnkit.assignments.data_augmentation import when as public
from cnnkit.mismatch import Mismatch


def right(evidence, *cases):
    answers = public.answers(evidence)
    for case in cases:
        if answers[case] != reference.AUGMENTS[case]:
            raise Mismatch(
                f"when_it_augments()[{case!r}]",
                found=answers[case],
                consequence="It is the other way round.",
                hint="Try it: do so twice and compare. For fit and evaluate think of what they are for.",
            )


@pytest.mark.points(0.25)
def test_calls_of_the_pipeline(evidence):
    right(evidence, *public.CASES[:2])


@pytest.mark.points(0.25)
def test_call_of_the_model(evidence):
    right(evidence, "model(x)")


@pytest.mark.points(0.25)
def test_prediction(evidence):
    right(evidence, "model.predict(x)", "model.evaluate(x, y)")


@pytest.mark.points(0.25)
def test_fit(evidence):
    right(evidence, "model.fit(x, y)")
