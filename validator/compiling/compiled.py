"""Judges records with compiled code where they are plain, and with the interpreter where they are not.

The findings are those of the interpreter, byte for byte; what need not be reported is counted and not made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import compress
from operator import or_
from typing import Any

import msgspec

from validator.compiling.compiler import (
    REASONS,
    Ahead,
    Compiled,
    Found,
    Result,
    Slow,
    Tables,
    as_instant,
    as_time,
    reason_of,
    reasons_of,
)
from validator.compiling.dating import Dated, dated
from validator.compiling.habits import NO_HABITS, Habits
from validator.compiling.plain import ANY_TIME, EXACT_TIME, NotPlainError, PlainNorm, plain_norm, record_struct
from validator.compiling.proof import is_same, says_all
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import Options, judge_record, judge_some
from validator.judging.scribe import Moment, Scribe, settled
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant, Interval, day_end, day_of
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
_ODD = (Slow, OverflowError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_NOTHING: frozenset[str] = frozenset()


class _Ignored(msgspec.Struct, frozen=True):
    """Stands for an event that nobody declared, so that the others keep their places."""

    number: int = -1


_IGNORED = _Ignored()


@dataclass(frozen=True, slots=True)
class TypeJudge:
    """What judges the records of one type.

    ``others`` are the norms that are not plain, by id; ``standing`` and ``by_event`` (by the number of an event type)
    say which of them may be triggered; ``pairs`` is how many norms there are for a record, plain and others.  Events
    after ``latest`` are not looked at, or are for the interpreter.  ``touched`` are, by the number of an event type,
    the plain norms that depend on such events, as a set (see `validator.compiling.compiler`).
    """

    record_type: str
    compiled: Compiled
    others: Mapping[str, Norm]
    standing: frozenset[str]
    by_event: Mapping[int, frozenset[str]]
    pairs: int
    latest: dt.datetime
    touched: Mapping[int, int]
    hourly: int


class _Count:
    """What judges the records of one type in a run, and what of them is not told.

    Attributes:
        judge: what judges them.
        all_findings: everything is to be told.
        function: the compiled code that finds everything, or what is to be told.
        always: something may be to be told of every record.
        latest: after it no event is looked at.
        whole: records of which everything is told; their norms are only counted as judged.
        partly: what was counted in the other records, as compiled code returns it.
        waiting: how many norms are left to the interpreter, in all and in the others.
    """

    __slots__ = ("all_findings", "always", "function", "judge", "latest", "partly", "waiting", "whole")

    def __init__(self, judge: TypeJudge, *, whole: bool) -> None:
        self.judge, self.latest = judge, judge.latest
        self.all_findings = whole
        self.function = judge.compiled.function(all_findings=whole)
        self.always = whole or bool(judge.others)
        self.whole, self.waiting = 0, (0, 0)
        self.partly: list[Result] = []

    def add(self, result: Result, waiting: int, *, whole: bool) -> None:
        """Count a record, so many norms of which are left to the interpreter; ``whole``: everything of it is told."""
        every, partly = self.waiting
        self.waiting = every + waiting, partly + (0 if whole else waiting)
        if whole:
            self.whole += 1
        else:
            self.partly.append(result)

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
        self.decode, self.type, self._judges, self._whole = reading.decode, reading.type, reading.judges, whole

    def __missing__(self, number: int) -> _Count:
        self[number] = _Count(self._judges[number], whole=self._whole)
        return self[number]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Types of records that are as usual, and what judges them, by the number of the record type."""

    type: Any
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
        as_of: the moment as of which it was judged: up to then it is complete.
        dated: its events as they were dated; None: their times are written as Python writes them.
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
    as_of: Instant
    dated: Dated | None = None
    proved: bool = True

    @property
    def ignored(self) -> int:
        """How many of its events nobody declared."""
        return sum(event is _IGNORED for event in self.record.events)

    def written(self, event: Any) -> str:
        """Return the time of an event as it is written."""
        return str(event.at.isoformat()) if self.dated is None else self.dated.written[id(event)]

    def told(self, event: Any) -> str:
        """Return the time of an event as findings tell it: the moment, or the day."""
        is_day = self.dated is not None and id(event) in self.dated.days
        return self.written(event) if is_day else str(event.at.isoformat())


