"""Evaluation of bound expressions: facts and states read at a point of a record's timeline.

`Evaluator` holds what is fixed for one judgement (program parts, record, context, as_of); a `Frame` holds what changes.
Source of the rules: record language, sections 4 (facts and time), 5 (expressions), 12 (other records).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from validator.expressions import expression as x
from validator.expressions.derived import Derived, Effect
from validator.expressions.elsewhere import Elsewhere, elsewhere
from validator.expressions.memory import Evidence, Memory
from validator.expressions.point import Frame, Point
from validator.expressions.possible import missing, one_of
from validator.expressions.work import Work
from validator.facts import values as v
from validator.facts.context import Context
from validator.facts.timeline import Entity, Event, Stated, Timeline, Unreferred
from validator.facts.values import NO_CAUSES, Causes, Truth, Unknown, all_of
from validator.facts.vocabulary import Variable, Vocabulary
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.deadline import Period, Unit
from validator.legal_time.instant import BEGIN, Instant, Interval, day_end, day_of, day_start, tied

_KEPT = 256  # periods that parameters give: the same few come again and again
_FEW = 16  # settings of a variable that are sooner read than sorted


class Ref(Struct, frozen=True):
    """An entity and the record it is in."""

    timeline: Timeline
    entity: Entity


Code = Callable[["Evaluator", Frame], Any]
"""What an expression means: its value for an evaluator, in a frame."""
MeaningOf = Callable[[x.Expression], Code]
"""Gives the meaning of the parts of an expression."""

_Setting = tuple[Event, Effect, Truth]
"""An event that sets a variable of an entity, or may, and how."""


class _Ordered(NamedTuple):
    """A setting among all in the order of time; ``ended`` is by when it, and all before it, have surely happened."""

    begun: Instant
    ended: Instant
    place: int
    setting: _Setting


@dataclass(slots=True)
class Evaluator(Memory):
    """Evaluates expressions on one record as of one instant.

    ``in_order`` is the presumption that the order within one day never accuses; without it ties are unknown.
    ``assume_in_force``: norms are taken to have been in force before their issue.
    ``work`` counts what judging the record takes.
    """

    vocabulary: Vocabulary
    derived: Derived
    calendar: WorkCalendar
    timeline: Timeline
    context: Context
    work: Work
    in_order: bool = True
    require_attestation: bool = False
    assume_in_force: bool = False
    members: dict[tuple[Any, ...], tuple[Event | None, list[Any]]] = field(default_factory=dict)
    _concerned: dict[tuple[Any, ...], list[tuple[Event, Truth]]] = field(default_factory=dict)
    _homes: dict[int, Evaluator] = field(default_factory=dict)
    _earlier: dict[Instant, Evaluator] = field(default_factory=dict)

    # -- order and visibility ---------------------------------------------------------------------------------------
    def visible(self, event: Event) -> Truth:
        """Say whether an event has happened as of the judgement; a coarse date around it leaves that open."""
        if event.at.hi <= self.as_of:
            return True
        return False if event.at.lo > self.as_of else Unknown(event.doubt)

    def at_point(self, event: Event, point: Point) -> Truth:
        """Say whether an event is in at a reading point (surely not after it), visibility included."""
        self.work.spend()
        if event is point.event or event is point.given:
            return True
        not_after = self._not_after(event, point)
        if not_after is False:
            return False
        visible = self.visible(event)
        return not_after if visible is True else all_of((not_after, visible))

    def _not_after(self, event: Event, point: Point) -> Truth:
        at = point.at
        if point.event is None and not point.ties:
            if event.at.hi <= at.lo:
                return True
            later = event.at.lo > at.hi
            self.changes(event.at.lo if later else event.at.hi)
            return False if later else self._open(event)
        if event.at.hi < at.lo:
            return True
        if event.at.lo > at.hi:
            return False
        if not tied(event.at, at):
            return self._open(event, point.event)
        settled = None if point.event is None else event.before_by_seq(point.event)
        if settled is not None:
            return settled
        self.presumed = True
        return point.close if self.in_order else self._open(event, point.event)

    @staticmethod
    def _open(*events: Event | None) -> Unknown:
        return Unknown(unordered(*events))

    # -- expressions ------------------------------------------------------------------------------------------------
    def truth(self, expression: x.Expression, frame: Frame) -> Truth:
        """Evaluate a boolean expression."""
        found: Truth = self.value(expression, frame)
        return found

    def value(self, expression: x.Expression, frame: Frame) -> Any:
        """Evaluate any expression: a plain value, an `Interval`, a `Series`, a `Ref`, an `Event` or `Unknown`."""
        self.work.spend()
        code, is_light = self.derived.meant(expression)
        point = frame.point
        if is_light or frame.this is not None or not point.is_moment:
            return code(self, frame)
        key = self.derived.reads(expression).asked(expression, frame)
        return self.while_it_stands(key, point.at.lo, partial(code, self, frame))

    # -- entities and facts -----------------------------------------------------------------------------------------
    def entity(self, kind: str, identifier: str) -> Any:
        """Return an entity of the record, or another record, as a `Ref`; unknown if there is none."""
        timeline = self.timeline
        found = timeline.entities.get(kind, {}).get(identifier)
        if found is not None:
            return Ref(timeline, found)
        other = self.context.get((kind, identifier))
        return Unknown(v.data(f"context {kind}/{identifier}")) if other is None else Ref(other, other.record)

    def as_ref(self, value: Any, kind: str) -> Any:
        """Return the entity of a kind that an id names; a `Ref` and what is unknown stay what they are."""
        if isinstance(value, str):
            return self.entity(kind, value)
        return value

    def fact(self, ref: Ref, variable: Variable, frame: Frame) -> Any:
        """Read a fact of an entity at the frame's point."""
        if variable.source in ("recorded", "attested"):
            stated = ref.entity.facts.get(variable.attribute, ())
            if stated and stated[0].start is not None:  # of a dated list every value has its start
                return self._stated(ref, variable, stated, frame.point)
            if len(stated) == 1 and variable.source == "recorded" and not (variable.type.many or stated[0].attested):
                return stated[0].value
            return self.once((variable.name, id(ref.entity)), lambda: self._stated(ref, variable, stated, frame.point))
        expression = self.derived.expressions.get(variable.name)
        if expression is None:
            setters = self.derived.setters.get(variable.name, ())
            if ref.timeline.by_type.keys().isdisjoint(setters) or not self._settings(ref, variable):
                return one_of([self._start_value(ref, variable)], NO_CAUSES, variable)
        reads, point = self.derived.reads_of(variable), frame.point
        given = reads.given(point)
        if given is not point.given:
            point = point.without_given()
        compute = partial(self._computed, ref, variable, expression, point, frame.start)
        start = frame.start if reads.parameters else None
        if point.is_moment:
            return self.while_it_stands((variable.name, id(ref.entity), given, start), point.at.lo, compute)
        return self.once((variable.name, id(ref.entity), point, start), compute)

    def _computed(
        self, ref: Ref, variable: Variable, expression: x.Expression | None, point: Point, start: Interval
    ) -> Any:
        """A variable that events change, or that is computed from others."""
        if expression is None:
            found = self._state(ref, variable, point)
        else:
            inner = Frame({variable.kind: ref.entity.id}, point, start)
            found = self._at_home(ref.timeline, expression, inner)
        if ref.timeline is self.timeline:
            return found
        own = NO_CAUSES.union(*(e.doubt for e in (point.event, point.given) if e is not None))
        return v.seen_from_outside(found, ref.timeline.whence, own)

    def _at_home(self, timeline: Timeline, expression: x.Expression, frame: Frame) -> Any:
        """Evaluate an expression in the record that it is about."""
        code = self.derived.meant(expression).code
        if timeline is self.timeline:
            return code(self, frame)
        if id(timeline) not in self._homes:
            self._homes[id(timeline)] = replace(
                self,
                timeline=timeline,
                presumed=False,
                evidence=set(),
                _values={},
                _tied={},
                _standing={},
                _lists={},
                members={},
                _concerned={},
                _homes={},
                _earlier={},
            )
        home = self._homes[id(timeline)]
        home.presumed, home.evidence, home.until = False, self.evidence, self.until
        found = code(home, frame)
        self.presumed |= home.presumed
        self.until = home.until
        return found

    def elsewhere(self, expressions: tuple[x.Expression, ...]) -> Elsewhere:
        """Return what expressions read of other records."""
        found: Elsewhere = self.derived.once(
            ("elsewhere", self.timeline.record_type, expressions),
            lambda: elsewhere(expressions, self.timeline.record_type, self.vocabulary, self.derived),
        )
        return found

    def changes_elsewhere(self, expressions: tuple[x.Expression, ...]) -> frozenset[Instant]:
        """Return when what expressions read of other records may change."""
        return self.context.changes_around(self.timeline, self.vocabulary, self.elsewhere(expressions))

    def without_presumption(self) -> Evaluator:
        """Return an evaluator that reads ties as unknown; what rests on none is the same for both."""
        return replace(self, in_order=False, presumed=False, evidence=set(), _tied={}, _homes={}, _earlier={})

    def as_known(self, instant: Instant) -> Evaluator:
        """Return an evaluator that knows what was known at an instant, always the same one."""
        if instant not in self._earlier:
            as_of = min(instant, self.as_of)
            self._earlier[instant] = replace(self, as_of=as_of, _values={}, _tied={}, _homes={}, _earlier={})
        found = self._earlier[instant]
        found.evidence = self.evidence
        return found

    def _stated(self, ref: Ref, variable: Variable, stated: tuple[Stated, ...], point: Point) -> Any:
        pointer = self._place(ref.timeline, f"{ref.entity.pointer}/{variable.attribute}")
        attested = variable.source == "attested"
        causes = v.judgement(pointer) if attested else v.data(pointer)
        if not stated:
            return missing(variable, causes)
        self.changes_after(point.at, (t for s in stated if s.start is not None for t in s.start))
        candidates, open_from = _holding(stated, point)
        if attested and self.require_attestation and not all(s.attested for s in candidates):
            return missing(variable, causes)
        self.evidence.update(Evidence(pointer, s.by, s.on, s.document) for s in candidates if attested or s.attested)
        found = [missing(variable, causes) if s.value is None else s.value for s in candidates]
        if open_from:
            found.append(missing(variable, causes))
        return one_of(found, v.time(pointer), variable)

    def _place(self, timeline: Timeline, pointer: str) -> str:
        """Return how a place is told: one of another record with that record."""
        return pointer if timeline is self.timeline else f"{timeline.whence} {pointer}"

    def _state(self, ref: Ref, variable: Variable, point: Point) -> Any:
        """Derive the value of a variable that only events change (record language section 4, state derivation)."""
        inside: list[tuple[Event, Effect]] = []
        maybe: list[tuple[Event, Effect, Causes]] = []
        for event, effect, happens in self._settings_around(ref, variable, point):
            is_in = self.at_point(event, point)
            if happens is not True:
                is_in = all_of((is_in, happens))
            if is_in is True:
                inside.append((event, effect))
            elif isinstance(is_in, Unknown):
                maybe.append((event, effect, is_in.causes))
        if not maybe and len(inside) <= 1:
            found = [self._value_set(*p, variable, point) for p in inside] or [self._start_value(ref, variable)]
            return one_of(found, NO_CAUSES, variable)
        latest = max((event.at.lo for event, _ in inside), default=BEGIN)
        last = [p for p in inside if not self._is_followed(p[0], inside, latest)]
        open_ends = [p for p in maybe if not self._is_followed(p[0], inside, latest)]
        candidates = [self._value_set(e, s, variable, point) for e, s in last]
        candidates += [self._value_set(e, s, variable, point) for e, s, _ in open_ends]
        if not inside:
            candidates.append(self._start_value(ref, variable))
        causes = NO_CAUSES.union(
            *(c for _, _, c in open_ends), v.time(*(f"{e.pointer}/at" for e, _ in last[1:] and last))
        )
        return one_of(candidates, causes, variable)

    def _is_followed(self, event: Event, others: Sequence[tuple[Event, Any]], latest: Instant) -> bool:
        """Say whether one of some events, the last of which begins at an instant, surely comes after an event."""
        at = event.at
        if at.hi < latest:
            return True
        self.work.spend(len(others))
        return any(other.at.hi >= at.lo and other.follows(event) for other, _ in others)

    def _settings_around(self, ref: Ref, variable: Variable, point: Point) -> Sequence[_Setting]:
        """Return the settings that may count at a point, and the next, at which the value changes.

        Those on days before that of the last one that is in for sure are followed by it.
        """
        known = self._settings(ref, variable)
        if len(known) <= _FEW or any(e is not None and e.at.lo > point.at.hi for e in (point.event, point.given)):
            return known
        key = ("set in order", variable.name, id(ref.entity))
        ordered: tuple[_Ordered, ...] = self.once(key, lambda: tuple(_in_order(known)))
        end = min(bisect_right(ordered, point.at.hi, key=attrgetter("begun")) + 1, len(ordered))
        now, begin = min(point.at.lo, self.as_of + 1), 0
        for place in range(end - 1, -1, -1):
            self.work.spend()
            event, _, happens = ordered[place].setting
            if happens is True and event.at.hi < now:
                begin = bisect_left(ordered, day_start(day_of(event.at.lo)), key=attrgetter("ended"))
                break
        return [one.setting for one in sorted(ordered[begin:end], key=attrgetter("place"))]

    def _settings(self, ref: Ref, variable: Variable) -> tuple[_Setting, ...]:
        """Return the events that set a variable of an entity, and whether they do (whenever it is read)."""
        key = ("set", variable.name, id(ref.entity))
        found: tuple[_Setting, ...] = self.once(key, lambda: tuple(self._setting(ref, variable)))
        return found

    def _setting(self, ref: Ref, variable: Variable) -> Iterator[_Setting]:
        timeline, kind = ref.timeline, variable.kind
        for name in self.derived.setters.get(variable.name, ()):
            for event in timeline.about((name,), kind, ref.entity.id):
                concerns = concerns_entity(event, kind, ref.entity.id, timeline.record_type)
                for effect in self.derived.effects[name, variable.name] if concerns is not False else ():
                    happens = concerns
                    if effect.where is not None:
                        frame = Frame({}, Point(event.at, event), event.at, this=event)
                        happens = all_of((self._at_home(timeline, effect.where, frame), concerns))
                    if happens is not False:
                        yield event, effect, happens

    def _value_set(self, event: Event, effect: Effect, variable: Variable, point: Point) -> Any:
        setter = effect.setter
        if setter.attribute is None:
            value = variable.type.read(setter.value)
        else:
            pointer = f"{event.pointer}/{setter.attribute}"
            value = event.values.get(setter.attribute, Unknown(v.data(pointer), variable.type.low, variable.type.high))
        if setter.until is None:
            return value
        end = event.values.get(setter.until)
        if end is None:
            return Unknown(v.data(f"{event.pointer}/{setter.until}"))
        self.changes_after(point.at, (day_end(day_of(t)) + 1 for t in end))
        return _ends_by_itself(value, _initial(variable), end, point, f"{event.pointer}/{setter.until}")

    def _start_value(self, ref: Ref, variable: Variable) -> Any:
        key = (variable.name, ref.entity.id)
        if key in ref.timeline.states and ref.timeline.states[key] is not None:
            return ref.timeline.states[key]
        if variable.initial is None or ref.timeline.partial:
            whose = "" if ref.entity is ref.timeline.record else f"/{ref.entity.id}"
            pointer = self._place(ref.timeline, f"/states/{variable.name}{whose}")
            return Unknown(v.data(pointer), variable.type.low, variable.type.high)
        return _initial(variable)

    # -- events -----------------------------------------------------------------------------------------------------
    def silence(self) -> Causes | None:
        """Return why there may be more events than are recorded."""
        return v.data("/timeline") if self.timeline.partial else None

    def concerning(self, names: tuple[str, ...], entities: Mapping[str, str | None]) -> list[tuple[Event, Truth]]:
        """Return the events of some types that concern an instance, or may."""
        key = (names, *entities.items())
        if key not in self._concerned:
            events = self._about(names, entities)
            self.work.spend(len(events))
            found = ((e, self.concerns(e, entities)) for e in events)
            self._concerned[key] = [(e, concerns) for e, concerns in found if concerns is not False]
        return self._concerned[key]

    def _about(self, names: tuple[str, ...], entities: Mapping[str, str | None]) -> list[Event]:
        """Return the events of some types without those that refer to another entity of one of the kinds."""
        timeline = self.timeline
        for kind, identifier in entities.items():
            if identifier is not None and kind != timeline.record_type:
                return timeline.about(names, kind, identifier)
        return timeline.of_types(names)

    def concerns(self, event: Event, entities: Mapping[str, str | None]) -> Truth:
        """Say whether an event concerns an instance: it refers to its entities or cannot refer to such kinds."""
        record_type = self.timeline.record_type
        parts = [concerns_entity(event, k, i, record_type) for k, i in entities.items() if k != record_type]
        return all_of(parts) if parts else True

    # -- parameters, tables, lists ----------------------------------------------------------------------------------
    def parameter(self, name: str, start: Interval, trigger: Event | None = None) -> Any:
        """Return a parameter as a Decimal, read at the trigger's date, or `Unknown` when it is unset.

        One that changes while the start may lie is one of the figures that it has then.
        """
        parameter = self.vocabulary.parameters[name]
        found = parameter.during(start)
        if any(f is None for f in found):
            return Unknown(v.judgement(f"param.{name}"), parameter.low)
        numbers = sorted({f.value for f in found if f is not None})
        if len(numbers) == 1:
            return numbers[0]
        undated = v.time("trigger" if trigger is None else f"{trigger.pointer}/at")
        return Unknown(undated, numbers[0], numbers[-1], tuple(numbers))

    def period(self, name: str, start: Interval, trigger: Event | None = None) -> Period | Unknown:
        """Return a parameter that is a length of time, read at the trigger's date; unknown while it is unset."""
        amount = self.parameter(name, start, trigger)
        if isinstance(amount, Unknown):
            return amount
        return _period(int(amount), self.vocabulary.parameters[name].unit)

    def choice(self, name: str, instant: Instant, default: str) -> str:
        """Return a global parameter that is a word (hour_start, same_day, day_end), as of an instant."""
        parameter = self.vocabulary.parameters.get(name)
        found = None if parameter is None or not parameter.values else parameter.at(instant)
        return default if found is None else str(found.value)


