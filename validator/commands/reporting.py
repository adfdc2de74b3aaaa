"""``zhijian report``: a page about a record, or about a file of findings."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click

from validator.commands.docket import write_docket
from validator.commands.one_record import asked, one_timeline
from validator.commands.settings import common, named, one_record_options, own_templates, refused, stdin
from validator.engine import explain_record
from validator.output.publishing import opened
from validator.reporting.case_view import case_view
from validator.reporting.findings_file import begins_like_findings
from validator.reporting.own import rendered

FORMS = {".html": "html", ".htm": "html", ".md": "md", ".txt": "txt"}
"""Suffix of the output -> the template."""


@click.command("report")
@click.argument("source", callback=named)
@click.option(
    "-o",
    "--output",
    callback=named,
    help="输出文件：.html、.md 或 .txt / output file; its suffix chooses the form (text)",
)
@one_record_options
@own_templates
@common
def report_command(source: str, **settings: Any) -> int:
    """Write a page about one record, or about all records whose findings `check --output-format ndjson` has written.

    一件一页：时间线，每项结论及其依据；或者由结论文件（NDJSON）写一份监督总览。
    """
    output = settings["output"]
    form = _form(output)
    if begins_like_findings(source, stdin()):
        return write_docket(source, form, settings)
    return _case(source, form, settings)


def _form(output: str | None) -> str:
    if output in (None, "-"):
        return "txt"
    suffix = Path(str(output)).suffix.lower()
    if suffix not in FORMS:
        raise refused("report-form", "-o", name=str(output), words=", ".join(FORMS))
    return FORMS[suffix]


def _case(source: str, form: str, settings: dict[str, Any]) -> int:
    """Write the page of one record."""
    lang, digest = settings["lang"], hashlib.sha256()
    program, as_of, options, context, failed = asked(settings, digest=digest)
    timeline = one_timeline(program, source, settings)
    judged = explain_record(program, timeline, as_of, context=context, options=options)
    given = digest.hexdigest() if settings["context"] else ""
    view = case_view(program, timeline, judged, as_of, lang, options=options, context_digest=given)
    page = rendered(settings["own"], f"case.{form}.j2", view.plain(), lang)
    with opened(settings["output"]) as stream:
        stream.write(page)
    return 4 if failed else 0
