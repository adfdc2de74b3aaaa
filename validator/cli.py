"""The command line: ``zhijian``.  Thin: every command reads its input, calls a verb and prints."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import click

from validator import __version__
from validator.batch import Batch, run
from validator.calculator import calculate, working
from validator.chunk import Rejects, Settings
from validator.compiled import CompiledProgram
from validator.context import Context
from validator.engine import Summary, explain, load, read_context
from validator.errors import (
    EXIT_CODES,
    InvalidRecord,
    InvalidSource,
    OutputFailed,
    Place,
    Problem,
    UsageError,
    ZhijianError,
    exit_code,
    nearest,
)
from validator.explanation import explanation
from validator.feed import CHUNK_BYTES
from validator.files import STDIN, stored_bytes
from validator.forms import FORMS, View
from validator.instant import END, BadInstant, Instant, day_end, day_of, format_day, format_instant, parse_as_of
from validator.intake import RawRecord, Rejected, read_records
from validator.interpreter import Options
from validator.ledger import ledger, markdown, plain
from validator.limits import DEFAULT
from validator.lint import lint
from validator.messages import LABELS
from validator.mutation import score
from validator.output import ReaderGone, guarded_streams, json_line, opened, pretty, silence
from validator.policy import is_article, policy_files, schema
from validator.policytest import ExampleResult, run_examples
from validator.program import Norm, Program
from validator.progress import progress
from validator.record_schema import record_schema
from validator.render import Printer, phrase
from validator.resources import resource_dir
from validator.sample import sample
from validator.show import describe
from validator.sinks import Frame, counted_lines
from validator.strict_json import loads
from validator.timeline import Timeline, read_record

SCHEMAS = ("record", "article", "vocabulary", "overlay", "finding", "output", "reject")
LEVELS = ("low", "medium", "high")
ENGINES = ("auto", "compiled", "interpreter")
LARGE = 1 << 20
LINE_LIMITS = replace(DEFAULT, document_bytes=DEFAULT.line_bytes)
READER_GONE = -1  # nobody reads the output any more: exit 74, and no word about it
BEIJING = timezone(timedelta(hours=8))
EXIT_HELP = "\b\nExit codes / 退出码:\n" + "\n".join(f"  {c:>3}  {m['zh']} / {m['en']}" for c, m in EXIT_CODES.items())


def _language(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The language: --lang, else ZHIJIAN_LANG, else Chinese; never the locale, so that output does not depend on it."""
    chosen = value or os.environ.get("ZHIJIAN_LANG", "zh")
    return chosen if chosen in ("zh", "en") else "zh"


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has."""
    lang = click.option("--lang", type=click.Choice(["zh", "en"]), callback=_language, help="语言 / language (zh)")
    return lang(function)


def rules(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the rule set."""
    for option in (
        click.option("-p", "--policy", "policies", multiple=True, help="规则文件或文件夹 / rule set (shipped)"),
        click.option("--parameters", multiple=True, help="参数文件 / parameter file, repeatable"),
    ):
        function = option(function)
    return function


@click.group(epilog=EXIT_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="zhijian")
def cli() -> None:
    """Zhijian 执监: check enforcement records against the law written as data.

    依法〔2021〕322号《意见》核验执行案件记录。
    """


def _stdin() -> BinaryIO | None:
    """Standard input in binary; None when it is closed."""
    return None if sys.stdin is None else sys.stdin.buffer


def _refuse(code: str, place: str, **values: str) -> UsageError:
    return UsageError(Problem(code, Place(place), tuple(values.items())))


def _print_problems(problems: Iterable[Problem], lang: str) -> None:
    for problem in problems:
        click.echo(problem.render(lang), err=True)


def _as_of(text: str | None) -> Instant:
    """The moment of judgement; without one it is now, and standard error says so."""
    if text is None:
        now = datetime.now(UTC).astimezone(BEIJING).isoformat(timespec="seconds")
        click.echo(f"--as-of {now}", err=True)
        return parse_as_of(now)
    try:
        return parse_as_of(text)
    except BadInstant:
        raise _refuse("bad-as-of", "--as-of", found=text) from None


