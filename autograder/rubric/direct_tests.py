"""Collected tests whose functions can be called directly, with the values of their fixtures.

pytest's protocol takes most of the time that a rubric takes: hooks, reports, finalizers and caches of fixtures for each
test. A rubric that needs none of this gets the same outcomes from plain calls. One that does need it, because it has
fixtures that clean up after themselves, parameters, classes, other marks or hooks of its own, runs under the protocol.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from autograder.rubric import fixtures
from autograder.rubric.check_results import Check, ResultCollector
from autograder.rubric.fixtures import RubricInput

_MARKS = {"points", "public", "depends"}
_ROOT, _REQUEST = "rubric_input", "request"
_HOOKS = ("pytest_runtest", "pytest_pyfunc_call", "pytest_fixture")
"""Beginnings of the names of the hooks that take part in running a test."""


class _Fixture(NamedTuple):
    """A fixture's function.

    Attributes:
        name: of the fixture.
        call: its function.
        arguments: names of the fixtures that it takes.
        shared: True if one value serves all tests.
    """

    name: str
    call: Callable[..., Any]
    arguments: tuple[str, ...]
    shared: bool


@dataclass(frozen=True)
class DirectTest:
    """A test that can be called directly.

    Attributes:
        check: its marks.
        call: its function.
        arguments: names of the fixtures that it takes.
        fixtures: those that it needs, in the order in which pytest sets them up; each after those that it takes itself.
    """

    check: Check
    call: Callable[..., Any]
    arguments: tuple[str, ...]
    fixtures: tuple[_Fixture, ...]


class _NotDirect(Exception):
    """A test needs pytest's protocol."""


def direct_tests(
    items: Sequence[pytest.Item], config: pytest.Config, own_plugins: Iterable[object]
) -> list[DirectTest]:
    """The tests as functions that can be called directly.

    Args:
        items: collected tests.
        config: of the session that has collected them.
        own_plugins: plugins whose hooks have no influence on the tests' outcomes.

    Returns:
        One for each item, in their order; none at all if one of them needs pytest's protocol.
    """
    known = {id(plugin) for plugin in own_plugins}
    if any(
        not implementation.function.__module__.startswith("_pytest.") and id(implementation.plugin) not in known
        for name in vars(config.hook)
        if name.startswith(_HOOKS)
        for implementation in getattr(config.hook, name).get_hookimpls()
    ):
        return []
    try:
        return [_direct(item) for item in items]
    except _NotDirect:
        return []


def run_direct(tests: Iterable[DirectTest], rubric_input: RubricInput) -> ResultCollector:
    """Run all tests on one submission.

    Raises:
        pytest.exit.Exception: a test ends the session.
    """
    collector = ResultCollector(rubric_input)
    shared: dict[str, Any] = {_ROOT: rubric_input}
    failed: dict[str, BaseException] = {}
    for test in tests:
        with collector.running(test.check):
            if collector.skipped:
                continue
            try:
                values = _set_up(test.fixtures, shared, failed)
                test.call(**{name: values[name] for name in test.arguments})
            except (pytest.exit.Exception, KeyboardInterrupt):
                raise
            except BaseException as error:  # as under pytest: whatever a test raises is its outcome
                collector.record_exception(error)
    return collector


def _set_up(wanted: Iterable[_Fixture], shared: dict[str, Any], failed: dict[str, BaseException]) -> dict[str, Any]:
    """Values of the fixtures of a test by name; what one of them raised before, it raises again."""
    own: dict[str, Any] = {}
    for fixture in wanted:
        if fixture.name in failed:
            raise failed[fixture.name]
        if fixture.name in shared:
            continue
        arguments = {name: shared[name] if name in shared else own[name] for name in fixture.arguments}
        if not fixture.shared:
            own[fixture.name] = fixture.call(**arguments)
            continue
        try:
            shared[fixture.name] = fixture.call(**arguments)
        except BaseException as error:
            failed[fixture.name] = error
            raise
    return shared | own


def _direct(item: pytest.Item) -> DirectTest:
    if not isinstance(item, pytest.Function) or item.cls is not None or hasattr(item, "callspec"):
        raise _NotDirect
    if any(mark.name not in _MARKS for mark in item.iter_markers()) or not _is_plain(item.function):
        raise _NotDirect
    info = item._fixtureinfo  # pytest has no public way to a test's fixtures
    if set(info.initialnames) != set(info.argnames):  # some come uncalled for: autouse, or the set-up of a module
        raise _NotDirect
    ordered: dict[str, _Fixture] = {}
    if _REQUEST in info.argnames:
        raise _NotDirect
    for name in item.fixturenames:
        if name != _REQUEST:  # of the root; any other fixture that takes it is refused
            _add(name, info.name2fixturedefs, ordered)
    return DirectTest(Check.of(item), item.function, tuple(info.argnames), tuple(ordered.values()))


def _add(name: str, defined: Any, ordered: dict[str, _Fixture]) -> _Fixture:
    """Add a fixture after those that it takes."""
    if name in ordered:
        return ordered[name]
    if len(defined.get(name, ())) != 1:  # pytest's own, one that overrides another, or none at all
        raise _NotDirect
    (found,) = defined[name]
    if name == _ROOT:
        if found.func.__module__ != fixtures.__name__:
            raise _NotDirect
        return _Fixture(name, found.func, (), shared=True)
    if found.scope not in ("session", "function") or found.params or not _is_plain(found.func):
        raise _NotDirect
    taken = [_add(one, defined, ordered) for one in found.argnames]
    fixture = _Fixture(name, found.func, tuple(found.argnames), shared=found.scope == "session")
    if fixture.shared and not all(one.shared for one in taken):  # pytest says what is wrong with that
        raise _NotDirect
    ordered[name] = fixture
    return fixture


def _is_plain(function: Callable[..., Any]) -> bool:
    return not (inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function)) and not (
        inspect.isasyncgenfunction(function) or inspect.ismethod(function)
    )
