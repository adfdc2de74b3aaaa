"""Writes what compiled code found straight into the bytes of a form, from pieces that are made once.

A piece is a finding of the scribe with marks in place of what changes from record to record, as the form itself writes
it.  So no form is described a second time; and a piece is used only once it has written the first finding of its kind
as the form does.  What would have to be written in another way than it stands (a quote in an id) is left to the form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from validator.batch.forms import View, encode, stands
from validator.compiling.judges import TypeJudge
from validator.compiling.results import Found, reason_of
from validator.compiling.runtime import FIRST, Ends, as_instant
from validator.compiling.telling import BREACHED, COMPLIANT, LATE, PENDING, Plain, Telling
from validator.engine import RecordResult, Summary
from validator.judging.finding import Finding, Lateness, Verdict
from validator.judging.scribe import Moment, Scribe, term_texts
from validator.legal_time.deadline import Due
from validator.legal_time.instant import Interval
from validator.output.render import folded
from validator.reading.intake import text_digest
from validator.rules.program import Norm

# What changes from record to record, in the order of the values of a piece, and the mark of each.
_MARKS = {
    name: f"\ue000{name}\ue001"
    for name in (
        "record",
        "path",
        "id",
        "entity",
        "key",
        "opening",
        "opened_at",
        "told_at",
        "due",
        "end",
        "answer",
        "answered_at",
    )
} | {"day": "0987-06-05", "working_days": "987650000001", "calendar_days": "987650000002", "line": "987650000003"}
_MARKED = re.compile("(" + "|".join(map(re.escape, _MARKS.values())) + ")")
_PLACES = {mark: place for place, mark in enumerate(_MARKS.values())}
_LATENESS = Lateness(int(_MARKS["working_days"]), int(_MARKS["calendar_days"]))
_ENCODING = ("utf-8", "backslashreplace")

_MOST_BLOCKS = 1 << 12
_NOTHING = (b"",) * (len(_MARKS) - 4)  # values of what a finding does not tell, between its id and its line
_NOT_LATE = (b"", b"")


def _written(at: dt.datetime) -> bytes:
    """Write a time to the second, with its offset."""
    return msgspec.json.encode(at)[1:-1]


@dataclass(slots=True)
class _Piece:
    """Findings of one kind: one of them with marks, its text, which values that takes, and how many were written.

    ``sure``: it has written a finding as the form does; ``fold`` is how text would count it.
    """

    finding: Finding
    fold: str
    text: bytes
    places: tuple[int, ...]
    choose: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
    tells_id: bool
    sure: bool
    times: int = 0


@dataclass(slots=True)
class _Block:
    """Pieces that stand one behind the other, as one; the keys of those that tell their ids; how often it was written.

    Its values are the id of the record, the path and the line, and the ids of the findings.
    """

    pieces: tuple[_Piece, ...]
    text: bytes
    choose: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
    keys: tuple[bytes, ...]
    times: int = 0


class _Term(NamedTuple):
    """The end of a term, and its texts; ``kind`` tells ends apart of which findings are written differently."""

    time: dt.datetime
    end: Due
    day: bytes
    due: bytes
    last: bytes
    kind: int


def _term(time: dt.datetime, end: Due) -> _Term:
    day, due, last = (text.encode() for text in term_texts(end))
    return _Term(time, end, day, due, last, end.rolled + 2 * end.provisional)


_NO_TERM = _Term(FIRST, Due(0, 0), b"", b"", b"", 0)


class _Terms(dict[int, _Term]):
    """The ends of terms of a norm by the day on which they start."""

    def __init__(self, ends: Ends) -> None:
        super().__init__()
        self._ends = ends

    def __missing__(self, day: int) -> _Term:
        self[day] = _term(*self._ends.by_day[day])
        return self[day]


@dataclass(slots=True)
class _Kind:
    """How findings of a norm are written.

    Attributes:
        norm: the norm.
        about_record: its subject is the record.
        ends: the ends of its terms; None: it is judged at its trigger.
        by_day: these by the day on which a term starts; None: they depend on the hour.
        begin: its part of the keys of instances.
        pieces: what is written, by verdict, kind of end, and whether it is assumed to be in force, or that what
            happened on one day came in order.
    """

    norm: Norm
    about_record: bool
    ends: Ends | None
    by_day: _Terms | None
    begin: bytes
    pieces: dict[tuple[Verdict, int, bool, bool], _Piece]


class _ForTheForm(Exception):  # noqa: N818 - no error: the form itself writes the record
    """Something would not be written as it stands, or findings may count as one."""


class _Page:
    """One record: where it stands, the pointers of its events by identity, and what was found so far."""

    __slots__ = (
        "_digested", "blocks", "dated", "line", "path", "plain", "pointers", "record", "scribe", "used", "violated"
    )  # fmt: skip

    def __init__(self, plain: Plain, path: bytes, line: int, scribe: Scribe, pointers: Iterable[bytes]) -> None:
        self.plain, self.path, self.scribe = plain, path, scribe
        self.record, self.line = plain.record.id.encode(*_ENCODING), str(line).encode()
        self.pointers = dict(zip(map(id, plain.record.events), pointers, strict=False))
        self.used: list[_Piece] = []
        self.blocks: list[_Block] = []
        self.violated: list[Norm] = []
        self._digested, self.dated = False, plain.dated is not None

    def id_of(self, key: bytes) -> bytes:
        """Return the id of a finding; the digest of the record is made when it is needed first."""
        if not self._digested:
            self.scribe.digest, self._digested = text_digest(self.plain.text()), True
        return self.scribe.id_of(key).encode()


class Writer:
    """Writes the findings of compiled code in one form, and counts them."""

    def __init__(self, telling: Telling, view: View) -> None:
        self._telling, self._view, self._assuming = telling, view, telling.assume_in_force
        self._scribe, self._marker = telling.scribe(), telling.scribe()
        self._kinds: dict[str, tuple[_Kind, ...]] = {}
        self._absent: dict[tuple[str, int, str], _Piece] = {}
        self._listed: dict[str, list[tuple[int, Norm]]] = {}
        self._known_pointers: list[bytes] = []
        self._blocks: dict[tuple[str, int, int], _Block] = {}
        self._name = lru_cache(1 << 12)(self._as_it_stands)
        self._keys = [f"{name}@".encode() for name in telling.event_types]

    def write(self, plain: Plain, path: str, line: int) -> bytes | None:
        """Return what is shown of a record, and count it; None: that is for the form itself.

        Args:
            plain: the record, judged.
            path: its input.
            line: number of its line, from 1.
        """
        identity = plain.record.id
        if (
            plain.waiting
            or not plain.proved
            or plain.as_of != self._telling.as_of
            or not stands(identity, self._view.form)
        ):
            return None
        record_type = plain.judge.record_type
        scribe = self._scribe.about(identity, record_type, "")
        kinds = self._kinds.get(record_type) or self._kinds_of(plain.judge)
        try:
            page = _Page(plain, self._name(path), line, scribe, self._pointers(len(plain.record.events)))
            texts = [self._untriggered(page)] if plain.whole else []
            texts += [self._certain(page, kinds[found[2]], found) for found in _in_order(plain)]
        except _ForTheForm:
            return None
        if len(page.violated) > 1 and _may_count_as_one(page.violated):
            return None
        for piece in page.used:
            piece.times += 1
        for block in page.blocks:
            block.times += 1
        return self._view.separator.join(filter(None, texts))

    def _kinds_of(self, judge: TypeJudge) -> tuple[_Kind, ...]:
        """Return how the findings of the norms of a record type are written, by number."""
        found = []
        for plain, ends in zip(judge.compiled.norms, judge.compiled.ends, strict=True):
            by_day = None if ends is None or ends.exact is not None else _Terms(ends)
            about_record = plain.norm.subject == judge.record_type
            found.append(_Kind(plain.norm, about_record, ends, by_day, f"{plain.norm.id}:".encode(), {}))
        self._kinds[judge.record_type] = tuple(found)
        return self._kinds[judge.record_type]

    def _pointers(self, events: int) -> list[bytes]:
        """Return the pointers of at least so many events."""
        known = self._known_pointers
        while len(known) < events:
            known.append(b"/events/%d" % len(known))
        return known

    def count(self, summary: Summary, folds: Counter[str]) -> None:
        """Add what was written since the last time."""
        for block in self._blocks.values():
            for piece in block.pieces if block.times else ():
                piece.times += block.times
            block.times = 0
        pieces = [piece for kinds in self._kinds.values() for kind in kinds for piece in kind.pieces.values()]
        for piece in (*pieces, *self._absent.values()):
            if piece.times:
                summary.count(piece.finding, piece.times)
                folds[piece.fold] += piece.times
                piece.times = 0

    def _as_it_stands(self, name: str) -> bytes:
        """Return a name as the form writes it, if that is as it stands; else raise `_ForTheForm`."""
        if not stands(name, self._view.form):
            raise _ForTheForm
        return name.encode(*_ENCODING)

    # -- findings ------------------------------------------------------------------------------------------------------
    def _certain(self, page: _Page, kind: _Kind, found: Found) -> bytes:
        """Return what is shown of an instance."""
        _, at, _, _, answer, in_order = found
        if kind.ends is None:
            term, verdict = _NO_TERM, COMPLIANT if answer else BREACHED
        else:
            term = _term(*kind.ends.of(at)) if kind.by_day is None else kind.by_day[at.toordinal()]
            verdict = self._telling.verdict(page.plain, term.time, answer)
        if verdict is BREACHED or verdict is LATE:
            page.violated.append(kind.norm)
        assumed = self._assuming and page.scribe.assumes(kind.norm, as_instant(at))
        piece = kind.pieces.get((verdict, term.kind, assumed, in_order))
        if piece is None:
            finding = self._marked(page.plain.judge.record_type, kind, found, verdict, term)
            piece = kind.pieces[verdict, term.kind, assumed, in_order] = self._made(finding)
        page.used.append(piece)
        if not piece.text:
            return b""
        text = piece.text % piece.choose(self._values(page, kind, found, verdict, term, tells_id=piece.tells_id))
        if not piece.sure:
            self._prove(page, piece, text, self._telling.finding(page.scribe, page.plain, found))
        return text

    def _values(
        self, page: _Page, kind: _Kind, found: Found, verdict: Verdict, term: _Term, *, tells_id: bool
    ) -> tuple[bytes, ...]:
        """Return the values of an instance, in the order of the marks."""
        name, at, _, event, answer, _ = found
        if kind.about_record:
            entity = page.record
        elif name == page.scribe.record:
            raise _ForTheForm
        else:
            entity = self._name(name)
        opened_at = told_at = _written(at)
        if page.dated:
            opened_at, told_at = page.plain.written(event).encode(), page.plain.told(event).encode()
        key = self._keys[event.number] + opened_at if event.id is None else self._name(event.id)
        identity = page.id_of(b"%b%b:%b" % (kind.begin, entity, key)) if tells_id else b""
        pointer = answered_at = b""
        if answer is not None and kind.ends is not None:
            pointer, answered_at = page.pointers[id(answer)], _written(answer.at)
            answered_at = page.plain.told(answer).encode() if page.dated else answered_at
        late = _NOT_LATE if verdict is COMPLIANT else self._lateness(page.scribe, verdict, at, term.end, answer)
        return (
            page.record, page.path, identity, entity, key, page.pointers[id(event)], opened_at, told_at, term.due,
            term.last, pointer, answered_at, term.day, *late, page.line,
        )  # fmt: skip

    @staticmethod
    def _lateness(scribe: Scribe, verdict: Verdict, at: dt.datetime, end: Due, answer: Any) -> tuple[bytes, bytes]:
        """Return the working days and the calendar days that a finding may tell."""
        if end is _NO_TERM.end:
            return _NOT_LATE
        if verdict is PENDING:
            days = scribe.lateness(as_instant(at))
        else:
            days = scribe.lateness(end.instant, None if answer is None else as_instant(answer.at))
        return str(days.working_days).encode(), str(days.calendar_days).encode()

    def _untriggered(self, page: _Page) -> bytes:
        """Return what is shown of the norms that were not opened."""
        plain = page.plain
        kind = (plain.judge.record_type, plain.seen, plain.shut)
        block = self._blocks.get(kind)
        if block is not None:
            page.blocks.append(block)
            values = (page.record, page.path, page.line, *map(page.id_of, block.keys))
            return block.text % block.choose(values)
        pieces = [
            self._absent_piece(page, *absent)
            for absent in self._in_order(plain.judge)
            if not plain.seen >> absent[0] & 1
        ]
        page.used += pieces
        if len(self._blocks) < _MOST_BLOCKS:
            self._blocks[kind] = self._block(pieces)
        return self._view.separator.join(self._of_absent(page, piece) for piece in pieces if piece.text)

    def _block(self, pieces: Sequence[_Piece]) -> _Block:
        """Put pieces of norms that were not opened together."""
        keys = tuple(piece.finding.key.encode() for piece in pieces if piece.tells_id)
        numbers, places = count(3), list[int]()
        own = {_PLACES[_MARKS["record"]]: 0, _PLACES[_MARKS["path"]]: 1, _PLACES[_MARKS["line"]]: 2}
        for piece in pieces:
            places += [own[place] if place in own else next(numbers) for place in piece.places]
        text = self._view.separator.join(piece.text for piece in pieces if piece.text)
        return _Block(tuple(pieces), text, itemgetter(*places) if places else lambda _: (), keys)

    def _absent_piece(self, page: _Page, n: int, norm: Norm) -> _Piece:
        """Return the piece of a norm that was not opened."""
        record_type, reason = page.plain.judge.record_type, reason_of(page.plain.shut, n)
        kind = (record_type, n, reason)
        piece = self._absent.get(kind)
        if piece is None:
            finding = self._marker.about(_MARKS["record"], record_type, "").untriggered(norm, reason)
            piece = self._absent[kind] = self._made(finding)
        if not piece.sure:
            self._prove(page, piece, self._of_absent(page, piece), page.scribe.untriggered(norm, reason))
        return piece

    @staticmethod
    def _of_absent(page: _Page, piece: _Piece) -> bytes:
        """Return what is shown of a norm that was not opened."""
        identity = page.id_of(piece.finding.key.encode()) if piece.tells_id else b""
        return piece.text % piece.choose((page.record, page.path, identity, *_NOTHING, page.line))

    def _in_order(self, judge: TypeJudge) -> list[tuple[int, Norm]]:
        """Return the norms of a record type in the order of the keys of their findings, with their numbers.

        Those that are not plain come after the others in number: nothing opened them and nothing is said of why.
        """
        if judge.record_type not in self._listed:
            norms = (*(plain.norm for plain in judge.compiled.norms), *judge.others.values())
            self._listed[judge.record_type] = sorted(enumerate(norms), key=lambda pair: f"{pair[1].id}:")
        return self._listed[judge.record_type]

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _marked(self, record_type: str, kind: _Kind, found: Found, verdict: Verdict, end: _Term) -> Finding:
        """Return the finding of an instance with marks in place of what changes."""
        _, at, _, _, answer, in_order = found
        entity = _MARKS["record" if kind.about_record else "entity"]
        opening = Moment(_MARKS["opening"], _MARKS["key"], _moment(at), _MARKS["opened_at"], _MARKS["told_at"])
        term = None if kind.ends is None else (kind.ends.period, end.end)
        answered = None
        if term is not None and answer is not None:
            answered = Moment(_MARKS["answer"], "", _moment(answer.at), "", _MARKS["answered_at"])
        marker = self._marker.about(_MARKS["record"], record_type, "")
        finding = marker.certain(kind.norm, entity, opening, verdict, term, answered, assumed=in_order)
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
        text = "%b".join(part.replace("%", "%%") for part in parts[::2]).encode(*_ENCODING)
        if len(places) < 2:  # noqa: PLR2004 - what is shown has a record and a line
            return _Piece(finding, folded(finding), b"", (), tuple, tells_id=False, sure=True)
        tells_id = _PLACES[_MARKS["id"]] in places
        return _Piece(finding, folded(finding), text, tuple(places), itemgetter(*places), tells_id, sure=False)

    def _prove(self, page: _Page, piece: _Piece, text: bytes, finding: Finding) -> None:
        """Use a piece from now on if it has written a finding as the form does."""
        result = RecordResult(page.path.decode(), int(page.line), finding.record, (finding,))
        piece.sure = encode((result,), self._view) == text
        if not piece.sure:
            raise _ForTheForm


def _moment(at: dt.datetime) -> Interval:
    return Interval(as_instant(at), as_instant(at))


def _in_order(plain: Plain) -> list[Found]:
    """Return what was found in the order of findings: those that begin with a day come after those at its start."""
    if plain.dated is None or not plain.dated.days:
        return sorted(plain.found)  # no two have the same first three parts, and those can be compared
    days = plain.dated.days
    return sorted(plain.found, key=lambda found: (*found[:2], id(found[3]) in days, found[2]))


def _may_count_as_one(violated: list[Norm]) -> bool:
    ids = {norm.id for norm in violated}
    return any(not ids.isdisjoint(norm.counts_with) for norm in violated)
