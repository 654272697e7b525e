"""Written answers in other places than their cell: found where they are near, shown to a person where in doubt."""

import json

import pytest
from nbformat.notebooknode import from_dict
from nbgrader.utils import determine_grade

ANSWER = "Adam wins, since it adapts the rate of each weight by itself."
PLACE = 10


@pytest.fixture
def handed_in(toy):
    """Hand in the notebook with an untouched placeholder, and cells in other places."""

    def hand_in(*added, placeholder="YOUR ANSWER HERE", files=(), **changes):
        cells = toy.answered()
        cells[PLACE]["source"] = placeholder
        for place, source in changes.items():
            cells[int(place.removeprefix("cell"))]["source"] = source
        for place, cell in sorted(added, key=lambda one: -one[0]):
            cells.insert(place, cell)
        for name, text in dict(files).items():
            (toy.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (toy.folder / name).write_text(text)
        return toy.read(cells)

    return hand_in


def shown(submission):
    """The cell of the written answer as a person sees it, and its score if nobody has to look at it."""
    (cell,) = [
        one
        for one in json.loads(submission.notebook)["cells"]
        if one["metadata"].get("nbgrader", {}).get("grade_id") == "discussion"
    ]
    cell = from_dict(cell | {"source": "".join(cell["source"])})
    cell.metadata.nbgrader.setdefault("checksum", "")
    return cell.source, determine_grade(cell)[0]


@pytest.mark.parametrize("place", [PLACE, PLACE + 1], ids=["above", "below"])
@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("markdown", ANSWER),
        ("raw", ANSWER),
        ("markdown", f"### My answer\n\n{ANSWER}"),
        ("code", f"# {ANSWER}"),
        ("code", f"#{ANSWER}\n\n# And so on."),
        ("code", f'"""{ANSWER}"""'),
        ("code", f'answer = "{ANSWER}"'),
        ("code", f'print("{ANSWER}")'),
    ],
)
def test_text_beside_an_untouched_placeholder_is_the_answer(toy, handed_in, place, kind, source):
    submission = handed_in((place, toy.cell(kind, source)))
    assert ANSWER in submission.answers["discussion"]
    assert ANSWER in shown(submission)[0]
    assert "YOUR ANSWER HERE" not in shown(submission)[0]
    assert submission.notebook.decode().count(ANSWER) == 1
    assert (
        f"Cell {place + 1} was taken to be the written answer discussion, because of where it stands."
        in submission.notes
    )


@pytest.mark.parametrize(
    "placeholder", ["", "  \n", "**YOUR ANSWER HERE**", "Your answer here.", "YOUR ANSWER HERE\n\n"]
)
def test_a_placeholder_that_says_nothing_is_untouched(toy, handed_in, placeholder):
    submission = handed_in((PLACE + 1, toy.cell("markdown", ANSWER)), placeholder=placeholder)
    assert submission.answers == {"discussion": ANSWER}


def test_several_cells_are_one_answer_in_their_order(toy, handed_in):
    submission = handed_in(
        (PLACE + 1, toy.cell("markdown", "Third")),
        (PLACE + 1, toy.cell("code", "# Second")),
        (PLACE, toy.cell("markdown", "First")),
    )
    assert submission.answers == {"discussion": "First\n\nSecond\n\nThird"}
    said = "Cells 11, 13, 14 were taken to be the written answer discussion, because of where they stand."
    assert said in submission.notes


def test_a_short_answer_that_points_elsewhere_is_taken_together_with_it(toy, handed_in):
    submission = handed_in((PLACE + 1, toy.cell("markdown", ANSWER)), placeholder="See below.")
    assert submission.answers == {"discussion": f"See below.\n\n{ANSWER}"}


def test_a_whole_answer_is_left_alone(toy, handed_in):
    submission = handed_in((PLACE + 1, toy.cell("markdown", "My notes")), placeholder=ANSWER * 2)
    assert submission.answers == {"discussion": ANSWER * 2}
    assert submission.notebook.decode().count("My notes") == 1
    assert submission.notes == ()


