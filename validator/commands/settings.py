"""What the commands have in common: options, the moment of judgement, the rule set, problems on standard error."""

from __future__ import annotations

import gc
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

import click

from validator.commands.targets import check_targets
from validator.engine import load, read_context
from validator.errors import Place, Problem, UsageError, nearest
from validator.facts.timeline import Timeline
from validator.judging.interpreter import Options
from validator.legal_time.instant import BadInstant, Instant, parse_as_of
from validator.output.phrases import phrase
from validator.reading.files import STDIN, stored_bytes
from validator.reading.intake import RawRecord, Rejected, read_records
from validator.rules.cache import Cache, cache_folder
from validator.rules.program import Program

DEBUG = "ZHIJIAN_DEBUG"
"""The environment variable that asks for what only a developer wants to know."""
_GARBAGE = 10_000  # things more than were dropped, after which garbage is searched for; ten times as many as usual
_MANY_BYTES = 1 << 20  # of context records: about as many as are read in a tenth of a second
MOST_WARNINGS = 20
"""So many warnings of one kind are printed, unless all are wanted."""
SUFFIXES: Mapping[str, str] = {
    ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet", ".ics": "ics",
    ".html": "html", ".htm": "html", ".md": "markdown",
}  # fmt: skip
"""Suffix of an output -> the form that it says."""
_NONE = ""  # no form that the command has
BEIJING = timezone(timedelta(hours=8))


