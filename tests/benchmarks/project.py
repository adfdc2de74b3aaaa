"""The project as a contestant: its reader, its engines, and its command with everything written."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from validator import Options, check_many, load, parse_as_of, read_context, read_records
from validator.batch.chunk import Judge, Settings
from validator.batch.feed import chunks
from validator.batch.forms import COLUMNS, View
from validator.batch.keeping import KeepingJudge
from validator.batch.run import judge_of
from validator.checker import Checker
from validator.engine import RecordResult
from validator.facts.context import Context
from validator.facts.record import read_record
from validator.reading.intake import RawRecord
from validator.rules.program import Program

from .contestant import Contestant
from .oracle import Outcome
from .records import AS_OF

RULES = Path(__file__).parent / "rules"
LAW = Path(__file__).parents[2] / "policies"
DEMONSTRATION = LAW / "parameters.demo.yaml"


Judging = Callable[..., Iterator[RecordResult]]
"""Takes a program, a file and a moment; ``whole``: all findings, not only what is to be reported."""


class Engine(NamedTuple):
    """How an engine is used: from Python, by options of the command, and whether it is given fewer records."""

    judge: Judging
    options: tuple[str, ...]
    slow: bool


def interpreted(program: Program, path: Path, as_of: str, *, whole: bool, **settings: Any) -> Iterator[RecordResult]:
    """Judge a file with the interpreter, which makes every finding."""
    del whole
    return check_many(program, read_records([path]), parse_as_of(as_of), **settings)


def compiled(program: Program, path: Path, as_of: str, *, whole: bool, **settings: Any) -> Iterator[RecordResult]:
    """Judge the lines of a file with compiled code."""
    checker = Checker(program, parse_as_of(as_of), **settings)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            result = checker.check(line, str(path), number, all_findings=whole)
            if result is not None:
                yield result


ENGINES = {
    "interpreter": Engine(interpreted, ("--engine", "interpreter"), slow=True),
    "compiled code": Engine(compiled, ("--engine", "compiled"), slow=False),
}
"""The engines by name: the one place where they are chosen."""


def reader() -> Contestant:
    """Return the reading of JSON and of facts (types, references, times), without judging."""
    vocabulary = load([str(RULES)]).vocabulary

    def run(path: Path) -> int:
        raws = (raw for raw in read_records([path]) if isinstance(raw, RawRecord))
        return sum(len(read_record(raw, vocabulary).events) for raw in raws)

    return Contestant("Zhijian: reading and checking the facts only", 0, run, slow=True)


def engines() -> Iterator[Contestant]:
    """Yield each engine on the rules R1 to R16."""
    program = load([str(RULES)])
    for name, engine in ENGINES.items():
        yield Contestant(
            f"Zhijian: {name}", 16, partial(count_findings, engine, program, AS_OF), partial(outcomes, engine, program),
            slow=engine.slow,
        )  # fmt: skip


def writers() -> Iterator[Contestant]:
    """Yield compiled code with its output, in this process: what is to be reported, and every outcome."""
    for form in ("csv", "ndjson"):
        for whole in (False, True):
            yield writer(form, whole=whole)


def law_writer(program: Program, docket: Path) -> Contestant:
    """Return the whole law on a docket that is its own context: what is to be reported, as a batch writes it."""
    context = Context.of(read_context(program, read_records([docket]), lean=True)[0])
    settings = Settings(parse_as_of(AS_OF), view=View("ndjson", "en"), compiled=True)
    judge = judge_of(program, context, settings)
    return Contestant(
        "Zhijian: both engines, problems written as NDJSON", len(program.by_id), partial(_written, judge)
    )  # fmt: skip


def law_keepers(program: Program, docket: Path, folder: Path) -> Iterator[Contestant]:
    """Yield the whole law on a docket that was judged before, of which nothing can have changed since."""
    context = Context.of(read_context(program, read_records([docket]), lean=True)[0])
    for form in ("csv", "ndjson"):
        settings = Settings(parse_as_of(AS_OF), view=View(form, "en"))
        judge = KeepingJudge(program, context, settings, str(folder / f"kept-{form}"), {})
        _written(judge, docket)
        yield Contestant(
            f"Zhijian: findings kept, problems written as {form.upper()}", len(program.by_id), partial(_written, judge)
        )  # fmt: skip


def writer(form: str, *, whole: bool, as_of: str = AS_OF) -> Contestant:
    """Return compiled code with its output in a form: what is to be reported, or every outcome (``whole``)."""
    settings = Settings(parse_as_of(as_of), view=View(form, "en", whole=whole), compiled=True)
    judge = judge_of(load([str(RULES)]), Context({}), settings)
    name = f"Zhijian: compiled code, {'all outcomes' if whole else 'problems'} written as {form.upper()}"
    read = partial(written_outcomes, judge, form) if whole else None
    return Contestant(name, 16, partial(_written, judge), read, slow=False)


def written_outcomes(judge: Judge, form: str, path: Path, as_of: str = AS_OF) -> Iterator[Outcome]:
    """Yield the outcomes that stand in what is written of a file, in the words of the oracle."""
    del as_of
    text = b"".join(judge(chunk).output for chunk in chunks([path])).decode()
    rows: Iterable[dict[str, Any]] = (
        csv.DictReader(io.StringIO(text, newline=""), fieldnames=list(COLUMNS))
        if form == "csv"
        else (json.loads(line)["finding"] for line in text.splitlines())
    )
    for row in rows:
        if row["verdict"] != "not_triggered":
            rule = "R" + row["norm"].partition(".")[2]
            yield Outcome(row["record"], rule, row["trigger"], row["verdict"], row.get("due", ""))


def _written(judge: Judge, path: Path) -> int:
    return sum(1 + len(judge(chunk).output) for chunk in chunks([path]))


def commands() -> Iterator[Contestant]:
    """Yield the command with each engine: Python's start and the findings as NDJSON are part of it."""
    for name, engine in ENGINES.items():
        yield Contestant(
            f"Zhijian: {name}, `check` from start to NDJSON", 16, partial(_command, engine.options),
            slow=engine.slow,
        )  # fmt: skip


def outcomes(engine: Engine, program: Program, path: Path, as_of: str = AS_OF) -> Iterator[Outcome]:
    """Yield what an engine finds in a file, in the words of the oracle.

    Raises AssertionError if a record is rejected.
    """
    for result in engine.judge(program, path, as_of, whole=True):
        assert not result.rejected, result.problems
        for finding in result.findings:
            if finding.verdict != "not_triggered":
                rule = "R" + finding.norm.partition(".")[2]
                yield Outcome(finding.record, rule, finding.trigger, str(finding.verdict), finding.due)


def count_findings(
    engine: Engine, program: Program, as_of: str, path: Path, *, select: Sequence[str] = (), context: bool = False
) -> int:
    """Judge a file and count the records and their findings.

    With ``context`` the file is read before for what its records name.
    Raises AssertionError if a record is rejected.
    """
    others = read_context(program, read_records([path]))[0] if context else None
    results = engine.judge(program, path, as_of, whole=False, context=others, options=Options(select=frozenset(select)))
    found = 0
    for result in results:
        assert not result.rejected, result.problems
        found += 1 + len(result.findings)
    return found


def _command(options: tuple[str, ...], path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "findings.ndjson"
        arguments = ["-p", RULES, "--as-of", AS_OF, "--output-format", "ndjson", "-o", output, "--exit-zero", *options]
        words = [sys.executable, "-m", "validator.cli", "check", path, *arguments]
        subprocess.run(list(map(str, words)), check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
        return output.stat().st_size
