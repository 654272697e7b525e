"""Evidence from live functions: what goes wrong in them becomes a sentence, and nothing is left behind."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnnkit.checks.evidence import FunctionMissing, StudentError
from cnnkit.checks.live_evidence import LiveEvidence, plain_value
from cnnkit.expect.figures import sample_histories
from cnnkit.mismatch import Mismatch


def live(function):
    return LiveEvidence({"f": function})


def skeleton():
    raise NotImplementedError()


def inner():
    raise ValueError("too small")


def calls_inner():
    return 1 + inner()


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no")


def raises(error):
    def f():
        raise error

    return f


def test_a_call_gives_its_value():
    assert live(lambda a, b=2: a + b).call("f", 1, b=3) == 4


def test_changed_arguments_are_named():
    assert list(live(lambda items: items.clear()).mutated("f", [1])) == ["items"]


@pytest.mark.parametrize(("value", "found"), [(3, "int: 3"), ("f", "the text 'f'"), (np.zeros(2), "an array of shape")])
def test_a_value_for_a_function(value, found):
    with pytest.raises(FunctionMissing, match=found) as caught:
        live(value).call("f")
    assert "without brackets" in caught.value.hint


def test_a_function_that_is_not_there():
    with pytest.raises(FunctionMissing, match="`f` is not defined"):
        LiveEvidence({}).call("f")


def test_the_skeleton_is_no_error():
    with pytest.raises(FunctionMissing, match="`skeleton` is not written yet"):
        live(skeleton).call("f")


def test_another_function_s_skeleton_is_named():
    with pytest.raises(FunctionMissing, match="`skeleton` is not written yet"):
        live(lambda: skeleton()).call("f")


def test_a_not_implemented_error_of_a_library_is_an_error():
    with pytest.raises(StudentError, match="NotImplementedError: on this device"):
        live(raises(NotImplementedError("on this device"))).call("f")


def test_an_error_is_quoted_with_the_student_s_own_line():
    with pytest.raises(StudentError, match=r"f\(\) raised ValueError: too small in line \d+: `raise ValueError"):
        live(calls_inner).call("f")


def test_an_error_in_a_library_points_to_the_student_s_line():
    with pytest.raises(StudentError, match=r"line \d+: `.*np.ones.*reshape"):
        live(lambda: np.ones(3).reshape(2)).call("f")


def test_wrong_arguments():
    with pytest.raises(StudentError, match="unexpected keyword argument 'stride'") as caught:
        live(lambda size: size).call("f", 3, stride=2)
    assert "`def`" in caught.value.hint


@pytest.mark.parametrize(
    "error", [SystemExit(), RecursionError("deep"), MemoryError(), Unprintable(), Mismatch("mine")]
)
def test_whatever_is_raised_is_reported(error):
    with pytest.raises((StudentError, Mismatch)) as caught:
        live(raises(error)).call("f")
    assert str(caught.value)


def test_the_stop_button_stops():
    with pytest.raises(KeyboardInterrupt):
        live(raises(KeyboardInterrupt())).call("f")


def plot(histories):
    for name, run in histories.items():
        plt.plot(run.history["loss"], label=name)
    plt.legend()


def test_a_figure_is_looked_at_once_and_closed():
    calls = []

    def f(histories):
        calls.append(len(histories))
        plot(histories)

    evidence, before = live(f), plt.get_fignums()
    assert len(evidence.figure("f", sample_histories()).lines) == 3
    assert evidence.figure("f", sample_histories()) is evidence.figure("f", sample_histories())
    assert calls == [3]
    evidence.figure("f", sample_histories(epochs=7))
    assert calls == [3, 3]
    assert plt.get_fignums() == before


def test_an_error_is_remembered_too():
    calls = []

    def f(histories):
        calls.append(1)
        raise ValueError("bad")

    evidence = live(f)
    for _ in range(2):
        with pytest.raises(StudentError, match=r"f\(histories\) raised ValueError: bad"):
            evidence.figure("f", sample_histories())
    assert calls == [1]


def test_an_open_picture_is_neither_used_nor_changed():
    own = plt.figure()
    own.add_subplot().plot([1, 2, 3])
    try:
        with pytest.raises(Mismatch, match="nothing was drawn"):
            live(lambda histories: None).figure("f", sample_histories())
        assert len(live(plot).figure("f", sample_histories()).lines) == 3
        assert len(own.axes[0].lines) == 1
        assert plt.gcf() is own
    finally:
        plt.close(own)


def test_showing_the_picture_does_not_lose_it(monkeypatch):
    """Jupyter's `show` closes every figure."""
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    closing = plt.show

    def f(histories):
        plot(histories)
        plt.show()

    assert len(live(f).figure("f", sample_histories()).lines) == 3
    assert plt.show is closing


def test_histories_changed_by_the_function_do_not_reach_the_check():
    histories = sample_histories()

    def f(given):
        given["adam"].history["loss"].clear()
        plt.plot([1])

    live(f).figure("f", histories)
    assert len(histories["adam"].history["loss"]) == 5


def test_what_is_no_tensor_stays_as_it_is(odd):
    assert plain_value(odd) is odd


class Tensor:
    """Stands for TensorFlow's: a symbolic one has no value."""

    def __init__(self, value):
        self.value = value

    def numpy(self):
        if self.value is None:
            raise NotImplementedError("symbolic")
        return np.array(self.value)


Tensor.__module__ = "tensorflow.python"


def test_a_tensor_becomes_an_array():
    symbolic = Tensor(None)
    assert plain_value(Tensor([1, 2])).tolist() == [1, 2]
    assert plain_value(symbolic) is symbolic
