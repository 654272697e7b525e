"""The networks that an assignment specifies: only records of these are examined by building the network again."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from cnnkit.checks.assigned_network import Brief
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import ModelSpec


def is_specified(network: ModelSpec, assignment: str) -> bool:
    """True if a network equals one that the assignment specifies, in one of its forms.

    Names of layers, and how the network was compiled, do not count.
    """
    return any(compare(network, one).equal for one in specified_networks(assignment))


@functools.cache
def specified_networks(assignment: str) -> tuple[ModelSpec, ...]:
    """Networks that the constants of `cnnkit.assignments.<assignment>.brief` describe; none without such a module."""
    package = f"cnnkit.assignments.{assignment}"
    if not assignment.isidentifier() or find_spec(package) is None:
        return ()
    found: list[ModelSpec] = []
    for value in vars(import_module(f"{package}.brief")).values():
        found += [network for network in _networks(value) if network not in found]
    return tuple(found)


def _networks(value: object) -> Iterator[ModelSpec]:
    if isinstance(value, ModelSpec):
        yield value
    elif isinstance(value, Brief):
        yield value.network
        yield from value.forms
    elif isinstance(brief := getattr(value, "brief", None), Brief):
        yield from _networks(brief)
