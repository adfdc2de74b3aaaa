"""Judges one chunk: raw records in, bytes of the wanted form and counts out."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from validator.context import Context
from validator.engine import RecordResult, Summary, check
from validator.errors import Place, Problem
from validator.feed import Chunk, Item, Refused
from validator.forms import View, encode, joined
from validator.instant import Instant
from validator.intake import RawRecord, Rejected, line_record
from validator.interpreter import DEFAULT_OPTIONS, Options
from validator.limits import DEFAULT, Limits
from validator.output import json_line
from validator.program import Program
from validator.render import folded
from validator.strict_json import loads_text
from validator.tally import Tally

if TYPE_CHECKING:
    from validator.checker import Checker
    from validator.writer import Writer

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
    """

    as_of: Instant
    options: Options = DEFAULT_OPTIONS
    view: View = field(default_factory=View)
    ignore_unknown_events: bool = False
    rejects: Rejects = "none"
    limits: Limits = DEFAULT
    compiled: bool = False


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
    """Judges chunks, with compiled code or with the interpreter alone."""

    def __init__(self, program: Program, context: Context, settings: Settings) -> None:
        self._program, self._context, self._settings = program, context, settings

    @cached_property
    def _checker(self) -> Checker:
        """Made when the first chunk is judged, in the process that judges it."""
        from validator.checker import Checker  # noqa: PLC0415 - a few records are judged before it is imported

        settings = self._settings
        return Checker(
            self._program, settings.as_of, context=self._context, options=settings.options,
            ignore_unknown_events=settings.ignore_unknown_events, limits=settings.limits,
        )  # fmt: skip

    @cached_property
    def _writer(self) -> Writer | None:
        """Writes what compiled code found straight into the bytes of a form; None: not this form."""
        from validator.writer import Writer  # noqa: PLC0415 - as above

        view = self._settings.view
        return Writer(self._checker.compiled, view) if view.form in Writer.FORMS else None

    def __call__(self, chunk: Chunk) -> JudgedChunk:
        """Judge a chunk; whatever is in it is judged or rejected."""
        settings = self._settings
        if settings.compiled and chunk.data:
            return self._quickly(chunk)
        found = [(span, _read(span, chunk.path, settings.limits)) for span in _spans(chunk)]
        kept = [(span, record) for span, record in found if record is not None]
        results = check(
            self._program, [record for _, record in kept], settings.as_of, context=self._context,
            options=settings.options, ignore_unknown_events=settings.ignore_unknown_events, limits=settings.limits,
        )  # fmt: skip
        judged = list(results)
        told = _told(chunk, [span for span, _ in kept], judged, settings, encode(judged, settings.view))
        told.summary.interpreted += sum(len({f.norm for f in result.findings}) for result in judged)
        return told

    def _quickly(self, chunk: Chunk) -> JudgedChunk:
        """Judge lines with compiled code; only what has findings, problems or warnings is kept."""
        checker, writer, view, tally = self._checker, self._writer, self._settings.view, Tally()
        lines = chunk.data.removesuffix(b"\n").split(b"\n")
        starts = list(accumulate(map(len, lines), initial=chunk.offset))
        spans: list[_Span] = []
        results: list[RecordResult] = []
        pieces: list[bytes] = []
        blank = 0
        for place, plain in checker.compiled.run(lines, tally, whole=view.whole):
            number = chunk.first_line + place
            if writer is not None:
                written = None if plain is None else writer.write(plain, chunk.path, number)
                if written is not None:
                    pieces.append(written)
                    continue
            result = checker.told(plain, lines[place], chunk.path, number, tally)
            if result is None:
                blank += 1
                continue
            spans.append(_Span(number, "", starts[place] + place, lines[place]))
            results.append(result)
            if writer is not None:
                pieces.append(encode((result,), view))
        output = encode(results, view) if writer is None else joined(pieces, view)
        told = _told(chunk, spans, results, self._settings, output)
        told.summary.add_silent(len(lines) - blank - len(results), tally)
        if writer is not None:
            writer.count(told.summary, told.folds)
        return replace(told, blank=blank)


def give_up(chunk: Chunk, settings: Settings) -> JudgedChunk:
    """Reject what is in a chunk, unread: whoever judged it was lost (``worker-lost``)."""
    spans = list(_spans(chunk))
    problems = [Problem("worker-lost", Place(chunk.path, span.line, 0, span.pointer)) for span in spans]
    results = [RecordResult(chunk.path, p.place.line, "", (), (p,)) for p in problems]
    return _told(chunk, spans, results, settings, encode(results, settings.view))


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
class _Span:
    """Where the bytes of a record are; `raw` is what they are, when they are here."""

    line: int
    pointer: str = ""
    offset: int | None = None
    raw: bytes | None = None
    origin: Item | Refused | None = None


def _spans(chunk: Chunk) -> Iterator[_Span]:
    offset = chunk.offset
    for number, line in enumerate(io.BytesIO(chunk.data), chunk.first_line):
        yield _Span(number, "", offset, line.removesuffix(b"\n"))
        offset += len(line)
    for item in chunk.items:
        if isinstance(item, Item):
            yield _Span(item.line, item.pointer, item.offset, item.text.encode(), item)
        else:
            place = item.problems[0].place
            yield _Span(place.line, place.pointer, item.offset, None, item)


def _read(span: _Span, path: str, limits: Limits) -> RawRecord | Rejected | None:
    """Read a record; None for a blank line."""
    origin = span.origin
    if isinstance(origin, Refused):
        return Rejected(origin.problems)
    if origin is None:
        return line_record(path, span.line, span.raw or b"", limits)
    value = loads_text(origin.text, path, first_line=origin.line, limits=limits)
    return RawRecord(path, origin.line, origin.pointer, value, origin.text, origin.column, offset=origin.offset)


def _told(
    chunk: Chunk, spans: list[_Span], results: list[RecordResult], settings: Settings, output: bytes
) -> JudgedChunk:
    summary = Summary()
    for result in results:
        summary.add(result)
    rejects = ""
    if settings.rejects != "none":
        pairs = zip(spans, results, strict=True)
        rejects = "".join(_reject_line(s, r, settings) for s, r in pairs if r.rejected)
    return JudgedChunk(
        chunk.number, output, rejects.encode("utf-8", "backslashreplace"),
        tuple(p for r in results for p in (*r.problems, *r.warnings)), summary,
        Counter(folded(f) for r in results for f in r.findings), len(chunk) - len(spans),
    )  # fmt: skip


def _reject_line(span: _Span, result: RecordResult, settings: Settings) -> str:
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
