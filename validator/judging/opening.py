"""Which instances of a norm a record opens: triggers, entities, later-of-two, versions, keys (language, 6 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from validator.expressions import expression as x
from validator.expressions.evaluation import Evaluator
from validator.expressions.point import Frame, Point
from validator.facts.timeline import Event, Unreferred
from validator.facts.values import Truth, Unknown, all_of, any_of, data
from validator.judging.beginning import Beginnings, state_key
from validator.judging.candidate import Candidate, by_start, earliest, key_of, names, on_one_day, once, unique
from validator.judging.conditions import Conditions
from validator.judging.instance import Instance, undated
from validator.judging.link import Link
from validator.legal_time.instant import BEGIN, Instant, Interval, same_day
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

_NOT_YET = ("before_issue", "not_yet_in_force")


def reason_of(versions: Sequence[str]) -> str:
    """Return why no version of a norm has an instance, of the reasons of the versions in their order.

    What the version in force says counts, and not that the ones before and after it were not in force.
    """
    if len(versions) < 2:  # noqa: PLR2004 - one version
        return versions[0] if versions else "never_happened"
    if versions[0] in _NOT_YET:  # it was before all of them
        return versions[0]
    told = [r for r in versions if r not in _NOT_YET and r not in ("never_happened", "ended_on")]
    return max(told or versions, key=_nearness)


def _nearness(reason: str) -> int:
    return REASONS.index(reason.partition(":")[0])


class Opener:
    """Opens the instances of norms on one record."""

    def __init__(self, conditions: Conditions, upstream: Callable[[str], Iterable[Link]] = lambda _: ()) -> None:
        self.conditions = conditions
        self.upstream = upstream
        self.beginnings = Beginnings(conditions)
        self.evaluator: Evaluator = conditions.evaluator

    def open(self, norm: Norm) -> Opened:
        """Return the instances of a norm version, in the order of their starts."""
        self._reasons: set[str] = {"never_happened"}
        found: list[Candidate] = []
        for alternative in norm.trigger.alternatives:
            if isinstance(alternative, EventTrigger):
                found.extend(self._by_event(norm, alternative))
            elif isinstance(alternative, StateTrigger):
                found.extend(self._by_state(norm, alternative))
            else:
                found.extend(self._by_chain(norm, alternative))
        if len(norm.trigger.alternatives) > 1:
            found = once(found)
        found = list(self._in_force(norm, found))
        together = len(found) > 1 and on_one_day(c.event for c in found)
        if norm.trigger.one_per:
            found = list(earliest(found, norm.trigger.one_per, self.evaluator))
        if len(found) > 1:
            found = unique(sorted(found, key=by_start))
        instances = [
            Instance(norm, c.entities, c.start, c.event, c.key, c.opened, rivals=c.rivals, dates=c.dates)
            for c in found
            if c.opened is not False
        ]
        if isinstance(norm.deadline, Every):
            instances = [gap for i in instances for gap in self._gaps(i, norm.deadline)]
        reason = "" if instances else max(self._reasons, key=_nearness)
        return Opened(tuple(instances), reason, together)

    # -- by event ---------------------------------------------------------------------------------------------------
    def _by_event(self, norm: Norm, trigger: EventTrigger) -> Iterator[Candidate]:
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
    ) -> Iterator[Candidate]:
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
        yield Candidate(entities, start, event, key_of(norm, entities, event.key), opened)

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
    def _by_chain(self, norm: Norm, trigger: ChainTrigger) -> Iterator[Candidate]:
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
                    key = f"{norm.id}:{names(entities)}:{upstream.instance.key}"
                    yield Candidate(entities, event.at, event, key, all_of((opened, applies)))

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
            key = key_of(base.norm, base.entities, event.key)
            opened = all_of((base.opened, certain))
            yield Instance(base.norm, base.entities, event.at, event, key, opened, series=base, rivals=base.rivals)

    # -- by state ---------------------------------------------------------------------------------------------------
    def _by_state(self, norm: Norm, trigger: StateTrigger) -> Iterator[Candidate]:
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
    ) -> Iterator[Candidate]:
        if trigger.expression is None:
            start = first if first > BEGIN else norm.effective.start
            if start <= self.evaluator.as_of:
                yield Candidate(entities, Interval(start, start), None, key_of(norm, entities, "always"), certain)
            return
        for at, opened, key, dates in self.beginnings.of(norm, trigger.expression, entities, first):
            yield Candidate(entities, at, None, key_of(norm, entities, key), all_of((certain, opened)), dates=dates)

    def _filtered(self, norm: Norm, base: Mapping[str, str | None], found: Iterable[Candidate]) -> Iterator[Candidate]:
        """Keep the candidates whose second entity passes the filter of for_each when the state begins."""
        kind, test = norm.for_each or ("", None)
        doubtful: list[Candidate] = []
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
                yield Candidate(nobody, start, None, key_of(norm, nobody, state_key(start)), opened)

    def _always_in_force(self, norm: Norm) -> bool:
        """Say whether the norm is assumed to have been in force before its issue; a later version never was."""
        return self.evaluator.assume_in_force and not norm.effective.explicit

    # -- versions ---------------------------------------------------------------------------------------------------
    def _in_force(self, norm: Norm, found: Iterable[Candidate]) -> Iterator[Candidate]:
        """Keep the candidates whose start lies in this version's time of force."""
        effective = norm.effective
        low = BEGIN if effective.reaches_back or self._always_in_force(norm) else effective.start
        for candidate in found:
            start = candidate.start
            if min(start.hi, self.evaluator.as_of) < low or candidate.opened is False:  # or had ended before that day
                self._reasons.add("not_yet_in_force" if effective.explicit else "before_issue")
            elif start.lo >= low and start.hi <= effective.end:
                yield candidate
            elif start.lo > effective.end:
                self._reasons.add("ended_on")
            else:
                doubt = Unknown(undated(candidate.event, candidate.dates))
                # the version before it, which has the key, is asked as well
                key = f"{candidate.key}#{norm.version}" if effective.succeeds else candidate.key
                within = Interval(max(start.lo, low), min(start.hi, effective.end))
                yield replace(candidate, key=key, start=within, opened=all_of((candidate.opened, doubt)))
