"""Judges chunks, and keeps what was found of each record for later runs.

A record is judged again only if something may be judged otherwise: it was changed itself, or another record that was
asked about it was, or the rules, the figures, the options or the program; or an instant has come on which a judgement
depends (`validator.legal_time.watched`).  All else is told anew as of the moment, so the output is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from validator import errors
from validator.batch.chunk import Judge, JudgedChunk, Settings, Span, read, spans_of, told
from validator.batch.feed import Chunk
from validator.batch.forms import encode
from validator.batch.store import Store, make_folder
from validator.engine import RecordResult, refused, timeline_of
from validator.errors import Place, Problem
from validator.expressions.work import TooMuchWork
from validator.facts.asked import AskedContext, Question, answers_digest
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding
from validator.judging.interpreter import judge_record
from validator.judging.scribe import Scribe
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant, day_of
from validator.legal_time.watched import Watched
from validator.output.publishing import json_line
from validator.reading.files import BLANKS
from validator.reading.intake import text_digest
from validator.rules.program import Program

_PACKAGE = Path(errors.__file__).parent


class _Entry(Struct, array_like=True):
    """What was found of a record besides its findings.

    Attributes:
        as_of: the moment as of which it was judged.
        until: the first later moment as of which it may be judged otherwise.
        complete: it was judged as of that moment, and not as of an earlier one to which the record reaches.
        record: its id.
        record_type: its type.
        ignored: how many of its events nobody declared.
        questions: what was asked of other records.
        answers: the digest of the answers.
        compliant: findings of compliance that were not made.
        reasons: why norms were not triggered, and how many.
        fired: the norms with a finding that was not made.
    """

    as_of: Instant
    until: Instant
    complete: bool
    record: str
    record_type: str
    ignored: int
    questions: tuple[Question, ...]
    answers: str
    compliant: int
    reasons: dict[str, int]
    fired: tuple[str, ...]


_FIELDS = tuple((f.name, f.default) for f in fields(Finding) if f.name != "order")
_WRITER = msgspec.msgpack.Encoder()
_READER = msgspec.msgpack.Decoder(tuple[_Entry, tuple[Finding, ...]])


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
        self._begun = hashlib.sha256(f"{_code_digest()} {settings.limits} {json_line(identity)}\0".encode())

    @cached_property
    def _store(self) -> Store:
        """The folder, opened by the process that judges."""
        return Store(self._folder, day_of(self.settings.as_of))

    def __call__(self, chunk: Chunk) -> JudgedChunk:
        """Judge a chunk, or tell what is known of it."""
        spans: list[Span] = []
        results: list[RecordResult] = []
        tally, made, used = Tally(), dict[bytes, bytes](), list[bytes]()
        for span in spans_of(chunk):
            digest = "" if span.raw is None else text_digest(span.raw.strip(BLANKS))
            key = self._key(digest)
            result = self._again(key, digest, span, chunk.path, tally) if digest else None
            if result is not None:
                used.append(key)
            else:
                result, entry = self._anew(digest, span, chunk.path, tally)
                if entry is not None:
                    made[key] = entry
            if result is not None:
                spans.append(span)
                results.append(result)
        self._store.put(made, used)
        judged = told(chunk, spans, results, self.settings, encode(results, self.settings.view))
        judged.summary.add_silent(0, tally)
        judged.summary.kept += len(used)
        return replace(judged, problems=(*judged.problems, *self._troubles()))

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

    def _again(self, key: bytes, digest: str, span: Span, path: str, tally: Tally) -> RecordResult | None:
        """Return what is known of a record, told as of now; None when it may be judged otherwise."""
        packed, as_of = self._store.get(key), self.settings.as_of
        if packed is None:
            return None
        entry, findings = _READER.decode(packed)
        if not entry.as_of <= as_of < entry.until:
            return None
        if answers_digest(self.context, self.program.vocabulary, entry.questions) != entry.answers:
            return None
        if entry.complete:
            self._scribe.about(entry.record, entry.record_type, digest).again(findings)
        _count(tally, entry, findings)
        return RecordResult(path, span.line, entry.record, findings, ignored_events=entry.ignored)

    def _anew(self, digest: str, span: Span, path: str, tally: Tally) -> tuple[RecordResult | None, bytes | None]:
        """Judge a record: what became of it (None: it is blank), and what to keep of that, if it stands for a while."""
        settings, raw = self.settings, read(span, path, self.settings.limits)
        if raw is None:
            return None, None
        timeline = timeline_of(
            self.program, raw, ignore_unknown_events=settings.ignore_unknown_events, limits=settings.limits
        )
        if isinstance(timeline, RecordResult):
            return timeline, None
        as_of, asked, silent = Watched(settings.as_of), AskedContext(self.context), Tally()
        try:
            findings = tuple(judge_record(
                self.program, timeline, as_of, context=asked, options=settings.options,
                tally=None if settings.view.whole else silent,
            ))  # fmt: skip
        except TooMuchWork as error:
            return refused(timeline, error), None
        entry = self._entry(timeline, as_of, asked, silent)
        _count(tally, entry, findings)
        place = timeline.place
        result = RecordResult(place.path, place.line, timeline.id, findings, (), timeline.warnings, timeline.ignored)
        # A warning says where in its file something stands; and what is read otherwise than it is written is rare.
        stays = entry.until > entry.as_of and not timeline.warnings and timeline.digest == digest
        return result, _WRITER.encode((entry, tuple(map(_fields_of, findings)))) if stays else None

    def _entry(self, timeline: Timeline, as_of: Watched, asked: AskedContext, silent: Tally) -> _Entry:
        moment, questions = as_of.plain, tuple(asked.questions)
        return _Entry(
            moment, as_of.until, timeline.known_until is None or moment <= timeline.known_until,
            timeline.id, timeline.record_type, timeline.ignored,
            questions, answers_digest(self.context, self.program.vocabulary, questions),
            silent.compliant, dict(silent.reasons), tuple(sorted(silent.fired)),
        )  # fmt: skip


def _fields_of(finding: Finding) -> dict[str, Any]:
    """Return the fields of a finding that are not empty; its place among others is that in their list."""
    return {name: value for name, empty in _FIELDS if (value := getattr(finding, name)) != empty}


def _count(tally: Tally, entry: _Entry, findings: Iterable[Finding]) -> None:
    """Count the findings that were not made, and which norms the interpreter judged, now or then."""
    tally.compliant += entry.compliant
    tally.reasons.update(entry.reasons)
    tally.fired.update(entry.fired)
    tally.interpreted += len({f.norm for f in findings} | {*entry.fired}) + sum(entry.reasons.values())


def _code_digest() -> str:
    """Return the SHA-256 of the source of this program, in hex: another one may judge otherwise."""
    digest = hashlib.sha256()
    for file in sorted(_PACKAGE.rglob("*.py")):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
