"""When an instance is due: periods, dates of the record, stopped clocks (record language, section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from validator.expressions import expression as x
from validator.facts.timeline import Upstream
from validator.facts.values import NO_CAUSES, Causes, Truth, Unknown, any_of, causes_of, time
from validator.judging.conditions import Conditions
from validator.judging.instance import Instance
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.deadline import EXACT, DayNote, Due, Period, Unit, due, extreme_starts
from validator.legal_time.instant import (
    BEGIN,
    END,
    HOUR,
    LAST_DAY,
    MINUTE,
    Instant,
    Interval,
    day_end,
    day_of,
    day_start,
)
from validator.rules.program import By, Duration, Every, NoDeadline, Test, Within

_KEPT = 4096  # ends of terms: the same few come again and again
HOURLY = (Unit.HOURS, Unit.MINUTES)


class Term(Struct, frozen=True):
    """The end of an instance's term: the early and the late due (equal when it is certain).

    ``early``/``late`` are the last instants in time; ``END`` = not ended.  ``stopped``: the clock is surely stopped at
    as_of.  ``edge`` is the due of an hour clock, at which a tied answer still counts as given.
    """

    early: Instant
    late: Instant
    period: Period | None
    causes: Causes = NO_CAUSES
    rolled: bool = False
    provisional: bool = False
    stopped: bool = False
    edge: Interval | None = None

    @property
    def due(self) -> Interval | Unknown:
        """What a chain that follows reads as ``trigger.due``: unknown while it may be open."""
        settled = self.late < END or self.early >= END
        return Interval(self.early, self.late) if settled else Unknown(self.causes)

    def turns_on(self, at: Interval) -> bool:
        """Say whether a finer time than an interval may matter to the end, which is that of a day for the most part."""
        ends = [end for end in (self.early, self.late) if BEGIN < end < END]
        return at.lo < at.hi and (day_of(at.lo) < day_of(at.hi) or any(end != day_end(day_of(end)) for end in ends))


_ENDLESS = Term(END, END, None)


def term(conditions: Conditions, instance: Instance, stops: Stops | None = None) -> Term:
    """Return the term of an instance in mode reach; ``stops`` of its clock, if they are known already."""
    deadline = instance.norm.deadline
    if isinstance(deadline, NoDeadline):
        return _ENDLESS
    if isinstance(deadline, By):
        found = _by(conditions, instance, deadline)
    else:
        assert isinstance(deadline, Within | Every)  # noqa: S101 - reach has no other deadline
        found = _within(conditions, instance, deadline, stops or Stops.of(conditions, instance))
    return found if conditions.evaluator.assume_in_force else _not_before_force(instance, found)


def _not_before_force(instance: Instance, found: Term) -> Term:
    """A norm that reaches back has no due before its first day in force."""
    effective = instance.norm.effective
    if not effective.reaches_back:
        return found
    first = day_end(day_of(effective.start))
    return Term(
        max(found.early, first), max(found.late, first), found.period, found.causes, found.rolled, found.provisional,
        found.stopped, found.edge,
    )  # fmt: skip


def _within(conditions: Conditions, instance: Instance, deadline: Within | Every, stops: Stops) -> Term:
    """Count the period from the start; where a parameter changes while the start may lie, each figure from its part."""
    parts = conditions.periods(deadline.duration, instance)
    found = [_counted(conditions, instance, deadline, stops, start, period) for start, period in parts]
    if len(found) == 1:
        return found[0]
    early, late = min(t.early for t in found), max(t.late for t in found)
    causes = NO_CAUSES.union(*(t.causes for t in found), instance.start_unknown if early < late else NO_CAUSES)
    return replace(
        found[-1], early=early, late=late, period=None, causes=causes, provisional=any(t.provisional for t in found),
        edge=None,
    )  # fmt: skip


def _counted(
    conditions: Conditions, instance: Instance, deadline: Within | Every, stops: Stops, start: Interval,
    period: Period | Unknown,
) -> Term:  # fmt: skip
    """Count one period from a start that lies between two instants."""
    evaluator = conditions.evaluator
    if isinstance(period, Unknown):
        unit = Unit(evaluator.vocabulary.parameters[deadline.duration.parameter].unit)
        shortest = start.lo if unit in HOURLY or start.lo <= BEGIN else day_end(day_of(start.lo))
        return Term(shortest, END, None, period.causes, stopped=stops.at_end() is True)
    hourly = period.unit in HOURLY
    roll = isinstance(deadline, Within) and deadline.roll  # a longest gap is a maximum, and maxima do not roll
    hour_start = evaluator.choice("hour_start", start.lo, EXACT)
    count = partial(due, period=period, calendar=evaluator.calendar, roll=roll, hour_start=hour_start)
    held_surely, held_possibly = stops.intervals(sure=True, hourly=hourly), stops.intervals(sure=False, hourly=hourly)
    if not period.amount and not hourly and start.lo < start.hi:
        # the clock may have started after a stop of its own day, which then is no stop of it
        held_surely = [stop for stop in held_surely if stop[1] > start.hi]
    one_start = start.lo == start.hi or (not hourly and day_of(start.lo) == day_of(start.hi))
    if one_start and held_surely == held_possibly:
        ends = [count(start.lo, stops=held_surely)] * 2
    else:
        ends = [
            choose((count(t, stops=held) for t in extreme_starts(start, period, held)), key=attrgetter("instant"))
            for choose, held in ((min, held_surely), (max, held_possibly))
        ]
    office = "24:00" if hourly else evaluator.choice("day_end", start.lo, "24:00")
    ends = [_at_office_end(end, office) for end in ends]
    edge = None
    if (hourly or office != "24:00") and ends[0].instant < END and ends[1].instant < END and ends[0].day == ends[1].day:
        edge = Interval(ends[0].instant, ends[1].instant)
    stopped = ends[1].instant >= END and stops.at_end() is True
    causes = stops.causes if ends[0].instant != ends[1].instant else NO_CAUSES
    if ends[0].instant != ends[1].instant and start.lo < start.hi and not (one_start and period.amount):
        causes |= instance.start_unknown
    return Term(
        ends[0].instant, ends[1].instant, period, causes, ends[1].rolled,
        ends[0].provisional or ends[1].provisional, stopped, edge,
    )  # fmt: skip


def _at_office_end(end: Due, office: str) -> Due:
    """Move the end of a day clock from 24:00 to the end of office hours (``param.day_end``, such as 17:30)."""
    if office == "24:00" or end.instant >= END:
        return end
    hours, _, minutes = office.partition(":")
    return end._replace(instant=day_start(end.day) + int(hours) * HOUR + int(minutes or 0) * MINUTE)


def trace(conditions: Conditions, instance: Instance) -> list[DayNote]:
    """Return the counting of a term day by day, from the start's first day; empty for hours, dates and open periods."""
    notes: list[DayNote] = []
    deadline = instance.norm.deadline
    if isinstance(deadline, Within | Every):
        period = conditions.period(deadline.duration, instance)
        roll = isinstance(deadline, Within) and deadline.roll
        if not isinstance(period, Unknown) and instance.start.lo > BEGIN:
            stops = Stops.of(conditions, instance).intervals(sure=True, hourly=period.unit in HOURLY)
            due(instance.start.lo, period, conditions.evaluator.calendar, roll=roll, stops=stops, trace=notes)
    return notes


