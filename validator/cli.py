"""The command line: ``zhijian``.  Thin: every command reads its input, calls a verb and prints."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from validator import __version__
from validator.calculator import calculate, working
from validator.engine import RecordResult, Summary, check, explain, load, read_context
from validator.errors import EXIT_CODES, InvalidRecord, Place, Problem, UsageError, ZhijianError, exit_code, nearest
from validator.explanation import explanation
from validator.finding import VIOLATIONS, Finding
from validator.instant import BadInstant, Instant, day_end, day_of, format_day, format_instant, parse_as_of
from validator.intake import RawRecord, Rejected, read_records
from validator.interpreter import Options
from validator.lint import lint
from validator.output import opened
from validator.policy import schema
from validator.policytest import ExampleResult, run_examples
from validator.program import Norm, Program
from validator.record_schema import record_schema
from validator.render import finding_line, folded, phrase, print_plain, summary_lines, summary_table
from validator.sample import sample
from validator.show import describe
from validator.timeline import Timeline, read_record

LEVELS = ("low", "medium", "high")
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


def _console(stream: TextIO) -> Console:
    """A console that is coloured on a terminal and plain, unwrapped and stable elsewhere."""
    if stream.isatty():
        return Console(file=stream)
    return Console(file=stream, width=100, no_color=True, color_system=None, force_terminal=False, legacy_windows=False)


def _as_of(text: str | None, lang: str) -> Instant:
    if text is None:
        now = datetime.now(UTC).astimezone(BEIJING).isoformat(timespec="seconds")
        click.echo(f"--as-of {now}", err=True)
        return parse_as_of(now)
    try:
        return parse_as_of(text)
    except BadInstant:
        raise UsageError((Problem("bad-as-of", Place("--as-of"), (("found", text),)),)) from None
    finally:
        del lang


def _options(program: Program, select: Iterable[str], *, in_force: bool, attested: bool) -> Options:
    wanted = [s.strip() for part in select for s in part.split(",") if s.strip()]
    known = {n for norm in program.norms for n in (norm.id, norm.norm, f"A{norm.article}")}
    problems = [
        Problem("unknown-selection", Place("--select"), (("name", s), ("nearest", nearest(s, known) or "")))
        for s in wanted
        if s not in known
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
@click.option("--output-format", "form", type=click.Choice(["text", "json", "ndjson"]), default="text")
@click.option("-o", "--output", help="输出文件 / output file")
@click.option("--show-all", is_flag=True, help="全部列出 / list everything")
@click.option("--fail-on", type=click.Choice(LEVELS), default="low", help="达到此级别的违规使退出码为 1 / (low)")
@click.option("--exit-zero", is_flag=True, help="有违规也返回 0 / exit 0 in spite of breaches")
@common
def check_command(paths: tuple[str, ...], **settings: Any) -> int:
    """Judge records: JSON, NDJSON, arrays, directories, or - for standard input.

    判断案件记录。
    """
    lang = settings["lang"]
    program = load(settings["policies"], parameters=settings["parameters"])
    as_of = _as_of(settings["as_of"], lang)
    options = _options(
        program, settings["select"], in_force=settings["assume_in_force"], attested=settings["require_attestation"]
    )
    context, problems = read_context(program, read_records(settings["context"], sys.stdin.buffer))
    summary = Summary(problems=problems)
    results = check(
        program, _with_progress(read_records(paths or ("-",), sys.stdin.buffer)), as_of, context=context,
        options=options, ignore_unknown_events=settings["ignore_unknown_events"],
    )  # fmt: skip
    counted = _counted(results, summary, lang)
    with opened(settings["output"]) as stream:
        if settings["form"] == "text":
            _write_text(stream, counted, summary, program, options, as_of, settings)
        else:
            _write_json(stream, counted, summary, program, options, as_of, settings)
    return _finish(summary, settings, context_failed=bool(problems))


def _with_progress(records: Iterable[RawRecord | Rejected]) -> Iterator[RawRecord | Rejected]:
    """Show how many records were read, on a terminal only."""
    if not sys.stderr.isatty():
        yield from records
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("zhijian", total=None)
        for record in records:
            progress.advance(task)
            yield record


def _counted(results: Iterable[RecordResult], summary: Summary, lang: str) -> Iterator[RecordResult]:
    """Count every result and report problems on standard error as they come."""
    for problem in summary.problems:
        click.echo(problem.render(lang), err=True)
    for result in results:
        summary.read += 1
        summary.ignored_events += result.ignored_events
        summary.judged += not result.rejected
        summary.rejected += result.rejected
        summary.problems.extend(result.problems)
        for problem in (*result.problems, *result.warnings):
            click.echo(problem.render(lang), err=True)
        for finding in result.findings:
            summary.count(finding)
        yield result


def _write_text(
    stream: TextIO, results: Iterable[RecordResult], summary: Summary, program: Program, options: Options,
    as_of: Instant, settings: Mapping[str, Any],
) -> None:  # fmt: skip
    console, lang = _console(stream), settings["lang"]
    folds: Counter[str] = Counter()
    for result in results:
        for finding in result.findings:
            fold = folded(finding)
            if fold and not settings["show_all"]:
                folds[fold] += 1
            else:
                print_plain(console, finding_line(finding, result.path, result.line, lang))
    plain = summary.as_json(program, options)
    console.print()
    console.print(summary_table(plain, lang))
    console.print()
    moment = format_day(day_of(as_of)) if as_of == day_end(day_of(as_of)) else format_instant(as_of)
    for line in summary_lines(plain, folds, moment, lang):
        print_plain(console, line)


def _write_json(
    stream: TextIO, results: Iterable[RecordResult], summary: Summary, program: Program, options: Options,
    as_of: Instant, settings: Mapping[str, Any],
) -> None:  # fmt: skip
    header = {
        "zhijian": __version__, "policy_digest": program.digest, "as_of": format_instant(as_of),
        "assume_in_force": options.assume_in_force, "select": sorted(options.select),
    }  # fmt: skip
    lines = settings["form"] == "ndjson"
    if lines:
        stream.write(_json({"header": header}) + "\n")
    else:
        stream.write('{"header": ' + _json(header) + ',\n "findings": [')
    separator = ""
    for result in results:
        for finding in result.findings:
            if settings["show_all"] or folded(finding) != "not_triggered":
                placed = {**finding.as_json(), "path": result.path, "line": result.line}
                stream.write((_json({"finding": placed}) + "\n") if lines else f"{separator}\n  {_json(placed)}")
                separator = ","
        if result.rejected and lines:
            stream.write(_json({"rejected": [p.as_json(settings["lang"]) for p in result.problems]}) + "\n")
    plain = summary.as_json(program, options)
    if lines:
        stream.write(_json({"summary": plain}) + "\n")
    else:
        problems = [p.as_json(settings["lang"]) for p in summary.problems]
        stream.write(f'\n ],\n "problems": {_json(problems)},\n "summary": {_json(plain)}}}\n')


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain_number)


def _plain_number(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


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
@click.option("--assume-in-force", is_flag=True)
@common
def explain_command(record: str, norm: str, **settings: Any) -> int:
    """Say step by step why a norm has its verdict on a record.

    逐步说明结论的由来。
    """
    program = load(settings["policies"], parameters=settings["parameters"])
    as_of = _as_of(settings["as_of"], settings["lang"])
    options = _options(program, [norm], in_force=settings["assume_in_force"], attested=False)
    context, _ = read_context(program, read_records(settings["context"], sys.stdin.buffer))
    timeline = _one_record(program, record, settings["identifier"])
    console = _console(sys.stdout)
    for wanted in (n for n in program.norms if options.selects(n)):
        for judged in explain(program, timeline, as_of, wanted.id, context=context, options=options):
            for text in explanation(judged, program, settings["lang"]):
                print_plain(console, text)
            console.print()
    return 0


def _one_record(program: Program, path: str, identifier: str | None) -> Timeline:
    found: dict[str, RawRecord] = {}
    for raw in read_records([path], sys.stdin.buffer):
        if not isinstance(raw, RawRecord):
            raise InvalidRecord(raw.problems)
        found.setdefault(str(raw.value.get("id", "")), raw)
    name = identifier if identifier is not None else next(iter(found), "")
    if name not in found:
        hint = nearest(name, found) or ""
        raise UsageError((Problem("record-not-found", Place(path), (("name", name), ("nearest", hint))),))
    return read_record(found[name], program.vocabulary)


# -- test, lint --------------------------------------------------------------------------------------------------------
@cli.command("test")
@click.argument("policies", nargs=-1)
@click.option("--select", multiple=True, help="只试这些条文或规则 / only these articles or norms")
@click.option("-v", "--verbose", is_flag=True, help="列出每个示例 / list every example")
@common
def test_command(policies: tuple[str, ...], select: tuple[str, ...], verbose: bool, lang: str) -> int:  # noqa: FBT001 - click
    """Run the examples inside policy records (shipped ones, or POLICIES on top of the shipped vocabulary).

    运行规则里的示例。
    """
    program = load(_with_vocabulary(policies))
    options = _options(program, select, in_force=False, attested=False)
    chosen = [n for n in program.norms if options.selects(n) and _inside(n, policies)]
    results = [r for norm in chosen for r in run_examples(program, norm)]
    console = _console(sys.stdout)
    for result in results:
        _print_example(console, result, lang, verbose=verbose)
    failed = sum(not r.holds for r in results)
    click.echo(f"{len(chosen)} norms, {len(results)} examples, {len(results) - failed} passed, {failed} failed")
    return 3 if failed else exit_code([] if results else [5])


def _with_vocabulary(policies: tuple[str, ...]) -> list[str]:
    """Article files alone are read on top of the shipped rule set's vocabulary."""
    from validator.resources import resource_dir  # noqa: PLC0415 - only here

    if not policies or any(Path(p).is_dir() for p in policies):
        return list(policies)
    shipped = resource_dir("policies")
    own = {Path(p).name for p in policies}
    others = [str(p) for p in sorted(shipped.rglob("*.yaml"))]
    articles = [p for p in others if Path(p).name.startswith("article-")]
    rest = [p for p in others if p not in articles and not Path(p).name.startswith("parameters.demo")]
    return [*rest, *(a for a in articles if Path(a).name not in own), *policies]


