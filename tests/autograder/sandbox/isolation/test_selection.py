"""Which isolation is taken, and what somebody hears who has none."""

import sys

import pytest

from autograder.sandbox.isolation import selection as module
from autograder.sandbox.isolation.bubblewrap import bubblewrap_command
from autograder.sandbox.isolation.selection import GIVEN_UP, NoIsolation, select_isolation, unavailable_reason


@pytest.fixture
def works(monkeypatch):
    """`works("bubblewrap")`: only that does."""

    def only(*kinds):
        monkeypatch.setattr(module, "unavailable_reason", lambda kind: "" if kind in kinds else f"{kind} is broken")

    return only


@pytest.mark.parametrize(
    ("asked", "kinds", "chosen"),
    [
        ("auto", ("namespaces", "bubblewrap"), "namespaces"),
        ("auto", ("bubblewrap",), "bubblewrap"),
        ("bubblewrap", ("namespaces", "bubblewrap"), "bubblewrap"),
        ("none", (), "none"),
    ],
)
def test_the_strongest_that_works_is_taken(works, asked, kinds, chosen):
    works(*kinds)
    assert select_isolation(asked) == chosen


@pytest.mark.parametrize("asked", ["auto", "namespaces"])
def test_nothing_weaker_is_taken_without_being_asked_for(works, asked):
    works()
    with pytest.raises(NoIsolation, match="namespaces is broken") as refused:
        select_isolation(asked)
    assert "--isolation none" in str(refused.value)


def test_none_says_what_it_gives_up():
    for word in ("rubric", "other submissions", "gradebook", "network"):
        assert word in GIVEN_UP


def test_elsewhere_than_linux_there_is_none(monkeypatch):
    monkeypatch.setattr(module.sys, "platform", "darwin")
    assert "needs Linux" in unavailable_reason("namespaces")


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("unshare(0x10000000): Operation not permitted", "docker run --cap-add SYS_ADMIN"),
        ("mount of /x: Permission denied", "install Python elsewhere"),
        ("something new", "something new"),
    ],
)
def test_a_refusal_comes_with_a_remedy(said, remedy):
    assert remedy in module._with_remedy(said)


def test_an_attempt_that_fails_is_quoted_by_its_last_line():
    code = "import sys; print('first', file=sys.stderr); sys.exit('the reason')"
    assert module._said([sys.executable, "-c", code]) == "the reason"
    assert module._said([sys.executable, "-c", ""]) == ""
    assert "FileNotFoundError" in module._said(["/no/such/program"])


def test_bubblewrap_is_asked_for_everything():
    asked = bubblewrap_command("-m", "x")
    for option in ("--unshare-all", "--die-with-parent", "--disable-userns", "--as-pid-1", "--clearenv"):
        assert option in asked
    assert asked[asked.index("--cap-drop") + 1] == "ALL"
    # the grader's package is covered, then the parts that Python starts with lie on the cover
    mounts = [asked[n + 1 :][:2] for n, option in enumerate(asked) if option.startswith("--ro-bind")]
    assert not [target for _, target in mounts if "rubrics" in target or target.endswith("/autograder")]
    assert any(target.endswith("/autograder/sandbox") for _, target in mounts)
