"""From the folder to the submission: which file is taken, what is said, and that nothing else ever comes out."""

import contextlib
import hashlib
import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.config import CourseError
from autograder.intake import Ungradable, syntax


def refused(toy):
    with pytest.raises(Ungradable) as error:
        toy.read()
    assert error.value.digest.startswith("sha256:")
    return str(error.value)


def test_no_folder(toy):
    assert "s01/toy does not exist" in refused(toy)


def test_an_empty_folder(toy):
    toy.folder.mkdir(parents=True)
    assert refused(toy) == (
        "No notebook was handed in: expected toy.ipynb, the folder is empty. Hand in the .ipynb file itself."
    )


def test_other_files_only(toy):
    toy.put(b"print(1)", "toy.py")
    assert "expected toy.ipynb, found: toy.py" in refused(toy)


@pytest.mark.parametrize("name", ["Toy (1).ipynb", "toy.ipynb.txt", "TOY.IPYNB", "toy/toy.ipynb", "homework.ipynb"])
def test_the_only_notebook_is_taken_whatever_its_name(toy, name):
    submission = toy.read(toy.answered(), name)
    assert [cell.role for cell in submission.cells].count("student") == 2
    assert f"is called {name} instead of toy.ipynb" in submission.notes[0]


def test_of_two_notebooks_the_one_named_right(toy):
    toy.put(toy.release_cells(), "copy.ipynb")
    submission = toy.read(toy.answered())
    assert submission.answers
    assert "Besides toy.ipynb there were other notebooks, which were not graded: copy.ipynb." in submission.notes


def test_of_two_notebooks_the_one_that_belongs_here(toy):
    toy.put([toy.cell("code", "print('lecture')")], "lecture.ipynb")
    toy.put(b"broken", "broken.ipynb")
    submission = toy.read(toy.answered(), "mine.ipynb")
    assert submission.answers
    assert "mine.ipynb was graded" in submission.notes[0]


def test_of_two_notebooks_that_both_could_be_it_none(toy):
    toy.put(toy.answered(), "one.ipynb")
    toy.put(toy.answered(), "two.ipynb")
    assert refused(toy) == (
        "Several notebooks were handed in, and none is called toy.ipynb: one.ipynb, two.ipynb. "
        "Name the one that counts toy.ipynb and hand it in again."
    )


def test_checkpoints_are_ignored(toy):
    toy.put(toy.answered(), ".ipynb_checkpoints/toy-checkpoint.ipynb")
    assert "the folder is empty" in refused(toy)


def test_a_broken_file_of_the_right_name_is_named(toy):
    toy.put(b"")
    assert refused(toy).startswith("toy.ipynb is empty (0 bytes). Save the notebook")


def test_a_link_to_a_classmates_notebook_is_not_followed(toy):
    classmates = toy.put(toy.answered(), "../../s02/toy/toy.ipynb")
    toy.folder.mkdir(parents=True, exist_ok=True)
    (toy.folder / "toy.ipynb").symlink_to(classmates)
    assert "toy.ipynb is a symbolic link; links are not followed" in refused(toy)


def test_a_pipe_does_not_make_the_grader_wait(toy):
    toy.folder.mkdir(parents=True)
    os.mkfifo(toy.folder / "toy.ipynb")
    assert "not a regular file" in refused(toy)


def test_more_than_100_mb(toy):
    with toy.put(b"").open("r+b") as handle:
        handle.truncate(100_000_001)
    assert "at most 100 MB" in refused(toy)


def test_side_files_with_records(toy):
    toy.put(json.dumps({"run": "sgd", "history": {"loss": [1]}}).encode(), "records/sgd.json")
    toy.put(b"[]", "records/bad.json")
    toy.put(b"\0" * 3_000_000, "records/large.json")
    submission = toy.read(toy.answered())
    assert list(submission.records) == ["sgd"]
    assert [note.split(":")[0] for note in submission.notes] == [
        "A training record in records/bad.json was ignored",
        "A training record in records/large.json (which is 3 MB large; at most 2 MB can be read) was ignored",
    ]


