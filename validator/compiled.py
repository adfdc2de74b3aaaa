"""Judges records with compiled code where they are plain, and with the interpreter where they are not.

The findings are those of the interpreter, byte for byte; what need not be reported is counted and not made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from validator.compiler import REASONS, Compiled, Found, Slow, as_instant, as_time, compile_type, reason_of
from validator.context import Context
from validator.files import BLANKS
from validator.finding import Finding, Verdict
from validator.instant import Instant, day_end
from validator.intake import text_digest
from validator.interpreter import Options, judge_record, judge_some
from validator.limits import DEFAULT, Limits
from validator.plain import NotPlainError, PlainNorm, plain_norm, record_struct
from validator.program import Norm, Program
from validator.scribe import Moment, Scribe, settled
from validator.tally import Tally
from validator.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TypeJudge:
    """What judges the records of one type.

    ``others`` are the norms that are not plain, by id; ``standing`` and ``by_event`` (by the number of an event type)
    say which of them may be triggered; ``pairs`` is how many norms there are for a record, plain and others.  A record
    with an event after ``latest`` is for the interpreter.
    """

    record_type: str
    compiled: Compiled
    others: Mapping[str, Norm]
    standing: frozenset[str]
    by_event: Mapping[int, frozenset[str]]
    pairs: int
    latest: dt.datetime

    def count(self, tally: Tally, compliant: int, seen: int, shut: int, waiting: int) -> None:
        """Count what is not told of a record: acts in time, and norms that were not opened, by the reason."""
        tally.compliant += compliant
        opened = seen.bit_count()
        if shut:
            for n in range(len(self.compiled.norms)):
                reason = reason_of(shut, n)
                if reason != REASONS[0] and not seen >> n & 1:
                    tally.reasons[reason] += 1
                    opened += 1
        tally.reasons[REASONS[0]] += self.pairs - waiting - opened
        tally.fired.update(self._ids(seen))

    def _ids(self, norms: int) -> Iterator[str]:
        return (plain.norm.id for n, plain in enumerate(self.compiled.norms) if norms >> n & 1)


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain record, judged, of which there is something to tell.

    Attributes:
        judge: what judged it.
        record: as it was decoded.
        line: its JSON text, without blanks around it.
        found: the instances that are to be told.
        seen: the norms that were opened, as a set (see `validator.compiler`).
        shut: why others were not.
        waiting: ids of norms that the interpreter is to judge.
        whole: everything is to be told, also norms that were not opened.
    """

    judge: TypeJudge
    record: Any
    line: bytes
    found: list[Found]
    seen: int
    shut: int
    waiting: frozenset[str]
    whole: bool


