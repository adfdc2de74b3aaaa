"""``zhijian due``: what runs, and what is over and not done."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from validator.batch.forms import csv_line
from validator.batch.progress import counted
from validator.commands.settings import (
    common,
    draws,
    in_forms,
    load_program,
    moment_of,
    named,
    options_of,
    print_problems,
    read_others,
    refused,
    rules,
    stdin,
    tell_idle_waivers,
    waived,
    waiving,
)
from validator.commands.targets import check_unread
from validator.errors import Place, Problem, UsageError, columns, visible
from validator.facts.context import Context
from validator.legal_time.deadline import BadPeriod, parse_period
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import json_line, opened, opened_binary, reported
from validator.output.render import ends_text, entity_names
from validator.output.text import Line, Piece, padded, wrap
from validator.questions.due import REMINDER, URGENCY_LABELS, WARNING, Clock, Docket, Urgency, until, within
from validator.reading.files import STDIN
from validator.reading.intake import read_records

_COLUMNS = (
    "urgency", "working_days_left", "due_day", "due", "norm", "title", "record", "entity", "actors", "owners", "path",
    "line", "due_latest", "provisional",
)  # fmt: skip
_NARROWEST = 32  # columns of text beside the table; with less room it stands below
_BELOW = 4  # columns by which it is indented there
_STYLES = {
    Urgency.OVERDUE: "bold red", Urgency.PERHAPS_OVER: "yellow", Urgency.WARNING: "yellow", Urgency.REMINDER: "cyan"
}  # fmt: skip
_OVER = (Urgency.OVERDUE, Urgency.LAPSED)


@click.command("due")
@click.argument("paths", nargs=-1, callback=named)
@click.option("--as-of", help="判断时点 / the moment of judgement (now)")
@rules
@click.option("--context", multiple=True, callback=named, help="关联记录 / context records")
@click.option("--select", multiple=True, help="只用这些条文或规则 / only these articles or norms: A13,A22.1")
@click.option("--assume-in-force", is_flag=True, help="假定规范已施行 / judge earlier matters as if in force")
@waiving
@click.option("--within", "period", help="只列此期间内到期的 / only what ends within a period: '3 working days'")
@click.option("--per", default="", help="按所属分列：court、handler_ids… / whose: a link or an attribute of records")
@in_forms(
    "text", "json", "csv", "ics",
    words="输出格式；ics 加 --per 时 -o 是文件夹 / (text, or what the suffix of -o says); ics with --per: a folder",
)  # fmt: skip
@common
def due_command(**settings: Any) -> int:
    """List every running clock: last day, working days left, who looks after it; the most urgent first.

    期限清单：逾期、预警、提醒、期限内。
    """
    lang, paths = settings["lang"], settings["paths"]
    if not paths and sys.stdin is not None and sys.stdin.isatty():
        raise refused("no-input", "due")
    as_of = moment_of(settings["as_of"])
    program = load_program(settings["policies"], settings["parameters"], lang)
    last = None if settings["period"] is None else until(program, as_of, _period(settings["period"]))
    options = options_of(program, settings["select"], in_force=settings["assume_in_force"], attested=False)
    options, faulty = waived(options, settings["waivers"], lang)
    context, problems = read_others(program, settings)
    docket = Docket(program, as_of, context=Context.of(context), options=options, per=settings["per"])
    clocks: list[Clock] = []
    read = refusals = 0
    for raw in counted(read_records(paths or (STDIN,), stdin()), lang, bar=draws(settings["output"])):
        found = docket.clocks(raw)
        read += 1
        if isinstance(found, tuple):
            refusals += 1
            print_problems(found, lang)
        else:
            clocks += found if last is None else within(found, last)
    clocks.sort(key=lambda c: c.rank)
    _WRITERS[settings["form"]](clocks, docket, settings)
    tell_idle_waivers(options, as_of, program, docket.waived, docket.waivers, lang)
    return 4 if refusals or problems or faulty else 0 if read else 5


def _period(text: str) -> Any:
    try:
        return parse_period(text)
    except BadPeriod as bad:
        raise UsageError(Problem(bad.code, Place("--within"), tuple(bad.values.items()))) from None


def _write_text(clocks: list[Clock], docket: Docket, settings: Mapping[str, Any]) -> None:
    lang = settings["lang"]
    with opened(settings["output"]) as stream:
        printer = Printer(stream)
        for line in _table(clocks, lang, printer.width):
            printer.line(line)
        counts = {level: sum(c.urgency is level for c in clocks) for level in Urgency}
        words = [f"{URGENCY_LABELS[level].text(lang)} {n}" for level, n in counts.items() if n]
        printer.line()
        printer.sentence(phrase(lang, "due.total", n=len(clocks), words=phrase(lang, "comma").join(words) or "-"))
        unset = [n for n in (WARNING, REMINDER) if docket.lead(n) is None]
        if unset:
            printer.sentence(phrase(lang, "due.unset", words=phrase(lang, "comma").join(f"param.{n}" for n in unset)))


def _table(clocks: Iterable[Clock], lang: str, width: int) -> Iterator[Line]:
    """Yield a line for each clock; on a terminal (``width``) what has no column is broken below the end of the line."""
    rows = [(c, _cells(c, lang)) for c in clocks]
    widths = [max((columns(cells[i]) for _, cells in rows), default=0) for i in range(4)]
    for clock, cells in rows:
        head = "  ".join(padded(cell, width) for cell, width in zip(cells, widths, strict=False))
        tail, style = "  ".join(filter(None, cells[4:])), _STYLES.get(clock.urgency, "")
        beside = columns(head) + 2
        below = bool(width) and width - beside < _NARROWEST
        indent = _BELOW if below else beside
        first, *rest = ["", *wrap(tail, width - indent)] if below else wrap(tail, width - indent) if width else [tail]
        yield Piece(head, style), Piece(f"  {first}" if first else "")
        for line in rest:
            yield (Piece(" " * indent + line),)


def _cells(clock: Clock, lang: str) -> tuple[str, ...]:
    """Return the cells of a clock: level, days left, last day, norm; then what has no column."""
    finding = clock.finding
    actors = phrase(lang, "comma").join(a.text(lang) for a in clock.actors)
    return (
        URGENCY_LABELS[clock.urgency].text(lang), _days(clock, lang), ends_text(finding, lang), finding.norm,
        visible(finding.record),
        entity_names(finding), finding.title.text(lang),
        phrase(lang, "due.actors", words=actors) if actors else "", *map(visible, clock.owners),
    )  # fmt: skip


def _days(clock: Clock, lang: str) -> str:
    """Say how many working days are left, or since when it is over; "" when there is nothing to count to."""
    left = clock.working_days
    if left is None:
        return ""
    if left == 0 and clock.urgency in _OVER:  # since some hours, or on the rest days behind the last day
        return phrase(lang, "due.just_over")
    return phrase(lang, "due.left" if left >= 0 else "due.over", n=abs(left))


def _write_json(clocks: list[Clock], _docket: Docket, settings: Mapping[str, Any]) -> None:
    with opened(settings["output"]) as stream:
        for clock in clocks:
            stream.write(json_line(clock.as_json()) + "\n")


def _write_csv(clocks: list[Clock], _docket: Docket, settings: Mapping[str, Any]) -> None:
    lang = settings["lang"]
    with opened(settings["output"]) as stream:
        stream.write(csv_line(_COLUMNS))
        for c in clocks:
            f = c.finding
            stream.write(csv_line((
                str(c.urgency), c.working_days, f.due_day, f.due, f.norm, f.title.text(lang), f.record, entity_names(f),
                "; ".join(a.text(lang) for a in c.actors), "; ".join(c.owners), c.path, c.line,
                f.due_latest, "provisional" in f.flags,
            )))  # fmt: skip


def _write_ics(clocks: list[Clock], docket: Docket, settings: Mapping[str, Any]) -> None:
    try:
        from validator.questions.ics import calendar_of  # noqa: PLC0415 - an extra
    except ImportError:
        values = (("suffix", "ics"), ("package", "icalendar"), ("extra", "calendar"))
        raise UsageError(Problem("needs-extra", Place("--output-format"), values)) from None
    lang, output = settings["lang"], settings["output"]
    leads = [lead for lead in (docket.lead(WARNING), docket.lead(REMINDER)) if lead is not None]
    owners: dict[str, list[Clock]] = {} if settings["per"] else {"": []}
    for clock in clocks:
        for owner in (clock.owners or (phrase(lang, "due.nobody"),)) if settings["per"] else ("",):
            owners.setdefault(owner, []).append(clock)
    if settings["per"] and output in (None, STDIN):
        raise refused("option-needs", "--per", option="--per", other="-o")
    for owner, target in _calendars(owners, settings):
        with opened_binary(target) as stream:
            stream.write(calendar_of(owners[owner], docket.as_of, docket.program.calendar, leads, lang, owner))


def _calendars(owners: Iterable[str], settings: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Return the target for each owner; those of several are files in a folder, which is made."""
    output = settings["output"]
    if not settings["per"]:
        return [(owner, output) for owner in owners]
    targets = [(owner, str(Path(output) / f"{_file_name(owner)}.ics")) for owner in owners]
    check_unread([("-o", target) for _, target in targets], settings)
    with reported(output):
        Path(output).mkdir(parents=True, exist_ok=True)
    return [*targets]


def _file_name(owner: str) -> str:
    """Return a name for the file of an owner; one that had to be changed has a digest, so that no two are the same.

    On the disk it is UTF-8 in every locale, also where that can't write it.
    """
    kept = re.sub(r"[^\w（）()-]", "_", owner)[:60] or "_"  # with a digest at most 255 bytes of UTF-8
    if kept != owner:
        kept += f"-{hashlib.sha256(owner.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"
    return os.fsdecode(kept.encode())


_WRITERS: Mapping[str, Callable[[list[Clock], Docket, Mapping[str, Any]], None]] = {
    "text": _write_text, "json": _write_json, "csv": _write_csv, "ics": _write_ics
}  # fmt: skip
