"""Cells run as in Jupyter; whatever they do is reported in words and ends nothing."""

import sys

import pytest

from autograder.sandbox.server.notebook_shell import NotebookShell


@pytest.fixture(scope="module")
def notebook():
    return NotebookShell(output_kb=1)


def test_names_stay_between_cells(notebook):
    assert notebook.run(1, "x = 20", 5).problem == ""
    assert notebook.run(2, "y = x + 1\ny", 5).problem == ""
    assert notebook.names["y"] == 21


def test_an_exception_is_located_in_the_students_cell(notebook):
    notebook.run(3, "def broken():\n    return [][0]", 5)
    found = notebook.run(7, "broken()", 5)
    assert found.problem == "IndexError (list index out of range) in cell 3, line 2: `return [][0]`"


def test_a_syntax_error_is_located(notebook):
    assert "SyntaxError" in (problem := notebook.run(4, "ok = 1\ndef f(:\n    pass", 5).problem)
    assert "cell 4, line 2" in problem


def test_blank_lines_at_the_beginning_are_counted_as_a_reader_counts_them(notebook):
    assert notebook.run(12, "\n\n  \nfirst = 1\n[][0]", 5).problem.endswith("in cell 12, line 5: `[][0]`")
    assert "cell 13, line 3" in notebook.run(13, "\n\ndef f(:\n    pass", 5).problem


@pytest.mark.filterwarnings("ignore:To exit")
@pytest.mark.parametrize(
    "source", ["import sys\nsys.exit()", "raise KeyboardInterrupt", "raise SystemExit(0)", "quit()"]
)
def test_leaving_is_reported_and_the_next_cell_runs(notebook, source):
    notebook.run(5, source, 5)
    assert notebook.run(6, "after = 1", 5).problem == ""


@pytest.mark.parametrize("source", ["exit()", "quit()"])
def test_ending_the_kernel_is_noted_and_ignored(notebook, source):
    found = notebook.run(14, f"{source}\nbehind = 1", 5)
    assert (found.problem, found.notes) == ("", ["Cell 14 would end the kernel; that was ignored."])
    assert notebook.names["behind"] == 1


def test_an_endless_loop_is_stopped(notebook):
    assert "0.3 seconds of processor time" in notebook.run(8, "while True: pass", 0.3).problem


def test_printing_without_end_is_bounded(notebook):
    found = notebook.run(9, "print('x' * 3_000_000)", 5)
    assert found.printed == 3_000_001
    assert found.notes == ["Cell 9 printed 3.0 MB; the first 1 kB were kept."]


@pytest.mark.parametrize(
    "line", ["!touch made-by-a-cell", "%pip install nothing", "%%bash\ntouch made-by-a-cell", "files = !ls"]
)
def test_other_programs_are_noted_and_not_run(notebook, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = notebook.run(10, line, 5)
    assert found.problem == ""
    assert "was not run while grading" in found.notes[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "%matplotlib notebook", "%time 1 + 1", "%load_ext autoreload", "%%time\n1 + 1"]
)
def test_harmless_magics_survive(notebook, line):
    assert notebook.run(11, line, 5).problem == ""


def test_input_has_nothing_to_read(notebook, monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert "Error" in notebook.run(12, "input('name?')", 5).problem


def test_an_exception_that_cannot_be_printed(notebook):
    found = notebook.run(13, "class E(Exception):\n    def __str__(self): raise ValueError\nraise E()", 5)
    assert found.problem.startswith("E in cell 13, line 3")


def test_a_shell_that_was_made_before_a_fork_moves_into_the_folders_of_its_process(tmp_path, monkeypatch):
    shell = NotebookShell()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shell.move_in(output_kb=1)
    assert shell.output_kb == 1
    assert shell.run(1, "here = get_ipython().ipython_dir, get_ipython().profile_dir.location, _dh", 5).problem == ""
    assert all(str(folder).startswith(str(tmp_path)) for folder in (*shell.names["here"][:2], *shell.names["here"][2]))


@pytest.mark.parametrize("importable", [True, False])
def test_plain_code_cannot_import_what_it_has_written(notebook, tmp_path, monkeypatch, importable):
    for name in ("path", "path_hooks"):
        monkeypatch.setattr(sys, name, ["", *getattr(sys, name)] if name == "path" else list(getattr(sys, name)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "just_written", raising=False)
    notebook.move_in(1, importable=importable)
    source = (
        "from pathlib import Path\nPath('just_written.py').write_text('x = 1')\nimport just_written\nx = just_written.x"
    )
    found = notebook.run(60, source, 5)
    assert ("just_written" in sys.modules) == importable, found.problem
    sys.modules.pop("just_written", None)
