"""Train once with each of several Keras versions: `python tests/autograder/records/other_keras/make.py [VERSION ...]`.

Each version is installed into a folder of its own, which needs the network; the records and the weights are committed.
The network is a narrow one, to keep them small. All versions so far leave the very same weights behind, so they are
kept once; a version that leaves others is refused, and would need a file of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRAIN = HERE.parent / "train_run.py"
VERSIONS = ("3.8.0", "3.10.0", "3.12.0", "3.13.2")
HOW = {"student": "s1", "optimizer": "adam", "model": "narrow"}


def main() -> None:
    for version in sys.argv[1:] or VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            packages = Path(folder, "packages")
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(packages)]
            subprocess.run([*pip, f"keras=={version}"], check=True)
            environment = os.environ | {"PYTHONPATH": str(packages)}
            subprocess.run([sys.executable, str(TRAIN), folder, json.dumps(HOW)], env=environment, check=True)
            weights = Path(folder, "records", "adam.npz").read_bytes()
            kept = HERE / "adam.npz"
            if kept.exists() and kept.read_bytes() != weights:
                sys.exit(f"keras {version} leaves other weights behind than {kept}")
            kept.write_bytes(weights)
            record = json.loads(Path(folder, "records", "adam.json").read_text())
            (HERE / f"{version}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
