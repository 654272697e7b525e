"""Right answers, and complete training records."""

from __future__ import annotations

from cnnkit.assignments.data_augmentation.brief import RUNS
from cnnkit.assignments.data_augmentation.when import CASES
from cnnkit.recording.schema import TrainingRecord

HIDDEN_SIZE = 56
"""Height and width of the images on which the hidden checks measure a pipeline; the public ones have 48 pixels."""

EPOCHS = 40
IMAGES = 1_000

RECORDS = {
    name: TrainingRecord(
        run=name,
        history={"loss": [1 / epoch for epoch in range(1, EPOCHS + 1)]},
        images=IMAGES,
        epochs=EPOCHS,
        schema=1,
    )
    for name in RUNS
}
"""Training records of both runs that pass every check, in the first layout: later ones hold what nobody can invent."""

AUGMENTS = dict(zip(CASES, (True, False, True, False, False, True), strict=True))
"""True for the calls that augment; tests/autograder/rubrics/test_data_augmentation.py compares with Keras."""