class CompiledProgram:
    """A program with compiled code for its plain norms, as of one moment."""

    def __init__(
        self, program: Program, as_of: Instant, options: Options, context: Context, limits: Limits = DEFAULT
    ) -> None:
        self.program, self.as_of, self.options, self.context, self.limits = program, as_of, options, context, limits
        self._until = as_time(as_of)
        types = program.vocabulary.record_types()
        self._judges = {name: self._judge_of(name) for name in types}
        judges = self._judges.items()
        record: Any = reduce(or_, (record_struct(program.vocabulary, t, j.compiled.codes) for t, j in judges))
        self._by_type = tuple(self._judges.values())
        self._decode = msgspec.json.Decoder(record).decode
        self._encode_into = msgspec.json.Encoder().encode_into
        self._buffer = bytearray()
        self._scribe = self.scribe()
        self._types = tuple(program.vocabulary.events.values())

    def _judge_of(self, record_type: str) -> TypeJudge:
        program = self.program
        chosen = [n for n in program.by_record_type.get(record_type, ()) if self.options.selects(n)]
        plain, others = _sifted(program, chosen)
        numbers = {name: number for number, name in enumerate(program.vocabulary.events)}
        by_event = {
            numbers[name]: frozenset(n.id for n in norms) & others.keys()
            for (kind, name), norms in program.by_event.items()
            if kind == record_type and name in numbers
        }
        compiled = compile_type(program, record_type, plain, in_force=self.options.assume_in_force)
        return TypeJudge(
            record_type,
            compiled,
            others,
            frozenset(n.id for n in program.standing.get(record_type, ())) & others.keys(),
            {number: ids for number, ids in by_event.items() if ids},
            len(plain) + len(others),
            min(self._until, compiled.latest),
        )

    def scribe(self) -> Scribe:
        """Return what writes the findings of records."""
        return Scribe(self.program, self.as_of, assume_in_force=self.options.assume_in_force)

    def sources(self) -> Iterator[tuple[str, str]]:
        """Yield the compiled code by record type."""
        for name, judge in self._judges.items():
            yield name, judge.compiled.source

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
        for plain in [plain for _, plain in self.run((line,), tally, whole=all_findings)]:
            return self.tell(plain, read, tally)
        return []

    def tell(self, plain: Plain | None, read: Callable[[], Timeline], tally: Tally) -> list[Finding]:
        """Return the findings of a record of which there is something to tell; None: it is not plain.

        ``read`` reads it for the interpreter; what it raises goes through.
        """
        if plain is not None:
            return self._findings(plain, read)
        timeline = read()
        tally.interpreted += self._judges[timeline.record_type].pairs
        return judge_record(self.program, timeline, self.as_of, context=self.context, options=self.options)

    def run(self, lines: Iterable[bytes], tally: Tally, *, whole: bool) -> Iterator[tuple[int, Plain | None]]:
        """Judge records and yield of which there is something to tell, by place; None: it is not plain.

        Args:
            lines: records as JSON.
            tally: counts what is not to be told.
            whole: tell everything.
        """
        by_type = self._by_type
        for place, text in enumerate(lines):
            line = text.strip(BLANKS)
            record = self._decoded(line)
            if record is None:
                yield place, None
                continue
            judge = by_type[record.number]
            run = judge.compiled.judge_all if whole else judge.compiled.judge
            found: list[Found] = []
            try:
                compliant, seen, shut, left = run(record, judge.latest, found)
                if left and not whole:  # what was counted of a norm that is left can't be told from the rest
                    found = []
                    _, seen, shut, left = judge.compiled.judge_all(record, judge.latest, found)
            except (Slow, OverflowError):  # not plain in fact, or near the end of time
                yield place, None
                continue
            waiting = self._waiting(judge, record, left) if left or judge.others else frozenset()
            tally.interpreted += len(waiting)
            tally.compiled += judge.pairs - len(waiting)
            everything = whole or left != 0
            if not everything:
                judge.count(tally, compliant, seen, shut, len(waiting))
            if found or everything or waiting:
                yield place, Plain(judge, record, line, found, seen, shut, waiting, everything)

    def _decoded(self, line: bytes) -> Any:
        """Return a plain record that is proved to say all that the line says: no key stands in it twice."""
        if b"\\" in line or b"." in line or len(line) > self.limits.line_bytes:
            return None
        try:
            record = self._decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the strict reader says what is wrong
            return None
        buffer = self._buffer
        self._encode_into(record, buffer)
        # The decoder also takes times in forms that the strict reader refuses, or that findings tell as they stand.
        if buffer.count(b"T") != line.count(b"T") or line.count(b'+08:00"') != len(record.events):
            return None
        # Now nothing is read from fewer bytes than it is written with: a line of the same length has no name twice, and
        # neither has one with as many quotes, for there are no escapes.
        if len(buffer) != len(line) and buffer.count(b'"') != line.count(b'"'):
            return None
        known = record.known_until
        if known is not None and day_end(known.toordinal()) < self.as_of:
            return None
        return record if record.id.strip() and len(record.events) <= self.limits.events else None

    def _findings(self, plain: Plain, read: Callable[[], Timeline]) -> list[Finding]:
        judge, record = plain.judge, plain.record
        norms = judge.compiled.norms
        scribe = self._scribe.about(record.id, judge.record_type, text_digest(plain.line))
        findings = [self.finding(scribe, plain, f) for f in plain.found if norms[f[2]].norm.id not in plain.waiting]
        if plain.whole:
            findings += [
                scribe.untriggered(norm, reason_of(plain.shut, n))
                for n, norm in enumerate((*(p.norm for p in norms), *judge.others.values()))
                if not plain.seen >> n & 1 and norm.id not in plain.waiting
            ]
        if plain.waiting:
            findings += judge_some(
                self.program, read(), self.as_of, plain.waiting, context=self.context, options=self.options
            )
        return settled(findings)

    @staticmethod
    def _waiting(judge: TypeJudge, record: Any, left: int) -> frozenset[str]:
        """Return the norms that the interpreter is to judge."""
        found = judge.standing
        if left:
            found |= {plain.norm.id for n, plain in enumerate(judge.compiled.norms) if left >> n & 1}
        for number in {e.number for e in record.events} & judge.by_event.keys():
            found |= judge.by_event[number]
        return found

    def finding(self, scribe: Scribe, plain: Plain, found: Found) -> Finding:
        """Make the finding of an instance in the record that a scribe is about."""
        entity, _, n, event, answer = found
        norm, ends = plain.judge.compiled.norms[n].norm, plain.judge.compiled.ends[n]
        opening = self._moment(plain.record, event)
        if ends is None:
            return scribe.certain(norm, entity, opening, Verdict.COMPLIANT if answer else Verdict.BREACHED)
        end = ends.of(event.at)
        answered = None if answer is None else self._moment(plain.record, answer)
        return scribe.certain(norm, entity, opening, self.verdict(end[0], answer), (ends.period, end[1]), answered)

    def verdict(self, end: dt.datetime, answer: Any) -> Verdict:
        """Return the verdict on a term by its end and the event that answers it."""
        if answer is None:
            return Verdict.BREACHED if self._until > end else Verdict.PENDING
        return Verdict.LATE if answer.at > end else Verdict.COMPLIANT

    def event_key(self, event: Any, written: str) -> str:
        """Return the part of an event in the keys of instances; ``written`` is its time as it is written."""
        return f"{self._types[event.number].name}@{written}" if event.id is None else event.id

    def _moment(self, record: Any, event: Any) -> Moment:
        written = event.at.isoformat()
        index = next(i for i, e in enumerate(record.events) if e is event)
        return Moment(f"/events/{index}", self.event_key(event, written), as_instant(event.at), written)


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
