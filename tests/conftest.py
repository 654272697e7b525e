"""Fixtures of all tests, and what no test may do: tests run offline and leave the checkout as it was."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest
from hypothesis import settings

# TensorFlow is imported by some tests only, but it reads these when it is.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")

# The same examples every time; no deadline, because two cores are shared by several workers.
settings.register_profile("kit", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("kit")


def missing(reason: str) -> NoReturn:
    """Skip the test that calls this, or fail it where CI is set: CI installs what the tests need.

    For what can be installed. What no package mends (the account, the kernel's permission, the C library) is a
    `skipif`, and tests/test_conftest.py lists these.

    Args:
        reason: what was expected, and what installs it.
    """
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_sessionfinish() -> None:
    """Save the lines reached, in each worker: one that takes too long to end is killed, and its lines are lost."""
    if "coverage" in sys.modules:
        from coverage import Coverage

        measured = Coverage.current()
        if measured is not None:
            measured.save()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout's top folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_set() -> Callable[[str], Any]:
    """`data_set("mnist")` gives what `cnnkit.data.load` gives, unpacked once a session; nobody may write into it."""
    from cnnkit import data

    @functools.cache
    def load(name: str) -> Any:
        parts = data.load(name)
        for array in (array for part in parts for array in part):
            array.setflags(write=False)
        return parts

    return load


@pytest.fixture(scope="session")
def load_script(root: Path) -> Callable[[str], ModuleType]:
    """`load_script("datasets/build_mnist.py")` gives a script of the checkout, which is no package's, as a module.

    As when Python runs it, it may import the modules beside it.
    """

    def load(path: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(Path(path).stem, root / path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str((root / path).parent))
        before = sys.modules.get(module.__name__)
        sys.modules[module.__name__] = module  # where a dataclass looks its own module up
        try:
            spec.loader.exec_module(module)
        finally:
            del sys.path[0]
            if before is None:
                del sys.modules[module.__name__]
            else:
                sys.modules[module.__name__] = before
        return module

    return load


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Modules whose tests all need TensorFlow are not even imported where those are left out: that takes seconds."""
    if config.getoption("markexpr") != "not tensorflow" or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return True if re.search(r"^pytestmark = \[?\s*pytest\.mark\.tensorflow\b", text, flags=re.M) else None


MADE_ONCE = {
    "data_set": ("tests/cnnkit/data/test_datasets.py", "tests/datasets/test_build_"),
    "empty_gradebook": ("tests/autograder/gradebook/", "tests/autograder/release/test_generate.py"),
    "graded_class": ("tests/autograder/commands/test_commands.py", "tests/autograder/grading/test_pipeline.py"),
}
"""Session fixtures that take seconds or minutes to make, and the beginnings of the paths of the files that use them."""


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's; without it, tests run in one process
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, keep the files that use the same one of `MADE_ONCE` in one process as well.

    For `--dist loadgroup`, pytest-xdist 3.8 renames tests, which pytest 9.2 does not let it.
    """
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class SharingFiles(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((fixture for fixture, files in MADE_ONCE.items() if file.startswith(files)), file)

    return SharingFiles(config, log)


@pytest.fixture(scope="session", autouse=True)
def nothing_written_beside(root: Path) -> Iterator[None]:
    """A test that trains does so in a folder of its own: records lie where the process is."""
    yield
    assert not [name for name in ("records", ".cnnkit") if (root / name).exists()]
