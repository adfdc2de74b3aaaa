"""The command line: ``zhijian``.  Thin: every command reads its input, calls a verb and prints."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import FrameType
from typing import Any

import click

from validator.batch.chunk import Rejects, Settings
from validator.batch.feed import CHUNK_BYTES
from validator.batch.forms import FORMS, IN_PIECES, View
from validator.batch.progress import judged, progress
from validator.batch.run import Batch, run, run_header
from validator.batch.sinks import Frame, counted_lines
from validator.commands.settings import (
    DEBUG,
    Problems,
    all_warnings,
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
from validator.engine import Summary
from validator.errors import EXIT_CODES, OutputFailed, ZhijianError, exit_code
from validator.facts.context import Context
from validator.judging.interpreter import Options
from validator.legal_time.instant import Instant, format_moment
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import ReaderGone, guarded_streams, silence
from validator.reading.files import STDIN, stored_bytes
from validator.rules.labels import LEVELS
from validator.rules.program import Program
from validator.version import __version__, source_digest

ENGINES = ("auto", "compiled", "interpreter")
LARGE = 1 << 20
MOST_JOBS = 256  # more than any machine on which this is likely to run has use for
ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What tells a program to end: somebody, or a terminal that is closed (which not every system has)."""
READER_GONE = -1  # nobody reads the output any more: exit 74, and no word about it
EXIT_HELP = "\b\nExit codes / 退出码:\n" + "\n".join(f"  {c:>3}  {m['zh']} / {m['en']}" for c, m in EXIT_CODES.items())


FAMILIES = {
    "explain": "explaining",
    "report": "reporting",
    "test": "authoring",
    "lint": "authoring",
    "norms": "authoring",
    "show": "looking_up",
    "schema": "looking_up",
    "sample": "looking_up",
    "deadline": "counting",
    "diff": "amending",
    "replay": "replaying",
    "verify": "replaying",
    "gate": "gating",
    "due": "running",
    "letter": "writing",
}
"""Command -> the module of `validator.commands` in which it is ``<command>_command``."""


class _Commands(click.Group):
    """Imports the module of a command only when that command is asked for; ``check`` must not wait for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *FAMILIES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in FAMILIES:
            return super().get_command(ctx, cmd_name)
        found = getattr(import_module(f"validator.commands.{FAMILIES[cmd_name]}"), f"{cmd_name}_command")
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands in both languages, as their options are told; click shows a part of the English only."""
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _both(command.help or "")) for name, command in known if command is not None])


def _both(text: str) -> str:
    """Return the paragraphs of a help, English and Chinese, as one, Chinese first."""
    english, chinese = (" ".join(paragraph.split()).rstrip("。") for paragraph in text.split("\n\n")[:2])
    return f"{chinese} / {english}"


@click.group(
    cls=_Commands, epilog=EXIT_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="zhijian")
def cli() -> None:
    """Zhijian 执监: check enforcement records against the law written as data.

    依法〔2021〕322号《意见》核验执行案件记录。
    """


# -- check -------------------------------------------------------------------------------------------------------------
@cli.command("check")
@click.argument("paths", nargs=-1, callback=named)
@click.option("--as-of", help="判断时点 / the moment of judgement (now)")
@rules
@click.option(
    "--context", multiple=True, callback=named, help="关联记录 / context records (courts, officers, other cases)"
)
@click.option("--select", multiple=True, help="只用这些条文或规则 / only these articles or norms: A13,A22.1")
@click.option("--assume-in-force", is_flag=True, help="假定规范已施行 / judge earlier matters as if in force")
@waiving
@click.option("--require-attestation", is_flag=True, help="未签认的认定不算数 / unattested judgements do not count")
@click.option("--ignore-unknown-events", is_flag=True, help="略过不认识的事件（计数）/ skip and count unknown events")
@in_forms(*FORMS)
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
@click.option("-j", "--jobs", type=click.IntRange(1, MOST_JOBS), default=1, help="进程数 / how many processes (1)")
@click.option("--rejects", callback=named, help="被拒绝记录的清单（NDJSON）/ list of refused records")
@click.option("--rejects-content", is_flag=True, help="清单附原文（含个人信息）/ with their content (personal data)")
@click.option("--checkpoint", callback=named, help="存放进度的文件夹 / folder that keeps what is done, for --resume")
@click.option("--resume", is_flag=True, help="从 --checkpoint 接着做 / go on from --checkpoint")
@click.option("--keep", callback=named,
              help="保留结论的文件夹，下次只判断可能变化的 / folder that keeps findings, for later runs")  # fmt: skip