def recorded(run, **fields):
    return json.dumps({"run": run, "history": {"loss": [1]}, **fields}).encode()


def put_run(toy, run, weights):
    """A record, and the file with the weights that it names."""
    toy.put(recorded(run, weights=f"sha256:{hashlib.sha256(weights).hexdigest()}"), f"records/{run}.json")
    toy.put(weights, f"records/{run}.npz")


def test_records_of_another_assignment_may_lie_beside_and_do_not_count(toy):
    toy.put(recorded("adam", assignment="chess"), "records/adam.json")
    toy.put(recorded("sgd", assignment="toy"), "records/sgd.json")
    cells = toy.answered()
    cells[9]["outputs"] = [toy.record_output(json.loads(recorded("own", assignment="chess")))]
    submission = toy.read(cells)
    assert sorted(submission.records) == ["own", "sgd"]
    assert submission.notes == ()


@pytest.mark.parametrize(("size", "taken"), [(12_000_000, True), (12_000_001, False)])
def test_weights_of_a_run_are_bounded(toy, size, taken):
    put_run(toy, "adam", bytes(size))
    submission = toy.read(toy.answered())
    assert {run: len(data) for run, data in submission.weights.items()} == ({"adam": size} if taken else {})
    assert submission.notes == (
        ()
        if taken
        else ("The final weights records/adam.npz were ignored: the file is 12 MB large; at most 12 MB can be read.",)
    )


@pytest.mark.parametrize(("last", "taken"), [(4_000_000, 4), (4_000_001, 3)])
def test_weights_of_all_runs_together_are_bounded(toy, last, taken):
    for run, size in zip("abcd", (12_000_000,) * 3 + (last,), strict=True):
        put_run(toy, run, bytes(size))
    submission = toy.read(toy.answered())
    assert sorted(submission.weights) == ["a", "b", "c", "d"][:taken]


def test_at_most_40_files_of_records_are_read(toy):
    for number in range(41):
        toy.put(b"null", f"records/{number:02}.json")
    notes = toy.read(toy.answered()).notes
    assert notes[-1] == "And 15 more repairs of the same kinds."


@pytest.mark.parametrize(("others", "taken"), [(9, True), (10, False)])
def test_only_so_many_notebooks_are_looked_into(toy, others, taken):
    for number in range(others):
        toy.put([toy.cell("code", f"print({number})")], f"other{number:02}.ipynb")
    toy.put(toy.answered(), "mine.ipynb")
    if taken:
        assert "mine.ipynb was graded" in toy.read().notes[0]
    else:
        assert refused(toy).startswith("Several notebooks were handed in, and none is called toy.ipynb")


def test_a_release_with_one_grade_id_twice_is_not_the_students_fault(toy):
    path = toy.root / "assignments/toy/toy.ipynb"
    released = toy.release_cells()
    path.write_text(json.dumps(toy.notebook([*released, released[1]])))
    with pytest.raises(CourseError, match="the grade_id setup more than once"):
        toy.read(toy.answered())


def test_the_digest_covers_side_files(toy):
    first = toy.read(toy.answered()).digest
    assert toy.read().digest == first
    toy.put(b"x", "note.txt")
    assert toy.read().digest != first


def test_a_missing_release_is_not_the_students_fault(toy):
    toy.put(toy.answered())
    (toy.root / "assignments/toy/toy.ipynb").unlink()
    with pytest.raises(CourseError, match="autograder release toy"):
        toy.read()


def test_a_new_release_is_read_again(toy):
    toy.read(toy.answered())
    path = toy.root / "assignments/toy/toy.ipynb"
    release = json.loads(path.read_text())
    release["cells"][1]["source"] = "import math"
    path.write_text(json.dumps(release))
    assert toy.read().cells[0].source == "import math"


