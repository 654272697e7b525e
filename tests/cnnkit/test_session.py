"""Starting an assignment: greeting, seed, and mistakes in the call."""

import subprocess
import sys
import types
from pathlib import Path

import pytest

from cnnkit import session

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def seeds(monkeypatch):
    """A stand-in for Keras that notes the seeds it is given, and no session left over."""
    given = []
    fake = types.SimpleNamespace(utils=types.SimpleNamespace(set_random_seed=given.append))
    monkeypatch.setitem(sys.modules, "keras", fake)
    monkeypatch.setattr(session, "_current", None)
    return given


def test_nothing_is_started_at_first():
    assert session.current_session() is None


def test_start_remembers_and_seeds(seeds):
    begun = session.start("mnist_convnet", student="s1234567")
    assert session.current_session() is begun
    assert (begun.assignment, begun.student, begun.quick) == ("mnist_convnet", "s1234567", False)
    assert seeds == [begun.seed]


def test_the_seed_is_the_same_everywhere_and_one_student_s_own():
    assert session.seed_of("mnist_convnet", "s1") == 1114434579
    assert session.seed_of("mnist_convnet", "s1") != session.seed_of("mnist_convnet", "s2")
    assert session.seed_of("mnist_convnet", "s1") != session.seed_of("lenet", "s1")


@pytest.mark.parametrize("student", ["", "s1", "Ωμέγα", "\ud800", "x" * 10_000])
def test_the_seed_has_31_bits(student):
    assert 0 <= session.seed_of("mnist_convnet", student) < 2**31


def test_space_around_the_student_id_does_not_change_the_seed():
    assert session.start("mnist_convnet", student=" s1 ") == session.start("mnist_convnet", student="s1")


def test_letters_that_cannot_be_printed_are_left_out():
    """A grader reads no record of such a student."""
    assert session.start("mnist_convnet", student="s1\u202e\x07").student == "s1"


def test_a_missing_student_id_is_asked_for_kindly():
    text = repr(session.start("mnist_convnet"))
    assert "write yours between the quotes" in text
    assert "write yours" not in repr(session.start("mnist_convnet", student="s1"))


def test_the_greeting_names_exercises_points_and_mode():
    quick = repr(session.start("mnist_convnet", student="s1", quick=True))
    assert (
        "data 2, arithmetic 4, architecture 6, training 5, curves 3, repair 2, discussion 4 (read by a person)" in quick
    )
    assert "QUICK = False" in quick
    assert "QUICK" not in repr(session.start("mnist_convnet", student="s1"))


def test_the_greeting_escapes_what_a_student_wrote():
    html = session.start("mnist_convnet", student="<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("name", ["mnist-convnet", "mnist_convet", "MNIST_convnet"])
def test_a_mistyped_assignment_is_answered_with_the_nearest(name):
    with pytest.raises(ValueError, match="Did you mean 'mnist_convnet'"):
        session.start(name)
    assert session.current_session() is None


@pytest.mark.parametrize("name", ["recurrent", "", None, 3])
def test_an_unknown_assignment_is_answered_with_those_there_are(name):
    with pytest.raises(ValueError, match="Expected one of: 'mnist_convnet'"):
        session.start(name)


def test_a_student_id_without_quotes_is_explained():
    with pytest.raises(TypeError, match='student="1234567"'):
        session.start("mnist_convnet", student=1234567)


def test_importing_it_does_not_import_keras():
    code = (
        "import sys, cnnkit.session, cnnkit.catalog.index; print('keras' in sys.modules, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