def _options(
    program: Program, select: Iterable[str], code: str = "unknown-selection", *, in_force: bool, attested: bool
) -> Options:
    wanted = [s.strip() for part in select for s in part.split(",") if s.strip()]
    known = {n for norm in program.norms for n in (norm.id, norm.norm, f"A{norm.article}")}
    problems = [
        Problem(code, Place("--select" if code == "unknown-selection" else "explain"), values)
        for s in wanted
        if s not in known
        for values in [(("name", s), ("nearest", nearest(s, known) or ""))]
    ]
    if problems:
        raise UsageError(tuple(problems))
    return Options(frozenset(wanted), in_force, attested)


# -- check -------------------------------------------------------------------------------------------------------------
@cli.command("check")
@click.argument("paths", nargs=-1)
@click.option("--as-of", help="判断时点 / the moment of judgement (now)")
@rules
@click.option("--context", multiple=True, help="关联记录 / context records (courts, officers, other cases)")
@click.option("--select", multiple=True, help="只用这些条文或规则 / only these articles or norms: A13,A22.1")
@click.option("--assume-in-force", is_flag=True, help="假定《意见》已施行 / judge earlier matters as if in force")
@click.option("--require-attestation", is_flag=True, help="未签认的认定不算数 / unattested judgements do not count")
@click.option("--ignore-unknown-events", is_flag=True, help="略过不认识的事件（计数）/ skip and count unknown events")
@click.option("--output-format", "form", type=click.Choice(FORMS), default="text", help="输出格式 / (text)")
@click.option("-o", "--output", help="输出文件 / output file")
@click.option(
    "--findings",
    type=click.Choice(["problems", "all"]),
    default="problems",
    help="列出哪些结论；problems：除合规和未触发以外 / which findings; problems: all but those in order",
)
@click.option("--show-all", "findings", flag_value="all", help="即 --findings all / the same as --findings all")
@click.option("--bom", is_flag=True, help="CSV 带 BOM，供 Excel 打开 / CSV with a byte order mark, for Excel")
@click.option("--engine", type=click.Choice(ENGINES), default="auto",
              help="判断引擎，结论相同 / which engine; the findings are the same (auto)")  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="进程数 / how many processes (1)")
@click.option("--rejects", help="被拒绝记录的清单（NDJSON）/ list of refused records")
@click.option("--rejects-content", is_flag=True, help="清单附原文（含个人信息）/ with their content (personal data)")
@click.option("--checkpoint", help="存放进度的文件夹 / folder that keeps what is done, for --resume")
@click.option("--resume", is_flag=True, help="从 --checkpoint 接着做 / go on from --checkpoint")
@click.option("--fail-on", type=click.Choice(LEVELS), default="low", help="达到此级别的违规使退出码为 1 / (low)")
@click.option("--exit-zero", is_flag=True, help="有违规也返回 0 / exit 0 in spite of breaches")
@common
def check_command(paths: tuple[str, ...], **settings: Any) -> int:
    """Judge records: JSON, NDJSON, arrays, directories, or - for standard input.

    判断案件记录。
    """
    lang, output = settings["lang"], settings["output"]
    for target in (output, settings["rejects"]):
        _check_output(target, [*paths, *settings["context"]])
    _check_outputs(settings)
    if not paths and sys.stdin is not None and sys.stdin.isatty():
        raise _refuse("no-input", "check")
    as_of = _as_of(settings["as_of"])
    program = load(settings["policies"], parameters=settings["parameters"])
    options = _options(
        program, settings["select"], in_force=settings["assume_in_force"], attested=settings["require_attestation"]
    )
    digest = hashlib.sha256()
    context, problems = read_context(program, _digested(read_records(settings["context"], _stdin()), digest))
    _print_problems(problems, lang)
    batch = _batch(
        paths or (STDIN,), program, _settings(settings, paths or (STDIN,), as_of, options), digest.hexdigest(), settings
    )
    bar = sys.stderr.isatty() and not (output in (None, "-") and sys.stdout.isatty())
    with progress(stored_bytes(batch.paths), lang, bar=bar) as report:
        told = run(program, Context.of(context), batch, tuple(problems),
                   tell=lambda found: _print_problems(found, lang), report=report)  # fmt: skip
    if settings["form"] in ("csv", "parquet"):
        for line in counted_lines(batch.frame, told.summary.as_json(program, options), told.folds):
            click.echo(line, err=True)
    return _finish(told.summary, settings, context_failed=bool(problems))


def _check_output(output: str | None, inputs: Iterable[str]) -> None:
    """Refuse an output that is a format's name or one of the inputs."""
    if output in FORMS:
        raise _refuse("output-is-format", "-o", name=output)
    if output is not None and Path(output).is_file():
        for path in inputs:
            if path != STDIN and Path(path).is_file() and Path(path).samefile(output):
                raise _refuse("output-is-input", "-o", path=output)


