"""Damage to a submitted notebook, one kind a test, and what intake makes of it."""

import copy
import json
import random

import pytest


def ran(submission):
    return [cell for cell in submission.cells if cell.role != "check"]


def code_of(submission):
    return [cell.source for cell in ran(submission)]


def find(submission, grade_id):
    (cell,) = [cell for cell in ran(submission) if cell.grade_id == grade_id]
    return cell


def test_an_untouched_notebook_is_its_own_repair_and_needs_no_note(toy):
    submission = toy.read(toy.answered())
    assert submission.notes == ()
    assert [(cell.number, cell.grade_id, cell.role) for cell in ran(submission)] == [
        (2, "setup", "given"),
        (3, "", "given"),
        (5, "data_solution", "student"),
        (6, "look", "given"),
        (8, "size_solution", "student"),
    ]
    assert submission.answers == {"discussion": "Adam wins, since it adapts."}


def test_the_blank_release_has_its_stubs_and_no_answer(toy):
    submission = toy.read(toy.release_cells())
    assert find(submission, "data_solution").source == toy.DATA
    assert submission.answers == {}
    assert submission.notes == ("Nothing was written into toy.ipynb: it is the assignment as it was given out.",)


def test_stripped_metadata(toy):
    cells = toy.answered()
    for cell in cells:
        cell["metadata"] = {}
    submission = toy.read(cells)
    assert code_of(submission) == code_of(toy.read(toy.answered()))
    assert [cell.grade_id for cell in ran(submission) if cell.role == "student"] == ["data_solution", "size_solution"]
    assert submission.answers == {"discussion": "Adam wins, since it adapts."}
    assert any("lost its nbgrader metadata" in note for note in submission.notes)


def test_an_answer_that_moved_without_metadata_is_found_as_the_only_text_left(toy):
    cells = toy.answered()
    for cell in cells:
        cell["metadata"] = {}
    random.Random(1).shuffle(cells)
    assert toy.read(cells).answers == {"discussion": "Adam wins, since it adapts."}


def test_a_copied_solution_cell_the_later_definition_counts(toy):
    cells = toy.answered()
    first = copy.deepcopy(cells[7])
    first["source"] = first["source"].replace("// stride", "/ stride")
    cells.insert(7, first)
    submission = toy.read(cells)
    assert code_of(submission)[-2:] == [first["source"], toy.MY_SIZE]
    assert find(submission, "size_solution").number == 9
    assert any("Cells 8, 9 are copies of one cell (size_solution)" in note for note in submission.notes)


@pytest.mark.parametrize("place", [0, 7, 8, 12])
@pytest.mark.parametrize("with_id", [True, False])
def test_an_untouched_copy_of_the_stub_never_overwrites_the_answer(toy, place, with_id):
    cells = toy.answered()
    cells.insert(place, toy.cell("code", toy.SIZE, "size_solution" if with_id else "", solution=True))
    submission = toy.read(cells)
    assert toy.SIZE not in code_of(submission)
    assert find(submission, "size_solution").source == toy.MY_SIZE


@pytest.mark.parametrize("place", [5, 9])
def test_an_answer_written_beside_its_stub_takes_its_place(toy, place):
    cells = toy.answered()
    cells[7]["source"] = toy.SIZE
    cells.insert(place, toy.cell("code", toy.MY_SIZE))
    submission = toy.read(cells)
    assert find(submission, "size_solution").source == toy.MY_SIZE
    assert toy.SIZE not in code_of(submission)


def test_two_solutions_in_one_cell(toy):
    cells = toy.answered()
    cells[4]["source"] = toy.MY_DATA + "\n\n" + toy.MY_SIZE
    cells[7]["source"] = toy.SIZE
    submission = toy.read(cells)
    assert [cell.source for cell in ran(submission) if cell.role == "student"] == [toy.MY_DATA + "\n\n" + toy.MY_SIZE]
    sources = ["".join(cell["source"]) for cell in json.loads(submission.notebook)["cells"]]
    assert "# Written in cell 5 of the notebook as it was handed in." in sources


def test_a_solution_split_over_several_cells_keeps_all_of_them_in_order(toy):
    cells = toy.answered()
    one, two = toy.MY_DATA.split("\n\n\n")
    cells[4]["source"] = one
    cells[5:5] = [toy.cell("code", "SCALE = 255"), toy.cell("code", two)]
    submission = toy.read(cells)
    assert [(c.number, c.source) for c in ran(submission) if c.role == "student"][:3] == [
        (5, one),
        (6, "SCALE = 255"),
        (7, two),
    ]


