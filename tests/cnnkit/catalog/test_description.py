"""assignment.toml is read strictly: a mistake names file, key and what to write; it stops its own assignment only."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnkit import session
from cnnkit.catalog import index
from cnnkit.catalog.description import AssignmentError, read_description
from cnnkit.errors import KitError

ROOT = Path(__file__).parents[3]
GOOD = 'title = "Toy"\norder = 7\ndata = ["mnist"]\n[points]\ntraining = 3\ncurves = 1.5\n[written]\ndiscussion = 4\n'


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A kit with the assignments toy and other; the text of toy's description can be given."""
    monkeypatch.setattr(index, "_folder", lambda: tmp_path)
    monkeypatch.setattr(session, "_current", None)
    monkeypatch.setitem(sys.modules, "keras", __import__("types").SimpleNamespace(utils=Seeds))

    def make(text):
        for name, content in (("toy", text), ("other", 'title = "Other"\n')):
            (tmp_path / name).mkdir()
            file = tmp_path / name / "assignment.toml"
            file.write_bytes(content) if isinstance(content, bytes) else file.write_text(content, encoding="utf-8")
        return tmp_path / "toy" / "assignment.toml"

    return make


class Seeds:
    @staticmethod
    def set_random_seed(seed):
        pass


def test_a_description_is_read(kit):
    file = kit(GOOD)
    found = read_description(file)
    assert (found.name, found.title, found.order, found.data) == ("toy", "Toy", 7, ["mnist"])
    assert list(found.points.items()) == [("training", 3), ("curves", 1.5)]
    assert found.written == {"discussion": 4}
    assert index.find_assignment("toy") == found
    assert index.broken_assignments() == {}


MISTAKES = {
    "unknown key": ("odrer = 1\n" + GOOD, r"unknown key 'odrer'\. Did you mean 'order'\?"),
    "another unknown key": (
        "colour = 1\n" + GOOD,
        "unknown key 'colour'. Expected only: title, order, data, points, wr",
    ),
    "no title": (GOOD.replace('title = "Toy"\n', ""), "expected the key title"),
    "title is a number": (GOOD.replace('"Toy"', "7"), "title: expected text in quotes, found 7"),
    "title is empty": (GOOD.replace('"Toy"', '" "'), "title: expected text in quotes, found ' '"),
    "order is text": (GOOD.replace("= 7", '= "7"'), "order: expected an integer, found '7'"),
    "order is a fraction": (GOOD.replace("= 7", "= 7.5"), "order: expected an integer, found 7.5"),
    "order is a switch": (GOOD.replace("= 7", "= true"), "order: expected an integer, found true"),
    "data is text": (GOOD.replace('["mnist"]', '"two"'), r'data: expected a list of names such as \["mnist"\], found'),
    "data are numbers": (GOOD.replace('["mnist"]', "[2]"), "data: expected names in quotes .*, found 2 in the list"),
    "points is a number": ('title = "Toy"\npoints = 3\n', r"points: expected a table \[points\] .*, found 3"),
    "points are text": (GOOD.replace("= 3", '= "three"'), r"points\.training: expected a number .*, found 'three'"),
    "points are negative": (GOOD.replace("= 3", "= -1"), r"points\.training: expected a number .*, found -1"),
    "points are nan": (GOOD.replace("= 3", "= nan"), r"points\.training: expected a number of points, 0 or more, fo"),
    "points are infinite": (GOOD.replace("= 3", "= inf"), r"points\.training: expected a number .*, found inf"),
    "points are a switch": (GOOD.replace("= 3", "= true"), r"points\.training: expected a number .*, found true"),
    "points are a table": (GOOD.replace("= 3", "= {a = 1}"), r"points\.training: expected a number of points"),
    "points of no exercise": (
        GOOD.replace("training", '"my training"'),
        r"points\.my training: expected an exercise's",
    ),
    "written are text": (GOOD.replace("= 4", '= "four"'), r"written\.discussion: expected a number .*, found 'four'"),
    "no TOML": (GOOD.replace("order = 7", "order 7"), r"not valid TOML: .*\(at line 2, column 7\)"),
    "a key twice": ('title = "Toy"\ntitle = "Toy"\n', r"not valid TOML: .*\(at line 2"),
    "not UTF-8": (GOOD.replace("Toy", "Törö").encode("latin-1"), "line 1: expected text in UTF-8, found the byte 0xf6"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_file_and_key(kit, name):
    text, said = MISTAKES[name]
    file = kit(text)
    with pytest.raises(AssignmentError, match=said) as caught:
        index.find_assignment("toy")
    assert str(caught.value).startswith(f"{file}: ")
    assert isinstance(caught.value, KitError)
    assert caught.value.exit_status == 2
    with pytest.raises(ValueError, match=said):
        session.start("toy")


@pytest.mark.parametrize("name", MISTAKES)
def test_the_others_can_be_started(kit, name):
    kit(MISTAKES[name][0])
    assert session.start("other", student="s1").assignment == "other"
    assert list(index.all_assignments()) == ["other"]
    assert list(index.broken_assignments()) == ["toy"]


def test_a_file_that_cannot_be_read(kit):
    file = kit(GOOD)
    file.unlink()
    file.mkdir()
    with pytest.raises(AssignmentError, match="it cannot be read"):
        index.find_assignment("toy")


def test_a_broken_one_is_a_near_name_too(kit):
    kit("odrer = 1\n")
    with pytest.raises(AssignmentError, match="Did you mean 'toy'"):
        index.find_assignment("toyy")


def test_in_a_copy_of_the_package(tmp_path):
    """As a student has it: the mistake is one sentence in the last line, and another assignment starts."""
    shutil.copytree(ROOT / "cnnkit", tmp_path / "cnnkit", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "cnnkit" / "assignments" / "lenet" / "assignment.toml"
    file.write_text("odrer = 1\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    code = (
        "import sys, types; sys.path.insert(0, sys.argv[1])\n"
        "sys.modules['keras'] = types.SimpleNamespace(utils=types.SimpleNamespace(set_random_seed=print))\n"
        "import cnnkit; print(cnnkit.start('mnist_convnet', student='s1')); cnnkit.start('lenet')"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=tmp_path, capture_output=True, text=True)
    assert "A ConvNet for handwritten digits" in done.stdout
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(f"{file}: unknown key 'odrer'. Did you mean 'order'?")


def test_the_kit_itself_has_none():
    assert index.broken_assignments() == {}


FORBID = '[forbid]\ntraining = ["keras", "scipy.signal"]\n'


def test_what_an_exercise_forbids_is_read(kit):
    assert read_description(kit(GOOD + FORBID)).forbid == {"training": ["keras", "scipy.signal"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('forbid = ["keras"]\n', r"forbid: expected a table \[forbid\]"),
        ('[forbid]\ntraning = ["keras"]\n', "forbid.traning: there is no such exercise.*training"),
        ('[forbid]\ntraining = "keras"\n', "forbid.training: expected a line such as"),
        ("[forbid]\ntraining = []\n", "forbid.training: expected a line such as"),
        ("[forbid]\ntraining = [3]\n", "forbid.training: expected names of modules.*found 3"),
        ('[forbid]\ntraining = ["scipy signal"]\n', "found 'scipy signal' in the list"),
        ('[forbid]\ntraining = ["keras."]\n', "found 'keras.' in the list"),
    ],
)
def test_a_wrong_entry_is_named(kit, text, said):
    good = text + GOOD if text.startswith("forbid") else GOOD + text
    with pytest.raises(AssignmentError, match=said):
        read_description(kit(good))
