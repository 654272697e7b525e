"""Every rubric brings mutants for each of its checks: the rule for every assignment of the course."""

import pytest

from autograder.audit.library import Library, read_library
from autograder.audit.samples import Sample, SampleError, apply_samples
from autograder.course.config import load_course
from autograder.rubric import run as rubric

COURSE = load_course()
ASSIGNMENTS = list(COURSE.assignments)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_check_has_a_mutant(name):
    assert read_library(COURSE, name).unguarded(rubric.check_ids(name, COURSE.assignment(name))) == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_mutants_name_checks_that_there_are(name):
    checks = set(rubric.check_ids(name, COURSE.assignment(name)))
    for sample in read_library(COURSE, name).mutants:
        assert set(sample.fails) <= checks, sample.name
        assert len(set(sample.fails)) == len(sample.fails), sample.name


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_mutant_says_what_its_message_must_say(name):
    for sample in read_library(COURSE, name).mutants:
        assert sample.says, sample.name


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_sample_changes_the_reference(name):
    library = read_library(COURSE, name)
    for sample in (*library.mutants, *library.equivalents):
        changed = apply_samples(library.reference, [sample]) != dict(library.reference)
        assert changed or sample.records is not None, sample.name


def test_the_readme_counts_them_right(root):
    libraries = [read_library(COURSE, name) for name in ASSIGNMENTS]
    wrong, right = (sum(len(getattr(one, kind)) for one in libraries) for kind in ("mutants", "equivalents"))
    text = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    assert f"puts {wrong} wrong answers and {right} right ones" in text


def test_a_check_without_a_mutant_is_found():
    mutants = (Sample("a", "cell", fails=("one.first",)), Sample("b", "cell", fails=("one.first", "one.second")))
    library = Library("small", {}, {}, mutants, (), COURSE.assignment(ASSIGNMENTS[0]).limits)
    assert library.unguarded(["one.first", "one.second", "one.third"]) == ["one.third"]


@pytest.fixture
def rubric_of(monkeypatch):
    """A rubric of one name whose samples are what the test says."""
    from autograder.rubrics.mnist_convnet import equivalents, mutants

    def put(wrong, right=()):
        monkeypatch.setattr(mutants, "MUTANTS", list(wrong))
        monkeypatch.setattr(equivalents, "EQUIVALENTS", list(right))
        return lambda: read_library(COURSE, "mnist_convnet")

    return put


def test_a_rubric_without_mutants(rubric_of):
    with pytest.raises(SampleError, match=r"expected autograder/rubrics/nothing/mutants.py, found none"):
        read_library(COURSE, "nothing")


def test_two_samples_of_one_name(rubric_of):
    read = rubric_of([Sample("same", "cell", fails=("a.b",))], [Sample("same", "cell")])
    with pytest.raises(SampleError, match="found twice: same"):
        read()


def test_a_mutant_that_need_not_fail_anything(rubric_of):
    with pytest.raises(
        SampleError, match="every mutant of mnist_convnet to name the checks that it fails; not so: idle"
    ):
        rubric_of([Sample("idle", "cell")])()
