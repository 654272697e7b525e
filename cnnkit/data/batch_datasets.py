"""Batches for training in a reproducible order: a function of the seed and the epoch, and of nothing else."""

from __future__ import annotations

import threading

import keras
import numpy as np
from numpy.typing import NDArray

from cnnkit.data import malloc
from cnnkit.data.batch_order import epoch_order

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Images (B, height, width, channels), in [0, 1] unless they are left unscaled, and one-hot labels (B, classes)."""

__all__ = ["Batch", "Batches", "FeatureBatches", "epoch_order"]


class Batches(keras.utils.PyDataset):
    """Images and one-hot labels, converted a batch at a time: MNIST takes 47 MB, where floats would take 188.

    In an epoch Keras gets batch 0, 1, 2, ..., whichever index it asks for. `fit` would otherwise shuffle the batches
    (`shuffle=True` is its default) with Python's global random state, and the order could not be reproduced. Outside an
    epoch `batches[i]` is batch i of the next epoch.

    Each `fit` and `evaluate` counts its epochs from 0. A caller that must be sure of the number, as a training record
    must, calls `set_epoch` at the beginning of each epoch.

    Args:
        pixels: uint8 (N, height, width) or (N, height, width, channels), 0 to 255.
        labels: integers (N,), 0 to classes - 1.
        classes: length of a one-hot row.
        batch_size: images in a batch; the last batch may be smaller.
        seed: of the order, see `cnnkit.data.batch_order.epoch_order`; None for the order of the arrays.
        scaled: True to divide pixels by 255; otherwise they stay 0 to 255, as float32.
        origin: description of these data for a record of the training; see `cnnkit.data.batches`.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.integer],
        *,
        classes: int = 10,
        batch_size: int = 128,
        seed: int | None = 0,
        scaled: bool = True,
        origin: dict[str, float | str] | None = None,
    ) -> None:
        super().__init__(workers=1)
        self.images = len(pixels)
        self.batch_size = batch_size
        self.seed = seed
        self.scaled = scaled
        self.origin = origin
        self.classes = classes
        self.epoch = 0
        self._pixels = pixels if pixels.ndim == 4 else pixels[..., np.newaxis]
        self._labels = labels
        self._one_hot = np.eye(classes, dtype=np.float32)
        self._order = self.order(0)
        # Keras calls from a thread of its own while `set_epoch` may be called from the notebook's.
        self._lock = threading.Lock()
        self._running = False
        self._served = 0
        self._next_epoch = 0

    def __len__(self) -> int:
        """Batches in an epoch."""
        return -(-self.images // self.batch_size)

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Positions of the images, (N,), in the order in which epoch `epoch` (from 0) serves them."""
        if self.seed is None:
            return np.arange(self.images)
        return epoch_order(self.seed, epoch, self.images)

    def set_epoch(self, epoch: int) -> None:
        """Set the number (from 0) of the epoch that begins next. Call it between epochs."""
        with self._lock:
            self._running = False
            self._next_epoch = epoch
            self._turn_to(epoch)

    def first(self, count: int) -> Batches:
        """The first `count` images (in the arrays' order), or all of them, as a separate dataset."""
        return Batches(
            self._pixels[:count],
            self._labels[:count],
            classes=self.classes,
            batch_size=self.batch_size,
            seed=self.seed,
            scaled=self.scaled,
            origin=None if self.origin is None else self.origin | {"images": min(count, self.images)},
        )

    def __getitem__(self, index: int) -> Batch:
        """Images (B, height, width, channels) and labels (B, classes), float32.

        Raises:
            IndexError: no batch has that number.
        """
        with self._lock:
            number = index
            if self._running:
                number = self._served % len(self)
                self._served += 1
                malloc.restore_thresholds()
            order = self._order
        if not -len(self) <= number < len(self):
            raise IndexError(f"expected a batch from 0 to {len(self) - 1}, found {index}")
        start = number % len(self) * self.batch_size
        chosen = order[start : start + self.batch_size]
        return self.pick(chosen)

    def pick(self, chosen: NDArray[np.int64]) -> Batch:
        """The images at these positions of the arrays, with their labels, as one batch."""
        images = self._pixels[chosen].astype(np.float32)
        if self.scaled:
            images /= 255
        return images, self._one_hot[self._labels[chosen]]

    def on_epoch_begin(self) -> None:
        """Begin an epoch. Called by Keras."""
        with self._lock:
            self._running = True
            self._served = 0
            self._turn_to(self._next_epoch)
            self._next_epoch += 1

    def on_epoch_end(self) -> None:
        """End an epoch. Called by Keras, also once before the first epoch of a run: the count then restarts at 0."""
        with self._lock:
            if not self._running:
                self._next_epoch = 0
            self._running = False
            self._turn_to(self._next_epoch)

    def __repr__(self) -> str:
        """Number of images and of batches."""
        return f"<{self.images:,} images in {len(self):,} batches of {self.batch_size}>"

    def _turn_to(self, epoch: int) -> None:
        if epoch != self.epoch:
            self.epoch = epoch
            self._order = self.order(epoch)


class FeatureBatches(Batches):
    """Features of images, computed once by a backbone, with labels 0 or 1, in a reproducible order like `Batches`.

    Args:
        features: float32 (N, ...): the backbone's output for each image.
        labels: (N,), 0 or 1.
        batch_size: images in a batch; the last batch may be smaller.
        seed: of the order, see `cnnkit.data.batch_order.epoch_order`; None for the order of the arrays.
    """

    def __init__(
        self, features: NDArray[np.float32], labels: NDArray[np.integer], *, batch_size: int = 32, seed: int | None = 0
    ) -> None:
        labels = np.asarray(labels).reshape(len(features))
        super().__init__(np.zeros((len(features), 1, 1, 1), np.uint8), labels, batch_size=batch_size, seed=seed)
        self._features = np.asarray(features, np.float32)

    def first(self, count: int) -> FeatureBatches:
        """The first `count` images, or all of them, as a separate dataset."""
        features, labels = self._features[:count], self._labels[:count]
        return FeatureBatches(features, labels, batch_size=self.batch_size, seed=self.seed)

    def pick(self, chosen: NDArray[np.int64]) -> Batch:
        """Features (B, ...) and labels (B, 1), float32."""
        return self._features[chosen], self._labels[chosen].astype(np.float32)[:, np.newaxis]