@lru_cache(_KEPT)
def _period(amount: int, unit: str) -> Period:
    return Period(amount, Unit(unit))


def unordered(*events: Event | None) -> Causes:
    """Name the dates whose coarseness leaves an order open: the coarsest of them."""
    causes, widest = NO_CAUSES, -1
    for event in events:
        width = -1 if event is None else event.at.hi - event.at.lo
        if event is not None and width >= widest:
            causes = event.doubt if width > widest else causes | event.doubt
            widest = width
    return causes


def concerns_entity(event: Event, kind: str, identifier: str | None, record_type: str) -> Truth:
    """Say whether an event refers to an entity of a kind, or cannot refer to that kind at all."""
    if kind == record_type:
        return True
    refs = event.refs.get(kind)
    if refs is None:
        return True
    if isinstance(refs, Unreferred):
        return True if refs.everyone or identifier in refs.known else Unknown(v.data(refs.pointer))
    if identifier is None:
        return Unknown(v.data(f"{event.pointer}/{kind}")) if refs else False
    return identifier in refs


def _holding(stated: tuple[Stated, ...], point: Point) -> tuple[list[Stated], bool]:
    """Return the stated values that may hold at a point, and whether it may lie before the first.

    A value gives way to one that surely starts after it and surely has started; of two that start together, or of
    which nobody knows the order, either may hold.
    """
    started = [s.start for s in stated if s.start is not None and s.start.hi <= point.at.lo]
    latest = max((s.lo for s in started), default=BEGIN)
    found = [s for s in stated if s.start is None or (s.start.lo <= point.at.hi and s.start.hi >= latest)]
    return found, not started and all(s.start is not None for s in stated)


def _in_order(settings: Iterable[_Setting]) -> Iterator[_Ordered]:
    """Yield some settings in the order of time."""
    ended = BEGIN
    for place, setting in sorted(enumerate(settings), key=lambda numbered: numbered[1][0].at.lo):
        at = setting[0].at
        ended = max(ended, at.hi)
        yield _Ordered(at.lo, ended, place, setting)


def _initial(variable: Variable) -> Any:
    return None if variable.initial is None else variable.type.read(variable.initial)


def _ends_by_itself(value: Any, initial: Any, end: Interval, point: Point, pointer: str) -> Any:
    """A value that is set until a date holds to the end of that day and then gives way to the initial one."""
    first_last, last = (day_end(day_of(t)) for t in end)
    if point.at.hi <= first_last:
        return value
    if point.at.lo > last:
        return initial
    return Unknown(v.time(pointer), among=(value, initial))
