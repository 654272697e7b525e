"""Notebooks that are almost JSON: read where all cells are there, else named for what they are."""

import contextlib
import json

import pytest

from autograder.intake import Ungradable
from autograder.intake.notebook_json import MAX_EDITS, NotJson, read_json


def text_of(toy, cells=None, **fields):
    """The notebook as Jupyter writes it."""
    return json.dumps({**toy.notebook(cells or toy.answered()), **fields}, indent=1) + "\n"


def as_in_colab(toy, cells=None):
    """The notebook as Colab writes it: its cells come last."""
    found = toy.notebook(cells or toy.answered())
    return json.dumps({key: found[key] for key in ("nbformat", "nbformat_minor", "metadata", "cells")})


def is_whole(submission):
    return "my data" in " ".join(cell.source for cell in submission.cells) and bool(submission.answers)


def before(text, part, keep=0):
    return text[: text.rindex(part) + keep]


END = "The end of the notebook was missing; all cells are there, and it was read all the same."

ENDS = {
    "no last brace": lambda toy: text_of(toy).rstrip().removesuffix("}"),
    "no last brace in Colab": lambda toy: as_in_colab(toy).removesuffix("}"),
    "no last brackets in Colab": lambda toy: as_in_colab(toy).removesuffix("]}"),
    "half of the metadata": lambda toy: before(text_of(toy), '"display_name"', 5),
    "half of a word in the metadata": lambda toy: before(text_of(toy), "Python 3", 5),
    "no version": lambda toy: before(text_of(toy), '"nbformat"'),
    "half of the version": lambda toy: before(text_of(toy), '"nbformat_minor"', 9),
    "a colon last": lambda toy: before(text_of(toy), '"nbformat_minor":', 17),
    "half of a number": lambda toy: text_of(toy, nbformat_minor=55).rstrip().removesuffix("5\n}"),
    "the list of cells last": lambda toy: before(text_of(toy), "]", 1),
    "NUL bytes instead of the end": lambda toy: before(text_of(toy), '"nbformat"') + "\0" * 4_000,
    "an escaped quotation mark last": lambda toy: text_of(toy, zz='a"b').rstrip().removesuffix('b"\n}'),
}


@pytest.mark.parametrize("end", ENDS)
def test_where_the_end_is_missing_and_all_cells_are_there(toy, end):
    submission = toy.read(ENDS[end](toy).encode())
    assert is_whole(submission)
    assert submission.notes == (END,)


BEHIND = {
    "NUL bytes": ("\0" * 4_096, 0),
    "Ctrl-Z": ("\x1a", 0),
    "blanks": (" \n\n\t", 0),
    "one brace more": ("}", 1),
    "brackets": ("]}\n", 2),
    "an older end": ('": 5\n}\n', 6),
    "HTML": ("<script>analytics()</script>", 28),
    "a line": ("-- \nSent from my phone", 22),
    "itself": (None, None),
    "a text of NUL bytes": ("\0\0abc\0", 5),
}


@pytest.mark.parametrize("behind", BEHIND)
def test_what_stands_behind_the_end_is_ignored(toy, behind):
    rest, count = BEHIND[behind]
    text = text_of(toy)
    submission = toy.read((text + (text if rest is None else rest)).encode())
    count = len(text) if count is None else count
    assert is_whole(submission)
    (note,) = submission.notes or ("",)
    assert ("more characters; they were ignored" in note) == bool(count)


COMMAS = {
    "after the last cell": lambda text: text.replace("\n ],\n", ",\n ],\n"),
    "after the last field": lambda text: text.rstrip().removesuffix("}") + ",}",
    "in a cell": lambda text: text.replace('"outputs": []', '"outputs": [],,', 1),
    "in an empty list": lambda text: text.replace('"outputs": []', '"outputs": [,]', 1),
    "in every cell": lambda text: text.replace('"outputs": []', '"outputs": [,]'),
    "missing between two cells": lambda text: text.replace("  },\n  {", "  }\n  {", 1),
    "missing between all cells": lambda text: text.replace("  },\n  {", "  }\n  {"),
    "missing between two fields": lambda text: text.replace('"outputs": [],', '"outputs": []', 1),
    "missing behind the cells": lambda text: text.replace("\n ],\n", "\n ]\n"),
    "two in a row between cells": lambda text: text.replace("  },\n  {", "  },,\n  {", 1),
}


