"""Which instances of a norm a record opens: triggers, entities, later-of-two, versions, keys (language, 6 and 12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from validator.expressions import expression as x
from validator.expressions.evaluation import Evaluator
from validator.expressions.memory import Evidence
from validator.expressions.point import Frame, Point, moment
from validator.facts.timeline import CHAIN, Event, Unreferred, Upstream, as_start
from validator.facts.values import NO_CAUSES, Series, Truth, Unknown, all_of, any_of, data, known_parts, time
from validator.judging.conditions import Conditions
from validator.judging.instance import Instance, undated
from validator.legal_time.instant import (
    BEGIN,
    DAY,
    END,
    Instant,
    Interval,
    day_of,
    format_day,
    format_instant,
    same_day,
    tied,
)
from validator.rules.program import ChainTrigger, EventTrigger, Every, Leg, Norm, Pattern, StateTrigger


class Opened(Struct, frozen=True):
    """The instances of one norm, and why there is none where there is none (reasons by how far they got).

    ``same_day``: two of them, or of those among which one was to be kept, open on one civil day.
    """

    instances: tuple[Instance, ...]
    reason: str
    same_day: bool


# How near to an instance a reason comes: the nearest one is reported.
REASONS = (
    "never_happened",
    "condition_false",
    "no_entity",
    "waiting_for",
    "upstream_open",
    "before_issue",
    "not_yet_in_force",
    "ended_on",
    "cut_short",
)


class Link(Struct, frozen=True):
    """What an instance became, for the chains that it opens: its clock, its breach, when its duty was done."""

    instance: Instance
    violated: bool
    open: bool
    due: Interval | Unknown | None
    breach: Interval | None
    answered: tuple[Instant | None, Instant | None]

    def occurrence(self, *, on_breach: bool) -> Upstream | None:
        """Return the occurrence that opens a chain: the breach, or the start of the clock."""
        at = self.breach if on_breach else self.instance.start
        if at is None:
            return None
        source = self.instance.event
        breach_id = None if source is None else source.values.get("breach_id")
        values: dict[str, Any] = {"norm": self.instance.norm.id, "breach_id": breach_id or self.instance.key}
        if self.due is not None:
            values["due"] = self.due
        record_type = self.instance.norm.record_type
        refs = {k: (i,) for k, i in self.instance.entities.items() if i is not None and k != record_type}
        return Upstream(
            -1, CHAIN, at, None, self.instance.key, dict(refs), values, self.instance.key, self.instance.key,
            answered=self.answered, instance=self.instance,
        )  # fmt: skip


class _Candidate(Struct, frozen=True):
    entities: Mapping[str, str | None]
    start: Interval
    event: Event | None
    key: str
    opened: Truth
    rivals: tuple[Event, ...] = ()
    dates: tuple[str, ...] = ()

    @property
    def pointer(self) -> str:
        """Where the record has the opening occurrence."""
        return "" if self.event is None else self.event.pointer


class Opener:
    """Opens the instances of norms on one record."""

    def __init__(self, conditions: Conditions, upstream: Callable[[str], Iterable[Link]] = lambda _: ()) -> None:
        self.conditions = conditions
        self.upstream = upstream
        self.evaluator: Evaluator = conditions.evaluator

    def open(self, norm: Norm) -> Opened:
        """Return the instances of a norm version, in the order of their starts."""
        self._reasons: set[str] = {"never_happened"}
        found: list[_Candidate] = []
        for alternative in norm.trigger.alternatives:
            if isinstance(alternative, EventTrigger):
                found.extend(self._by_event(norm, alternative))
            elif isinstance(alternative, StateTrigger):
                found.extend(self._by_state(norm, alternative))
            else:
                found.extend(self._by_chain(norm, alternative))
        if len(norm.trigger.alternatives) > 1:
            found = _once(found)
        found = list(self._in_force(norm, found))
        together = len(found) > 1 and _same_day(c.event for c in found)
        if norm.trigger.one_per:
            found = list(self._earliest(found, norm.trigger.one_per))
        if len(found) > 1:
            found = _unique(sorted(found, key=_by_start))
        instances = [
            Instance(norm, c.entities, c.start, c.event, c.key, c.opened, rivals=c.rivals, dates=c.dates)
            for c in found
            if c.opened is not False
        ]
        if isinstance(norm.deadline, Every):
            instances = [gap for i in instances for gap in self._gaps(i, norm.deadline)]
        reason = "" if instances else max(self._reasons, key=lambda r: REASONS.index(r.partition(":")[0]))
        return Opened(tuple(instances), reason, together)

    # -- by event ---------------------------------------------------------------------------------------------------
    def _by_event(self, norm: Norm, trigger: EventTrigger) -> Iterator[_Candidate]:
        for event in self.evaluator.timeline.of_types(trigger.events):
            visible = self.evaluator.visible(event)
            if visible is False:
                continue
            for entities, applies in self._assignments(norm, event):
                holds = self._where(trigger.where, entities, event)
                opened = False if holds is False else all_of((visible, applies, holds))
                if opened is False:
                    self._reasons.add("condition_false")
                    continue
                yield from self._with_legs(norm, trigger, event, entities, opened)

    def _where(self, where: x.Expression | None, entities: Mapping[str, str | None], event: Event) -> Truth:
        """A trigger's `where` holds if it holds at the open or at the close of the event."""
        if where is None:
            return True
        read = self.evaluator.truth
        at_close = Frame(entities, Point(event.at, event), event.at, event, event)
        if not self.evaluator.derived.reads(where).events:
            return read(where, at_close)
        at_open = Frame(entities, Point(event.at, event, close=False), event.at, event, event)
        return any_of([read(where, at_open), read(where, at_close)])

    def _assignments(self, norm: Norm, event: Event) -> Iterable[tuple[dict[str, str | None], Truth]]:
        timeline = self.evaluator.timeline
        if norm.subject == timeline.record_type and norm.for_each is None:  # most norms
            return [({norm.subject: timeline.id}, True)]
        return self._assigned(norm, event)

    def _assigned(self, norm: Norm, event: Event) -> Iterator[tuple[dict[str, str | None], Truth]]:
        subjects = list(self._subjects(norm.subject, event))
        if not subjects:
            self._reasons.add("no_entity")
        for subject, certain in subjects:
            base: dict[str, str | None] = {norm.subject: subject}
            if norm.for_each is None:
                yield base, certain
                continue
            others = list(self._others(norm, base, event))
            if not others:
                self._reasons.add("no_entity")
            for other, filtered in others:
                yield {**base, norm.for_each[0]: other}, all_of((certain, filtered))

    def _subjects(self, kind: str, event: Event | None) -> Iterator[tuple[str | None, Truth]]:
        """Yield the entities of a kind that an event (None: the record) is about; None: nobody knows which."""
        timeline = self.evaluator.timeline
        if kind == timeline.record_type:
            yield timeline.id, True
            return
        refs = event.refs.get(kind) if event is not None else None
        if isinstance(refs, tuple):
            yield from ((r, True) for r in refs)
        elif isinstance(refs, Unreferred) and not refs.everyone:
            yield from ((r, True) for r in refs.known)
            yield None, Unknown(data(refs.pointer))
        elif kind in timeline.unlisted:
            yield None, Unknown(data(timeline.unlisted[kind]))
        else:
            yield from ((identifier, True) for identifier in timeline.entities.get(kind, {}))

    def _others(self, norm: Norm, base: Mapping[str, str | None], event: Event) -> Iterator[tuple[str | None, Truth]]:
        """Yield the entities of the second kind for which the filter of for_each holds or may hold at an event."""
        kind, test = norm.for_each or ("", None)
        maybe_only = True
        doubts: list[Truth] = []
        for identifier, certain in self._subjects(kind, event):
            if test is None or identifier is None:
                yield identifier, certain
                maybe_only = False
                continue
            frame = Frame({**base, kind: identifier}, Point(event.at, event), event.at, event)
            holds = all_of((certain, self.evaluator.truth(test, frame)))
            if holds is True:
                maybe_only = False
            if isinstance(holds, Unknown):
                doubts.append(holds)
            if holds is not False:
                yield identifier, holds
        if doubts and maybe_only:
            yield None, any_of(doubts)

    def _with_legs(
        self, norm: Norm, trigger: EventTrigger, event: Event, entities: Mapping[str, str | None], opened: Truth
    ) -> Iterator[_Candidate]:
        """The start is the latest of the event and the earliest matching occurrence of each leg."""
        start = event.at
        probe = Instance(norm, entities, event.at, event, "", True)  # noqa: FBT003 - opened
        for leg in trigger.legs:
            found = self._leg(leg, probe)
            if found is None:
                self._reasons.add(f"waiting_for:{'|'.join(leg.events)}")
                return
            at, certain = found
            start = Interval(max(start.lo, at.lo), max(start.hi, at.hi))
            opened = all_of((opened, certain))
        yield _Candidate(entities, start, event, _key(norm, entities, event.key), opened)

    def _leg(self, leg: Leg, probe: Instance) -> tuple[Interval, Truth] | None:
        pattern = Pattern(leg.events, leg.where, any_time=True)
        matches = list(self.conditions.matches(probe, pattern, lambda _: True))
        if not matches:
            return None
        certain = [e for e, t in matches if t is True]
        lo = min(e.at.lo for e, _ in matches)
        if certain:
            return Interval(lo, min(e.at.hi for e in certain)), True
        return Interval(lo, max(e.at.hi for e, _ in matches)), any_of(t for _, t in matches)

    # -- by chain ---------------------------------------------------------------------------------------------------
    def _by_chain(self, norm: Norm, trigger: ChainTrigger) -> Iterator[_Candidate]:
        """One instance per certain violation (at its breach instant), or per running clock, of the upstream norms."""
        for record in trigger.records:
            for upstream in self.upstream(record):
                if trigger.on_breach and not upstream.violated:
                    if upstream.open:
                        self._reasons.add("upstream_open")
                    continue
                event = upstream.occurrence(on_breach=trigger.on_breach)
                if event is None or event.at.lo > self.evaluator.as_of:
                    continue
                opened = True if trigger.on_breach else upstream.instance.opened
                for entities, applies in self._assignments(norm, event):
                    key = f"{norm.id}:{_names(entities)}:{upstream.instance.key}"
                    yield _Candidate(entities, event.at, event, key, all_of((opened, applies)))

    def _gaps(self, base: Instance, deadline: Every) -> Iterator[Instance]:
        """The trigger opens the first gap; each occurrence of the condition answers a gap and opens the next."""
        if deadline.first_gap:
            yield replace(base, series=base)
        pattern = base.norm.condition
        if not isinstance(pattern, Pattern):
            return
        last: Event | None = None
        for event, certain in self.conditions.matches(base, pattern, self.conditions.since_start(base, pattern)):
            if last is not None and same_day(last.at, event.at):
                continue
            last = event
            key = _key(base.norm, base.entities, event.key)
            opened = all_of((base.opened, certain))
            yield Instance(base.norm, base.entities, event.at, event, key, opened, series=base, rivals=base.rivals)

    # -- by state ---------------------------------------------------------------------------------------------------
    def _by_state(self, norm: Norm, trigger: StateTrigger) -> Iterator[_Candidate]:
        timeline = self.evaluator.timeline
        first = max(BEGIN if self._always_in_force(norm) else norm.effective.start, timeline.since or BEGIN)
        for subject, certain in self._subjects(norm.subject, None):
            base: dict[str, str | None] = {norm.subject: subject}
            if norm.for_each is None:
                yield from self._of_state(norm, trigger, base, first, certain)
                continue
            kind = norm.for_each[0]
            yield from self._filtered(
                norm,
                base,
                [
                    candidate
                    for other, known in self._subjects(kind, None)
                    for candidate in self._of_state(
                        norm, trigger, {**base, kind: other}, first, all_of((certain, known))
                    )
                ],
            )

    def _of_state(
        self, norm: Norm, trigger: StateTrigger, entities: Mapping[str, str | None], first: Instant, certain: Truth
    ) -> Iterator[_Candidate]:
        if trigger.expression is None:
            start = first if first > BEGIN else norm.effective.start
            if start <= self.evaluator.as_of:
                yield _Candidate(entities, Interval(start, start), None, _key(norm, entities, "always"), certain)
            return
        for at, opened, key, dates in self._runs(norm, trigger.expression, entities, first):
            yield _Candidate(entities, at, None, _key(norm, entities, key), all_of((certain, opened)), dates=dates)

    def _filtered(
        self, norm: Norm, base: Mapping[str, str | None], found: Iterable[_Candidate]
    ) -> Iterator[_Candidate]:
        """Keep the candidates whose second entity passes the filter of for_each when the state begins."""
        kind, test = norm.for_each or ("", None)
        doubtful: list[_Candidate] = []
        sure = False
        for candidate in found:
            holds: Truth = True
            if test is not None and candidate.entities[kind] is not None:
                holds = self.evaluator.truth(test, Frame(candidate.entities, Point(candidate.start), candidate.start))
            sure = sure or holds is True
            if holds is not False:
                kept = replace(candidate, opened=all_of((candidate.opened, holds)))
                doubtful += [kept] if holds is not True else []
                yield kept
        if doubtful and not sure:
            nobody = {**base, kind: None}
            opened = any_of(c.opened for c in doubtful)
            for start in dict.fromkeys(c.start for c in doubtful):
                yield _Candidate(nobody, start, None, _key(norm, nobody, f"state@{_written(start)}"), opened)

    def _runs(
        self, norm: Norm, expression: x.Expression, entities: Mapping[str, str | None], first: Instant
    ) -> Iterator[tuple[Interval, Truth, str, tuple[str, ...]]]:
        """Yield the moments at which a state expression becomes true, and the dates that would tell them exactly.

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
                    yield start, certain, f"state@{_written(start)}", dates
                    opened = opened or (start.hi >= first and certain is not False)
            if stretch and instant >= first:
                doubts += stretch
                within += since, instant
            last, stretch = answer, []
        if stretch:
            doubts += stretch
            within += since, as_of
        if not opened and doubts and first <= as_of:
            yield Interval(max(first, within[0]), within[-1]), _unknown_for(doubts), "state@unknown", ()

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

    def _always_in_force(self, norm: Norm) -> bool:
        """Say whether the norm is assumed to have been in force before its issue; a later version never was."""
        return self.evaluator.assume_in_force and not norm.effective.explicit

    # -- versions ---------------------------------------------------------------------------------------------------
    def _in_force(self, norm: Norm, found: Iterable[_Candidate]) -> Iterator[_Candidate]:
        """Keep the candidates whose start lies in this version's time of force."""
        effective = norm.effective
        low = BEGIN if effective.reaches_back or self._always_in_force(norm) else effective.start
        for candidate in found:
            start = candidate.start
            if start.hi < low or candidate.opened is False:  # or had ended before the first day
                self._reasons.add("not_yet_in_force" if effective.explicit else "before_issue")
            elif start.lo >= low and start.hi <= effective.end:
                yield candidate
            elif start.lo > effective.end:
                self._reasons.add("ended_on")
            else:
                doubt = Unknown(undated(candidate.event, candidate.dates))
                # the version before it, which has the key, is asked as well
                key = f"{candidate.key}#{format_day(day_of(effective.start))}" if effective.succeeds else candidate.key
                yield replace(candidate, key=key, opened=all_of((candidate.opened, doubt)))

    # -- one per entity ---------------------------------------------------------------------------------------------
    def _earliest(self, found: Iterable[_Candidate], one_per: str) -> Iterator[_Candidate]:
        """Keep one candidate per entity (or per value of the trigger's attribute): the earliest.

        One of which nobody knows whether it belongs to a group may be the earliest of it too.
        """
        groups: dict[_Group, list[_Candidate]] = {}
        for candidate in found:
            groups.setdefault(_group(candidate, one_per), []).append(candidate)
        vague = {key: group for key, group in groups.items() if key.alone}
        for key, group in groups.items():
            near = groups if key.alone else vague  # two of which everything is known are one group or two
            self.evaluator.work.spend(len(near))
            others = [c for other, g in near.items() if other != key and key.may_be(other) for c in g]
            yield self._first_of(key, group, others, one_per)

    def _first_of(
        self, key: _Group, group: Iterable[_Candidate], strangers: Iterable[_Candidate], one_per: str
    ) -> _Candidate:
        """Return the earliest of a group to which others perhaps belong too."""
        ordered = sorted(group, key=_by_start)
        certain = [c for c in ordered if c.opened is True]
        best = certain[0] if certain else ordered[0]
        end = min(c.start.hi for c in certain) if certain else max(c.start.hi for c in ordered)
        others = [c for c in strangers if c.start.lo <= end]
        start = Interval(min(c.start.lo for c in (*ordered, *others)), end)
        opened = any_of(c.opened for c in ordered)
        if key.alone and others:
            opened = all_of((opened, Unknown(data(f"{ordered[0].pointer}/{one_per}"))))
        early = (c for c in (*ordered, *others) if c.start.lo <= end)
        rivals = _rivals(best, early, in_order=self.evaluator.in_order)
        return replace(best, start=start, opened=opened, rivals=rivals)


