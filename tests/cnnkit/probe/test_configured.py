"""An optimizer object becomes data; any other object does not, and Keras is not imported for it."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from cnnkit.probe.configured import configured


@pytest.mark.tensorflow
def test_an_optimizer_has_its_name_and_all_of_its_settings():
    import keras

    found = configured(keras.optimizers.SGD(learning_rate=0.25, nesterov=True))

    assert found.name == "SGD"
    assert found.settings["learning_rate"] == 0.25
    assert found.settings["nesterov"] is True
    assert found.settings["momentum"] == 0.0


@pytest.mark.tensorflow
def test_a_class_is_no_optimizer():
    import keras

    assert configured(keras.optimizers.SGD) is None


def test_other_objects_are_no_optimizers_and_keras_is_not_imported():
    program = (
        "import sys\nfrom cnnkit.probe.configured import configured\n"
        "assert configured('adam') is None and configured(None) is None\nsys.exit('keras' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_object_that_lies_about_its_class_is_no_optimizer(odd, monkeypatch):
    keras = SimpleNamespace(optimizers=SimpleNamespace(Optimizer=type("Optimizer", (), {})))
    monkeypatch.setitem(sys.modules, "keras", keras)

    assert configured(odd) is None
