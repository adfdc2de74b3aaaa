"""When a state that opens a norm begins (record language, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from validator.expressions import expression as x
from validator.expressions.memory import Evidence
from validator.expressions.point import Frame, moment
from validator.facts.timeline import as_start
from validator.facts.values import NO_CAUSES, Truth, Unknown, all_of
from validator.judging.conditions import Conditions
from validator.legal_time.instant import BEGIN, DAY, END, Instant, Interval, format_instant
from validator.rules.program import Norm


class Beginning(NamedTuple):
    """When a state begins, for sure or perhaps; its part of a key; the dates that would tell it exactly."""

    at: Interval
    opened: Truth
    key: str
    dates: tuple[str, ...]


class Beginnings:
    """Finds when states begin on one record."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions, self.evaluator = conditions, conditions.evaluator

    def of(
        self, norm: Norm, expression: x.Expression, entities: Mapping[str, str | None], first: Instant
    ) -> Iterator[Beginning]:
        """Yield when a state expression becomes true.

        What became true before the norm was in force opens on its first day, if it still holds then and is to be held,
        or is a state to which a norm with something to reach reaches back (the clock of what had ended by then never
        runs), or has always been true.  An unknown stretch opens nothing of its own: if it ends in true, one instance
        opens then (after a true one, perhaps none: it may have lasted); if the expression is never known to be true,
        perhaps one does, at some moment of these stretches.
        """
        as_of = self.evaluator.as_of
        points = sorted({BEGIN, *(t for t in self.conditions.changes([expression]) if t <= as_of)})
        answers = [(t, *self._state_at(expression, entities, t)) for t in points]
        back = norm.effective.reaches_back
        stands = back if norm.mode == "reach" else norm.mode == "hold" and not back
        last, opened = False, False
        doubts: list[Unknown] = []
        stretch: list[Unknown] = []
        since, within = BEGIN, list[Instant]()
        for instant, answer, evidence in answers:
            if isinstance(answer, Unknown):
                since = since if stretch else instant
                stretch.append(answer)
                continue
            if answer and (stretch or not last):
                start = self._state_start(norm, expression, Interval(since, instant), stretch, first, evidence)
                certain: Truth = _unknown_for(stretch) if last else True
                if instant <= first and (stands or instant == BEGIN):
                    certain = all_of((certain, *(a for t, a, _ in answers if instant <= t <= first)))
                if stands and certain is not False:
                    start = Interval(max(start.lo, first), max(start.hi, first))
                if start.lo <= as_of:
                    dates = self._dates(expression, entities, evidence) if instant == BEGIN else ()
                    yield Beginning(start, certain, state_key(start), dates)
                    opened = opened or (start.hi >= first and certain is not False)
            if stretch and instant >= first:
                doubts += stretch
                within += since, instant
            last, stretch = answer, []
        if stretch:
            doubts += stretch
            within += since, as_of
        if not opened and doubts and first <= as_of:
            yield Beginning(Interval(max(first, within[0]), within[-1]), _unknown_for(doubts), "state@unknown", ())

    def _state_at(
        self, expression: x.Expression, entities: Mapping[str, str | None], instant: Instant
    ) -> tuple[Truth, frozenset[Evidence]]:
        """Read a state expression at an instant, and the attested facts on which it rests."""
        evidence = self.evaluator.evidence
        before_it = frozenset(evidence)
        evidence.clear()
        answer = self.evaluator.truth(expression, Frame(entities, moment(instant), Interval(instant, instant)))
        own = frozenset(evidence)
        evidence |= before_it
        return answer, own

    def _state_start(
        self, norm: Norm, expression: x.Expression, stretch: Interval, doubts: list[Unknown], first: Instant,
        evidence: Iterable[Evidence],
    ) -> Interval:  # fmt: skip
        """Return when a state began that is true from ``stretch.hi`` on and was unknown from ``stretch.lo`` on.

        One that has always been true began with the record if events make it; a fact without a date, nobody knows when,
        which does not matter to a norm that reaches back.
        """
        instant = stretch.hi
        if instant != BEGIN:
            only_time = bool(doubts) and all(c.kind == "time" for d in doubts for c in d.causes)
            return stretch if only_time else Interval(instant, instant)
        signed = [as_start(e.on) for e in evidence if e.on is not None]
        if signed:
            return Interval(max(first, *(on.lo for on in signed)), max(first, *(on.hi for on in signed)))
        known = first if first > BEGIN else max(norm.effective.start, BEGIN)
        if self.evaluator.assume_in_force and first <= BEGIN and known > self.evaluator.as_of:
            return Interval(BEGIN, self.evaluator.as_of)  # the record ended before the issue; nobody knows its begin
        certain = norm.mode == "hold" or norm.effective.reaches_back  # whenever it began, it opens on the first day
        if certain or not (self.evaluator.timeline.since is None or self.conditions.reads_facts(expression)):
            return Interval(known, known)
        return Interval(known, max(self.evaluator.as_of, known))

    def _dates(
        self, expression: x.Expression, entities: Mapping[str, str | None], evidence: Iterable[Evidence]
    ) -> tuple[str, ...]:
        """Return the dates since when facts hold on which a state rests: the coarse ones, or all if none is given."""
        signed = {f"{e.pointer}/on": as_start(e.on) for e in evidence if e.on is not None}
        if signed:
            return tuple(sorted(place for place, on in signed.items() if on.lo < on.hi))
        found: list[str] = []
        timeline, known = self.evaluator.timeline, self.evaluator.vocabulary.variables
        for variable in (known[name] for name in self.evaluator.derived.reads(expression).facts):
            among = timeline.entities.get(variable.kind, {})
            ids: Iterable[str | None] = (entities[variable.kind],) if variable.kind in entities else among
            for entity in (among[i] for i in ids if i is not None and i in among):
                stated = entity.facts.get(variable.attribute, ())
                if stated and stated[0].start is None:
                    found.append(f"{entity.pointer}/{variable.attribute}/on")
        return tuple(sorted(found))


def state_key(start: Interval) -> str:
    """Return what stands in the key of an instance for the beginning of a state."""
    if start.lo <= BEGIN or start.hi >= END:
        return "state@unknown"
    written = format_instant(start.lo)
    return f"state@{written[:10] if start.lo % DAY == 0 else written}"


def _unknown_for(doubts: Iterable[Unknown]) -> Unknown:
    return Unknown(NO_CAUSES.union(*(d.causes for d in doubts)))
