"""Notebooks of formats 1 to 3 are read without nbformat's converter, in no more memory than they have."""

import copy
import json

import nbformat
import pytest

from autograder.intake.notebook_file import MAX_CELLS, NotANotebook, parse_notebook
from autograder.intake.old_formats import cells_of_old_format


def worksheet(cells, version=3):
    return {"nbformat": version, "metadata": {}, "worksheets": [{"cells": cells}]}


def parsed(content):
    return parse_notebook(json.dumps(content).encode())


@pytest.mark.parametrize("level", [0, -1, 7, 1_500_000_000, 10**15, 1e9, "3", None, True, [1]])
def test_a_heading_has_the_levels_that_there_are(level):
    (cell,) = parsed(worksheet([{"cell_type": "heading", "level": level, "source": "x", "metadata": {}}])).cells
    assert (cell.kind, cell.source) == ("markdown", "# x")


def test_many_headings_are_as_short():
    heading = {"cell_type": "heading", "level": 10**9, "source": "x"}
    assert sum(len(cell.source) for cell in parsed(worksheet([heading] * MAX_CELLS)).cells) == 3 * MAX_CELLS


@pytest.mark.parametrize("sheets", [1, 2, 1_000])
def test_too_many_cells_are_refused_before_they_are_converted(sheets):
    cell = {"cell_type": "code", "input": "1"}
    cells = [cell] * (-(-MAX_CELLS // sheets) + 1)
    content = {"nbformat": 3, "worksheets": [{"cells": cells}] * sheets}
    assert len(cells_of_old_format(content, MAX_CELLS)) == MAX_CELLS + 1
    with pytest.raises(NotANotebook, match=r"at most 1,000 are read"):
        parsed(content)


def test_the_same_cells_as_by_nbformat(toy):
    new = toy.notebook(toy.answered())
    old = json.loads(json.dumps(nbformat.convert(nbformat.from_dict(copy.deepcopy(new)), 3)))
    # nbformat drops what format 3 does not name
    old["worksheets"][0]["cells"][4]["outputs"] = [{"output_type": "display_data", toy.MIME: {"run": "adam"}}]
    found = parsed(old)
    assert [(cell.kind, cell.source, cell.grade_id) for cell in found.cells] == [
        (cell.kind, cell.source, cell.grade_id) for cell in parsed(new).cells
    ]
    assert found.cells[4].outputs[0]["data"][toy.MIME] == {"run": "adam"}
    assert found.notes == ("The notebook has the old format 3; it was converted to format 4.",)


@pytest.mark.parametrize(
    "content",
    [
        {"nbformat": 3},
        {"nbformat": 3, "worksheets": []},
        {"nbformat": 3, "worksheets": [{"cells": {}}]},
        {"nbformat": 2, "worksheets": {"cells": []}},
        {"nbformat": 1, "worksheets": ["x", 1, None]},
    ],
)
def test_without_a_list_of_cells_it_is_no_notebook(content):
    with pytest.raises(NotANotebook, match="it has no list of cells"):
        parsed(content)


def test_what_is_no_cell_is_noted():
    found = parsed(worksheet([1, {"cell_type": "code", "input": ["a = 1\n", 3, "b = 2"], "outputs": "x"}, "y"]))
    assert [cell.source for cell in found.cells] == ["a = 1\nb = 2"]
    assert "Cells 1, 3 were left out: what stands there is not a notebook cell." in found.notes
