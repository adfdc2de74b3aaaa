"""Writes what compiled code found straight into the bytes of a form, from pieces that are made once.

A piece is a finding of the scribe with marks in place of what changes from record to record, as the form itself writes
it.  So no form is described a second time; and a piece is used only once it has written the first finding of its kind
as the form does.  What would have to be written in another way than it stands (a quote in an id) is left to the form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, ClassVar

import msgspec

from validator.compiled import BREACHED, COMPLIANT, LATE, PENDING, CompiledProgram, Plain, TypeJudge
from validator.compiler import Found, as_instant, reason_of
from validator.deadline import Due, Period
from validator.engine import RecordResult, Summary
from validator.finding import Finding, Lateness, Verdict
from validator.forms import View, encode, stands
from validator.intake import text_digest
from validator.program import Norm
from validator.render import folded
from validator.scribe import Moment, Scribe, TermTexts, certain_key, term_texts

# What changes from record to record, in the order of the values of a piece, and the mark of each.
_MARKS = {
    name: f"\ue000{name}\ue001"
    for name in ("record", "path", "id", "entity", "key", "opening", "opened_at", "due", "end", "answer", "answered_at")
} | {"day": "0987-06-05", "working_days": "987650000001", "calendar_days": "987650000002", "line": "987650000003"}
_MARKED = re.compile("(" + "|".join(map(re.escape, _MARKS.values())) + ")")
_PLACES = {mark: place for place, mark in enumerate(_MARKS.values())}
_LATENESS = Lateness(int(_MARKS["working_days"]), int(_MARKS["calendar_days"]))
_written: Callable[[dt.datetime], str] = msgspec.to_builtins  # to the second, with its offset
_ENCODING = ("utf-8", "backslashreplace")

# Values of what a finding does not tell.
_NO_TERM = Due(0, 0)
_NO_TEXTS = TermTexts("", "", "")
_NOT_LATE = Lateness(0, 0)
_MOST_BLOCKS = 1 << 12
_NOTHING = ("",) * (len(_MARKS) - 4)


@dataclass(slots=True)
class _Piece:
    """Findings of one kind: one of them with marks, its text, which values that takes, and how many were written.

    ``sure``: it has written a finding as the form does.
    """

    finding: Finding
    text: str
    places: tuple[int, ...]
    choose: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    tells_id: bool
    sure: bool
    times: int = 0


@dataclass(slots=True)
class _Block:
    """Pieces that stand one behind the other, as one; and how often they were written."""

    pieces: tuple[_Piece, ...]
    text: str
    choose: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    times: int = 0


class _ForTheForm(Exception):  # noqa: N818 - no error: the form itself writes the record
    """Something would not be written as it stands, or findings may count as one."""


@dataclass(slots=True)
class _Page:
    """One record: where it stands, the pointers of its events by identity, and what was found so far."""

    plain: Plain
    path: str
    line: int
    scribe: Scribe
    pointers: dict[int, str]
    used: list[_Piece] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    violated: list[Norm] = field(default_factory=list)

    def id_of(self, key: str) -> str:
        """Return the id of a finding; the digest of the record is made when it is needed first."""
        if not self.scribe.digest:
            self.scribe.digest = text_digest(self.plain.line)
        return self.scribe.id_of(key)


class Writer:
    """Writes the findings of compiled code in one form, and counts them."""

    FORMS: ClassVar = frozenset({"json", "ndjson", "csv"})

    def __init__(self, program: CompiledProgram, view: View) -> None:
        self._program, self._view, self._assuming = program, view, program.options.assume_in_force
        self._scribe, self._marker = program.scribe(), program.scribe()
        self._separator = view.separator.decode()
        self._pieces: dict[tuple[Any, ...], _Piece] = {}
        self._listed: dict[str, list[tuple[int, Norm]]] = {}
        self._known_pointers: list[str] = []
        self._blocks: dict[tuple[str, int, int], _Block] = {}
        self._stands = lru_cache(1 << 12)(partial(stands, form=view.form))

    def write(self, plain: Plain, path: str, line: int) -> bytes | None:
        """Return what is shown of a record, and count it; None: that is for the form itself.

        Args:
            plain: the record, judged.
            path: its input.
            line: number of its line, from 1.
        """
        identity = plain.record.id
        if plain.waiting or not (self._stands(path) and stands(identity, self._view.form)):
            return None
        pointers = dict(zip(map(id, plain.record.events), self._pointers(len(plain.record.events)), strict=False))
        page = _Page(plain, path, line, self._scribe.about(identity, plain.judge.record_type, ""), pointers)
        try:
            texts = self._untriggered(page) if plain.whole else []
            for found in sorted(plain.found):  # no two have the same first three parts, and those can be compared
                texts.append(self._certain(page, found))
        except _ForTheForm:
            return None
        if len(page.violated) > 1 and _may_count_as_one(page.violated):
            return None
        for piece in page.used:
            piece.times += 1
        for block in page.blocks:
            block.times += 1
        return self._separator.join(filter(None, texts)).encode(*_ENCODING)

    def _pointers(self, events: int) -> list[str]:
        """Return the pointers of at least so many events."""
        known = self._known_pointers
        while len(known) < events:
            known.append(f"/events/{len(known)}")
        return known

    def count(self, summary: Summary, folds: Counter[str]) -> None:
        """Add what was written since the last time."""
        for block in self._blocks.values():
            for piece in block.pieces if block.times else ():
                piece.times += block.times
            block.times = 0
        for piece in self._pieces.values():
            if piece.times:
                summary.count(piece.finding, piece.times)
                folds[folded(piece.finding)] += piece.times
                piece.times = 0

    # -- findings ------------------------------------------------------------------------------------------------------
    def _certain(self, page: _Page, found: Found) -> str:
        """Return what is shown of an instance."""
        _, at, n, _, answer = found
        judge = page.plain.judge
        norm, ends = judge.compiled.norms[n].norm, judge.compiled.ends[n]
        if ends is None:
            end, verdict = _NO_TERM, COMPLIANT if answer else BREACHED
        else:
            time, end = ends.of(at)
            verdict = self._program.verdict(time, answer)
        if verdict is BREACHED or verdict is LATE:
            page.violated.append(norm)
        assumed = self._assuming and page.scribe.assumes(norm, as_instant(at))
        kind = (judge.record_type, n, verdict, end.rolled, end.provisional, assumed)
        piece = self._pieces.get(kind)
        if piece is None:
            term = None if ends is None else (ends.period, end)
            piece = self._pieces[kind] = self._made(self._marked(judge.record_type, norm, found, verdict, term))
        page.used.append(piece)
        if not piece.text:
            return ""
        text = piece.text % piece.choose(self._values(page, norm, found, verdict, end, tells_id=piece.tells_id))
        if not piece.sure:
            self._prove(page, piece, text, self._program.finding(page.scribe, page.plain, found))
        return text

    def _values(
        self, page: _Page, norm: Norm, found: Found, verdict: Verdict, end: Due, *, tells_id: bool
    ) -> tuple[Any, ...]:
        """Return the values of an instance, in the order of the marks."""
        entity, at, _, event, answer = found
        record = page.scribe.record
        if norm.subject != norm.record_type and (entity == record or not self._stands(entity)):
            raise _ForTheForm
        if event.id is not None and not self._stands(event.id):
            raise _ForTheForm
        opened_at, pointer, answered_at, pointers = _written(at), "", "", page.pointers
        key = self._program.event_key(event, opened_at)
        texts, late = _NO_TEXTS, _NOT_LATE
        if end is not _NO_TERM:
            texts = term_texts(end)
            if answer is not None:
                pointer, answered_at = pointers[id(answer)], _written(answer.at)
            if verdict is PENDING:
                late = page.scribe.lateness(as_instant(at))
            elif verdict is not COMPLIANT:
                late = page.scribe.lateness(end.instant, None if answer is None else as_instant(answer.at))
        return (
            record, page.path, page.id_of(certain_key(norm, entity, key)) if tells_id else "", entity, key,
            pointers[id(event)], opened_at, texts.due, texts.end, pointer, answered_at, texts.day, late.working_days,
            late.calendar_days, page.line,
        )  # fmt: skip

    def _untriggered(self, page: _Page) -> list[str]:
        """Return what is shown of the norms that were not opened."""
        plain, record = page.plain, page.scribe.record
        kind = (plain.judge.record_type, plain.seen, plain.shut)
        block = self._blocks.get(kind)
        if block is not None:
            page.blocks.append(block)
            return [block.text % block.choose((record, page.path, "", *_NOTHING, page.line))]
        texts = []
        pieces = [
            self._absent(page, *absent) for absent in self._in_order(plain.judge) if not plain.seen >> absent[0] & 1
        ]
        for piece in pieces:
            identity = page.id_of(piece.finding.key) if piece.tells_id else ""
            texts.append(piece.text % piece.choose((record, page.path, identity, *_NOTHING, page.line)))
        page.used += pieces
        if pieces and not any(piece.tells_id for piece in pieces) and len(self._blocks) < _MOST_BLOCKS:
            text = self._separator.join(piece.text for piece in pieces)
            choose = itemgetter(*(place for piece in pieces for place in piece.places))
            self._blocks[kind] = _Block(tuple(pieces), text, choose)
        return texts

    def _absent(self, page: _Page, n: int, norm: Norm) -> _Piece:
        """Return the piece of a norm that was not opened."""
        record_type, reason = page.plain.judge.record_type, reason_of(page.plain.shut, n)
        kind = (record_type, n, reason)
        piece = self._pieces.get(kind)
        if piece is None:
            finding = self._marker.about(_MARKS["record"], record_type, "").untriggered(norm, reason)
            piece = self._pieces[kind] = self._made(finding)
        if not piece.sure:
            identity = page.id_of(piece.finding.key)
            text = piece.text % piece.choose((page.scribe.record, page.path, identity, *_NOTHING, page.line))
            self._prove(page, piece, text, page.scribe.untriggered(norm, reason))
        return piece

    def _in_order(self, judge: TypeJudge) -> list[tuple[int, Norm]]:
        """Return the norms of a record type in the order of the keys of their findings, with their numbers.

        Those that are not plain come after the others in number: nothing opened them and nothing is said of why.
        """
        if judge.record_type not in self._listed:
            norms = (*(plain.norm for plain in judge.compiled.norms), *judge.others.values())
            self._listed[judge.record_type] = sorted(enumerate(norms), key=lambda pair: f"{pair[1].id}:")
        return self._listed[judge.record_type]

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _marked(
        self, record_type: str, norm: Norm, found: Found, verdict: Verdict, term: tuple[Period, Due] | None
    ) -> Finding:
        """Return the finding of an instance with marks in place of what changes."""
        _, at, _, _, answer = found
        entity = _MARKS["record" if norm.subject == record_type else "entity"]
        opening = Moment(_MARKS["opening"], _MARKS["key"], as_instant(at), _MARKS["opened_at"])
        answered = None
        if term is not None and answer is not None:
            answered = Moment(_MARKS["answer"], "", as_instant(answer.at), _MARKS["answered_at"])
        marker = self._marker.about(_MARKS["record"], record_type, "")
        finding = marker.certain(norm, entity, opening, verdict, term, answered)
        if term is not None:
            finding.due_day, finding.due = _MARKS["day"], _MARKS["due"]
            finding.breach_at = finding.breach_at and _MARKS["end"]
            finding.late_by, finding.elapsed = finding.late_by and _LATENESS, finding.elapsed and _LATENESS
        return finding

    def _made(self, finding: Finding) -> _Piece:
        """Return the piece of a finding with marks, as the form writes it."""
        finding.finding_id = _MARKS["id"]
        result = RecordResult(_MARKS["path"], int(_MARKS["line"]), finding.record, (finding,))
        parts = _MARKED.split(encode((result,), self._view).decode())
        places = [_PLACES[mark] for mark in parts[1::2]]
        text = "%s".join(part.replace("%", "%%") for part in parts[::2])
        if len(places) < 2:  # noqa: PLR2004 - what is shown has a record and a line
            return _Piece(finding, "", (), tuple, tells_id=False, sure=True)
        return _Piece(finding, text, tuple(places), itemgetter(*places), _PLACES[_MARKS["id"]] in places, sure=False)

    def _prove(self, page: _Page, piece: _Piece, text: str, finding: Finding) -> None:
        """Use a piece from now on if it has written a finding as the form does."""
        result = RecordResult(page.path, page.line, finding.record, (finding,))
        piece.sure = encode((result,), self._view) == text.encode(*_ENCODING)
        if not piece.sure:
            raise _ForTheForm


def _may_count_as_one(violated: list[Norm]) -> bool:
    ids = {norm.id for norm in violated}
    return any(not ids.isdisjoint(norm.counts_with) for norm in violated)