def test_an_answer_in_the_text_below_the_cell(toy, handed_in):
    submission = handed_in(cell11=f"Hand in this file.\n\n{ANSWER}")
    assert submission.answers == {"discussion": ANSWER}


@pytest.mark.parametrize("without", ["metadata", "placeholder"])
def test_the_same_without_metadata_or_placeholder(toy, without):
    cells = toy.answered()
    cells[PLACE]["source"] = "YOUR ANSWER HERE"
    cells.insert(PLACE + 1, toy.cell("markdown", ANSWER))
    if without == "metadata":
        for cell in cells:
            cell["metadata"] = {}
    else:
        del cells[PLACE]
    assert toy.read(cells).answers == {"discussion": ANSWER}


@pytest.mark.parametrize("place", [0, 3, 8, 12])
def test_text_far_away_is_shown_to_a_person(toy, handed_in, place):
    submission = handed_in((place, toy.cell("markdown", ANSWER)))
    assert submission.answers == {}
    text, score = shown(submission)
    assert ANSWER in text
    assert f"Cell {place + 1}" in text
    assert score is None
    assert any("a person will decide" in note for note in submission.notes)


@pytest.mark.parametrize("source", ["# Notes", "x = 1", "print(x)", "%%time\nx = 1", "# a comment\nx = 2"])
def test_what_is_no_answer_leaves_the_placeholder_as_it_is(toy, handed_in, source):
    kind = "markdown" if source == "# Notes" else "code"
    submission = handed_in((2, toy.cell(kind, source)))
    assert submission.answers == {}
    assert shown(submission)[0] == "YOUR ANSWER HERE"
    assert not any("discussion" in note for note in submission.notes)


def test_code_beside_the_placeholder_is_no_answer_and_is_run(toy, handed_in):
    submission = handed_in((PLACE + 1, toy.cell("code", "# a comment\nx = 2")))
    assert submission.answers == {}
    assert submission.cells[-1].source == "# a comment\nx = 2"


@pytest.mark.parametrize(
    "source",
    [
        ANSWER,
        f"import keras\nprint(f'{ANSWER}')",
        f"display(Markdown('{ANSWER}'))",
        f"x = 3  # {ANSWER}",
        f"# {ANSWER}\nprint(3)",
        f"%%html\n<p>{ANSWER}</p>",
    ],
)
def test_code_that_says_something_beside_the_placeholder_is_shown_to_a_person(toy, handed_in, source):
    submission = handed_in((PLACE + 1, toy.cell("code", source)))
    assert submission.answers == {}
    text, score = shown(submission)
    assert ANSWER in text
    assert score is None
    assert any("discussion" in note for note in submission.notes)


def test_a_markdown_magic_is_the_answer(toy, handed_in):
    assert handed_in((PLACE + 1, toy.cell("code", f"%%markdown\n{ANSWER}"))).answers == {"discussion": ANSWER}


@pytest.mark.parametrize("name", ["answer.txt", "discussion.docx", "notes/Discussion.PDF", "answers.md"])
def test_a_file_that_may_hold_the_answer_is_left_to_a_person(toy, handed_in, name):
    submission = handed_in(files={name: ANSWER})
    assert submission.answers == {}
    text, score = shown(submission)
    assert name in text
    assert score is None
    assert [name in note for note in submission.left_aside] == [True]


@pytest.mark.parametrize("name", ["timestamp.txt", "README.md", "requirements.txt", "helper.py", "records/adam.txt"])
def test_other_files_are_no_answers(toy, handed_in, name):
    submission = handed_in(files={name: ANSWER})
    assert shown(submission)[0] == "YOUR ANSWER HERE"
    assert submission.left_aside == ()


def test_beside_an_answer_in_its_cell_files_are_files(toy, handed_in):
    submission = handed_in(placeholder=ANSWER, files={"answer.txt": "Another one."})
    assert submission.answers == {"discussion": ANSWER}
    assert submission.left_aside == ()