def _language(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The language: --lang, else ZHIJIAN_LANG, else Chinese; never the locale, so that output does not depend on it."""
    chosen = value or os.environ.get("ZHIJIAN_LANG", "zh")
    return chosen if chosen in ("zh", "en") else "zh"


def named(_: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Return the path, or the paths, that an option or an argument gives.

    An empty one is refused: a variable of a script that nobody set would mean the current folder, or no file at all.
    """
    if value == "" or (isinstance(value, tuple) and "" in value):
        option = parameter.opts[-1] if parameter.param_type_name == "option" else parameter.human_readable_name
        raise refused("empty-path", option)
    return value


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has; refuse outputs that it must not write to, and templates of no use."""

    @wraps(function)
    def checked(**settings: Any) -> Any:
        check_targets(settings)
        if settings.get("form") == _NONE:
            raise refused("output-form", "-o", suffix=Path(settings["output"]).suffix)
        if settings.get("own") is not None and settings.get("form", "html") != "html":
            raise refused("option-needs", "--template", option="--template", other="--output-format html")
        return function(**settings)

    lang = click.option("--lang", type=click.Choice(["zh", "en"]), callback=_language, help="语言 / language (zh)")
    return lang(checked)


def own_rules(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names the rule set."""
    words = "规则文件或文件夹 / rule set (shipped)"
    return click.option("-p", "--policy", "policies", multiple=True, callback=named, help=words)(function)


def rules(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the rule set and its figures."""
    words = "参数文件 / parameter file, repeatable"
    return click.option("--parameters", multiple=True, callback=named, help=words)(own_rules(function))


def one_record_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command about one record: which one, as of when, by which rules, beside what others."""
    for option in (
        waiving,
        click.option("--assume-in-force", is_flag=True, help="假定规范已施行 / judge earlier matters as if in force"),
        click.option("--context", multiple=True, callback=named, help="关联记录 / context records"),
        rules,
        click.option("--as-of", help="判断时点 / the moment of judgement (now)"),
        click.option("--id", "identifier", help="多条记录时指明 id / which record of the file"),
    ):
        function = option(function)
    return function


def in_forms(
    *forms: str, words: str = "输出格式 / (text, or what the suffix of -o says)"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options that say in which of some forms a command writes, and where; ``text`` is one of the forms.

    Without --output-format the suffix of the file chooses.
    """
    place = "输出文件，后缀定格式 / output file; its suffix chooses the form"

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        # Eager: the suffix is known when the form is asked for.
        output = click.option("-o", "--output", is_eager=True, callback=named, help=place)
        form = click.option("--output-format", "form", type=click.Choice(forms), callback=_form, help=words)
        return form(output(function))

    return add


def _form(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return the form that is asked for, else the one that the suffix of the output says, else ``text``.

    It is "" where the command does not have the form that the suffix says.
    """
    suffix = Path(context.params.get("output") or "").suffix.casefold()
    said = value or SUFFIXES.get(suffix, "text")
    return said if isinstance(parameter.type, click.Choice) and said in parameter.type.choices else _NONE


def own_templates(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names a folder of a user's templates."""
    words = "自己的模板文件夹 / folder of templates of one's own"
    return click.option("--template", "own", callback=named, help=words)(function)


def waiving(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names files of waivers."""
    words = "豁免文件 / file of waivers, repeatable"
    return click.option("--waivers", multiple=True, callback=named, help=words)(function)


def all_warnings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that prints every warning of a run over many records."""
    words = "列出全部警告 / print every warning, not the first few of a kind"
    return click.option("--all-warnings", is_flag=True, help=words)(function)


def waived(options: Options, paths: Iterable[str], lang: str) -> tuple[Options, bool]:
    """Return options with the waivers of some files, and whether an entry had to be left out; mistakes are printed."""
    if not paths:
        return options, False
    from validator.judging.waiver_file import read_waivers  # noqa: PLC0415 - most runs have none, and need no reader of YAML

    found, problems = read_waivers(paths)
    print_problems(problems, lang)
    return replace(options, waivers=found), bool(problems)


def tell_idle_waivers(
    options: Options, as_of: Instant, program: Program, seen: Iterable[str], used: Iterable[str], lang: str
) -> None:
    """Print which waivers did nothing, and why; ``seen`` are records that they name, ``used`` those that excused."""
    if options.waivers.entries:
        faults = options.waivers.faults(as_of, known_norms(program), frozenset(seen), frozenset(used))
        print_problems(faults, lang)


def known_norms(program: Program) -> frozenset[str]:
    """Return what may name a norm: ids of norm records and norms, and articles."""
    return frozenset(name for norm in program.norms for name in (norm.id, norm.norm, f"A{norm.article}"))


def draws(output: str | None) -> bool:
    """Say whether a bar can be drawn: standard error is a terminal, and the output does not go to the same one."""
    return sys.stderr.isatty() and not (output in (None, STDIN) and sys.stdout.isatty())


def stdin() -> BinaryIO | None:
    """Return standard input in binary; None when it is closed."""
    return None if sys.stdin is None else sys.stdin.buffer


def load_program(policies: Sequence[str], parameters: Sequence[str], lang: str) -> Program:
    """Load the rule set that the options choose, or take it as it was kept by an earlier run."""

    def mention(problem: Problem) -> None:
        if os.environ.get(DEBUG):
            print_problems([problem], lang)

    folder = cache_folder(os.environ)
    program = load(policies, parameters=parameters, cache=None if folder is None else Cache(folder, mention))
    gc.freeze()  # it stays to the end, like all that was imported: no search for garbage need go through it again
    gc.set_threshold(_GARBAGE)  # judging makes many small things and next to no cycles
    return program


def read_others(
    program: Program, settings: Mapping[str, Any], digest: hashlib._Hash | None = None
) -> tuple[dict[tuple[str, str], Timeline], list[Problem]]:
    """Read the other records that ``--context`` names, and print their problems; while there are many, count them.

    ``digest`` takes in what was read.
    """
    paths, lang = settings["context"], settings["lang"]
    records = read_records(paths, stdin())
    if digest is not None:
        records = digested(records, digest)
    if stored_bytes(paths) > _MANY_BYTES:
        from validator.batch.progress import counted  # noqa: PLC0415 - most runs read few or none

        records = counted(records, lang, bar=sys.stderr.isatty())
    context, problems = read_context(program, records, lean=True, compared=settings.get("keep") is not None)
    print_problems(problems, lang)
    return context, problems


def refused(code: str, place: str, **values: str) -> UsageError:
    """Return the error for arguments that make no sense."""
    return UsageError(Problem(code, Place(place), tuple(values.items())))


def print_problems(problems: Iterable[Problem], lang: str) -> None:
    """Print problems on standard error."""
    for problem in problems:
        click.echo(problem.render(lang), err=True)


class Problems:
    """Prints the problems of a run on standard error as they come: all errors, and of each warning the first few.

    A nation's docket has the same warning a hundred thousand times; how often it was not printed is said at the end.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Print as the settings of a command want it (`all_warnings`)."""
        self._lang, self._most = settings["lang"], None if settings["all_warnings"] else MOST_WARNINGS
        self._warnings = Counter[str]()

    def __call__(self, problems: Iterable[Problem]) -> None:
        """Print problems."""
        print_problems(filter(self._is_told, problems), self._lang)

    def _is_told(self, problem: Problem) -> bool:
        if problem.severity != "warning" or self._most is None:
            return True
        self._warnings[problem.code] += 1
        return self._warnings[problem.code] <= self._most

    def end(self) -> None:
        """Say how many warnings were not printed."""
        for code, times in sorted(self._warnings.items()):
            if self._most is not None and times > self._most:
                click.echo(phrase(self._lang, "warnings_left", n=times - self._most, code=code), err=True)


def moment_of(text: str | None) -> Instant:
    """Return the moment of judgement; without one it is now, and standard error says so."""
    if text is None:
        now = datetime.now(UTC).astimezone(BEIJING).isoformat(timespec="seconds")
        click.echo(f"--as-of {now}", err=True)
        return parse_as_of(now)
    try:
        return parse_as_of(text)
    except BadInstant as bad:
        raise refused("bad-as-of", "--as-of", found=text, nearest=bad.values.get("nearest", "")) from None


def options_of(
    program: Program, select: Iterable[str], code: str = "unknown-selection", *, in_force: bool, attested: bool
) -> Options:
    """Return the options of a run; raises `UsageError` for a selected article or norm that there isn't."""
    wanted = [s.strip() for part in select for s in part.split(",") if s.strip()]
    known = known_norms(program)
    problems = [
        Problem(code, Place("--select" if code == "unknown-selection" else "explain"), values)
        for s in wanted
        if s not in known
        for values in [(("name", s), ("nearest", nearest(s, known) or ""))]
    ]
    if problems:
        raise UsageError(tuple(problems))
    return Options(frozenset(wanted), in_force, attested)


def digested(records: Iterable[RawRecord | Rejected], digest: hashlib._Hash) -> Iterator[RawRecord | Rejected]:
    """Yield records while a digest takes in what was read."""
    for record in records:
        digest.update(repr(record.text if isinstance(record, RawRecord) else record.problems).encode())
        yield record
