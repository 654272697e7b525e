"""The public checks: right answers in any form pass, wrong ones are told what is wrong. Without TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot as plt

from cnnkit.assignments.mnist_convnet.brief import BRIEF, INPUT, OPTIMIZERS
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.checks.registry import public_checks
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import CompileSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

CHECKS = public_checks("mnist_convnet")

COMPILED = CompileSpec("adam", loss="categorical_crossentropy")
FIT = FitSpec(replace(BRIEF, compiled=COMPILED), True, 4, "train", "val", True)
RUNS = tuple(WatchedRun(f'"{name}"', (FIT,), "history") for name in OPTIMIZERS)


class Given(LiveEvidence):
    """Live functions, but the network and the training are given as data."""

    def __init__(self, functions=(), model=BRIEF, runs=RUNS):
        super().__init__(dict(functions))
        self._model, self._runs = model, runs

    def model(self, function, *args, input_shape):
        assert (function, input_shape) == ("build_convnet", (None, 28, 28, 1))
        return self._model

    def training(self, function, optimizers, *, epochs, input_shape):
        assert (function, epochs) == ("train_convnet", 4)
        return self._runs


def failures(exercise, evidence):
    found = {}
    for check in CHECKS.of(exercise):
        try:
            check.run(evidence)
        except Mismatch as mismatch:
            found[check.title] = mismatch.message
    return found


def test_the_brief_has_the_numbers_of_the_contract():
    counts = [640, 8_224, 0, 0, 0, 1_179_904, 0, 2_570]
    assert [layer.parameters for layer in BRIEF.layers] == counts
    assert BRIEF.parameters == sum(counts) == 1_191_338
    assert [layer.output_shape[1:] for layer in BRIEF.layers] == [
        (13, 13, 64),
        (13, 13, 32),
        (12, 12, 32),
        (12, 12, 32),
        (4608,),
        (256,),
        (256,),
        (10,),
    ]


def prepare(images):
    return images[..., np.newaxis].astype("float32") / 255


def one_hot(labels, classes=10):
    return np.eye(classes, dtype="float32")[labels]


def data(images=prepare, labels=one_hot):
    return failures("data", Given({"prepare_images": images, "one_hot": labels}))


def test_data():
    assert data() == {}
    assert data(labels=lambda labels: [[float(column == label) for column in range(10)] for label in labels]) == {}
    assert data(labels=lambda labels: one_hot(labels).astype(bool)) == {}
    assert "(5, 28, 28)" in " ".join(data(images=lambda images: (images / 255).astype("float32")).values())
    assert "float64" in " ".join(data(images=lambda images: prepare(images).astype(float)).values())
    assert len(data(images=lambda images: images)) == 2
    assert list(data(labels=lambda labels: np.zeros((3, 10)))) == ["one_hot puts a single 1 into each row"]


def size(size, kernel, stride=1, padding="valid"):
    if padding == "same":
        return -(-size // stride)
    return (size + 2 * (0 if padding == "valid" else padding) - kernel) // stride + 1


def parameters(kernel, channels, filters, bias=True):
    height, width = np.broadcast_to(kernel, 2)
    return (height * width * channels + bias) * filters


def arithmetic(sizes=size, counts=parameters):
    return failures("arithmetic", Given({"conv_output_size": sizes, "conv_parameters": counts}))


def test_arithmetic():
    assert arithmetic() == {}
    assert arithmetic(sizes=lambda *args, **kwargs: np.float64(size(*args, **kwargs))) == {}
    said = arithmetic(sizes=lambda size, kernel, stride, padding: (size - kernel) / stride + 1)
    assert 'conv_output_size(28, 3, stride=2, padding="valid"): expected 13, found 13.5.' in said.values()
    said = arithmetic(counts=lambda kernel, channels, filters: None)
    assert "conv_parameters(3, 1, 64): expected a number, found None." in said.values()


def architecture(spec):
    return failures("architecture", Given(model=spec))


def layers(*rows, shape=INPUT):
    return sequence(shape, rows)


def test_architecture():
    assert architecture(BRIEF) == {}


def test_a_fixed_batch_size_is_no_mistake():
    fixed = [replace(layer, output_shape=(128, *layer.output_shape[1:])) for layer in BRIEF.layers]
    assert architecture(replace(BRIEF, input_shape=(128, 28, 28, 1), layers=tuple(fixed))) == {}


@pytest.mark.parametrize("count", range(len(BRIEF.layers)))
def test_a_network_that_ends_early_passes_no_check_of_shapes(count):
    cut = replace(BRIEF, layers=BRIEF.layers[:count])
    said = architecture(cut)
    assert "the layers are those of the brief, in its order" in said
    assert said["every layer's output has the shape you predicted"] == f"layers: expected 8 of them, found {count}."


def test_a_layer_too_many_at_the_end_is_seen():
    longer = replace(BRIEF, layers=(*BRIEF.layers, BRIEF.layers[3]))
    assert "found 9" in architecture(longer)["every layer's output has the shape you predicted"]


def test_another_input_and_another_shape_are_told():
    said = architecture(layers(("Flatten", {}), shape=(None, 32, 32, 1)))
    assert "input: expected 28×28×1, found 32×32×1." in said.values()
    said = architecture(layers(("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (1, 1)})))
    assert "output of layer 1 (Conv2D): expected 13×13×64, found 26×26×64." in said.values()
    assert "parameters in all: expected 1,191,338, found 640." in said.values()


def test_training():
    assert failures("training", Given()) == {}


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"problem": "ValueError: no"}, "compiles with categorical cross-entropy, and the loss can be computed"),
        ({"epochs": 10}, "trains on `train` for `epochs` epochs and validates on `val`"),
        ({"validation": "train"}, "trains on `train` for `epochs` epochs and validates on `val`"),
        ({"callbacks": False}, "returns the History of fit, and passes the callbacks on"),
        ({"fresh": False}, "each run starts from a fresh network"),
    ],
)
def test_a_mistake_in_training_fails_one_check(change, title):
    runs = tuple(replace(run, fits=(replace(run.fits[0], **change),)) for run in RUNS)
    assert list(failures("training", Given(runs=runs))) == [title]


def curves(plot):
    return failures("curves", Given({"plot_loss_curves": plot}))


def plain(histories, label=True, legend=True, names=True, metric="loss", backwards=False):
    figure, axes = plt.subplots()
    for name, run in histories.items():
        epochs = range(5, 0, -1) if backwards else range(1, 6)
        axes.plot(epochs, run.history[metric], label=name if label else None)
    if legend:
        axes.legend()
    if names:
        axes.set(xlabel="epoch", ylabel="loss")
    return figure


def legend_by_list(histories):
    for run in histories.values():
        plt.plot(run.history["loss"])
    plt.legend([name.title() for name in histories])
    plt.xlabel("epoch")
    plt.ylabel("loss")


def points_and_lines(histories):
    axes = plt.figure().add_subplot(xlabel="epoch", ylabel="loss")
    for name, run in histories.items():
        axes.plot(run.history["loss"], "o")
        axes.plot(run.history["loss"], label=name)
    axes.legend()
    return axes


def shared_axes(histories):
    _, rows = plt.subplots(1, 3, sharey=True)
    for axes, (name, run) in zip(rows, histories.items(), strict=True):
        axes.plot(run.history["loss"])
        axes.set(title=name, xlabel="epoch")
    rows[0].set_ylabel("loss")
    return rows


def named_once(histories):
    figure = shared_axes(histories)[0].figure
    for axes in figure.axes:
        axes.set(xlabel="", ylabel="")
    figure.supxlabel("epoch")
    figure.supylabel("loss")
    return figure


def figure_legend(histories):
    figure = plain(histories, legend=False)
    figure.legend()
    return [figure]


@pytest.mark.parametrize("plot", [plain, legend_by_list, points_and_lines, shared_axes, named_once, figure_legend])
def test_curves_drawn_in_many_ways(plot):
    assert curves(plot) == {}


ONE, LABELLED, NAMED = (check.title for check in CHECKS.of("curves"))


@pytest.mark.filterwarnings("ignore:No artists with labels")
@pytest.mark.parametrize(
    ("plot", "failed"),
    [
        (lambda histories: plain(histories, label=False), [LABELLED]),
        (lambda histories: plain(histories, legend=False), [LABELLED]),
        (lambda histories: plain(histories, names=False), [NAMED]),
        (lambda histories: plain(histories, metric="accuracy"), [ONE]),
        (lambda histories: plain(histories, backwards=True), [ONE]),
        (lambda histories: plain(dict(list(histories.items())[:1])), [ONE]),
        (lambda histories: plt.figure(), [ONE, LABELLED, NAMED]),
        (lambda histories: None, [ONE, LABELLED, NAMED]),
        (lambda histories: "a figure", [ONE, LABELLED, NAMED]),
    ],
)
def test_mistakes_in_curves(plot, failed):
    assert list(curves(plot)) == failed


def scattered(histories):
    axes = plt.figure().add_subplot(xlabel="epoch", ylabel="loss")
    for name, run in histories.items():
        axes.scatter(range(5), run.history["loss"], label=name)


def one_figure_each(histories):
    return [plain({name: run}) for name, run in histories.items()]


@pytest.mark.parametrize(
    ("plot", "found"),
    [
        (scattered, "found points, but no line between them"),
        (one_figure_each, "found 1 curve, which is not the loss of adadelta, sgd (in one of 3 figures)"),
        (lambda histories: one_figure_each(histories)[0], "the loss of adadelta, sgd (in one of 3 figures)"),
    ],
)
def test_what_was_drawn_instead_is_told(plot, found):
    assert found in curves(plot)[ONE]
