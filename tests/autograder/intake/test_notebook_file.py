import json

import pytest

from autograder.intake.notebook_file import MAX_CELL, MAX_CELLS, NotANotebook, parse_notebook

CELL = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}


def written(cells=(CELL,), **fields):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields})


def test_reads_text_and_lists_of_lines():
    found = parse_notebook(written([CELL, {**CELL, "source": ["a = 1\n", "b = 2"]}]).encode())
    assert [cell.source for cell in found.cells] == ["x = 1", "a = 1\nb = 2"]
    assert [cell.number for cell in found.cells] == [1, 2]
    assert found.notes == ()


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_version_of_format_4(minor):
    assert parse_notebook(written(nbformat_minor=minor).encode()).notes == ()


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("utf-8-sig", "byte order mark"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-32", "UTF-32")],
)
def test_other_encodings_are_read_with_a_note(encoding, word):
    found = parse_notebook(written([{**CELL, "source": "# é"}]).encode(encoding))
    assert found.cells[0].source == "# é"
    assert word in found.notes[0]


def test_bytes_that_are_not_utf8_are_read_with_a_note():
    found = parse_notebook(written().replace("x = 1", "x = 1 # caf?").encode().replace(b"?", b"\xe9"))
    assert found.cells[0].source == "x = 1 # café"
    assert "not UTF-8" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty (0 bytes)"),
        (b" \n\n", "empty"),
        (b"\x00" * 100, "empty"),
        (b"PK\x03\x04whatever", "ZIP archive"),
        (b"%PDF-1.4", "PDF"),
        (b"\n<!doctype html>", "web page"),
        (b"import keras\n", "not valid JSON"),
        (b"[1, 2]", "a list"),
        (b'"text"', "a text"),
        (b"null", "null"),
        (b"3", "a number"),
        (b"{}", "no list of cells"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"cells": {"a": 1}, "nbformat": 4}', "no list of cells"),
        (b'{"metadata": {"a": "', "breaks off"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive"),
        (b"Rar!\x1a\x07\x00", "RAR archive"),
        (b"[" * 100_000, "beyond what can be read"),
        (b'{"cells": ' + b"9" * 10_000 + b"}", "beyond what can be read"),
        (b'{"worksheets": [{"cells": 3}], "nbformat": 3}', "no list of cells"),
        (b'{"cells": [' + b"[]," * 1_600_000 + b"[]]}", "more than 3,000,000 values, even without its outputs"),
    ],
)
def test_what_is_not_a_notebook_is_refused_in_words(data, word):
    with pytest.raises(NotANotebook) as refused:
        parse_notebook(data)
    assert word in str(refused.value)


def test_commas_inside_text_do_not_count_as_values():
    output = {"output_type": "stream", "name": "stdout", "text": "1, " * 3_100_000}
    assert len(parse_notebook(written([{**CELL, "outputs": [output]}]).encode()).cells) == 1


def test_a_million_lines_of_output_are_left_out():
    output = {"output_type": "stream", "name": "stdout", "text": ["a line\n"] * 3_100_000}
    found = parse_notebook(written([CELL, {**CELL, "source": "y = 2", "outputs": [output]}]).encode())
    assert [cell.source for cell in found.cells] == ["x = 1", "y = 2"]
    assert "very large because of its outputs" in found.notes[0]


def test_format_3_is_converted_with_a_note():
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "metadata": {}, "source": "Title"},
                    {"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": []},
                ],
                "metadata": {},
            }
        ],
    }
    found = parse_notebook(json.dumps(old).encode())
    assert [(cell.kind, cell.source) for cell in found.cells] == [("markdown", "## Title"), ("code", "x = 1")]
    assert "old format 3" in found.notes[0]


def test_a_strange_version_number_is_no_obstacle():
    found = parse_notebook(written(nbformat="four").encode())
    assert len(found.cells) == 1
    assert "'four'" in found.notes[0]


def test_cells_are_bounded():
    assert len(parse_notebook(written([CELL] * MAX_CELLS).encode()).cells) == MAX_CELLS
    with pytest.raises(NotANotebook, match=r"100,000 cells; at most 1,000"):
        parse_notebook(written([CELL] * 100_000).encode())


