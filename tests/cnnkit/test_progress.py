"""What is shown while a training runs: in a notebook in place, elsewhere a line for each epoch."""

import types

import pytest

from cnnkit import progress
from cnnkit.progress import Progress


def seen(*losses):
    return types.SimpleNamespace(values={"loss": list(losses)})


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    return now


class Shown:
    """An output that can be changed, as IPython's display gives one."""

    def __init__(self, bundle):
        self.history = [dict(bundle)]

    def update(self, bundle, raw):
        assert raw
        self.history.append(dict(bundle))


@pytest.fixture
def notebook(monkeypatch):
    outputs = []

    def show(bundle):
        outputs.append(Shown(bundle))
        return outputs[-1]

    monkeypatch.setattr(progress, "_shower", lambda: show)
    return outputs


def bundle(so_far):
    return {"text/plain": f"{len(so_far.values['loss'])} epochs"}


def test_in_a_terminal_a_line_for_each_epoch(clock, capsys):
    told = Progress("adam", 3, 10, bundle)
    told.begins(0)
    clock[0] += 60
    told.step(0, 4, 0.7)
    told.epoch(seen(0.5))
    assert capsys.readouterr().out == "adam  epoch 1/3  loss 0.5000  about 2 min left\n"


def test_in_a_notebook_one_line_and_one_picture_change_in_place(clock, notebook):
    told = Progress("adam", 2, 10, bundle)
    told.begins(0)
    clock[0] += 10
    told.step(0, 4, 0.7)
    clock[0] += 0.1
    told.step(0, 5, 0.7)  # too soon to be shown
    clock[0] += 9.9
    told.epoch(seen(0.5))
    clock[0] += 20
    told.epoch(seen(0.5, 0.25))
    told.ends({"text/plain": "all"})
    line, picture = notebook
    assert [shown["text/plain"] for shown in line.history] == [
        "adam  epoch 1/2  step 5/10  loss 0.7000  about 30 s left",
        "adam  epoch 1/2  loss 0.5000  about 20 s left",
        "adam  epoch 2/2  loss 0.2500",
    ]
    assert [shown["text/plain"] for shown in picture.history] == ["1 epochs", "2 epochs", "all"]


def test_time_left_counts_from_where_it_goes_on(clock, capsys):
    told = Progress("adam", 4, 10, bundle)
    told.begins(2)
    clock[0] += 30
    told.epoch(seen(0.5, 0.4, 0.3))
    assert capsys.readouterr().out.splitlines() == [
        "adam: goes on after epoch 2 of 4, where it was interrupted.",
        "adam  epoch 3/4  loss 0.3000  about 30 s left",
    ]


def test_a_loss_that_is_no_number_and_data_of_unknown_length(clock, notebook):
    told = Progress("adam", 2, 0, bundle)
    told.begins(0)
    clock[0] += 10
    told.step(0, 4, None)
    assert notebook == []
