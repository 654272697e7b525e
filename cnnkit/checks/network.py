"""Checks on a comparison of networks: one layer's differences, or those that belong to no layer."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.spec.compare import Comparison, Difference


def layer_is_right(comparison: Comparison, position: int) -> None:
    """Expect no difference at a layer of the brief.

    Args:
        position: in the brief, counted from 0.

    Raises:
        Mismatch: the first difference; the others of the same layer stand in its consequence.
    """
    _raise(comparison.at(position))


def input_is_right(comparison: Comparison) -> None:
    """Expect the brief's input shape.

    Raises:
        Mismatch: it is another.
    """
    _raise([difference for difference in comparison.differences if difference.kind == "input"])


def nothing_else(comparison: Comparison) -> None:
    """Expect no layer and no connection that the brief does not have.

    Raises:
        Mismatch: there is one.
    """
    _raise([item for item in comparison.differences if item.position is None and item.kind != "input"])


def _raise(differences: Sequence[Difference]) -> None:
    if not differences:
        return
    first, *others = [difference.mismatch() for difference in differences]
    if others:
        also = " ".join(f"Also {other.message}" for other in others)
        first = Mismatch(
            first.what,
            expected=first.expected,
            found=first.found,
            consequence=f"{first.consequence} {also}".strip(),
            hint=first.hint,
        )
    raise first
