"""The largest learning rate of a schedule: a description has room for one number."""

from __future__ import annotations

import math
from typing import Any

LARGEST_RATE_OF_A_SCHEDULE = "largest_learning_rate"
"""Key in an optimizer's settings of the largest rate of its schedule; `learning_rate` is then the schedule's class."""

_STEPS = sorted({*range(65), *(round(1.5**power) for power in range(11, 35))})
"""Steps of training at which a schedule is asked for its rate: the first ones, then ever farther apart, up to a
million. So the start of a decay, a restart and the values of a piecewise constant are among them, or nearly."""


def largest_rate(schedule: Any) -> float | None:
    """Largest learning rate of a schedule in the first million steps.

    Args:
        schedule: a `keras.optimizers.schedules.LearningRateSchedule`, Keras's or the student's own.

    Returns:
        The rate; None for any other object, and for a schedule that raises or gives no finite number.

    Example:
        >>> import keras
        >>> largest_rate(keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=10, decay_rate=0.9))
        0.5
        >>> largest_rate(0.5) is None
        True
    """
    import keras

    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return None
    try:
        rates = [float(schedule(step)) for step in _STEPS]
    except Exception:  # the student's own class
        return None
    try:
        config = schedule.get_config()
    except Exception:  # which need not have one
        config = {}
    # the top of a warm-up lies at one step, which may be between two of these
    if isinstance(top := config.get("warmup_target"), int | float) and config.get("warmup_steps"):
        rates.append(float(top))
    largest = max(rates)
    # keras computes in single precision: 0.0001 comes as 0.00009999999747
    return float(f"{largest:.7g}") if math.isfinite(largest) else None
