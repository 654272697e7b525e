"""Every path of a course comes from one place."""

from pathlib import Path

from autograder.course.layout import RUBRICS, CourseLayout, find_root

ROOT = Path(__file__).parents[3]


def test_the_layout_is_the_one_of_this_course():
    layout = CourseLayout(ROOT)
    assert layout.course_file.is_file()
    assert layout.nbgrader_config.is_file()
    for path in (layout.source("lenet"), layout.source_notebook("lenet"), layout.release_notebook("lenet")):
        assert (ROOT / path).is_file(), path
    assert (ROOT / layout.expected_folder("lenet")).is_dir()
    assert (RUBRICS / "lenet" / "test_table.py").is_file()


def test_nbgrader_looks_in_the_same_folders():
    text = CourseLayout(ROOT).nbgrader_config.read_text(encoding="utf-8")
    assert f'source_directory = "{CourseLayout.source_root()}"' in text
    assert f'release_directory = "{CourseLayout.release_root()}"' in text


def test_the_root_is_found_from_below(tmp_path):
    (tmp_path / "course.toml").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_root(below) == find_root(tmp_path) == tmp_path.resolve()
    (tmp_path / "course.toml").unlink()
    assert find_root(below) != tmp_path.resolve()
