"""Indices and functions as text: the same for the same meaning, another for another."""

import pytest

from cnnkit.networks.describe.operations import function_text, index_text

FULL = slice(None)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ((Ellipsis, slice(None, None, -1)), "..., ::-1"),
        ((FULL, FULL, FULL, slice(None, None, -1)), "..., ::-1"),
        ((FULL, Ellipsis, slice(None, None, -1)), "..., ::-1"),
        ((Ellipsis, FULL, slice(None, None, -1)), "..., ::-1"),
        ((Ellipsis, 2), "..., 2"),
        ([FULL, FULL, FULL, 2], "..., 2"),
        ((Ellipsis, slice(0, 1, 1)), "..., 0:1"),
        ((FULL, 2), ":, 2"),
        ((FULL, 2, Ellipsis), ":, 2, ..."),
        (0, "0"),
        ((0, FULL, FULL, FULL), "0, :, :, :"),
        ((FULL, FULL, FULL, None, 0), ":, :, :, None, 0"),
    ],
)
def test_an_index_has_one_spelling(key, text):
    assert index_text(key, 4) == text


def test_an_index_that_changes_nothing():
    assert index_text((FULL,) * 4, 4) == index_text(Ellipsis, 4) == "..."


def test_a_function_is_known_by_what_it_does():
    def first(x):
        return x / 127.5 - 1

    def second(x):
        return x / 255

    here, elsewhere = {}, {}
    exec(compile("def first(x):\n    return x / 127.5 - 1\n", "here.py", "exec"), here)
    exec(compile("\n\n\ndef first(x):\n    return x / 127.5 - 1\n", "elsewhere.py", "exec"), elsewhere)

    assert function_text(here["first"]) == function_text(elsewhere["first"])
    assert function_text(first) != function_text(second)
    assert function_text(first).startswith("first (")
    assert function_text(lambda x: [k for k in x]) == function_text(lambda x: [k for k in x])
    assert function_text(len) == "len"
