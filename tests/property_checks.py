"""What a verdict promises about the completions of a record, and how a verdict may change as time passes.

A record with gaps is judged without the presumption about the order within one day, which is law and no knowledge;
its outcome is a set of possible verdicts, and every completion must find its verdict in the set.  Instances of the two
are matched by norm, entities and opening occurrence; where the language lets one instance stand for several triggers
(holds that are joined, the earliest of several, series), by any of them.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from records_strategy import Case, Record, World

from validator.engine import read_context
from validator.errors import InvalidRecord
from validator.expressions.point import Frame, moment
from validator.facts.record import read_record
from validator.facts.timeline import Upstream
from validator.facts.values import Unknown
from validator.judging.conditions import Conditions
from validator.judging.finding import VIOLATIONS
from validator.judging.instance import Instance
from validator.judging.interpreter import Options, _RecordJudge
from validator.judging.outcome import Outcome
from validator.legal_time.instant import BEGIN, END, Instant, Interval, day_of, format_instant
from validator.reading.intake import RawRecord
from validator.rules.program import ChainTrigger, Every, Norm, StateTrigger

NOT_TRIGGERED = "not_triggered"
ADDED = "m"
"""Events that a completion adds to a partial record have ids that begin so."""


def raw(record: Record) -> RawRecord:
    """Return a record as the intake would."""
    return RawRecord("record", 1, "", record, json.dumps(record, ensure_ascii=False))


@dataclass(frozen=True, eq=False)
class Found:
    """One judged instance."""

    norm: Norm
    instance: Instance
    outcome: Outcome

    @property
    def possible(self) -> frozenset[str]:
        """The verdicts that are possible."""
        return frozenset(self.outcome.possible)

    @property
    def key(self) -> tuple[str, Instant, str]:
        """What tells the instance from others of the record: id and version of the norm, and its key."""
        return self.norm.id, self.norm.effective.start, self.instance.key

    def __str__(self) -> str:
        parts = [f"{self.instance.key} started {shown(self.instance.start)}", "|".join(sorted(self.possible))]
        if self.outcome.term is not None:
            parts.append(f"due {shown(Interval(self.outcome.term.early, self.outcome.term.late))}")
        if self.outcome.breach is not None:
            parts.append(f"breach {shown(self.outcome.breach)}")
        return ", ".join(parts)


def shown(at: Interval) -> str:
    """Write an interval."""
    return format_instant(at.lo) if at.lo == at.hi else f"{format_instant(at.lo)}/{format_instant(at.hi)}"


class Judgement:
    """A case, judged with or without the presumption about ties."""

    def __init__(self, case: Case, *, in_order: bool, as_of: Instant | None = None) -> None:
        program = case.program
        timeline = read_record(raw(case.record), program.vocabulary)
        context, problems = read_context(program, [raw(c) for c in case.context])
        assert not problems, problems
        self.case = case
        until = case.as_of if as_of is None else as_of
        self.judge = _RecordJudge(program, timeline, until, context, Options(select=case.world.selected))
        self.conditions: Conditions = self.judge.as_presumed if in_order else self.judge.without

    @cached_property
    def found(self) -> list[Found]:
        """The instances of the case's norms."""
        return [
            Found(norm, judged.instance, judged.outcome)
            for norm in self.case.world.norms
            for judged in self.judge._outcomes(self.conditions, norm).judged
        ]

    @property
    def partial(self) -> bool:
        """Whether the record may be silent about what happened."""
        return self.judge.timeline.partial

    def doubts(self, norm: Norm, entities: Any) -> Iterator[tuple[Interval, bool]]:
        """Yield the stretches in which the state that opens an instance is unknown, and whether only for its time."""
        for alternative in norm.trigger.alternatives:
            expression = alternative.expression if isinstance(alternative, StateTrigger) else None
            if expression is None:
                continue
            changes = (t for t in self.conditions.changes([expression]) if t <= self.judge.as_of)
            since, only_time = None, True
            for point in sorted({BEGIN, *changes}):
                at = Interval(point, point)
                answer = self.conditions.evaluator.truth(expression, Frame(entities, moment(point), at))
                if isinstance(answer, Unknown):
                    since = point if since is None else since
                    only_time = only_time and all(c.kind == "time" for c in answer.causes)
                elif since is not None:
                    yield Interval(since, point), only_time
                    since, only_time = None, True
            if since is not None:
                yield Interval(since, END), only_time


