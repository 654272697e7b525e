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


def test_more_than_250_mb(toy):
    with toy.put(b"").open("r+b") as handle:
        handle.truncate(250_000_001)
    assert refused(toy) == (
        "toy.ipynb is larger than 250 MB, the most that can be read. Clear its outputs, except those of the "
        "training cells."
    )


def test_a_notebook_that_is_too_large_because_of_its_outputs(toy):
    cells = toy.answered()
    cells[9]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 101_000_000},
        toy.record_output(json.loads(recorded("adam"))),
    ]
    submission = toy.read(cells)
    assert submission.answers
    assert list(submission.records) == ["adam"]
    assert submission.notes == (
        "The notebook is very large because of its outputs (101 MB); it was read without them, except for the "
        "training records.",
    )


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


def with_records(toy, *runs, **fields):
    cells = toy.answered()
    cells[9]["outputs"] = [toy.record_output(json.loads(recorded(run, **fields))) for run in runs]
    return cells


@pytest.mark.parametrize(
    "put", ["in a zip file", "in the outputs in a zip file", "in the outputs of a copy", "beside it"]
)
def test_records_that_the_notebook_lacks_are_taken_from_elsewhere(toy, put):
    if put == "in a zip file":
        members = {f"records/{run}.json": recorded(run, loss="zip") for run in ("adam", "sgd")}
        toy.zip({"toy.ipynb": toy.release_cells(), **members}, "mine.zip")
    elif put == "in the outputs in a zip file":
        toy.zip({"toy.ipynb": with_records(toy, "adam", "sgd", loss="zip")}, "mine.zip")
    elif put == "in the outputs of a copy":
        toy.put(with_records(toy, "adam", "sgd", loss="zip"), "copy.ipynb")
    else:
        toy.put(recorded("sgd", loss="zip"), "records/sgd.json")
    submission = toy.read(with_records(toy, "adam", loss="own"))
    assert {run: record.loss for run, record in submission.records.items()} == {"adam": "own", "sgd": "zip"}
    places = {
        "in a zip file": "mine.zip",
        "in the outputs in a zip file": "toy.ipynb in mine.zip",
        "in the outputs of a copy": "copy.ipynb",
    }
    said = [
        f"Training records that the notebook lacks were taken from {place}: sgd."
        for place in [places.get(put)]
        if place
    ]
    assert [note for note in submission.notes if note.startswith("Training records")] == said


def test_records_of_the_chosen_zip_file_come_before_loose_ones(toy):
    toy.put(toy.release_cells())
    toy.put(recorded("adam", loss="loose"), "records/adam.json")
    toy.put(recorded("sgd", loss="loose"), "records/sgd.json")
    toy.zip({"toy.ipynb": toy.answered(), "records/adam.json": recorded("adam", loss="zip")}, "mine.zip")
    submission = toy.read()
    assert {run: record.loss for run, record in submission.records.items()} == {"adam": "zip", "sgd": "loose"}


def test_records_of_another_assignment_elsewhere_do_not_count(toy):
    toy.put(with_records(toy, "adam", assignment="chess"), "copy.ipynb")
    toy.zip({"records/sgd.json": recorded("sgd", assignment="chess"), "x": ""}, "mine.zip")
    assert toy.read(toy.answered()).records == {}


def test_weights_are_found_by_the_hash_in_the_record_wherever_they_lie(toy):
    weights = b"the right ones"
    put_run(toy, "adam", weights)
    toy.put(b"of another run", "records/adam.npz")
    toy.zip({"records/adam.npz": weights, "toy.ipynb": toy.answered()}, "mine.zip")
    submission = toy.read(toy.answered())
    assert submission.weights == {"adam": weights}
    assert not [note for note in submission.notes if "weights" in note]


@pytest.mark.parametrize(("size", "taken"), [(12_000_000, True), (12_000_001, False)])
def test_weights_of_a_run_are_bounded(toy, size, taken):
    put_run(toy, "adam", bytes(size))
    submission = toy.read(toy.answered())
    assert {run: len(data) for run, data in submission.weights.items()} == ({"adam": size} if taken else {})
    assert submission.notes == (
        ()
        if taken
        else (
            "The final weights records/adam.npz were ignored: the file is larger than 12 MB, the most that "
            "can be read.",
        )
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
