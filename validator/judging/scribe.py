"""Writes findings: what the report says of an instance and its outcome, and what counts as one breach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from validator.expressions.memory import Evidence
from validator.facts.timeline import Event, Upstream
from validator.facts.values import Causes
from validator.judging.clock import Term
from validator.judging.finding import VIOLATIONS, Finding, IdBeginning, Lateness, Verdict, verdict_of
from validator.judging.instance import Instance
from validator.judging.outcome import PENDING, Outcome
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.deadline import Due, Period
from validator.legal_time.instant import (
    BEGIN,
    END,
    LAST,
    NEVER,
    Instant,
    Interval,
    day_of,
    day_start,
    format_day,
    format_instant,
)
from validator.legal_time.watched import Watched, plain
from validator.rules.program import Norm, Program

_NOBODY = (None, None, None)
"""Evidence of a fact for which nobody vouches, behind its place."""

_OPEN_VERDICTS = (Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW)


class Moment(NamedTuple):
    """An event at a moment or on a day: its JSON pointer, its part of an instance key, when, as written, as told."""

    pointer: str
    key: str
    at: Interval
    written: str
    told: str


class TermTexts(NamedTuple):
    """The end of a term as findings tell it: its day, its end, and its last instant in time."""

    day: str
    due: str
    end: str


@lru_cache(1 << 12)
def term_texts(end: Due) -> TermTexts:
    """Write the end of a term; most are those of a few years."""
    return TermTexts(format_day(end.day), _due_text(end.instant), format_instant(end.instant))


def certain_key(norm: Norm, entity: str, opening: str) -> str:
    """Return the key of an instance of which all is certain; ``opening`` is the part of the event that opened it."""
    return f"{norm.id}:{entity}:{opening}"


class Scribe:
    """Writes the findings of one record after the other, as of one moment.

    Attributes:
        record: id of the record.
        record_type: its type.
        written_as_of: the moment, as it is written.
        today: its day, as it is written.
    """

    def __init__(self, program: Program, as_of: Instant, *, assume_in_force: bool) -> None:
        self.as_of, self._told_at = as_of, plain(as_of)
        self.written_as_of, self.today = format_instant(self._told_at), format_day(day_of(self._told_at))
        self._calendar, self._digest, self._in_force = program.calendar, program.digest, assume_in_force
        self._so_many: dict[int, Lateness] = {}  # days up to the moment, by the day on which they begin
        self.record = self.record_type = ""
        self._begun: IdBeginning | None = None

    def about(self, record: str, record_type: str, digest: str) -> Scribe:
        """Turn to a record."""
        self.record, self.record_type, self.digest = record, record_type, digest
        return self

    @property
    def digest(self) -> str:
        """The digest of the record."""
        return self._record_digest

    @digest.setter
    def digest(self, digest: str) -> None:
        self._record_digest, self._begun = digest, None

    def untriggered(self, norm: Norm, reason: str) -> Finding:
        """Return the finding of a norm that has no instance."""
        key = f"{norm.id}:-"
        return Finding(
            self.record, self.record_type, norm.article, norm.id, key, Verdict.NOT_TRIGGERED, norm.level, norm.title,
            reason=reason, as_of=self.written_as_of, finding_id=self.id_of(key),
            order=(self.record, "", NEVER, key),
        )  # fmt: skip

    def id_of(self, key: str | bytes) -> str:
        """Return the id of the record's finding about an instance; ``key`` as text or in UTF-8."""
        if self._begun is None:
            self._begun = IdBeginning(self._digest, self.digest, self.written_as_of)
        return self._begun.id_of(key if isinstance(key, bytes) else key.encode())

    def assumes(self, norm: Norm, start: Instant) -> bool:
        """Say whether an instance is judged though it started before its norm was in force."""
        return self._in_force and start < norm.effective.start

    def lateness(self, since: Instant, until: Instant | None = None) -> Lateness:
        """Return the days from one instant to another, or to the moment of judgement."""
        return self._so_far(since) if until is None else _lateness(self._calendar, since, until)

    def _so_far(self, since: Instant, *, at_least: bool = False) -> Lateness:
        found = self.days_since(day_of(max(since, 0)))
        return Lateness(found.working_days, found.calendar_days, at_least, since)

    def days_since(self, day: int) -> Lateness:
        """Return the days from a day to that of the moment of judgement."""
        found = self._so_many.get(day)
        if found is None:  # most are those of some years
            found = self._so_many[day] = _lateness(self._calendar, day_start(day), self._told_at)
        return found

    def certain(
        self, norm: Norm, entity: str, opening: Moment, verdict: Verdict,
        term: tuple[Period, Due] | None = None, answer: Moment | None = None, *, assumed: bool = False,
    ) -> Finding:  # fmt: skip
        """Return the finding of an instance of which all is certain: as `finding` would, in a fraction of its time.

        Args:
            norm: reached within a term, or (no ``term``) judged at its trigger.
            entity: its subject.
            opening: what opened it.
            verdict: compliant, late, breached or pending.
            term: the period and its end, within the year 9999.
            answer: what reached it.
            assumed: it rests on the presumption about the order within a day.
        """
        key = certain_key(norm, entity, opening.key)
        start, violated, ends = opening.at.lo, verdict in VIOLATIONS, {}
        decided: Moment | None = opening
        if term is not None:
            period, end = term
            decided = None if verdict is Verdict.PENDING else answer
            ends = self._ends_of(verdict, start, period, end, answer)
        rolled, provisional = (False, False) if term is None else (term[1].rolled, term[1].provisional)
        flags = (("rolled", rolled), ("provisional", provisional), ("assumed_in_force", self.assumes(norm, start)))
        return Finding(
            self.record, self.record_type, norm.article, norm.id, key, verdict, norm.level, norm.title,
            {norm.subject: entity}, trigger=opening.pointer, started=opening.written,
            decided=() if decided is None else (decided.pointer,),
            decided_at="" if decided is None else decided.told,
            breach_at=(opening.told if term is None else term_texts(end).end) if violated else "",
            flags=tuple(name for name, holds in flags if holds), counts_with=norm.counts_with,
            assumed=("same_day",) if assumed else (), as_of=self.written_as_of, finding_id=self.id_of(key),
            order=(self.record, entity, opening.at, key),
            **ends,
        )  # fmt: skip

    def _ends_of(
        self, verdict: Verdict, start: Instant, period: Period, end: Due, answer: Moment | None
    ) -> dict[str, Any]:
        texts = term_texts(end)
        fields: dict[str, Any] = {"period": str(period), "due_day": texts.day, "due": texts.due}
        if verdict is Verdict.LATE and answer is not None:
            fields["late_by"] = self.lateness(end.instant, answer.at.lo)
        elif verdict is Verdict.BREACHED:
            fields["late_by"] = self.lateness(end.instant)
        elif verdict is Verdict.PENDING:
            fields["elapsed"] = self.lateness(start)
        return fields

    def finding(self, instance: Instance, outcome: Outcome, evidence: frozenset[Evidence], *, assumed: bool) -> Finding:
        """Return the finding of an instance and its outcome."""
        norm = instance.norm
        causes = outcome.causes
        verdict = verdict_of(outcome.possible, judgement=bool(causes) and any(c.kind == "judgement" for c in causes))
        if norm.kind == "declaratory" and verdict is not Verdict.COMPLIANT:
            verdict = Verdict.NEEDS_REVIEW
        open_verdict = verdict in _OPEN_VERDICTS
        *_, last = ("", *instance.entities.values())
        finding = Finding(
            self.record, self.record_type, norm.article, norm.id, instance.key, verdict, norm.level,
            norm.title, dict(instance.entities),
            trigger="" if instance.event is None else instance.event.pointer,
            started=_written(instance.start, instance.event),
            could_be=tuple(sorted(outcome.possible)) if open_verdict else (),
            question=norm.question if open_verdict else None,
            assumed=("same_day",) if assumed else (),
            counts_with=norm.counts_with,
            version=norm.version,
            times=outcome.times,
            evidence=tuple(_evidence_json(e) for e in sorted(evidence, key=str)) if evidence else (),
            unattested=tuple(sorted(e.pointer for e in evidence if e[1:] == _NOBODY)) if evidence else (),
            reviews=tuple(e.pointer for e in outcome.reviews) if outcome.reviews else (),
            as_of=self.written_as_of,
            finding_id=self.id_of(instance.key),
            order=(self.record, "?" if last is None else last, instance.start, instance.key),
            flags=self._flags(verdict, instance, outcome),
            **_causes_of(outcome.causes, open_verdict=open_verdict, decided=len(outcome.possible) == 1),
            **_grounds_of(verdict, outcome, open_verdict=open_verdict),
            **self._times_of(verdict, instance, outcome),
        )  # fmt: skip
        if isinstance(self.as_of, Watched):
            finding.until_now = tuple(self._until_now(finding, instance, outcome))
        return finding

    def _until_now(self, finding: Finding, instance: Instance, outcome: Outcome) -> Iterator[str]:
        """Yield which times are told with the day of the moment at their end, for they end with it."""
        times = {"started": instance.start, "decided_at": outcome.decided_at, "breach_at": outcome.breach}
        for name, at in times.items():
            is_now = at is not None and isinstance(at.hi, Watched) and at.hi.is_moment
            if is_now and getattr(finding, name).endswith(f"..{self.today}"):
                yield name

    def _flags(self, verdict: Verdict, instance: Instance, outcome: Outcome) -> tuple[str, ...]:
        term, found = outcome.term, []
        if verdict is Verdict.PENDING:
            found += ["suspended"] if term is not None and term.stopped else []
            found += ["holding"] if outcome.holding else []
        if outcome.open_ended:
            found.append("open_ended")
        if term is not None:
            found += ["rolled"] if term.rolled else []
            found += ["provisional"] if term.provisional else []
        if self._in_force and _before_force(instance):
            found.append("assumed_in_force")
        return tuple(found)

    def _times_of(self, verdict: Verdict, instance: Instance, outcome: Outcome) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if outcome.decided and verdict is not Verdict.PENDING:
            fields["decided"] = tuple(e.pointer for e in outcome.decided)
        if outcome.decided_at is not None and (verdict in VIOLATIONS or verdict is Verdict.COMPLIANT):
            fields["decided_at"] = interval_text(outcome.decided_at)
        if verdict in VIOLATIONS and outcome.breach is not None:
            fields["breach_at"] = interval_text(outcome.breach)
        if outcome.term is not None:
            fields |= self._term_fields(verdict, instance, outcome, outcome.term)
        return fields

    def _term_fields(self, verdict: Verdict, instance: Instance, outcome: Outcome, term: Term) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if term.period is not None:
            fields["period"] = str(term.period)
        if BEGIN < term.early <= LAST and not (term.period is None and term.late >= END):
            fields["due_day"], fields["due"] = format_day(day_of(term.early)), _due_text(term.early)
            if term.late != term.early:
                fields["due_latest"] = _due_text(term.late) if term.late <= LAST else "open"
        if verdict is Verdict.LATE and outcome.decided_at is not None:
            done = outcome.decided_at
            at_least = term.early < term.late or day_of(done.lo) < day_of(done.hi)
            fields["late_by"] = _lateness(self._calendar, term.late, done.lo, at_least=at_least)
        elif verdict is Verdict.BREACHED and term.late <= self.as_of:
            fields["late_by"] = self._so_far(term.late, at_least=term.early < term.late)
        if PENDING in outcome.possible and BEGIN < instance.start.lo <= self.as_of:
            fields["elapsed"] = self._so_far(instance.start.lo)
        return fields


