"""``zhijian verify`` and ``zhijian replay``: are findings as they were written, and are they what is found again?"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import click

from validator.batch.chunk import Settings
from validator.batch.forms import View
from validator.batch.progress import judged, progress
from validator.batch.run import Batch, run, run_header
from validator.batch.sinks import Frame
from validator.commands.settings import (
    Problems,
    all_warnings,
    common,
    load_program,
    named,
    print_problems,
    read_others,
    rules,
    stdin,
    waived,
    waiving,
)
from validator.errors import InvalidRecord, Place, Problem
from validator.facts.context import Context
from validator.judging.finding import VERDICT_LABELS, Verdict
from validator.judging.interpreter import Options
from validator.legal_time.instant import BadInstant, Instant, parse_as_of
from validator.limits import DEFAULT
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import temporary_folder
from validator.output.seal import verify
from validator.output.text import moment
from validator.questions.replay import SHOWN, Replayed, compare
from validator.reading.files import check_twice_readable, open_inputs
from validator.rules.program import Program


@click.command("verify")
@click.argument("findings", nargs=-1, required=True, callback=named)
@common
def verify_command(findings: tuple[str, ...], lang: str) -> int:
    """Check that findings (NDJSON) are as they were written: no line changed, removed, added or moved.

    核对结论文件有没有被改动。
    """
    printer, broken = Printer(sys.stdout), False
    for file in open_inputs(findings, stdin(), DEFAULT):
        if isinstance(file, Problem):
            raise InvalidRecord(file)
        found = verify(chain(file.seen, file.lines()), file.path)
        damage = file.damage(found.lines)
        problems = found.problems if damage is None else (damage, *found.problems)
        print_problems(problems, lang)
        broken = broken or bool(problems)
        if not problems:
            printer.line(phrase(lang, "verified", path=file.path, lines=found.lines, **_told(found.header)))
    return 4 if broken else 0


def _told(header: object) -> dict[str, str]:
    """Return what the header of findings says of their origin."""
    values = header if isinstance(header, dict) else {}
    return {"version": str(values.get("zhijian", "?")), "as_of": moment(str(values.get("as_of", "?")))}


_VERDICTS = frozenset(map(str, Verdict))


# -- replay -----------------------------------------------------------------------------------------------------------
@click.command("replay")
@click.argument("findings", callback=named)
@click.option(
    "--records", multiple=True, required=True, callback=named, help="当时的案件记录 / the records that were judged"
)
@rules
@click.option("--context", multiple=True, callback=named, help="关联记录 / context records")
@waiving
@all_warnings
@common
def replay_command(findings: str, **settings: Any) -> int:
    """Judge again, as FINDINGS (NDJSON) say that it was done, and say: identical, or what has changed.

    照结论文件写明的时点和选项重新判断：一致，或者变了什么。被改动过的结论文件不用。
    """
    lang = settings["lang"]
    check_twice_readable(findings)
    intact = verify(_lines(findings), findings)
    print_problems(intact.problems, lang)
    if intact.problems:
        return 4
    header = intact.header
    as_of = _moment(header, findings)
    program = load_program(settings["policies"], settings["parameters"], lang)
    options, faulty = waived(_options(header, findings), settings["waivers"], lang)
    digest = hashlib.sha256()
    context, problems = read_others(program, settings, digest)
    with temporary_folder() as folder:
        again = str(folder / "findings.ndjson")
        judging = Settings(
            as_of, options, View("ndjson", lang, header.get("findings") == "all"),
            ignore_unknown_events=bool(header.get("ignore_unknown_events")), compiled=True,
        )  # fmt: skip
        _judge(program, Context.of(context), judging, digest.hexdigest(), again, settings)
        found = compare(_lines(findings), _lines(again))
    printer = Printer(sys.stdout)
    for line in _told_again(found, lang):
        printer.line(line)
    return 4 if problems or faulty else 0 if found.identical else 1


def _lines(path: str) -> Iterator[bytes]:
    for file in open_inputs([path], None, DEFAULT):
        if isinstance(file, Problem):
            raise InvalidRecord(file)
        yield from chain(file.seen, file.lines())


def _moment(header: Mapping[str, Any], path: str) -> Instant:
    """Return the moment of judgement; raises `InvalidRecord` for a header that says none."""
    try:
        return parse_as_of(str(header.get("as_of", "")))
    except BadInstant:
        raise InvalidRecord(Problem("no-findings-header", Place(path, 1))) from None


def _options(header: Mapping[str, Any], path: str) -> Options:
    """Return how was judged; raises `InvalidRecord` for a header that doesn't say of which norms."""
    select = header.get("select", [])
    if not isinstance(select, list):
        raise InvalidRecord(Problem("no-findings-header", Place(path, 1)))
    return Options(
        frozenset(map(str, select)), bool(header.get("assume_in_force")),
        bool(header.get("require_attestation")),
    )  # fmt: skip


def _judge(
    program: Program, context: Context, judging: Settings, digest: str, output: str, settings: Mapping[str, Any]
) -> None:
    """Judge records once more, into a file."""
    frame, printed = Frame(judging.view, run_header(program, judging, digest)), Problems(settings)
    with progress(0, judged(settings["lang"]), bar=False) as report:
        batch = Batch(settings["records"], stdin(), frame, judging, output)
        run(program, context, batch, (), tell=printed, report=report)
    printed.end()


def _told_again(found: Replayed, lang: str) -> Iterator[str]:
    if found.identical:
        yield phrase(lang, "replay.identical")
        return
    comma = phrase(lang, "comma")
    if found.changed:
        yield phrase(lang, "replay.changed", words=comma.join(phrase(lang, f"replay.{n}") for n in found.changed))
    if found.records:
        yield phrase(lang, "replay.record", words=comma.join(found.records[:SHOWN]))
    yield phrase(lang, "replay.differ", count=found.count)
    for one in found.differences:
        words = [VERDICT_LABELS[Verdict(v)].text(lang) if v in _VERDICTS else "-" for v in (one.old, one.new)]
        what = f"{words[0]} → {words[1]}"
        if one.members:
            what = phrase(lang, "replay.inside", verdict=words[0], words=comma.join(one.members))
        yield f"  {one.record}  {one.norm}  {one.key}: {what}"
    if found.count > len(found.differences):
        yield "  …"
