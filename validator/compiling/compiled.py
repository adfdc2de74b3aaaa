"""Judges records with compiled code where they are plain, and with the interpreter where they are not.

The findings are those of the interpreter, byte for byte; what need not be reported is counted and not made.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from validator.compiling.compiler import (
    BEIJING,
    REASONS,
    Ahead,
    Compiled,
    Found,
    Slow,
    Tables,
    as_instant,
    as_time,
    compile_type,
    reason_of,
    reasons_of,
)
from validator.compiling.habits import NO_HABITS, Habits
from validator.compiling.plain import ANY_TIME, EXACT_TIME, NotPlainError, PlainNorm, plain_norm, record_struct
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import Options, judge_record, judge_some
from validator.judging.scribe import Moment, Scribe, settled
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant, day_end
from validator.limits import DEFAULT, Limits
from validator.reading.files import BLANKS
from validator.reading.intake import text_digest
from validator.rules.program import Norm, Program

COMPLIANT, LATE, BREACHED, PENDING = Verdict.COMPLIANT, Verdict.LATE, Verdict.BREACHED, Verdict.PENDING
"""What compiled code can find; by these names a verdict is at hand in a third of the time."""
LESSONS = 1000
"""Plain records after which what is usual is learned: about as many as pay for it."""
_EVERY = 4  # of how many one is looked at
_EVENT_BYTES = len('{"at":"2022-01-01T00:00:00+08:00"}')  # every event has more
_SMALL = re.compile(rb"[0-9]e-")  # perhaps an exponent, of which the strict reader refuses some
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TypeJudge:
    """What judges the records of one type.

    ``others`` are the norms that are not plain, by id; ``standing`` and ``by_event`` (by the number of an event type)
    say which of them may be triggered; ``pairs`` is how many norms there are for a record, plain and others.  A record
    with an event after ``latest`` is for the interpreter.  ``touched`` are, by the number of an event type, the plain
    norms that depend on such events, as a set (see `validator.compiling.compiler`).
    """

    record_type: str
    compiled: Compiled
    others: Mapping[str, Norm]
    standing: frozenset[str]
    by_event: Mapping[int, frozenset[str]]
    pairs: int
    latest: dt.datetime
    touched: Mapping[int, int]


class _Count:
    """What judges the records of one type in a run, and what of them is not told.

    Attributes:
        judge: what judges them.
        function: the compiled code that finds everything (``whole``), or what is to be told.
        always: something may be to be told of every record.
        latest: after it no event may lie.
        whole: records of which everything is told; their norms are only counted as judged.
        partly: what was counted in the other records, as compiled code returns it.
        waiting: how many norms are left to the interpreter, in all and in the others.
    """

    __slots__ = ("always", "function", "judge", "latest", "partly", "waiting", "whole")

    def __init__(self, judge: TypeJudge, *, whole: bool) -> None:
        self.judge, self.latest = judge, judge.latest
        self.function = judge.compiled.judge_all if whole else judge.compiled.judge
        self.always = whole or bool(judge.others)
        self.whole, self.waiting = 0, (0, 0)
        self.partly: list[tuple[int, int, int, int]] = []

    def wait(self, norms: int, *, whole: bool) -> None:
        """Leave norms of a record to the interpreter."""
        every, partly = self.waiting
        self.waiting = every + norms, partly + (0 if whole else norms)

    def add_to(self, tally: Tally) -> None:
        """Add the counts to others."""
        norms, pairs, (every, waiting) = self.judge.compiled.norms, self.judge.pairs, self.waiting
        tally.compiled += (self.whole + len(self.partly)) * pairs - every
        tally.interpreted += every
        if not self.partly:
            return
        fired = told = 0
        reasons: list[str] = []
        for compliant, opened, kept, _ in self.partly:
            tally.compliant += compliant
            fired |= opened
            told += opened.bit_count()
            if kept:
                reasons.extend(reasons_of(opened, kept))
        tally.fired.update(plain.norm.id for n, plain in enumerate(norms) if fired >> n & 1)
        if reasons:
            tally.reasons.update(reasons)
        tally.reasons[REASONS[0]] += len(self.partly) * pairs - told - waiting - len(reasons)


class _Counts(dict[int, _Count]):
    """What judges records in a run, by the number of the record type; made when there is one."""

    def __init__(self, reading: _Reading, *, whole: bool) -> None:
        super().__init__()
        self.decode, self._judges, self._whole = reading.decode, reading.judges, whole

    def __missing__(self, number: int) -> _Count:
        self[number] = _Count(self._judges[number], whole=self._whole)
        return self[number]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Types of records that are as usual, and what judges them, by the number of the record type."""

    decode: Callable[[bytes], Any]
    judges: tuple[TypeJudge, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain record, judged, of which there is something to tell.

    Attributes:
        judge: what judged it.
        record: as it was decoded.
        line: its JSON text, without blanks around it.
        found: the instances that are to be told.
        seen: the norms that were opened, as a set (see `validator.compiling.compiler`).
        shut: why others were not.
        waiting: ids of norms that the interpreter is to judge.
        whole: everything is to be told, also norms that were not opened.
        proved: the line is known to be a record, and to say no more than ``record``; else the strict reader has to say.
    """

    judge: TypeJudge
    record: Any
    line: bytes
    found: list[Found]
    seen: int
    shut: int
    waiting: frozenset[str]
    whole: bool
    proved: bool = True


class CompiledProgram:
    """A program with compiled code for its plain norms, as of one moment."""

    def __init__(
        self, program: Program, as_of: Instant, options: Options, context: Context, limits: Limits = DEFAULT
    ) -> None:
        self.program, self.as_of, self.options, self.context, self.limits = program, as_of, options, context, limits
        self._until = as_time(as_of)
        self._tables: Tables = {}
        self._any = self._usual = self._reading([self._judge_of(t) for t in program.vocabulary.record_types()], {})
        self._loose: Callable[[bytes], Any] | None = None
        self._learning: list[tuple[str, bytes]] | None = []
        self._decimals = True  # what is usual may have numbers with decimals: nobody knows yet
        self._encode_into = msgspec.json.Encoder().encode_into
        self._buffer = bytearray()
        self._fewer_digits = limits.digits < DEFAULT.digits  # than the types of plain records know of
        self._short = min(limits.line_bytes, limits.events * _EVENT_BYTES)  # no line of so many bytes is too long
        self._scribe = self.scribe()
        self._types = tuple(program.vocabulary.events.values())

    def _reading(self, judges: Iterable[TypeJudge], habits: Mapping[str, Habits], at: Any = EXACT_TIME) -> _Reading:
        """Return what reads and judges records; ``habits`` are those of some record types, ``at`` the type of times."""
        by_number, vocabulary = tuple(judges), self.program.vocabulary
        types = [
            record_struct(vocabulary, j.record_type, j.compiled.codes, habits.get(j.record_type, NO_HABITS), at)
            for j in by_number
        ]
        return _Reading(msgspec.json.Decoder(reduce(or_, types)).decode, by_number)

    def _judge_of(self, record_type: str) -> TypeJudge:
        program = self.program
        chosen = [n for n in program.by_record_type.get(record_type, ()) if self.options.selects(n)]
        plain, others = _sifted(program, chosen)
        numbers = {name: number for number, name in enumerate(program.vocabulary.events)}
        by_event = {
            numbers[name]: frozenset(n.id for n in norms if n.id in others)
            for (kind, name), norms in program.by_event.items()
            if kind == record_type and name in numbers
        }
        compiled = self._compiled(record_type, plain)
        return TypeJudge(
            record_type,
            compiled,
            others,
            frozenset(n.id for n in program.standing.get(record_type, ()) if n.id in others),
            {number: ids for number, ids in by_event.items() if ids},
            len(plain) + len(others),
            min(self._until, compiled.latest),
            _touched(compiled.norms, numbers),
        )

    def _compiled(self, record_type: str, norms: Iterable[PlainNorm], habits: Habits = NO_HABITS) -> Compiled:
        return compile_type(
            self.program, record_type, norms, self._tables, in_force=self.options.assume_in_force, habits=habits
        )

    def _learn(self, record_type: str, line: bytes) -> None:
        """Note a record of a plain form; after enough of them, read faster what is as usual."""
        if self._learning is None:
            return
        self._learning.append((record_type, line))
        if len(self._learning) < LESSONS:
            return
        lines: dict[str, list[bytes]] = {}
        for name, known in self._learning[::_EVERY]:
            lines.setdefault(name, []).append(known)
        self._learning = None
        habits = {name: Habits(found) for name, found in lines.items()}
        judges = [
            replace(j, compiled=self._compiled(j.record_type, j.compiled.norms, habits[j.record_type]))
            if j.record_type in habits
            else j
            for j in self._any.judges
        ]
        self._usual = self._reading(judges, habits)
        self._decimals = len(habits) < len(judges) or any(h.decimals for h in habits.values())

    def scribe(self) -> Scribe:
        """Return what writes the findings of records."""
        return Scribe(self.program, self.as_of, assume_in_force=self.options.assume_in_force)

    def sources(self) -> Iterator[tuple[str, str]]:
        """Yield the compiled code by record type."""
        for judge in self._any.judges:
            yield judge.record_type, judge.compiled.source

    # -- judging -------------------------------------------------------------------------------------------------------
    def judge(
        self, line: bytes, read: Callable[[], Timeline], tally: Tally, *, all_findings: bool = False
    ) -> list[Finding]:
        """Return the findings of a record.  Of what compiled code judges, only what is to be reported.

        Args:
            line: the record as JSON.
            read: reads it for the interpreter; what it raises goes through.
            tally: counts what is not returned.
            all_findings: return everything.
        """
        for _, plain in list(self.run((line,), tally, whole=all_findings)):
            return self.tell(plain, read, tally, all_findings=all_findings)
        return []

    def tell(
        self, plain: Plain | None, read: Callable[[], Timeline], tally: Tally, *, all_findings: bool
    ) -> list[Finding]:
        """Return the findings of a record of which there is something to tell.

        Args:
            plain: as it was judged; None: it is not plain.
            read: reads it for the interpreter; what it raises goes through.
            tally: counts what is not returned.
            all_findings: return everything.
        """
        silent = None if all_findings else tally
        if plain is not None:
            findings = self._findings(plain, read, silent)
            if not plain.proved:  # not counted when it was judged: the strict reader might have refused it
                tally.interpreted += len(plain.waiting)
                tally.compiled += plain.judge.pairs - len(plain.waiting)
            return findings
        timeline = read()
        tally.interpreted += sum(j.pairs for j in self._any.judges if j.record_type == timeline.record_type)
        return judge_record(
            self.program, timeline, self.as_of, context=self.context, options=self.options, tally=silent
        )  # fmt: skip

    def run(
        self, lines: Iterable[bytes], tally: Tally, *, whole: bool, bare: bool = False
    ) -> Iterator[tuple[int, Plain | None]]:
        """Judge records and yield of which there is something to tell, by place; None: it is not plain.

        What a plain record says is proved to be all that its line says: as a rule, that is what it is written as.

        Args:
            lines: records as JSON.
            tally: counts what is not to be told.
            whole: tell everything.
            bare: all lines are (`is_bare`).
        """
        usual, others = _Counts(self._usual, whole=whole), _Counts(self._any, whole=whole)
        decode, encode_into, buffer, short = usual.decode, self._encode_into, self._buffer, self._short
        waived = self.options.waivers.records
        odd = self._decimals or not bare or self._fewer_digits
        for place, raw in enumerate(lines):
            count: _Count | None
            try:
                record = decode(raw)
            except _REFUSED:
                line = raw.strip(BLANKS)
                record, count = self._read(line, others)
            else:
                encode_into(record, buffer)
                line, count = raw, usual[record.number]
                if odd or buffer != raw or len(raw) > short or record.known_until is not None or not record.id.strip():
                    line = raw.strip(BLANKS)
                    count = self._checked(line, record, count)
            if count is None or record.id in waived:
                yield place, None if waived else self._vague(line, others)
                continue
            found: list[Found] = []
            try:
                try:
                    result = count.function(record, count.latest, found)
                except Ahead:
                    found.clear()
                    result = self._up_to_now(count, record, found)
            except (Slow, OverflowError):  # not plain in fact, or near the end of time
                yield place, None if waived else self._vague(line, others)
                continue
            if found or count.always or result[3]:
                plain = self._to_tell(count, record, line, found, result, whole=whole)
                if plain is not None:
                    yield place, plain
            else:
                count.partly.append(result)
        for count in (*usual.values(), *others.values()):
            count.add_to(tally)

    def _up_to_now(self, count: _Count, record: Any, found: list[Found]) -> tuple[int, int, int, int]:
        """Judge a plain record without its events after the moment of judgement, which nothing reads."""
        record.events = [event for event in record.events if event.at <= self._until]
        return count.function(record, count.latest, found)

    def _to_tell(
        self, count: _Count, record: Any, line: bytes, found: list[Found], result: tuple[int, int, int, int], *,
        whole: bool,
    ) -> Plain | None:  # fmt: skip
        """Return what there is to tell of a record, some norms of which may be left to the interpreter."""
        judge = count.judge
        if result[3] and not whole:  # what was counted of a norm that is left can't be told from the rest
            found, whole = [], True
            result = judge.compiled.judge_all(record, judge.latest, found)
        waiting = self._waiting(judge, record, result[3]) if result[3] or judge.others else _NOTHING
        count.wait(len(waiting), whole=whole)
        if whole:
            count.whole += 1
        else:
            count.partly.append(result)
        if found or waiting or whole:
            return Plain(judge, record, line, found, result[1], result[2], waiting, whole)
        return None

    def _vague(self, line: bytes, counts: _Counts) -> Plain | None:
        """Judge a record that is not plain by the events that have an exact time of their own.

        What looks at the others is left to the interpreter.  None: that can't be told, or all would be left.
        """
        if self._loose is None:
            self._loose = self._reading(self._any.judges, {}, ANY_TIME).decode
        try:
            record = self._loose(line)
        except _REFUSED:
            return None
        if record.known_until is not None and day_end(record.known_until.toordinal()) < self.as_of:
            return None
        judge, every, found = counts[record.number].judge, record.events, list[Found]()
        touched, exact = 0, dict[dt.datetime, list[Any]]()
        for event in every:
            at = exact_time(event.at)
            if at is not None and at > self._until:
                continue  # nothing reads it
            if at is None or at > judge.latest:
                touched |= judge.touched[event.number]
            else:
                event.at = at
                exact.setdefault(at, []).append(event)
        for event in (e for tied in exact.values() if len(tied) > 1 for e in tied):
            touched |= judge.touched[event.number]
        record.events = [exact[at][0] for at in sorted(exact) if len(exact[at]) == 1]
        try:
            _, seen, shut, left = judge.compiled.judge_all(record, judge.latest, found)
        except (Slow, OverflowError):
            return None
        record.events = every
        waiting = self._waiting(judge, record, left | touched)
        if len(waiting) == judge.pairs:
            return None
        return Plain(judge, record, line, found, seen, shut, waiting, whole=True, proved=False)

    def _read(self, line: bytes, counts: _Counts) -> tuple[Any, _Count | None]:
        """Return the record of a line that is not as usual, and what judges it; None: it is not plain."""
        try:
            record = counts.decode(line)
        except _REFUSED:  # the strict reader says what is wrong
            return None, None
        self._encode_into(record, self._buffer)
        return record, self._checked(line, record, counts[record.number])

    def _checked(self, line: bytes, record: Any, count: _Count) -> _Count | None:
        """Return what judges a record that was read from a line, and is in the buffer; None: it is not plain."""
        if b"\\" in line or len(line) > self.limits.line_bytes or self._fewer_digits:
            return None
        if b"e-" in line and _SMALL.search(line) is not None:
            return None
        if b"." in line and any(event.at.microsecond for event in record.events):
            return None
        if self._learning is not None:
            self._learn(count.judge.record_type, line)
        if self._buffer != line and not self._says_all(line, record):
            return None
        known = record.known_until
        if known is not None and day_end(known.toordinal()) < self.as_of:
            return None
        if not record.id.strip() or len(record.events) > self.limits.events:
            return None
        return count

    def _says_all(self, line: bytes, record: Any) -> bool:
        """Say whether a record that was read from a line, and is in the buffer, says all that the line says."""
        buffer = self._buffer
        if len(buffer) < len(line) and buffer.translate(None, b" ") == line.translate(None, b" "):
            return True  # as many quotes, and so many names; there are no escapes
        if b"." in line or b"." in buffer:
            return False  # a number with decimals may be written in several ways
        # The decoder also takes times in forms that the strict reader refuses, or that findings tell as they stand.
        if buffer.count(b"T") != line.count(b"T") or line.count(b'+08:00"') != len(record.events):
            return False
        # Now nothing is read from fewer bytes than it is written with: a line of the same length has no name twice, and
        # neither has one with as many quotes, for there are no escapes.
        return len(buffer) == len(line) or buffer.count(b'"') == line.count(b'"')

    def _findings(self, plain: Plain, read: Callable[[], Timeline], silent: Tally | None) -> list[Finding]:
        judge, record = plain.judge, plain.record
        norms = judge.compiled.norms
        timeline = read() if plain.waiting or not plain.proved else None  # it may be refused: nothing is counted yet
        scribe = self._scribe.about(record.id, judge.record_type, text_digest(plain.line))
        findings = [self.finding(scribe, plain, f) for f in plain.found if norms[f[2]].norm.id not in plain.waiting]
        if plain.whole:
            shut = [
                (norm, reason_of(plain.shut, n))
                for n, norm in enumerate((*(p.norm for p in norms), *judge.others.values()))
                if not plain.seen >> n & 1 and norm.id not in plain.waiting
            ]
            if silent is None:
                findings += [scribe.untriggered(norm, reason) for norm, reason in shut]
            else:
                silent.reasons.update(reason for _, reason in shut)
        if timeline is not None:
            findings += judge_some(
                self.program, timeline, self.as_of, plain.waiting, context=self.context, options=self.options,
                tally=silent,
            )  # fmt: skip
        return settled(findings)

    @staticmethod
    def _waiting(judge: TypeJudge, record: Any, left: int) -> frozenset[str]:
        """Return the norms that the interpreter is to judge."""
        found = set(judge.standing)
        if left:
            found.update(plain.norm.id for n, plain in enumerate(judge.compiled.norms) if left >> n & 1)
        for number in {e.number for e in record.events} & judge.by_event.keys():
            found |= judge.by_event[number]
        return frozenset(found)

    def finding(self, scribe: Scribe, plain: Plain, found: Found) -> Finding:
        """Make the finding of an instance in the record that a scribe is about."""
        entity, _, n, event, answer = found
        norm, ends = plain.judge.compiled.norms[n].norm, plain.judge.compiled.ends[n]
        opening = self._moment(plain.record, event)
        if ends is None:
            return scribe.certain(norm, entity, opening, COMPLIANT if answer else BREACHED)
        end = ends.of(event.at)
        answered = None if answer is None else self._moment(plain.record, answer)
        return scribe.certain(norm, entity, opening, self.verdict(end[0], answer), (ends.period, end[1]), answered)

    def verdict(self, end: dt.datetime, answer: Any) -> Verdict:
        """Return the verdict on a term by its end and the event that answers it."""
        if answer is None:
            return BREACHED if self._until > end else PENDING
        return LATE if answer.at > end else COMPLIANT

    def event_key(self, event: Any, written: str) -> str:
        """Return the part of an event in the keys of instances; ``written`` is its time as it is written."""
        return f"{self._types[event.number].name}@{written}" if event.id is None else event.id

    def _moment(self, record: Any, event: Any) -> Moment:
        written = event.at.isoformat()
        index = next(i for i, e in enumerate(record.events) if e is event)
        return Moment(f"/events/{index}", self.event_key(event, written), as_instant(event.at), written)


def _touched(norms: Iterable[PlainNorm], numbers: Mapping[str, int]) -> Mapping[int, int]:
    """Return the norms that depend on events of each type, by the number of the type, as sets."""
    found = dict.fromkeys(numbers.values(), 0)
    for n, plain in enumerate(norms):
        for name in plain.events():
            found[numbers[name]] |= 1 << n
    return found


def is_bare(data: bytes) -> bool:
    """Say whether there is neither an escape nor a point, which lines are read with more care for."""
    return b"\\" not in data and b"." not in data


def exact_time(written: Any) -> dt.datetime | None:
    """Return a time that is written as a plain record has it; None for any other."""
    try:
        at = msgspec.convert(written, dt.datetime)
    except msgspec.ValidationError:
        return None
    return at if at.tzinfo is BEIJING and at.isoformat() == written else None


def _sifted(program: Program, norms: Iterable[Norm]) -> tuple[list[PlainNorm], dict[str, Norm]]:
    """Part the norms that are plain by form from the others, which are by id."""
    plain = []
    others = {}
    for norm in norms:
        try:
            plain.append(plain_norm(program, norm))
        except NotPlainError:
            others[norm.id] = norm
    return plain, others
