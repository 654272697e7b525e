"""`nbgrader collect` takes regular files from the exchange, and nothing that a link in it points at."""

import datetime
import os

import pytest
from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeFactory

from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.collection import RegularFilesCollect
from tests.autograder.gradebook.test_submitted_copy import SECRET, copied, hand_in

TIME = "2026-05-04 10:00:00.000000 UTC"


@pytest.fixture
def collector(released_course, tmp_path):
    """nbgrader's collector for an exchange in which "mallory" and "s01" have handed in."""
    config = nbgrader_settings(released_course)
    assert ExchangeFactory(config=config).collect is RegularFilesCollect
    config.Exchange.root = str(tmp_path / "exchange")
    config.Exchange.path_includes_course = False
    config.CourseDirectory.assignment_id = "small"
    directory = course_directory(released_course, config)
    directory.assignment_id = "small"
    found = RegularFilesCollect(coursedir=directory, authenticator=Authenticator(config=config), config=config)
    inbound = tmp_path / "exchange" / released_course.course.id / "inbound"
    inbound.mkdir(parents=True)
    when = datetime.datetime(2026, 5, 4, 10, tzinfo=datetime.UTC).timestamp()
    for student in ("mallory", "s01"):
        handed_in = hand_in(released_course, student)
        target = inbound / f"{student}+small+{TIME}"
        handed_in.rename(target)
        handed_in.parent.rmdir()
        (target / "timestamp.txt").unlink()
        (target / "timestamp.txt").write_text(TIME)
        os.utime(target / "timestamp.txt", (when, when))
    return found, released_course, inbound


def test_regular_files_alone_are_collected(collector):
    found, course, _ = collector
    found.check_owner = False
    found.start()
    for student in ("mallory", "s01"):
        folder = course.root / "submitted" / student / "small"
        assert copied(folder) == ["records/mine.txt", "small.ipynb", "timestamp.txt"]
        assert all(SECRET not in path.read_text() for path in folder.rglob("*") if path.is_file())
        assert (folder / "timestamp.txt").read_text() == TIME


def test_a_submission_that_is_a_link_is_left_out_and_the_others_are_collected(collector):
    found, course, inbound = collector
    (inbound / f"mallory+small+{TIME}").rename(inbound.parent / "elsewhere")
    (inbound / f"mallory+small+{TIME}").symlink_to(inbound.parent / "elsewhere")
    found.check_owner = False
    found.start()
    assert not (course.root / "submitted/mallory/small").exists()
    assert (course.root / "submitted/s01/small/small.ipynb").exists()
