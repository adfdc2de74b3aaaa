"""Judges records with compiled code where they are plain, and with the interpreter where they are not.

The findings are those of the interpreter, byte for byte; what need not be reported is counted and not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isqrt
from typing import Any

from validator.compiling.counting import Count, Counts
from validator.compiling.dating import Dated, dated
from validator.compiling.decoding import ODD, Decoding
from validator.compiling.functions import Tables
from validator.compiling.judges import TypeJudge, type_judge
from validator.compiling.plain import PlainNorm
from validator.compiling.proof import is_odd, is_same, says_all
from validator.compiling.results import Found, Result
from validator.compiling.runtime import FIRST, Abroad, Ahead, Slow, as_time, at_home
from validator.compiling.telling import Plain, Telling
from validator.expressions.work import TooMuchWork
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding
from validator.judging.interpreter import Options, judge_record
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant, day_end
from validator.limits import DEFAULT, Limits
from validator.reading.files import BLANKS
from validator.rules.program import Pattern, Program

_EVENT_BYTES = len('{"at":"2022-01-01T00:00:00+08:00"}')  # every event has more
_LOOKS = 32  # at one event for its own sake, for one norm: in fact fewer
_NOTHING: frozenset[str] = frozenset()


class CompiledProgram:
    """A program with compiled code for its plain norms, as of one moment.

    Attributes:
        telling: makes the findings of what is to be told.
    """

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
        self._events = min(limits.events, *(_most_events(limits.steps, j.compiled.norms) for j in self._judges))
        self._short = min(limits.line_bytes, self._events * _EVENT_BYTES)  # no line of so many bytes is too long
        self.telling = Telling(program, as_of, options, context)

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
        if plain is not None:
            own = Tally()
            try:
                findings = self.telling.findings(plain, read, None if all_findings else own)
            except TooMuchWork:  # whether it is too much is for the interpreter to say, which judges all of it
                return self.tell(None, read, tally, all_findings=all_findings)
            if not plain.counted:
                own.interpreted += len(plain.waiting)
                own.compiled += plain.judge.pairs - len(plain.waiting)
            tally.add(own)
            return findings
        timeline, own = read(), Tally()
        findings = judge_record(
            self.program, timeline, self.as_of, context=self.context, options=self.options,
            tally=None if all_findings else own,
        )  # fmt: skip
        own.interpreted += sum(j.pairs for j in self._judges if j.record_type == timeline.record_type)
        tally.add(own)
        return findings

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
        decoding, waived, day, events = self._decoding, self.options.waivers.records, self._until.date(), self._events
        odd = (
            len(data) > self.limits.line_bytes
            or waived
            or (self._is_odd(data) if decoding.fractions else self._fewer_digits)
        )
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
                    if (known is not None and known < day) or len(record.events) > events or not record.id.strip():
                        raise Slow
                    result = count.function(record, count.latest, found)
                except (Abroad, Ahead) as away:
                    yield from self._away(away, place, count, record, _line(lines, place), others, tally)
                except ODD:
                    line = _line(lines, place) or decoding.encode(record)
                    yield from self._loosely(place, line, others, tally)
                else:
                    if found or count.always or result[3]:
                        yield from self._to_tell(place, count, record, _line(lines, place), found, result)
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
        return self._fewer_digits or is_odd(line)

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
            if later <= count.latest:
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
        judge, whole = count.judge, count.all_findings
        waiting = self._waiting(judge, record, result[3])
        if waiting and not whole:  # what was counted of a norm that waits can't be told from the rest
            found, whole = [], True
            result = judge.compiled.function(all_findings=True)(record, judge.latest, found)
        if not waiting:
            count.add(result, whole=whole)
        if not (found or whole):
            return ()
        _, seen, shut, _ = result
        plain = Plain(judge, record, line, found, seen, shut, waiting, whole, self.as_of, counted=not waiting)
        return [(place, plain)]

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
        if plain.counted:
            count.add(result, whole=plain.whole)
        if plain.found or plain.whole:
            yield place, plain
        else:
            tally.ignored += plain.ignored

    def _is_refused(self, line: bytes, record: Any, events: Sequence[Any]) -> bool:
        """Say whether the strict reader refuses a record, or might, or has to read it anyway."""
        limits, waived = self.limits, self.options.waivers.records
        if self._is_odd(line) or len(line) > limits.line_bytes or len(events) > self._events:
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
        record.events = every
        waiting = self._waiting(judge, record, touched | result[3])
        if waiting and not whole:
            found, whole = [], True
            record.events = times.clear
            result = judge.compiled.function(all_findings=True, dated=True)(record, judge.latest, found)
            record.events = every
        _, seen, shut, _ = result
        counted = proved and not waiting
        return Plain(judge, record, line, found, seen, shut, waiting, whole, as_of, times, proved, counted), result

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


def _most_events(steps: int, norms: Iterable[PlainNorm]) -> int:
    """Return how many events a record may have so that the interpreter would surely judge some plain norms on it.

    It looks at each event some times, and for each that opens a norm at those that the norm asks for.  Half of its
    steps are for norms that are not plain.
    """
    quarters = sum(map(_pairs, norms))
    return max(isqrt(4 * steps // (2 * max(quarters, 1))) - _LOOKS, 0)


def _pairs(plain: PlainNorm) -> int:
    """Return of how many pairs of events the second is looked at for the first, at most, in quarters of all pairs.

    A quarter if half of the events open the norm and the others are asked for; half of them if all events are both.
    """
    asked = [p.events for p in (*plain.answers, *plain.conditions) if isinstance(p, Pattern)]
    asked += [tuple(name for name, _ in setters) for setters in plain.setters.values()]
    return sum(1 if set(plain.trigger.events).isdisjoint(names) else 2 for names in asked)


def _line(lines: Sequence[bytes], place: int) -> bytes:
    """Return a line without blanks around it; empty where lines are what their records are written as."""
    return lines[place].strip(BLANKS) if lines else b""
