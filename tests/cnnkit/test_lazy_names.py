"""Names that are imported when they are first used: all there, all offered, and nothing imported before."""

import importlib
import subprocess
import sys

import pytest

PACKAGES = ["cnnkit", "cnnkit.checks", "cnnkit.plots", "autograder.report", "autograder.intake"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there_and_offered(package):
    module = importlib.import_module(package)
    assert dir(module) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_another_name_is_answered_with_those_that_there_are(package):
    module = importlib.import_module(package)
    with pytest.raises(
        AttributeError, match=f"module '{package}' has no attribute 'chekc'; it has: .*{module.__all__[-1]}"
    ):
        _ = module.chekc


def test_importing_a_package_imports_none_of_its_modules():
    code = (
        f"import sys, {', '.join(PACKAGES)}; print(*sorted(m for m in sys.modules if m.startswith(('cnnkit', 'auto'))))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == sorted([*PACKAGES, "autograder", "cnnkit.lazy_names"])