class CompiledProgram:
    """A program with compiled code for its plain norms, as of one moment."""

    def __init__(
        self, program: Program, as_of: Instant, options: Options, context: Context, limits: Limits = DEFAULT,
        *, ignore_unknown_events: bool = False,
    ) -> None:  # fmt: skip
        self.program, self.as_of, self.options, self.context, self.limits = program, as_of, options, context, limits
        self._ignores = ignore_unknown_events
        self._until = as_time(as_of)
        self._tables: Tables = {}
        self._any = self._usual = self._reading([self._judge_of(t) for t in program.vocabulary.record_types()], {})
        self._loose = self._reading(self._any.judges, {}, ANY_TIME)
        self._learning: list[tuple[str, bytes]] | None = []
        self._encode_into = msgspec.json.Encoder().encode_into
        self._buffer = bytearray()
        self._fewer_digits = limits.digits < DEFAULT.digits  # than the types of plain records know of
        self._short = min(limits.line_bytes, limits.events * _EVENT_BYTES)  # no line of so many bytes is too long
        self._scribes: dict[Instant, Scribe] = {}
        self._types = tuple(program.vocabulary.events.values())

    def _reading(self, judges: Iterable[TypeJudge], habits: Mapping[str, Habits], at: Any = EXACT_TIME) -> _Reading:
        """Return what reads and judges records; ``habits`` are those of some record types, ``at`` the type of times."""
        by_number, vocabulary = tuple(judges), self.program.vocabulary
        types = [
            record_struct(vocabulary, j.record_type, j.compiled.codes, habits.get(j.record_type, NO_HABITS), at)
            for j in by_number
        ]
        one_of = reduce(or_, types)
        return _Reading(one_of, msgspec.json.Decoder(one_of).decode, by_number)

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
            sum(1 << n for n, end in enumerate(compiled.ends) if end is not None and end.exact is not None),
        )

    def _compiled(self, record_type: str, norms: Iterable[PlainNorm], habits: Habits = NO_HABITS) -> Compiled:
        return Compiled(
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
        usual, others = _Counts(self._usual, whole=whole), _Counts(self._loose, whole=whole)
        decode, encode_into, buffer, short = usual.decode, self._encode_into, self._buffer, self._short
        odd, waived = not bare or self._fewer_digits, self.options.waivers.records
        for place, raw in enumerate(lines):
            found: list[Found] = []
            try:
                record = decode(raw)
                encode_into(record, buffer)
                line = raw if buffer == raw else _same(raw, buffer, record.events)
                if odd or record.known_until is not None or len(raw) > short or record.id in waived:
                    raise Slow
                count = usual[record.number]
                result = count.function(record, count.latest, found)
            except Ahead:
                early = self._up_to_now(place, count, record, line)
                yield from self._loosely(place, raw, others, tally) if early is None else early
                continue
            except _ODD:  # perhaps not plain, or near the end of time
                yield from self._loosely(place, raw, others, tally)
                continue
            if self._learning is not None:
                self._learn(count.judge.record_type, line)
            if found or count.always or result[3]:
                yield from self._to_tell(place, count, record, line, found, result)
            else:
                count.partly.append(result)
        for count in (*usual.values(), *others.values()):
            count.add_to(tally)

    def _up_to_now(self, place: int, count: _Count, record: Any, line: bytes) -> Iterable[tuple[int, Plain]] | None:
        """Judge a plain record without its events after the moment of judgement, which nothing reads.

        None: the moment is near the end of time, and the record still isn't plain.
        """
        if count.latest != self._until:
            return None
        found: list[Found] = []
        record.events = [event for event in record.events if event.at <= self._until]
        result = count.function(record, count.latest, found)
        return self._to_tell(place, count, record, line, found, result)

    def _to_tell(
        self, place: int, count: _Count, record: Any, line: bytes, found: list[Found], result: Result
    ) -> Iterable[tuple[int, Plain]]:
        """Return what there is to tell of a record, some norms of which may be left to the interpreter."""
        judge, left, whole = count.judge, result[3], count.all_findings
        if left and not whole:  # what was counted of a norm that is left can't be told from the rest
            found, whole = [], True
            result = judge.compiled.function(all_findings=True)(record, judge.latest, found)
        waiting = self._waiting(judge, record, left) if left or judge.others else _NOTHING
        count.add(result, len(waiting), whole=whole)
        if not (found or waiting or whole):
            return ()
        return [(place, Plain(judge, record, line, found, result[1], result[2], waiting, whole, self.as_of))]

    def _loosely(
        self, place: int, raw: bytes, counts: _Counts, tally: Tally
    ) -> Iterator[tuple[int, Plain | None]]:  # fmt: skip
        """Judge a record that is not as usual by its events at clear times, and yield what there is to tell.

        What depends on others is left to the interpreter.  None: so is everything, or the record is refused.
        """
        line = raw.strip(BLANKS)
        try:
            record, every = self._read(line, counts)
            count, known = counts[record.number], record.known_until
            as_of = self.as_of if known is None else min(self.as_of, day_end(known.toordinal()))
            latest = count.judge.compiled.latest
            times = None if self._is_refused(line, record, every) else dated(record.events, as_time(as_of), latest)
            judged = None if times is None else self._by_time(count, record, line, times, as_of)
        except _ODD:
            judged = None
        if judged is None or len(judged[0].waiting) == judged[0].judge.pairs:
            yield place, None
            return
        plain, result = judged
        record.events = every
        if plain.proved:
            if self._learning is not None:
                self._learn(count.judge.record_type, line)
            count.add(result, len(plain.waiting), whole=plain.whole)
        if plain.found or plain.waiting or plain.whole:
            yield place, plain
        else:
            tally.ignored += plain.ignored

    def _read(self, line: bytes, counts: _Counts) -> tuple[Any, Sequence[Any]]:
        """Return a record with its times as they stand, and its events with what is ignored among them.

        What it would be written as is in the buffer then.  Raises one of `_ODD`.
        """
        try:
            record = counts.decode(line)
        except msgspec.ValidationError:
            ignored = self.program.vocabulary.ignored_events
            if not self._ignores and not ignored:
                raise
        else:
            self._encode_into(record, self._buffer)
            return record, record.events
        whole = msgspec.json.decode(line)
        self._encode_into(whole, self._buffer)
        events, known = whole.get("events"), self.program.vocabulary.events
        if not isinstance(events, list) or not all(
            isinstance(e, dict) and isinstance(e.get("type"), str) for e in events
        ):
            raise Slow
        kept = [e["type"] in known or not (self._ignores or e["type"] in ignored) for e in events]
        record = msgspec.convert({**whole, "events": list(compress(events, kept))}, counts.type)
        those = iter(record.events)
        return record, [next(those) if known else _IGNORED for known in kept]

    def _is_refused(self, line: bytes, record: Any, events: Sequence[Any]) -> bool:
        """Say whether the strict reader refuses a record, or might, or has to read it anyway."""
        limits, waived = self.limits, self.options.waivers.records
        if self._fewer_digits or len(line) > limits.line_bytes or len(events) > limits.events:
            return True
        return not record.id.strip() or record.id in waived

    def _by_time(self, count: _Count, record: Any, line: bytes, times: Dated, as_of: Instant) -> tuple[Plain, Result]:
        """Judge a record, which is in the buffer, by its events at clear times.  Raises `Slow`."""
        judge, every, found = count.judge, record.events, list[Found]()
        if len(times.clear) < len(every):
            judge.compiled.names(record, judge.latest, found)
        touched = times.touched(judge.touched, judge.hourly)
        proved = not times.repeats and (is_same(line, self._buffer) or says_all(line, self._buffer))
        whole = count.all_findings or touched != 0 or not proved
        record.events = times.clear
        result = judge.compiled.function(all_findings=whole, dated=True)(record, judge.latest, found)
        if result[3] and not whole:
            found, whole = [], True
            result = judge.compiled.function(all_findings=True, dated=True)(record, judge.latest, found)
        record.events = every
        left = touched | result[3]
        waiting = self._waiting(judge, record, left) if left or judge.others else _NOTHING
        _, seen, shut, _ = result
        return Plain(judge, record, line, found, seen, shut, waiting, whole, as_of, times, proved), result

    def _findings(self, plain: Plain, read: Callable[[], Timeline], silent: Tally | None) -> list[Finding]:
        judge, record = plain.judge, plain.record
        norms = judge.compiled.norms
        timeline = read() if plain.waiting or not plain.proved else None  # it may be refused: nothing is counted yet
        scribe = self._scribe_as_of(plain.as_of).about(record.id, judge.record_type, text_digest(plain.line))
        findings = []
        for found in plain.found:
            norm = norms[found[2]].norm.id
            if norm in plain.waiting:
                continue
            if silent is not None and self._simply_complies(plain, found):
                silent.compliant += 1
                silent.fired.add(norm)
            else:
                findings.append(self.finding(scribe, plain, found))
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

    def _scribe_as_of(self, as_of: Instant) -> Scribe:
        """Return what writes findings as of a moment, which is earlier for records that end before."""
        if as_of not in self._scribes:
            self._scribes[as_of] = Scribe(self.program, as_of, assume_in_force=self.options.assume_in_force)
        return self._scribes[as_of]

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
        opening = self._moment(plain, event)
        if ends is None:
            return scribe.certain(norm, entity, opening, COMPLIANT if answer else BREACHED)
        end = ends.of(event.at)
        answered = None if answer is None else self._moment(plain, answer)
        return scribe.certain(
            norm, entity, opening, self.verdict(plain, end[0], answer), (ends.period, end[1]), answered
        )

    def verdict(self, plain: Plain, end: dt.datetime, answer: Any) -> Verdict:
        """Return the verdict on a term of a record by its end and the event that answers it."""
        if answer is None:
            until = self._until if plain.as_of == self.as_of else as_time(plain.as_of)
            return BREACHED if until > end else PENDING
        return LATE if answer.at > end else COMPLIANT

    @staticmethod
    def _simply_complies(plain: Plain, found: Found) -> bool:
        """Say whether a finding would only be counted."""
        _, _, n, event, answer = found
        ends = plain.judge.compiled.ends[n]
        if ends is None or answer is None:
            return bool(answer)
        return bool(answer.at <= ends.of(event.at)[0]) and not ends.of(event.at)[1].provisional

    def event_key(self, event: Any, written: str) -> str:
        """Return the part of an event in the keys of instances; ``written`` is its time as it is written."""
        return f"{self._types[event.number].name}@{written}" if event.id is None else event.id

    def _moment(self, plain: Plain, event: Any) -> Moment:
        written = plain.written(event)
        index = next(i for i, e in enumerate(plain.record.events) if e is event)
        first = as_instant(event.at)
        last = day_end(day_of(first)) if plain.dated is not None and id(event) in plain.dated.days else first
        key = self.event_key(event, written)
        return Moment(f"/events/{index}", key, Interval(first, last), written, plain.told(event))


def _same(raw: bytes, written: bytearray, events: Sequence[Any]) -> bytes:
    """Return a line without blanks around it if it says what was written again, also of times; else raise `Slow`."""
    line = raw.strip(BLANKS)
    if is_same(line, written):
        return line
    times = line.count(b'+08:00"') == len(events) and line.count(b"T") == written.count(b"T")
    if not times or (b"." in line and any(event.at.microsecond for event in events)) or not says_all(line, written):
        raise Slow
    return line


def _touched(norms: Iterable[PlainNorm], numbers: Mapping[str, int]) -> Mapping[int, int]:
    """Return the norms that depend on events of each type, by the number of the type, as sets."""
    found = dict.fromkeys(numbers.values(), 0)
    for n, plain in enumerate(norms):
        for name in plain.events():
            found[numbers[name]] |= 1 << n
    return found


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