def _check_outputs(settings: Mapping[str, Any]) -> None:
    """Refuse options that make no sense together."""
    output, rejects = settings["output"] or STDIN, settings["rejects"]
    if rejects is not None and os.path.realpath(rejects) == os.path.realpath(output):
        raise _refuse("output-twice", "--rejects", path=rejects)
    for option, other in (("resume", "checkpoint"), ("rejects_content", "rejects")):
        if settings[option] and not settings[other]:
            name = "--" + option.replace("_", "-")
            raise _refuse("option-needs", name, option=name, other=f"--{other}")


def _digested(records: Iterable[RawRecord | Rejected], digest: hashlib._Hash) -> Iterator[RawRecord | Rejected]:
    for record in records:
        digest.update(repr(record.text if isinstance(record, RawRecord) else record.problems).encode())
        yield record


def _settings(
    settings: Mapping[str, Any], paths: Iterable[str], as_of: Instant, options: Options
) -> Settings:  # fmt: skip
    terminal = settings["form"] == "text" and settings["output"] in (None, STDIN)
    width = Printer(sys.stdout).width if terminal else 0
    view = View(settings["form"], settings["lang"], settings["findings"] == "all", width)
    rejects: Rejects = "none" if settings["rejects"] is None else "content" if settings["rejects_content"] else "places"
    compiled = settings["engine"] == "compiled" or (settings["engine"] == "auto" and _is_large(paths))
    return Settings(as_of, options, view, settings["ignore_unknown_events"], rejects, compiled=compiled)


def _is_large(paths: Iterable[str]) -> bool:
    """Say whether compiling pays: it takes as long as a few hundred records."""
    size = stored_bytes(paths)
    return not size or size > LARGE  # of standard input nobody knows


def _batch(
    paths: tuple[str, ...], program: Program, judging: Settings, context_digest: str, settings: Mapping[str, Any]
) -> Batch:
    options, as_of = judging.options, judging.as_of
    header = {
        "zhijian": __version__, "policy_digest": program.digest, "context_digest": context_digest,
        "as_of": format_instant(as_of), "assume_in_force": options.assume_in_force,
        "require_attestation": options.require_attestation,
        "ignore_unknown_events": judging.ignore_unknown_events, "select": sorted(options.select),
        "findings": settings["findings"],
    }  # fmt: skip
    view = judging.view
    identity = header | {
        "output_format": view.form, "lang": view.lang, "columns": view.width, "bom": settings["bom"],
        "rejects": judging.rejects, "chunk_bytes": CHUNK_BYTES, "compiled": judging.compiled,
    }  # fmt: skip
    moment = format_day(day_of(as_of)) if as_of == day_end(day_of(as_of)) else format_instant(as_of)
    return Batch(
        paths, _stdin(), Frame(view, header, moment, settings["bom"]), judging, settings["output"],
        settings["rejects"], settings["checkpoint"], settings["resume"], identity, settings["jobs"], CHUNK_BYTES,
    )  # fmt: skip


def _finish(summary: Summary, settings: Mapping[str, Any], *, context_failed: bool) -> int:
    codes = []
    if summary.rejected or context_failed:
        codes.append(4)
    levels = LEVELS[LEVELS.index(settings["fail_on"]) :]
    if not settings["exit_zero"] and any(summary.breaches_by_level[level] for level in levels):
        codes.append(1)
    if not summary.judged:
        codes.append(5)
    return exit_code(codes)


# -- explain -----------------------------------------------------------------------------------------------------------
@cli.command("explain")
@click.argument("record")
@click.argument("norm")
@click.option("--id", "identifier", help="多条记录时指明 id / which record of the file")
@click.option("--as-of", help="判断时点 / the moment of judgement (now)")
@rules
@click.option("--context", multiple=True, help="关联记录 / context records")
@click.option("--assume-in-force", is_flag=True, help="假定《意见》已施行 / judge earlier matters as if in force")
@common
def explain_command(record: str, norm: str, **settings: Any) -> int:
    """Say step by step why a norm has its verdict on a record.

    逐步说明结论的由来。
    """
    lang = settings["lang"]
    as_of = _as_of(settings["as_of"])
    program = load(settings["policies"], parameters=settings["parameters"])
    options = _options(program, [norm], "unknown-norm", in_force=settings["assume_in_force"], attested=False)
    context, problems = read_context(program, read_records(settings["context"], _stdin()))
    _print_problems(problems, lang)
    timeline = _one_record(program, record, settings["identifier"])
    _print_problems(timeline.warnings, lang)
    printer = Printer(sys.stdout)
    for wanted in (n for n in program.norms if options.selects(n)):
        for judged in explain(program, timeline, as_of, wanted.id, context=context, options=options):
            for text in explanation(judged, program, lang):
                printer.line(text)
            printer.line()
    return 4 if problems else 0


