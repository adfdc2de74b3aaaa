"""The interpreter: what a program means on a record as of an instant.

It is the definition.  Every feature is here, pure and readable; whatever makes batches fast must agree with it byte
for byte.  A verdict is a function of (program, record, context, as_of, options) and of nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from validator.calendar import WorkCalendar
from validator.clock import Term
from validator.conditions import Conditions, Instance
from validator.context import Context
from validator.evaluation import Evaluator, Evidence
from validator.finding import VIOLATIONS, Finding, Lateness, Verdict, finding_id, verdict_of
from validator.instances import Link, Opener, join_holds
from validator.instant import BEGIN, END, LAST, Instant, Interval, day_of, format_day, format_instant
from validator.modes import NOT_TRIGGERED, PENDING, Outcome, Window, judge
from validator.program import Norm, Program
from validator.timeline import Event, Timeline
from validator.values import Causes, Unknown


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge: which norms, whether the lower bound of validity is dropped, whether attestation is required."""

    select: frozenset[str] = frozenset()
    assume_in_force: bool = False
    require_attestation: bool = False

    def selects(self, norm: Norm) -> bool:
        """Say whether a norm is selected: by record id, norm id, or article (``A13``)."""
        return not self.select or bool(self.select & {norm.id, norm.norm, f"A{norm.article}"})


@dataclass(slots=True)  # not frozen: a frozen one is made at a third of the speed
class Judged:
    """One instance with its outcome: what `explain` shows step by step."""

    instance: Instance
    outcome: Outcome
    finding: Finding
    conditions: Conditions = field(compare=False)


DEFAULT_OPTIONS = Options()
_OPEN_VERDICTS = frozenset({Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW})


def judge_record(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Finding]:
    """Return all findings of one record, in the order of entity, start and key; breaches by one omission are grouped.

    A norm without an instance gives one finding ``not_triggered`` with its reason.
    """
    return settled(j.finding for j in _judge_all(program, timeline, as_of, context or {}, options))


def judge_some(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    norms: Collection[str],
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Finding]:
    """Return the findings of the norm records with these ids, not yet `settled`."""
    return [j.finding for j in _judge_all(program, timeline, as_of, context or {}, options, norms)]


