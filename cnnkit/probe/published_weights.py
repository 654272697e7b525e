"""Building networks without the weights that Keras publishes: no check needs them, and grading has no network.

`weights="imagenet"`, `keras.utils.get_file` with the address of a published file, and `load_weights` of one, under the
name that it has in Keras's cache, all succeed inside `published_weights_left_out`; nothing is downloaded, no file is
written, and the network keeps the weights it was drawn with. Every other file is read, or missing, as always.
"""

from __future__ import annotations

import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PUBLISHERS = (
    "storage.googleapis.com/tensorflow/",
    "storage.googleapis.com/keras-applications/",
    "storage.googleapis.com/download.tensorflow.org/",
    "github.com/fchollet/deep-learning-models/releases/",
    "github.com/keras-team/keras-applications/releases/",
)
"""Beginnings of the addresses, behind the scheme, under which `keras.applications` has published its weights."""

_ENDINGS = (".h5", ".hdf5", ".keras")
_PUBLISHED_NAMES = ("_tf_dim_ordering_tf_kernels", "_tf_no_top", "_1_0_224_tf")
"""Parts of the names that `keras.applications` gives to its files."""


def is_published(address: str) -> bool:
    """True if `keras.applications` publishes a file with weights under this address.

    Example:
        >>> is_published("https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights.h5")
        True
        >>> is_published("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz")
        False
    """
    parts = urllib.parse.urlsplit(address)
    return f"{parts.netloc}{parts.path}".startswith(PUBLISHERS) and parts.path.endswith(_ENDINGS)


def has_published_name(path: str) -> bool:
    """True if a file has a name that `keras.applications` gives to weights in its cache.

    Example:
        >>> has_published_name("/content/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")
        True
        >>> has_published_name("best.weights.h5")
        False
    """
    name = os.path.basename(path)
    return name.endswith(_ENDINGS) and any(part in name for part in _PUBLISHED_NAMES)


class _WeightsLeftOut:
    """The functions of Keras that ask for a file, as they are while published weights are left out.

    Attributes:
        asked: paths under which a published file would be.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        from keras.src.saving import saving_api
        from keras.src.utils import file_utils

        self.asked: set[str] = set()
        self._note = note
        # `get_file`, by whatever name a notebook has it, downloads with file_utils.urlretrieve; Model.load_weights
        # calls saving_api.load_weights; keras.applications tests a path with file_utils.exists.
        self._replaced: list[tuple[Any, str, Any]] = [
            (urllib.request, "urlretrieve", self._downloading(urllib.request.urlretrieve)),
            (file_utils, "urlretrieve", self._downloading(file_utils.urlretrieve)),
            (file_utils, "exists", self._existing(file_utils.exists)),
            (saving_api, "load_weights", self._loading(saving_api.load_weights)),
        ]

    def exchange(self) -> None:
        """Put the functions in, or Keras's back."""
        self._replaced = [self._exchanged(*one) for one in self._replaced]

    @staticmethod
    def _exchanged(module: Any, name: str, function: Any) -> tuple[Any, str, Any]:
        before = getattr(module, name)
        setattr(module, name, function)
        return module, name, before

    def _leaves_out(self, path: Any) -> bool:
        text = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
        return isinstance(text, str) and (text in self.asked or has_published_name(text))

    def _downloading(self, download: Callable[..., Any]) -> Callable[..., Any]:
        def urlretrieve(url: Any, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
            if not isinstance(url, str) or not is_published(url):
                return download(url, filename, *args, **kwargs)
            path = os.fspath(filename) if filename else os.path.basename(urllib.parse.urlsplit(url).path)
            if path not in self.asked:
                self._note(os.path.basename(path))
            self.asked.add(path)
            return path, None

        return urlretrieve

    def _existing(self, exists: Callable[..., Any]) -> Callable[..., Any]:
        return lambda path: self._leaves_out(path) or exists(path)

    def _loading(self, load: Callable[..., Any]) -> Callable[..., Any]:
        def load_weights(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            return None if self._leaves_out(filepath) else load(model, filepath, *args, **kwargs)

        return load_weights


def leave_out_published_weights(note: Callable[[str], None] = lambda file: None) -> None:
    """Leave out published weights from now on, as in `published_weights_left_out`.

    Args:
        note: called with the name of each file that would have been downloaded.
    """
    _WeightsLeftOut(note).exchange()


@contextmanager
def published_weights_left_out() -> Iterator[set[str]]:
    """Context in which a request for published weights succeeds, but loads nothing.

    Where Keras is not imported yet it does nothing.

    Yields:
        The paths of the files that would have been downloaded, which grows.

    Example:
        >>> import keras
        >>> with published_weights_left_out() as asked:
        ...     network = keras.applications.MobileNet(weights="imagenet")  # doctest: +ELLIPSIS
        Downloading data from ...
        >>> len(asked)
        1
    """
    if "keras" not in sys.modules:
        yield set()
        return
    left_out = _WeightsLeftOut(lambda file: None)
    left_out.exchange()
    try:
        yield left_out.asked
    finally:
        left_out.exchange()
