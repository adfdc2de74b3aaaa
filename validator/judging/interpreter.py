"""The interpreter: what a program means on a record as of an instant.

It is the definition.  Every feature is here, pure and readable; whatever makes batches fast must agree with it byte
for byte.  A verdict is a function of (program, record, context, as_of, options) and of nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from msgspec import Struct

from validator.expressions.evaluation import Evaluator
from validator.expressions.memory import Evidence
from validator.expressions.work import Work
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.facts.values import NO_CAUSES, Unknown
from validator.judging.conditions import Conditions
from validator.judging.finding import VIOLATIONS, Finding, Verdict
from validator.judging.instance import Instance
from validator.judging.joining import join_holds
from validator.judging.link import Link
from validator.judging.modes import judge
from validator.judging.opening import Opener, reason_of
from validator.judging.outcome import COMPLIANT, NOT_TRIGGERED, Outcome
from validator.judging.scribe import Scribe, settled
from validator.judging.tally import Tally
from validator.judging.waiver import NO_WAIVERS, Waivers
from validator.judging.window import Window
from validator.legal_time.instant import NEVER, Instant
from validator.reading.source import wrong_argument
from validator.rules.program import Every, Norm, Program


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge.

    Attributes:
        select: ids of norms or articles; empty for all.
        assume_in_force: drop the lower bound of validity.
        require_attestation: what nobody vouches for does not count.
        waivers: breaches that are excused.

    Raises `UsageError` for names that are no set of texts, and for waivers of another kind.
    """

    select: frozenset[str] = frozenset()
    assume_in_force: bool = False
    require_attestation: bool = False
    waivers: Waivers = NO_WAIVERS

    def __post_init__(self) -> None:
        """Refuse what would fail, or select nothing, only once there is a record."""
        select: object = self.select
        if not isinstance(select, frozenset) or not all(isinstance(name, str) for name in select):
            raise wrong_argument(
                "select", select, "规则编号或条文编号的 frozenset", "a frozenset of ids of norms or articles"
            )
        waivers: object = self.waivers
        if not isinstance(waivers, Waivers):
            raise wrong_argument("waivers", waivers, "读入的豁免", "waivers that were read")

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
_COMPLIANT = {COMPLIANT}


def judge_record(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
    tally: Tally | None = None,
) -> list[Finding]:
    """Return all findings of one record, in the order of entity, start and key; breaches by one omission are grouped.

    A norm without an instance gives one finding ``not_triggered`` with its reason.  A ``tally`` counts those instead,
    and instances that simply comply.
    """
    return settled(j.finding for j in _judge_all(program, timeline, as_of, context or {}, options, tally=tally))


def judge_whole(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Judged]:
    """Judge one record and keep what each finding rested on; findings and order are those of `judge_record`."""
    found = sorted(_judge_all(program, timeline, as_of, context or {}, options), key=lambda j: j.finding.order)
    return [replace(j, finding=f) for j, f in zip(found, settled(j.finding for j in found), strict=True)]


def judge_some(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    norms: Collection[str],
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
    tally: Tally | None = None,
) -> list[Finding]:
    """Return the findings of the norm records with these ids, not yet `settled`; ``tally`` as in `judge_record`."""
    return [j.finding for j in _judge_all(program, timeline, as_of, context or {}, options, norms, tally)]


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
    return list(_judge_all(program, timeline, as_of, context or {}, chosen, {norm_id}))


def _judge_all(
    program: Program, timeline: Timeline, as_of: Instant, context: Mapping[tuple[str, str], Timeline],
    options: Options, only: Collection[str] | None = None, tally: Tally | None = None,
) -> Iterator[Judged]:  # fmt: skip
    known = as_of if timeline.known_until is None else min(as_of, timeline.known_until)
    judge_of = _RecordJudge(program, timeline, known, context, options)
    is_waived = timeline.id in options.waivers.records
    possible = _triggerable(program, timeline)
    for norms in _selected(program, timeline.record_type, options):
        if only is not None and norms[0].id not in only:
            continue
        found: list[Judged] = []
        reasons: list[str] = []
        for norm in norms:
            if id(norm) in possible:
                judged, reason = judge_of.norm(norm, tally)
                found.extend(judged)
                reasons.append(reason)
        fired = not all(reasons)
        for one in found if is_waived else ():
            one.finding = options.waivers.applied(one.finding, as_of)
        if fired:
            yield from found
        elif tally is None:
            yield judge_of.untriggered(norms[0], reason_of(reasons))
        else:
            tally.reasons[reason_of(reasons)] += 1


