import pytest

from autograder.intake.notebook_file import SubmittedCell, SubmittedNotebook
from autograder.intake.notebook_work import belongs, find_work
from autograder.intake.release_notebook import load_releases


@pytest.fixture
def release(toy):
    return load_releases(toy.course, "toy")["toy"]


def work(release, *sources, kind="code", grade_id=""):
    cells = [SubmittedCell(number, kind, source, grade_id) for number, source in enumerate(sources, 1)]
    return find_work(SubmittedNotebook(tuple(cells)), release)


HEAD = 'def conv_output_size(size, kernel, stride=1, padding="valid"):\n'


@pytest.mark.parametrize(
    "source",
    [
        HEAD + "    return 3",
        HEAD + "    size = 3\n    raise NotImplementedError()",
        HEAD + "    return",
        HEAD + "    raise ValueError",
        HEAD + "    return (size",
        "conv_output_size = lambda *a: 3",
        "from functools import partial\nconv_output_size = partial(max, 3)",
        "from mine import conv_output_size",
        "%%time\n" + HEAD + "    return 3",
        "def conv_output_size(n): return n\n\nprint(conv_output_size(3))",
        "class conv_output_size:\n    pass",
    ],
)
def test_an_exercise_is_done(release, source):
    assert work(release, source).done == {"conv_output_size"}


@pytest.mark.parametrize(
    "source",
    [
        HEAD + "    raise NotImplementedError()",
        HEAD + "    raise NotImplementedError",
        HEAD + '    """My own words."""\n    raise NotImplementedError("later")',
        HEAD + "    # I will do it tomorrow\n    pass",
        HEAD + "    ...",
        HEAD
        + '    """Length of a convolution\'s output."""\n\n\n    # YOUR CODE HERE\n    raise NotImplementedError()',
        "print(conv_output_size)",
        "# def conv_output_size(n): return n",
        "",
    ],
)
def test_an_exercise_is_not_done(release, source):
    assert not work(release, source).done


def test_a_written_answer_is_work_and_its_placeholder_is_not(release):
    assert work(release, "Adam wins.", kind="markdown", grade_id="discussion").done == {"discussion"}
    assert work(release, "YOUR ANSWER HERE", kind="markdown", grade_id="discussion").untouched
    assert work(release, "", kind="markdown", grade_id="discussion").untouched


def test_cells_of_the_students_own_are_work_and_the_releases_with_values_filled_in_are_not(toy, release):
    assert not work(release, "print('mine')").untouched
    assert not work(release, "I think that Adam wins.", kind="markdown").untouched
    assert work(release, toy.START.replace('""', '"s01"'), toy.SETUP.replace("10", "3")).untouched


def test_work_that_differs_is_named(release):
    one, two = (
        work(release, HEAD + "    return 3"),
        work(release, HEAD + "    return 4", "def one_hot(labels): return 1"),
    )
    assert one.adds_to(two) == ["conv_output_size"]
    assert two.adds_to(one) == ["conv_output_size", "one_hot"]
    assert one.adds_to(work(release, HEAD + "    # a remark\n    return  3")) == []


def test_a_function_that_two_assignments_have_does_not_decide(toy):
    cells = toy.release_cells()
    cells[2]["source"] = toy.START.replace("toy", "chess")
    cells[4]["source"] = "def board():\n    pass"
    toy.add_assignment("chess", cells)
    releases = load_releases(toy.course, "toy")
    both = SubmittedCell(1, "code", HEAD + "    return 1")
    chess, ours = SubmittedCell(2, "code", "def board(): return 8"), SubmittedCell(3, "code", "cnnkit.start('toy')")
    assert belongs(SubmittedNotebook((both,)), "toy", releases) == (True, "")
    assert belongs(SubmittedNotebook((both, chess)), "toy", releases) == (False, "chess")
    assert belongs(SubmittedNotebook((both, chess, ours)), "toy", releases) == (True, "")


def test_an_assignment_without_a_release_is_no_obstacle(toy):
    toy.add_assignment("chess", [])
    (toy.root / "assignments" / "chess" / "chess.ipynb").unlink()
    assert list(load_releases(toy.course, "toy")) == ["toy"]