# -- which instances are the same --------------------------------------------------------------------------------------
def same(done: Found, coarse: Found) -> bool:
    """Say whether an instance of the completed record may be one of the record with gaps."""
    return done.norm is coarse.norm and same_instance(done.instance, coarse.instance)


def same_instance(done: Instance, coarse: Instance) -> bool:
    """Compare entities (unknown ones may be any) and opening occurrences."""
    if not all(i is None or done.entities[k] == i for k, i in coarse.entities.items()):
        return False
    if (done.event is None) != (coarse.event is None):
        return False
    if done.event is None or coarse.event is None:
        return True
    if isinstance(done.event, Upstream) and isinstance(coarse.event, Upstream):
        return done.event.instance.norm is coarse.event.instance.norm and same_instance(
            done.event.instance, coarse.event.instance
        )
    if openings(done) & openings(coarse) or _same_gap(done, coarse):
        return True
    one_per = done.norm.trigger.one_per
    if done.series is None and one_per and one_per != "entity":
        value = done.event.values.get(one_per)
        return value is not None and value == coarse.event.values.get(one_per)
    return one_per == "entity" and done.series is None


def openings(instance: Instance) -> set[str | None]:
    """Return the ids of the occurrences that opened an instance or joined it."""
    found = {e.id for e in instance.joined}
    return found if instance.event is None else {*found, instance.event.id}


def _same_gap(done: Instance, coarse: Instance) -> bool:
    """Occurrences of one day are one and open one gap; the first gap is opened by the trigger."""
    if done.series is None or coarse.series is None or done.event is None or coarse.event is None:
        return False
    if coarse.event is coarse.series.event or done.event is done.series.event:
        return coarse.event is coarse.series.event and done.event is done.series.event
    return coarse.event.at.lo <= END and day_of(coarse.event.at.lo) <= day_of(done.event.at.lo) <= day_of(
        coarse.event.at.hi
    )


# -- completions -------------------------------------------------------------------------------------------------------
def contradictions(coarse: Judgement, done: Judgement) -> Iterator[str]:
    """Yield how a completion contradicts what was said of the record with gaps."""
    for found in done.found:
        if not _opened_by_addition(coarse, found):
            yield from _uncovered(coarse, done, found)
    for said in coarse.found:
        if NOT_TRIGGERED in said.possible or any(same(f, said) for f in done.found):
            continue
        if not any(at.hi == said.instance.start.hi and not time for at, time in _doubts(coarse, said)):
            yield f"is not there: {said}"


def _doubts(judgement: Judgement, found: Found) -> list[tuple[Interval, bool]]:
    if found.instance.event is not None:
        return []
    return list(judgement.doubts(found.norm, found.instance.entities))


def _opened_by_addition(coarse: Judgement, found: Found) -> bool:
    """Whether the record with gaps says nothing of the events that opened an instance."""
    if not coarse.partial:
        return False
    instance = found.instance
    while isinstance(instance.event, Upstream):
        instance = instance.event.instance
    return all(i is not None and i.startswith(ADDED) for i in openings(instance)) if instance.event else False