def _inside(norm: Norm, policies: tuple[str, ...]) -> bool:
    return not policies or any(norm.node.place.path.startswith(str(Path(p))) for p in policies)


def _print_example(console: Console, result: ExampleResult, lang: str, *, verbose: bool) -> None:
    place = f"{result.place.path}:{result.place.line}"
    if result.holds:
        if verbose:
            print_plain(console, f"ok    {result.norm.id}  {result.name}  [{', '.join(result.verdicts)}]")
        return
    print_plain(console, f"{place}: FAIL  {result.norm.id}  {result.name}")
    for difference in result.differences:
        print_plain(console, f"    {difference}")
    for problem in result.problems:
        print_plain(console, problem.render(lang))


@cli.command("lint")
@click.argument("policies", nargs=-1)
@common
def lint_command(policies: tuple[str, ...], lang: str) -> int:
    """Check policies: everything that stops a load, and warnings about what is probably not meant.

    检查规则文件。
    """
    program = load(_with_vocabulary(policies))
    warnings = [
        p for p in lint(program) if not policies or p.place.path.startswith(tuple(str(Path(q)) for q in policies))
    ]
    for problem in warnings:
        click.echo(problem.render(lang))
    click.echo(f"{len(program.norms)} norms, 0 errors, {len(warnings)} warnings")
    return 0


