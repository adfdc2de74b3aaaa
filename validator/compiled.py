"""Judges records with compiled code where they are plain, and with the interpreter where they are not.

The findings are those of the interpreter, byte for byte; what need not be reported is counted and not made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from validator.compiler import REASONS, Compiled, Slow, as_instant, as_time, compile_type, period_of
from validator.context import Context
from validator.deadline import due
from validator.finding import Finding, Verdict
from validator.instant import LAST, Instant, day_end
from validator.intake import text_digest
from validator.interpreter import Options, judge_record, judge_some
from validator.limits import DEFAULT, Limits
from validator.plain import NotPlainError, PlainNorm, plain_norm, record_struct
from validator.program import AtTrigger, Norm, Program, Within
from validator.scribe import Moment, Scribe, settled
from validator.tally import Tally
from validator.timeline import Timeline

_Waited = tuple[Any, Any, Any]
"""An opening: entity (None: the record), end of the term, event."""
_Found = tuple[str, _Waited, str, Any]
"""Id of the norm, opening, verdict, event that answers it (None: none)."""


@dataclass(frozen=True, slots=True)
class _TypeJudge:
    """What judges the records of one type.

    ``standing`` and ``by_event`` (by the number of an event type) say which norms that are not plain may be triggered;
    ``pairs`` is how many norms there are for a record, plain and others.
    """

    record_type: str
    compiled: Compiled
    others: frozenset[str]
    standing: frozenset[str]
    by_event: Mapping[int, frozenset[str]]
    pairs: int


class CompiledProgram:
    """A program with compiled code for its plain norms, as of one moment."""

    def __init__(
        self, program: Program, as_of: Instant, options: Options, context: Context, limits: Limits = DEFAULT
    ) -> None:
        self.program, self.as_of, self.options, self.context, self.limits = program, as_of, options, context, limits
        types = program.vocabulary.record_types()
        self._judges = {name: self._judge_of(name) for name in types}
        judges = self._judges.items()
        record: Any = reduce(or_, (record_struct(program.vocabulary, t, j.compiled.codes) for t, j in judges))
        self._by_type = tuple(self._judges.values())
        self._decode = msgspec.json.Decoder(record).decode
        self._encode_into = msgspec.json.Encoder().encode_into
        self._buffer = bytearray()
        self._until = as_time(as_of)
        self._scribe = Scribe(program, as_of, assume_in_force=options.assume_in_force)
        self._types = tuple(program.vocabulary.events.values())

    def _judge_of(self, record_type: str) -> _TypeJudge:
        program = self.program
        chosen = [n for n in program.by_record_type.get(record_type, ()) if self.options.selects(n)]
        plain, others = _sifted(program, chosen)
        numbers = {name: number for number, name in enumerate(program.vocabulary.events)}
        by_event = {
            numbers[name]: frozenset(n.id for n in norms) & others
            for (kind, name), norms in program.by_event.items()
            if kind == record_type and name in numbers
        }
        return _TypeJudge(
            record_type,
            compile_type(program, record_type, plain.values(), in_force=self.options.assume_in_force),
            others,
            frozenset(n.id for n in program.standing.get(record_type, ())) & others,
            {number: ids for number, ids in by_event.items() if ids},
            len(plain) + len(others),
        )

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
            line: the record as JSON, without blanks around it.
            read: reads it for the interpreter; what it raises goes through.
            tally: counts what is not returned.
            all_findings: return everything.
        """
        record = self._decoded(line)
        if record is not None:
            judge = self._by_type[record.number]
            try:
                if all_findings:
                    return self._every(judge, record, line, read, tally)
                return self._reported(judge, record, line, read, tally)
            except (Slow, OverflowError):  # not plain in fact, or near the end of time
                pass
        timeline = read()
        found = judge_record(self.program, timeline, self.as_of, context=self.context, options=self.options)
        tally.interpreted += self._judges[timeline.record_type].pairs
        return found

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

    def _reported(
        self, judge: _TypeJudge, record: Any, line: bytes, read: Callable[[], Timeline], tally: Tally
    ) -> list[Finding]:
        """Return what is to be reported, and count the rest."""
        found, opened, shut, left, compliant = self._run(judge.compiled.judge, record)
        if left:  # what was counted of a norm that is left can't be told from the rest
            return self._every(judge, record, line, read, tally)
        findings: list[Finding] = []
        if found:
            self._scribe.about(record.id, judge.record_type, text_digest(line))
            findings = self._findings(judge, record, found)
        waiting = 0
        if judge.others:
            norms = self._waiting(judge, record, left)
            waiting = len(norms)
            if norms:
                findings += self._interpreted(read(), norms)
        tally.compliant += compliant
        tally.fired.update(opened)
        tally.interpreted += waiting
        tally.compiled += judge.pairs - waiting
        if shut:
            shut = {norm: reason for norm, reason in shut.items() if norm not in opened}
            for reason in shut.values():
                tally.reasons[REASONS[reason]] += 1
        tally.reasons[REASONS[0]] += judge.pairs - waiting - len(opened) - len(shut)
        return settled(findings) if findings else findings

    def _every(
        self, judge: _TypeJudge, record: Any, line: bytes, read: Callable[[], Timeline], tally: Tally
    ) -> list[Finding]:
        """Return all findings."""
        found, opened, shut, left, _ = self._run(judge.compiled.judge_all, record)
        waiting = self._waiting(judge, record, left)
        scribe = self._scribe.about(record.id, judge.record_type, text_digest(line))
        findings = self._findings(judge, record, [f for f in found if f[0] not in left])
        findings += [
            scribe.untriggered(self.program.by_id[norm][0], REASONS[shut.get(norm, 0)])
            for norm in (*judge.compiled.norms, *sorted(judge.others))
            if norm not in waiting and norm not in opened
        ]
        if waiting:
            findings += self._interpreted(read(), waiting)
        tally.interpreted += len(waiting)
        tally.compiled += judge.pairs - len(waiting)
        return settled(findings)

    def _run(
        self, function: Callable[..., int], record: Any
    ) -> tuple[list[_Found], dict[str, bool], dict[str, int], set[str], int]:
        """Call compiled code: what was found, which norms opened, why others did not, which are left, and a count."""
        found: list[_Found] = []
        opened: dict[str, bool] = {}
        shut: dict[str, int] = {}
        left: set[str] = set()
        return found, opened, shut, left, function(record, self._until, found, opened, shut, left)

    def _interpreted(self, timeline: Timeline, norms: Collection[str]) -> list[Finding]:
        return judge_some(self.program, timeline, self.as_of, norms, context=self.context, options=self.options)

    @staticmethod
    def _waiting(judge: _TypeJudge, record: Any, left: set[str]) -> set[str]:
        """Return the norms that the interpreter is to judge."""
        found = left | judge.standing
        for number in {e.number for e in record.events} & judge.by_event.keys():
            found |= judge.by_event[number]
        return found

    # -- findings ------------------------------------------------------------------------------------------------------
    def _findings(self, judge: _TypeJudge, record: Any, found: Iterable[_Found]) -> list[Finding]:
        """Make the findings of what compiled code found in the record that the scribe is about."""
        return [
            self._finding(judge.compiled.norms[n].norm, record, waited, Verdict(verdict), answer)
            for n, waited, verdict, answer in found
        ]

    def _finding(self, norm: Norm, record: Any, waited: _Waited, verdict: Verdict, answer: Any) -> Finding:
        entity, _, event = waited
        whole, opening = record.id if entity is None else entity, self._moment(record, event)
        if isinstance(norm.deadline, AtTrigger):
            return self._scribe.certain(norm, whole, opening, verdict)
        assert isinstance(norm.deadline, Within)  # noqa: S101 - what is not judged at its trigger is plain with this only
        period = period_of(self.program, norm.deadline)
        end = due(opening.instant, period, self.program.calendar, roll=norm.deadline.roll)
        if end.instant > LAST:
            raise Slow
        answered = None if answer is None else self._moment(record, answer)
        return self._scribe.certain(norm, whole, opening, verdict, (period, end), answered)

    def _moment(self, record: Any, event: Any) -> Moment:
        at = event.at
        index = next(i for i, e in enumerate(record.events) if e is event)
        written = at.isoformat()
        key = f"{self._types[event.number].name}@{written}" if event.id is None else event.id
        return Moment(f"/events/{index}", key, as_instant(at), written)


def _sifted(program: Program, norms: Iterable[Norm]) -> tuple[dict[str, PlainNorm], frozenset[str]]:
    """Part the norms that are plain by form from the others, by id."""
    plain = {}
    others = set()
    for norm in norms:
        try:
            plain[norm.id] = plain_norm(program, norm)
        except NotPlainError:
            others.add(norm.id)
    return plain, frozenset(others)