def _one_record(program: Program, path: str, identifier: str | None) -> Timeline:
    """Read the record with an id, or the only one; what else is wrong with the file is no hindrance."""
    found: dict[str, RawRecord] = {}
    problems: list[Problem] = []
    for raw in read_records([path], _stdin()):
        if isinstance(raw, RawRecord):
            found.setdefault(str(raw.value.get("id", "")), raw)
        else:
            problems.extend(raw.problems)
    if not found or (identifier is None and problems):
        raise InvalidRecord(problems or [Problem("json-empty", Place(path))])
    if identifier is None and len(found) > 1:
        raise _refuse("which-record", path, count=str(len(found)), first=next(iter(found)))
    name = next(iter(found)) if identifier is None else identifier
    if name not in found:
        raise _refuse("record-not-found", path, name=name, nearest=nearest(name, found) or "")
    return read_record(found[name], program.vocabulary)


# -- test, lint --------------------------------------------------------------------------------------------------------
@cli.command("test")
@click.argument("policies", nargs=-1)
@click.option("--select", multiple=True, help="只试这些条文或规则 / only these articles or norms")
@click.option("-v", "--verbose", is_flag=True, help="列出每个示例 / list every example")
@click.option("--mutate", is_flag=True, help="改动规则，看示例能否发现 / does an example notice a changed record?")
@common
def test_command(policies: tuple[str, ...], select: tuple[str, ...], verbose: bool, mutate: bool, lang: str) -> int:  # noqa: FBT001 - click
    """Run the examples inside policy records (shipped ones, or POLICIES on top of the shipped vocabulary).

    运行规则里的示例；--mutate 检验示例是否钉住了规则。
    """
    program = load(_with_vocabulary(policies), examples=True)
    options = _options(program, select, in_force=False, attested=False)
    chosen = [n for n in program.norms if options.selects(n) and _inside(n.node.place.path, policies)]
    printer, count, failed = Printer(sys.stdout), 0, 0
    for result in (r for norm in chosen for r in run_examples(program, norm)):
        count, failed = count + 1, failed + (not result.holds)
        _print_example(printer, result, lang, verbose=verbose)
    passed = count - failed
    printer.line(phrase(lang, "examples", norms=len(chosen), examples=count, passed=passed, failed=failed))
    unnoticed = _mutate(program, chosen, printer, lang) if mutate else 0
    return 3 if failed or unnoticed else exit_code([] if count else [5])


def _mutate(program: Program, norms: Iterable[Norm], printer: Printer, lang: str) -> int:
    """Report the slips of the pen that no example notices and nobody has listed as meaning the same."""
    total = unnoticed = equivalent = 0
    for norm in norms:
        found = score(program, norm)
        total += found.count
        equivalent += len(found.equivalent)
        unnoticed += len(found.survivors)
        for change in found.survivors:
            printer.line(f"{norm.node.place}: {norm.id}  {phrase(lang, 'unnoticed')}  {change}")
        for change in found.stale:
            printer.line(f"{norm.node.place}: {norm.id}  {phrase(lang, 'stale')}  {change}")
    printer.line(phrase(lang, "mutants", total=total, unnoticed=unnoticed, equivalent=equivalent))
    return unnoticed


def _with_vocabulary(policies: tuple[str, ...]) -> list[str]:
    """Articles alone are read on top of the shipped rule set, in place of the shipped files of the same names."""
    own = policy_files(policies)
    if not own or not all(is_article(p) for p in own):
        return list(policies)
    shipped = policy_files([str(resource_dir("policies"))])
    replaced = {p.name for p in own}
    return [*(str(p) for p in shipped if p.name not in replaced or not is_article(p)), *policies]


def _inside(path: str, policies: tuple[str, ...]) -> bool:
    return not policies or any(Path(path).is_relative_to(p) for p in policies)


