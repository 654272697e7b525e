"""HTML pages from templates: everything escaped, nothing undefined, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`\n]{1,200})`")


@cache
def template(name: str) -> Template:
    """A template of this package; its filter `prose` shows `backticks` as code."""
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
    parts = _CODE.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def points_text(value: float) -> str:
    """Points as one writes them: 6, 4.5, 0.33."""
    return f"{round(value, 2):g}"


def words(name: str) -> str:
    """The name "second_convolution" as "Second convolution"."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
