"""Regular expressions of both packages: those that meet a student's text are admitted by `cnnkit.linear_pattern`."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from cnnkit.linear_pattern import AnchoredPattern

ROOT = Path(__file__).parents[1]
LONG = 100_000

OWN_TEXT = {
    "autograder/audit": "reads the rubrics' own samples",
    "autograder/release": "reads the course's own notebooks",
    "autograder/sandbox/isolation": "reads the kernel's files, before a submission runs",
    "autograder/sandbox/server/library_pages.py": "reads the kernel's list of libraries, before a submission runs",
    "cnnkit/linear_pattern.py": "compiles what it has admitted",
}
"""Modules with patterns of their own, and why no student's text meets them."""

FUNCTIONS = {"compile", "match", "search", "sub", "subn", "split", "fullmatch", "findall", "finditer", "template"}


def sources():
    return sorted(path for package in ("autograder", "cnnkit") for path in (ROOT / package).rglob("*.py"))


def patterns_made(source):
    """Lines on which a pattern is compiled or used by way of `re` or a module like it."""
    tree = ast.parse(source)
    names = {"re", "regex", "sre_compile"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name for alias in node.names if alias.name in names}
    for node in ast.walk(tree):
        imported = isinstance(node, ast.ImportFrom) and node.module in names
        if imported and any(alias.name in FUNCTIONS | {"*"} for alias in node.names):
            yield node.lineno
        of_module = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
        if of_module and node.attr in FUNCTIONS:
            yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.compile('x')",
        "import re as r\nr.sub('x', '', t)",
        "from re import search",
        "import re\nf = re.match",
    ],
)
def test_a_pattern_is_found_however_it_is_made(source):
    assert list(patterns_made(source))


def test_names_and_flags_of_the_module_are_no_patterns():
    assert not list(patterns_made("import re\nre.escape(x), re.MULTILINE\ndef f(m: re.Match[str]) -> None: ..."))


def test_patterns_are_compiled_in_one_place():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if not any(path.relative_to(ROOT).is_relative_to(own) for own in OWN_TEXT)
        for line in patterns_made(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_exceptions_exist_and_make_patterns():
    for own in OWN_TEXT:
        files = [path for path in sources() if path.relative_to(ROOT).is_relative_to(own)]
        assert any(list(patterns_made(path.read_text(encoding="utf-8"))) for path in files), own


def admitted_patterns():
    for path in sources():
        if "cnnkit.linear_pattern import" in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for label, value in sorted(vars(importlib.import_module(name)).items()):
                if isinstance(value, re.Pattern | AnchoredPattern):
                    yield pytest.param(value, id=f"{name}.{label}")


@pytest.mark.parametrize("pattern", list(admitted_patterns()))
def test_a_long_text_of_any_kind_is_read_to_its_end(pattern):
    anchored = isinstance(pattern, AnchoredPattern)
    plain = pattern.pattern if anchored else pattern
    is_bytes = isinstance(plain.pattern, bytes)
    beginning = "".join(c for c in (plain.pattern.decode() if is_bytes else plain.pattern) if c.isprintable())
    for text in [
        " ",
        "\n",
        "\t",
        "a",
        "A",
        "0",
        "=",
        "(",
        '"',
        "\\",
        "`",
        "\x1b",
        "\x1b[",
        " \n",
        "a\n",
        "\\\n",
        beginning,
    ]:
        long = text * (LONG // len(text))
        for each in (long, f"{beginning}{long}!", f"def {long}", f"records/{long}"):
            subject = each.encode() if is_bytes else each
            if anchored:
                pattern.match(subject)
                pattern.fullmatch(subject)
            else:
                assert len(plain.sub(subject[:0], subject)) <= len(subject)


def test_there_are_patterns_to_try():
    assert len(list(admitted_patterns())) >= 15