def _uncovered(coarse: Judgement, done: Judgement, found: Found) -> Iterator[str]:
    said = [s for s in coarse.found if same(found, s)]
    said = [s for s in said if s.instance.entities == found.instance.entities] or said
    if not said:
        if not _may_be_silent(coarse, found):
            yield f"nothing was said of: {found}"
        return
    if found.instance.event is None and not _always(found.norm):
        near = [s for s in said if s.instance.start.lo <= found.instance.start.lo <= s.instance.start.hi]
        inside = [t for at, t in _doubts(coarse, said[0]) if at.lo <= found.instance.start.lo <= at.hi]
        if inside and (not all(inside) or not near or _not_the_last(done, found, near[0])):
            return  # an unknown stretch opens nothing of its own (section 6)
        if not near:
            yield f"another start: {found}; said: {'; '.join(map(str, said))}"
            return
        said = near
    allowed = frozenset[str]().union(*(s.possible for s in said))
    if not found.possible <= allowed:
        yield f"another verdict: {found}; said: {'; '.join(map(str, said))}"
    elif len(said) == 1 and not coarse.partial:
        yield from _outside(found, said[0])


def _always(norm: Norm) -> bool:
    return any(isinstance(a, StateTrigger) and a.expression is None for a in norm.trigger.alternatives)


def _not_the_last(done: Judgement, found: Found, said: Found) -> bool:
    """Whether the state became true again within the unknown stretch: only the last time counts.

    The state itself is asked, since for_each may leave no instance of that time.
    """
    start, last = found.instance.start.lo, said.instance.start.hi
    for alternative in found.norm.trigger.alternatives:
        expression = alternative.expression if isinstance(alternative, StateTrigger) else None
        if expression is None:
            continue
        points = sorted({last, *(t for t in done.conditions.changes([expression]) if start < t < last)})
        frames = (Frame(found.instance.entities, moment(t), Interval(t, t)) for t in points)
        answers = [done.conditions.evaluator.truth(expression, frame) for frame in frames]
        ended = next((n for n, answer in enumerate(answers) if answer is False), len(answers))
        if any(answer is True for answer in answers[ended:]):
            return True
    return False


def _may_be_silent(coarse: Judgement, found: Found) -> bool:
    """Where the language says nothing of an instance that a completion has.

    A breach chain opens for certain violations only (section 10); a partial record does not tell when a state began;
    an unknown stretch opens nothing, even if for_each leaves nothing of the true one before it.
    """
    event, start, series = found.instance.event, found.instance.start.lo, found.instance.series
    if coarse.partial and series is not None and series.event is not None:
        known = {e.id for e in coarse.judge.timeline.events}
        if series.event.id not in known:
            return True  # a gap of a series that an unrecorded occurrence has opened
    if event is None:
        unknown = found.norm.for_each and any(at.lo <= start <= at.hi for at, _ in _doubts(coarse, found))
        return coarse.partial or bool(unknown)
    chained = any(isinstance(a, ChainTrigger) and a.on_breach for a in found.norm.trigger.alternatives)
    if not chained or not isinstance(event, Upstream):
        return False
    up = [s for s in coarse.found if s.norm is event.instance.norm and same_instance(event.instance, s.instance)]
    return not any(s.possible <= VIOLATIONS for s in up)


def _outside(found: Found, said: Found) -> Iterator[str]:
    """The due and the breach instant lie within what was said of them."""
    one, other = found.outcome, said.outcome
    due, wide = one.term, other.term
    if due is not None and wide is not None and not (wide.early <= due.early and due.late <= wide.late):
        yield f"another due: {found}; said: {said}"
    at, within = one.breach, other.breach
    violated = found.possible <= VIOLATIONS and said.possible <= VIOLATIONS
    if violated and at is not None and within is not None and not within.lo <= at.lo <= within.hi:
        yield f"another breach instant: {found}; said: {said}"


def decidable(world: World, found: Found) -> bool:
    """Whether an instance of a complete and exact record must be decided.

    Not so: what a human is asked; what rests on a fact that a norm may do without (``known``), that names an entity
    nobody listed, or that is in another record; a state that began at an unknown time, and the gaps of its series.
    """
    if found.norm in world.reviewed or world.guarded:
        return False
    if any(i is not None and i.start.lo < i.start.hi for i in (found.instance, found.instance.series)):
        return False
    return all(c.kind == "time" for c in found.outcome.causes)


