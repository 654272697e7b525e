"""Values of a training as a record holds them: bounded, printable names, finite numbers. Needs no Keras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cnnkit.recording import record_bounds


def as_number(value: Any) -> float | None:
    """A logged value as a number; None if it is none, as a student's own metric may be."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def plain_name(name: Any) -> str:
    """A name as a grader reads it: of bounded length, in characters that can be printed.

    Example:
        >>> plain_name("my" + chr(10) + "metric")
        'mymetric'
    """
    return "".join(letter for letter in str(name)[: record_bounds.LONGEST_NAME] if letter.isprintable())


def plain_settings(settings: Mapping[Any, Any]) -> dict[str, float | str]:
    """The texts and finite numbers among some settings, at most `MOST_METRICS`; a switch becomes 0.0 or 1.0.

    Example:
        >>> plain_settings({"learning_rate": 0.1, "nesterov": True, "clipnorm": None})
        {'learning_rate': 0.1, 'nesterov': 1.0}
    """
    found: dict[str, float | str] = {}
    for key, value in list(settings.items())[: record_bounds.MOST_METRICS]:
        if isinstance(value, str):
            found[plain_name(key)] = plain_name(value)
        elif isinstance(value, int | float) and math.isfinite(value):
            found[plain_name(key)] = float(value)
    return found
