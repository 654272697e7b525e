"""Weights learned on ImageNet, for the backbones of transfer learning: found on this machine, checked, or downloaded.

Example:
    path = cnnkit.weights.locate("VGG16")  # None where there are none and none can be had
    base = keras.applications.VGG16(include_top=False, weights=path)
"""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cnnkit.errors import KitError
from cnnkit.execution import runs_under_a_grader
from cnnkit.text import did_you_mean

FOLDER_VARIABLE = "CNNKIT_WEIGHTS"
"""The environment variable that names a folder with weights files, for everyone who works on a machine."""

PATIENCE = 5.0
"""Seconds within which the server has to answer at first."""

STALLED = 20.0
"""Seconds without a single byte after which a download is given up."""

_SERVER = "https://storage.googleapis.com/tensorflow/keras-applications/"


class WeightsError(KitError):
    """A network is unknown, or a folder or a file is not what it should be; the message says which and what to do."""


@dataclass(frozen=True)
class PublishedWeights:
    """A weights file as `keras.applications` names it.

    Attributes:
        file: its name, which is the one that Keras gives it in its cache.
        url: where Keras downloads it from.
        md5: the checksum that Keras expects; "" where Keras publishes none.
    """

    file: str
    url: str
    md5: str


def _published(folder: str, file: str, md5: str) -> PublishedWeights:
    return PublishedWeights(file, f"{_SERVER}{folder}/{file}", md5)


# From Keras 3.15, keras/src/applications: vgg16.py (line 222), resnet.py (WEIGHTS_HASHES), inception_v3.py (line 374)
# and mobilenet.py, which gives no checksum. A test compares them with the installed Keras.
FILES: dict[str, PublishedWeights] = {
    "VGG16": _published(
        "vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"
    ),
    "ResNet50": _published(
        "resnet", "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "4d473c1dd8becc155b73f8504c6f6626"
    ),
    "InceptionV3": _published(
        "inception_v3", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5", "bcbd6486424b2319ff4ef7d526e38f63"
    ),
    "MobileNet": _published("mobilenet", "mobilenet_1_0_224_tf_no_top.h5", ""),
}
"""The files without top, by the names that the networks have in `keras.applications`."""


def locate(name: str, folder: str | os.PathLike[str] | None = None, *, download: bool = True) -> Path | None:
    """Find the file with a backbone's ImageNet weights without its top, for the `weights=` of `keras.applications`.

    The file is looked for in `folder` (by default the one that the environment variable CNNKIT_WEIGHTS names), then in
    Keras's own cache, and then downloaded into that cache, with a progress bar. Without a network this takes a few
    seconds, not minutes. A file is compared with the checksum that Keras publishes. For MobileNet it publishes none,
    and only completeness is checked.

    If there are no weights, one sentence is printed and None returned: with `weights=None` Keras makes a network with
    random weights, so that a notebook goes on.

    While a notebook is graded nothing is downloaded and nothing raised.

    Args:
        name: "VGG16", "ResNet50", "InceptionV3" or "MobileNet".
        folder: with files that are named as Keras names them.
        download: False to leave the network alone.

    Returns:
        Path of the file, or None.

    Raises:
        WeightsError: an unknown network, a folder that does not exist, or a damaged file.
    """
    published = _find(name)
    graded = runs_under_a_grader()
    try:
        looked = _folders(folder)
        for place in looked:
            if (path := place / published.file).is_file():
                check_weights(path, name)
                return path
    except WeightsError as error:
        if not graded:
            raise
        _say(name, f"not used here: {error}")
        return None

    if graded:
        reason = "while a notebook is graded nothing is downloaded"
    elif not download:
        reason = "downloading was not asked for"
    elif not _answers(published.url, PATIENCE):
        reason = f"{published.url.split('/')[2]} cannot be reached from this machine"
    else:
        try:
            return _download(name, keras_cache())
        except Exception as error:  # Keras raises a bare Exception where the server answers with an error
            reason = f"the download failed ({_short(error)})"
    _say(name, f"not found: {published.file} is not in {' or '.join(map(str, looked))}, and {reason}")
    return None


