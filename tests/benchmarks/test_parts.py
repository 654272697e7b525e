"""The table of measurements names what exists."""

import ast
from collections import Counter

import pytest


@pytest.fixture(scope="module")
def parts(load_script):
    return load_script("benchmarks/parts.py")


def test_every_part_has_its_function(root, parts):
    for part in parts.PARTS:
        text = (root / "benchmarks" / f"{part.module}.py").read_text(encoding="utf-8")
        defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        assert part.function in defined, part.name


def test_no_two_parts_have_one_name(parts):
    assert set(Counter(part.name for part in parts.PARTS).values()) == {1}


def test_a_part_goes_on_with_parts_before_it(parts):
    """So that `run.py`, which takes them in this order, has measured those already."""
    seen = set()
    for part in parts.PARTS:
        assert set(part.after) <= seen, part.name
        seen.add(part.name)


def test_a_trial_is_small(parts):
    assert all(part.trial <= 100 for part in parts.PARTS)


def test_an_unknown_name_is_answered_with_the_known_ones(parts):
    with pytest.raises(KeyError, match="side_by_side"):
        parts.part_named("nowhere")
