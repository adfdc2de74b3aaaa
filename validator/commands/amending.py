"""``zhijian diff``: what an amendment changes, and whom it touches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from validator.authoring.impact import Impact, changes, impact
from validator.batch.progress import counted
from validator.commands.settings import (
    common,
    draws,
    in_forms,
    moment_of,
    named,
    options_of,
    own_templates,
    print_problems,
    stdin,
)
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import opened, pretty
from validator.reading.intake import read_records
from validator.reporting.diff_view import diff_view
from validator.reporting.own import rendered
from validator.rules.program import Program
from validator.rules.rulebook import RuleBook, read_rules


@click.command("diff")
@click.argument("old", callback=named)
@click.argument("new", callback=named)
@click.option("--records", multiple=True, callback=named, help="在这些案件上看影响 / the docket on which to look")
@click.option("--as-of", help="判断时点 / the moment of judgement (now)")
@click.option("--parameters", multiple=True, callback=named, help="两边共用的参数文件 / parameter file of both")
@click.option(
    "--new-parameters",
    multiple=True,
    callback=named,
    help="只用于新规则的参数文件 / parameter file of the new one only",
)
@click.option("--context", multiple=True, callback=named, help="关联记录 / context records")
@click.option("--assume-in-force", is_flag=True, help="假定规范已施行 / judge earlier matters as if in force")
@in_forms("text", "json", "html")
@own_templates
@common
def diff_command(old: str, new: str, **settings: Any) -> int:
    """Compare two rule sets (OLD, NEW: their folders or files) and the verdicts they give.

    规则修订前后对比：改了什么，哪些案件的结论会变。
    """
    lang = settings["lang"]
    figures = settings["parameters"]
    one = read_rules([old], parameters=figures, examples=False)
    other = read_rules([new], parameters=[*figures, *settings["new_parameters"]], examples=False)
    found = _impact(one.program, other.program, settings) if settings["records"] else None
    form = settings["form"]
    with opened(settings["output"]) as stream:
        if form == "html":
            stream.write(rendered(settings["own"], "diff.html.j2", diff_view(one, other, found, lang), lang))
        elif form == "json":
            stream.write(pretty(_plain(one, other, found)) + "\n")
        else:
            printer = Printer(stream)
            for line in _lines(diff_view(one, other, found, lang), lang):
                printer.line(line)
    if found is None:
        return 0
    print_problems(found.refused, lang)
    return 4 if found.refused else 0 if found.records else 5


def _impact(old: Program, new: Program, settings: dict[str, Any]) -> Impact:
    as_of = moment_of(settings["as_of"])
    options = options_of(new, (), in_force=settings["assume_in_force"], attested=False)
    records = read_records(settings["records"], stdin())
    return impact(
        old, new, counted(records, settings["lang"], bar=draws(settings["output"])), as_of,
        context=read_records(settings["context"], stdin()), options=options,
    )  # fmt: skip


def _lines(view: dict[str, Any], lang: str) -> Iterator[str]:
    for change in view["changes"]:
        place = f"{change['kind']} {change['name']}{'  ' + change['path'] if change['path'] else ''}"
        yield f"{place}: {change['old'] or phrase(lang, 'diff.none')} → {change['new'] or phrase(lang, 'diff.none')}"
    if not view["changes"]:
        yield phrase(lang, "diff.same")
    if view["records"] is None:
        return
    yield ""
    yield phrase(lang, "diff.records", records=view["records"], flips=sum(f["count"] for f in view["flips"]))
    for flip in view["flips"]:
        yield f"  {flip['norm']}  {flip['title']}: {flip['old_label']} → {flip['new_label']}  {flip['count']}"
        for example in flip["examples"]:
            yield f"      {example['record']}  {example['old'] or '-'} → {example['new'] or '-'}"
    for moved in view["moved"]:
        yield f"  {moved['norm']}  {moved['title']}: " + phrase(lang, "diff.moved", count=moved["count"])


def _plain(old: RuleBook, new: RuleBook, found: Impact | None) -> dict[str, Any]:
    plain: dict[str, Any] = {"changes": [c.as_json() for c in changes(old, new)]}
    if found is not None:
        plain |= {
            "records": found.records,
            "flips": [
                {"norm": norm, "old": was, "new": now, "count": count, "records": [
                    {"record": record, "key": key} for record, key in found.named[norm, was, now]
                ]}
                for (norm, was, now), count in sorted(found.flips.items())
            ],
            "moved": dict(sorted(found.moved.items())),
        }  # fmt: skip
    return plain