def test_the_halves_of_a_solution_are_no_copies(toy):
    cells = toy.answered()
    one, two = toy.MY_DATA.split("\n\n\n")
    half = copy.deepcopy(cells[4])
    cells[4]["source"], half["source"] = one, two
    cells.insert(5, half)
    submission = toy.read(cells)
    assert [cell.source for cell in ran(submission) if cell.role == "student"][:2] == [one, two]
    assert submission.notes == ("Cells 5, 6 are parts of one cell (data_solution); all of them count.",)


def test_deleted_cells_are_put_back(toy):
    cells = [cell for number, cell in enumerate(toy.answered()) if number not in (1, 6, 8)]
    submission = toy.read(cells)
    assert (find(submission, "setup").source, find(submission, "setup").number) == (toy.SETUP, 0)
    assert "Cells of the assignment were missing and were put back: setup, data, size." in submission.notes
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in json.loads(submission.notebook)["cells"]]
    assert {"data", "size", "setup"} <= set(ids)


def test_a_deleted_solution_is_not_invented(toy):
    cells = toy.answered()
    del cells[7]
    submission = toy.read(cells)
    assert "conv_output_size" not in "".join(code_of(submission))
    assert any("conv_output_size() was not found" in note for note in submission.notes)


def test_a_deleted_answer_is_said(toy):
    cells = toy.answered()
    del cells[10]
    submission = toy.read(cells)
    assert submission.answers == {}
    assert any("discussion is missing" in note for note in submission.notes)


def test_reordered_cells_keep_the_students_order_with_given_cells_first(toy):
    submission = toy.read(toy.answered()[::-1])
    assert [cell.grade_id for cell in ran(submission)] == ["setup", "", "size_solution", "data_solution", "look"]


def test_an_added_cell_stays_where_it_was(toy):
    cells = toy.answered()
    cells.insert(6, toy.cell("code", "print(images.mean())"))
    cells.insert(1, toy.cell("markdown", "My notes"))
    submission = toy.read(cells)
    assert [cell.number for cell in ran(submission)] == [3, 4, 6, 7, 8, 10]
    assert [cell.role for cell in ran(submission)][4] == "student"
    assert submission.notes == ()


def test_an_added_cell_that_trains_is_kept(toy):
    cells = [*toy.answered(), toy.cell("code", "model.fit(x, y, epochs=1000)")]
    assert code_of(toy.read(cells))[-1] == "model.fit(x, y, epochs=1000)"


def test_an_edited_given_cell_gives_way_to_the_release_but_keeps_what_it_adds(toy):
    cells = toy.answered()
    cells[1]["source"] = "import numpy as np\nfrom keras import layers\nEPOCHS = 3"
    submission = toy.read(cells)
    assert code_of(submission)[:2] == [toy.SETUP, "from keras import layers"]
    assert submission.cells[1].role == "student"
    assert "Cell 2 (setup) is given and was changed: the original was used, and what you added (layers) was kept." in (
        submission.notes
    )