@all_warnings
@click.option(
    "--fail-on", type=click.Choice([*LEVELS][::-1]), default="low", help="达到此级别的违规使退出码为 1 / (low)"
)
@click.option("--exit-zero", is_flag=True, help="有违规也返回 0 / exit 0 in spite of breaches")
@common
def check_command(paths: tuple[str, ...], **settings: Any) -> int:
    """Judge records: JSON, NDJSON, arrays, directories, or - for standard input.

    判断案件记录。
    """
    lang, output = settings["lang"], settings["output"]
    _check_options(settings)
    if not paths and sys.stdin is not None and sys.stdin.isatty():
        raise refused("no-input", "check")
    as_of = moment_of(settings["as_of"])
    program = load_program(settings["policies"], settings["parameters"], lang)
    options = options_of(
        program, settings["select"], in_force=settings["assume_in_force"], attested=settings["require_attestation"]
    )
    options, faulty = waived(options, settings["waivers"], lang)
    digest = hashlib.sha256()
    context, problems = read_others(program, settings, digest)
    gc.freeze()  # it too stays to the end
    judging = _settings(program, settings, paths or (STDIN,), as_of, options)
    batch = _batch(paths or (STDIN,), program, judging, digest.hexdigest(), settings)
    printed = Problems(settings)
    with progress(stored_bytes(batch.paths), judged(lang), bar=draws(output)) as report:
        told = run(program, Context.of(context), batch, tuple(problems), tell=printed, report=report)
    printed.end()
    if settings["form"] in ("csv", "parquet"):
        for line in counted_lines(batch.frame, told.summary.as_json(program, options), told.folds):
            click.echo(line, err=True)
    summary = told.summary
    if settings["keep"] is not None:
        click.echo(phrase(lang, "kept", n=summary.kept, of=summary.judged), err=True)
    tell_idle_waivers(options, as_of, program, summary.waived, summary.waivers, lang)
    return _finish(summary, settings, failed=bool(problems) or faulty)


def _check_options(settings: Mapping[str, Any]) -> None:
    """Refuse options that go with others only."""
    for option, other in (("resume", "checkpoint"), ("rejects_content", "rejects")):
        if settings[option] and not settings[other]:
            name = "--" + option.replace("_", "-")
            raise refused("option-needs", name, option=name, other=f"--{other}")
    if settings["keep"]:
        _check_keeping(settings)
    if settings["bom"] and settings["form"] != "csv":
        raise refused("option-needs", "--bom", option="--bom", other="--output-format csv")


def _check_keeping(settings: Mapping[str, Any]) -> None:
    """Refuse to keep findings of compiled code, which is faster without, and in forms that can't be told in part."""
    if settings["engine"] == "compiled":
        raise refused("option-needs", "--keep", option="--keep", other="--engine interpreter")
    if settings["form"] not in IN_PIECES:
        forms = " / ".join(sorted(IN_PIECES))
        raise refused("option-needs", "--keep", option="--keep", other=f"--output-format {forms}")


def _settings(
    program: Program, settings: Mapping[str, Any], paths: Iterable[str], as_of: Instant, options: Options
) -> Settings:
    terminal = settings["form"] == "text" and settings["output"] in (None, STDIN)
    width = Printer(sys.stdout).width if terminal else 0
    view = View(settings["form"], settings["lang"], settings["findings"] == "all", width)
    rejects: Rejects = "none" if settings["rejects"] is None else "content" if settings["rejects_content"] else "places"
    compiled, patience = settings["engine"] == "compiled", 0
    if settings["engine"] == "auto" and settings["keep"] is None:
        size = stored_bytes(paths)
        # Nobody knows how large standard input is.
        compiled, patience = (_is_large(program, size), 0) if size else (True, LARGE)
    return Settings(
        as_of, options, view, settings["ignore_unknown_events"], rejects, compiled=compiled, patience=patience
    )


