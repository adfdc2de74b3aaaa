"""``zhijian gate``: what a flow system asks before a step is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from validator.commands.one_record import asked, one_record
from validator.commands.settings import common, named, one_record_options, refused, stdin
from validator.errors import InvalidRecord
from validator.judging.finding import VERDICT_LABELS, Finding
from validator.limits import DEFAULT
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import json_line, opened
from validator.output.render import entity_names, sentences
from validator.output.text import moment
from validator.questions.explanation import citation
from validator.questions.gate import Answer, Gate, Obstacle, gate
from validator.reading.intake import RawRecord, read_records, whole_record
from validator.reporting.wording import Wording
from validator.rules.program import Program

_CODES = {Answer.ALLOW: 0, Answer.DENY: 1, Answer.REVIEW: 4}


@click.command("gate")
@click.argument("record", callback=named)
@click.option("--event", required=True, callback=named, help="要走的一步：JSON 或文件 / the step: JSON, or a file")
@one_record_options
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer in JSON")
@click.option("-o", "--output", callback=named, help="输出文件 / output file")
@common
def gate_command(record: str, event: str, **settings: Any) -> int:
    """Say whether a step may be taken now: exit 0 allow, 1 deny, 4 review.

    这一步现在能不能走：放行（0）、拦截（1）、需核对（4）。
    """
    program, as_of, options, context, failed = asked(settings)
    raw, step = one_record(record, settings["identifier"]), _event(event)
    found = gate(program, raw, step, as_of, context=context, options=options)
    with opened(settings["output"]) as stream:
        if settings["as_json"]:
            stream.write(json_line(found.as_json()) + "\n")
        else:
            printer = Printer(stream)
            for line in _told(found, program, settings["lang"]):
                printer.line(line)
    return 4 if failed else _CODES[found.answer]


def _event(text: str) -> RawRecord:
    """Read the event: what is no JSON object, and no list, is the name of a file."""
    written = text.strip()
    if written.startswith("{") or (written.startswith("[") and written.endswith("]")):
        found = [whole_record("--event", 1, text.encode("utf-8", "surrogateescape"), DEFAULT)]
    else:
        found = list(read_records((text,), stdin()))
    if len(found) != 1:
        raise refused("one-event", text, count=str(len(found)))
    read = found[0]
    if not isinstance(read, RawRecord):
        raise InvalidRecord(read.problems)
    return read


# -- in words ---------------------------------------------------------------------------------------------------------
def _told(found: Gate, program: Program, lang: str) -> Iterator[str]:
    wording = Wording(program, found.record, lang)
    yield phrase(lang, f"gate.{found.answer}", as_of=moment(found.as_of))
    for name, obstacles in (("denied", found.denied), ("doubtful", found.doubtful)):
        for obstacle in obstacles:
            yield ""
            yield phrase(lang, f"gate.{name}", title=_title(obstacle.finding, lang))
            yield from _why(obstacle, wording)
    for name, findings in (("starts", found.starts), ("settles", found.settles)):
        if findings:
            yield ""
            yield phrase(lang, f"gate.{name}")
        for finding in findings:
            why = phrase(lang, "semicolon").join(sentences(wording.in_words(finding), lang))
            yield f"  {_title(finding, lang)}{phrase(lang, 'colon')}{why}"


def _title(finding: Finding, lang: str) -> str:
    names = entity_names(finding)
    about = f"{names}  " if names else ""
    return f"{VERDICT_LABELS[finding.verdict].text(lang)}  {finding.norm}  {about}{finding.title.text(lang)}"


def _why(obstacle: Obstacle, wording: Wording) -> Iterator[str]:
    lang, program = wording.lang, wording.program
    norm = program.version(obstacle.finding.norm, obstacle.finding.version)
    for sentence in sentences(wording.in_words(obstacle.finding), lang):
        yield f"  {sentence}"
    for name, labels in (("first", obstacle.first), ("never", obstacle.never)):
        if labels:
            yield "  " + phrase(lang, f"gate.{name}", words=phrase(lang, "comma").join(x.text(lang) for x in labels))
    yield f"  {citation(norm, lang)}"