def _by(conditions: Conditions, instance: Instance, deadline: By) -> Term:
    """The value valid at the start; a newer one counts only if it comes before the due then in force has passed.

    A date that is moved forward ends no earlier than the day on which it is moved, so that nobody is late at once for
    what was in time until then.
    """
    if deadline.instant is not None:
        return Term(deadline.instant, deadline.instant, None)
    if deadline.lead is not None:
        return _ahead(conditions, instance, deadline.lead)
    evaluator, path = conditions.evaluator, deadline.path
    assert path is not None  # noqa: S101 - binding gives a date or a path
    found = evaluator.value(path, instance.frame(instance.moment()))
    named = _named(conditions, instance, path)
    causes = causes_of(found) if isinstance(found, Unknown) else named
    early, late = _ends_of_day(found)
    since = BEGIN
    for instant in sorted(t for t in conditions.changes([path]) if instance.start.hi < t <= evaluator.as_of):
        if instant > late:
            break
        newer = evaluator.value(path, instance.frame(instance.reading(instant)))
        since = instant if since == BEGIN else since
        first, last = (max(t, day_end(day_of(c))) for t, c in zip(_ends_of_day(newer), (since, instant), strict=True))
        early, late = (first, last) if instant <= early else (min(early, first), max(late, last))
        if isinstance(newer, Unknown):
            causes |= newer.causes
        else:
            causes |= named
            since = BEGIN
    return Term(early, late, None, causes if early != late else NO_CAUSES)


def _named(conditions: Conditions, instance: Instance, path: x.Expression) -> Causes:
    """Name what would tell a coarse date exactly: its path, or what leaves the due of the upstream instance open."""
    opening = instance.event
    if isinstance(opening, Upstream) and isinstance(path, x.EventRead):
        upstream: Instance = opening.instance
        known: Term = conditions.once("term", upstream, partial(term, conditions, upstream))
        return known.causes
    return time(x.path_of(path))