# -- show, schema, sample, deadline ------------------------------------------------------------------------------------
@cli.command("show")
@click.argument("name")
@rules
@common
def show_command(name: str, policies: tuple[str, ...], parameters: tuple[str, ...], lang: str) -> int:
    """Show a norm (A13.1), an article (A13), an event, a variable, an entity, a parameter or a table.

    查看规则或词汇。
    """
    program = load(policies, parameters=parameters)
    lines = describe(program, name, lang)
    console = _console(sys.stdout)
    for line in lines:
        print_plain(console, line)
    return 0


@cli.command("schema")
@click.argument("name", type=click.Choice(["record", "article", "vocabulary", "finding"]))
@rules
def schema_command(name: str, policies: tuple[str, ...], parameters: tuple[str, ...]) -> int:
    """Print a JSON Schema: of records (from the vocabulary), of policy files, of findings."""
    found = record_schema(load(policies, parameters=parameters).vocabulary) if name == "record" else schema(name)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


@cli.command("sample")
@click.option("--n", "count", type=click.IntRange(0), default=100, help="件数 / how many records")
@click.option("--seed", type=int, default=1)
@click.option("-o", "--output", help="输出文件 / output file")
def sample_command(count: int, seed: int, output: str | None) -> int:
    """Make a synthetic docket as NDJSON: the same bytes for the same N and seed.

    生成模拟案件。
    """
    with opened(output) as stream:
        for record in sample(count, seed):
            stream.write(_json(record) + "\n")
    return 0