def _before_force(instance: Instance) -> bool:
    return instance.start.lo < instance.norm.effective.start


def _written(start: Interval, event: Event | None) -> str:
    """Write a start as the record writes it; of a chain, the instant: what opens it stands in no record."""
    if event is not None and event.at == start and not isinstance(event, Upstream):
        return event.written
    return interval_text(start)


def interval_text(at: Interval) -> str:
    """Write an interval: an instant, a day, or both ends."""
    if at.lo == at.hi:
        return format_instant(at.lo) if BEGIN < at.lo <= LAST else "unknown"
    if at.lo > BEGIN and at.hi <= LAST and not _is_longer(at):
        return format_day(day_of(at.hi))
    low = format_day(day_of(at.lo)) if BEGIN < at.lo <= LAST else ""
    high = format_day(day_of(plain(at.hi))) if BEGIN < at.hi <= LAST else ""
    return f"{low}..{high}"


def _is_longer(at: Interval) -> bool:
    """Say whether an interval is longer than a day; one that ends with the moment of judgement is so ever after."""
    return day_of(at.lo) < day_of(plain(at.hi))


@lru_cache(1 << 12)
def _due_text(instant: Instant) -> str:
    """Write the instant at which a term ends: 24:00 of its day for day clocks, the exact instant for hour clocks."""
    return format_instant(instant + 1 if (instant + 1) % 1_000_000 == 0 else instant)


