"""The course's data sets: on disk beside the package, checked, and never downloaded.

Example:
    (x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
    train, val = cnnkit.data.batches("mnist")
    cnnkit.data.class_names("fashion_mnist")[9]  # 'Ankle boot'
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.errors import KitError
from cnnkit.text import did_you_mean

if TYPE_CHECKING:
    from cnnkit.data.batch_datasets import Batches, FeatureBatches

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images (N, height, width), or (N, height, width, 3) in colour, and labels (N,), both uint8."""


class DataError(KitError):
    """A data set is unknown, missing or damaged; the message says which and what to do."""


def folder() -> Path:
    """The folder with the data files: inside the installed package, or beside it in a checkout.

    Raises:
        DataError: neither has data files.
    """
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "datasets", package.parent / "datasets"):
        if any(candidate.glob("*.json")):
            return candidate
    raise DataError(
        f"expected data files in {package / 'datasets'}, found none: this copy of cnnkit was installed without them. "
        "Install cnnkit again from the course's repository, or use the course's own environment."
    )


def names() -> list[str]:
    """Names of the data sets that are installed, sorted."""
    return sorted(path.stem for path in folder().glob("*.json"))


def load(name: str) -> tuple[Pair, Pair]:
    """Load a data set in the form of `keras.datasets`, without the network.

    | name | images, uint8 | labels, uint8 |
    |---|---|---|
    | "mnist" | (60000, 28, 28) and (10000, 28, 28), 0 (ground) to 255 (ink) | the digit, 0 to 9 |
    | "fashion_mnist" | (60000, 28, 28) and (10000, 28, 28), 0 (ground) to 255 | 0 to 9, see `class_names` |
    | "birds_mammals" | (336, 96, 96, 3) and (96, 96, 96, 3), red, green, blue | 0 bird, 1 mammal |

    Reading "fashion_mnist" takes one or two seconds, because it is compressed more; the others take a moment. Several
    images of "birds_mammals" show the same photograph, see `photographs`.

    Args:
        name: one of `names()`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, labels of shape (N,). The arrays are yours to change: every call reads
        them again.

    Raises:
        DataError: there is no such data set, or its file is missing or not the one that was published.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load("mnist")
        >>> x_train.shape, y_test.shape, x_train.dtype
        ((60000, 28, 28), (10000,), dtype('uint8'))
    """
    x_train, y_train, x_test, y_test = _read(name, "x_train", "y_train", "x_test", "y_test")
    return (x_train, y_train), (x_test, y_test)


def load_test(name: str) -> Pair:
    """Load the test images and labels only, `(x_test, y_test)`. Internal: for the grader.

    Raises:
        DataError: as `load`.
    """
    x_test, y_test = _read(name, "x_test", "y_test")
    return x_test, y_test


def preload(name: str) -> None:
    """Cache a data set in memory, from which `load` copies it, here and in every fork. Internal: for the grader.

    Raises:
        DataError: as `load`.
    """
    if name not in _held:
        with np.load(_file(name), allow_pickle=False) as archive:
            found = {array: archive[array] for array in archive.files}
        for array in found.values():
            array.flags.writeable = False  # every caller shares it
        _held[name] = found


_held: dict[str, dict[str, NDArray[np.uint8]]] = {}


def class_names(name: str) -> list[str]:
    """Names of the classes: that of label i at position i.

    For "mnist" "0" to "9", for "fashion_mnist" ten sorts of clothes, for "birds_mammals" ["bird", "mammal"].

    Raises:
        DataError: there is no such data set.

    Example:
        >>> class_names("fashion_mnist")[9]
        'Ankle boot'
    """
    return list(_description(name)["class_names"])


