"""Describe the backbones of `keras.applications` as data: cnnkit/networks/backbone_specs/*.json.

Usage: python scripts/describe_backbones.py [--check]

Run it again when a new version of Keras builds one of them differently; a test fails then. Nothing is downloaded,
and no weights are created. With --check nothing is written, and the exit status is 1 if a file differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cnnkit.networks.backbones import BACKBONES, FOLDER, to_text
from cnnkit.networks.describe.weightless import build_and_describe

ROOT = Path(__file__).resolve().parent.parent


def text(name: str) -> str:
    """The text of the file that describes one backbone of the installed Keras."""
    import keras

    make = getattr(keras.applications, name)
    spec = build_and_describe(lambda: make(include_top=False, weights=None, input_shape=(224, 224, 3)), source=name)
    about = f"keras.applications.{name}(include_top=False): kinds and settings, by scripts/describe_backbones.py"
    return to_text(spec, about)


def main() -> int:
    """Write the files, or compare them; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on any difference")
    check = parser.parse_args().check
    differing = 0
    for name in BACKBONES:
        path, made = FOLDER / f"{name}.json", text(name)
        same = path.exists() and path.read_text(encoding="utf-8") == made
        differing += not same
        if not check and not same:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(made, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'the same' if same else 'differs' if check else 'written'}")
    return int(check and differing > 0)


if __name__ == "__main__":
    sys.exit(main())
