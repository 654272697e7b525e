"""Right answers, and what the records have to be."""

from __future__ import annotations

from cnnkit.assignments.data_augmentation.brief import RUNS
from cnnkit.assignments.data_augmentation.when import CASES
from cnnkit.recording.schema import TrainingRecord

EPOCHS = 40
IMAGES = 1_000

RECORDS = {
    name: TrainingRecord(
        run=name, history={"loss": [1 / epoch for epoch in range(1, EPOCHS + 1)]}, images=IMAGES, epochs=EPOCHS
    )
    for name in RUNS
}
"""Records of both runs as the rubric wants them."""

AUGMENTS = dict(zip(CASES, (True, False, True, False, False, True), strict=True))
"""Whether the images are augmented; tests/autograder/rubrics/test_data_augmentation.py asks Keras."""
