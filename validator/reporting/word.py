"""Fills templates that are Word documents: the same view and the same bytes give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from jinja2 import BaseLoader, Environment
from markupsafe import Markup, escape

from validator.errors import Place, Problem, UsageError
from validator.reporting.template import environment
from validator.resources import resource_dir

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold


def fill_shipped(name: str, view: Mapping[str, Any], lang: str) -> bytes:
    """Return the Word document that a shipped template, such as ``letters/notice.zh.docx``, makes of a view."""
    template = (resource_dir("reports") / name).read_bytes()
    return fill(template, view, environment(BaseLoader(), name, lang))


def fill(template: bytes, view: Mapping[str, Any], surroundings: Environment) -> bytes:
    """Return the Word document that a template makes of a view.

    Args:
        template: a ``.docx`` file with Jinja in its text (docxtpl).
        view: the names that the template knows.
        surroundings: what Jinja is set to; values are escaped for XML whatever it says.

    Raises `UsageError` when the package for it is not installed, and what Jinja, zip and XML raise for a bad template.
    """
    try:
        from docxtpl import DocxTemplate  # noqa: PLC0415 - not everybody has it
    except ImportError:
        values = (("suffix", ".docx"), ("package", "docxtpl"), ("extra", "letters"))
        raise UsageError(Problem("needs-extra", Place("-o"), values)) from None
    surroundings.finalize = _literal
    surroundings.autoescape = True
    document = DocxTemplate(io.BytesIO(template))
    document.render(dict(view), surroundings)
    packed = io.BytesIO()
    document.save(packed)
    return _timeless(packed.getvalue())


def _literal(value: object) -> object:
    """Write a value for XML; braces too, for docxtpl takes some of them for signs of its own."""
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(value)).replace("{", "&#123;").replace("}", "&#125;"))  # noqa: S704 - escaped on this line


def _timeless(packed: bytes) -> bytes:
    """Pack an archive again without the times of its files."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _FIRST_DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()
