r"""Regular expressions that take linear time on whatever text they meet.

Python's `re` tries every way in which a pattern can match. With the wrong pattern, a cell of blanks takes hours. Every
pattern that meets text of unknown origin is compiled here; one that cannot be shown to be linear raises at import.

The rule, read from the parsed pattern:

- A repeat without a bound is possessive (`*+`, `++`): it never gives back what it took.
- Inside such a repeat, an inner one comes last in its round, or before parts that cannot fail. Otherwise a round could
  look far ahead, fail, and be followed by one that looks at the same characters again.
- All else is small: the ways through the pattern, and the characters that its bounded parts take, have a limit.
- Looking around is bounded, and there are no references to earlier groups.

These make one attempt linear: enough for `match` and `fullmatch` (`compile_anchored`). `search`, `sub`, `findall` and
`split` attempt a match at every position, so that `compile_linear` asks for one rule more:

- A repeat without a bound after which the pattern may still fail cannot take the character with which the pattern
  begins, nor a line break if it begins with `^` (MULTILINE). Then an attempt reads no further than to the next one's
  beginning.

RE2 has this guarantee built in. It is not used because the students' package would need a compiled dependency for a
dozen short patterns, and because it has neither lookaround nor possessive repeats, which these use.
"""

from __future__ import annotations

import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from cnnkit.errors import KitError

Text = TypeVar("Text", str, bytes)

MOST_WAYS = 1_000
MOST_CHARACTERS = 2_000
"""Bounds: ways to match a pattern's bounded parts, and characters that these take."""

_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
_LOOKS = (ops.ASSERT, ops.ASSERT_NOT)
_SINGLE = (ops.LITERAL, ops.NOT_LITERAL, ops.IN, ops.ANY)
_CATEGORIES = {
    ops.CATEGORY_DIGIT: r"\d",
    ops.CATEGORY_NOT_DIGIT: r"\D",
    ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_NOT_SPACE: r"\S",
    ops.CATEGORY_WORD: r"\w",
    ops.CATEGORY_NOT_WORD: r"\W",
}

# A parsed pattern is a list of (operation, argument), as `re._parser` gives it.
_Item = tuple[Any, Any]


class NotLinear(KitError):
    """A pattern that may take more than linear time; `str(error)` says which part of it, and what to write instead."""


class AnchoredPattern(Generic[Text]):
    """A pattern that is matched at one position of a text only."""

    def __init__(self, pattern: re.Pattern[Text]) -> None:
        self.pattern: re.Pattern[Text] = pattern
        self.match: Callable[..., re.Match[Text] | None] = pattern.match
        self.fullmatch: Callable[..., re.Match[Text] | None] = pattern.fullmatch


def compile_linear(pattern: Text, flags: int = 0) -> re.Pattern[Text]:
    r"""Compile a pattern for `search`, `sub`, `split`, `findall`, `finditer` and the rest.

    Args:
        pattern: as for `re.compile`.
        flags: as for `re.compile`.

    Raises:
        NotLinear: it is not shown to be linear.

    Example:
        >>> compile_linear(r"^[ \t]*+def (\w++)", re.MULTILINE).findall("def f(): pass\n\ndef g(): pass")
        ['f', 'g']
        >>> compile_linear(r"\s*x")
        Traceback (most recent call last):
        ...
        cnnkit.linear_pattern.NotLinear: '\\s*x': expected a possessive repeat (`*+`, `++`), found one without a bound
    """
    parsed = _admitted(pattern, flags)
    items, flags_in_all = list(parsed), parsed.state.flags
    first = _first_character(items, flags_in_all)
    for body in _exposed(items, False):
        if first is not None and (not first or _takes(body, first, flags_in_all)):
            found = f"one that can take {first!r}" if first else "a pattern that may begin with different ones"
            raise NotLinear(
                f"{pattern!r}: it may fail after a repeat without a bound; expected a repeat that cannot take the "
                f"pattern's first character, or the line break before a `^`, found {found}"
            )
    return re.compile(pattern, flags)


def compile_anchored(pattern: Text, flags: int = 0) -> AnchoredPattern[Text]:
    r"""Compile a pattern for `match` and `fullmatch`, which attempt to match at one position only.

    Args:
        pattern: as for `re.compile`.
        flags: as for `re.compile`.

    Raises:
        NotLinear: it is not shown to be linear.

    Example:
        >>> bool(compile_anchored(r"\s*+x").match("   x"))
        True
    """
    _admitted(pattern, flags)
    return AnchoredPattern(re.compile(pattern, flags))


def _admitted(pattern: str | bytes, flags: int) -> Any:
    """Parse a pattern, and check what makes one attempt linear."""
    parsed = parser.parse(pattern, flags)

    def refuse(reason: str) -> None:
        raise NotLinear(f"{pattern!r}: {reason}")

    items = list(parsed)
    _check(items, refuse)
    if _ways(items) > MOST_WAYS:
        refuse(f"expected at most {MOST_WAYS:,} ways to match its bounded parts, found {min(_ways(items), 10**9):,}")
    if _bounded_characters(items) > MOST_CHARACTERS:
        refuse(
            f"expected bounded parts of at most {MOST_CHARACTERS:,} characters, found {_bounded_characters(items):,}"
        )
    return parsed


