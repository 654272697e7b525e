"""Bounds of a training record: what the recorder writes and `cnnkit.submit` packs is what a grader reads."""

from __future__ import annotations

from cnnkit.session import LONGEST_STUDENT

LONGEST_NAME = LONGEST_STUDENT
"""Characters of a run's name, and of any name or text in a record."""

FIRST_STEPS = 10
"""Training steps whose losses are recorded one by one."""

MOST_VALIDATED = 10_000
"""Validation images whose losses are recorded one by one; of a larger number none is."""

PIECES = 50
"""Pieces into which the validation images are divided to compare how hard each is; of fewer images none is recorded."""

MOST_EPOCHS = 1_000
"""Epochs of a run."""

MOST_METRICS = 50
"""Metrics of a run, and settings of its optimizer, its loss, its call of fit, its data or its versions."""

MOST_NUMBERS = 2_000
"""Numbers of a fingerprint, random draws, and layers that they belong to."""

MOST_RUNS = 20
"""Runs in a submission."""

LARGEST_RECORD = 2_000_000
"""Bytes of a record as JSON."""

LARGEST_WEIGHTS = 12_000_000
"""Bytes of the file with one run's final weights."""

LARGEST_WEIGHTS_IN_ALL = 40_000_000
"""Bytes of the files with final weights of all runs in a submission."""