def _selected(program: Program, record_type: str, options: Options) -> Iterable[tuple[Norm, ...]]:
    """Return the selected norms of a record type, the versions of a record together."""

    def find() -> tuple[tuple[Norm, ...], ...]:
        versions: dict[str, tuple[Norm, ...]] = {}
        for norm in program.by_record_type.get(record_type, ()):
            if options.selects(norm):
                versions[norm.id] = (*versions.get(norm.id, ()), norm)
        return tuple(versions.values())

    found: tuple[tuple[Norm, ...], ...] = program.derived.once(("selected", record_type, options.select), find)
    return found


def _triggerable(program: Program, timeline: Timeline) -> set[int]:
    """Return the identities of the norms that the record's events, or nothing but time, may trigger."""
    found = {id(n) for n in program.standing.get(timeline.record_type, ())}
    for name in timeline.by_type:
        found.update(id(n) for n in program.by_event.get((timeline.record_type, name), ()))
    return found


class _JudgedInstance(Struct, frozen=True):
    """An instance, what became of it, on which attested facts, and whether judging it asked for the order of a tie."""

    instance: Instance
    outcome: Outcome
    evidence: frozenset[Evidence]
    presumed: bool


class _Outcomes(Struct, frozen=True):
    """The judged instances of a norm, and why there are none.

    ``opened_presumed``: which instances there are depends on the order of a tie; ``presumed``: something does.
    """

    judged: list[_JudgedInstance]
    reason: str
    opened_presumed: bool
    presumed: bool


class _RecordJudge:
    """Judges norms on one record, under the presumption about ties and without it."""

    def __init__(
        self, program: Program, timeline: Timeline, as_of: Instant, context: Mapping[tuple[str, str], Timeline],
        options: Options,
    ) -> None:  # fmt: skip
        self.program, self.timeline, self.as_of, self.options = program, timeline, as_of, options
        evaluator = Evaluator(
            program.vocabulary, program.derived, program.calendar, timeline, Context.of(context),
            Work(timeline.steps, timeline.place), as_of=as_of,
            require_attestation=options.require_attestation, assume_in_force=options.assume_in_force,
        )  # fmt: skip
        evaluator.in_order = evaluator.choice("same_day", as_of, "in_order") == "in_order"
        self.as_presumed = Conditions(evaluator)
        self.without = Conditions(evaluator.without_presumption())
        self.scribe = Scribe(program, as_of, assume_in_force=options.assume_in_force).about(
            timeline.id, timeline.record_type, timeline.digest
        )
        self._known: dict[tuple[int, int], _Outcomes] = {}

    def untriggered(self, norm: Norm, reason: str) -> Judged:
        """Return the finding of a norm that has no instance."""
        finding = self.scribe.untriggered(norm, reason)
        instance = Instance(norm, {}, NEVER, None, finding.key, opened=False)
        return Judged(instance, Outcome({NOT_TRIGGERED}), finding, self.as_presumed)

    def norm(self, norm: Norm, tally: Tally | None = None) -> tuple[list[Judged], str]:
        """Judge one norm version: its findings, or why there are none; "" if there are, a tally's among them."""
        found = self._outcomes(self.as_presumed, norm)
        others: Mapping[str, Outcome] | None = None
        if found.opened_presumed and found.judged:
            others = {j.instance.key: j.outcome for j in self._outcomes(self.without, norm).judged}
        judged = []
        for one in found.judged:
            assumed = self._is_assumed(one, others)
            if tally is not None and not assumed and _is_in_order(one):
                tally.compliant += 1
                tally.fired.add(norm.id)
                continue
            finding = self.scribe.finding(one.instance, one.outcome, one.evidence, assumed=assumed)
            judged.append(Judged(one.instance, one.outcome, finding, self.as_presumed))
        return judged, "" if found.judged else found.reason

    def _is_assumed(self, one: _JudgedInstance, others: Mapping[str, Outcome] | None) -> bool:
        """Say whether reading the ties the other way could change the verdict on an instance.

        ``others`` are the outcomes that there are that way; None: there are the same instances.
        """
        if others is not None:
            other = others.get(one.instance.key)
            return other is None or one.outcome.possible != other.possible
        return one.presumed and one.outcome.possible != _judge_instance(self.without, one.instance).possible

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
        ranked = opened.same_day and (norm.mode == "hold" or bool(norm.trigger.one_per))
        opened_presumed = evaluator.presumed or (evaluator.in_order and ranked)
        presumed = opened_presumed
        found = []
        for instance in instances:
            evaluator.evidence.clear()
            evaluator.presumed = False
            outcome = _judge_instance(conditions, instance)
            presumed |= evaluator.presumed
            if outcome.possible != {NOT_TRIGGERED}:
                evidence = triggered | frozenset(evaluator.evidence)
                found.append(_JudgedInstance(instance, outcome, evidence, evaluator.presumed))
        judged = list(_one_by_key(found)) if isinstance(norm.deadline, Every) else found
        if len(judged) < len(found):
            opened_presumed = opened_presumed or presumed  # what was found of one is found of all together
        evaluator.presumed = presumed
        return _Outcomes(judged, opened.reason or "cut_short", opened_presumed, presumed)

    def _links(self, conditions: Conditions, record: str) -> list[Link]:
        """Return what the instances of an upstream norm became, judged with the same reading of ties."""
        links = []
        for norm in self.program.by_id.get(record, ()):
            found = self._outcomes(conditions, norm)
            conditions.evaluator.presumed |= found.presumed
            links += [_link(j.instance, j.outcome) for j in found.judged]
        return links


