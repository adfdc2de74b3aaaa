"""The window of a hold: from the close of the trigger's moment to before the open of the end's (section 8)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from validator.expressions.evaluation import Evaluator
from validator.expressions.point import Point, moment
from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes, Truth, Unknown, all_of, any_of, negate, time
from validator.judging.conditions import Conditions
from validator.judging.instance import Instance
from validator.legal_time.instant import BEGIN, END, Instant, Interval, day_end, day_of
from validator.rules.program import End, StateTrigger, Until


class Window:
    """The window of a hold: from the close of the trigger's moment to before the open of the end's moment."""

    def __init__(self, conditions: Conditions, instance: Instance) -> None:
        self.conditions, self.instance = conditions, instance
        until = instance.norm.deadline
        assert isinstance(until, Until)  # noqa: S101 - only a hold has a window
        self.until = until
        self.last: list[tuple[Interval, Causes]] = []
        self.ends: list[tuple[Event, Truth]] = []
        self._states = [a.expression for a in instance.norm.trigger.alternatives if isinstance(a, StateTrigger)]
        self._ended: _Ended | None = None
        self._held: dict[tuple[int, int], Truth] = {}  # by the stretch of time
        self.after = conditions.after_start(instance)
        self._setters: list[Event] = []
        self._quiet: frozenset[Instant] = frozenset()
        if until.with_trigger:
            states = [s for s in self._states if s is not None]
            self._quiet = conditions.quiet_changes(states)
            self._setters = conditions.evaluator.timeline.of_types(frozenset().union(*map(conditions.needs, states)))
            self._stretches = _Stretches(self._setters, self._quiet)
        for end in until.ends:
            self._read(end)
        self.silence = conditions.silence() if any(e.pattern is not None for e in until.ends) else []
        if instance.norm.effective.end < END:
            self.last.append((Interval(instance.norm.effective.end, instance.norm.effective.end), NO_CAUSES))

    def _read(self, end: End) -> None:
        conditions, instance = self.conditions, self.instance
        if end.pattern is not None:
            sees = conditions.since_start(instance, end.pattern)
            self.ends.extend(conditions.matches(instance, end.pattern, sees))
        elif end.instant is not None:
            self.last.append((Interval(end.instant, end.instant), NO_CAUSES))
        elif end.path is not None:
            found = conditions.evaluator.value(end.path, instance.frame(instance.moment()))
            if isinstance(found, Unknown):
                self.last.append((Interval(BEGIN, END), found.causes))
            else:
                ends = (t if t >= END else day_end(day_of(max(t, 0))) for t in found)
                self.last.append((Interval(*ends), NO_CAUSES))

    def contains(self, event: Event) -> Truth:
        """Say whether an event lies before the end (one tied with it lies outside)."""
        parts: list[Truth] = [negate(all_of((truth, self._not_after(end, event)))) for end, truth in self.ends]
        parts += [self.reaches(event.at, event.doubt), *map(negate, self.silence)]
        if self.until.with_trigger:
            parts += self._lasts(event)
        return all_of(parts)

    def ended(self, point: Point) -> Truth:
        """Say whether an event has ended the window by a point."""
        at_point = self.conditions.evaluator.at_point
        return any_of(all_of((truth, at_point(end, point))) for end, truth in self.ends)

    def _lasts(self, event: Event) -> tuple[Truth, Truth]:
        """Say whether the triggering state holds at an event, and whether it has not ended before."""
        stretch = self._stretches.of(event.at)
        if stretch is None:
            ended = any_of([self._ended_by_itself(event), *self._ended_in_order(event)])
            return self.state(Point(event.at, event)), negate(ended)
        if stretch not in self._held:
            self._held[stretch] = self.state(Point(event.at, event))
        return self._held[stretch], negate(self.state_ended(event.at.lo - 1))

    def _ended_in_order(self, event: Event) -> Iterator[Truth]:
        """Yield whether the triggering state ended with events that only their number puts before one."""
        for other in self._setters if event.seq is not None else ():
            if other.at.hi >= event.at.lo and event.follows(other):
                yield all_of((self.after(other), negate(self.state(Point(other.at, other)))))

    def _ended_by_itself(self, event: Event) -> Truth:
        """Say whether the triggering state has ended before the date of an event, or by itself while that lasts."""
        first, last = event.at.lo, event.at.hi
        ended = self.state_ended(first - 1)
        if ended is True or first == last or not self._quiet:
            return ended
        last = min(last, self.conditions.evaluator.as_of)
        if not any(first <= t < last for t in self._quiet):
            return ended
        return ended if self.state_ended(last - 1) is False else Unknown(event.doubt)

    def reaches(self, at: Interval, coarse: Causes = NO_CAUSES) -> Truth:
        """Say whether a moment lies before every end that is a date (its day included)."""
        parts: list[Truth] = []
        for last, causes in self.last:
            if at.lo > last.hi:
                return False
            if at.hi > last.lo:
                parts.append(Unknown(causes | coarse))
            self.conditions.evaluator.changes_after(at, (t + 1 for t in last))
        return all_of(parts)

    def state(self, point: Point) -> Truth:
        """Read the triggering state."""
        frame, truth = self.instance.frame(point), self.conditions.evaluator.truth
        return any_of(s is None or truth(s, frame) for s in self._states)

    def _not_after(self, end: Event, event: Event) -> Truth:
        if end is event:
            return True
        return self.conditions.evaluator.at_point(end, Point(event.at, event, close=self.conditions.evaluator.in_order))

    def closed(self) -> Truth:
        """Say whether the end has come as of the judgement."""
        as_of = self.conditions.evaluator.as_of
        parts = [truth for _, truth in self.ends]
        for last, causes in self.last:
            if last.hi < as_of:
                return True
            if last.lo < as_of:
                parts.append(Unknown(causes or time("until")))
        if self.until.with_trigger:
            parts.append(self.state_ended(as_of))
        return any_of([*parts, *self.silence])

    def state_ended(self, instant: Instant) -> Truth:
        """Say whether the triggering state has ended by an instant (a later one like it is another trigger)."""
        if None in self._states:
            return False
        if self._ended is None:
            changes = self.conditions.changes(s for s in self._states if s is not None)
            points = sorted(t for t in changes if t > self.instance.start.hi)
            self._ended = _Ended(self.conditions.evaluator, points, lambda t: negate(self.state(moment(t))))
        return self._ended.by(instant)


class _Stretches:
    """The stretches of time within which a state is the same, for nothing that it depends on changes."""

    def __init__(self, setters: Sequence[Event], quiet: Iterable[Instant]) -> None:
        self._first, self._last = (sorted(ends) for ends in ([e.at.lo for e in setters], [e.at.hi for e in setters]))
        self._quiet = sorted(quiet)

    def of(self, at: Interval) -> tuple[int, int] | None:
        """Return the stretch in which a moment lies for sure, by what has changed before; None: nobody knows."""
        before = bisect_left(self._last, at.lo)
        changed = bisect_left(self._quiet, at.lo)
        if before != bisect_right(self._first, at.hi) or changed != bisect_right(self._quiet, at.hi):
            return None
        return before, changed


class _Ended:
    """Whether a state has ended by an instant: asked at each point in turn, and once."""

    def __init__(self, evaluator: Evaluator, points: Sequence[Instant], ended_at: Callable[[Instant], Truth]) -> None:
        self.evaluator, self.points, self.ended_at = evaluator, points, ended_at
        self.answers: list[Truth] = [False]  # by none, one, two ... of the points
        self.last: Truth = False
        self.stands = BEGIN

    def by(self, instant: Instant) -> Truth:
        """Say whether the state has ended at a point up to an instant; the end of what is judged is a point too."""
        as_of, count = self.evaluator.as_of, bisect_right(self.points, instant)
        while len(self.answers) <= count:
            self.answers.append(self._also(self.answers[-1], self.points[len(self.answers) - 1]))
        found = self.answers[count]
        if instant == as_of:
            return self._also(found, instant)
        self.evaluator.changes(min(self.points[count], as_of) if count < len(self.points) else as_of)
        return found

    def _also(self, before: Truth, point: Instant) -> Truth:
        """Join what was found before with the answer at a point, which is the last one as long as nothing changes."""
        if before is True:
            return True
        if point >= self.stands:
            self.last, self.stands = self.evaluator.watched(partial(self.ended_at, point))
        return any_of((before, self.last))
