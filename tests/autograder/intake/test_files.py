import os
import shutil
import threading

import pytest

from autograder.intake import files


def listed(folder):
    with files.SubmittedFolder(folder) as opened:
        return opened.entries


def read(folder, item, *limit):
    with files.SubmittedFolder(folder) as opened:
        return opened.read(item, *limit)


def entry(folder, path):
    return next(entry for entry in listed(folder) if entry.path == path)


def test_lists_what_the_student_handed_in_and_nothing_else(tmp_path):
    hidden = [".DS_Store", "timestamp.txt", ".git/a.ipynb", ".ipynb_checkpoints/a.py", ".ipynb_checkpoints/b/a.ipynb"]
    for name in ["a.ipynb", "records/adam.json", ".ipynb_checkpoints/a.ipynb", "b/.ipynb_checkpoints/c.ipynb", *hidden]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [(found.path, found.is_checkpoint) for found in listed(tmp_path)] == [
        (".ipynb_checkpoints/a.ipynb", True),
        ("a.ipynb", False),
        ("b/.ipynb_checkpoints/c.ipynb", True),
        ("records/adam.json", False),
    ]


def test_the_first_bytes_of_a_file(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with files.SubmittedFolder(tmp_path) as opened:
        assert [opened.head(item, 3) for item in opened.entries] == [b"123", b""]
        (tmp_path / "a").unlink()
        assert opened.head(opened.entries[0], 3) == b""


def test_links_are_shown_and_never_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "a.ipynb").write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.ipynb").symlink_to(secret / "a.ipynb")
    (folder / "records").symlink_to(secret)
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    found = listed(folder)
    assert [item.path for item in found] == ["a.ipynb", "gone", "records"]
    for item in found:
        with pytest.raises(files.Unreadable, match="symbolic link"):
            read(folder, item)


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(files.Unreadable, match="symbolic link"):
        listed(tmp_path / "link")


def test_a_file_swapped_for_a_link_after_listing_is_refused(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a").write_text("mine")
    item = entry(tmp_path / "f", "a")
    (tmp_path / "f" / "a").unlink()
    (tmp_path / "f" / "a").symlink_to("/etc/hostname")
    with pytest.raises(files.Unreadable):
        read(tmp_path / "f", item)


def test_a_pipe_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.ipynb")
    with pytest.raises(files.Unreadable, match="not a regular file"):
        read(tmp_path, entry(tmp_path, "a.ipynb"))
    assert files.submission_digest(tmp_path).startswith("sha256:")


def test_reading_is_bounded(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read(tmp_path, entry(tmp_path, "a"), 5) == b"12345"
    with pytest.raises(files.Unreadable, match="the most that can be read"):
        read(tmp_path, entry(tmp_path, "a"), 4)


def test_a_sparse_giant_costs_nothing(tmp_path):
    with (tmp_path / "a.ipynb").open("wb") as handle:
        handle.truncate(10**12)
    found = listed(tmp_path)
    assert files.submission_digest(tmp_path).startswith("sha256:")
    with pytest.raises(files.Unreadable, match=r"1,000,000 MB"):
        read(tmp_path, found[0])


def test_thousands_of_files_and_deep_folders_are_cut(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "a.ipynb").touch()
    for number in range(files.MAX_FILES + 20):
        (tmp_path / f"{number}.txt").touch()
    found = listed(tmp_path)
    assert len(found) == files.MAX_FILES
    assert not any(item.name == "a.ipynb" for item in found)


@pytest.mark.parametrize(("depth", "shown"), [(6, True), (7, False)])
def test_files_at_the_bound_of_depth(tmp_path, depth, shown):
    folder = tmp_path.joinpath(*["d"] * depth)
    folder.mkdir(parents=True)
    (folder / "a.ipynb").touch()
    assert [item.name for item in listed(tmp_path)] == ["a.ipynb"] * shown


def test_digest_depends_on_names_and_contents_and_not_on_the_place(tmp_path):
    one = tmp_path / "one"
    one.mkdir()
    (one / "a").write_text("x")
    shutil.copytree(one, tmp_path / "two")
    (tmp_path / "two" / "timestamp.txt").write_text("2030-01-01")

    digest = files.submission_digest
    first = digest(one)
    assert digest(tmp_path / "two") == first
    (one / "a").write_text("y")
    changed = digest(one)
    (one / "a").rename(one / "b")
    assert len({first, changed, digest(one)}) == 3


def test_names_that_are_not_utf8(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff.ipynb", "wb") as handle:
        handle.write(b"x")
    found = listed(tmp_path)
    assert read(tmp_path, found[0]) == b"x"
    assert files.submission_digest(tmp_path).startswith("sha256:")


def test_the_digest_is_of_what_was_read_while_files_are_exchanged(tmp_path):
    texts = [b"A" * 1_000, b"B" * 2_000]
    digests = {}
    for text in texts:
        (tmp_path / "toy.ipynb").write_bytes(text)
        digests[text] = files.submission_digest(tmp_path)
    done = threading.Event()

    def exchange():
        number = 0
        while not done.is_set():
            number += 1
            (tmp_path / ".new").write_bytes(texts[number % 2])
            os.replace(tmp_path / ".new", tmp_path / "toy.ipynb")

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        for _ in range(150):
            with files.SubmittedFolder(tmp_path) as opened:
                for item in opened.entries:
                    data = opened.read(item)
                    assert opened.digest() == digests[data]
    finally:
        done.set()
        thread.join()


def test_a_file_that_changes_between_two_readings_is_refused(tmp_path):
    (tmp_path / "a").write_text("1")
    with files.SubmittedFolder(tmp_path) as opened:
        opened.read(opened.entries[0])
        (tmp_path / "a").write_text("2")
        with pytest.raises(files.Unreadable, match="changed while it was being read"):
            opened.read(opened.entries[0])


def test_the_bytes_of_a_submission_are_bounded_in_sum_and_its_notebook_comes_first(tmp_path):
    for name, size in {"a.bin": 250_000_000, "b.bin": 250_000_000, "z.ipynb": 90_000_000}.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    problems = {item.path: item.problem for item in listed(tmp_path)}
    assert problems["z.ipynb"] == ""
    assert problems["a.bin"] == "is 250 MB large; of a submission at most 300 MB are read"
