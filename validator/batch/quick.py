"""Judges chunks with compiled code."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial

from validator.batch.chunk import Judge, JudgedChunk, Span, read, spans_of, told
from validator.batch.feed import Chunk
from validator.batch.forms import encode, joined
from validator.batch.writer import Writer
from validator.checker import Checker
from validator.engine import RecordResult
from validator.judging.tally import Tally


class QuickJudge(Judge):
    """Judges records with compiled code where they are plain; the findings are those of the interpreter.

    The code is compiled when the first chunk is judged, in the process that judges it.
    """

    @cached_property
    def _checker(self) -> Checker:
        settings = self.settings
        return Checker(
            self.program, settings.as_of, context=self.context, options=settings.options,
            ignore_unknown_events=settings.ignore_unknown_events, limits=settings.limits,
        )  # fmt: skip

    @cached_property
    def _writer(self) -> Writer | None:
        view = self.settings.view
        return Writer(self._checker.compiled, view) if view.form in Writer.FORMS else None

    def __call__(self, chunk: Chunk) -> JudgedChunk:
        """Judge a chunk; only what has findings, problems or warnings is kept."""
        checker, writer, view, tally = self._checker, self._writer, self.settings.view, Tally()
        found = _Records(chunk)
        spans: list[Span] = []
        results: list[RecordResult] = []
        pieces: list[bytes] = []
        blank = 0
        for place, plain in checker.compiled.run(found.texts, tally, whole=view.whole):
            number = found.line(place)
            written = None if writer is None or plain is None else writer.write(plain, chunk.path, number)
            if plain is not None and written is not None:
                tally.ignored += plain.ignored
                pieces.append(written)
                continue
            span = found.span(place)
            source = partial(read, span, chunk.path, self.settings.limits)
            result = checker.told(plain, source, chunk.path, number, tally, all_findings=view.whole)
            if result is None:
                blank += 1
                continue
            spans.append(span)
            results.append(result)
            if writer is not None:
                pieces.append(encode((result,), view))
        output = encode(results, view) if writer is None else joined(pieces, view)
        judged = told(chunk, spans, results, self.settings, output)
        judged.summary.add_silent(len(found.texts) - blank - len(results), tally)
        if writer is not None:
            writer.count(judged.summary, judged.folds)
        return replace(judged, blank=blank)


class _Records:
    """The texts of the records of a chunk; where one stands is found out when it is asked for.

    Attributes:
        texts: lines, or records of a document; what was refused before is empty.
    """

    def __init__(self, chunk: Chunk) -> None:
        self._chunk, self._spans = chunk, list(spans_of(chunk)) if chunk.items else []
        if chunk.items:
            self.texts = [span.raw or b"" for span in self._spans]
        else:
            self.texts = chunk.data.removesuffix(b"\n").split(b"\n") if chunk.data else []

    def line(self, place: int) -> int:
        """Return the number of the line on which a record begins, from 1."""
        return self._spans[place].line if self._spans else self._chunk.first_line + place

    def span(self, place: int) -> Span:
        """Return where a record is."""
        if self._spans:
            return self._spans[place]
        offset = self._chunk.offset + sum(map(len, self.texts[:place])) + place
        return Span(self.line(place), "", offset, self.texts[place])
