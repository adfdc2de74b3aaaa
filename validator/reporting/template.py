"""Renders the templates of ``reports/``: Chinese as written, English by the catalogues in ``reports/locale/``."""

from __future__ import annotations

import io
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from validator.reporting import markdown
from validator.resources import resource_dir
from validator.version import __version__

MARKDOWN = ".md.j2"
"""Ending of the names of templates whose values are escaped for Markdown."""
ESCAPED = (".html.j2", ".svg.j2", MARKDOWN)
"""Endings of the names of templates whose values are escaped."""


def render(name: str, view: Mapping[str, Any], lang: str) -> str:
    """Return what a shipped template makes of a view.

    Args:
        name: of the template, such as ``case.html.j2``.
        view: the names that the template knows, besides ``lang`` and ``version``.
        lang: ``zh`` or ``en``.
    """
    return environment(FileSystemLoader(resource_dir("reports")), name, lang).get_template(name).render(view)


def environment(loader: BaseLoader, name: str, lang: str, kind: type[Environment] = Environment) -> Environment:
    """Return the surroundings in which the template with a name, and what it includes, is rendered."""
    found = _environment(loader, lang, kind)
    if name.endswith(MARKDOWN):
        markdown.prepare(found)
    return found


def _environment(loader: BaseLoader, lang: str, kind: type[Environment] = Environment) -> Environment:
    environment = kind(
        loader=loader, autoescape=escapes, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.globals |= {"lang": lang, "version": __version__}
    environment.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["_n"] = _counted
    return environment


@pass_context
def _counted(context: Context, text: str, num: int, **values: Any) -> Any:
    """Translate a text about a number (`%(num)s` in it); as written, in Chinese, it needs one form for all numbers."""
    return context.call(context.resolve("ngettext"), text, text, num, **values)


def escapes(name: str | None) -> bool:
    """Say whether values are escaped in a template: not in plain text; Jinja's own choice would miss ``x.html.j2``."""
    return name is None or name.endswith(ESCAPED)


def translations(lang: str) -> NullTranslations:
    """Return the catalogues of a language as one; templates are written in Chinese."""
    whole = Catalog(locale=lang)
    for path in sorted((resource_dir("reports") / "locale" / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=lang):
                if message.id:
                    whole[message.id] = message
    if not len(whole):
        return NullTranslations()
    packed = io.BytesIO()
    write_mo(packed, whole)
    packed.seek(0)
    return Translations(packed)