def _print_example(printer: Printer, result: ExampleResult, lang: str, *, verbose: bool) -> None:
    if result.holds:
        if verbose:
            printer.line(f"ok    {result.norm.id}  {result.name}  [{', '.join(result.verdicts)}]")
        return
    printer.line(f"{result.place}: FAIL  {result.norm.id}  {result.name}")
    for difference in result.differences:
        printer.line(f"    {difference.text(lang)}")
    for problem in result.problems:
        printer.line(problem.render(lang))


@cli.command("lint")
@click.argument("policies", nargs=-1)
@common
def lint_command(policies: tuple[str, ...], lang: str) -> int:
    """Check policies: everything that stops a load, and warnings about what is probably not meant.

    检查规则文件。
    """
    program = load(_with_vocabulary(policies), examples=True)
    warnings = [p for p in lint(program) if _inside(p.place.path, policies)]
    printer = Printer(sys.stdout)
    for problem in warnings:
        printer.line(problem.render(lang))
    norms = sum(_inside(n.node.place.path, policies) for n in program.norms)
    printer.line(phrase(lang, "linted", norms=norms, warnings=len(warnings)))
    return 0


@cli.command("norms")
@click.option(
    "--output-format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="输出格式 / (text)"
)
@click.option("-o", "--output", help="输出文件 / output file")
@click.option("--mutate", is_flag=True, help="附变异检验得分 / with the score of the mutation test (slow)")
@rules
@common
def norms_command(policies: tuple[str, ...], parameters: tuple[str, ...], **settings: Any) -> int:
    """List every article and norm: kind, check, features, parameters it waits for, examples.

    规则台账。
    """
    program = load(policies, parameters=parameters)
    entries, lang = ledger(program, mutate=settings["mutate"]), settings["lang"]
    with opened(settings["output"]) as stream:
        if settings["form"] == "json":
            stream.write(pretty(entries) + "\n")
            return 0
        for line in markdown(entries, lang) if settings["form"] == "markdown" else plain(entries, lang):
            stream.write(line + "\n")
    return 0


# -- show, schema, sample, deadline ------------------------------------------------------------------------------------
@cli.command("show")
@click.argument("name")
@click.option("--compiled", is_flag=True, help="判断此类记录的代码 / the code that judges records of this type")
@rules
@common
def show_command(name: str, **settings: Any) -> int:
    """Show a norm (A13.1), an article (A13), an event, a variable, an entity, a parameter or a table.

    查看规则或词汇。
    """
    program, printer = load(settings["policies"], parameters=settings["parameters"]), Printer(sys.stdout)
    for line in _code(program, name) if settings["compiled"] else describe(program, name, settings["lang"]):
        printer.line(line)
    return 0


def _code(program: Program, record_type: str) -> list[str]:
    types = program.vocabulary.record_types()
    if record_type not in types:
        words = ", ".join(types)
        raise _refuse(
            "unknown-record-type", "show", name=record_type, nearest=nearest(record_type, types) or "", words=words
        )
    compiled = CompiledProgram(program, END, Options(), Context({}))
    return dict(compiled.sources())[record_type].splitlines()


@cli.command("schema")
@click.argument(
    "name", type=click.Choice(["record", "article", "vocabulary", "overlay", "finding", "output", "reject"])
)
@rules
@common
def schema_command(name: str, policies: tuple[str, ...], parameters: tuple[str, ...], lang: str) -> int:
    """Print a JSON Schema: of records (from the vocabulary), of policy files, of findings and other lines of output.

    输出 JSON Schema。
    """
    del lang
    found = record_schema(load(policies, parameters=parameters).vocabulary) if name == "record" else schema(name)
    Printer(sys.stdout).line(pretty(found))
    return 0


@cli.command("sample")
@click.option("--n", "count", type=click.IntRange(0), default=100, help="件数 / how many records (100)")
@click.option("--seed", type=int, default=1, help="随机种子 / another seed, another docket (1)")
@click.option("-o", "--output", help="输出文件 / output file")
@common
def sample_command(count: int, seed: int, output: str | None, lang: str) -> int:
    """Make a synthetic docket as NDJSON: the same bytes for the same N and seed.

    生成模拟案件。
    """
    del lang
    with opened(output) as stream:
        for record in sample(count, seed):
            stream.write(json_line(record) + "\n")
    return 0


