"""``zhijian deadline``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import click

from validator.commands.settings import common, load_program, own_rules, stdin
from validator.errors import InvalidSource, Problem, columns
from validator.legal_time.calendar import WorkCalendar
from validator.limits import DEFAULT
from validator.messages import LABELS
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import json_line
from validator.output.text import padded
from validator.questions.calculator import calculate, working
from validator.reading.files import STDIN
from validator.reading.strict_json import loads

LINE_LIMITS = replace(DEFAULT, document_bytes=DEFAULT.line_bytes)


@click.command("deadline")
@click.argument("start")
@click.argument("period", required=False)
@click.option("--no-roll", is_flag=True, help="末日不顺延 / the last day does not roll")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer in JSON")
@own_rules
@common
def deadline_command(
    start: str, period: str | None, no_roll: bool, as_json: bool, policies: Sequence[str], lang: str  # noqa: FBT001 - click
) -> int:  # fmt: skip
    """Count a period from START and show the working day by day; START - reads NDJSON and writes NDJSON.

    计算期限：zhijian deadline 2022-01-26 5个工作日
    """
    calendar = load_program(policies, (), lang).calendar if policies else None
    if start == STDIN and period is None:
        return _deadlines(calendar, lang, roll=not no_roll)
    request: dict[str, Any] = {"start": start, "period": period or ""}
    if no_roll:
        request["roll"] = False
    answer = calculate(request, calendar, lang)
    error = answer.get("error")
    if as_json:
        sys.stdout.write(json_line(answer) + "\n")
    elif error is not None:
        click.echo(_error_text(error, lang), err=True)
    else:
        printer = Printer(sys.stdout)
        notes = working(request, calendar, lang)
        width = max((columns(note["weekday"]) for note in notes), default=0)
        for note in notes:
            printer.line(_note_text(note, width))
        flags = [phrase(lang, n) for n in ("rolled", "provisional") if answer[n]]
        printer.line(f"{answer['due_day']}  ({answer['due']}){'  ' + ', '.join(flags) if flags else ''}")
    return 0 if error is None else 2


def _error_text(error: Mapping[str, Any], lang: str) -> str:
    advice = f"\n  {LABELS[lang]['help']}: {error['help']}" if error["help"] else ""
    return f"deadline: {error['code']}: {error['message']}{advice}"


def _note_text(note: Mapping[str, Any], width: int) -> str:
    """Return a day as a line; names of weekdays take ``width`` columns."""
    number = "-" if note["number"] is None else note["number"]
    return f"{note['date']}  {padded(note['weekday'], width)}  {number:>3}  {note['reason']}".rstrip()


def _deadlines(calendar: WorkCalendar | None, lang: str, *, roll: bool) -> int:
    """One request a line in, one answer a line out; a bad line gets an error of its own and the rest goes on."""
    failed = False
    for number, line in _lines(stdin()):
        try:
            request = loads(line, STDIN, first_line=number, limits=LINE_LIMITS)
        except InvalidSource as error:
            problem = error.problems[0]
            answer: dict[str, Any] = {"line": number, "error": _as_error(problem, lang)}
        else:
            if not roll and isinstance(request, dict):
                request.setdefault("roll", False)
            answer = calculate(request, calendar, lang)
            answer = answer if isinstance(request, dict) else {"line": number, **answer}
        failed = failed or "error" in answer
        sys.stdout.write(json_line(answer) + "\n")
    return 4 if failed else 0


def _as_error(problem: Problem, lang: str) -> dict[str, str]:
    return {"code": problem.code, "message": problem.message(lang), "help": problem.help(lang)}


def _lines(stream: BinaryIO | None) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank with their numbers; of a line that is too long only its beginning."""
    most = LINE_LIMITS.document_bytes + 1
    number = 0
    while stream is not None and (line := stream.readline(most)):
        number += 1
        rest = line
        while len(rest) == most and not rest.endswith(b"\n"):
            rest = stream.readline(most)
        if line.strip():
            yield number, line