def _once(found: Iterable[_Candidate]) -> list[_Candidate]:
    """Join candidates that several alternatives open with one occurrence: it opens one instance, if one opens it."""
    joined: dict[tuple[object, ...], _Candidate] = {}
    for candidate in found:
        opening = candidate.key if candidate.event is None else id(candidate.event)
        key = (opening, candidate.start, *candidate.entities.values())
        first = joined.setdefault(key, candidate)
        if first is not candidate:
            joined[key] = replace(first, opened=any_of((first.opened, candidate.opened)))
    return list(joined.values())


def _same_day(events: Iterable[Event | None]) -> bool:
    """Say whether two of several events may be tied: they lie in one civil day."""
    days = [day_of(e.at.lo) for e in events if e is not None and same_day(e.at, e.at)]
    return len(days) > len(set(days))


def _by_start(candidate: _Candidate) -> tuple[Interval, int, str]:
    """Order candidates by their starts; equal ones as their events are numbered, else by their keys."""
    event = candidate.event
    return candidate.start, -1 if event is None or event.seq is None else event.seq, candidate.key


def _unknown_for(doubts: Iterable[Unknown]) -> Unknown:
    return Unknown(NO_CAUSES.union(*(d.causes for d in doubts)))


def _names(entities: Mapping[str, str | None]) -> str:
    return "+".join(["?" if i is None else i for i in entities.values()])


