"""The course's data sets: on disk beside the package, checked, and never downloaded.

Example:
    (x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
    train, val = cnnkit.data.batches("mnist")
    cnnkit.data.class_names("fashion_mnist")[9]  # 'Ankle boot'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnkit.data.datasets import (
    DataError,
    batches,
    class_names,
    feature_batches,
    folder,
    load,
    names,
    photographs,
)

if TYPE_CHECKING:
    from cnnkit.data.batch_datasets import Batches

__all__ = [
    "Batches",
    "DataError",
    "batches",
    "class_names",
    "feature_batches",
    "folder",
    "load",
    "names",
    "photographs",
]


def __getattr__(name: str) -> Any:
    if name == "Batches":  # imports Keras, so only on demand
        from cnnkit.data.batch_datasets import Batches

        return Batches
    raise AttributeError(f"module 'cnnkit.data' has no attribute {name!r}; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
