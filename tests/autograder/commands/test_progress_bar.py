"""In a log, progress is lines on stderr, those that are asked for."""

from autograder.commands.progress_bar import progress


def test_lines_of_a_log(capsys):
    with progress("grading", 3) as step:
        step("s01: 20 of 20", True)
        step("s02: 0 of 20", False)
        step("s03: ungradable", True)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.split("\n") == ["[1/3] s01: 20 of 20", "[3/3] s03: ungradable", ""]
