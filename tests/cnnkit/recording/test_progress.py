"""Progress as a student sees it while a training runs, in a notebook, on a terminal and in a file."""

import io
import sys
import types

import pytest

from cnnkit.recording import progress
from cnnkit.recording.observed import ObservedTraining
from cnnkit.recording.progress import Progress


class Handle:
    """An output of a notebook that can be changed."""

    def __init__(self, bundle):
        self.shown = [dict(bundle)]

    def update(self, bundle, raw):
        assert raw
        self.shown.append(bundle)


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on when it is told to."""
    now = types.SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now.seconds)
    return now


@pytest.fixture
def outputs(monkeypatch):
    """The outputs of a notebook's cell, in order."""
    made = []

    def show(bundle):
        made.append(Handle(bundle))
        return made[-1]

    monkeypatch.setattr(progress, "_shower", lambda: show)
    return made


class Terminal(io.StringIO):
    def isatty(self):
        return True


def seen(*losses):
    return ObservedTraining(values={"loss": list(losses), "val_loss": [loss / 2 for loss in losses]})


def curve(seen):
    return {"text/html": f"{seen.epochs} epochs"}


def run(clock, epochs=2, steps=100, seconds=1.0):
    """Two epochs of a hundred steps, a hundredth of a second each."""
    shown = Progress("adam", epochs, steps, curve)
    shown.begins(0)
    for epoch in range(epochs):
        for step in range(steps):
            clock.seconds += seconds / steps
            shown.step(epoch, step, 2.0 - step / 100)
        shown.epoch(seen(*([1.0] * (epoch + 1))))
    return shown


def test_in_a_notebook_a_line_and_a_curve_change_in_place(clock, outputs, capsys):
    shown = run(clock)
    shown.ends({"text/html": "the record"})
    line, picture = outputs
    assert [said["text/plain"] for said in line.shown] == [
        "adam  epoch 1/2  step 1/100  loss 2.0000  about 2 s left",
        "adam  epoch 1/2  step 51/100  loss 1.5000  about 1 s left",
        "adam  epoch 1/2  loss 1.0000  val_loss 0.5000  about 1 s left",
        "adam  epoch 2/2  step 1/100  loss 2.0000  about 1 s left",
        "adam  epoch 2/2  step 51/100  loss 1.5000  about 0 s left",
        "adam  epoch 2/2  loss 1.0000  val_loss 0.5000",
    ]
    assert [said["text/html"] for said in picture.shown] == ["1 epochs", "2 epochs", "the record"]
    assert capsys.readouterr().out == ""


def test_elsewhere_a_line_for_each_epoch(clock, monkeypatch, capsys):
    monkeypatch.setattr(progress, "_shower", lambda: None)
    shown = run(clock)
    assert not shown.ends({})
    shown.breaks_off()
    assert capsys.readouterr().out.splitlines() == [
        "adam  epoch 1/2  loss 1.0000  val_loss 0.5000  about 1 s left",
        "adam  epoch 2/2  loss 1.0000  val_loss 0.5000",
    ]


def test_on_a_terminal_one_line(clock, monkeypatch):
    monkeypatch.setattr(progress, "_shower", lambda: None)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    shown = run(clock)
    assert terminal.getvalue().count("\n") == 2
    assert terminal.getvalue().count("\r\x1b[K") == 6
    clock.seconds += 1
    shown.step(2, 3, 1.0)
    assert terminal.getvalue().splitlines()[-1].startswith("\x1b[Kadam  epoch 3/2  step 4/100")
    shown.breaks_off()
    shown.breaks_off()
    assert terminal.getvalue().endswith("left\r\x1b[K")
    assert terminal.getvalue().count("\r\x1b[K") == 8


def test_time_left_is_told_by_what_was_done_since_it_went_on(clock, outputs, capsys):
    shown = Progress("adam", 10, 100, curve)
    shown.begins(8)
    assert capsys.readouterr().out == "adam: goes on after epoch 8 of 10, where it was interrupted.\n"
    clock.seconds += 600
    shown.epoch(seen(*[1.0] * 9))
    assert outputs[0].shown[-1]["text/plain"].endswith("about 10 min left")


def test_data_that_do_not_know_their_steps_are_told_by_epochs(clock, outputs):
    shown = Progress("adam", 2, 0, curve)
    shown.begins(0)
    clock.seconds += 5
    shown.step(0, 3, 1.0)
    assert outputs == []
    clock.seconds += 5
    shown.epoch(seen(1.0))
    assert outputs[0].shown[0]["text/plain"] == "adam  epoch 1/2  loss 1.0000  val_loss 0.5000  about 10 s left"


@pytest.mark.parametrize("loss", [None, "nan", [1.0]])
def test_a_loss_that_is_no_number_is_left_out(clock, outputs, loss):
    shown = Progress("adam", 2, 10, curve)
    shown.begins(0)
    clock.seconds += 1
    shown.step(0, 0, loss)
    assert outputs[0].shown == [{"text/plain": "adam  epoch 1/2  step 1/10  about 19 s left"}]


def test_more_steps_than_there_should_be(clock, outputs):
    shown = Progress("adam", 1, 10, curve)
    shown.begins(0)
    clock.seconds += 1
    shown.step(0, 99, 1.0)
    assert outputs[0].shown[0]["text/plain"].endswith("about 0 s left")


def test_more_epochs_than_were_asked_for(clock, outputs):
    shown = Progress("adam", 1, 10, curve)
    shown.begins(0)
    clock.seconds += 1
    shown.epoch(seen(1.0, 1.0))
    assert outputs[0].shown[0]["text/plain"] == "adam  epoch 2/1  loss 1.0000  val_loss 0.5000"


def test_outputs_are_shown_only_by_a_kernel(monkeypatch):
    assert progress._shower() is None
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace()  # the one in a terminal
    display = types.ModuleType("IPython.display")
    display.display = lambda bundle, raw, display_id: (bundle, raw, display_id)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    assert progress._shower() is None
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=1)
    assert progress._shower()({"text/plain": "x"}) == ({"text/plain": "x"}, True, True)
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert progress._shower() is None
