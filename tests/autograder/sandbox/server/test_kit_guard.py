"""Parts of the kit that a notebook has replaced are put back."""

import copy

import pytest

import cnnkit.mismatch
from autograder.sandbox.protocol import messages
from autograder.sandbox.server.kit_guard import KitGuard
from cnnkit.networks import layer_settings
from cnnkit.networks.compare import comparison
from cnnkit.networks.describe import normalise


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


def test_new_names_and_the_kits_own_state_are_left_alone():
    """The session and the records that are played back change while a notebook runs."""
    from cnnkit import session
    from cnnkit.recording import recorded_run

    guard = KitGuard()
    before = session._current
    session._something = 3
    session._current = "another"
    recorded_run.play_back({})
    try:
        assert guard.restore() == []
        assert not guard.has_found_changes
        assert session._something == 3
    finally:
        del session._something
        session._current = before
        recorded_run.play_back(None)


def test_an_instance_is_put_back():
    """An encoder is neither a function nor a module, and everything that is sent goes through it."""
    guard = KitGuard()
    encoder = messages._encoder

    class Lie:
        def encode(self, message):
            return encoder.encode(messages.CallResponse(value=13, type="int"))

    messages._encoder = Lie()
    assert guard.restore() == ["autograder.sandbox.protocol.messages._encoder"]
    assert messages._encoder is encoder
    assert guard.has_found_changes


def test_constants_are_put_back():
    guard = KitGuard()
    longest = normalise.LONGEST_TEXT
    normalise.LONGEST_TEXT = 0
    guard.restore()
    assert longest == normalise.LONGEST_TEXT


@pytest.mark.parametrize(
    "change",
    [
        lambda: layer_settings.SETTINGS.pop("Conv2D"),
        lambda: layer_settings.SETTINGS["Conv2D"].update(padding="same"),
        lambda: layer_settings.SETTINGS.update(Mine={}),
        lambda: normalise._FLOATS.add("filters"),
    ],
    ids=["an entry less", "an entry of an entry", "an entry more", "a set"],
)
def test_the_contents_of_tables_are_put_back(change):
    guard = KitGuard()
    before = (copy.deepcopy(layer_settings.SETTINGS), set(normalise._FLOATS))
    change()
    assert guard.restore() != []
    assert before == (layer_settings.SETTINGS, normalise._FLOATS)


def test_properties_and_class_methods_are_put_back():
    guard = KitGuard()
    held = vars(comparison.Comparison)["equal"]
    comparison.Comparison.equal = True
    assert guard.restore() == ["cnnkit.networks.compare.comparison.Comparison.equal"]
    assert vars(comparison.Comparison)["equal"] is held
