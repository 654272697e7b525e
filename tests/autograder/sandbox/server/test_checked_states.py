"""Names are put back as a check saw them; what a note says of later cells is true."""

import math
from functools import partial

import pytest

from autograder.sandbox.server.checked_states import MOST_NOTES, CheckedStates


class Cells:
    """Runs cells among names, as a notebook does, and tells the states of each."""

    def __init__(self, *functions):
        self.names = {"__name__": "__main__"}
        self.states = CheckedStates(self.names)
        self.states.expect(functions)
        self.number = 0

    def run(self, source, checked=(), unless_checked=()):
        self.number += 1
        exec(compile(source, f"<cell {self.number}>", "exec"), self.names)
        self.states.after_cell(self.number, checked, unless_checked)
        return self

    def judged(self, function):
        self.states.restore(function)
        return self.names[function]()


def test_a_function_sees_what_it_saw_at_its_check():
    cells = Cells("f").run("import math\nK = 2\ndef f(): return K * math.sqrt(4)", ["f"]).run("K = None; math = 3")
    assert sorted(cells.states.finish()) == [
        "Cell 2 changes `K`, which f() uses: f() is judged as it stood at its check.",
        "Cell 2 changes `math`, which f() uses: f() is judged as it stood at its check.",
    ]
    assert cells.judged("f") == 4


def test_functions_with_different_checks_are_judged_in_different_states():
    cells = Cells("f", "g").run("K = 1\ndef f(): return K", ["f"]).run("K = 2\ndef g(): return K", ["g"]).run("K = 3")
    cells.states.finish()
    assert [cells.judged(name) for name in ("f", "g", "f", "g")] == [1, 2, 1, 2]


def test_a_function_without_a_check_is_judged_at_the_end():
    cells = Cells("f").run("K = 1\ndef f(): return K\ndef other(): return K", ["f"]).run("K = 3")
    cells.states.finish()
    assert [cells.judged(name) for name in ("f", "other", "f")] == [1, 3, 1]


def test_the_last_check_counts_and_the_releases_position_only_without_one():
    cells = Cells("f").run("def f(): return 1", ["f"]).run("def f(): return 2", unless_checked=["f"])
    cells.states.finish()
    assert cells.judged("f") == 1
    cells = (
        Cells("f").run("def f(): return 1", unless_checked=["f"]).run("def f(): return 2", ["f"]).run("def f(): pass")
    )
    assert cells.states.finish() == [
        "`f` is written in cells 1, 2 and 3: the one in cell 2 counts, because its last check saw that one."
    ]
    assert cells.judged("f") == 2


@pytest.mark.parametrize("first", ["f = None", "def f(): raise NotImplementedError()", "pass", "f = 3"])
def test_what_is_not_written_at_its_check_is_judged_where_it_is_written(first):
    cells = Cells("f").run(first, ["f"]).run("def f(): return 7").run("f = None")
    assert "`f` was not written yet at its check; it is judged as cell 2 left it." in cells.states.finish()
    assert cells.judged("f") == 7


def test_a_helper_below_the_check_is_found_unless_it_hides_a_built_in_name():
    cells = Cells("f").run("def f(): return sum([helper(), 1])", ["f"]).run("helper = lambda: 2\nsum = 0")
    cells.states.finish()
    assert cells.judged("f") == 3


def test_deleted_names_and_a_cleared_namespace_come_back():
    cells = Cells("f").run("K = 5\ndef f(): return K", ["f"]).run("globals().clear()")
    assert any(note.startswith("Cell 2 deletes `K`") for note in cells.states.finish())
    assert cells.judged("f") == 5


def test_what_calls_change_stays_changed():
    cells = Cells("f").run("n = 0\ndef f():\n    global n\n    n += 1\n    return n", ["f"]).run("n = 10")
    cells.states.finish()
    assert cells.judged("f") == 1
    cells.states.restore("other")
    assert cells.names["n"] == 10
    assert cells.judged("f") == 2


def test_names_are_found_through_helpers_closures_partials_and_classes():
    source = (
        "from functools import partial\nA = B = C = D = 1\n"
        "def helper(): return A\n"
        "class Thing:\n    def value(self): return B\n"
        "def wrap(inner):\n    def outer(): return inner() + C\n    return outer\n"
        "def plain(k): return helper() + Thing().value() + D + k\n"
        "f = wrap(partial(plain, 1))"
    )
    cells = Cells("f").run(source, ["f"]).run("A, B, C, D, E = None, None, None, None, None")
    assert {note.split("`")[1] for note in cells.states.finish()} == set("ABCD")
    assert cells.judged("f") == 5


@pytest.mark.parametrize(
    "again",
    [
        "K = 1000",
        "def f(): return K.real + int(math.sqrt(4)) + 998",
        "import math",
        "unused = 3",
        "sqrt = real = 3",
        "K = 7\nK = 1000",
        "def helper(): pass",
    ],
)
def test_no_note_where_nothing_would_have_changed(again):
    cells = Cells("f").run("import math\nK = 1000\ndef f(): return K.real + int(math.sqrt(4)) + 998", ["f"]).run(again)
    assert cells.states.finish() == []


def test_values_of_students_are_never_compared_by_their_own_code():
    source = "class Odd:\n    def __eq__(self, other): raise ValueError\nK = Odd()\ndef f(x=K): return 1"
    cells = Cells("f").run(source, ["f"]).run("K = Odd()\ndef f(x=Odd()): return 1")
    assert len(cells.states.finish()) == 1
    assert cells.judged("f") == 1


def test_a_replaced_part_of_a_module_is_said_to_stay(monkeypatch):
    monkeypatch.setattr(math, "sqrt", math.sqrt)
    cells = Cells("f").run("import math\ndef f(): return math.sqrt(4)", ["f"]).run("math.sqrt = lambda x: 0")
    (note,) = cells.states.finish()
    assert note == (
        "`math.sqrt` was replaced after the check of f(), which uses `math`. "
        "What is inside a module is not put back for grading."
    )
    assert cells.judged("f") == 0


def test_notes_are_few_short_and_can_be_sent():
    many = [f"n{number}" for number in range(100)]
    long = "x" * 10_000
    source = "\n".join(f"{name} = 1" for name in [*many, long]) + f"\ndef f(): return {' + '.join([*many, long])}"
    cells = Cells("f").run(source, ["f"]).run("\n".join(f"{name} = 2" for name in [long, *many]))
    cells.names["\ud800"] = 1
    notes = cells.states.finish()
    assert len(notes) == MOST_NOTES
    assert max(map(len, notes)) <= 500
    assert cells.judged("f") == 101


def test_a_partial_that_is_replaced_is_noted():
    cells = Cells("f")
    cells.names["partial"] = partial
    cells.run("def g(k): return k\nf = partial(g, 3)", ["f"]).run("f = partial(g, 4)")
    assert cells.states.finish() == [
        "`f` is written in cells 1 and 2: the one in cell 1 counts, because its last check saw that one."
    ]
    assert cells.judged("f") == 3
