"""The three modes: *reach* by the end of a term, *hold* until an end, *at* the trigger (record language, section 8, 9).

Each gives the set of outcomes that are possible for every way of filling the gaps of the record; the set may be too
large, never too small.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import itemgetter

from msgspec import Struct, field
from msgspec.structs import replace

from validator.expressions.evaluation import Evaluator, Point, moment
from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes, Truth, Unknown, all_of, any_of, data, negate, time
from validator.judging.clock import Term, term
from validator.judging.conditions import Conditions, Instance, Reached
from validator.legal_time.instant import BEGIN, END, Instant, Interval, day_end, day_of, tied
from validator.rules.program import (
    Both,
    Condition,
    End,
    Every,
    Ground,
    NoDeadline,
    Pattern,
    Review,
    StateTrigger,
    Test,
    Until,
    leaves,
)

COMPLIANT, LATE, BREACHED, PENDING, EXCUSED, NOT_TRIGGERED = (
    "compliant", "late", "breached", "pending", "excused", "not_triggered",
)  # fmt: skip
VIOLATIONS = frozenset({LATE, BREACHED})
Violation = tuple[Interval, Event | None, Truth, Point]  # when, by what, whether, and the point at which it is read


class Outcome(Struct):
    """What may have become of an instance, and what the report needs to say why."""

    possible: set[str] = field(default_factory=set)
    underlying: set[str] = field(default_factory=set)
    causes: Causes = NO_CAUSES
    decided: tuple[Event, ...] = ()
    decided_at: Interval | None = None
    breach: Interval | None = None
    term: Term | None = None
    ground: Ground | None = None
    later_ground: Ground | None = None
    holding: bool = False
    open_ended: bool = False
    times: int = 0
    reviews: tuple[Event, ...] = ()
    reached: Reached | None = None


def judge(conditions: Conditions, instance: Instance) -> Outcome:
    """Return the possible outcomes of one instance in its mode."""
    found = _MODES[instance.norm.mode](conditions, instance)
    if instance.norm.question is not None:
        found.reviews = conditions.review(instance)[1]
    return found


# -- reach -------------------------------------------------------------------------------------------------------------
def _reach(conditions: Conditions, instance: Instance) -> Outcome:
    """Three things compete, and the first to come decides for good: reached, exception, due."""
    as_of = conditions.evaluator.as_of
    end = term(conditions, instance)
    reached = conditions.first(instance, instance.norm.condition, end.edge)
    excuse, ground = _first_ground(conditions, instance)
    series = _series_end(conditions, instance)
    race = _Race(reached, end, as_of, instance.start.hi)
    possible = _gap(race, excuse, series)
    outcome = Outcome(
        possible, race.against(_NEVER) if EXCUSED in possible else set(),
        reached.causes | excuse.causes | end.causes | series.causes, reached.by, term=end, reached=reached,
    )  # fmt: skip
    if reached.sure is not None:
        first = reached.possible if reached.possible is not None else reached.sure
        outcome.decided_at = reached.by[0].at if len(reached.by) == 1 else Interval(first, reached.sure)
    if possible & VIOLATIONS:
        outcome.breach = Interval(end.early, end.late)
    outcome.open_ended = isinstance(instance.norm.deadline, NoDeadline) and PENDING in possible
    if EXCUSED in possible:
        outcome.ground = ground
    elif possible <= VIOLATIONS and excuse.sure is not None:
        outcome.later_ground = ground
    if len(possible) > 1 and possible - VIOLATIONS and reached.possible is not None:
        outcome.causes |= _between(conditions, instance, reached, end)
    return outcome


_NEVER = Reached(None, None)


def _series_end(conditions: Conditions, instance: Instance) -> Reached:
    """Return when the series of which this is a gap ends."""
    deadline = instance.norm.deadline
    if not isinstance(deadline, Every) or not deadline.ends or instance.series is None:
        return _NEVER
    base = replace(instance.series, series=None)
    found = [conditions.first(base, end.pattern) for end in deadline.ends if end.pattern is not None]
    for end in deadline.ends:
        if end.instant is not None:
            found.append(Reached(end.instant + 1, end.instant + 1))
        elif end.path is not None:
            at = conditions.evaluator.value(end.path, instance.frame(instance.moment()))
            found.append(
                Reached(None, instance.start.lo, at.causes) if isinstance(at, Unknown) else Reached(at.hi, at.lo)
            )
    possible = [r.possible for r in found if r.possible is not None]
    sure = [r.sure for r in found if r.sure is not None]
    return Reached(min(sure, default=None), min(possible, default=None), NO_CAUSES.union(*(r.causes for r in found)))


class _Race(Struct, frozen=True):
    """Three things compete: reached in [possible, sure], excused likewise, due in [early, late].

    ``begun`` is the latest start: what was excused from the start on may have been reached at that very moment.
    """

    reached: Reached
    end: Term
    as_of: Instant
    begun: Instant

    def against(self, excuse: Reached) -> set[str]:
        """Return the possible outcomes."""
        found, reached, end, never = set[str](), self.reached, self.end, END + 1
        r_sure = never if reached.sure is None else reached.sure
        e_sure = never if excuse.sure is None else excuse.sure
        if reached.possible is not None and reached.possible <= min(end.late, max(e_sure, self.begun)):
            found.add(COMPLIANT)
        if excuse.possible is not None and excuse.possible <= end.late and excuse.possible < r_sure:
            found.add(EXCUSED)
        if reached.sure is None and excuse.sure is None and self.as_of <= end.late:
            found.add(PENDING)
        if self.as_of > end.early and r_sure > end.early and e_sure > end.early:
            if reached.possible is not None and (reached.sure is None or reached.sure > end.early):
                found.add(LATE)
            if reached.sure is None:
                found.add(BREACHED)
        return found


def _gap(race: _Race, excuse: Reached, series: Reached) -> set[str]:
    """Return the possible outcomes; a gap cut short by the end of its series is dropped: it was never a full gap."""
    if series.possible is None or series.possible > race.as_of:
        return race.against(excuse)
    never = END + 1
    sure = [never if r.sure is None else r.sure for r in (excuse, series)]
    possible = [never if r.possible is None else r.possible for r in (excuse, series)]
    found = race.against(Reached(None if min(sure) == never else min(sure), min(possible)))
    if EXCUSED in found:
        found.discard(EXCUSED)
        found |= {EXCUSED} if possible[0] < sure[1] and possible[0] <= race.end.late else set()
        found |= {NOT_TRIGGERED} if possible[1] <= sure[0] and possible[1] <= race.end.late else set()
    return found


def _between(conditions: Conditions, instance: Instance, reached: Reached, end: Term) -> Causes:
    """Name the dates whose coarseness leaves open on which side of the due an answer lies."""
    del conditions
    pointers = [
        f"{e.pointer}/at" for e in reached.by if e.at.lo < e.at.hi and e.at.lo <= end.late and e.at.hi > end.early
    ]
    if instance.start.lo < instance.start.hi and end.early != end.late:
        pointers.append("trigger" if instance.event is None else f"{instance.event.pointer}/at")
    return time(*pointers)


def _first_ground(conditions: Conditions, instance: Instance) -> tuple[Reached, Ground | None]:
    if not instance.norm.unless:
        return _NEVER, None
    found = [(conditions.first(instance, g.condition), g) for g in instance.norm.unless]
    possible = [(r.possible, i) for i, (r, _) in enumerate(found) if r.possible is not None]
    if not possible:
        return _NEVER, None
    sure = [r.sure for r, _ in found if r.sure is not None]
    causes = NO_CAUSES.union(*(r.causes for r, _ in found))
    first = min(possible)
    return Reached(min(sure, default=None), first[0], causes), found[first[1]][1]


# -- at the trigger ----------------------------------------------------------------------------------------------------
def _at(conditions: Conditions, instance: Instance) -> Outcome:
    answer = conditions.truth_at_trigger(instance, instance.norm.condition)
    grounds = [(conditions.truth_at_trigger(instance, g.condition), g) for g in instance.norm.unless]
    excuse = any_of(t for t, _ in grounds)
    outcome = Outcome(causes=_causes(answer) | _causes(excuse), breach=instance.start, decided_at=instance.start)
    outcome.decided = (instance.event,) if instance.event is not None else ()
    if answer is not False:
        outcome.underlying.add(COMPLIANT)
    if answer is not True:
        outcome.underlying.add(BREACHED)
    outcome.possible = set(outcome.underlying)
    if BREACHED in outcome.possible and excuse is not False:
        outcome.possible.add(EXCUSED)
        outcome.ground = next(g for t, g in grounds if t is not False)
        if excuse is True:
            outcome.possible.discard(BREACHED)
    return outcome


def _causes(answer: Truth) -> Causes:
    return answer.causes if isinstance(answer, Unknown) else NO_CAUSES


# -- hold --------------------------------------------------------------------------------------------------------------
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


def _hold(conditions: Conditions, instance: Instance) -> Outcome:
    window = Window(conditions, instance)
    outcome = Outcome()
    excused: list[Truth] = []
    for at, event, violated, point in _Violations(conditions, instance, window).all():
        grounds = [(_ground_at(conditions, instance, g, point), g) for g in instance.norm.unless]
        excuse = any_of(t for t, _ in grounds)
        real = all_of((violated, negate(excuse)))
        since = outcome.breach or at
        if excuse is not False:
            excused.append(all_of((violated, excuse)))
            outcome.ground = outcome.ground or next(g for t, g in grounds if t is not False)
        if violated is True:
            outcome.underlying = {BREACHED}
        if real is True:
            outcome.times += 1
            if outcome.times == 1:
                outcome.breach = outcome.decided_at = Interval(since.lo, at.hi)
                outcome.decided = (event,) if event is not None else ()
            outcome.possible = {BREACHED}
        elif isinstance(real, Unknown) and not outcome.times:
            outcome.causes |= real.causes
            outcome.possible.add(BREACHED)
            outcome.breach = Interval(since.lo, max(since.hi, at.hi))
    if outcome.times:
        return outcome
    return _undisturbed(conditions, window, outcome, excused)


def _undisturbed(conditions: Conditions, window: Window, outcome: Outcome, excused: list[Truth]) -> Outcome:
    """No sure violation: still running, or held to its end."""
    silence = conditions.silence() if any(
        isinstance(p, Pattern) for p in leaves(window.instance.norm.condition)
    ) else []  # fmt: skip
    for doubt in silence:
        outcome.possible.add(BREACHED)
        outcome.causes |= _causes(doubt)
        excused += [doubt] if window.instance.norm.unless else []
    closed = window.closed()
    outcome.causes |= _causes(closed)
    excuse = any_of(excused)
    if closed is not True:
        outcome.possible.add(PENDING)
        outcome.holding = True
    if closed is not False:
        if excuse is not True:
            outcome.possible.add(COMPLIANT)
        if excuse is not False:
            outcome.possible.add(EXCUSED)
    outcome.underlying = outcome.underlying or set(outcome.possible - {EXCUSED})
    if EXCUSED not in outcome.possible:
        outcome.ground = None
    return outcome


def _ground_at(conditions: Conditions, instance: Instance, ground: Ground, point: Point) -> Truth:
    """Read an exception at a violation."""
    return _truth_at(conditions, instance, ground.condition, point, conditions.since_start)


def _truth_at(
    conditions: Conditions, instance: Instance, condition: Condition, point: Point,
    sees: Callable[[Instance, Pattern], Callable[[Event], Truth]],
) -> Truth:  # fmt: skip
    evaluator = conditions.evaluator
    if isinstance(condition, Test):
        evaluator.work.spend(len(instance.rivals))
        return evaluator.truth(condition.expression, instance.frame(point))
    if isinstance(condition, Review):
        return conditions.review(instance)[0]
    if isinstance(condition, Both):
        parts = [_truth_at(conditions, instance, p, point, sees) for p in condition.parts]
        return all_of(parts) if condition.conjunction else any_of(parts)
    matches = conditions.matches(instance, condition, sees(instance, condition))
    found = any_of(all_of((truth, evaluator.at_point(event, point))) for event, truth in matches)
    return negate(found) if condition.negated else found


class _Violations:
    """The points of the window of a hold at which its condition may be false."""

    def __init__(self, conditions: Conditions, instance: Instance, window: Window) -> None:
        self.conditions, self.instance, self.window = conditions, instance, window
        self.evaluator, self.condition = conditions.evaluator, instance.norm.condition
        self._after = window.after
        parts = list(leaves(self.condition))
        self._tests = [p.expression for p in parts if isinstance(p, Test)]
        self._patterns = any(isinstance(p, Pattern) for p in parts)
        self._told_at_start = bool(self._tests) or any(isinstance(p, Review) for p in parts)
        self._answers: list[tuple[Instant, Truth]] = []  # whether it is violated at points, by their last instants

    def all(self) -> list[Violation]:
        """Return them in time order."""
        found = [*self._at_start(), *self._at_events(), *(self._between_events() if self._tests else ())]
        return sorted(found, key=lambda v: (v[0], v[1].place[1:] if v[1] else ()))

    def _truth(self, point: Point) -> Truth:
        return _truth_at(self.conditions, self.instance, self.condition, point, self._inside)

    def _inside(self, _: Instance, __: Pattern) -> Callable[[Event], Truth]:
        return lambda event: all_of((self._after(event), self.window.contains(event)))

    def _at_start(self) -> Iterator[Violation]:
        if self._told_at_start:
            start, point = self.instance.start, self.instance.moment()
            violated = all_of((negate(self._truth(point)), self.window.reaches(start)))
            self._answers.append((start.hi, violated))
            if violated is not False:
                yield start, self.instance.event, violated, point

    def _at_events(self) -> Iterator[Violation]:
        for event in self.conditions.acts(self.condition):
            lies = all_of((self.evaluator.visible(event), self._after(event)))
            if lies is not False:
                lies = all_of((lies, self.window.contains(event)))
            if lies is False:
                continue
            point = Point(event.at, event)
            violated = all_of((lies, negate(self._truth(point))))
            self._answers.append((event.at.hi, violated))
            if violated is not False:
                yield event.at, event, violated, point

    def _between_events(self) -> Iterator[Violation]:
        """Yield moments without an event at which it begins to be violated: a dated fact changes, a state ends.

        Where other records are read, it is asked for when something changes of what was read, and not whenever
        something happens in one of them; a pattern is read at the moments of other events too, which hides that.
        The last instants of coarse dates are among the moments: by then the effects of such events are certain.
        """
        evaluator, start = self.evaluator, self.instance.start
        acts = [e.at for e in self.conditions.acts(self.condition) if e.at.lo < e.at.hi]
        begun = {at.lo for at in acts}  # from then on an act may have been; its effect is told at its event
        quiet = None
        if self._patterns or not self.conditions.reads_others(self._tests):
            quiet = sorted(self.conditions.quiet_changes(self._tests) | {at.hi for at in acts})
        answers = deque(sorted(self._answers, key=itemgetter(0)))
        last: Truth = False
        instant = _next(start.hi + (start.lo == start.hi), quiet)
        while instant <= min(evaluator.as_of, END - 1):
            while answers and answers[0][0] <= instant:
                last = answers.popleft()[1]
            probe = moment(instant)
            violated, until = evaluator.watched(partial(self._violated_at, probe))
            if violated is not False and violated != last and instant not in begun:
                yield probe.at, None, violated, probe
            last = violated
            instant = _next(max(until, instant + 1), quiet)

    def _violated_at(self, probe: Point) -> Truth:
        window = self.window
        ended = any_of(all_of((truth, self.evaluator.at_point(e, probe))) for e, truth in window.ends)
        parts = [negate(self._truth(probe)), negate(ended), window.reaches(probe.at)]
        parts += [negate(s) for s in window.silence]
        if window.until.with_trigger:
            parts += [window.state(probe), negate(window.state_ended(probe.at.lo))]
        return all_of(parts)


def _next(instant: Instant, points: Sequence[Instant] | None) -> Instant:
    """Return the first of some points (None: every instant is one) from an instant on; ``END`` if there is none."""
    if points is None:
        return instant
    place = bisect_left(points, instant)
    return points[place] if place < len(points) else END


_MODES: dict[str, Callable[[Conditions, Instance], Outcome]] = {"reach": _reach, "hold": _hold, "at": _at}

__all__ = ["Outcome", "Window", "data", "judge", "tied"]