@cli.command("deadline")
@click.argument("start")
@click.argument("period", required=False)
@click.option("--no-roll", is_flag=True, help="末日不顺延 / the last day does not roll")
@click.option("--json", "as_json", is_flag=True)
@common
def deadline_command(start: str, period: str | None, no_roll: bool, as_json: bool, lang: str) -> int:  # noqa: FBT001 - click
    """Count a period from START and show the working day by day; START - reads NDJSON and writes NDJSON.

    计算期限：zhijian deadline 2022-01-26 5个工作日
    """
    if start == "-":
        return _deadlines(sys.stdin.buffer, lang)
    request: dict[str, Any] = {"start": start, "period": period or ""}
    if no_roll:
        request["roll"] = False
    answer = calculate(request)
    if "error" in answer:
        click.echo(_error_text(answer["error"], lang), err=True)
        return 2
    if as_json:
        click.echo(_json(answer))
        return 0
    for note in working(request):
        click.echo(_note_text(note, lang))
    flags = [n for n in ("rolled", "provisional") if answer[n]]
    click.echo(f"{answer['due_day']}  ({answer['due']}){'  ' + ', '.join(flags) if flags else ''}")
    return 0


def _error_text(error: Mapping[str, Any], lang: str) -> str:
    message, advice = (error.get(k) for k in ("message", "help"))
    texts = [m.get(lang, "") if isinstance(m, dict) else str(m or "") for m in (message, advice)]
    return f"{error['code']}: " + "\n  ".join(t for t in texts if t)


def _note_text(note: Mapping[str, Any], lang: str) -> str:
    weekday, reason = (n.get(lang) if isinstance(n, dict) else n for n in (note.get("weekday"), note.get("reason")))
    number = note.get("number")
    return f"{note['date']}  {weekday}  {number if number is not None else '-':>3}  {reason or ''}".rstrip()


def _deadlines(stream: Any, lang: str) -> int:
    """One request a line in, one answer a line out; a bad line gets an error of its own and the rest goes on."""
    failed = False
    for raw in stream:
        if not raw.strip():
            continue
        try:
            request = json.loads(raw, parse_float=Decimal)
            answer = calculate(request) if isinstance(request, dict) else {"error": {"code": "record-not-object"}}
        except (ValueError, RecursionError) as error:
            answer = {"error": {"code": "json-syntax", "message": str(error)}}
        failed = failed or "error" in answer
        sys.stdout.write(_json(answer) + "\n")
    del lang
    return 4 if failed else 0


# -- the way out -------------------------------------------------------------------------------------------------------
def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the documented code; the last line on standard error says why if not 0."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    lang = _wanted_language(sys.argv[1:] if arguments is None else arguments)
    code = _run(arguments, lang)
    if code:
        with contextlib.suppress(OSError):
            click.echo(phrase(lang, "exit", code=code, meaning=EXIT_CODES[code][lang]), err=True)
    raise SystemExit(code)


def _run(arguments: list[str] | None, lang: str) -> int:
    try:
        return int(cli.main(arguments, prog_name="zhijian", standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ZhijianError as error:
        for problem in error.problems:
            click.echo(problem.render(lang), err=True)
        return error.exit_code
    except Exception as error:
        click.echo(f"zhijian {__version__}: {type(error).__name__}: {error}", err=True)
        if os.environ.get("ZHIJIAN_DEBUG"):
            raise
        return 70


def _wanted_language(arguments: list[str]) -> str:
    for i, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return "en" if argument.endswith("en") else "zh"
        if argument == "--lang" and i + 1 < len(arguments):
            return "en" if arguments[i + 1] == "en" else "zh"
    return "en" if os.environ.get("ZHIJIAN_LANG") == "en" else "zh"


def problems_of(finding: Finding) -> bool:
    """Say whether a finding is a violation."""
    return finding.verdict in VIOLATIONS


if __name__ == "__main__":
    main()
