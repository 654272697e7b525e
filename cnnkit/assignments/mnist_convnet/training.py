"""Public checks of the exercise `training`."""

from __future__ import annotations

from cnnkit.assignments.mnist_convnet.brief import CHECKS, TRAINING

TRAINING.add_to(CHECKS)