def _check(items: Iterable[_Item], refuse: Callable[[str], None], looking: bool = False) -> None:
    for op, argument in items:
        if op in (ops.GROUPREF, ops.GROUPREF_EXISTS, ops.GROUPREF_IGNORE):
            refuse("expected no reference to a group")
        if op is ops.SUBPATTERN and (argument[1] or argument[2]):
            refuse("expected flags for the whole pattern only")
        if _unbounded((op, argument)):
            if looking:
                refuse("expected bounded parts in a lookahead, found a repeat without a bound")
            if op is not ops.POSSESSIVE_REPEAT:
                refuse("expected a possessive repeat (`*+`, `++`), found one without a bound")
            body = list(argument[2])
            if next(iter(_exposed(body, False)), None) is not None:
                refuse("expected a repeat inside another one to come last in its round, found parts behind it")
            if _narrowest(body) == 0:
                refuse("expected a repeat whose rounds take at least one character")
        for inner in _inner((op, argument)):
            _check(inner, refuse, looking or op in _LOOKS)


def _exposed(items: list[_Item], may_fail_later: bool) -> Iterable[list[_Item]]:
    """Bodies of the repeats without a bound after which the pattern may still fail."""
    for position, item in enumerate(items):
        later = may_fail_later or any(map(_may_fail, items[position + 1 :]))
        op, argument = item
        if _unbounded(item) and later:
            yield list(argument[2])
        for inner in _inner(item):
            if op in _LOOKS:
                continue
            again = op in _REPEATS and argument[1] > 1 and _may_fail_all(inner)
            # in rounds of a repeat without a bound, a failing round takes nothing back of those before it
            yield from _exposed(inner, later or (again and not _unbounded(item)) or (again and argument[0] > 1))


def _may_fail(item: _Item) -> bool:
    op, argument = item
    if op in _REPEATS:
        return argument[0] > 0 and _may_fail_all(list(argument[2]))
    if op is ops.BRANCH:
        return all(_may_fail_all(list(branch)) for branch in argument[1])
    if op in (ops.SUBPATTERN, ops.ATOMIC_GROUP):
        return any(_may_fail_all(inner) for inner in _inner(item))
    return True


def _may_fail_all(items: list[_Item]) -> bool:
    return any(map(_may_fail, items))


def _unbounded(item: _Item) -> bool:
    op, argument = item
    return op in _REPEATS and argument[1] is ops.MAXREPEAT


def _inner(item: _Item) -> list[list[_Item]]:
    """The patterns in an item: the body of a repeat, the branches of an alternative, the content of a group."""
    op, argument = item
    if op in _REPEATS:
        return [list(argument[2])]
    if op is ops.BRANCH:
        return [list(branch) for branch in argument[1]]
    if op is ops.SUBPATTERN:
        return [list(argument[3])]
    if op is ops.ATOMIC_GROUP:
        return [list(argument)]
    if op in _LOOKS:
        return [list(argument[1])]
    return []


def _ways(items: list[_Item]) -> int:
    """Number of ways to go through a pattern, where it has a choice."""
    product = 1
    for item in items:
        op, argument = item
        inner = [_ways(one) for one in _inner(item)]
        if _unbounded(item):
            ways = inner[0]
        elif op in _REPEATS:
            low, high = int(argument[0]), min(int(argument[1]), MOST_WAYS + 1)
            ways = sum(min(inner[0] ** min(rounds, 60), 10**9) for rounds in range(min(low, high), high + 1))
        elif op is ops.BRANCH:
            ways = sum(inner)
        else:
            ways = inner[0] if inner else 1
        product = min(product * max(ways, 1), 10**12)
    return product


def _bounded_characters(items: list[_Item]) -> int:
    """Characters that the bounded parts of a pattern take at most, and the first rounds of those without a bound."""
    total = 0
    for item in items:
        op, argument = item
        inner = max(map(_bounded_characters, _inner(item)), default=0)
        if op in _SINGLE:
            total += 1
        elif op in _REPEATS:
            total += int(argument[0] if _unbounded(item) else argument[1]) * inner
        else:
            total += inner
    return min(total, 10**12)


def _narrowest(items: list[_Item]) -> int:
    """Characters that a pattern takes at least."""
    total = 0
    for item in items:
        op, argument = item
        if op in _SINGLE:
            total += 1
        elif op in _REPEATS:
            total += int(argument[0]) * _narrowest(list(argument[2]))
        elif op not in _LOOKS:
            total += min(map(_narrowest, _inner(item)), default=0)
    return total


def _first_character(items: list[_Item], flags: int) -> str | None:
    """The character at or behind which every match begins; "" if there is none, None if only the text's start will do.

    A letter is none if case is ignored: it stands for several characters.
    """
    if not items:
        return ""
    op, argument = items[0]
    if op is ops.LITERAL:
        cased = flags & re.IGNORECASE and chr(argument).lower() != chr(argument).upper()
        return "" if cased else chr(argument)
    if op is ops.SUBPATTERN:
        return _first_character(list(argument[3]), flags)
    if op is ops.AT and argument in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING):
        return "\n" if argument is ops.AT_BEGINNING and flags & re.MULTILINE else None
    return ""


def _takes(items: list[_Item], character: str, flags: int) -> bool:
    """True if a pattern can take a character."""
    return any(
        _is_in(item, character, flags)
        if item[0] in _SINGLE
        else item[0] not in _LOOKS and any(_takes(inner, character, flags) for inner in _inner(item))
        for item in items
    )


def _is_in(item: _Item, character: str, flags: int) -> bool:
    op, argument = item
    code = ord(character)
    if op is ops.ANY:
        return character != "\n" or bool(flags & re.DOTALL)
    if op is ops.LITERAL:
        return bool(argument == code)
    if op is ops.NOT_LITERAL:
        return bool(argument != code)
    negated = argument[0][0] is ops.NEGATE
    return negated != any(_in_class(one, character) for one in argument[negated:])


def _in_class(item: _Item, character: str) -> bool:
    op, argument = item
    if op is ops.LITERAL:
        return bool(argument == ord(character))
    if op is ops.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    return re.fullmatch(_CATEGORIES[argument], character) is not None
