"""Run an assignment's solution and save the expected outputs that students see: printed text and figures.

Usage: python scripts/make_expected.py [--assignment NAME] [--records FOLDER] [--output FOLDER] [--only FILE ...]

For every `{{expected:CELL.txt}}` in solutions/NAME/NAME.py the text that the cell with the grade_id CELL prints is
written to solutions/NAME/expected/CELL.txt, and for every `{{figure:CELL.png|...}}` the figure that is the value of its
last line. Recorded trainings are not run: `cnnkit.record` returns the runs of examples/class/NAME/s01. Other cells that
train (overfitting, the experiment, the test) are run, and the last one takes a few minutes.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import re
from pathlib import Path
from typing import Any

import jupytext
import msgspec
from IPython.core.inputtransformer2 import TransformerManager
from matplotlib.figure import Figure
from PIL import Image

from cnnkit.recording.schema import TrainingRecord

ROOT = Path(__file__).resolve().parent.parent
WANTED = re.compile(r"\{\{(?:expected|figure):([^|}]+)")
DPI = 110
COLOURS = 64
"""Colours of a saved picture; enough for ink, greys and three lines with their smooth edges."""


def png(figure: Figure) -> bytes:
    """The figure as a small PNG, with the same bytes for the same figure and Matplotlib version."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    drawn.seek(0)
    reduced = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    saved = io.BytesIO()
    reduced.save(saved, format="PNG", optimize=True)
    return saved.getvalue()


def run_cell(source: str, names: dict[str, Any], title: str) -> tuple[str, Any]:
    """Execute one cell as a notebook would; its printed text, and the value of its last line if that is an expression.

    Args:
        source: the cell's code, `%` lines included.
        names: the notebook's variables; changed by the cell.
        title: the cell's name in tracebacks.
    """
    tree = ast.parse(TransformerManager().transform_cell(source), title)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    printed = io.StringIO()
    value = None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, title, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), title, "eval"), names)
    return printed.getvalue(), value


def wanted_files(notebook: Any) -> list[str]:
    """The file names in the notebook's `expected` and `figure` placeholders, in order, each once."""
    return list(dict.fromkeys(name for cell in notebook.cells for name in WANTED.findall(cell.source)))


def load_records(folder: Path) -> dict[str, TrainingRecord]:
    """The training records in a folder, by run.

    Raises:
        SystemExit: the folder holds no record.
    """
    files = sorted(folder.glob("*.json"))
    found = [msgspec.json.decode(path.read_bytes(), type=TrainingRecord) for path in files]
    if not found:
        raise SystemExit(f"expected training records (*.json) in {folder}, found none; make them first")
    return {record.run: record for record in found}


def make(source: Path, output: Path, records: dict[str, TrainingRecord], only: list[str]) -> list[Path]:
    """Run the solution from the top and write the files that its placeholders name.

    Args:
        source: solutions/NAME/NAME.py.
        output: folder to write to; created if it does not exist.
        records: returned by `cnnkit.record`, by run.
        only: file names to write; all of them if empty. Cells after the last of them are not run.

    Returns:
        The files written.

    Raises:
        SystemExit: a placeholder names no cell, or a cell draws or prints nothing.
    """
    from cnnkit.recording import recorded_run

    notebook = jupytext.read(source)
    wanted = wanted_files(notebook)
    if unknown := sorted(set(only) - set(wanted)):
        raise SystemExit(f"{source.name} has no placeholder for {', '.join(unknown)}; it has: {', '.join(wanted)}")
    wanted = only or wanted
    by_cell: dict[str, list[str]] = {}
    for name in wanted:
        by_cell.setdefault(Path(name).stem, []).append(name)

    written: list[Path] = []
    names: dict[str, Any] = {"__name__": "__main__"}
    output.mkdir(parents=True, exist_ok=True)
    recorded_run.play_back(records)
    try:
        for cell in notebook.cells:
            if not by_cell:
                break
            grade = cell.metadata.get("nbgrader", {})
            if cell.cell_type != "code" or grade.get("grade"):
                continue
            # Students see the outputs of the full run, which they hand in.
            code = cell.source.replace("QUICK = True", "QUICK = False")
            title = grade.get("grade_id", "cell")
            printed, value = run_cell(code, names, title)
            for name in by_cell.pop(title, []):
                print(f"{name}", flush=True)
                written.append(_save(output / name, printed, value))
    finally:
        recorded_run.play_back(None)
    if by_cell:
        raise SystemExit(f"no code cell has the grade_id {', '.join(by_cell)}, which a placeholder names")
    return written


def _save(path: Path, printed: str, value: Any) -> Path:
    if path.suffix == ".png":
        if not isinstance(value, Figure):
            raise SystemExit(f"{path.name}: expected a Figure as the cell's last line, found {type(value).__name__}")
        path.write_bytes(png(value))
    else:
        if not printed.strip():
            raise SystemExit(f"{path.name}: expected printed text, the cell printed nothing")
        path.write_text("\n".join(line.rstrip() for line in printed.strip("\n").split("\n")) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Read the command line, write the files and list them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--assignment", default="mnist_convnet")
    parser.add_argument("--records", type=Path, help="examples/class/NAME/s01 unless given")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="FILE")
    options = parser.parse_args()
    folder = ROOT / "solutions" / options.assignment
    source = folder / f"{options.assignment}.py"
    records = options.records or ROOT / "examples" / "class" / options.assignment / "s01"
    made = make(source, options.output or folder / "expected", load_records(records), options.only)
    print(f"{len(made)} files, {sum(path.stat().st_size for path in made):,} bytes")


if __name__ == "__main__":
    main()