@pytest.mark.parametrize("place", COMMAS)
def test_commas_too_many_and_too_few(toy, place):
    text = text_of(toy)
    assert COMMAS[place](text) != text
    submission = toy.read(COMMAS[place](text).encode())
    assert is_whole(submission)
    (note,) = submission.notes
    assert "commas too many or too few in the notebook's JSON were put right" in note


def test_commas_in_a_students_text_stay(toy):
    cells = toy.answered()
    cells[7]["source"] = toy.MY_SIZE + "\nlist = '[1,,]' '{,}'  # \\"
    submission = toy.read((text_of(toy, cells).rstrip() + ",").encode())
    assert any("'[1,,]' '{,}'  # \\" in cell.source for cell in submission.cells)


def conflict(toy, ours, theirs):
    """Git's marks around the lines in which two notebooks differ."""
    one, two = text_of(toy, ours).split("\n"), text_of(toy, theirs).split("\n")
    first = next(number for number, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1])
    last = next(number for number, pair in enumerate(zip(one[::-1], two[::-1], strict=False)) if pair[0] != pair[1])
    inner = ["<<<<<<< HEAD", *one[first : len(one) - last], "=======", *two[first : len(two) - last], ">>>>>>> theirs"]
    return "\n".join([*one[:first], *inner, *one[len(one) - last :]])


@pytest.mark.parametrize("field", ["execution_count", "outputs", "metadata", "id"])
def test_a_merge_conflict_that_leaves_the_cells_alone(toy, field):
    theirs = toy.answered()
    theirs[4][field] = {"execution_count": 7, "outputs": [toy.record_output({})], "metadata": {"a": 1}, "id": "x"}[
        field
    ]
    submission = toy.read(conflict(toy, toy.answered(), theirs).encode())
    assert is_whole(submission)
    assert "both sides have the same cells, and the first one was read." in submission.notes[0]


@pytest.mark.parametrize("change", ["code", "text", "one cell more", "marks only", "no end"])
def test_a_merge_conflict_in_the_work_is_named(toy, change):
    theirs = toy.answered()
    if change == "one cell more":
        theirs.append(toy.cell("code", "print(1)"))
    else:
        theirs[10 if change == "text" else 7]["source"] = "x = 3"
    text = conflict(toy, toy.answered(), theirs)
    if change == "marks only":
        text = "<<<<<<< HEAD\n=======\n>>>>>>> theirs\n"
    elif change == "no end":
        text = text.replace(">>>>>>> theirs", "")
    toy.put(text.encode())
    with pytest.raises(Ungradable, match=r"^toy.ipynb contains Git merge conflict markers \(<<<<<<<\) on line \d+"):
        toy.read()


AROUND = {
    "a byte order mark twice": (lambda text: "\ufeff\ufeff" + text, "byte order mark"),
    "the head of a mail": (
        lambda text: "Content-Type: application/json\n\n" + text,
        "Before the notebook there were 32",
    ),
    "a prompt": (lambda text: "$ cat toy.ipynb\n" + text, "Before the notebook there were 16"),
    "JSON in a text": (lambda text: json.dumps(text), "JSON within a text"),
    "a server's answer": (
        lambda text: json.dumps({"content": json.loads(text), "type": "notebook"}),
        "server's answer",
    ),
}