def _lateness(calendar: WorkCalendar, since: Instant, until: Instant, *, at_least: bool = False) -> Lateness:
    first, last = day_of(max(since, 0)), day_of(max(min(until, LAST), 0))
    working = calendar.working_days_between(first, last) if last > first else 0
    return Lateness(working, max(last - first, 0), at_least)


def _causes_of(causes: Causes, *, open_verdict: bool, decided: bool) -> dict[str, Any]:
    """Sort causes into what is missing, what somebody must decide, which date would settle it - or what is moot."""
    if not causes or (decided and not open_verdict):
        return {}
    if not open_verdict:
        return {"moot": tuple(sorted({c.what for c in causes}))}
    by_kind: dict[str, list[str]] = {"data": [], "judgement": [], "time": []}
    for cause in causes:
        by_kind[cause.kind].append(cause.what)
    data, judgement, time = (tuple(sorted(found)) for found in by_kind.values())
    return {"missing": data, "asks": judgement, "would_settle": time}


def _grounds_of(verdict: Verdict, outcome: Outcome, *, open_verdict: bool) -> dict[str, Any]:
    """Name the exception that excuses, or may; one that came too late; and what would be the verdict without it."""
    fields: dict[str, Any] = {}
    excused = verdict is Verdict.EXCUSED
    ground = outcome.ground if excused or (open_verdict and "excused" in outcome.possible) else None
    if ground is not None:
        fields["ground"], fields["ground_basis"] = ground.label, ground.basis
    if outcome.later_ground is not None:
        fields["later_ground"] = outcome.later_ground.label
    if excused and outcome.underlying:
        fields["underlying"] = str(verdict_of(outcome.underlying, judgement=False))
    return fields


