"""Every exception that the project raises on purpose has one base."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from cnnkit.errors import KitError

ROOT = Path(__file__).parents[2]

INTERNAL = {
    "TimeLimitExceeded": "a BaseException, so that no `except Exception` of a student's swallows it",
    "ProcessorTimeExceeded": "a BaseException, so that no `except Exception` of the grader's swallows it",
    "SupervisorExit": "ends a process",
    "_NotDirect": "caught in the module that raises it",
    "ProbeReached": "an attempt of the probe that succeeded",
}


IMPORT_KERAS = {"autograder.records.course_data"}


def exceptions(package):
    """Module and name of every class that ends up an exception."""
    for path in sorted((ROOT / package).rglob("*.py")):
        if {"rubrics", "assignments"} & set(path.relative_to(ROOT).parts[:-2]):
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(
                "Err" in ast.unparse(base) or "xception" in ast.unparse(base) for base in node.bases
            ):
                marks = [pytest.mark.tensorflow] if module in IMPORT_KERAS else []
                yield pytest.param(module, node.name, marks=marks)


@pytest.mark.parametrize(("module", "name"), [*exceptions("cnnkit"), *exceptions("autograder")])
def test_it_has_the_common_base(module, name):
    found = getattr(import_module(module), name)
    assert name in INTERNAL or issubclass(found, KitError)
