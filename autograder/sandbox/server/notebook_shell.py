"""Running a notebook's cells in this process, as Jupyter would: magics, `!` lines and display survive.

`!` lines and the magics that install packages or start other programs are not carried out: a notebook under grading
must not change the grader's environment. They are noted instead.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.sandbox.protocol.messages import CellFinished, RaisedResponse
from autograder.sandbox.server import side_files
from autograder.sandbox.server.capture import BoundedText
from autograder.sandbox.server.missing_imports import FailedImports
from autograder.sandbox.server.time_limit import TimeLimitExceeded, time_limit
from cnnkit.text import encodable

_CELL_NAME = "<cell {}>"
_PROGRAM_LINE_MAGICS = ("pip", "conda", "mamba", "micromamba", "uv", "system", "sx", "sc", "cd", "bash")
_PROGRAM_CELL_MAGICS = ("bash", "sh", "script", "system", "sx", "!", "perl", "ruby", "python", "python3", "pypy")


class NotebookShell:
    """An IPython shell whose cells are known by their number in the student's notebook.

    Args:
        output_kb: kilobytes stored of what a cell prints.
    """

    def __init__(self, output_kb: int = 0) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.autocall = 0
        InteractiveShell.clear_instance()
        # Any: methods of the shell are replaced below
        self.shell: Any = InteractiveShell.instance(config=config)
        self.output_kb = output_kb
        self.sources: dict[int, list[str]] = {}
        self.blank: dict[int, int] = {}
        self.notes: list[str] = []
        self.imports = FailedImports(lambda sentence: self.note(f"Cell {self._current}: {sentence}"))
        self.shell.ast_transformers.append(self.imports)
        self._block_programs()
        self._read_files_beside()
        self._name_cells()

    def move_in(self, output_kb: int, *, importable: bool = True) -> None:
        """Take the folders and limits of this process, where the shell was made before a fork.

        Args:
            output_kb: kilobytes stored of what a cell prints.
            importable: True if modules can be imported from the folder. Plain code writes files, but it must not be
                able to run what it has written, as the module that some package looks for.
        """
        self.output_kb = output_kb
        self.shell.init_ipython_dir(None)
        self.shell.init_profile_dir(None)
        self.shell.starting_dir = os.getcwd()
        if importable:
            side_files.import_from(os.getcwd())
        else:
            sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
        self.shell.history_manager.dir_hist[:] = [Path.cwd()]

    def note(self, sentence: str) -> None:
        """Keep a plain sentence about the cell that is running."""
        self.notes.append(sentence)

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's global names."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def run(self, number: int, source: str, seconds: float) -> CellFinished:
        """Run one cell within `seconds` of processor time; whatever it raises is reported, never raised."""
        lines = source.splitlines()
        self.sources[number] = lines
        # IPython leaves blank lines at the beginning out and counts from there; a reader counts them
        self.blank[number] = next((place for place, line in enumerate(lines) if line.strip()), 0)
        self.notes = []
        self._current = number
        printed = BoundedText(self.output_kb * 1024)
        problem = ""
        side_files.notice_new_files(self.shell.starting_dir)
        known = set(self.imports.missing)
        before = sys.stdout, sys.stderr, sys.stdin
        sys.stdout = sys.stderr = printed
        try:
            with time_limit(seconds):
                result = self.shell.run_cell(source, store_history=False, silent=False)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                problem = self.sentence(self.locate(error))
        except TimeLimitExceeded as error:
            problem = f"Cell {number} was stopped: {error}."
        except BaseException as error:
            problem = self.sentence(self.locate(error))
        finally:
            sys.stdout, sys.stderr, sys.stdin = before
        if printed.written > printed.limit:
            self.notes.append(
                f"Cell {number} printed {printed.written / 1e6:,.1f} MB; the first {self.output_kb} kB were kept."
            )
        notes = [encodable(note, 500) for note in self.notes[:20]]
        return CellFinished(
            number=number,
            problem=encodable(problem, 1500),
            notes=notes,
            printed=printed.written,
            missing=[encodable(name, 200) for name in self.imports.missing if name not in known][:50],
        )

    def locate(self, error: BaseException) -> RaisedResponse:
        """The exception, and where in the student's own cells it arose (the innermost line of theirs)."""
        if isinstance(error, SyntaxError) and (number := self._number(error.filename)):
            cell, line, said = number, (error.lineno or 0) + self.blank.get(number, 0), str(error.msg)[:500]
        else:
            (cell, line), said = self._innermost(error.__traceback__), _message(error)
        return RaisedResponse(
            type=encodable(type(error).__name__, 200), message=said, cell=cell, line=line, source=self._line(cell, line)
        )

    @staticmethod
    def sentence(raised: RaisedResponse) -> str:
        """The exception in one sentence."""
        where = f" in cell {raised.cell}, line {raised.line}" if raised.cell else ""
        quoted = f": `{raised.source}`" if raised.source else ""
        said = f" ({raised.message})" if raised.message else ""
        return f"{raised.type}{said}{where}{quoted}"

    def _innermost(self, trace: TracebackType | None) -> tuple[int, int]:
        found = (0, 0)
        for frame, line in traceback.walk_tb(trace):
            if number := self._number(frame.f_code.co_filename):
                found = (number, line + self.blank.get(number, 0))
        return found

    def _number(self, filename: str | None) -> int:
        if filename and filename.startswith("<cell ") and filename.endswith(">") and filename[6:-1].isdigit():
            return int(filename[6:-1])
        return 0

    def _line(self, cell: int, line: int) -> str:
        lines = self.sources.get(cell, [])
        return encodable(lines[line - 1].strip(), 200) if 0 < line <= len(lines) else ""

    def _name_cells(self) -> None:
        self._current, self._running = 0, ""
        self.shell.compile.get_code_name = lambda *_: self._running or _CELL_NAME.format(self._current)

    def _read_files_beside(self) -> None:
        """Let `%run` run a file like a cell: IPython would run it among names of its own, and only show its errors."""

        def run_file(line: str) -> None:
            names = [part for part in shlex.split(line) if not part.startswith("-")]
            source = _code_of(names[0]) if names else ""
            within, self._running = self._running, f"<file {names[0]}>" if names else ""
            try:
                self.shell.run_cell(source, store_history=False).raise_error()
            finally:
                self._running = within

        self.shell.register_magic_function(run_file, "line", "run")

    def _block_programs(self) -> None:
        def not_run(line: str = "", *_: Any, **__: Any) -> None:
            first = str(line).strip().splitlines()
            said = first[0][:80] if first else ""
            self.note(f"A line that starts another program was not run while grading: {said}")

        def no_output(line: str = "", *_: Any, **__: Any) -> list[str]:
            not_run(line)
            return []

        # `exit()` in a notebook ends the kernel; the grader goes on with the next cell
        self.shell.ask_exit = lambda: self.note(f"Cell {self._current} would end the kernel; that was ignored.")
        self.shell.system = self.shell.system_raw = self.shell.system_piped = not_run
        self.shell.getoutput = no_output
        # there is no screen; figures are drawn by the Agg backend whatever the notebook asks for
        self.shell.enable_gui = lambda *_, **__: None
        self.shell.register_magic_function(lambda line: None, "line", "matplotlib")
        for name in _PROGRAM_LINE_MAGICS:
            self.shell.register_magic_function(lambda line, name=name: not_run(f"%{name} {line}"), "line", name)
        for name in _PROGRAM_CELL_MAGICS:
            self.shell.register_magic_function(
                lambda line, cell="", name=name: not_run(f"%%{name} {line}"), "cell", name
            )


def _code_of(name: str) -> str:
    """The code of a Python file or a notebook, as `%run` runs it.

    Raises:
        OSError: it cannot be read; most often it was not handed in.
        ValueError: it is called a notebook and is none.
    """
    path = Path(name)
    if not path.suffix:
        path = path.with_suffix(".py")
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def _message(error: BaseException) -> str:
    try:
        return encodable(str(error), 500)
    except Exception:  # a student's own exception class may not even be printable
        return ""