# -- the course of a verdict -------------------------------------------------------------------------------------------
COURSES = {("pending", v) for v in ("compliant", "breached", "excused")} | {("breached", "late")}


def instants_of(judgement: Judgement) -> list[Instant]:
    """Return the instants at which a verdict may change, and one microsecond before and after.

    They are those of events, of dues, and of dated facts and states that end by themselves, also in other records.
    """
    own = judgement.judge.timeline
    found = {t for e in own.events for t in e.at}
    found |= {f.outcome.term.early for f in judgement.found if f.outcome.term is not None}
    for timeline in (own, *judgement.conditions.evaluator.context.values()):
        found |= timeline.changes(frozenset(timeline.by_type))
    return sorted({t + shift for t in found if BEGIN < t < END for shift in (-1, 0, 1)})


def strays(world: World, since: Instant, before: Iterable[Found], after: Iterable[Found]) -> Iterator[str]:
    """Yield the verdicts of an exact record that left their course (section 13) between two instants.

    Nor does a breach begin before ``since``, as of which it was not breached yet.  A gap of a series that the end of
    the series cuts short is dropped (section 11).
    """
    now = {f.key: f for f in after}
    for old in before:
        new = now.get(old.key)
        if len(old.possible) > 1 or not decidable(world, old):
            continue
        if new is None:
            if not (isinstance(old.norm.deadline, Every) and old.possible == {"pending"}):
                yield f"disappeared: {old}"
        elif len(new.possible) > 1:
            if decidable(world, new):
                yield f"is open again: {old}; {new}"
        else:
            yield from _strays(since, old, new)


def _strays(since: Instant, old: Found, new: Found) -> Iterator[str]:
    (one,), (two,) = old.possible, new.possible
    if one != two and (one, two) not in COURSES and not (one == "pending" and _late_at_once(new)):
        yield f"{one} became {two}: {old}; {new}"
    elif {one, two} <= VIOLATIONS and old.outcome.breach != new.outcome.breach:
        yield f"the breach moved: {old}; {new}"
    elif one == "pending" and two in VIOLATIONS and new.outcome.breach is not None and new.outcome.breach.lo < since:
        yield f"breached before it was pending: {old}; {new}"


def _late_at_once(found: Found) -> bool:
    """Whether the duty was done at the very instant after the due, so that it was never breached and undone."""
    due, done = found.outcome.term, found.outcome.decided_at
    return found.possible == {"late"} and due is not None and done is not None and done.lo == due.early + 1


# -- failures ----------------------------------------------------------------------------------------------------------
def smallest(case: Case, done: Case) -> tuple[Case, Case]:
    """Take events, entities, facts and attributes away from a record and its completion while they contradict."""
    again = True
    while again:
        again = False
        for path in list(_parts(done.record)):
            fewer = tuple(replace(c, record=_without(c.record, path)) for c in (case, done))
            if _contradict(*fewer):
                case, done = fewer
                again = True
    return case, done


Path = tuple[str, ...]


def _parts(record: Record) -> Iterator[Path]:
    """Yield what may be taken away: (list, id), (list, id, attribute), (attribute,)."""
    for name, value in record.items():
        if isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
            for one in value:
                yield name, one["id"]
                yield from ((name, one["id"], a) for a in one if a not in ("id", "type", "at"))
        elif name not in ("record_type", "id", "events"):
            yield (name,)


def _without(record: Record, path: Path) -> Record:
    found = copy.deepcopy(record)
    name, *rest = path
    if not rest:
        found.pop(name, None)
    elif name in found:
        if len(rest) == 1:
            found[name] = [e for e in found[name] if e["id"] != rest[0]]
        for one in found[name]:
            if one["id"] == rest[0]:
                one.pop(rest[-1], None)
    return found


def _contradict(case: Case, done: Case) -> bool:
    try:
        return any(contradictions(Judgement(case, in_order=False), Judgement(done, in_order=True)))
    except InvalidRecord:
        return False
