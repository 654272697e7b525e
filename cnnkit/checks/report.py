"""Report on the checks of an exercise for notebooks and terminals: symbol and word, never colour alone."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from typing import Literal

from cnnkit.checks.outcomes import OUTCOMES
from cnnkit.linear_pattern import compile_linear

_CODE = compile_linear(r"`([^`]++)`")

# 84 columns, because nbgrader cuts longer lines. Names and calls are not broken, so that they can be searched for and
# copied.
_PARAGRAPH = textwrap.TextWrapper(
    84, initial_indent="    ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
)

_STYLE = (
    "<style>.cnnkit-check{font-family:system-ui,sans-serif;max-width:46em;line-height:1.45}"
    ".cnnkit-check ul{list-style:none;margin:.3em 0;padding:0}"
    ".cnnkit-check li{border-left:.25em solid #888;padding:.15em .7em;margin:.3em 0}"
    ".cnnkit-check li.passed{border-color:#2e7d32}.cnnkit-check li.failed,.cnnkit-check li.error{border-color:#c62828}"
    ".cnnkit-check p{margin:.15em 0}</style>"
)


@dataclass(frozen=True)
class CheckLine:
    """Result of one check: its title, outcome, message and hint."""

    title: str
    outcome: Literal["passed", "failed", "error"]
    message: str = ""
    hint: str = ""


@dataclass(frozen=True)
class CheckReport:
    """Results of the checks of one exercise."""

    exercise: str
    lines: tuple[CheckLine, ...]

    @property
    def passed(self) -> bool:
        """True if every check passed."""
        return all(line.outcome == "passed" for line in self.lines)

    def headline(self) -> str:
        """Number of checks that passed, in one sentence without its full stop."""
        good = sum(line.outcome == "passed" for line in self.lines)
        if self.passed:
            return f"{self.exercise}: {'the check' if good == 1 else f'all {good} checks'} passed"
        return f"{self.exercise}: {good} of {len(self.lines)} checks passed; what is missing is shown above"

    def __str__(self) -> str:
        parts = []
        for line in self.lines:
            symbol, word = OUTCOMES[line.outcome]
            parts.append(f"{symbol} {word}: {line.title}")
            for label, text in (("", line.message), ("What to try: ", line.hint)):
                if text:
                    parts.append(_PARAGRAPH.fill(label + text))
        parts.append(self.headline() + ".")
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        items = []
        for line in self.lines:
            symbol, word = OUTCOMES[line.outcome]
            body = f"<p><b>{symbol} {word}</b>: {_html(line.title)}</p>"
            body += f"<p>{_html(line.message)}</p>" if line.message else ""
            body += f"<p><i>What to try:</i> {_html(line.hint)}</p>" if line.hint else ""
            items.append(f'<li class="{line.outcome}">{body}</li>')
        return f'{_STYLE}<div class="cnnkit-check"><ul>{"".join(items)}</ul><p>{escape(self.headline())}.</p></div>'

    def show(self) -> None:
        """Display the report below the notebook's cell, or print it elsewhere."""
        try:
            from IPython import get_ipython
            from IPython.display import display
        except ImportError:
            print(self)
            return
        if get_ipython() is None:
            print(self)
        else:
            display({"text/plain": str(self), "text/html": self._repr_html_()}, raw=True)


def _html(text: str) -> str:
    """Escape text for HTML, with text in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