def check_weights(path: str | os.PathLike[str], name: str) -> None:
    """Compare a file with the checksum that Keras publishes for a backbone's weights.

    Raises:
        WeightsError: a different file, one that is cut off, or one that cannot be read.
    """
    published, path = _find(name), Path(path)
    try:
        stat = path.stat()
        found = _digest(path, stat.st_size, stat.st_mtime_ns) if published.md5 else ""
        complete = bool(published.md5) or _is_complete_hdf5(path)
    except OSError as error:
        raise WeightsError(f"expected to read {path}, found {_short(error)}. Check its permissions.") from error
    if found != published.md5:
        raise WeightsError(
            f"{path} is not the file that Keras publishes for {name}: expected md5 {published.md5}, found {found} "
            f"({stat.st_size:,} bytes). {_REMEDY}"
        )
    if not complete:
        raise WeightsError(
            f"{path} is no complete weights file: expected HDF5 up to its last byte, found {stat.st_size:,} bytes that "
            f"are not. {_REMEDY}"
        )


_REMEDY = "It was probably cut off on its way here: delete it, and run the cell again or copy it once more."


def keras_cache() -> Path:
    """Keras's cache of downloaded weights: `models` in KERAS_HOME, or in ~/.keras."""
    if home := os.environ.get("KERAS_HOME"):
        return Path(home).expanduser() / "models"
    user = Path(os.path.expanduser("~"))
    # Keras itself turns to /tmp where the home directory is read-only (keras/src/backend/config.py).
    return (user if os.access(user, os.W_OK) else Path("/tmp")) / ".keras" / "models"


def _find(name: str) -> PublishedWeights:
    if name in FILES:
        return FILES[name]
    raise WeightsError(f"expected one of {', '.join(FILES)}, found {name!r}. {did_you_mean(name, FILES)}".rstrip())


def _folders(folder: str | os.PathLike[str] | None) -> list[Path]:
    """Folders to search, in order.

    Raises:
        WeightsError: the named folder does not exist.
    """
    named = folder or os.environ.get(FOLDER_VARIABLE) or None
    if named is None:
        return [keras_cache()]
    place = Path(named).expanduser()
    if not place.is_dir():
        named_by = "folder=" if folder else f"the environment variable {FOLDER_VARIABLE}"
        raise WeightsError(f"expected a folder with weights files in {named_by}, found {str(named)!r}, which is none.")
    return list(dict.fromkeys([place, keras_cache()]))


def _say(name: str, reason: str) -> None:
    print(
        f"○ ImageNet weights for {name} {reason}; the notebook goes on with random weights: every step works the same, "
        "but the features are those of a network that has learned nothing, so expect an accuracy of about 0.7 on birds "
        "and mammals, where a coin has 0.5."
    )


@functools.lru_cache(maxsize=16)  # a file that changes has a different size or time
def _digest(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _is_complete_hdf5(path: Path) -> bool:
    """True if HDF5 can open the file; it refuses one that is cut off or of a different format.

    Raises:
        OSError: the file cannot be read at all.
    """
    import h5py  # Keras depends on it

    with path.open("rb"):  # permissions are an error of their own
        pass
    try:
        with h5py.File(path, "r", locking=False):  # a shared folder may know no locks
            return True
    except OSError:  # "truncated file", "file signature not found"
        return False


def _answers(url: str, seconds: float) -> bool:
    """True if the server of a file responds in time; a name lookup that hangs counts as no response."""
    answered: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):
                answered.append(True)
        except (OSError, ValueError):  # no network, no name, no proxy, or an error page instead of the file
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answered)


def _download(name: str, cache: Path) -> Path:
    """Let Keras download a file, beside its cache first, so that an incomplete one is never found there.

    Raises:
        WeightsError: the server sent a different file.
        Exception: the network or the disk failed, or Keras found a different checksum.
    """
    import keras

    published = FILES[name]
    waiting = cache / "incomplete"
    waiting.mkdir(parents=True, exist_ok=True)
    (waiting / published.file).unlink(missing_ok=True)
    try:
        with _impatient(STALLED):
            got = Path(
                keras.utils.get_file(
                    published.file, published.url, cache_subdir=str(waiting), file_hash=published.md5 or None
                )
            )
        check_weights(got, name)
        return got.replace(cache / published.file)
    finally:
        (waiting / published.file).unlink(missing_ok=True)


@contextmanager
def _impatient(seconds: float) -> Iterator[None]:
    """Let sockets that are opened in this context wait no longer than this for the next byte."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:159] + "…"
