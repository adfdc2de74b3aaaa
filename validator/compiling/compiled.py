"""Judges records with compiled code where they are plain, and with the interpreter where they are not.

The findings are those of the interpreter, byte for byte; what need not be reported is counted and not made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct

from validator.compiling.compiler import Found, Result, Tables, reason_of
from validator.compiling.counting import Count, Counts
from validator.compiling.dating import Dated, dated
from validator.compiling.decoding import IGNORED, ODD, Decoding
from validator.compiling.judges import TypeJudge, type_judge
from validator.compiling.proof import is_same, says_all
from validator.compiling.runtime import FIRST, Abroad, Ahead, Slow, as_instant, as_time, at_home
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
from validator.rules.program import Program

COMPLIANT, LATE, BREACHED, PENDING = Verdict.COMPLIANT, Verdict.LATE, Verdict.BREACHED, Verdict.PENDING
"""What compiled code can find; by these names a verdict is at hand in a third of the time."""
_EVENT_BYTES = len('{"at":"2022-01-01T00:00:00+08:00"}')  # every event has more
_NOTHING: frozenset[str] = frozenset()


class Plain(Struct, frozen=True):
    """A plain record, judged, of which there is something to tell.

    Attributes:
        judge: what judged it.
        record: as it was decoded.
        line: its JSON text, without blanks around it; empty where that is what ``record`` is written as.
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

    def text(self) -> bytes:
        """Return its JSON text, without blanks around it."""
        return self.line or msgspec.json.encode(self.record)

    @property
    def ignored(self) -> int:
        """How many of its events nobody declared."""
        return 0 if self.dated is None else sum(event is IGNORED for event in self.record.events)

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
        self._until = as_time(as_of)
        tables: Tables = {}
        self._judges = [type_judge(program, t, options, tables, self._until) for t in program.vocabulary.record_types()]
        self._decoding = Decoding(program.vocabulary, self._judges, ignore_unknown_events=ignore_unknown_events)
        self._counting = {
            whole: (Counts(self._decoding.usual, whole=whole), Counts(self._decoding.loose, whole=whole))
            for whole in (False, True)
        }
        self._fewer_digits = limits.digits < DEFAULT.digits  # than the types of plain records know of
        self._short = min(limits.line_bytes, limits.events * _EVENT_BYTES)  # no line of so many bytes is too long
        self._scribes: dict[Instant, Scribe] = {}
        self._types = tuple(program.vocabulary.events.values())

    def scribe(self) -> Scribe:
        """Return what writes the findings of records."""
        return Scribe(self.program, self.as_of, assume_in_force=self.options.assume_in_force)

    def sources(self) -> Iterator[tuple[str, str]]:
        """Yield the compiled code by record type."""
        for judge in self._judges:
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
        tally.interpreted += sum(j.pairs for j in self._judges if j.record_type == timeline.record_type)
        return judge_record(
            self.program, timeline, self.as_of, context=self.context, options=self.options, tally=silent
        )  # fmt: skip

    def run(self, lines: Iterable[bytes], tally: Tally, *, whole: bool) -> Iterator[tuple[int, Plain | None]]:
        """Judge records and yield of which there is something to tell, by place; None: it is not plain.

        What a plain record says is proved to be all that its line says: as a rule, that is what it is written as.

        Args:
            lines: records as JSON.
            tally: counts what is not to be told.
            whole: tell everything.
        """
        decoding = self._decoding
        decode, encode_into, buffer, short = decoding.usual.decode, decoding.encode_into, decoding.buffer, self._short
        fractions, learning = decoding.fractions or self._fewer_digits, decoding.is_learning
        waived, day = self.options.waivers.records, self._until.date()
        with self._counts(tally, whole=whole) as (usual, others):
            for place, raw in enumerate(lines):
                found: list[Found] = []
                try:
                    record = decode(raw)
                    count, known = usual[record.number], record.known_until
                    if (known is not None and known < day) or len(raw) > short or not record.id.strip():
                        raise Slow
                    if (fractions and self._is_odd(raw)) or (waived and record.id in waived):
                        raise Slow
                    encode_into(record, buffer)
                    line = raw if buffer == raw else decoding.same(raw, record.events)
                    result = count.function(record, count.latest, found)
                except (Abroad, Ahead) as away:
                    yield from self._away(away, place, count, record, raw.strip(BLANKS), others, tally)
                    continue
                except ODD:  # perhaps not plain, or near the end of time
                    yield from self._loosely(place, raw, others, tally)
                    continue
                if learning:
                    decoding.learn(count.judge.record_type, line)
                if found or count.always or result[3]:
                    yield from self._to_tell(place, count, record, line, found, result)
                else:
                    count.partly.append(result)

    def run_lines(self, data: bytes, tally: Tally, *, whole: bool) -> Iterator[tuple[int, Plain | None]]:
        """Judge the records on lines, as `run` does; where all are written as usual, they are decoded together.

        Args:
            data: whole lines; the last may lack its end.
            tally: counts what is not to be told.
            whole: tell everything.
        """
        decoding, waived, day = self._decoding, self.options.waivers.records, self._until.date()
        odd = len(data) > self._short or waived or (self._is_odd(data) if decoding.fractions else self._fewer_digits)
        together = None if odd else decoding.together(data)
        if together is None:
            yield from self.run(data.removesuffix(b"\n").split(b"\n") if data else (), tally, whole=whole)
            return
        records, exact = together
        lines = () if exact else data.split(b"\n")
        with self._counts(tally, whole=whole) as (usual, others):
            for place, record in enumerate(records):
                found: list[Found] = []
                count, known = usual[record.number], record.known_until
                try:
                    if (known is not None and known < day) or not record.id.strip():
                        raise Slow
                    result = count.function(record, count.latest, found)
                except (Abroad, Ahead) as away:
                    line = lines[place].strip(BLANKS) if lines else b""
                    yield from self._away(away, place, count, record, line, others, tally)
                except ODD:
                    yield from self._loosely(place, lines[place] if lines else decoding.encode(record), others, tally)
                else:
                    if found or count.always or result[3]:
                        line = lines[place].strip(BLANKS) if lines else b""
                        yield from self._to_tell(place, count, record, line, found, result)
                    else:
                        count.partly.append(result)

    @contextmanager
    def _counts(self, tally: Tally, *, whole: bool) -> Iterator[tuple[Counts, Counts]]:
        """Give what judges and counts records that are as usual, and others; what they count goes to a tally."""
        usual, others = self._counting[whole]
        if usual.reading is not self._decoding.usual:
            usual = Counts(self._decoding.usual, whole=whole)
            self._counting[whole] = usual, others
        try:
            yield usual, others
        finally:
            usual.move_to(tally)
            others.move_to(tally)

    def _is_odd(self, line: bytes) -> bool:
        """Say whether a line may hold a number, as it is written again, that the strict reader refuses."""
        return self._fewer_digits or b"e-" in line

    def _away(
        self, away: Slow, place: int, count: Count, record: Any, line: bytes, others: Counts, tally: Tally
    ) -> Iterator[tuple[int, Plain | None]]:  # fmt: skip
        """Judge a record that is plain but for when its events are, and yield what there is to tell.

        An empty line stands for what the record is written as.
        """
        if isinstance(away, Abroad) and not count.always and self._is_quiet_at_home(count, record):
            self._decoding.learn(count.judge.record_type, line)
            return
        line = line or self._decoding.encode(record)
        early = self._up_to_now(place, count, record, line) if isinstance(away, Ahead) else None
        yield from self._loosely(place, line, others, tally) if early is None else early

    def _is_quiet_at_home(self, count: Count, record: Any) -> bool:
        """Judge a record that is dated in another way by its times in Beijing, and count it if nothing is to be told.

        Else it is as it was: what is told tells its times as they are written.
        """
        written, found, later = [event.at for event in record.events], list[Found](), FIRST
        try:
            for event in record.events:
                event.at = at = at_home(event.at)
                if at <= later:
                    raise Slow
                later = at
            if later <= min(count.latest, self._until):
                result = count.judge.compiled.function(all_findings=False, dated=True)(record, count.latest, found)
                if not (found or result[3]):
                    count.partly.append(result)
                    return True
        except ODD:  # for the strict reader, or in another order
            pass
        for event, at in zip(record.events, written, strict=True):
            event.at = at
        return False

    def _up_to_now(self, place: int, count: Count, record: Any, line: bytes) -> Iterable[tuple[int, Plain]] | None:
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
        self, place: int, count: Count, record: Any, line: bytes, found: list[Found], result: Result
    ) -> Iterable[tuple[int, Plain]]:
        """Return what there is to tell of a record, some norms of which may be left to the interpreter."""
        judge, left, whole = count.judge, result[3], count.all_findings
        if left and not whole:  # what was counted of a norm that is left can't be told from the rest
            found, whole = [], True
            result = judge.compiled.function(all_findings=True)(record, judge.latest, found)
        waiting = self._waiting(judge, record, left)
        count.add(result, len(waiting), whole=whole)
        if not (found or waiting or whole):
            return ()
        return [(place, Plain(judge, record, line, found, result[1], result[2], waiting, whole, self.as_of))]

    def _loosely(
        self, place: int, raw: bytes, counts: Counts, tally: Tally
    ) -> Iterator[tuple[int, Plain | None]]:  # fmt: skip
        """Judge a record that is not as usual by its events at clear times, and yield what there is to tell.

        What depends on others is left to the interpreter.  None: so is everything, or the record is refused.
        """
        line = raw.strip(BLANKS)
        try:
            record, every = self._decoding.read(line)
            count, known = counts[record.number], record.known_until
            as_of = self.as_of if known is None else min(self.as_of, day_end(known.toordinal()))
            latest = count.judge.compiled.latest
            refused = self._is_refused(line, record, every)
            times = None if refused else dated(record.events, as_time(as_of), latest, count.judge.roles)
            judged = None if times is None else self._by_time(count, record, line, times, as_of)
        except ODD:
            judged = None
        if judged is None or len(judged[0].waiting) == judged[0].judge.pairs:
            yield place, None
            return
        plain, result = judged
        record.events = every
        if plain.proved:
            self._decoding.learn(count.judge.record_type, line)
            count.add(result, len(plain.waiting), whole=plain.whole)
        if plain.found or plain.waiting or plain.whole:
            yield place, plain
        else:
            tally.ignored += plain.ignored

    def _is_refused(self, line: bytes, record: Any, events: Sequence[Any]) -> bool:
        """Say whether the strict reader refuses a record, or might, or has to read it anyway."""
        limits, waived = self.limits, self.options.waivers.records
        if self._fewer_digits or len(line) > limits.line_bytes or len(events) > limits.events:
            return True
        return not record.id.strip() or record.id in waived

    def _by_time(self, count: Count, record: Any, line: bytes, times: Dated, as_of: Instant) -> tuple[Plain, Result]:
        """Judge a record, which is in the buffer, by its events at clear times.  Raises `Slow`."""
        judge, every, found, buffer = count.judge, record.events, list[Found](), self._decoding.buffer
        if len(times.clear) < len(every):
            judge.compiled.names(record, judge.latest, found)
        touched = times.touched(judge.roles, listed=record.events_in_order)
        proved = not times.repeats and (is_same(line, buffer) or says_all(line, buffer))
        whole = count.all_findings or touched != 0 or not proved
        record.events = times.clear
        result = judge.compiled.function(all_findings=whole, dated=True)(record, judge.latest, found)
        if result[3] and not whole:
            found, whole = [], True
            result = judge.compiled.function(all_findings=True, dated=True)(record, judge.latest, found)
        record.events = every
        left = touched | result[3]
        waiting = self._waiting(judge, record, left)
        _, seen, shut, _ = result
        return Plain(judge, record, line, found, seen, shut, waiting, whole, as_of, times, proved), result

    def _findings(self, plain: Plain, read: Callable[[], Timeline], silent: Tally | None) -> list[Finding]:
        judge, record = plain.judge, plain.record
        norms = judge.compiled.norms
        timeline = read() if plain.waiting or not plain.proved else None  # it may be refused: nothing is counted yet
        scribe = self._scribe_as_of(plain.as_of).about(record.id, judge.record_type, text_digest(plain.text()))
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
        if not left and not judge.others:
            return _NOTHING
        found = set(judge.standing)
        if left:
            found |= judge.compiled.ids(left)
        for number in {e.number for e in record.events} & judge.by_event.keys():
            found |= judge.by_event[number]
        return frozenset(found)

    def finding(self, scribe: Scribe, plain: Plain, found: Found) -> Finding:
        """Make the finding of an instance in the record that a scribe is about."""
        entity, _, n, event, answer, assumed = found
        norm, ends = plain.judge.compiled.norms[n].norm, plain.judge.compiled.ends[n]
        opening = self._moment(plain, event)
        if ends is None:
            return scribe.certain(norm, entity, opening, COMPLIANT if answer else BREACHED)
        end = ends.of(event.at)
        answered = None if answer is None else self._moment(plain, answer)
        return scribe.certain(
            norm, entity, opening, self.verdict(plain, end[0], answer), (ends.period, end[1]), answered,
            assumed=assumed,
        )  # fmt: skip

    def verdict(self, plain: Plain, end: dt.datetime, answer: Any) -> Verdict:
        """Return the verdict on a term of a record by its end and the event that answers it."""
        if answer is None:
            until = self._until if plain.as_of == self.as_of else as_time(plain.as_of)
            return BREACHED if until > end else PENDING
        return LATE if answer.at > end else COMPLIANT

    @staticmethod
    def _simply_complies(plain: Plain, found: Found) -> bool:
        """Say whether a finding would only be counted."""
        _, _, n, event, answer, assumed = found
        ends = plain.judge.compiled.ends[n]
        if ends is None or answer is None:
            return bool(answer)
        return not assumed and bool(answer.at <= ends.of(event.at)[0]) and not ends.of(event.at)[1].provisional

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