def _evidence_json(evidence: Evidence) -> dict[str, str]:
    on = None if evidence.on is None else format_day(day_of(evidence.on.lo))
    told = {"pointer": evidence.pointer, "by": evidence.by, "on": on, "document": evidence.document}
    return {k: v for k, v in told.items() if v is not None}


# -- counting breaches -------------------------------------------------------------------------------------------------
def settled(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of one record in their order, breaches by one omission grouped."""
    return _counted_once(sorted(findings, key=attrgetter("order")))


def _counted_once(findings: list[Finding]) -> list[Finding]:
    """Group violations by one omission: same entities, joined by counts_with, overlapping; the earliest leads."""
    leaders: dict[str, list[tuple[int, Finding]]] = {}  # by norm, each with its place among all
    counted: dict[str, str] = {}
    ordered = sorted((f for f in findings if f.verdict in VIOLATIONS), key=lambda f: (f.breach_at, f.norm, f.key))
    for place, finding in enumerate(ordered):
        likely = (pair for norm in set(finding.counts_with) for pair in leaders.get(norm, ()))
        found = min(((p, o) for p, o in likely if _same_omission(o, finding)), key=itemgetter(0), default=None)
        if found is None:
            leaders.setdefault(finding.norm, []).append((place, finding))
        else:
            counted[finding.key] = found[1].finding_id
    return [replace(f, counted_with=counted[f.key]) if f.key in counted else f for f in findings]


def _same_omission(leader: Finding, other: Finding) -> bool:
    if leader.entities != other.entities:
        return False
    return _first_day(leader) <= other.breach_at[:10] and _first_day(other) <= leader.breach_at[:10]


def _first_day(finding: Finding) -> str:
    """Return the day of the earliest start, Beijing; ``started`` may be written with another offset, or as no day."""
    return format_day(day_of(finding.order[2].lo))