@pytest.mark.parametrize(("more", "same"), [(0, True), (1, False)])
def test_four_fifths_alike_is_the_releases_cell_and_less_is_the_students_own(toy, more, same):
    """Of a text and a longer one, the added characters may be a fifth of both lengths together."""
    cells = toy.answered()
    rewritten = toy.SETUP + "\n#" + "§" * (len(toy.SETUP) // 2 - 2 + more)
    cells[1] |= {"metadata": {}, "source": rewritten}
    submission = toy.read(cells)
    assert (rewritten in code_of(submission)) != same
    assert find(submission, "setup").number == (2 if same else 0)


@pytest.mark.parametrize(("equal", "same"), [(2_000, True), (1_640, True), (1_560, False)])
def test_the_first_2000_characters_decide_about_likeness(toy, equal, same):
    path = toy.root / "assignments/toy/toy.ipynb"
    released = toy.release_cells()
    source = "#" + "a" * 1_999
    released.insert(1, toy.cell("code", source + "b" * 3_000, "long", locked=True))
    path.write_text(json.dumps(toy.notebook(released)))
    mine = source[:equal] + "c" * (6_000 - equal)
    cells = toy.answered()
    cells.insert(1, toy.cell("code", mine))
    assert (mine in code_of(toy.read(cells))) != same


def test_of_two_cells_that_resemble_a_given_one_the_nearer_is_taken(toy):
    cells = toy.answered()
    near, far = toy.SETUP + "\n# mine", toy.SETUP + "\n# a longer remark"
    cells[1] |= {"metadata": {}, "source": near}
    cells.insert(1, toy.cell("code", far))
    submission = toy.read(cells)
    assert far in code_of(submission)
    assert near not in code_of(submission)


def test_of_copies_of_a_given_cell_the_first_stands_for_it(toy):
    cells = toy.answered()
    cells.insert(9, copy.deepcopy(cells[1]))
    assert find(toy.read(cells), "setup").number == 2


def test_of_two_texts_without_a_place_none_is_taken_as_the_answer(toy):
    cells = toy.answered()
    del cells[10]
    cells[0:0] = [toy.cell("markdown", "One remark"), toy.cell("markdown", "Another remark")]
    assert toy.read(cells).answers == {}


def test_filling_in_the_student_id_is_no_edit(toy):
    cells = toy.answered()
    cells[2]["source"] = toy.START.replace('student=""', 'student="s01"')
    submission = toy.read(cells)
    assert submission.notes == ()
    assert find(submission, "").source == toy.START
    assert b"s01" in submission.notebook


def test_a_cell_to_fill_in_keeps_what_was_filled_in_for_the_reader(toy):
    path = toy.root / "assignments/toy/toy.ipynb"
    released = toy.release_cells()
    released.insert(4, toy.cell("code", "prediction = [\n    None,\n    None,\n]"))
    path.write_text(json.dumps(toy.notebook(released)))
    cells = toy.answered()
    filled = (
        "from math import floor\nprediction = [(13, 13, 64), 640 + floor(0.5), 'I am not sure about this one at all']"
    )
    cells.insert(4, toy.cell("code", filled))
    submission = toy.read(cells)
    assert submission.notes == ()
    assert code_of(submission)[2:4] == [released[4]["source"], "from math import floor"]
    assert ["".join(cell["source"]) for cell in json.loads(submission.notebook)["cells"]].count(filled) == 1
    assert submission.notebook.count(b"from math import floor") == 1


@pytest.mark.parametrize("number", [1, 5, 6, 9], ids=["given", "look", "check", "training"])
def test_an_exercise_written_into_a_given_cell_counts(toy, number):
    cells = toy.answered()
    original = cells[number]["source"]
    cells[number]["source"] = toy.MY_SIZE + "\n" + original
    del cells[7]
    submission = toy.read(cells)
    assert toy.MY_SIZE + "\n" + original in [cell.source for cell in ran(submission) if cell.role == "student"]
    assert any("conv_output_size() was written into it" in note for note in submission.notes)


def test_an_edited_check_is_not_run_and_its_release_text_stands(toy):
    cells = toy.answered()
    cells[6]["source"] = "print('always right')\nimport os\nos.system('true')"
    submission = toy.read(cells)
    assert code_of(submission)[3:5] == [toy.LOOK, "import os"]
    sources = ["".join(cell["source"]) for cell in json.loads(submission.notebook)["cells"]]
    assert "cnnkit.check.data(prepare_images, one_hot)" in sources
    assert not any("always right" in source for source in sources)


def test_a_copied_check_in_which_the_answer_was_written(toy):
    cells = toy.answered()
    cells[7] = toy.cell("code", toy.MY_SIZE, "data", grade=True, points=2)
    submission = toy.read(cells)
    assert toy.MY_SIZE in code_of(submission)


@pytest.mark.parametrize(
    "source", ["def conv_output_size(size, kernel)\n    return 1", "    def conv_output_size(s):\n  pass"]
)
@pytest.mark.parametrize("with_id", [True, False])
def test_a_syntax_error_stays_as_it_is(toy, source, with_id):
    cells = toy.answered()
    cells[7]["source"] = source
    if not with_id:
        cells[7]["metadata"] = {}
    submission = toy.read(cells)
    assert find(submission, "size_solution").source == source


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("with_id", [True, False])
def test_a_solution_that_became_text_is_turned_back(toy, kind, with_id):
    cells = toy.answered()
    cells[7]["cell_type"] = kind
    if not with_id:
        cells[7]["metadata"] = {}
    submission = toy.read(cells)
    assert find(submission, "size_solution").source == toy.MY_SIZE
    assert any(("turned back" if with_id else "was run as code") in note for note in submission.notes)


@pytest.mark.parametrize("with_id", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "```python\n{}\n```",
        "Here:\n\n```\n{}\n```\nDone.",
        "~~~py\n{}\n~~~",
        "````{{python}}\n{}\n````",
        "```python\n{}",
        "```python\nIn [5]:\n{}\n```",
    ],
)
def test_a_solution_in_fenced_markdown_is_code(toy, text, with_id):
    cells = toy.answered()
    cells[7] |= {"cell_type": "markdown", "source": text.format(toy.MY_SIZE)}
    if not with_id:
        cells[7]["metadata"] = {}
    submission = toy.read(cells)
    assert find(submission, "size_solution").source.strip() == toy.MY_SIZE.strip()
    assert any(("turned back" if with_id else "was run as code") in note for note in submission.notes)


