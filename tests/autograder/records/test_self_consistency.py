"""A record that contradicts itself is seen without any training."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.records.self_consistency import inconsistencies
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.recording.schema import GeneratorState, TrainingRecord
from cnnkit.recording.seed_stream import seed_at
from cnnkit.recording.validation_losses import packed_answers, packed_losses
from cnnkit.session import seed_of


def single(*values):
    return [float(np.float32(value)) for value in values]


RECORD = TrainingRecord(
    run="adam",
    history={
        "loss": single(0.4, 0.2),
        "accuracy": single(10_000 / 12_000, 11_111 / 12_000),
        "val_loss": single(0.3, 0.1),
        "val_accuracy": single(4_700 / 5_000, 4_901 / 5_000),
    },
    images=12_000,
    batch_size=128,
    epochs=2,
    steps=[2.3] * 10,
    assignment="mnist_convnet",
    student="s1",
    seed=seed_of("mnist_convnet", "s1"),
    versions={"backend": "tensorflow"},
    data={"name": "mnist", "images": 12_000, "validation": 5_000, "size": 0, "scaled": 1.0},
    network=BRIEF,
    fingerprints=[[2.3, 0.1], [0.4, 0.2], [0.2, 0.3]],
    schema=2,
)
LAYOUT_3 = replace(
    RECORD,
    schema=3,
    optimizer={"name": "adam", "learning_rate": 0.001},
    loss="categorical_crossentropy",
    versions={
        "cnnkit": "1.0.0",
        "keras": "3.15.1",
        "numpy": "2.3.0",
        "backend": "tensorflow",
        "tensorflow": "2.21.0",
        "python": "3.11.2",
    },
    device="CPU",
    settings={"jit_compile": 0.0},
    initial="sha256:" + "1" * 64,
    draws=(
        GeneratorState(0, "kernel_initializer", "GlorotUniform", (seed_at(RECORD.seed, 3),), 3),
        GeneratorState(3, "generator", "", (seed_at(RECORD.seed, 5), 0), 5),
        GeneratorState(5, "kernel_initializer", "GlorotUniform", (seed_at(RECORD.seed, 7),), 7),
    ),
    image_losses=packed_losses(np.full(5_000, 0.1)),
    image_right=packed_answers(np.arange(5_000) < 4_901),
    step_rates=[0.001] * 10,
    epoch_rates=[0.001] * 2,
    fit={"epochs": 2.0, "data": "train", "validation_data": "val", "validation_freq": 1.0},
    dtypes=("float32",) * len(BRIEF.layers),
    floatx="float32",
)


def checks(**changes):
    return [finding.check for finding in inconsistencies(replace(RECORD, **changes))]


def history(**changes):
    return {**RECORD.history, **changes}


def test_an_honest_one():
    assert list(inconsistencies(RECORD)) == []


def test_one_of_an_older_package_has_less_and_is_fine():
    assert checks(network=None, fingerprints=[], data={}, steps=[]) == []


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"history": history(loss=single(0.4))}, "lengths"),
        ({"epochs": 1}, "lengths"),
        ({"fingerprints": RECORD.fingerprints[:2]}, "lengths"),
        ({"steps": [2.3] * 9}, "lengths"),
        ({"history": history(loss=[0.4, 0.2])}, "single precision"),
        ({"history": history(val_loss=[0.9 * value for value in RECORD.history["val_loss"]])}, "single precision"),
        ({"history": history(val_accuracy=single(0.94, 0.98765))}, "whole images"),
        ({"history": history(accuracy=single(0.83333, 0.9))}, "whole images"),
        ({"fingerprints": [[2.3, 0.1], [0.4, 0.2], [0.4, 0.2]]}, "fingerprints"),
        ({"fingerprints": [[2.3, 0.1], [0.4], [0.4, 0.2]]}, "fingerprints"),
        ({"seed": 3}, "seed"),
        ({"student": "s2"}, "seed"),
    ],
)
def test_what_gives_it_away(changes, check):
    assert checks(**changes) == [check]


@pytest.mark.parametrize(("off", "odd"), [(0.0105, False), (0.0107, True), (-0.0105, False), (-0.0107, True)])
def test_bound_of_images_that_are_no_integer(off, odd):
    history = {"val_accuracy": [(4_700 + off) / 5_000] * 2}
    changed = replace(RECORD, history=history, fingerprints=[], versions={})
    assert [finding.check for finding in inconsistencies(changed)] == ["whole images"] * odd


def test_every_whole_number_of_images_is_right():
    for images, name in ((55_000, "accuracy"), (5_000, "val_accuracy")):
        for count in range(0, images + 1, 997):
            changed = replace(RECORD, images=55_000, history={name: single(count / images)}, fingerprints=[])
            assert [f for f in inconsistencies(changed) if f.check == "whole images"] == []


def test_weights_that_stay_are_honest_where_the_loss_stays_too():
    """A learning rate of zero is a mistake, not a forgery."""
    marks = [[2.3, 0.1]] * 3
    assert checks(fingerprints=marks, history=history(val_loss=single(0.3, 0.3))) == []


def test_losses_that_are_no_numbers_are_no_contradiction():
    nan = float("nan")
    assert checks(history=history(loss=[nan, nan], val_loss=[nan, nan])) == []


def test_without_start_there_is_no_seed_to_compare():
    assert checks(assignment="", student="", seed=0) == []


def checks_3(**changes):
    return [(finding.check, finding.against) for finding in inconsistencies(replace(LAYOUT_3, **changes))]


def losses(*, mean=0.1, count=5_000):
    return packed_losses(np.full(count, mean))


def test_an_honest_one_of_layout_3():
    assert checks_3() == []
    assert checks_3(history={**RECORD.history, "val_accuracy": single(0.94, 4_903 / 5_000)}) == []


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"image_losses": losses(mean=0.1005)}, ("images", True)),
        ({"image_losses": losses(mean=0.0995)}, ("images", True)),
        ({"image_losses": losses(count=4_999)}, ("images", True)),
        ({"image_right": packed_answers(np.arange(5_000) < 4_904)}, ("images", True)),
        ({"draws": (GeneratorState(0, "kernel_initializer", "GlorotUniform", (12,), 3),)}, ("draws", True)),
        ({"draws": (GeneratorState(0, "generator", "", (seed_at(7, 3), 0), 3),)}, ("draws", True)),
        ({"draws": (GeneratorState(0, "generator", "", (12, 0)),)}, ("draws", False)),
    ],
)
def test_what_gives_layout_3_away(changes, wanted):
    if "image_losses" in changes and len(changes["image_losses"]) < len(losses()):
        changes = {**changes, "image_right": packed_answers(np.arange(4_999) < 4_901)}
    assert checks_3(**changes) == [wanted]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"versions": {}}, "versions"),
        ({"versions": {**LAYOUT_3.versions, "cnnkit": ""}}, "versions"),
        ({"device": ""}, "the device"),
        ({"floatx": ""}, "floatx"),
        ({"network": None, "steps": [], "step_rates": []}, "the network"),
        ({"settings": {}}, "the settings of its steps"),
        ({"initial": ""}, "the initial weights"),
        ({"fingerprints": []}, "the fingerprints"),
        ({"dtypes": ()}, "the dtypes"),
        ({"floatx": "", "dtypes": ()}, "floatx, the dtypes"),
    ],
)
def test_a_record_without_what_the_kit_always_writes_is_not_the_kits(changes, named):
    (finding,) = inconsistencies(replace(LAYOUT_3, **changes))
    assert (finding.check, finding.against) == ("missing", True)
    assert finding.text == f"The record lacks what the course's package always writes: {named}."


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"optimizer": {}}, "the optimizer"),
        ({"fit": {}}, "the settings of fit"),
        ({"epoch_rates": []}, "the learning rates"),
        ({"image_losses": "", "image_right": ""}, "the losses on single validation images"),
    ],
)
def test_what_an_honest_record_may_lack_is_named_and_left_open(changes, named):
    (finding,) = inconsistencies(replace(LAYOUT_3, **changes))
    assert (finding.check, finding.against) == ("missing", False)
    assert finding.text == f"The record lacks what the course's package writes: {named}."


FIT = LAYOUT_3.fit


@pytest.mark.parametrize(
    "changes",
    [
        {"fit": {**FIT, "steps_per_epoch": 5.0}, "steps": [2.3] * 5, "step_rates": [0.001] * 5, "history": "part"},
        {"fit": {**FIT, "validation_steps": 5.0}, "history": "validation", "image_losses": ""},
        {"fit": {**FIT, "class_weight": 1.0}, "class_weight": {"3": 2.0}, "history": "part"},
        {"fit": {**FIT, "data": "other"}, "steps": [2.3] * 3, "history": "part"},
        {"fit": {**FIT, "validation_data": "other"}, "history": "validation", "image_losses": ""},
        {"floatx": "float64", "dtypes": ("float64",) * 8, "history": "double"},
        {"unclear": {"steps": "its class takes training steps of its own"}, "history": "double"},
        {"fit": {**FIT, "validation_freq": 2.0}, "history": "every second"},
        {"history": "a metric of its own"},
    ],
)
def test_what_the_record_explains_is_no_contradiction(changes):
    histories = {
        "part": {**RECORD.history, "accuracy": single(0.8333, 0.9166)},
        "validation": {**RECORD.history, "val_accuracy": single(0.9333, 0.9666)},
        "double": {**RECORD.history, "loss": [0.41, 0.23]},
        "every second": {name: v[1:] if "val_" in name else v for name, v in RECORD.history.items()},
        "a metric of its own": {**RECORD.history, "f1": [0.5]},
    }
    assert checks_3(history=histories["part"]) == ([("whole images", True)])
    changes = {**changes, "history": histories[changes["history"]]}
    found = [one for one in checks_3(**changes) if one[0] not in ("images", "missing")]
    assert found == []


def test_more_epochs_than_cnnkit_record_was_called_with_are_left_open():
    assert checks_3(epochs=1, fit={**FIT, "epochs": 2.0}) == [("epochs", False)]
    assert checks_3(epochs=1, fit={**FIT, "epochs": 1.0}) == [("lengths", True)]


def test_one_call_of_fit_trains_no_more_epochs_than_it_is_asked_for():
    assert checks_3(fit={**FIT, "epochs": 1.0}) == [("lengths", True)]
    assert checks_3(fit={**FIT, "epochs": 1.0}, earlier_fits=1) == []
    assert checks_3(fit={**FIT, "epochs": 1.0}, resumed=(1,)) == []


def test_there_are_no_more_learning_rates_than_epochs():
    assert checks_3(epoch_rates=[0.001] * 3) == [("lengths", True), ("missing", False)]


@pytest.mark.parametrize(
    "changes",
    [
        {"network": None, "unclear": {"network": "it is not built"}},
        {"image_losses": "", "image_right": "", "unclear": {"images": "ValueError: a loss of its own"}},
        {"image_losses": "", "image_right": "", "epochs": 3},
        {"image_losses": "", "image_right": "", "data": {}},
    ],
)
def test_what_is_missing_for_a_reason_is_not_missed(changes):
    assert checks_3(**changes) == []


def test_straight_lines_typed_in_a_minute_lack_much():
    typed = TrainingRecord(run="adam", history={"loss": [0.2, 0.1]}, images=55_000, epochs=2)
    finding, *_ = inconsistencies(typed)
    assert (finding.check, finding.against) == ("missing", True)
    assert "versions" in finding.text
    assert "the network" in finding.text