def _is_large(program: Program, size: int) -> bool:
    """Say whether compiling pays: it takes as long as a few hundred records, and more where few norms are plain."""
    if size <= LARGE:
        return False
    from validator.compiling.judges import coverage  # noqa: PLC0415 - a few records are judged before it is imported

    return size * coverage(program) > LARGE


def _batch(
    paths: tuple[str, ...], program: Program, judging: Settings, context_digest: str, settings: Mapping[str, Any]
) -> Batch:
    header = run_header(program, judging, context_digest)
    view = judging.view
    identity = header | {
        "output_format": view.form, "lang": view.lang, "columns": view.width, "bom": settings["bom"],
        "rejects": judging.rejects, "chunk_bytes": CHUNK_BYTES, "compiled": judging.compiled,
    }  # fmt: skip
    if settings["checkpoint"] is not None:
        identity["source_digest"] = source_digest()
    labels = {name: label.text(view.lang) for name, label in program.vocabulary.settings().items()}
    frame = Frame(view, header, format_moment(judging.as_of), settings["bom"], labels)
    return Batch(
        paths, stdin(), frame, judging, settings["output"],
        settings["rejects"], settings["checkpoint"], settings["resume"], settings["keep"], identity, settings["jobs"],
        CHUNK_BYTES,
    )  # fmt: skip


def _finish(summary: Summary, settings: Mapping[str, Any], *, failed: bool) -> int:
    codes = []
    if summary.rejected or failed:
        codes.append(4)
    levels = [*LEVELS][: [*LEVELS].index(settings["fail_on"]) + 1]
    if not settings["exit_zero"] and any(summary.breaches_by_level[level] for level in levels):
        codes.append(1)
    if not summary.judged:
        codes.append(5)
    return exit_code(codes)


# -- the way out -------------------------------------------------------------------------------------------------------
class _Terminated(BaseException):
    """The program was told to end."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the documented code; the last line on standard error says why if not 0."""
    lang = _wanted_language(sys.argv[1:] if arguments is None else arguments)
    with guarded_streams(), _terminable():
        code = _run(arguments, lang)
        if code and code != READER_GONE:
            click.echo(phrase(lang, "exit", code=code, meaning=EXIT_CODES[code][lang]), err=True)
    raise SystemExit(74 if code == READER_GONE else code)


def _run(arguments: list[str] | None, lang: str) -> int:
    try:
        code = int(cli.main(arguments, prog_name="zhijian", standalone_mode=False) or 0)
        sys.stdout.flush()
    except click.ClickException as error:
        return _misused(error, lang)
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
        if os.environ.get(DEBUG):
            import traceback  # noqa: PLC0415 - only for whoever looks for a bug

            traceback.print_exc()
        return 70
    return code


def _misused(error: click.ClickException, lang: str) -> int:
    """Say how the command line is used wrongly; without any word at all it says what there is."""
    if lang == "en" or isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()
    else:
        from validator.commands.usage import told  # noqa: PLC0415 - a command that is used well doesn't need it

        for line in told(error):
            click.echo(line, err=True)
    return 2


def _failed(error: ZhijianError, lang: str) -> int:
    """Print the problems of an error, and return its code."""
    print_problems(error.problems, lang)
    if isinstance(error, OutputFailed) and any(p.place.path == STDIN for p in error.problems):
        silence(sys.__stdout__)
    return error.exit_code


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let whatever tells the program to end do so in order, so that no unfinished file is left behind.

    What is ignored stays so: a run under ``nohup`` outlives its terminal.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Terminated

    try:
        before = {n: signal.signal(n, stop) for n in ENDINGS if signal.getsignal(n) is not signal.SIG_IGN}
    except ValueError:  # not in the main thread: somebody else looks after signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wanted_language(arguments: list[str]) -> str:
    for i, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return "en" if argument.endswith("en") else "zh"
        if argument == "--lang" and i + 1 < len(arguments):
            return "en" if arguments[i + 1] == "en" else "zh"
    return "en" if os.environ.get("ZHIJIAN_LANG") == "en" else "zh"


if __name__ == "__main__":
    main()