@pytest.mark.parametrize("text", ["```bash\n{}\n```", "```text\n{}\n```", "`{}`"])
def test_other_quotations_are_no_solution(toy, text):
    cells = toy.answered()
    cells[7] |= {"cell_type": "markdown", "source": text.format(toy.MY_SIZE)}
    assert "conv_output_size" not in "".join(code_of(toy.read(cells)))


def test_fenced_code_beside_a_solution_is_not_used(toy):
    cells = [*toy.answered(), toy.cell("markdown", f"```python\n{toy.MY_SIZE.replace('//', '/')}\n```")]
    assert code_of(toy.read(cells)) == code_of(toy.read(toy.answered()))


@pytest.mark.parametrize(
    "name",
    [
        "Conv_Output_Size",
        "convOutputSize",
        "conv_output_sizes",
        "conv_out_size",
        "conv_outputsize",
        "my_conv_output_size",
    ],
)
@pytest.mark.parametrize("with_id", [True, False])
def test_a_renamed_function_is_named(toy, name, with_id):
    cells = toy.answered()
    cells[7]["source"] = toy.MY_SIZE.replace("conv_output_size", name)
    if not with_id:
        cells[7]["metadata"] = {}
    notes = toy.read(cells).notes
    assert any(f"`conv_output_size` was not found; cell 8 defines `{name}`. Was it renamed?" in note for note in notes)


@pytest.mark.parametrize("name", ["images", "size", "prepare_images", "convolve"])
def test_names_that_are_not_near_are_not_named(toy, name):
    cells = toy.answered()
    cells[7]["source"] = f"def {name}():\n    pass"
    assert not any("renamed" in note for note in toy.read(cells).notes)


def test_prose_in_the_place_of_a_solution_is_no_code(toy):
    cells = toy.answered()
    cells[7] |= {"cell_type": "markdown", "source": "I could not do this one."}
    submission = toy.read(cells)
    assert "I could not" not in "".join(code_of(submission))
    assert b"I could not do this one." in submission.notebook


def test_an_answer_typed_into_a_code_cell_is_still_an_answer(toy):
    cells = toy.answered()
    cells[10] |= {"cell_type": "code", "outputs": []}
    submission = toy.read(cells)
    assert submission.answers == {"discussion": "Adam wins, since it adapts."}
    assert "Adam" not in "".join(code_of(submission))


def test_magics_do_not_hide_a_function(toy):
    cells = toy.answered()
    cells[7] |= {"source": "%matplotlib inline\n!ls\n" + toy.MY_SIZE, "metadata": {}}
    assert find(toy.read(cells), "size_solution").source.endswith(toy.MY_SIZE)


def test_students_cannot_tag_their_cells_out_of_grading(toy):
    cells = toy.answered()
    cells[7]["metadata"]["tags"] = ["skip-in-grading"]
    assert find(toy.read(cells), "size_solution").source == toy.MY_SIZE


def test_a_thousand_cells_are_matched_in_reasonable_time(toy):
    noise = [toy.cell("code", f"print({i})\n" + "x = 'some text to compare'\n" * 70) for i in range(980)]
    cells = toy.answered()
    for cell in cells:
        cell["metadata"] = {}
    for number in (1, 2, 5, 6, 9):
        cells[number]["source"] = f"# gone {number}"
    assert len(toy.read([*noise, *cells]).cells) > 980


def test_a_notebook_pasted_into_itself_is_one_note(toy):
    cells = toy.answered()
    doubled = [*cells, *copy.deepcopy(cells), *copy.deepcopy(cells)]
    notes = [note for note in toy.read(doubled).notes if "copies" in note]
    assert len(notes) == 1
    assert "cells stand in the notebook more than once, as if it had been pasted into itself" in notes[0]
