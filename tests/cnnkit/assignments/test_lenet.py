"""LeNet's public checks: right answers in any form pass, wrong ones are told what is wrong. Without TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest

from cnnkit.assignments.lenet.architecture import AS_CONVOLUTION, max_pooling
from cnnkit.assignments.lenet.brief import BRIEF, MAX_BRIEF
from cnnkit.assignments.lenet.mend import lines_of
from cnnkit.assignments.lenet.table import rows_of
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.checks.registry import public_checks
from cnnkit.checks.remarks import collecting
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import CompileSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

CHECKS = public_checks("lenet")

MAX = MAX_BRIEF.network
ROWS = [(layer.kind, dict(layer.config)) for layer in BRIEF.layers]
MAX_ROWS = [(layer.kind, dict(layer.config)) for layer in MAX.layers]
COMPILED = CompileSpec("adam", loss="categorical_crossentropy")


def run(asked, network, **changes):
    return WatchedRun(
        f'"{asked}"', (FitSpec(replace(network, compiled=COMPILED), True, 4, "train", "val", True),), "history"
    )


RUNS = (run("average", BRIEF), run("max", MAX))


class Given(LiveEvidence):
    """Live functions, but the networks and the training are given as data."""

    def __init__(self, functions=(), average=BRIEF, most=MAX, runs=RUNS):
        super().__init__(dict(functions))
        self._networks, self._runs = {(): average, ("max",): most}, runs

    def model(self, function, *args, input_shape):
        assert (function, input_shape) == ("build_lenet", (None, 32, 32, 1))
        return self._networks[args]

    def training(self, function, optimizers, *, epochs, input_shape):
        assert ([asked.name for asked in optimizers], function) == (["average", "max"], "train_lenet")
        return self._runs


def failures(exercise, evidence):
    found = {}
    for check in CHECKS.of(exercise):
        try:
            check.run(evidence)
        except Mismatch as mismatch:
            found[check.title] = mismatch.message
    return found


def test_the_brief_has_the_numbers_of_the_notes():
    assert [layer.parameters for layer in BRIEF.layers] == [156, 0, 2_416, 0, 0, 48_120, 10_164, 850]
    assert {form.parameters for form in (BRIEF, MAX, *CHECKS.brief.forms)} == {61_706}
    shapes = [layer.output_shape[1:] for layer in BRIEF.layers]
    assert shapes[:5] == [(28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (400,)]


def test_padding():
    def pad(images, before=2, **options):
        return np.pad(images, ((0, 0), (before, 4 - before), (before, 4 - before), (0, 0)), **options)

    assert failures("data", Given({"pad_to_32": pad})) == {}
    corner = failures("data", Given({"pad_to_32": lambda images: pad(images, before=0)}))
    assert list(corner.values()) == ["pad_to_32(images), value at [0, 0, 0, 0]: expected 0, found 1."]
    assert len(failures("data", Given({"pad_to_32": lambda images: images}))) == 2


def table(rows):
    return failures("table", Given({"lenet_table": lambda: rows}))


RIGHT = [(layer.output_shape[1:], layer.parameters) for layer in BRIEF.layers]


@pytest.mark.parametrize(
    "rows",
    [
        RIGHT,
        tuple(map(list, RIGHT)),
        [((None, *shape), count) for shape, count in RIGHT],
        [(shape[0] if len(shape) == 1 else list(shape), np.int64(count)) for shape, count in RIGHT],
        {f"layer {number}": row for number, row in enumerate(RIGHT)},
    ],
)
def test_a_table_in_any_form(rows):
    assert table(rows) == {}
    assert [shape for shape, _ in rows_of(rows)] == [shape for shape, _ in RIGHT]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (None, "expected a list of 8 rows, found None"),
        (RIGHT[:7], "expected 8 rows, one for each layer, found 7"),
        ([156, *RIGHT[1:]], "lenet_table(), row 1: expected a pair, found int: 156"),
        ([*RIGHT[:7], ("10", 850)], "lenet_table(), output shape in row 8: expected a number, found the text '10'"),
        ([*RIGHT[:7], ((), 850)], "lenet_table(), output shape in row 8: expected a tuple of sizes"),
        ([*RIGHT[:7], ((10,), None)], "lenet_table(), parameters in row 8: expected a number, found None"),
    ],
)
def test_no_table(rows, words):
    assert all(words in message for message in table(rows).values())
    assert len(table(rows)) == 2


def test_a_total_that_is_wrong():
    assert list(table([((28, 28, 6), 150), *RIGHT[1:]]).values()) == [
        "the parameters of all rows: expected 61,706, found 61,700."
    ]


@pytest.mark.parametrize("lines", [[2, 6], (6, 2), np.array([2, 6]), [2.0, 6], 2, [np.int64(2)], {2: "shape", 6: ""}])
def test_lines_in_any_form(lines):
    assert lines_of(list(lines) if isinstance(lines, dict) else lines) <= {2, 6}


@pytest.mark.parametrize("lines", [None, [], [0], [11], ["2"], [2.5], [[2], [6]], "2, 6", {2, 6}])
def test_no_lines(lines):
    assert len(failures("mend", Given({"lines_to_mend": lambda: lines}))) == 1


def architecture(**networks):
    return failures("architecture", Given(**networks))


def test_the_networks_of_the_brief():
    assert architecture() == {}


@pytest.mark.parametrize("form", range(2))
def test_a_convolution_for_a_dense_layer_is_the_same_function_and_is_told_so(form):
    with collecting() as said:
        assert architecture(average=CHECKS.brief.forms[form]) == {}
    assert said == [AS_CONVOLUTION]
    assert "48,120" in AS_CONVOLUTION


def test_a_convolution_that_is_not_the_same_function():
    rows = [*ROWS[:4], ("Conv2D", {"filters": 120, "kernel_size": (3, 3), "activation": "tanh"}), ROWS[4], *ROWS[6:]]
    assert len(architecture(average=sequence((None, 32, 32, 1), rows))) == 2  # shapes and parameters


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: BRIEF, "the first MaxPooling2D: expected MaxPooling2D"),
        (lambda: sequence((None, 32, 32, 1), [*MAX_ROWS[:3], ROWS[3], *MAX_ROWS[4:]]), "the second MaxPooling2D"),
        (lambda: sequence((None, 32, 32, 1), [*MAX_ROWS[:4], ("Dropout", {"rate": 0.5}), *MAX_ROWS[4:]]), "Dropout"),
    ],
)
def test_another_network_for_max(change, words):
    (message,) = architecture(most=change()).values()
    assert message.startswith('build_lenet("max"), ')
    assert words in message


def test_what_both_networks_have_wrong_costs_once():
    wrong = {"activation": "relu"}
    average, most = (
        sequence(
            (None, 32, 32, 1), [(kind, {**config, **wrong} if kind == "Conv2D" else config) for kind, config in rows]
        )
        for rows in (ROWS, MAX_ROWS)
    )
    with pytest.raises(Mismatch):
        max_pooling(Given(most=most))
    max_pooling(Given(average=average, most=most))


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        ([("Conv2D", {"filters": 6, "kernel_size": (3, 3), "activation": "tanh"}), *MAX_ROWS[1:]], False),
        ([*MAX_ROWS[:3], ROWS[3], *MAX_ROWS[4:]], True),
    ],
)
def test_the_argument_is_hinted_at_where_a_pooling_is_wrong(rows, hint):
    with pytest.raises(Mismatch) as wrong:
        max_pooling(Given(average=BRIEF, most=sequence((None, 32, 32, 1), rows)))
    assert ("Let the argument `pooling` choose" in wrong.value.hint) == hint


def test_poolings_in_each_others_places_are_wrong_twice():
    with pytest.raises(Mismatch, match="first MaxPooling2D"):
        max_pooling(Given(average=MAX, most=BRIEF))


def test_pooling():
    def pool(x, size, stride, function=np.mean):
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
        return function(windows, axis=(-2, -1))

    assert failures("pooling", Given({"average_pool": pool})) == {}
    wrong = failures("pooling", Given({"average_pool": lambda *args: pool(*args, function=np.max)}))
    assert "expected 4.25, found 9" in "".join(wrong.values())


def test_field():
    assert failures("field", Given({"receptive_field": lambda layers: [5, 6, 14, 16][len(layers) - 1]})) == {}
    wrong = failures("field", Given({"receptive_field": lambda layers: 1 + sum(k - 1 for k, _ in layers)}))
    assert "receptive_field([(5, 1), (2, 2), (5, 1)]): expected 14, found 10." in wrong.values()


def test_training():
    assert failures("training", Given()) == {}


@pytest.mark.parametrize(
    ("average", "most", "words"),
    [
        (BRIEF, BRIEF, 'train_lenet("max", ...)'),
        (MAX, MAX, 'train_lenet("average", ...)'),
        (MAX, BRIEF, 'train_lenet("max", ...)'),
    ],
)
def test_a_pooling_that_is_not_passed_on(average, most, words):
    (message,) = failures("training", Given(runs=(run("average", average), run("max", most)))).values()
    assert words in message


def test_a_pooling_that_the_network_cannot_have_does_not_count_again():
    both = (run("average", BRIEF), run("max", BRIEF))
    assert failures("training", Given(most=BRIEF, runs=both)) == {}


MAPS = [np.linspace(-1, 1, 28 * 28 * 6).reshape(28, 28, 6), np.linspace(-1, 1, 1600).reshape(10, 10, 16)]


@pytest.fixture
def without_keras(monkeypatch):
    """The function returns given maps, whatever network the kit builds."""
    monkeypatch.setattr("cnnkit.probe.built.BuiltNetwork.live", lambda self: self)


@pytest.mark.parametrize(
    "maps",
    [MAPS, tuple(MAPS), [one[np.newaxis] for one in MAPS], {"c1": MAPS[0], "c3": MAPS[1]}, [MAPS[0], MAPS[1].tolist()]],
)
@pytest.mark.usefixtures("without_keras")
def test_maps_in_any_form(maps):
    assert failures("maps", Given({"feature_maps": lambda model, image: maps})) == {}


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        (MAPS[:1], "expected 2 arrays, one for each Conv2D, found 1"),
        (MAPS[::-1], "expected (28, 28, 6), found (10, 10, 16)"),
        ([2 * MAPS[0], MAPS[1]], "expected values of tanh, within ±1, found from -2 to 2"),
        ([0 * MAPS[0], MAPS[1]], "expected other values in other places, found 0 everywhere"),
        (np.zeros((2, 28, 28, 6)), "expected a list of 2 arrays, found an array"),
        (None, "found None"),
    ],
)
@pytest.mark.usefixtures("without_keras")
def test_wrong_maps(maps, words):
    (message,) = failures("maps", Given({"feature_maps": lambda model, image: maps})).values()
    assert words in message
