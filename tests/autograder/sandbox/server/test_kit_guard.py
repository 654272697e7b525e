"""Functions of the kit that a notebook has replaced are put back."""

import cnnkit.mismatch
from autograder.sandbox.server.kit_guard import KitGuard
from cnnkit.networks.compare import comparison


def test_what_was_replaced_is_put_back_and_named(monkeypatch):
    guard = KitGuard()
    compare, init = comparison.compare, cnnkit.mismatch.Mismatch.__init__
    code = compare.__code__
    assert guard.restore() == []
    comparison.compare = lambda *_: True
    cnnkit.mismatch.Mismatch.__init__ = lambda self, *_: None
    compare.__code__ = (lambda *_, **__: True).__code__
    changed = guard.restore()
    assert {"cnnkit.networks.compare.comparison.compare", "cnnkit.mismatch.Mismatch.__init__"} <= set(changed)
    assert comparison.compare is compare
    assert compare.__code__ is code
    assert cnnkit.mismatch.Mismatch.__init__ is init
    assert guard.restore() == []


def test_a_function_that_was_deleted_comes_back():
    guard = KitGuard()
    compare = comparison.compare
    del comparison.compare
    assert "cnnkit.networks.compare.comparison.compare" in guard.restore()
    assert comparison.compare is compare


def test_plain_data_is_left_alone():
    """The session and the records that are played back change while a notebook runs."""
    from cnnkit import session

    guard = KitGuard()
    before = session.__dict__.get("_something")
    session._something = 3
    try:
        assert guard.restore() == []
        assert session._something == 3
    finally:
        del session._something
    assert before is None
