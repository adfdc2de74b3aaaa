"""Judges chunks with compiled code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial
from math import ceil

from validator.batch.chunk import Judge, JudgedChunk, Span, read, spans_of, told
from validator.batch.feed import CHUNK_BYTES, Chunk
from validator.batch.forms import IN_PIECES, encode, joined
from validator.batch.writer import Writer
from validator.checker import Checker
from validator.compiling.compiled import CompiledProgram
from validator.compiling.judges import coverage
from validator.compiling.telling import Plain
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
    def _first(self) -> int:
        """The number of the first chunk that is judged with compiled code."""
        chunks, share = self.settings.patience / CHUNK_BYTES, coverage(self.program)
        return ceil(chunks / share) if share else sys.maxsize

    @cached_property
    def _writer(self) -> Writer | None:
        view = self.settings.view
        return Writer(self._checker.compiled.telling, view) if view.form in IN_PIECES else None

    def __call__(self, chunk: Chunk) -> JudgedChunk:
        """Judge a chunk; only what has findings, problems or warnings is kept."""
        patience = self.settings.patience
        # Which norms are plain is asked only once so much has come as would do if all were.
        if patience and (chunk.number * CHUNK_BYTES < patience or chunk.number < self._first):
            return super().__call__(chunk)
        checker, writer, view, tally = self._checker, self._writer, self.settings.view, Tally()
        found = _Records(chunk)
        spans: list[Span] = []
        results: list[RecordResult] = []
        pieces: list[bytes] = []
        blank = 0
        # All are judged before the first is written: code that is not called in turn with other code stays at hand.
        for place, plain in list(found.judged(checker.compiled, tally, whole=view.whole)):
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
        judged.summary.add_silent(len(found) - blank - len(results), tally)
        if writer is not None:
            writer.count(judged.summary, judged.folds)
        return replace(judged, blank=blank)


class _Records:
    """The records of a chunk; where one stands is found out when it is asked for."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk

    def __len__(self) -> int:
        """Return how many records there are, blank lines among them."""
        return len(self._chunk)

    def judged(self, program: CompiledProgram, tally: Tally, *, whole: bool) -> Iterator[tuple[int, Plain | None]]:
        """Judge them with compiled code, which yields of which there is something to tell, by place."""
        if self._chunk.items:
            return program.run((span.raw or b"" for span in self._spans), tally, whole=whole)
        return program.run_lines(self._chunk.data, tally, whole=whole)

    @cached_property
    def _spans(self) -> list[Span]:
        return list(spans_of(self._chunk))

    def line(self, place: int) -> int:
        """Return the number of the line on which a record begins, from 1."""
        return self._spans[place].line if self._chunk.items else self._chunk.first_line + place

    def span(self, place: int) -> Span:
        """Return where a record is."""
        return self._spans[place]
