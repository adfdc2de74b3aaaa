"""Judges chunks of lines with compiled code."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from validator.batch.chunk import Judge, JudgedChunk, Span, told
from validator.batch.feed import Chunk
from validator.batch.forms import encode, joined
from validator.batch.writer import Writer
from validator.checker import Checker
from validator.compiling.proof import is_bare
from validator.engine import RecordResult
from validator.judging.tally import Tally


class QuickJudge(Judge):
    """Judges lines with compiled code where they are plain; the findings are those of the interpreter.

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
        """Judge a chunk; of lines only what has findings, problems or warnings is kept."""
        if not chunk.data:
            return super().__call__(chunk)
        checker, writer, view, tally = self._checker, self._writer, self.settings.view, Tally()
        lines = chunk.data.removesuffix(b"\n").split(b"\n")
        bare = is_bare(chunk.data)
        spans: list[Span] = []
        results: list[RecordResult] = []
        pieces: list[bytes] = []
        blank = 0
        for place, plain in checker.compiled.run(lines, tally, whole=view.whole, bare=bare):
            number = chunk.first_line + place
            written = None if writer is None or plain is None else writer.write(plain, chunk.path, number)
            if written is not None:
                pieces.append(written)
                continue
            result = checker.told(plain, lines[place], chunk.path, number, tally, all_findings=view.whole)
            if result is None:
                blank += 1
                continue
            offset = chunk.offset + sum(map(len, lines[:place])) + place
            spans.append(Span(number, "", offset, lines[place]))
            results.append(result)
            if writer is not None:
                pieces.append(encode((result,), view))
        output = encode(results, view) if writer is None else joined(pieces, view)
        judged = told(chunk, spans, results, self.settings, output)
        judged.summary.add_silent(len(lines) - blank - len(results), tally)
        if writer is not None:
            writer.count(judged.summary, judged.folds)
        return replace(judged, blank=blank)