def settled(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of one record in their order, breaches by one omission grouped."""
    return _counted_once(sorted(findings, key=lambda f: f.order))


class Scribe:
    """Makes findings of a record for which it is known otherwise what became of its norms."""

    def __init__(self, program: Program, timeline: Timeline, as_of: Instant, options: Options) -> None:
        self._judge = _RecordJudge(program, timeline, as_of, {}, options)

    def finding(self, instance: Instance, outcome: Outcome) -> Finding:
        """Return the finding of an instance."""
        return self._judge.finding(instance, outcome, frozenset(), assumed=False)

    def untriggered(self, norm: Norm, reason: str) -> Finding:
        """Return the finding of a norm that has no instance."""
        return self._judge.untriggered(norm, reason).finding


def judge_norm(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    norm_id: str,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Judged]:
    """Judge the versions of one norm record and keep what the judgement rested on (for `explain`)."""
    chosen = replace(options, select=frozenset({norm_id}))
    return list(_judge_all(program, timeline, as_of, context or {}, chosen))


def _judge_all(
    program: Program, timeline: Timeline, as_of: Instant, context: Mapping[tuple[str, str], Timeline],
    options: Options, only: Collection[str] | None = None,
) -> Iterator[Judged]:  # fmt: skip
    if timeline.known_until is not None:
        as_of = min(as_of, timeline.known_until)
    judge_of = _RecordJudge(program, timeline, as_of, context, options)
    possible = _triggerable(program, timeline)
    versions: dict[str, list[Norm]] = {}
    for norm in program.by_record_type.get(timeline.record_type, ()):
        if options.selects(norm) and (only is None or norm.id in only):
            versions.setdefault(norm.id, []).append(norm)
    for norms in versions.values():
        found: list[Judged] = []
        reason = "never_happened"
        for norm in norms:
            if id(norm) in possible:
                judged, reason = judge_of.norm(norm)
                found.extend(judged)
        yield from found or [judge_of.untriggered(norms[0], reason)]


def _triggerable(program: Program, timeline: Timeline) -> set[int]:
    """Return the identities of the norms that the record's events, or nothing but time, may trigger."""
    found = {id(n) for n in program.standing.get(timeline.record_type, ())}
    for name in timeline.by_type:
        found.update(id(n) for n in program.by_event.get((timeline.record_type, name), ()))
    return found


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """The judged instances of a norm, why there are none, and whether a tie was read in somebody's favour."""

    judged: list[tuple[Instance, Outcome, frozenset[Evidence]]]
    reason: str
    presumed: bool


class _RecordJudge:
    """Judges norms on one record, under the presumption about ties and without it."""

    def __init__(
        self, program: Program, timeline: Timeline, as_of: Instant, context: Mapping[tuple[str, str], Timeline],
        options: Options,
    ) -> None:  # fmt: skip
        self.program, self.timeline, self.as_of, self.options = program, timeline, as_of, options
        evaluator = Evaluator(
            program.vocabulary, program.derived, program.calendar, timeline, as_of, Context.of(context),
            require_attestation=options.require_attestation, assume_in_force=options.assume_in_force,
        )  # fmt: skip
        evaluator.in_order = evaluator.choice("same_day", as_of, "in_order") == "in_order"
        self.as_presumed = Conditions(evaluator)
        self.without = Conditions(evaluator.without_presumption())
        self.written_as_of = format_instant(as_of)
        self._known: dict[tuple[int, int], _Outcomes] = {}

    def norm(self, norm: Norm) -> tuple[list[Judged], str]:
        """Judge one norm version: its findings, or why there are none."""
        found = self._outcomes(self.as_presumed, norm)
        other = {}
        if found.presumed and found.judged:
            other = {i.key: o for i, o, _ in self._outcomes(self.without, norm).judged}
        judged = []
        for instance, outcome, evidence in found.judged:
            assumed = found.presumed and _changed(outcome, other.get(instance.key))
            finding = self.finding(instance, outcome, evidence, assumed=assumed)
            judged.append(Judged(instance, outcome, finding, self.as_presumed))
        return judged, found.reason

    def _outcomes(self, conditions: Conditions, norm: Norm) -> _Outcomes:
        """Judge the instances of a norm once, under one reading of ties."""
        key = (id(conditions), id(norm))
        if key not in self._known:
            evaluator = conditions.evaluator
            outer, evaluator.evidence = evaluator.evidence, set()
            presumed, evaluator.presumed = evaluator.presumed, False
            self._known[key] = self._judge(conditions, norm)
            evaluator.evidence, evaluator.presumed = outer, presumed or evaluator.presumed
        return self._known[key]

    def _judge(self, conditions: Conditions, norm: Norm) -> _Outcomes:
        evaluator = conditions.evaluator
        opened = Opener(conditions, lambda name: self._links(conditions, name)).open(norm)
        instances: Iterable[Instance] = opened.instances
        if norm.mode == "hold":
            instances = join_holds(
                instances, lambda i, e: Window(conditions, i).contains(e), in_order=evaluator.in_order
            )  # fmt: skip
        triggered = frozenset(evaluator.evidence)
        found = []
        for instance in instances:
            evaluator.evidence.clear()
            outcome = judge(conditions, instance)
            if isinstance(instance.opened, Unknown):
                outcome.possible.add(NOT_TRIGGERED)
                outcome.causes |= instance.opened.causes
            if outcome.possible != {NOT_TRIGGERED}:
                found.append((instance, outcome, triggered | frozenset(evaluator.evidence)))
        ranked = opened.same_day and (norm.mode == "hold" or bool(norm.trigger.one_per))
        presumed = evaluator.presumed or (evaluator.in_order and ranked)
        return _Outcomes(found, opened.reason or "ended_on", presumed)

    def _links(self, conditions: Conditions, record: str) -> list[Link]:
        """Return what the instances of an upstream norm became, judged with the same reading of ties."""
        links = []
        for norm in self.program.by_id.get(record, ()):
            found = self._outcomes(conditions, norm)
            conditions.evaluator.presumed |= found.presumed
            links += [_link(instance, outcome) for instance, outcome, _ in found.judged]
        return links

    # -- findings ---------------------------------------------------------------------------------------------------
    def untriggered(self, norm: Norm, reason: str) -> Judged:
        """Return the finding of a norm that has no instance."""
        key = f"{norm.id}:-"
        finding = Finding(
            self.timeline.id, self.timeline.record_type, norm.article, norm.id, key, Verdict.NOT_TRIGGERED,
            norm.level, norm.title, reason=reason, as_of=self.written_as_of, finding_id=self._id(key),
            order=(self.timeline.id, "", Interval(END, END), key),
        )  # fmt: skip
        instance = Instance(norm, {}, Interval(END, END), None, key, opened=False)
        return Judged(instance, Outcome({NOT_TRIGGERED}), finding, self.as_presumed)

    def _id(self, key: str) -> str:
        return finding_id(self.program.digest, self.timeline.digest, self.written_as_of, key)

    def finding(self, instance: Instance, outcome: Outcome, evidence: frozenset[Evidence], *, assumed: bool) -> Finding:
        """Return the finding of an instance and its outcome."""
        norm = instance.norm
        verdict = verdict_of(outcome.possible, judgement=any(c.kind == "judgement" for c in outcome.causes))
        if norm.kind == "declaratory" and verdict is not Verdict.COMPLIANT:
            verdict = Verdict.NEEDS_REVIEW
        open_verdict = verdict in _OPEN_VERDICTS
        names = tuple("?" if i is None else i for i in instance.entities.values())
        return Finding(
            self.timeline.id, self.timeline.record_type, norm.article, norm.id, instance.key, verdict, norm.level,
            norm.title, dict(instance.entities),
            trigger="" if instance.event is None else instance.event.pointer,
            started=_written(instance.start, instance.event),
            could_be=tuple(sorted(outcome.possible)) if open_verdict else (),
            question=norm.question if open_verdict else None,
            assumed=("same_day",) if assumed else (),
            counts_with=norm.counts_with,
            times=outcome.times,
            evidence=tuple(_evidence_json(e) for e in sorted(evidence, key=str)),
            unattested=tuple(sorted(e.pointer for e in evidence if e.by is None and e.on is None)),
            reviews=tuple(e.pointer for e in outcome.reviews),
            as_of=self.written_as_of,
            finding_id=self._id(instance.key),
            order=(self.timeline.id, names[-1] if names else "", instance.start, instance.key),
            flags=self._flags(verdict, instance, outcome),
            **_causes_of(outcome.causes, open_verdict=open_verdict, decided=len(outcome.possible) == 1),
            **_grounds_of(verdict, outcome, open_verdict=open_verdict),
            **self._times_of(verdict, instance, outcome),
        )  # fmt: skip

    def _flags(self, verdict: Verdict, instance: Instance, outcome: Outcome) -> tuple[str, ...]:
        term = outcome.term
        flags = (
            ("suspended", term is not None and term.stopped and verdict is Verdict.PENDING),
            ("holding", outcome.holding and verdict is Verdict.PENDING),
            ("open_ended", outcome.open_ended),
            ("rolled", term is not None and term.rolled),
            ("provisional", term is not None and term.provisional),
            ("assumed_in_force", self.options.assume_in_force and _before_force(instance)),
        )
        return tuple(name for name, holds in flags if holds)

    def _times_of(self, verdict: Verdict, instance: Instance, outcome: Outcome) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if outcome.decided and verdict is not Verdict.PENDING:
            fields["decided"] = tuple(e.pointer for e in outcome.decided)
        if outcome.decided_at is not None and (verdict in VIOLATIONS or verdict is Verdict.COMPLIANT):
            fields["decided_at"] = _when(outcome.decided_at)
        if verdict in VIOLATIONS and outcome.breach is not None:
            fields["breach_at"] = _when(outcome.breach)
        if outcome.term is not None:
            fields |= self._term_fields(verdict, instance, outcome, outcome.term)
        return fields

    def _term_fields(self, verdict: Verdict, instance: Instance, outcome: Outcome, term: Term) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        calendar = self.program.calendar
        if term.period is not None:
            fields["period"] = str(term.period)
        if BEGIN < term.early <= LAST and not (term.period is None and term.late >= END):
            fields["due_day"], fields["due"] = format_day(day_of(term.early)), _due_text(term.early)
            if term.late != term.early:
                fields["due_latest"] = _due_text(term.late) if term.late <= LAST else "open"
        if verdict is Verdict.LATE and outcome.decided_at is not None:
            fields["late_by"] = _lateness(calendar, term.early, outcome.decided_at.hi)
        elif verdict is Verdict.BREACHED and term.early <= self.as_of:
            fields["late_by"] = _lateness(calendar, term.early, self.as_of)
        if PENDING in outcome.possible and BEGIN < instance.start.lo <= self.as_of:
            fields["elapsed"] = _lateness(calendar, instance.start.lo, self.as_of)
        return fields


def _link(instance: Instance, outcome: Outcome) -> Link:
    """Only certain violations open a chain; an open verdict is counted as such."""
    term, reached = outcome.term, outcome.reached
    due: Interval | Unknown | None = None
    if term is not None:
        settled = term.late < END or term.early >= END
        due = Interval(term.early, term.late) if settled else Unknown(term.causes)
    answered = (None, None) if reached is None else (reached.sure, reached.possible)
    violated = bool(outcome.possible) and {Verdict(o) for o in outcome.possible} <= VIOLATIONS
    return Link(instance, violated, len(outcome.possible) > 1 and not violated, due, outcome.breach, answered)


def _changed(outcome: Outcome, other: Outcome | None) -> bool:
    """Say whether reading the ties the other way could change the verdict."""
    return other is None or outcome.possible != other.possible


def _before_force(instance: Instance) -> bool:
    return instance.start.lo < instance.norm.effective.start


def _written(start: Interval, event: Event | None) -> str:
    if event is not None and event.at == start:
        return event.written
    return _when(start)


def _when(at: Interval) -> str:
    """Write an interval: an instant, a day, or both ends."""
    if at.lo == at.hi:
        return format_instant(at.lo) if BEGIN < at.lo <= LAST else "unknown"
    if at.lo > BEGIN and at.hi <= LAST and day_of(at.lo) == day_of(at.hi):
        return format_day(day_of(at.lo))
    low = format_day(day_of(at.lo)) if BEGIN < at.lo <= LAST else ""
    high = format_day(day_of(at.hi)) if BEGIN < at.hi <= LAST else ""
    return f"{low}..{high}"


def _due_text(instant: Instant) -> str:
    """Write the instant at which a term ends: 24:00 of its day for day clocks, the exact instant for hour clocks."""
    return format_instant(instant + 1 if (instant + 1) % 1_000_000 == 0 else instant)


def _lateness(calendar: WorkCalendar, since: Instant, until: Instant) -> Lateness:
    first, last = day_of(max(since, 0)), day_of(max(min(until, LAST), 0))
    return Lateness(calendar.working_days_between(first, last) if last > first else 0, max(last - first, 0))


def _causes_of(causes: Causes, *, open_verdict: bool, decided: bool) -> dict[str, Any]:
    """Sort causes into what is missing, what somebody must decide, which date would settle it - or what is moot."""
    if not causes:
        return {}
    by_kind = {k: tuple(sorted(c.what for c in causes if c.kind == k)) for k in ("data", "judgement", "time")}
    if open_verdict:
        return {"missing": by_kind["data"], "asks": by_kind["judgement"], "would_settle": by_kind["time"]}
    return {} if decided else {"moot": tuple(sorted({*by_kind["data"], *by_kind["judgement"], *by_kind["time"]}))}


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
    return {k: v for k, v in evidence._asdict().items() if v is not None}


# -- counting breaches -------------------------------------------------------------------------------------------------
def _counted_once(findings: list[Finding]) -> list[Finding]:
    """Group violations by one omission: same entities, joined by counts_with, overlapping; the earliest leads."""
    leaders: list[Finding] = []
    counted: dict[str, str] = {}
    ordered = sorted((f for f in findings if f.verdict in VIOLATIONS), key=lambda f: (f.breach_at, f.norm, f.key))
    for finding in ordered:
        leader = next((o for o in leaders if _same_omission(o, finding)), None)
        if leader is None:
            leaders.append(finding)
        else:
            counted[finding.key] = leader.finding_id
    return [replace(f, counted_with=counted[f.key]) if f.key in counted else f for f in findings]


def _same_omission(leader: Finding, other: Finding) -> bool:
    if leader.norm not in other.counts_with or leader.entities != other.entities:
        return False
    return leader.started[:10] <= other.breach_at[:10] and other.started[:10] <= leader.breach_at[:10]


__all__ = ["DEFAULT_OPTIONS", "Judged", "Options", "Scribe", "judge_norm", "judge_record", "judge_some", "settled"]