def _ahead(conditions: Conditions, instance: Instance, duration: Duration) -> Term:
    """The first instant at which the upstream due, as then known, is at most a lead away (its day, to the end)."""
    opening, evaluator = instance.event, conditions.evaluator
    assert isinstance(opening, Upstream)  # noqa: S101 - binding allows `lead` on a running clock only
    upstream: Instance = opening.instance
    lead = _Lead(conditions.period(duration, instance), instance.start, evaluator.calendar)
    turns = _turns(conditions, upstream)
    if not turns:  # it was known from the start as it is known now
        known: Term = conditions.once("term", upstream, partial(term, conditions, upstream))
        return lead.near(known, instance.start.lo)
    found = []
    for start in sorted({*upstream.start}):
        points = [start, *(t for t in turns if start < t <= evaluator.as_of)]
        found.append(_first_near(conditions, upstream, lead, points))
    causes = NO_CAUSES.union(*(t.causes for t in found))
    return replace(found[-1], early=min(t.early for t in found), late=max(t.late for t in found), causes=causes)


def _turns(conditions: Conditions, instance: Instance) -> list[Instant]:
    """Return the instants, in order, at which the due of an instance may become known, or become another one."""
    deadline, opening = instance.norm.deadline, instance.event
    if isinstance(deadline, Within | Every):
        return Stops.of(conditions, instance).turns
    found = set[Instant]()
    if isinstance(deadline, By) and deadline.path is not None:
        found.update(conditions.changes([deadline.path]))
        if isinstance(opening, Upstream):
            found.update(_turns(conditions, opening.instance))
    return sorted(found)


def _as_known(conditions: Conditions, instance: Instance, instant: Instant) -> Term:
    """Return the term of an instance as it was known at an instant."""
    then, opening = conditions.as_known(instant), instance.event
    if isinstance(instance.norm.deadline, Within | Every):
        return term(then, instance, Stops.of(conditions, instance).as_known(instant))
    if isinstance(opening, Upstream):
        known = _as_known(conditions, opening.instance, instant)
        instance = replace(instance, event=opening.due_by(known.due))
    return term(then, instance)


def _first_near(conditions: Conditions, upstream: Instance, lead: _Lead, points: Sequence[Instant]) -> Term:
    """Return when the due of an instance, as it is known at each of some points, comes near for the first time."""
    found, earliest, causes = _ENDLESS, END, NO_CAUSES
    for point, following in zip(points, (*points[1:], END), strict=True):
        known: Term = conditions.once(f"term@{point}", upstream, partial(_as_known, conditions, upstream, point))
        found = lead.near(known, point)
        if found.early < following or following == END:
            earliest, causes = min(earliest, found.early), causes | found.causes
        if found.late < following:
            break
    return replace(found, early=earliest, causes=causes)


class _Lead(NamedTuple):
    """A time before a due, which may be any while its period is unknown; it does not begin before ``start``."""

    period: Period | Unknown
    start: Interval
    calendar: WorkCalendar

    def near(self, known: Term, since: Instant) -> Term:
        """Return when a due that is known since an instant comes near: at the earliest and at the latest.

        Not before the day of that instant, or the first day, is over: nobody is late at once with what nobody could
        know.  ``END`` while nobody knows the due.
        """
        causes, exact, provisional = known.causes, False, known.provisional
        if isinstance(self.period, Unknown):
            early, late = END if known.early >= END else BEGIN, END
            causes |= self.period.causes
        else:
            exact = self.period.unit in HOURLY
            (early, first), (late, last) = (self._before(t, self.period) for t in (known.early, known.late))
            provisional = provisional or first or last
        early, late = map(max, (early, late), map(_day_over, self.start))
        if early < since:
            today = _day_over(since)
            early, late = since if exact and late >= since else today, max(late, today)
        return Term(
            early, late, None, causes if early != late else NO_CAUSES, provisional=provisional, stopped=known.stopped,
        )  # fmt: skip

    def _before(self, end: Instant, period: Period) -> tuple[Instant, bool]:
        """Return the end of the first day from which a period reaches to ``end``; exact for hours and minutes.

        And whether days count for it of which nobody knows yet whether they are worked.  An end that is open (unknown,
        or never) stays so.
        """
        if end >= END or end <= 0:
            return end, False
        if period.unit in HOURLY:
            return end - due(0, period, self.calendar).instant, False
        last = day_of(end)
        day = _first_day_near(last, period, self.calendar)
        counted = period.unit is Unit.WORKING_DAYS
        return day_end(day), counted and not self.calendar.covers_all(day, last - 1)