def test_notes_are_bounded_and_printable(toy):
    cells = toy.answered()
    cells[9]["outputs"] = [toy.record_output({"run": "\x1b[31m" + "x" * 10_000}) for _ in range(100)]
    toy.put([], "other\n\x1b[31m.ipynb")
    notes = toy.read(cells).notes
    assert len(notes) <= 26
    assert all(note.isprintable() and len(note) <= 500 for note in notes)


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damages(draw):
    """A list of (kind, place, value): what is done to the notebook, one thing after the other."""
    kinds = ["drop", "duplicate", "swap", "strip", "type", "metadata", "grade_id", "outputs", "insert", "flags"]
    return [
        (draw(st.sampled_from(kinds)), draw(st.integers(0, 40)), draw(GARBAGE), draw(st.integers(0, 40)))
        for _ in range(draw(st.integers(0, 8)))
    ]


def inflict(toy, cells, damage, spare):
    """Damage the cells, but leave alone the sources of those that hold the student's functions if `spare`."""
    ids = ["data_solution", "size_solution", "data", "setup", "discussion", "intro", "look", "nobody"]
    for kind, place, value, other in damage:
        if not cells:
            return
        place %= len(cells)
        cell = cells[place]
        solution = isinstance(cell.get("source"), str) and "def " in cell["source"]
        if kind == "drop" and not (solution and spare):
            del cells[place]
        elif kind == "duplicate":
            cells.insert(other % len(cells), json.loads(json.dumps(cell)))
        elif kind == "swap":
            cells.insert(other % len(cells), cells.pop(place))
        elif kind == "strip":
            cell["metadata"] = {}
        elif kind == "type":
            cell["cell_type"] = ["code", "markdown", "raw"][other % 3]
        elif kind == "metadata":
            cell["metadata"] = value if other % 2 else {"nbgrader": value, "tags": value}
        elif kind == "grade_id":
            cell["metadata"] = {"nbgrader": {"grade_id": ids[other % len(ids)]}}
        elif kind == "flags" and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["nbgrader"] = {"grade_id": ids[other % len(ids)], "grade": value, "points": value}
        elif kind == "outputs":
            cell["outputs"] = value if other % 2 else [{"data": {toy.MIME: value}}]
        elif kind == "insert":
            cells.insert(place, value if not spare else toy.cell("code", f"# {value!r}\nx = {other}"))
            if not isinstance(cells[place], dict):
                cells[place] = {"cell_type": "code", "source": value}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(damage=damages())
def test_no_damage_that_leaves_the_solutions_text_loses_a_function(shared_toy, damage):
    toy = shared_toy
    cells = toy.answered()
    inflict(toy, cells, damage, spare=True)
    submission = toy.read(cells)
    defined = frozenset().union(
        *(syntax.defined_functions(cell.source) for cell in submission.cells if cell.role == "student")
    )
    assert {"prepare_images", "one_hot", "conv_output_size"} <= defined
    ids = [
        c["metadata"]["nbgrader"]["grade_id"]
        for c in json.loads(submission.notebook)["cells"]
        if c["metadata"].get("nbgrader")
    ]
    assert len(ids) == len(set(ids)) == 10


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(damage=damages(), cut=st.floats(0, 1), noise=st.binary(max_size=5), mangle=st.booleans())
def test_whatever_comes_in_it_is_read_or_refused_in_words(shared_toy, damage, cut, noise, mangle):
    toy = shared_toy
    cells = toy.answered()
    inflict(toy, cells, damage, spare=False)
    data = json.dumps(toy.notebook(cells)).encode()
    if mangle:
        place = int(cut * len(data))
        data = data[:place] + noise + (data[place:] if len(noise) % 2 else b"")
    # Any other exception fails the test.
    with contextlib.suppress(Ungradable):
        json.loads(toy.read(data).notebook.decode())


@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_any_bytes_at_all(shared_toy, data):
    with pytest.raises(Ungradable):
        shared_toy.read(data)
