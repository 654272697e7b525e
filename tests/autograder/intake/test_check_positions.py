"""A check's position: behind the last cell of the student's that calls it, or where the release has it."""

import copy

import pytest


def order(submission):
    return [cell.grade_id if cell.role == "check" else cell.number for cell in submission.cells]


def test_the_releases_order_is_kept(toy):
    submission = toy.read(toy.answered())
    assert order(submission) == [2, 3, 5, 6, "data", 8, "size"]
    assert submission.exercises == {"data": ("one_hot", "prepare_images"), "size": ("conv_output_size",)}
    (data,) = [cell for cell in submission.cells if cell.grade_id == "data"]
    assert (data.number, data.source, data.checks) == (7, "", ("data",))


def test_a_check_that_was_moved_down_is_where_it_was_moved_to(toy):
    cells = toy.answered()
    cells += [toy.cell("code", "layers = 3"), cells.pop(6)]
    assert order(toy.read(cells)) == [2, 3, 5, 6, 7, "size", 12, "data"]


@pytest.mark.parametrize("with_id", [True, False])
def test_of_two_copies_of_a_check_the_last_counts(toy, with_id):
    cells = toy.answered()
    again = copy.deepcopy(cells[6])
    if not with_id:
        again["metadata"] = {}
    cells += [toy.cell("code", "layers = 3"), again]
    submission = toy.read(cells)
    assert [cell.number for cell in submission.cells if "data" in cell.checks][-1] == 14
    assert order(submission)[-2:] == [13, "data"] if with_id else [13, 14]


def test_a_deleted_check_stands_in_the_releases_position_under_no_number(toy):
    cells = toy.answered()
    del cells[6]
    submission = toy.read([*cells, toy.cell("code", "layers = 3")])
    assert order(submission) == [2, 3, 5, 6, "data", 7, "size", 12]
    (data,) = [cell for cell in submission.cells if cell.grade_id == "data"]
    assert data.number == 0


def test_a_check_above_its_function_waits_for_it(toy):
    cells = toy.answered()
    cells.insert(4, cells.pop(6))
    assert order(toy.read(cells)) == [2, 3, 6, 7, "data", 8, "size"]


def test_cells_of_the_students_own_say_which_checks_they_call(toy):
    cells = [*toy.answered(), toy.cell("code", "cnnkit.check.size(conv_output_size)\ncheck.data(1, 2)\n1 / 0")]
    assert toy.read(cells).cells[-1].checks == ("size", "data")
