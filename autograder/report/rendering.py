"""HTML pages from templates: everything escaped, nothing undefined, nothing fetched from elsewhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cnnkit.linear_pattern import compile_linear

if TYPE_CHECKING:  # a table of marks takes `points_text` alone
    from jinja2 import Template
    from markupsafe import Markup

_CODE = compile_linear(r"`([^`\n]{1,200})`")


@cache
def template(name: str) -> Template:
    """Load a template of this package; its filter `prose` shows `backticks` as code."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("autograder.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = _prose
    return environment.get_template(name)


def _prose(text: str) -> Markup:
    """Escaped text with `backticks` as code."""
    from markupsafe import Markup, escape

    parts = _CODE.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def points_text(value: float) -> str:
    """Format points without needless zeros: 6, 4.5, 0.33."""
    return f"{round(value, 2):g}"


def words(name: str) -> str:
    """Turn a name like "second_convolution" into "Second convolution"."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