def photographs(name: str = "birds_mammals") -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The number of the photograph that each image shows, for a split with no photograph on both sides.

    Args:
        name: a data set in which several images show the same photograph: "birds_mammals".

    Returns:
        `(photo_train, photo_test)`, uint8 of shape (336,) and (96,): numbers of photographs, in the order of the images
        that `load` gives. No number is in both.

    Raises:
        DataError: there is no such data set, or each of its images is a photograph of its own.
    """
    if "photographs" not in _description(name):
        having = [other for other in names() if "photographs" in _description(other)]
        raise DataError(
            f"expected a data set in which several images show one photograph ({', '.join(having) or 'none here'}), "
            f"found {name!r}, whose images are each one of its own: split them as you like."
        )
    photo_train, photo_test = _read(name, "photo_train", "photo_test")
    return photo_train, photo_test


def batches(
    name: str = "mnist",
    quick: bool = False,
    batch_size: int = 128,
    seed: int | None = None,
    size: int | None = None,
    scaled: bool = True,
) -> tuple[Batches, Batches]:
    """Training and validation data in batches, ready for `model.fit(train, validation_data=val)`.

    | name | training | in quick mode | validation |
    |---|---|---|---|
    | "mnist", "fashion_mnist" | the first 55,000 of 60,000 training images | the first 12,000 | the last 5,000 |
    | "birds_mammals" | the first 256 of 336 training images | the first 128 | the last 80, of other photographs |

    The test images are left alone: what chooses a model must not also judge it.

    Args:
        name: one of `names()`.
        quick: fewer training images, for while you work.
        batch_size: images in a batch; the last batch of an epoch may be smaller.
        seed: what decides the order of the training images (`cnnkit.data.batch_order.epoch_order`); by default the
            seed of `cnnkit.start`, or 0 where that has not been called.
        size: height and width of the images, which are given a border of zeros all around; as they are unless given.
        scaled: True to divide pixels by 255; False, for a network that does so itself, leaves them 0 to 255.

    Returns:
        `(train, val)`: two `keras.utils.PyDataset`. A batch is `(images, labels)`: float32 (B, height, width, channels)
        with values in [0, 1] (0 to 255 if not `scaled`), and one-hot float32 (B, classes); that is (B, 28, 28, 1) and
        (B, 10) for "mnist" and "fashion_mnist", (B, 96, 96, 3) and (B, 2) for "birds_mammals". Each has `images` (how
        many) and `batch_size`.
        Training images come in a different order each epoch, validation images always in the file's.

    Raises:
        DataError: as `load`, or batch_size is not a positive integer, or the images do not fit in the middle of `size`.
    """
    if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1:
        raise DataError(f"expected batch_size as a positive whole number, found {batch_size!r}")
    description = _description(name)
    pixels, labels = _read(name, "x_train", "y_train", own=False)
    if size is not None:
        pixels = with_border(pixels, size)

    from cnnkit.data.batch_datasets import Batches  # imports Keras

    last = len(pixels) - description["validation_images"]
    first = description["quick_images"] if quick else last
    classes = len(description["class_names"])
    order_seed = _session_seed() if seed is None else seed
    settings: dict[str, Any] = {"classes": classes, "batch_size": batch_size, "scaled": scaled}
    origin: dict[str, float | str] = {"name": name, "images": first, "size": size or 0, "scaled": float(scaled)}
    train = Batches(pixels[:first], labels[:first], seed=order_seed, origin=origin, **settings)
    origin = origin | {"images": len(pixels) - last}
    val = Batches(pixels[last:], labels[last:], seed=None, origin=origin, **settings)
    return train, val


def feature_batches(
    features: NDArray[np.float32], labels: NDArray[np.integer], batch_size: int = 32, shuffle: bool = True
) -> FeatureBatches:
    """A backbone's features as a dataset for `fit`, to train a head on them.

    Args:
        features: (N, ...), one array for each image, in the order of `labels`.
        labels: (N,), 0 or 1.
        batch_size: images in a batch; the last one of an epoch may be smaller.
        shuffle: True for a different order each epoch, decided by the seed of `cnnkit.start`: for training, not for
            validation.

    Returns:
        A `keras.utils.PyDataset`. A batch is `(features, labels)`: float32 (B, ...) as given, and float32 (B, 1).

    Raises:
        DataError: the numbers of labels and of arrays differ.

    Example:
        >>> import numpy as np
        >>> len(feature_batches(np.zeros((40, 3, 3, 8), "float32"), np.arange(40) % 2))
        2
    """
    if len(features) != len(labels):
        raise DataError(f"expected a label for each of {len(features)} arrays of features, found {len(labels)} labels")

    from cnnkit.data.batch_datasets import FeatureBatches  # imports Keras

    return FeatureBatches(features, labels, batch_size=batch_size, seed=_session_seed() if shuffle else None)


def with_border(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Images (N, height, width[, channels]) with zeros all around, (N, size, size[, channels]).

    Raises:
        DataError: they are larger, or cannot be in the middle.
    """
    borders = [(0, 0)] * pixels.ndim
    for axis in (1, 2):
        added = size - pixels.shape[axis]
        if added < 0 or added % 2:
            now = "×".join(map(str, pixels.shape[1:3]))
            raise DataError(f"expected a size that images of {now} fit in the middle of, found {size!r}")
        borders[axis] = (added // 2, added // 2)
    return np.pad(pixels, borders)


def _known(name: str) -> str:
    known = names()
    if name in known:
        return name
    question = did_you_mean(name, known)
    raise DataError(f"there is no data set {name!r}; there is: {', '.join(known)}. {question}".rstrip())


def _description(name: str) -> dict[str, Any]:
    """The description of the data set, from its .json file."""
    description: dict[str, Any] = json.loads((folder() / f"{_known(name)}.json").read_text(encoding="utf-8"))
    return description


def _file(name: str) -> Path:
    """Path of the data set's file, verified."""
    path = folder() / f"{_known(name)}.npz"
    _verify(path)
    return path


def _read(name: str, *arrays: str, own: bool = True) -> list[NDArray[np.uint8]]:
    """Read arrays by name; without `own` they may be shared and read-only."""
    if name in _held:
        return [_held[name][array].copy() if own else _held[name][array] for array in arrays]
    path = _file(name)
    try:
        with np.load(path, allow_pickle=False) as archive:
            return [archive[array] for array in arrays]
    except RuntimeError as error:  # from zipfile: "Compression requires the (missing) lzma module"
        raise DataError(
            f"expected a Python that can unpack {path.name}, found one that was built without a part of its standard "
            f"library: {error}. Use the course's own environment, or another Python."
        ) from error


@functools.cache  # once per process; an exception is not cached
def _verify(path: Path) -> None:
    description = _description(path.stem)
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise DataError(f"expected the data file {path}, found none. {_REMEDY}") from None
    if found != description["sha256"]:
        raise DataError(
            f"{path.name} is not the file that was published: expected sha256 {description['sha256']}, found {found} "
            f"({path.stat().st_size:,} bytes, expected {description['bytes']:,}). {_REMEDY}"
        )


_REMEDY = "Install cnnkit again, or in a checkout of the course: git checkout -- datasets"


def _session_seed() -> int:
    from cnnkit import session

    current = session.current_session()
    return 0 if current is None else int(current.seed)
