"""`autograder verify`: one student's records replayed, or trained again and shown beside what was recorded."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.audit.submissions import notebook_with
from autograder.commands.cli import main
from cnnkit import session

pytestmark = pytest.mark.tensorflow

NAME = "mnist_convnet"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A short honest run of the assignment's network on few images, with its weights."""
    import keras

    import cnnkit

    folder, here = tmp_path_factory.mktemp("recorded"), Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(session, "_current", None)
        cnnkit.start(NAME, student="s1")
        train, val = cnnkit.data.batches("mnist", quick=True)

        def train_small(optimizer, train, val, epochs, callbacks):
            layers = keras.layers
            network = keras.Sequential(
                [
                    keras.Input((28, 28, 1)),
                    layers.Conv2D(64, 3, strides=2, activation="relu"),
                    layers.Conv2D(32, 2, padding="same", activation="relu"),
                    layers.MaxPooling2D(2, strides=1),
                    layers.Dropout(0.35),
                    layers.Flatten(),
                    layers.Dense(256, "tanh"),
                    layers.Dropout(0.5),
                    layers.Dense(10, "softmax"),
                ]
            )
            network.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
            return network.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, verbose=0)

        record = cnnkit.record(train_small, "sgd", train.first(1_000), val.first(500), epochs=2)
    assert Path.cwd() == here
    return folder / "records", record


@pytest.fixture
def submitted(recorded, tmp_path):
    def hand_in(student="s1", change=lambda text: text):
        from autograder.course.config import load_course

        folder = tmp_path / "submitted" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(notebook_with(load_course(), NAME, {}, student="s1", records={}))
        shutil.copytree(recorded[0], folder / "records")
        file = folder / "records" / "sgd.json"
        file.write_text(change(file.read_text()))
        return tmp_path / "submitted"

    return hand_in


def verify(folder, *more, student="s1"):
    return CliRunner().invoke(main, ["verify", NAME, "--student", student, "--submitted", str(folder), *more])


def test_an_honest_run(submitted):
    done = verify(submitted())
    assert done.exit_code == 0, done.output
    assert done.output.startswith("sgd: verified. The first steps come out the same again; the final weights give")


def test_trained_again_it_is_the_same(submitted, recorded):
    done = verify(submitted(), "--full")
    assert done.exit_code == 0, done.output
    assert "sgd, trained again:" in done.output
    last = recorded[1].history["loss"][-1]
    assert done.output.splitlines()[-2].split()[:3] == ["2", f"{last:.4f}", f"{last:.4f}"]
    assert "sgd: the same training" in done.output.splitlines()[-1]


def test_an_edited_record(submitted, recorded):
    losses = recorded[1].history["loss"]

    def edit(text):
        data = json.loads(text)
        data["history"]["loss"] = [losses[0], losses[1] / 2]
        data["history"]["val_loss"][1] /= 2
        return json.dumps(data)

    done = verify(submitted(change=edit), "--full")
    assert done.exit_code == 1
    assert "sgd: contradicted. Image by image its validation loss is" in done.output
    assert "Its final weights have validation loss" in done.output
    assert "sgd: another training: losses differ by up to 100%." in done.output


def test_a_classmates_record(submitted):
    submitted()
    done = verify(submitted("s2"), student="s2")
    assert done.exit_code == 1
    assert "The record is that of s1, another student of this class." in done.output


def test_mistakes_in_the_call(tmp_path, submitted):
    folder = submitted()
    assert "does not exist" in verify(folder, student="nobody").output
    assert verify(folder, student="nobody").exit_code == 2
    (folder / "s1" / NAME / "records" / "sgd.json").unlink()
    assert "There are no training records" in verify(folder).output
