"""The three modes: *reach* by the end of a term, *hold* until an end, *at* the trigger (record language, section 8, 9).

Each gives the set of outcomes that are possible for every way of filling the gaps of the record; the set may be too
large, never too small.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from validator.facts.values import NO_CAUSES, Causes, Unknown, any_of, causes_of, time
from validator.judging.clock import Term, term
from validator.judging.conditions import Conditions
from validator.judging.hold import hold
from validator.judging.instance import Instance
from validator.judging.outcome import (
    BREACHED,
    COMPLIANT,
    EXCUSED,
    LATE,
    NOT_TRIGGERED,
    PENDING,
    Outcome,
)
from validator.judging.reached import NEVER, Reached
from validator.legal_time.instant import END, Instant, Interval
from validator.rules.program import Every, Ground, NoDeadline

VIOLATIONS = frozenset({LATE, BREACHED})


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
        possible, race.against(NEVER) if EXCUSED in possible else set(),
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
    if excuse.possible is None and series.possible is None:
        whenever = time(*(f"{e.pointer}/at" for e in reached.by if not end.turns_on(e.at)))
        outcome.causes = outcome.causes - whenever or outcome.causes
    if len(possible) > 1 and possible - VIOLATIONS and reached.possible is not None:
        outcome.causes |= _between(instance, reached, end)
    return outcome


def _series_end(conditions: Conditions, instance: Instance) -> Reached:
    """Return when the series of which this is a gap ends."""
    deadline = instance.norm.deadline
    if not isinstance(deadline, Every) or not deadline.ends or instance.series is None:
        return NEVER
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


def _between(instance: Instance, reached: Reached, end: Term) -> Causes:
    """Name the dates whose coarseness leaves open on which side of the due an answer lies."""
    near = (e for e in reached.by if e.at.lo <= end.late and e.at.hi > end.early)
    causes = time(*(f"{e.pointer}/at" for e in near if end.turns_on(e.at)))
    return causes | instance.start_unknown if end.early != end.late and end.turns_on(instance.start) else causes


def _first_ground(conditions: Conditions, instance: Instance) -> tuple[Reached, Ground | None]:
    if not instance.norm.unless:
        return NEVER, None
    found = [(conditions.first(instance, g.condition), g) for g in instance.norm.unless]
    possible = [(r.possible, i) for i, (r, _) in enumerate(found) if r.possible is not None]
    if not possible:
        return NEVER, None
    sure = [r.sure for r, _ in found if r.sure is not None]
    causes = NO_CAUSES.union(*(r.causes for r, _ in found))
    first = min(possible)
    return Reached(min(sure, default=None), first[0], causes), found[first[1]][1]


# -- at the trigger ----------------------------------------------------------------------------------------------------
def _at(conditions: Conditions, instance: Instance) -> Outcome:
    answer = conditions.truth_at_trigger(instance, instance.norm.condition)
    grounds = [(conditions.truth_at_trigger(instance, g.condition), g) for g in instance.norm.unless]
    excuse = any_of(t for t, _ in grounds)
    outcome = Outcome(causes=causes_of(answer) | causes_of(excuse), breach=instance.start, decided_at=instance.start)
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


_MODES: dict[str, Callable[[Conditions, Instance], Outcome]] = {"reach": _reach, "hold": hold, "at": _at}