@pytest.mark.parametrize("around", AROUND)
def test_what_is_around_the_notebook(toy, around):
    wrap, said = AROUND[around]
    submission = toy.read(wrap(text_of(toy)).encode())
    assert is_whole(submission)
    assert said in submission.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("end", ["no last brace", "half of the metadata"])
def test_other_encodings_whose_end_is_missing(toy, encoding, end):
    data = ENDS[end](toy).encode(encoding)
    assert is_whole(toy.read(data))
    assert is_whole(toy.read(data[:-1]))


def test_a_file_that_ends_within_a_character_keeps_its_accents(toy):
    cells = toy.answered()
    cells[10]["source"] = "Adam gewinnt, natürlich."
    data = json.dumps(toy.notebook(cells) | {"zz": "ü"}, ensure_ascii=False).encode()
    submission = toy.read(data[: data.rindex("ü".encode()) + 1])
    assert submission.answers == {"discussion": "Adam gewinnt, natürlich."}


# -- what is refused -------------------------------------------------------------------------------------------------


def cut_before(toy, part, tail=()):
    text = text_of(toy, [*toy.answered(), *tail])
    return text[: text.index(part)]


CUT = {
    "before the first cell": lambda toy: '{\n "cells": [',
    "in the first solution": lambda toy: cut_before(toy, "my data"),
    "behind the first solution": lambda toy: cut_before(toy, "cnnkit.check.data"),
    "in the last solution": lambda toy: cut_before(toy, "stride + 1"),
    "before the written answer": lambda toy: cut_before(toy, "Adam wins"),
    "in the outputs of a solution in Colab": lambda toy: before(as_in_colab(toy), '"id-size_solution"'),
}


@pytest.mark.parametrize("place", CUT)
def test_a_notebook_that_breaks_off_before_an_exercise_is_named(toy, place):
    data = CUT[place](toy).encode()
    toy.put(data)
    with pytest.raises(Ungradable, match=rf"^toy.ipynb breaks off after {len(data):,} bytes: it was not saved or upl"):
        toy.read()


@pytest.mark.parametrize("part", ["Hand in this file.", "print(12345)", '"x": 12'])
def test_a_notebook_that_breaks_off_behind_all_exercises_is_graded(toy, part):
    tail = [toy.cell("code", "print(12345)"), {**toy.cell("code", "1"), "metadata": {"x": 12}}]
    submission = toy.read(cut_before(toy, part, tail).encode())
    assert is_whole(submission)
    assert "all exercises come before that and were read." in submission.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "is a Git LFS pointer"),
        ("{'cells': [], 'nbformat': 4}", "as Python prints it, with single quotes"),
        ('{"cells": [{"cell_type"\0\0\0\0: "code"}]}', "is damaged: it contains NUL bytes"),
        ('{"cells": [}', "line 1 is not valid JSON"),
        ('{"cells": [{"a": 1]}', "line 1 is not valid JSON"),
        ('{"cells": [1 2]}', "line 1 is not valid JSON"),
        ('{"cells": :::}', "line 1 is not valid JSON"),
        ('{\n "cells": [],\n "a": oops}', "line 3 is not valid JSON"),
        ('{"nbformat": 4, "metadata": {"a', "breaks off after 31 bytes"),
        ("[" * 50_000, "beyond what can be read"),
        ('{"cells": [' + "[1,]," * (MAX_EDITS + 1) + "1]}", "line 1 is not valid JSON"),
    ],
)
def test_what_is_not_repaired_is_named(text, said):
    with pytest.raises(NotJson, match=said):
        read_json(text, len(text))


@pytest.mark.parametrize(
    "piece", ['"', "[", "{", ",", ":", "a ", '""', '"\\', "[1,", '{"a":[', "}", "\0", "<<<<<<<\n", "1 "]
)
def test_long_garbage_is_refused_in_linear_time(piece):
    for start in ("", '{"cells": [', '{"a": "'):
        text = start + piece * 100_000
        with contextlib.suppress(NotJson):
            assert isinstance(read_json(text, len(text)).data, dict)