def _day_over(instant: Instant) -> Instant:
    """Return the end of an instant's day; what is open stays so."""
    return instant if instant in (BEGIN, END) else day_end(day_of(instant))


@lru_cache(_KEPT)
def _first_day_near(last: int, period: Period, calendar: WorkCalendar) -> int:
    """Return the first day from which a period of days reaches to a last one."""
    day = last
    while due(day_start(day - 1), period, calendar, roll=False).day >= last:
        day -= 1
    return day


def _ends_of_day(found: Interval | Unknown) -> tuple[Instant, Instant]:
    """Return the ends of the first and the last day that a date, or one of several, may be."""
    if isinstance(found, Unknown):
        among = found.among or (Interval(BEGIN, END),)
        if any(isinstance(a, Unknown) for a in among):
            return BEGIN, END
        found = Interval(min(a.lo for a in among), max(a.hi for a in among))
    first, last = (t if t in (BEGIN, END) else day_end(min(day_of(max(t, 0)), LAST_DAY)) for t in found)
    return first, last


class _Stretch(NamedTuple):
    """The clock is stopped or not from ``first`` to ``last``; ``including`` also covers the change at its end."""

    first: Instant
    last: Instant
    including: Instant
    stopped: Truth


class Stops:
    """The times at which an instance's clock stands still, surely or possibly.

    A stop covers the moments of its change on both sides: a day on which the clock was stopped at any moment, the day
    of resumption included, counts for nothing.
    """

    def __init__(self, stretches: Sequence[_Stretch] = ()) -> None:
        self._stretches = stretches
        self.causes: Causes = NO_CAUSES.union(
            *(s.stopped.causes for s in stretches if isinstance(s.stopped, Unknown))
        )  # fmt: skip

    @classmethod
    def of(cls, conditions: Conditions, instance: Instance) -> Stops:
        """Read when the clock of an instance stands still."""
        if not instance.norm.stops:
            return _NO_STOPS
        found: Stops = conditions.once("stops", instance, partial(cls._read, conditions, instance))
        return found

    @classmethod
    def _read(cls, conditions: Conditions, instance: Instance) -> Stops:
        expressions = [g.condition.expression for g in instance.norm.stops if isinstance(g.condition, Test)]
        if not expressions:
            return _NO_STOPS
        evaluator = conditions.evaluator
        changes = sorted(t for t in conditions.changes(expressions) if t <= evaluator.as_of)
        acts = {t for e in evaluator.timeline.of_types(_names(conditions, expressions)) for t in e.at}

        def stopped(instant: Instant) -> Truth:
            frame = instance.frame(instance.reading(instant))
            return any_of(evaluator.truth(e, frame) for e in expressions)

        first = max(instance.start.lo, 0)
        answer, stands = evaluator.watched(partial(stopped, first))
        found: list[_Stretch] = []
        for point in changes:
            if point <= instance.start.lo or point < stands:
                continue  # before the start, or nothing has changed of what was read
            following, stands = evaluator.watched(partial(stopped, point))
            if following != answer:
                found.append(_Stretch(first, point - 1, point if point in acts else point - 1, answer))
                first, answer = point, following
        return cls([*found, _Stretch(first, END, END, answer)])

    def as_known(self, instant: Instant) -> Stops:
        """Return what is known of them at an instant: how it goes on after the last change, nobody knows."""
        known = [s for s in self._stretches if s.first <= instant] or self._stretches[:1]
        return Stops([*known[:-1], *(s._replace(last=END, including=END) for s in known[-1:])])

    @property
    def turns(self) -> list[Instant]:
        """The instants after the first at which the clock stops or runs on, or may."""
        return [s.first for s in self._stretches[1:]]

    def intervals(self, *, sure: bool, hourly: bool) -> list[tuple[Instant, Instant]]:
        """Return the stops as sorted disjoint closed intervals: the sure ones, or the possible ones too."""
        found: list[tuple[Instant, Instant]] = []
        for first, last, including, answer in self._stretches:
            if answer is True or (not sure and answer is not False):
                hi = last if hourly else including
                if found and first <= found[-1][1] + 1:
                    found[-1] = (found[-1][0], hi)
                else:
                    found.append((first, hi))
        return found

    def at_end(self) -> Truth:
        """Say whether the clock is stopped at as_of."""
        return self._stretches[-1].stopped if self._stretches else False


_NO_STOPS = Stops()


def _names(conditions: Conditions, expressions: Sequence[x.Expression]) -> frozenset[str]:
    return frozenset[str]().union(*(conditions.needs(e) for e in expressions))


__all__ = ["Stops", "Term", "term", "trace"]