def test_a_huge_cell_is_left_out_and_the_others_stay():
    found = parse_notebook(written([CELL, {**CELL, "source": "#" * (MAX_CELL + 1)}, CELL]).encode())
    assert [cell.number for cell in found.cells] == [1, 3]
    assert "Cell 2 was left out" in found.notes[0]


def test_all_code_together_is_bounded():
    found = parse_notebook(written([{**CELL, "source": "#" * 900_000}] * 5).encode())
    assert [cell.number for cell in found.cells] == [1, 2, 3]
    assert len(found.notes) == 2


def test_what_is_not_a_cell_is_left_out_with_one_note():
    found = parse_notebook(written([None, CELL, 3, "x", []]).encode())
    assert [cell.number for cell in found.cells] == [2]
    assert found.notes == ("Cells 1, 3, 4, 5 were left out: what stands there is not a notebook cell.",)


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": None},
        {"metadata": {"nbgrader": [1]}},
        {"metadata": {"nbgrader": {"grade_id": {"a": 1}}}},
        {"metadata": {"nbgrader": {"grade_id": "x" * 1000}}},
        {"outputs": {"data": 1}},
        {"outputs": [None, 3, "x"]},
    ],
)
def test_garbage_in_a_cells_fields_leaves_the_cell(change):
    (cell,) = parse_notebook(written([{**CELL, **change}]).encode()).cells
    assert (cell.source, cell.grade_id, cell.outputs) == ("x = 1", "", ())


@pytest.mark.parametrize(("source", "text"), [(None, ""), (3, ""), ([1, "a\n", None, "b"], "a\nb"), ({"a": 1}, "")])
def test_a_source_that_is_no_text_counts_as_what_text_is_in_it(source, text):
    assert parse_notebook(written([{**CELL, "source": source}]).encode()).cells[0].source == text


def test_a_lone_surrogate_cannot_break_what_is_written_later():
    (cell,) = parse_notebook(written([{**CELL, "source": "x = '\ud800'"}]).encode()).cells
    assert cell.source.encode() == rb"x = '\ud800'"


def test_raw_line_breaks_in_json_strings_are_tolerated():
    assert parse_notebook(written([{**CELL, "source": "a@b"}]).replace("@", "\n").encode()).cells[0].source == "a\nb"


def test_a_notebook_that_breaks_off_has_the_cells_before_and_says_so():
    text = written([CELL, {**CELL, "source": "y = 2"}])
    for end, sources in (
        ("y = 2", ["x = 1"]),
        ('"x = 1"', []),
        ('"cells": [', []),
        (', "metadata": {}, "nb', ["x = 1", "y = 2"]),
    ):
        found = parse_notebook(text[: text.index(end) + len(end)].encode())
        assert [cell.source for cell in found.cells] == sources
        assert found.cut.startswith("breaks off after") == (end[:3] != ', "')


LINES = ["def f():", "    return 1"]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (LINES, "def f():\n    return 1"),
        (["# a comment", "x = 1"], "# a comment\nx = 1"),
        (["def f():\n", "    x = 1", "    return x\n"], "def f():\n    x = 1\n    return x\n"),
        (["%matplotlib inline", "x = 1"], "%matplotlib inline\nx = 1"),
        (["%%writefile a.py", "x = 1"], "%%writefile a.py\nx = 1"),
        (["x = 1", "", "y = 2"], "x = 1\n\ny = 2"),
        (["x = (1 +", "     2)"], "x = (1 +\n     2)"),
        (["x = 1\r", "y = 2"], "x = 1\ry = 2"),
        (["x = ", "1"], "x = 1"),
        (["x = 'a", "b'"], "x = 'ab'"),
        (["x ="], "x ="),
        ([], ""),
        (["a\n", "b\n"], "a\nb\n"),
    ],
)
def test_lines_of_code_without_their_breaks(lines, text):
    found = parse_notebook(written([{**CELL, "source": lines}]).encode())
    assert found.cells[0].source == text
    lacks = any(not line.endswith(("\n", "\r")) for line in lines[:-1])
    assert found.notes == (("Cell 1 was without line breaks between the lines; they were put back.",) if lacks else ())


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_lines_of_text_without_their_breaks(kind):
    cells = [{"cell_type": kind, "metadata": {}, "source": ["# Title", "a word"]}] * 2
    found = parse_notebook(written(cells).encode())
    assert found.cells[0].source == "# Title\na word"
    assert found.notes == ("Cells 1, 2 were without line breaks between the lines; they were put back.",)