def _one_by_key(found: Iterable[_JudgedInstance]) -> Iterator[_JudgedInstance]:
    """Make one of the gaps that an occurrence opens in several series: a second trigger begins another series.

    Where one of these surely has the gap, it is that one; where nobody knows, it is a gap if it is one in any of them.
    """
    gaps: dict[str, list[_JudgedInstance]] = {}
    for one in found:
        gaps.setdefault(one.instance.key, []).append(one)
    for same in gaps.values():
        sure = [one for one in same if NOT_TRIGGERED not in one.outcome.possible]
        first, *others = sure[:1] or same
        for other in others:
            first.outcome.possible |= other.outcome.possible
            first.outcome.causes |= other.outcome.causes
        yield first


def _is_in_order(one: _JudgedInstance) -> bool:
    """Say whether an instance complies, and nothing of it is counted besides: no attested fact, no unsettled day."""
    term = one.outcome.term
    return one.outcome.possible == _COMPLIANT and not one.evidence and (term is None or not term.provisional)


def _judge_instance(conditions: Conditions, instance: Instance) -> Outcome:
    """Judge one instance; one that is open only perhaps may not have been triggered."""
    outcome = judge(conditions, instance)
    if isinstance(instance.opened, Unknown):
        if len(outcome.possible) == 1 and Verdict(*outcome.possible) in VIOLATIONS:  # nothing else is in doubt
            outcome.causes = NO_CAUSES
        outcome.possible.add(NOT_TRIGGERED)
        outcome.causes |= instance.opened.causes
    return outcome


def _link(instance: Instance, outcome: Outcome) -> Link:
    """Only certain violations open a chain; an open verdict is counted as such."""
    term, reached = outcome.term, outcome.reached
    due = None if term is None else term.due
    answered = (None, None) if reached is None else (reached.sure, reached.possible)
    violated = bool(outcome.possible) and {Verdict(o) for o in outcome.possible} <= VIOLATIONS
    return Link(instance, violated, len(outcome.possible) > 1 and not violated, due, outcome.breach, answered)


__all__ = ["DEFAULT_OPTIONS", "Judged", "Options", "judge_norm", "judge_record", "judge_some", "judge_whole"]
