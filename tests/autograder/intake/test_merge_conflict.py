import pytest

from autograder.intake.merge_conflict import sides_of_conflicts


@pytest.mark.parametrize("text", ["", "a\nb", "=======\n", "a = '======='", '"<<<<<<< no"\n  <<<<<<< mark'])
def test_a_text_without_marks(text):
    assert sides_of_conflicts(text) is None


def test_several_conflicts_with_their_base_and_in_windows_lines():
    text = "<<<<<<< HEAD\r\na\n||||||| base\nb\n=======\r\nc\n>>>>>>> x\nd\n<<<<<<<\n=======\ne\n>>>>>>>"
    found = sides_of_conflicts(text)
    assert (found.ours, found.theirs, found.line) == ("a\nd", "c\nd\ne", 1)


def test_a_conflict_whose_end_is_missing():
    assert sides_of_conflicts("a\n<<<<<<< HEAD\nb").ours == "a\nb"
