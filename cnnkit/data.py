"""The course's data sets: on disk beside the package, checked, and never downloaded.

Example:
    (x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
    train, val = cnnkit.data.batches("mnist")
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cnnkit.batches import Batches as Batches

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images (N, height, width) and labels (N,), both uint8."""

VALIDATION_IMAGES = 5_000
"""The last images of the training set, kept for choosing. The test images are for the end, once."""

QUICK_IMAGES = 12_000
"""How many training images the quick mode uses: the first ones."""


class DataError(Exception):
    """A data set is unknown, missing or damaged; the message says which and what to do."""


def folder() -> Path:
    """Where the data files lie: inside the installed package, or beside it in a checkout.

    Raises:
        DataError: neither has any.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "datasets", package.parent / "datasets"):
        if any(candidate.glob("*.json")):
            return candidate
    raise DataError(
        f"expected data files in {package / 'datasets'}, found none: this copy of cnnkit was installed without them. "
        "Install cnnkit again from the course's repository, or use the course's own environment."
    )


def names() -> list[str]:
    """The data sets that are there."""
    return sorted(path.stem for path in folder().glob("*.json"))


def load(name: str) -> tuple[Pair, Pair]:
    """A data set, as `keras.datasets` gives it, but without the network.

    Args:
        name: "mnist".

    Returns:
        `(x_train, y_train), (x_test, y_test)`. For "mnist": images uint8 of shape (60000, 28, 28) and (10000, 28, 28)
        with values 0 (ground) to 255 (ink), labels uint8 of shape (60000,) and (10000,) with values 0 to 9. The
        arrays are yours to change: every call reads them anew.

    Raises:
        DataError: there is no such data set, or its file is missing or not the one that was published.
    """
    path = folder() / f"{_known(name)}.npz"
    _verify(path)
    with np.load(path, allow_pickle=False) as arrays:
        train = (arrays["x_train"], arrays["y_train"])
        test = (arrays["x_test"], arrays["y_test"])
    return train, test


def batches(
    name: str = "mnist", quick: bool = False, batch_size: int = 128, seed: int | None = None
) -> tuple[Batches, Batches]:
    """Training and validation data in batches, ready for `model.fit(train, validation_data=val)`.

    Training uses the first 55,000 of MNIST's 60,000 training images, or the first 12,000 in quick mode; validation the
    last 5,000. The test images are left alone: what chooses a model must not also judge it.

    Args:
        name: "mnist".
        quick: fewer training images, for while you work.
        batch_size: images in a batch; the last batch of an epoch may be smaller.
        seed: what decides the order of the training images (`cnnkit.batches.epoch_order`); by default the seed of
            `cnnkit.start`, or 0 where that has not been called.

    Returns:
        `(train, val)`: two `keras.utils.PyDataset`. A batch is `(images, labels)`: float32 (B, 28, 28, 1) with values
        in [0, 1], and one-hot float32 (B, 10). Each has `images` (how many) and `batch_size`. Training images come in
        another order each epoch, validation images always in the file's.

    Raises:
        DataError: as `load`, or batch_size is not a positive whole number.
    """
    if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1:
        raise DataError(f"expected batch_size as a positive whole number, found {batch_size!r}")
    (pixels, labels), _ = load(name)

    from cnnkit.batches import Batches  # imports Keras

    last = len(pixels) - VALIDATION_IMAGES
    first = QUICK_IMAGES if quick else last
    classes = int(labels.max()) + 1
    order_seed = _session_seed() if seed is None else seed
    train = Batches(pixels[:first], labels[:first], classes=classes, batch_size=batch_size, seed=order_seed)
    val = Batches(pixels[last:], labels[last:], classes=classes, batch_size=batch_size, seed=None)
    return train, val


def _known(name: str) -> str:
    known = names()
    if name in known:
        return name
    close = difflib.get_close_matches(str(name).lower().replace("-", "_"), known, n=1, cutoff=0.5)
    question = f" Did you mean {close[0]!r}?" if close else ""
    raise DataError(f"there is no data set {name!r}; there is: {', '.join(known)}.{question}")


@functools.cache  # once per process; an exception is not remembered
def _verify(path: Path) -> None:
    description: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
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

    current = session.current()
    return 0 if current is None else int(current.seed)


def __getattr__(name: str) -> Any:
    if name == "Batches":  # imports Keras, so not before it is asked for
        from cnnkit.batches import Batches

        return Batches
    raise AttributeError(f"module 'cnnkit.data' has no attribute {name!r}; it has load, batches, names and Batches")
