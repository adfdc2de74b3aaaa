"""Judges chunks, and keeps what was found of each record for later runs.

A record is judged again only if something may be judged otherwise: it was changed itself, or another record that was
asked about it was, or the rules, the figures, the options or the program; or an instant has come on which a judgement
depends (`validator.legal_time.watched`).  All else is told anew as of the moment, so the output is the same.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from validator.batch.chunk import Judge, JudgedChunk, Settings, Span, counted, read, spans_of, told
from validator.batch.feed import Chunk
from validator.batch.forms import encode, joined
from validator.batch.page import Page, page_of
from validator.batch.store import Store, make_folder
from validator.engine import RecordResult, Summary, refused, result_of, timeline_of
from validator.errors import Place, Problem
from validator.expressions.work import TooMuchWork
from validator.facts.asked import AskedContext, Question, answers_digest
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.interpreter import judge_record
from validator.judging.scribe import Scribe
from validator.judging.tally import Tally
from validator.legal_time.instant import BEGIN, Instant
from validator.legal_time.watched import Watched
from validator.output.publishing import json_line
from validator.reading.files import BLANKS
from validator.reading.intake import text_digest
from validator.rules.program import Program
from validator.version import source_digest


class _Entry(Struct, array_like=True):
    """What was found of a record.

    Attributes:
        as_of: the moment as of which it was judged.
        until: the first later moment as of which it may be judged otherwise.
        record: its id.
        record_type: its type.
        questions: what was asked of other records.
        answers: the digest of the answers.
        summary: what it adds to the counts of a run.
        page: what is written of it.
    """

    as_of: Instant
    until: Instant
    record: str
    record_type: str
    questions: tuple[Question, ...]
    answers: str
    summary: dict[str, Any]
    page: Page


_WRITER = msgspec.msgpack.Encoder()
_READER = msgspec.msgpack.Decoder(_Entry)


class _Judged(NamedTuple):
    """What came of a record that was judged, or refused (without a timeline).

    Attributes:
        result: problems, or findings.
        silent: counts the other findings.
        timeline: the record.
        until: the first moment as of which it may be judged otherwise.
        questions: what was asked of other records.
    """

    result: RecordResult
    silent: Tally
    timeline: Timeline | None = None
    until: Instant = BEGIN
    questions: tuple[Question, ...] = ()


class KeepingJudge(Judge):
    """Judges with the interpreter what may be judged otherwise than in an earlier run; the findings are the same."""

    def __init__(
        self, program: Program, context: Context, settings: Settings, folder: str, identity: Mapping[str, Any]
    ) -> None:
        """Judge as the settings want it.

        Args:
            program: the rules.
            context: other records.
            settings: how to judge.
            folder: where findings are kept.
            identity: what they depend on besides the records, the moment and this program.

        Raises `UsageError` for a folder that can't be trusted, `OutputFailed` for one that can't be made.
        """
        super().__init__(program, context, settings)
        make_folder(folder)
        self._folder, self._told_trouble = folder, False
        self._scribe = Scribe(program, settings.as_of, assume_in_force=settings.options.assume_in_force)
        self._begun = hashlib.sha256(
            f"{source_digest()} {sys.version} {settings.limits} {json_line(identity)}\0".encode()
        )

    @cached_property
    def _store(self) -> Store:
        """The folder, opened by the process that judges."""
        return Store(self._folder)

    def __call__(self, chunk: Chunk) -> JudgedChunk:
        """Judge a chunk, or tell what is known of it."""
        spans, results, pieces, known = list[Span](), list[RecordResult](), list[bytes](), list[_Entry]()
        made, counts, blank, view = dict[bytes, bytes](), Summary(), 0, self.settings.view
        for span in spans_of(chunk):
            digest = "" if span.raw is None else text_digest(span.raw.strip(BLANKS))
            key = self._key(digest)
            entry = self._known(key) if digest else None
            if entry is not None:
                scribe = self._scribe.about(entry.record, entry.record_type, digest)
                pieces.append(entry.page.filled(chunk.path, span.line, view.form, scribe))
                known.append(entry)
                continue
            judged = self._judged(span, chunk.path)
            if judged is None:
                blank += 1
                continue
            spans.append(span)
            results.append(judged.result)
            pieces.append(encode((judged.result,), view))
            counts.add_silent(0, judged.silent)
            entry = self._entry(judged, digest)
            if entry is not None:
                made[key] = _WRITER.encode(entry)
        self._store.put(made)
        return self._joined(told(chunk, spans, results, self.settings, joined(pieces, view)), counts, known, blank)

    def _joined(self, found: JudgedChunk, counts: Summary, known: Sequence[_Entry], blank: int) -> JudgedChunk:
        """Add what is known of records to what was found of others; but no `folds`: only text tells them."""
        found.summary.merge(counts)
        for entry in known:
            found.summary.add_plain(entry.summary)
        found.summary.kept += len(known)
        return replace(found, blank=blank, problems=(*found.problems, *self._troubles()))

    def end(self) -> None:
        """Close the folder."""
        self._store.close()

    def _troubles(self) -> tuple[Problem, ...]:
        """Return that the folder can't be used; once."""
        if self._told_trouble or not self._store.trouble:
            return ()
        self._told_trouble = True
        values = (("reason", self._store.trouble),)
        return (Problem("keep-unusable", Place(self._folder), values, severity="warning"),)

    def _key(self, digest: str) -> bytes:
        whole = self._begun.copy()
        whole.update(digest.encode())
        return whole.digest()

    def _known(self, key: bytes) -> _Entry | None:
        """Return what is known of a record; None when it may be judged otherwise."""
        packed = self._store.get(key)
        entry = None if packed is None else _READER.decode(packed)
        if entry is None or not entry.as_of <= self.settings.as_of < entry.until:
            return None
        answers = answers_digest(self.context, self.program.vocabulary, entry.questions)
        return entry if answers == entry.answers else None

    def _judged(self, span: Span, path: str) -> _Judged | None:
        """Judge a record; None when there is none."""
        settings, raw = self.settings, read(span, path, self.settings.limits)
        if raw is None:
            return None
        as_of, asked, silent = Watched(settings.as_of), AskedContext(self.context), Tally()
        timeline = timeline_of(
            self.program, raw, ignore_unknown_events=settings.ignore_unknown_events, limits=settings.limits
        )
        if isinstance(timeline, RecordResult):
            return _Judged(timeline, silent)
        try:
            findings = judge_record(
                self.program, timeline, as_of, context=asked, options=settings.options,
                tally=None if settings.view.whole else silent,
            )  # fmt: skip
        except TooMuchWork as error:
            return _Judged(refused(timeline, error), silent)
        silent.interpreted = len({f.norm for f in findings} | silent.fired) + silent.reasons.total()
        return _Judged(result_of(timeline, findings), silent, timeline, as_of.until, tuple(asked.questions))

    def _entry(self, judged: _Judged, digest: str) -> _Entry | None:
        """Return what to keep of a record; None when nothing stands.

        A warning says where in its file something is wrong; and few records are read otherwise than they are written.
        """
        result, timeline, as_of = judged.result, judged.timeline, self.settings.as_of
        if timeline is None or timeline.warnings or timeline.digest != digest or judged.until <= as_of:
            return None
        moves = timeline.known_until is None or as_of <= timeline.known_until
        scribe = self._scribe.about(timeline.id, timeline.record_type, digest)
        page = page_of(result, self.settings.view, scribe, moves=moves)
        if page is None:
            return None
        summary = counted([result], self.settings.options)
        summary.add_silent(0, judged.silent)
        answers = answers_digest(self.context, self.program.vocabulary, judged.questions)
        return _Entry(
            as_of, judged.until, timeline.id, timeline.record_type, judged.questions, answers,
            summary.plain(), page,
        )  # fmt: skip
