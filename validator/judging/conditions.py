"""Truth of conditions for an instance: event patterns, expressions, reviews, and when they first become true.

Record language sections 4 (ties), 8 (modes: what a pattern sees) and 14 (reviews).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from validator.expressions import expression as x
from validator.expressions.derived import Reads
from validator.expressions.evaluation import Evaluator, unordered
from validator.expressions.memory import Computed
from validator.expressions.point import Frame, Point
from validator.facts.timeline import Event, Upstream
from validator.facts.values import (
    Cause,
    Truth,
    Unknown,
    all_of,
    any_of,
    causes_of,
    data,
    judgement,
    negate,
    time,
)
from validator.judging.instance import Instance
from validator.judging.reached import NEVER, Reached, constant, first_of, last_of
from validator.judging.steady import Steady
from validator.legal_time.deadline import Period, due
from validator.legal_time.instant import BEGIN, END, Instant, Interval, day_of, same_day, tied
from validator.rules.program import Both, Condition, Duration, Pattern, Review, Test, leaves

REVIEW = "review_recorded"


_OPENING = Reads(trigger=True)
Sees = Callable[[Event], Truth]


class _Settled(NamedTuple):
    """An occurrence of a pattern with what it settles for all instances of the same entities.

    ``ended`` is by when it, and all before it in the order of time, have surely happened.
    """

    event: Event
    holds: Truth
    read: Computed | None
    ended: Instant


Reading = tuple[Instant, Point | None]
"""An instant, and the point at which it is read; None: everything up to and including it."""


@dataclass(slots=True)
class Conditions:
    """Answers questions about conditions of instances with one evaluator."""

    evaluator: Evaluator
    _quiet: dict[int, frozenset[Instant]] = field(default_factory=dict)
    _changes: dict[int, frozenset[Instant]] = field(default_factory=dict)
    _settled: dict[tuple[Any, ...], list[_Settled]] = field(default_factory=dict)
    _of_instances: dict[tuple[str, Instance], Computed] = field(default_factory=dict)

    def once(self, what: str, instance: Instance, find: Callable[[], Any]) -> Any:
        """Return something about an instance that is found once, and repeat each time what finding it left behind."""
        found = self._of_instances.get((what, instance))
        if found is None:
            found = self._of_instances[what, instance] = self.evaluator.apart(find)
        self.evaluator.leave(found)
        return found.value

    def as_known(self, instant: Instant) -> Conditions:
        """Return the conditions as they could be read at an instant; changes without events are the same ones."""
        return Conditions(self.evaluator.as_known(instant), self._quiet, self._changes)

    # -- which occurrences a pattern sees ---------------------------------------------------------------------------
    def since_start(self, instance: Instance, pattern: Pattern) -> Sees:
        """In reach: occurrences tied with or after the start, never the opening one (``any_time``: everything)."""
        if pattern.any_time:
            return lambda _: True
        session = _session(instance) if pattern is instance.norm.condition else None

        def sees(event: Event) -> Truth:
            opens = self._opened_by(instance, event)
            apart = True if session is None else _on_another_day(event, session)
            if opens is True or apart is False:
                return False
            after = self._after(event, instance, tie=True)
            return after if opens is False and apart is True else all_of((negate(opens), apart, after))

        return sees

    def _opened_by(self, instance: Instance, event: Event) -> Truth:
        if not instance.rivals:  # most instances
            return event is instance.event
        self.evaluator.work.spend(len(instance.rivals))
        return instance.opened_by(event)

    def after_start(self, instance: Instance) -> Sees:
        """In hold: occurrences after the start, triggers that have joined it too; a tie never accuses."""

        def sees(event: Event) -> Truth:
            opens = self._opened_by(instance, event)
            if opens is True:
                return False
            after = self._after(event, instance, tie=False)
            return after if opens is False else all_of((negate(opens), after))

        return sees

    def _after(self, event: Event, instance: Instance, *, tie: bool) -> Truth:
        start = instance.start
        if event.at.hi < start.lo:
            return False
        if start.hi < event.at.lo:
            return True
        opening = instance.event
        if tied(event.at, start):
            settled = opening.before_by_seq(event) if opening is not None and instance.starts_with_event else None
            if settled is not None:
                return settled
            if self.evaluator.in_order:
                self.evaluator.presumed = True
                return tie
        return Unknown(unordered(event, opening))

    def up_to_trigger(self, instance: Instance, pattern: Pattern) -> Sees:
        """At the trigger: occurrences before or tied with it, not the trigger, none older than ``within_last``.

        A forbidden occurrence that is tied with the trigger lies outside: a tie never accuses.
        """
        point = instance.moment(close=not pattern.negated)

        def sees(event: Event) -> Truth:
            opens = self._opened_by(instance, event)
            if opens is True:
                return False
            inside = all_of((negate(opens), self.evaluator.at_point(event, point)))
            if inside is False or pattern.within_last is None:
                return inside
            return all_of((inside, self._recent(event, instance, pattern.within_last)))

        return sees

    def _recent(self, event: Event, instance: Instance, duration: Duration) -> Truth:
        period = self.period(duration, instance)
        if isinstance(period, Unknown):
            return period
        ends = Interval(*(due(t, period, self.evaluator.calendar, roll=False).instant for t in event.at))
        if ends.lo >= instance.start.hi:
            return True
        return False if ends.hi < instance.start.lo else Unknown(time(f"{event.pointer}/at"))

    def period(self, duration: Duration, instance: Instance) -> Period | Unknown:
        """Return the period of a duration; unknown while its parameter is unset."""
        if duration.period is not None:
            return duration.period
        return self.evaluator.period(duration.parameter, instance.start, instance.event)

    def periods(self, duration: Duration, instance: Instance) -> list[tuple[Interval, Period | Unknown]]:
        """Cut the time in which an instance began where the parameter of a duration changes: one period for each."""
        start = instance.start
        if duration.period is not None or start.lo == start.hi:
            return [(start, self.period(duration, instance))]
        evaluator, name = self.evaluator, duration.parameter
        changes = [d.start for d in evaluator.vocabulary.parameters[name].values if start.lo < d.start <= start.hi]
        parts = map(Interval, [start.lo, *changes], [*(t - 1 for t in changes), start.hi])
        return [(part, evaluator.period(name, part)) for part in parts]

    # -- truth ------------------------------------------------------------------------------------------------------
    def matches(
        self, instance: Instance, pattern: Pattern, sees: Sees, since: Instant = BEGIN
    ) -> Iterator[tuple[Event, Truth]]:
        """Yield the visible occurrences, from an instant on, that may match a pattern, and whether they do."""
        where, frame, spend = pattern.where, instance.frame, self.evaluator.work.spend
        reads_start = where is not None and self._reads_start(where)
        occurrences = self._settled_by(instance, pattern, reads_start=reads_start)
        begin = 0 if since <= BEGIN else bisect_left(occurrences, since, key=attrgetter("ended"))
        for event, settled, read, _ in islice(occurrences, begin, None):
            spend()
            if event.at.hi < since:
                continue
            found = sees(event)
            if found is False:
                continue
            if read is not None:
                self.evaluator.leave(read)
            found = found if settled is True else all_of((settled, found))
            if found is not False and where is not None and reads_start:
                found = all_of((found, self.evaluator.truth(where, frame(Point(event.at, event), event))))
            if found is not False:
                yield event, found

    def _reads_start(self, where: x.Expression) -> bool:
        reads = self.evaluator.derived.reads(where)
        return reads.trigger or reads.parameters

    def _settled_by(self, instance: Instance, pattern: Pattern, *, reads_start: bool) -> list[_Settled]:
        """Return the occurrences that may match a pattern: read once for all instances of the same entities.

        A `where` that asks for the start of an instance is left open.
        """
        where = None if reads_start else pattern.where
        key = (pattern.events, id(where), *instance.entities.items())
        if key not in self._settled:
            self._settled[key] = list(self._settle(instance, pattern.events, where))
        return self._settled[key]

    def _settle(self, instance: Instance, names: tuple[str, ...], where: x.Expression | None) -> Iterator[_Settled]:
        evaluator, ended = self.evaluator, BEGIN
        reads_nothing = where is not None and evaluator.derived.reads(where).nothing
        for event, concerns in evaluator.concerning(names, instance.entities):
            ended = max(ended, event.at.hi)
            visible = evaluator.visible(event)
            holds = visible if concerns is True else all_of((concerns, visible))
            if holds is False or where is None:
                if holds is not False:
                    yield _Settled(event, holds, None, ended)
                continue
            frame = Frame(instance.entities, Point(event.at, event), event.at, this=event)
            if reads_nothing:
                found: Truth = evaluator.truth(where, frame)
                if found is not False:
                    yield _Settled(event, all_of((holds, found)), None, ended)
                continue
            read = evaluator.apart(partial(evaluator.truth, where, frame))
            holds = all_of((holds, read.value))
            if holds is not False or read.left:
                yield _Settled(event, holds, read if read.left else None, ended)

    def silence(self) -> list[Truth]:
        """What silence says: nothing in a complete timeline, "perhaps" in a partial one."""
        return [Unknown(data("/timeline"))] if self.evaluator.timeline.partial else []

    def review(self, instance: Instance) -> tuple[Truth, tuple[Event, ...]]:
        """Return the answer of the last recorded review of this instance, and all of them."""
        visible = [
            e for e in self.evaluator.timeline.by_type.get(REVIEW, ())
            if e.values.get("key") == instance.key and self.evaluator.visible(e) is True
        ]  # fmt: skip
        question = Unknown(judgement(f"review {instance.key}"))
        if not visible:
            return question, ()
        last = [e for e in visible if not any(o.follows(e) for o in visible)]
        answers = {e.values.get("outcome") for e in last}
        if len(answers) > 1:
            return Unknown(time(*(f"{e.pointer}/at" for e in last))), tuple(visible)
        outcome = answers.pop()
        return (question if outcome is None else outcome == "satisfied"), tuple(visible)

    def truth_at_trigger(self, instance: Instance, condition: Condition) -> Truth:
        """Read a condition at the close of the trigger (mode *at*)."""
        if isinstance(condition, Test):
            return self.evaluator.truth(condition.expression, instance.frame(instance.moment()))
        if isinstance(condition, Review):
            return self.review(instance)[0]
        if isinstance(condition, Both):
            parts = (self.truth_at_trigger(instance, p) for p in condition.parts)
            return all_of(parts) if condition.conjunction else any_of(parts)
        sees = self.up_to_trigger(instance, condition)
        found = any_of([t for _, t in self.matches(instance, condition, sees)] + self.silence())
        return negate(found) if condition.negated else found

    # -- when something is first true -------------------------------------------------------------------------------
    def first(self, instance: Instance, condition: Condition, edge: Interval | None = None) -> Reached:
        """Return when a condition is first true from the start on (mode *reach*, and exceptions).

        ``edge`` is the due of an hour clock: an answer tied with it counts as given at it.
        """
        if isinstance(condition, Pattern):
            return self._first_match(instance, condition, edge)
        if isinstance(condition, Review):
            answer, by = self.review(instance)
            return constant(answer, instance.start, by)
        if isinstance(condition, Test):
            return NEVER if self._is_ruled_out(instance, condition) else self._search(instance, condition, edge)
        if any(isinstance(p, Test) for p in leaves(condition)) and condition.conjunction:
            return NEVER if self._is_ruled_out(instance, condition) else self._search(instance, condition, edge)
        found = [self.first(instance, p, edge) for p in condition.parts]
        return last_of(found) if condition.conjunction else first_of(found)

    def _first_match(self, instance: Instance, pattern: Pattern, edge: Interval | None) -> Reached:
        sure: Instant | None = None
        possible: Instant | None = None
        causes: set[Cause] = set()
        by: list[Event] = []
        since = BEGIN if pattern.any_time else instance.start.lo
        for event, found in self.matches(instance, pattern, self.since_start(instance, pattern), since):
            if sure is not None and event.at.lo > (sure if edge is None else max(sure, edge.hi)):
                break  # nothing later can come first
            lo, hi = max(event.at.lo, instance.start.lo), max(event.at.hi, instance.start.lo)
            if edge is not None and self.evaluator.in_order and hi > edge.lo and tied(event.at, edge):
                self.evaluator.presumed = True
                hi = edge.lo
            possible = lo if possible is None else min(possible, lo)
            if found is True:
                if sure is None or (hi, event.place) < (sure, by[0].place):
                    sure = hi
                    by = [event]
                if lo < hi:
                    causes.update(time(f"{event.pointer}/at"))
            else:
                causes.update(causes_of(found))
        if self.evaluator.timeline.partial and (sure is None or sure > instance.start.lo):
            possible = instance.start.lo
            causes.update(data("/timeline"))
        return Reached(sure, possible, frozenset(causes), tuple(by))

    def _search(self, instance: Instance, condition: Condition, edge: Interval | None) -> Reached:
        """Look for the first point at which a condition with expressions is surely, and possibly, true."""
        matches = {
            p: list(self.matches(instance, p, self.since_start(instance, p)))
            for p in leaves(condition)
            if isinstance(p, Pattern)
        }
        causes: set[Cause] = set()
        possible = sure = None
        ask = partial(self._truth_when, instance, condition, matches=matches)
        for instant, answer in self._answers(instance, ask, self._possible_points(instance, condition)):
            if answer is not False:
                possible = instant
                break
        sure_points = self._sure_points(instance, condition) if possible is not None else ()
        for instant, answer in self._answers(instance, ask, sure_points):
            if answer is True:
                sure = instant
                break
            if isinstance(answer, Unknown):
                causes.update(answer.causes)
        if edge is not None and self.evaluator.in_order and (sure is None or sure > edge.lo) and tied(edge, edge):
            point = Point(edge, ties=True, given=instance.event)
            if self._truth_when(instance, condition, point, matches) is True:
                self.evaluator.presumed = True
                sure = edge.lo
        if sure is None:
            return Reached(None, possible, frozenset(causes))
        acts, concerns = self.acts(condition), partial(self.evaluator.concerns, entities=instance.entities)
        if possible is not None and possible < sure:
            open_ones = (e for e in acts if e.at.lo < e.at.hi and e.at.lo <= sure and e.at.hi >= possible)
            causes.update(time(*(f"{e.pointer}/at" for e in open_ones if concerns(e) is not False)))
        by = tuple(e for e in acts if e.at.hi == sure and concerns(e) is not False)
        return Reached(sure, possible, frozenset(causes), by)

    def _is_ruled_out(self, instance: Instance, condition: Test | Both) -> bool:
        """Say whether a condition is false whenever it is read, for something that it asks of the opening event alone.

        Where it reads facts that somebody attests, they are read all the same: a judgement names them.
        """
        parts: tuple[x.Expression, ...] = self.evaluator.derived.once(
            ("ruled out by", condition), lambda: tuple(self._asking_the_opening(condition))
        )
        if not parts:
            return False
        frame = instance.frame(instance.moment())
        return any(self.evaluator.truth(part, frame) is False for part in parts)

    def _asking_the_opening(self, condition: Test | Both) -> Iterator[x.Expression]:
        """Yield the parts of a conjunction that the opening event settles for good."""
        for part in leaves(condition):
            read = part.expression if isinstance(part, Test) else part.where if isinstance(part, Pattern) else None
            if read is not None and self.reads_facts(read):
                return
        for test in condition.parts if isinstance(condition, Both) else (condition,):
            whole = test.expression if isinstance(test, Test) else None
            parts = whole.parts if isinstance(whole, x.Logic) and whole.conjunction else (whole,)
            yield from (part for part in parts if part is not None and self._is_of_the_opening(part))

    def _is_of_the_opening(self, expression: x.Expression) -> bool:
        asks_again = any(isinstance(n, x.EventRead) and n.attribute == "fulfilled" for n in x.walk(expression))
        return self.evaluator.derived.reads(expression) == _OPENING and not asks_again

    def _answers(
        self, instance: Instance, ask: Callable[[Point], Truth], readings: Iterable[Reading]
    ) -> Iterator[tuple[Instant, Truth]]:
        """Yield the answers at some points in turn; where nothing has changed since the last one, none is yielded."""
        stands, steady = BEGIN, Steady(self.evaluator, ask)
        for instant, point in readings:
            if point is not None:
                yield instant, steady.at(point)
            elif instant >= stands:
                answer, stands = self.evaluator.watched(partial(ask, instance.reading(instant)))
                yield instant, answer

    def acts(self, condition: Condition) -> list[Event]:
        """Return the events on which a condition depends, in time order."""
        names = self.evaluator.derived.once(("acts", condition), lambda: self._names_of(condition))
        return self.evaluator.timeline.of_types(names)

    def _names_of(self, condition: Condition) -> frozenset[str]:
        names = frozenset(n for p in leaves(condition) if isinstance(p, Pattern) for n in p.events)
        return names.union(*(self.needs(p.expression) for p in leaves(condition) if isinstance(p, Test)))

    def _truth_when(
        self, instance: Instance, condition: Condition, point: Point,
        matches: Mapping[Pattern, list[tuple[Event, Truth]]],
    ) -> Truth:  # fmt: skip
        if isinstance(condition, Pattern):
            found = [all_of((truth, self.evaluator.at_point(event, point))) for event, truth in matches[condition]]
            return any_of(found + self.silence())
        if isinstance(condition, Test):
            self.evaluator.work.spend(len(instance.rivals))
            return self.evaluator.truth(condition.expression, instance.frame(point))
        if isinstance(condition, Review):
            return self.review(instance)[0]
        parts = (self._truth_when(instance, p, point, matches) for p in condition.parts)
        return all_of(parts) if condition.conjunction else any_of(parts)

    def _sure_points(self, instance: Instance, condition: Condition) -> Iterator[Reading]:
        """Yield the points at which a condition may become sure.

        The first is the close of the start's own moment.  It becomes sure at the last instants of events and at the
        close of an event (of two at one instant, ``seq`` makes two moments); facts and states change at moments of
        their own.
        """
        start, as_of = instance.start, self.evaluator.as_of
        begun = min(start.hi, as_of)  # by then, if it is open at all
        yield begun, instance.moment()
        if start.lo < start.hi:
            yield begun, None
        acts = self.acts(condition)
        self.evaluator.work.spend(len(acts))
        events = [e for e in acts if e.at.hi >= start.lo]
        moments = sorted({e.at.hi for e in events} | self._quiet_for(instance, condition))
        found: list[Reading] = [(t, None) for t in moments if begun <= t <= as_of]
        found += [
            (e.at.hi, Point(e.at, e, given=instance.event)) for e in events if e.at.hi <= as_of and instance.precedes(e)
        ]  # fmt: skip
        yield from sorted(found, key=itemgetter(0))

    def _possible_points(self, instance: Instance, condition: Condition) -> Iterator[Reading]:
        """Yield the points at which a condition may become possible.

        As with those at which it may become sure; but an event may lie at its first instant.
        """
        start, as_of = instance.start, self.evaluator.as_of
        yield start.lo, instance.moment()
        acts = self.acts(condition)
        self.evaluator.work.spend(len(acts))
        found: list[Reading] = [
            (max(e.at.lo, start.lo), Point(e.at, e, given=instance.event))
            for e in acts
            if e.at.hi >= start.lo and e.at.lo <= as_of and not instance.surely_follows(e)
        ]
        found += [(t, None) for t in self._quiet_for(instance, condition) if start.lo < t <= as_of]
        yield from sorted(found, key=itemgetter(0))

    def _quiet_for(self, instance: Instance, condition: Condition) -> frozenset[Instant]:
        """Return the instants at which a condition may change without an event, for an instance."""
        quiet = self.quiet_changes(self._tested(condition))
        if isinstance(instance.event, Upstream):
            quiet |= {t for t in instance.event.answered if t is not None}
        return quiet

    def _tested(self, condition: Condition) -> tuple[x.Expression, ...]:
        """Return the expressions of a condition."""
        found: tuple[x.Expression, ...] = self.evaluator.derived.once(
            ("tested", condition), lambda: tuple(p.expression for p in leaves(condition) if isinstance(p, Test))
        )
        return found

    def changes(self, expressions: Iterable[x.Expression]) -> frozenset[Instant]:
        """Return every instant at which the value of one of the expressions may change."""
        wanted = tuple(expressions)
        reads = self.evaluator.derived.reads_together(wanted)
        if id(reads) not in self._changes:
            acts = {t for event in self.evaluator.timeline.of_types(reads.events) for t in event.at}
            self._changes[id(reads)] = frozenset(acts | self.quiet_changes(wanted)) - {BEGIN, END}
        return self._changes[id(reads)]

    def quiet_changes(self, expressions: Iterable[x.Expression]) -> frozenset[Instant]:
        """Return the instants at which a value may change without an event of the record.

        A dated fact or table changes, a state ends by itself, something happens in another record that is read.
        """
        wanted = tuple(expressions)
        reads = self.evaluator.derived.reads_together(wanted)
        if id(reads) not in self._quiet:
            evaluator = self.evaluator
            tables = (evaluator.vocabulary.tables[name] for name in reads.tables)
            found = frozenset(dated.start for table in tables for dated in table.values)
            found |= evaluator.timeline.quiet_changes(reads.events) | evaluator.changes_elsewhere(wanted)
            self._quiet[id(reads)] = found - {BEGIN, END}
        return self._quiet[id(reads)]

    def reads_others(self, expressions: Iterable[x.Expression]) -> bool:
        """Say whether the value of one of the expressions may depend on other records."""
        return bool(self.evaluator.elsewhere(tuple(expressions)))

    def needs(self, expression: x.Expression) -> frozenset[str]:
        """Return the event types on which the value of an expression depends."""
        return self.evaluator.derived.reads(expression).events

    def reads_facts(self, expression: x.Expression) -> bool:
        """Say whether an expression reads facts that the record states, not only what events have set."""
        return bool(self.evaluator.derived.reads(expression).facts)


def _on_another_day(event: Event, session: Event) -> Truth:
    """Say whether an occurrence lies on another civil day than the one that opened a gap."""
    if same_day(event.at, session.at):
        return False
    one, other = ((day_of(at.lo), day_of(at.hi)) for at in (event.at, session.at))
    return True if one[1] < other[0] or other[1] < one[0] else Unknown(unordered(event, session))


def _session(instance: Instance) -> Event | None:
    """Return the occurrence that opened a gap of a series: with the others of its civil day it is one and answers none.

    None: the instance is no gap, or the first one, which the trigger opened.
    """
    opening = instance.event
    return None if instance.series is None or opening is instance.series.event else opening