@cli.command("deadline")
@click.argument("start")
@click.argument("period", required=False)
@click.option("--no-roll", is_flag=True, help="末日不顺延 / the last day does not roll")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer in JSON")
@common
def deadline_command(start: str, period: str | None, no_roll: bool, as_json: bool, lang: str) -> int:  # noqa: FBT001 - click
    """Count a period from START and show the working day by day; START - reads NDJSON and writes NDJSON.

    计算期限：zhijian deadline 2022-01-26 5个工作日
    """
    printer = Printer(sys.stdout)
    if start == STDIN and period is None:
        return _deadlines(printer, lang, roll=not no_roll)
    request: dict[str, Any] = {"start": start, "period": period or ""}
    if no_roll:
        request["roll"] = False
    answer = calculate(request, lang=lang)
    error = answer.get("error")
    if as_json:
        printer.line(json_line(answer))
    elif error is not None:
        click.echo(_error_text(error, lang), err=True)
    else:
        for note in working(request, lang=lang):
            printer.line(_note_text(note))
        flags = [phrase(lang, n) for n in ("rolled", "provisional") if answer[n]]
        printer.line(f"{answer['due_day']}  ({answer['due']}){'  ' + ', '.join(flags) if flags else ''}")
    return 0 if error is None else 2


def _error_text(error: Mapping[str, Any], lang: str) -> str:
    advice = f"\n  {LABELS[lang]['help']}: {error['help']}" if error["help"] else ""
    return f"deadline: {error['code']}: {error['message']}{advice}"


def _note_text(note: Mapping[str, Any]) -> str:
    number = "-" if note["number"] is None else note["number"]
    return f"{note['date']}  {note['weekday']}  {number:>3}  {note['reason']}".rstrip()


def _deadlines(printer: Printer, lang: str, *, roll: bool) -> int:
    """One request a line in, one answer a line out; a bad line gets an error of its own and the rest goes on."""
    failed = False
    for number, line in _lines(_stdin()):
        try:
            request = loads(line, STDIN, first_line=number, limits=LINE_LIMITS)
        except InvalidSource as error:
            problem = error.problems[0]
            answer: dict[str, Any] = {"line": number, "error": _as_error(problem, lang)}
        else:
            if not roll and isinstance(request, dict):
                request.setdefault("roll", False)
            answer = calculate(request, lang=lang)
            answer = answer if isinstance(request, dict) else {"line": number, **answer}
        failed = failed or "error" in answer
        printer.line(json_line(answer))
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


# -- the way out -------------------------------------------------------------------------------------------------------
class _Terminated(BaseException):
    """The program was told to end (SIGTERM)."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the documented code; the last line on standard error says why if not 0."""
    lang = _wanted_language(sys.argv[1:] if arguments is None else arguments)
    with guarded_streams(), _terminable():
        code = _run(arguments, lang)
        if code and code != READER_GONE:
            with contextlib.suppress(ZhijianError, ReaderGone):
                click.echo(phrase(lang, "exit", code=code, meaning=EXIT_CODES[code][lang]), err=True)
    raise SystemExit(74 if code == READER_GONE else code)


def _run(arguments: list[str] | None, lang: str) -> int:
    try:
        code = int(cli.main(arguments, prog_name="zhijian", standalone_mode=False) or 0)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except _Terminated:
        return 143
    except ReaderGone:
        silence(sys.__stdout__)
        return READER_GONE
    except ZhijianError as error:
        return _failed(error, lang)
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a sentence and a code
        click.echo(f"zhijian {__version__}: {type(error).__name__}: {error}", err=True)
        click.echo(phrase(lang, "bug"), err=True)
        if os.environ.get("ZHIJIAN_DEBUG"):
            traceback.print_exc()
        return 70
    return code


def _failed(error: ZhijianError, lang: str) -> int:
    """Print the problems of an error; when nothing can be written, that is the end of it."""
    try:
        _print_problems(error.problems, lang)
    except (ZhijianError, ReaderGone):
        silence(sys.__stderr__)
    if isinstance(error, OutputFailed) and any(p.place.path == STDIN for p in error.problems):
        silence(sys.__stdout__)
    return error.exit_code


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the program in order, so that no unfinished file is left behind."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Terminated

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: somebody else looks after signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wanted_language(arguments: list[str]) -> str:
    for i, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return "en" if argument.endswith("en") else "zh"
        if argument == "--lang" and i + 1 < len(arguments):
            return "en" if arguments[i + 1] == "en" else "zh"
    return "en" if os.environ.get("ZHIJIAN_LANG") == "en" else "zh"


if __name__ == "__main__":
    main()
