"""`cnnkit.check` in Python, in a real notebook, and before anything has been started."""

import copy
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cnnkit import session
from cnnkit.checks import CheckFailed, PublicChecks, check
from cnnkit.checks.runner import Checker, NoSuchCheck, WrongCall, run_checks
from cnnkit.expect.returned_values import number

ROOT = Path(__file__).parents[3]

TOY = PublicChecks("toy", {"double": ("double",), "both": ("double", "halve")})


@TOY.add("double", "doubles 3")
def doubles(evidence):
    number(evidence.call("double", 3), 6, "double(3)", wanted=6)


@TOY.add("both", "halves 4")
def halves(evidence):
    number(evidence.call("halve", 4), 2, "halve(4)", wanted=2)


@TOY.add("both", "breaks")
def breaks(evidence):
    raise ZeroDivisionError("in the check itself")


@pytest.fixture
def started(monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 0))


@pytest.fixture
def nothing_started(monkeypatch):
    monkeypatch.setattr(session, "_current", None)


def right_size(length, kernel, stride=1, padding="valid"):
    if padding == "same":
        return -(-length // stride)
    return (length + 2 * {"valid": 0}.get(padding, padding) - kernel) // stride + 1


def right_parameters(kernel, channels, filters):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return (height * width * channels + 1) * filters


def test_right_answers_are_shown_and_nothing_is_raised(started, capsys):
    assert check.arithmetic(right_size, right_parameters) is None
    assert "arithmetic: all 3 checks passed." in capsys.readouterr().out


def test_a_wrong_answer_is_shown_and_raises(started, capsys):
    with pytest.raises(CheckFailed, match="arithmetic: 2 of 3 checks passed") as caught:
        check.arithmetic(right_size, lambda *args: 1)
    assert "expected 640, found 1" in capsys.readouterr().out
    assert caught.value._render_traceback_() == [f"CheckFailed: {caught.value}"]


def test_nbgrader_validate_is_given_the_whole_report(started, monkeypatch):
    """It shows a cell's error, and nothing else that the cell puts out."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(CheckFailed) as caught:
        check.arithmetic(right_size, lambda *args: 1)
    assert "expected 640, found 1" in "\n".join(caught.value._render_traceback_())


def test_a_mistake_in_a_check_does_not_hide_the_others():
    lines = run_checks(TOY, "both", (None, lambda number: number / 2)).lines
    assert [line.outcome for line in lines] == ["passed", "error"]
    assert "ZeroDivisionError: in the check itself" in lines[1].message


def test_outcomes():
    assert [line.outcome for line in run_checks(TOY, "double", (lambda number: 2 * number,)).lines] == ["passed"]
    assert [line.outcome for line in run_checks(TOY, "double", (lambda number: 5,)).lines] == ["failed"]
    assert [line.outcome for line in run_checks(TOY, "double", (lambda number: 1 / 0,)).lines] == ["error"]
    assert [line.outcome for line in run_checks(TOY, "double", (3,)).lines] == ["failed"]


@pytest.mark.parametrize(("functions", "found"), [((), "0 arguments"), ((len,), "1 argument$")])
def test_another_number_of_functions(functions, found):
    with pytest.raises(WrongCall, match=rf"expected check.both\(double, halve\), found {found}"):
        run_checks(TOY, "both", functions)


def test_a_mistyped_exercise(started):
    with pytest.raises(NoSuchCheck) as caught:
        check.arithmetics(right_size)
    assert str(caught.value) == (
        "mnist_convnet has no exercise 'arithmetics'; it has data, arithmetic, architecture, training, curves, repair. "
        "Did you mean 'arithmetic'?"
    )
    with pytest.raises(NoSuchCheck, match=r"repair\.$"):
        check.xyzzy  # noqa: B018


def test_before_start(nothing_started):
    with pytest.raises(NoSuchCheck, match=r"no assignment has been started: run the cell with `cnnkit.start"):
        check.data(len)
    assert not hasattr(check, "data")
    assert dir(check) == []
    assert repr(check) == "<checks: no assignment has been started>"


@pytest.mark.parametrize("when", ["nothing_started", "started"])
def test_it_can_be_copied_and_pickled(when, request):
    request.getfixturevalue(when)
    assert isinstance(copy.deepcopy(check), Checker)
    assert isinstance(pickle.loads(pickle.dumps(check)), Checker)


def test_completion_and_help(started):
    assert dir(check) == ["architecture", "arithmetic", "curves", "data", "repair", "training"]
    assert hasattr(check, "data")
    assert "conv_output_size, conv_parameters" in check.arithmetic.__doc__


@pytest.mark.parametrize("name", ["registry", "of_another_term"])
def test_an_assignment_without_checks(monkeypatch, name):
    monkeypatch.setattr(session, "_current", session.Session(name, "", 0))
    with pytest.raises(NoSuchCheck, match=f"{name} has no checks"):
        check.data()


CELLS = [
    "%matplotlib inline\nimport sys\nimport cnnkit\nimport matplotlib.pyplot as plt\nfrom cnnkit import session\n"
    "session._current = session.Session('mnist_convnet', 's1', 0)",
    """
def plot_loss_curves(histories):
    for name in histories:
        plt.plot(histories[name].history["loss"])
    plt.legend(list(histories))
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.show()

cnnkit.check.curves(plot_loss_curves)
""",
    """
def prepare_images(images):
    sys.exit()

def one_hot(labels):
    return undefined[labels]

cnnkit.check.data(prepare_images, one_hot)
""",
    "print(plt.get_fignums(), 'keras' in sys.modules, 'tensorflow' in sys.modules)",
]


def test_in_a_real_notebook():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    NotebookClient(notebook, allow_errors=True, timeout=120, resources={"metadata": {"path": ROOT}}).execute()
    right, wrong, after = (cell.outputs for cell in notebook.cells[1:])
    # a picture that is shown is closed by Jupyter, and those of the check must not be shown at all
    assert [output.output_type for output in right] == ["display_data"]
    assert "curves: all 3 checks passed" in right[0].data["text/plain"]
    assert "✓ passed" in right[0].data["text/html"]
    shown, error = wrong
    assert "raised SystemExit" in shown.data["text/plain"]
    assert "name 'undefined' is not defined in line 5: `return undefined[labels]`" in " ".join(
        shown.data["text/plain"].split()
    )
    assert error.traceback == ["CheckFailed: data: 0 of 3 checks passed; what is missing is shown above"]
    assert after[0].text.strip() == "[] False False"


@pytest.mark.parametrize(
    "module", ["cnnkit", "cnnkit.checks", "cnnkit.assignments.mnist_convnet.brief", "cnnkit.recording.recorded_run"]
)
def test_importing_is_quick(module):
    heavy = "{'keras', 'tensorflow', 'matplotlib', 'IPython'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


STRICT = PublicChecks("toy", {"double": ("double",)}, forbid={"double": ["json", "re.escape"]})
STRICT.checks = TOY.of("double")


def indirect(number):
    return int(__import__("js" + "on").dumps(2 * number))


@pytest.mark.parametrize(
    ("function", "outcomes", "found"),
    [
        (lambda number: 2 * number, ["passed", "passed"], ""),
        (indirect, ["passed", "failed"], "an import of json"),
        (lambda number: textwrap.re.escape("a") and 2 * number, ["passed", "failed"], "escape"),
    ],
    ids=["allowed", "an import", "a function by way of another module"],
)
def test_the_last_check_says_what_may_not_be_used(function, outcomes, found):
    report = run_checks(STRICT, "double", (function,))
    assert [line.outcome for line in report.lines] == outcomes
    assert report.lines[-1].title == "it uses none of json, re.escape"
    assert found in report.lines[-1].message
    assert ("Do not use `json` or `re.escape` in this exercise." in report.lines[-1].hint) == bool(found)
