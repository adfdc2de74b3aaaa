"""Judges one chunk: raw records in, bytes of the wanted form and counts out."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from validator.batch.feed import Chunk, Item, Refused
from validator.batch.forms import View, encode, joined
from validator.engine import RecordResult, Summary, check
from validator.errors import Place, Problem
from validator.facts.context import Context
from validator.judging.interpreter import DEFAULT_OPTIONS, Options
from validator.legal_time.instant import Instant
from validator.limits import DEFAULT, Limits
from validator.output.publishing import json_line
from validator.output.render import folded
from validator.reading.intake import RawRecord, Rejected, line_record
from validator.reading.strict_json import loads_text
from validator.rules.program import Program

Rejects = Literal["none", "places", "content"]


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the judgement of a chunk depends on besides the program and the context.

    Attributes:
        as_of: the moment of judgement.
        options: how to judge.
        view: how findings are shown.
        ignore_unknown_events: skip and count events that nobody declared.
        rejects: whether refused records are listed with their places, or with their content too.
        limits: sizes beyond which a record is refused.
        compiled: judge with compiled code what is plain; the findings are the same.
        patience: bytes after which that pays if all norms are plain; those before are interpreted.
    """

    as_of: Instant
    options: Options = DEFAULT_OPTIONS
    view: View = field(default_factory=View)
    ignore_unknown_events: bool = False
    rejects: Rejects = "none"
    limits: Limits = DEFAULT
    compiled: bool = False
    patience: int = 0


@dataclass(frozen=True, slots=True)
class JudgedChunk:
    """What came of a chunk: plain data that can be sent to another process.

    Attributes:
        number: of the chunk.
        output: bytes in the wanted form.
        rejects: a JSON line for every refused record, when they are wanted.
        problems: errors and warnings, to be printed.
        summary: counts of records and findings.
        folds: counts of findings that text leaves out.
        blank: lines that hold nothing.
    """

    number: int
    output: bytes
    rejects: bytes
    problems: tuple[Problem, ...]
    summary: Summary
    folds: Counter[str]
    blank: int = 0


class Judge:
    """Judges chunks with the interpreter."""

    def __init__(self, program: Program, context: Context, settings: Settings) -> None:
        self.program, self.context, self.settings = program, context, settings

    def __call__(self, chunk: Chunk) -> JudgedChunk:
        """Judge a chunk; whatever is in it is judged or rejected."""
        settings = self.settings
        found = [(span, read(span, chunk.path, settings.limits)) for span in spans_of(chunk)]
        kept = [(span, record) for span, record in found if record is not None]
        results = check(
            self.program, [record for _, record in kept], settings.as_of, context=self.context,
            options=settings.options, ignore_unknown_events=settings.ignore_unknown_events, limits=settings.limits,
        )  # fmt: skip
        judged = list(results)
        made = told(chunk, [span for span, _ in kept], judged, settings, encode(judged, settings.view))
        made.summary.interpreted += sum(len({f.norm for f in result.findings}) for result in judged)
        return made

    def end(self) -> None:
        """Put away what was needed to judge, when all is judged; in the process that began."""


def give_up(chunk: Chunk, settings: Settings) -> JudgedChunk:
    """Reject what is in a chunk, unread: whoever judged it was lost (``worker-lost``)."""
    spans = list(spans_of(chunk))
    problems = [Problem("worker-lost", Place(chunk.path, span.line, 0, span.pointer)) for span in spans]
    results = [RecordResult(chunk.path, p.place.line, "", (), (p,)) for p in problems]
    return told(chunk, spans, results, settings, encode(results, settings.view))


def join(first: JudgedChunk, second: JudgedChunk, settings: Settings) -> JudgedChunk:
    """Put what came of the two halves of a chunk together."""
    summary = Summary()
    summary.merge(first.summary)
    summary.merge(second.summary)
    return JudgedChunk(
        first.number, joined((first.output, second.output), settings.view), first.rejects + second.rejects,
        first.problems + second.problems, summary, first.folds + second.folds, first.blank + second.blank,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Where the bytes of a record are; `raw` is what they are, when they are here."""

    line: int
    pointer: str = ""
    offset: int | None = None
    raw: bytes | None = None
    origin: Item | Refused | None = None


def spans_of(chunk: Chunk) -> Iterator[Span]:
    """Yield where the records of a chunk are, blank lines too."""
    offset = chunk.offset
    for number, line in enumerate(io.BytesIO(chunk.data), chunk.first_line):
        yield Span(number, "", offset, line.removesuffix(b"\n"))
        offset += len(line)
    for item in chunk.items:
        if isinstance(item, Item):
            yield Span(item.line, item.pointer, item.offset, item.text.encode(), item)
        else:
            place = item.problems[0].place
            yield Span(place.line, place.pointer, item.offset, None, item)


def read(span: Span, path: str, limits: Limits) -> RawRecord | Rejected | None:
    """Read a record; None for a blank line."""
    origin = span.origin
    if isinstance(origin, Refused):
        return Rejected(origin.problems)
    if origin is None:
        return line_record(path, span.line, span.raw or b"", limits)
    value = loads_text(origin.text, path, first_line=origin.line, limits=limits)
    return RawRecord(path, origin.line, origin.pointer, value, origin.text, origin.column, offset=origin.offset)


def told(
    chunk: Chunk, spans: list[Span], results: list[RecordResult], settings: Settings, output: bytes
) -> JudgedChunk:
    """Put together what came of the records of a chunk of which there is something to tell.

    Args:
        chunk: the chunk; what it holds besides is blank.
        spans: where the records are.
        results: what became of each.
        settings: how they were judged.
        output: what is shown of them.
    """
    summary = counted(results, settings.options)
    summary.content = chunk.content()
    rejects = ""
    if settings.rejects != "none":
        pairs = zip(spans, results, strict=True)
        rejects = "".join(_reject_line(s, r, settings) for s, r in pairs if r.rejected)
    return JudgedChunk(
        chunk.number, output, rejects.encode("utf-8", "backslashreplace"),
        tuple(p for r in results for p in (*r.problems, *r.warnings)), summary, _folds_of(results),
        len(chunk) - len(spans),
    )  # fmt: skip


def counted(results: Iterable[RecordResult], options: Options) -> Summary:
    """Count what became of some records, and which of them waivers name."""
    summary, named = Summary(), options.waivers.records
    for result in results:
        summary.add(result)
        if result.record in named:
            summary.waived.add(result.record)
    return summary


def _folds_of(results: Iterable[RecordResult]) -> Counter[str]:
    """Count the findings of some records that text leaves out."""
    return Counter(folded(finding) for result in results for finding in result.findings)


def _reject_line(span: Span, result: RecordResult, settings: Settings) -> str:
    """Say which record was refused and for what, without a word of what is in it unless that is wanted."""
    origin, raw = span.origin, span.raw
    length, sha256 = (origin.length, origin.sha256) if isinstance(origin, Refused) else (None, "")
    if raw is not None:
        length, sha256 = len(raw), hashlib.sha256(raw).hexdigest()
    line: dict[str, Any] = {"path": result.path, "line": span.line, "pointer": span.pointer}
    line |= {"offset": span.offset, "length": length, "sha256": sha256}
    line = {name: value for name, value in line.items() if value not in (None, "")}
    line["problems"] = [
        {"code": p.code, "line": p.place.line, "column": p.place.column, "pointer": p.place.pointer}
        for p in result.problems
    ]
    if settings.rejects == "content" and raw is not None:
        line["content"] = raw.decode("utf-8", "backslashreplace")
    return json_line(line) + "\n"