def _key(norm: Norm, entities: Mapping[str, str | None], trigger: str) -> str:
    return f"{norm.id}:{_names(entities)}:{trigger}"


def _written(start: Interval) -> str:
    if start.lo <= BEGIN or start.hi >= END:
        return "unknown"
    return format_instant(start.lo)[:10] if start.lo % DAY == 0 else format_instant(start.lo)


def _rivals(best: _Candidate, others: Iterable[_Candidate], *, in_order: bool) -> tuple[Event, ...]:
    """Return the events, besides that of the best candidate, one of which may be the opening one."""
    opening = best.event
    found = [c.event for c in others if c.event is not None and c.event is not opening]
    if opening is None:
        return ()
    return tuple(
        e for e in dict.fromkeys(found) if not e.follows(opening) and not (in_order and tied(e.at, opening.at))
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """Entities, and the value of the trigger's attribute if it counts (None in either: nobody knows).

    ``alone`` is the key of a candidate of which something is not known: two such need not be of one group.
    """

    entities: tuple[str | None, ...]
    values: tuple[Any, ...]
    alone: str

    def may_be(self, other: _Group) -> bool:
        pairs = [*zip(self.entities, other.entities, strict=True), *zip(self.values, other.values, strict=False)]
        return all(a == b or a is None or b is None for a, b in pairs)


def _group(candidate: _Candidate, one_per: str) -> _Group:
    entities, event = tuple(candidate.entities.values()), candidate.event
    values = () if one_per == "entity" or event is None else (event.values.get(one_per),)
    return _Group(entities, values, candidate.key if None in (*entities, *values) else "")


def _unique(found: list[_Candidate]) -> list[_Candidate]:
    """Give candidates whose keys would be equal a content hash."""
    counts: dict[str, int] = {}
    for candidate in found:
        counts[candidate.key] = counts.get(candidate.key, 0) + 1
    return [c if counts[c.key] == 1 else replace(c, key=f"{c.key}#{_content(c)}") for c in found]


def _content(candidate: _Candidate) -> str:
    event = candidate.event
    content = candidate.start if event is None else [event.refs, event.values]
    text = json.dumps(content, sort_keys=True, default=_written_out)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _written_out(value: object) -> object:
    if isinstance(value, Series):
        return [*known_parts(value), None]  # and not where it stands, which the order of the events decides
    return [*value] if isinstance(value, Interval) else str(value)


def join_holds(
    instances: Iterable[Instance], within: Callable[[Instance, Event], Truth], *, in_order: bool
) -> list[Instance]:
    """In hold, a trigger inside an open instance of the same entities joins it (one window, one finding).

    Where the order of two triggers is open and either would join the other, they are one; where only one would, or
    nobody knows, each of the two that may join the other is an instance only perhaps.
    """
    found: list[Instance] = []
    places: dict[tuple[tuple[str, str | None], ...], int] = {}  # of the last instance of the same entities
    for instance in instances:
        same = tuple(instance.entities.items())
        place = places.get(same)
        last = None if place is None else found[place]
        if place is None or last is None or last.event is None or instance.event is None:
            places[same] = len(found)
            found.append(instance)
            continue
        first = _first(last.event, instance.event, in_order=in_order)
        into_last = False if first is instance.event else within(last, instance.event)
        into_new = False if first is last.event else within(instance, last.event)
        if into_last is True and (into_new is True or first is last.event):
            found[place] = _joined(last, instance, rival=first is None)
        elif into_new is True and first is instance.event:
            found[place] = _joined(instance, last, rival=False)
        else:
            found[place] = replace(last, opened=all_of((last.opened, _not_joined(into_new, last.event))))
            places[same] = len(found)
            found.append(replace(instance, opened=all_of((instance.opened, _not_joined(into_last, instance.event)))))
    return found


def _first(one: Event, two: Event, *, in_order: bool) -> Event | None:
    """Return which of two triggers comes first; None: nobody knows."""
    if one.follows(two):
        return two
    return one if two.follows(one) or (in_order and tied(one.at, two.at)) else None


def _joined(instance: Instance, other: Instance, *, rival: bool) -> Instance:
    """Return the first of two instances with the other joined; a rival may as well be the first.

    So may the other be if the first is an instance only perhaps: the window then begins with one or the other.
    """
    doubtful = instance.opened is not True
    start = instance.start
    if doubtful:
        start = Interval(min(start.lo, other.start.lo), max(start.hi, other.start.hi))
    events = () if other.event is None else (other.event,)
    return replace(
        instance, start=start, joined=(*instance.joined, *events, *other.joined),
        opened=any_of((instance.opened, other.opened)),
        rivals=(*instance.rivals, *other.rivals, *(events if rival or doubtful else ())),
    )  # fmt: skip


def _not_joined(joined: Truth, event: Event) -> Truth:
    """An instance of which it is open whether it has joined another is one only perhaps."""
    return True if joined is False else Unknown(time(f"{event.pointer}/at"))
