"""Tells what compiled code found: the findings of plain records, as the interpreter would write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from validator.compiling.dating import Dated
from validator.compiling.decoding import IGNORED
from validator.compiling.judges import TypeJudge
from validator.compiling.results import Found, reason_of
from validator.compiling.runtime import as_instant, as_time
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import Options, judge_some
from validator.judging.scribe import Moment, Scribe, settled
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant, Interval, day_end, day_of
from validator.reading.intake import text_digest
from validator.rules.program import Program

COMPLIANT, LATE, BREACHED, PENDING = Verdict.COMPLIANT, Verdict.LATE, Verdict.BREACHED, Verdict.PENDING
"""What compiled code can find; by these names a verdict is at hand in a third of the time."""


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
        counted: it is counted as judged; else the strict reader or the interpreter may still refuse it.
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
    counted: bool = True

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


class Telling:
    """Makes the findings of plain records, as of one moment.

    Attributes:
        as_of: the moment.
        assume_in_force: whether norms count as in force before their issue.
        event_types: the names of the event types, by their numbers.
    """

    def __init__(self, program: Program, as_of: Instant, options: Options, context: Context) -> None:
        """Know the rules, the moment of judgement, how to judge, and the other records."""
        self.as_of, self.assume_in_force = as_of, options.assume_in_force
        self._program, self._options, self._context, self._until = program, options, context, as_time(as_of)
        self._scribes: dict[Instant, Scribe] = {}
        self.event_types = tuple(program.vocabulary.events)

    def scribe(self, as_of: Instant | None = None) -> Scribe:
        """Return what writes findings, as of the moment or, for a record that ends before it, an earlier one."""
        return Scribe(self._program, self.as_of if as_of is None else as_of, assume_in_force=self.assume_in_force)

    def findings(self, plain: Plain, read: Callable[[], Timeline], silent: Tally | None) -> list[Finding]:
        """Return the findings of a record.

        Args:
            plain: as it was judged.
            read: reads it for the interpreter; what it raises goes through.
            silent: counts what is not returned; None: everything is.

        Raises `TooMuchWork` if the interpreter's part of it may be too much for the whole.
        """
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
            fewer = replace(timeline, steps=timeline.steps // 2)  # as many are for what compiled code judges
            findings += judge_some(
                self._program, fewer, self.as_of, plain.waiting, context=self._context, options=self._options,
                tally=silent,
            )  # fmt: skip
        return settled(findings)

    def _scribe_as_of(self, as_of: Instant) -> Scribe:
        """Return what writes findings as of a moment, which is earlier for records that end before."""
        if as_of not in self._scribes:
            self._scribes[as_of] = self.scribe(as_of)
        return self._scribes[as_of]

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

    def _moment(self, plain: Plain, event: Any) -> Moment:
        written = plain.written(event)
        index = next(i for i, e in enumerate(plain.record.events) if e is event)
        first = as_instant(event.at)
        last = day_end(day_of(first)) if plain.dated is not None and id(event) in plain.dated.days else first
        key = f"{self.event_types[event.number]}@{written}" if event.id is None else event.id
        return Moment(f"/events/{index}", key, Interval(first, last), written, plain.told(event))
