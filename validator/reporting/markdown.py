"""Markdown templates: whatever is printed into them is text, never a mark of Markdown and never HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

_MARKS = re.compile(r"[\\`*_\[\]|~#]|(?<=:)(?=//)|^[-+=]|(?<=^\d)(?=[.)](?:\s|$))|(?<=^\d\d)(?=[.)](?:\s|$))")
"""What Markdown would take for a mark: of emphasis, links, cells, headings; bare addresses; items at a beginning."""


def as_markdown(value: object) -> Markup:
    """Return what shows as the same text in Markdown, HTML allowed or not; what is escaped already stays as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(_MARKS.sub(lambda mark: f"\\{mark[0]}", html.escape(str(value), quote=False)))  # noqa: S704 - escaped here


def prepare(environment: Environment) -> None:
    """Make an environment with autoescape escape for Markdown, also in joined lists and inside translated texts."""
    environment.finalize = as_markdown
    environment.filters["join"] = _joined
    for name in ("gettext", "ngettext"):
        translate: Any = environment.globals[name]
        environment.globals[name] = _translating(translate)


def _joined(values: Iterable[object], delimiter: str = "") -> Markup:
    return Markup(as_markdown(delimiter)).join(as_markdown(v) for v in values)  # noqa: S704 - escaped here


def _translating(translate: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def translated(context: Context, *texts: Any, **values: Any) -> Any:
        return translate(context, *texts, **{k: as_markdown(v) if isinstance(v, str) else v for k, v in values.items()})

    return translated
