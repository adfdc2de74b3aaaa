"""*Hold* until an end: a condition that must not be false in its window (record language, section 8, 9)."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter

from msgspec import Struct

from validator.expressions.point import Point, moment
from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes, Truth, Unknown, all_of, any_of, causes_of, negate
from validator.judging.conditions import Conditions
from validator.judging.instance import Instance
from validator.judging.outcome import BREACHED, COMPLIANT, EXCUSED, PENDING, Outcome
from validator.judging.steady import Steady
from validator.judging.window import Window
from validator.legal_time.instant import END, Instant, Interval
from validator.rules.program import Both, Condition, Ground, Pattern, Review, Test, leaves


class Violation(Struct, frozen=True):
    """A moment at which a hold is violated, or perhaps: when, by what, whether, and the points at which it may begin.

    It begins at one of them; ``doubt`` is what leaves open at which.  ``lasts``: it began before, and an exception may
    have ended.
    """

    at: Interval
    event: Event | None
    truth: Truth
    points: tuple[Point, ...]
    doubt: Causes = NO_CAUSES
    lasts: bool = False


def hold(conditions: Conditions, instance: Instance) -> Outcome:
    """Return the possible outcomes of an instance that holds until an end."""
    window = Window(conditions, instance)
    outcome = Outcome()
    excused: list[Truth] = []
    for violation in _Violations(conditions, instance, window).all():
        if violation.lasts and (outcome.times or not excused):  # as it was when it began
            continue
        at, event, violated = violation.at, violation.event, violation.truth
        grounds = [(_ground_at(conditions, instance, g, violation), g) for g in instance.norm.unless]
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
        elif isinstance(real, Unknown):
            outcome.perhaps += [] if event is None else [event]
            if not outcome.times:
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
        outcome.causes |= causes_of(doubt)
        excused += [doubt] if window.instance.norm.unless else []
    closed = window.closed()
    outcome.causes |= causes_of(closed)
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


def _ground_at(conditions: Conditions, instance: Instance, ground: Ground, violation: Violation) -> Truth:
    """Read an exception at a violation; where that may begin at several points, and it may change, they must agree."""
    read = partial(_truth_at, conditions, instance, ground.condition, sees=conditions.since_start)
    *earlier, last = violation.points
    found = read(last)
    if not earlier or not _may_change(conditions, instance, ground.condition, violation):
        return found
    answers = [found, *map(read, earlier)]
    return found if all(a is found for a in answers) else Unknown(violation.doubt.union(*map(causes_of, answers)))


def _may_change(conditions: Conditions, instance: Instance, condition: Condition, violation: Violation) -> bool:
    """Say whether an exception may change where a violation may begin, other than with what is judged itself.

    A violation that is certain at last has begun, or goes on, with the last act, and that has happened at the last
    point: what the exception reads of the acts is the same at both.
    """
    since, until = min(p.at.lo for p in violation.points), violation.at.hi
    acts = set(conditions.acts(instance.norm.condition))
    others = (e.at for e in conditions.acts(condition) if e not in acts)
    tests = [part.expression for part in leaves(condition) if isinstance(part, Test)]
    return any(at.hi >= since and at.lo <= until for at in others) or any(
        since < change <= until for change in conditions.quiet_changes(tests)
    )


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


def _conjuncts(condition: Condition) -> Iterator[Condition]:
    """Yield the conditions each of which must be so."""
    if isinstance(condition, Both) and condition.conjunction:
        for part in condition.parts:
            yield from _conjuncts(part)
    else:
        yield condition


class _Violations:
    """The points of the window of a hold at which its condition may be false.

    What must not happen is violated when it happens.  What must be so is violated as long as it is not so: where that
    is excused, it is asked for again when an exception may end.
    """

    def __init__(self, conditions: Conditions, instance: Instance, window: Window) -> None:
        self.conditions, self.instance, self.window = conditions, instance, window
        self.evaluator, condition = conditions.evaluator, instance.norm.condition
        self._after = window.after
        parts = list(_conjuncts(condition))
        self._forbidden = [p for p in parts if isinstance(p, Pattern)]
        self._lasting = [p for p in parts if not isinstance(p, Pattern)]
        lasting = [leaf for p in self._lasting for leaf in leaves(p)]
        self._tests = [p.expression for p in lasting if isinstance(p, Test)]
        self._patterns = any(isinstance(p, Pattern) for p in lasting)
        self._acts = conditions.acts(condition)
        self._exceptions = [
            p.expression for g in instance.norm.unless for p in leaves(g.condition) if isinstance(p, Test)
        ] if lasting else []  # fmt: skip
        self._answers: list[tuple[Instant, int, Truth, Point]] = []  # what was found, by when and by number

    def all(self) -> list[Violation]:
        """Return them in time order."""
        found = [*self._at_start(), *self._at_events(), *self._at_exceptions()]
        found += self._between_events() if self._tests else ()
        return sorted(found, key=lambda v: (v.at, v.event.place[1:] if v.event else ()))

    def _violated(self, point: Point) -> Truth:
        """Say whether something is not so that must be."""
        truth = partial(_truth_at, self.conditions, self.instance, point=point, sees=self._inside)
        return any_of(negate(truth(part)) for part in self._lasting)

    def _inside(self, _: Instance, __: Pattern) -> Callable[[Event], Truth]:
        return lambda event: all_of((self._after(event), self.window.contains(event)))

    def _at_start(self) -> Iterator[Violation]:
        if self._lasting:
            start, point = self.instance.start, self.instance.moment()
            ended = self.window.ended(point)  # an end tied with the start leaves no window
            violated = all_of((self._violated(point), negate(ended), self.window.reaches(start)))
            self._answers.append((start.lo, -1, violated, point))
            if violated is not False:
                yield Violation(start, self.instance.event, violated, (point,))

    def _lies(self, event: Event) -> Truth:
        """Say whether an event lies in the window."""
        lies = all_of((self.evaluator.visible(event), self._after(event)))
        return lies if lies is False else all_of((lies, self.window.contains(event)))

    def _at_events(self) -> Iterator[Violation]:
        settled, steady = _settled(self._acts), Steady(self.evaluator, self._violated)
        forbidden = self._happened()
        for event in self._acts:
            lies = self._lies(event)
            if lies is False:
                continue
            point = Point(event.at, event)
            violated = all_of((lies, steady.at(point))) if self._lasting else False
            by = settled.get(event.index, event.at.hi)
            number = -1 if event.seq is None else event.seq
            self._answers.append((by, number, violated, point))
            violated = any_of((violated, all_of((lies, forbidden.get(event.index, False)))))
            if violated is not False:
                yield Violation(event.at, event, violated, (point,))

    def _happened(self) -> dict[int, Truth]:
        """Return the events, by index, that must not be."""
        found: dict[int, Truth] = {}
        for pattern in self._forbidden:
            for event, truth in self.conditions.matches(self.instance, pattern, self._inside(self.instance, pattern)):
                found[event.index] = any_of((found.get(event.index, False), truth))
        return found

    def _at_exceptions(self) -> Iterator[Violation]:
        """Yield what is not so when an exception may end, other than with what is judged itself."""
        if not self._exceptions:
            return
        names = frozenset[str]().union(*map(self.conditions.needs, self._exceptions))
        acts = {e.index for e in self._acts}
        for event in self.evaluator.timeline.of_types(names):
            lies = False if event.index in acts else self._lies(event)
            point = Point(event.at, event)
            if lies is not False:
                yield from self._lasts(event.at, all_of((lies, self._violated(point))), point)
        for instant in self.conditions.quiet_changes(self._exceptions):
            if self.instance.start.hi < instant <= self.evaluator.as_of:
                probe = moment(instant)
                yield from self._lasts(probe.at, self._violated_at(probe), probe)

    def _lasts(self, at: Interval, violated: Truth, point: Point) -> Iterator[Violation]:
        if violated is not False:
            yield Violation(at, None, violated, (point,), lasts=True)

    def _between_events(self) -> Iterator[Violation]:
        """Yield moments without an event at which it begins to be violated: a dated fact changes, a state ends.

        Where other records are read, it is asked for when something changes of what was read, and not whenever
        something happens in one of them; a pattern is read at the moments of other events too, which hides that.
        The last instants of coarse dates are among the moments: by then the effects of such events are certain.
        What is certain then may have begun wherever it was possible before.
        """
        evaluator, start = self.evaluator, self.instance.start
        acts = [e.at for e in self._acts if e.at.lo < e.at.hi]
        begun = {at.lo for at in acts}  # from then on an act may have been; its effect is told at its event
        quiet = None
        if self._patterns or not self.conditions.reads_others(self._tests):
            quiet = sorted(self.conditions.quiet_changes(self._tests) | {at.hi for at in acts})
        answers = deque(sorted(self._answers, key=itemgetter(0, 1)))
        last: Truth = False
        doubted: list[tuple[Truth, Point]] = []  # what was open just before, and at which points
        instant = _next(start.hi + (start.lo == start.hi), quiet)
        while instant <= min(evaluator.as_of, END - 1):
            while answers and answers[0][0] <= instant:
                *_, last, point = answers.popleft()
                _note(doubted, last, point)
            probe = moment(instant)
            violated, until = evaluator.watched(partial(self._violated_at, probe))
            if violated is not False and violated != last and instant not in begun:
                yield _begun(probe, violated, doubted)
            last = violated
            _note(doubted, last, probe)
            instant = _next(max(until, instant + 1), quiet)

    def _violated_at(self, probe: Point) -> Truth:
        window = self.window
        parts = [self._violated(probe), negate(window.ended(probe)), window.reaches(probe.at)]
        parts += [negate(s) for s in window.silence]
        if window.until.with_trigger:
            parts += [window.state(probe), negate(window.state_ended(probe.at.lo))]
        return all_of(parts)


def _settled(events: Sequence[Event]) -> dict[int, Instant]:
    """Return by when events of coarse date have surely been that are numbered before one of which more is known."""
    numbered = [(e.seq, e) for e in events if e.seq is not None]
    if not any(e.at.lo < e.at.hi for _, e in numbered):
        return {}
    found: dict[int, Instant] = {}
    later: list[Instant] = []
    for _, same in groupby(sorted(numbered, key=itemgetter(0), reverse=True), key=itemgetter(0)):
        group = [e for _, e in same]
        for event in group:
            place = bisect_left(later, event.at.lo)
            if place < len(later) and later[place] < event.at.hi:
                found[event.index] = later[place]
        for event in group:
            insort(later, event.at.hi)
    return found


def _note(doubted: list[tuple[Truth, Point]], answer: Truth, point: Point) -> None:
    """Go on to the next answer: what is open is added to what was, and what is certain ends it."""
    if isinstance(answer, Unknown):
        doubted.append((answer, point))
    else:
        doubted.clear()


def _begun(probe: Point, violated: Truth, doubted: Sequence[tuple[Truth, Point]]) -> Violation:
    """Return a violation that begins at a moment or, where only now it is certain, where it was open before."""
    if violated is not True:
        return Violation(probe.at, None, violated, (probe,))
    doubt = NO_CAUSES.union(*(causes_of(answer) for answer, _ in doubted))
    return Violation(probe.at, None, violated, (*(point for _, point in doubted), probe), doubt)


def _next(instant: Instant, points: Sequence[Instant] | None) -> Instant:
    """Return the first of some points (None: every instant is one) from an instant on; ``END`` if there is none."""
    if points is None:
        return instant
    place = bisect_left(points, instant)
    return points[place] if place < len(points) else END
