"""Evaluation of bound expressions: facts and states read at a point of a record's timeline.

`Evaluator` holds what is fixed for one judgement (program parts, record, context, as_of); a `Frame` holds what
changes: the instance's entities, its trigger, the reading point, the event a `where` is asked about.
Source of the rules: record language, sections 4 (facts and time), 5 (expressions), 12 (other records).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from functools import reduce
from itertools import chain, pairwise
from operator import or_
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from validator import expression as x
from validator import values as v
from validator.calendar import WorkCalendar
from validator.context import Context
from validator.deadline import Period, Unit, due
from validator.instant import BEGIN, DAY, Instant, Interval, day_of, format_day, tied
from validator.timeline import Entity, Event, Stated, Timeline, Unreferred, Upstream
from validator.values import NO_CAUSES, Causes, Item, Series, Truth, Unknown, all_of, any_of
from validator.vocabulary import BOOLEAN, Setter, Variable, Vocabulary


class Point(NamedTuple):
    """A reading point.

    With an ``event``: the moment of that event, read at *close* (everything tied with it is in) or *open* (only its
    own effects and what is surely before).  Without: the instants ``at``; ``ties`` lets events tied with it count in.
    ``given`` is in for sure: the opening occurrence, at any moment from the start on.
    """

    at: Interval
    event: Event | None = None
    close: bool = True
    ties: bool = False
    given: Event | None = None


def moment(instant: Instant) -> Point:
    """Return the point that reads everything up to and including one instant."""
    return Point(Interval(instant, instant))


class Ref(NamedTuple):
    """An entity and the record it is in."""

    timeline: Timeline
    entity: Entity


@dataclass(frozen=True, slots=True)
class Effect:
    """A setter of a vocabulary with its bound ``where``."""

    setter: Setter
    where: x.Expression | None


_TIMELESS = (x.Literal, x.Logic, x.Not, x.Comparison, x.Membership, x.ListOf, x.Contains, x.Known, x.EventRead)


@dataclass(frozen=True, slots=True)
class Reads:
    """What the value of an expression depends on, the computed variables that it reads included.

    ``events``: event types; ``tables``: dated tables; ``others``: whether other records may be read, besides those
    whose type is in ``kinds``; ``facts``: whether anything that the record states; ``parameters``: whether any figure;
    ``trigger``: whether the opening occurrence.
    """

    events: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    others: bool = False
    facts: bool = False
    parameters: bool = False
    trigger: bool = False

    def union(self, *others: Reads) -> Reads:
        """Return what any of several depends on."""
        return Reads(*(reduce(or_, (getattr(r, part.name) for r in (self, *others))) for part in fields(self)))


@dataclass(frozen=True, slots=True)
class Derived:
    """What the program has bound of the vocabulary: effects by (event type, variable) and ``is`` expressions."""

    effects: Mapping[tuple[str, str], tuple[Effect, ...]]
    expressions: Mapping[str, x.Expression]
    setters: Mapping[str, tuple[str, ...]]
    _reads: dict[x.Expression, Reads] = field(default_factory=dict, compare=False)
    _settled: dict[tuple[x.Expression, str], bool] = field(default_factory=dict, compare=False)

    def reads(self, expression: x.Expression) -> Reads:
        """Return what the value of an expression depends on."""
        if expression not in self._reads:
            self._reads[expression] = Reads().union(*map(self._of_node, x.walk(expression)))
        return self._reads[expression]

    def settled_by(self, expression: x.Expression, variable: str) -> bool:
        """Say whether an expression reads nothing but the variable of a generator over events and its attributes."""
        key = (expression, variable)
        if key not in self._settled:
            nodes = list(x.walk(expression))
            roots = {expression, *(n.base for n in nodes if isinstance(n, x.EventRead) and n.attribute != "fulfilled")}
            self._settled[key] = all(
                n in roots and n.name == variable if isinstance(n, x.LoopVariable) else isinstance(n, _TIMELESS)
                for n in nodes
            )
        return self._settled[key]

    def _of_node(self, node: x.Expression) -> Reads:
        match node:
            case x.Occurrences():
                return Reads(frozenset(node.names))
            case x.TableRead():
                return Reads(tables=frozenset({node.name}))
            case x.ParameterRead() | x.Shift():
                return Reads(parameters=True)
            case x.TriggerEvent():
                return Reads(trigger=True)
            case x.Linked():
                return Reads(others=True)
            case x.Read(variable=variable):
                return self._of_variable(variable)
        return Reads()

    def _of_variable(self, variable: Variable) -> Reads:
        kinds = frozenset({variable.kind})
        if variable.source == "is":
            return self.reads(self.expressions[variable.name]).union(Reads(kinds=kinds))
        if variable.source == "events":
            return Reads(frozenset(self.setters.get(variable.name, ())), kinds=kinds)
        return Reads(kinds=kinds, facts=True)


class Frame(NamedTuple):
    """What an expression is evaluated in.  ``start`` is the instance's start, at which parameters are read."""

    entities: Mapping[str, str | None]
    point: Point
    start: Interval
    trigger: Event | None = None
    this: Event | None = None
    loops: Mapping[str, Any] = MappingProxyType({})


class Evidence(NamedTuple):
    """An attested fact that a judgement read: where it stands, and who vouches for it (None: nobody)."""

    pointer: str
    by: str | None
    on: str | None
    document: str | None


class _Member(NamedTuple):
    """An occurrence over which a generator runs, with what the occurrence alone settles: the rest is `_OPEN`."""

    event: Event
    concerns: Truth
    condition: Any
    element: Any


_OPEN = object()
_ALWAYS = x.Literal(BOOLEAN, True)  # noqa: FBT003 - the condition of a generator without one
_IRRELEVANT: Mapping[str, bool] = {"all": True, "any": False}  # an element that changes nothing, present or not


class Computed(NamedTuple):
    """A value found once, with what finding it left behind: whether a tie was read, and the attested facts read."""

    value: Any
    presumed: bool
    evidence: frozenset[Evidence]

    @property
    def left(self) -> bool:
        """Whether anything was left behind."""
        return self.presumed or bool(self.evidence)


@dataclass(slots=True)
class Evaluator:
    """Evaluates expressions on one record as of one instant.

    ``in_order`` is the presumption that the order within one day never accuses; without it ties are unknown.
    ``presumed`` becomes true when a tie was read by it.
    ``assume_in_force``: norms are taken to have been in force before their issue.
    ``evidence`` collects the attested facts that were read.
    """

    vocabulary: Vocabulary
    derived: Derived
    calendar: WorkCalendar
    timeline: Timeline
    as_of: Instant
    context: Context
    in_order: bool = True
    presumed: bool = False
    require_attestation: bool = False
    assume_in_force: bool = False
    evidence: set[Evidence] = field(default_factory=set)
    _values: dict[tuple[Any, ...], Computed] = field(default_factory=dict)
    _members: dict[tuple[Any, ...], list[_Member]] = field(default_factory=dict)
    _concerned: dict[tuple[Any, ...], list[tuple[Event, Truth]]] = field(default_factory=dict)
    _homes: dict[int, Evaluator] = field(default_factory=dict)
    _earlier: dict[Instant, Evaluator] = field(default_factory=dict)
    _around: list[tuple[Timeline, ...]] = field(default_factory=list)

    # -- order and visibility ---------------------------------------------------------------------------------------
    def visible(self, event: Event) -> Truth:
        """Say whether an event has happened as of the judgement; a coarse date around it leaves that open."""
        if event.at.hi <= self.as_of:
            return True
        return False if event.at.lo > self.as_of else Unknown(v.time(f"{event.pointer}/at"))

    def at_point(self, event: Event, point: Point) -> Truth:
        """Say whether an event is in at a reading point (surely not after it), visibility included."""
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
            return False if event.at.lo > at.hi else self._open(event)
        if event.at.hi < at.lo:
            return True
        if event.at.lo > at.hi:
            return False
        if not tied(event.at, at):
            return self._open(event, point.event)
        settled = None if point.event is None else event.before_by_seq(point.event)
        if settled is not None:
            return settled
        if not self.in_order:
            return self._open(event, point.event)
        self.presumed = True
        return point.close

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
        return self._BY_NODE[type(expression)](self, expression, frame)

    def _literal(self, node: x.Literal, _: Frame) -> Any:
        return node.value

    def _logic(self, node: x.Logic, frame: Frame) -> Truth:
        parts = (self.truth(p, frame) for p in node.parts)
        return all_of(parts) if node.conjunction else any_of(parts)

    def _not(self, node: x.Not, frame: Frame) -> Truth:
        return v.negate(self.truth(node.part, frame))

    def _comparison(self, node: x.Comparison, frame: Frame) -> Truth:
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if isinstance(left, Series) and isinstance(right, Series):
            found = v.same_series(_loosened(left), _loosened(right))
            return v.negate(found) if node.operator == "!=" else found
        if node.left.type.base == "number":
            return v.compare_numbers(node.operator, left, right)
        if node.left.type.base == "time":
            return self._compare_times(node, left, right)
        found = v.same(_plain(left), _plain(right))
        return v.negate(found) if node.operator == "!=" else found

    @staticmethod
    def _compare_times(node: x.Comparison, left: Any, right: Any) -> Truth:
        causes = NO_CAUSES.union(*(s.causes for s in (left, right) if isinstance(s, Unknown)))
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return Unknown(causes)
        if node.operator in ("==", "!=") and node.left.type.unit == node.right.type.unit == "date":
            return bool(left == right) is (node.operator == "==")
        pointers = {p for p in (_pointer_of(node.left), _pointer_of(node.right)) if p}
        return v.compare_times(node.operator, left, right, v.time(*pointers))

    def _membership(self, node: x.Membership, frame: Frame) -> Truth:
        series = _series(self.value(node.container, frame))
        return v.member(_plain(self.value(node.item, frame)), series)

    def _arithmetic(self, node: x.Arithmetic, frame: Frame) -> Any:
        return v.arithmetic(node.operator, self.value(node.left, frame), self.value(node.right, frame))

    def _shift(self, node: x.Shift, frame: Frame) -> Any:
        """A time plus a parameter: a bound, not a time limit for an act, so it never rolls."""
        start, amount = self.value(node.time, frame), self.parameter(node.parameter, frame.start)
        causes = NO_CAUSES.union(*(s.causes for s in (start, amount) if isinstance(s, Unknown)))
        if isinstance(start, Unknown) or isinstance(amount, Unknown):
            return Unknown(causes)
        period = Period(int(amount), Unit(self.vocabulary.parameters[node.parameter].unit))
        return Interval(*(due(s, period, self.calendar, roll=False).instant for s in start))

    def _list(self, node: x.ListOf, frame: Frame) -> Series:
        return v.sure(_plain(self.value(i, frame)) for i in node.items)

    def _contains(self, node: x.Contains, frame: Frame) -> Truth:
        source, items = _series(self.value(node.source, frame)), _series(self.value(node.items, frame))
        if node.function == "contains_all":
            return v.contains_all(source, items)
        found = v.contains_any(source, items)
        return found if node.function == "contains_any" else v.negate(found)

    def _known(self, node: x.Known, frame: Frame) -> Truth:
        found = self.value(node.path, frame)
        if isinstance(found, Series):
            return found.rest is None or bool(found.items)
        if not isinstance(found, Unknown):
            return True
        if any(c.kind == "time" for c in found.causes):
            return True if found.among is not None and not any(isinstance(a, Unknown) for a in found.among) else found
        return False

    # -- entities and facts -----------------------------------------------------------------------------------------
    def _entity_root(self, node: x.EntityRoot, frame: Frame) -> Any:
        if frame.this is not None and node.kind in frame.this.refs:
            refs = frame.this.refs[node.kind]
            if isinstance(refs, tuple) and len(refs) == 1:
                return self._entity(node.kind, refs[0])
            if node.kind not in frame.entities:
                return Unknown(
                    v.data(refs.pointer if isinstance(refs, Unreferred) else f"{frame.this.pointer}/{node.kind}")
                )
        if node.kind in frame.entities:
            identifier = frame.entities[node.kind]
            return Unknown(v.data(f"/{node.kind}")) if identifier is None else self._entity(node.kind, identifier)
        return Ref(self.timeline, self.timeline.record)

    def _entity(self, kind: str, identifier: str, home: Timeline | None = None) -> Any:
        timeline = home or self.timeline
        found = timeline.entities.get(kind, {}).get(identifier)
        if found is not None:
            return Ref(timeline, found)
        other = self.context.get((kind, identifier))
        return Unknown(v.data(f"context {kind}/{identifier}")) if other is None else Ref(other, other.record)

    def _loop(self, node: x.LoopVariable, frame: Frame) -> Any:
        return frame.loops[node.name]

    def _id_of(self, node: x.IdOf, frame: Frame) -> Any:
        return _plain(self.value(node.base, frame))

    def _read(self, node: x.Read, frame: Frame) -> Any:
        base = self._as_ref(self.value(node.base, frame), node.base.type.kind)
        if isinstance(base, Unknown):
            return self._missing(node.variable, base.causes)
        return self.fact(base, node.variable, frame)

    def _as_ref(self, value: Any, kind: str) -> Any:
        if isinstance(value, str):
            return self._entity(kind, value)
        return value

    @staticmethod
    def _missing(variable: Variable, causes: Causes) -> Any:
        if variable.type.many:
            return Series((), causes)
        return Unknown(causes, variable.type.low, variable.type.high)

    def fact(self, ref: Ref, variable: Variable, frame: Frame) -> Any:
        """Read a fact of an entity at the frame's point."""
        if variable.source in ("recorded", "attested"):
            return self._stated(ref, variable, frame.point)
        expression = self.derived.expressions.get(variable.name)
        dated = expression is not None and self.derived.reads(expression).parameters
        if expression is None and not self._settings(ref, variable):
            return _one_of([self._start_value(ref, variable)], NO_CAUSES, variable)
        key = (variable.name, id(ref.entity), frame.point, frame.start if dated else None)
        return self.once(key, lambda: self._computed(ref, variable, expression, frame))

    def once(self, key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        """Return a value that is computed once, and repeat each time what computing it left behind."""
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self.apart(compute)
        self.leave(found)
        return found.value

    def apart(self, compute: Callable[[], Any]) -> Computed:
        """Compute a value, and keep what that leaves behind with it."""
        presumed, evidence = self.presumed, self.evidence
        self.presumed, self.evidence = False, set()
        found = Computed(compute(), self.presumed, frozenset(self.evidence))
        self.presumed, self.evidence = presumed, evidence
        return found

    def leave(self, found: Computed) -> None:
        """Leave behind again what computing a value left behind."""
        if found.presumed:
            self.presumed = True
        if found.evidence:
            self.evidence |= found.evidence

    def _computed(self, ref: Ref, variable: Variable, expression: x.Expression | None, frame: Frame) -> Any:
        """A variable that events change, or that is computed from others."""
        if expression is None:
            return self._state(ref, variable, frame.point)
        inner = Frame({variable.kind: ref.entity.id}, frame.point, frame.start)
        return self._at_home(ref.timeline, expression, inner)

    def _at_home(self, timeline: Timeline, expression: x.Expression, frame: Frame) -> Any:
        """Evaluate an expression in the record that it is about."""
        if timeline is self.timeline:
            return self.value(expression, frame)
        if id(timeline) not in self._homes:
            self._homes[id(timeline)] = replace(
                self,
                timeline=timeline,
                presumed=False,
                evidence=set(),
                _values={},
                _members={},
                _concerned={},
                _homes={},
                _around=[],
            )
        home = self._homes[id(timeline)]
        home.presumed, home.evidence = False, self.evidence
        found = home.value(expression, frame)
        self.presumed |= home.presumed
        return found

    def around(self) -> tuple[Timeline, ...]:
        """Return the other records that an expression may read."""
        if not self._around:
            self._around.append(self.context.around(self.timeline, self.vocabulary))
        return self._around[0]

    def without_presumption(self) -> Evaluator:
        """Return an evaluator that reads ties as unknown."""
        return replace(self, in_order=False, presumed=False, evidence=set(), _values={}, _homes={}, _earlier={})

    def as_known(self, instant: Instant) -> Evaluator:
        """Return an evaluator that knows what was known at an instant, always the same one."""
        if instant not in self._earlier:
            self._earlier[instant] = replace(self, as_of=min(instant, self.as_of), _values={}, _homes={}, _earlier={})
        found = self._earlier[instant]
        found.evidence = self.evidence
        return found

    def _stated(self, ref: Ref, variable: Variable, point: Point) -> Any:
        pointer = f"{ref.entity.pointer}/{variable.attribute}"
        if ref.timeline is not self.timeline:
            pointer = f"context {ref.timeline.record_type}/{ref.timeline.id} {pointer}"
        attested = variable.source == "attested"
        causes = v.judgement(pointer) if attested else v.data(pointer)
        stated = ref.entity.facts.get(variable.attribute)
        if not stated:
            return self._missing(variable, causes)
        candidates, open_from = _holding(stated, point)
        if attested:
            if self.require_attestation and not all(s.attested for s in candidates):
                return self._missing(variable, causes)
            self.evidence.update(
                Evidence(pointer, s.by, None if s.on is None else format_day(day_of(s.on.lo)), s.document)
                for s in candidates
            )
        found = [s.value for s in candidates]
        if open_from:
            found.append(self._missing(variable, causes))
        return _one_of(found, v.time(pointer), variable)

    def _state(self, ref: Ref, variable: Variable, point: Point) -> Any:
        """Derive the value of a variable that only events change (record language section 4, state derivation)."""
        inside: list[tuple[Event, Effect]] = []
        maybe: list[tuple[Event, Effect, Causes]] = []
        for event, effect, happens in self._settings(ref, variable):
            is_in = self.at_point(event, point)
            if happens is not True:
                is_in = all_of((is_in, happens))
            if is_in is True:
                inside.append((event, effect))
            elif isinstance(is_in, Unknown):
                maybe.append((event, effect, is_in.causes))
        last = [p for p in inside if not any(o.follows(p[0]) for o, _ in inside)]
        open_ends = [p for p in maybe if not any(o.follows(p[0]) for o, _ in inside)]
        candidates = [self._value_set(e, s, variable, point) for e, s in last]
        candidates += [self._value_set(e, s, variable, point) for e, s, _ in open_ends]
        if not inside:
            candidates.append(self._start_value(ref, variable))
        causes = NO_CAUSES.union(
            *(c for _, _, c in open_ends), v.time(*(f"{e.pointer}/at" for e, _ in last[1:] and last))
        )
        return _one_of(candidates, causes, variable)

    def _settings(self, ref: Ref, variable: Variable) -> tuple[tuple[Event, Effect, Truth], ...]:
        """Return the events that set a variable of an entity, and whether they do (whenever it is read)."""
        key = ("set", variable.name, id(ref.entity))
        found: tuple[tuple[Event, Effect, Truth], ...] = self.once(key, lambda: tuple(self._setting(ref, variable)))
        return found

    def _setting(self, ref: Ref, variable: Variable) -> Iterator[tuple[Event, Effect, Truth]]:
        for name in self.derived.setters.get(variable.name, ()):
            for event in ref.timeline.by_type.get(name, ()):
                concerns = concerns_entity(event, variable.kind, ref.entity.id, ref.timeline.record_type)
                for effect in self.derived.effects[name, variable.name] if concerns is not False else ():
                    happens = concerns
                    if effect.where is not None:
                        frame = Frame({}, Point(event.at, event), event.at, this=event)
                        happens = all_of((self._at_home(ref.timeline, effect.where, frame), concerns))
                    if happens is not False:
                        yield event, effect, happens

    def _value_set(self, event: Event, effect: Effect, variable: Variable, point: Point) -> Any:
        setter = effect.setter
        if setter.attribute is None:
            value = Decimal(setter.value) if variable.type.base == "number" else setter.value
        else:
            pointer = f"{event.pointer}/{setter.attribute}"
            value = event.values.get(setter.attribute, Unknown(v.data(pointer), variable.type.low, variable.type.high))
        if setter.until is None:
            return value
        end = event.values.get(setter.until)
        if end is None:
            return Unknown(v.data(f"{event.pointer}/{setter.until}"))
        return _ends_by_itself(value, variable.initial, end, point, f"{event.pointer}/{setter.until}")

    def _start_value(self, ref: Ref, variable: Variable) -> Any:
        key = (variable.name, ref.entity.id)
        if key in ref.timeline.states and ref.timeline.states[key] is not None:
            return ref.timeline.states[key]
        if variable.initial is None or ref.timeline.partial:
            whose = "" if ref.entity is ref.timeline.record else f"/{ref.entity.id}"
            return Unknown(v.data(f"/states/{variable.name}{whose}"), variable.type.low, variable.type.high)
        return variable.initial

    def _field(self, node: x.FieldRead, frame: Frame) -> Any:
        base = self.value(node.base, frame)
        pointer = _pointer_of(node) or node.name
        if isinstance(base, Unknown):
            return Unknown(base.causes, node.type.low, node.type.high)
        found = base.get(node.name)
        return Unknown(v.data(pointer), node.type.low, node.type.high) if found is None else found

    def _linked(self, node: x.Linked, frame: Frame) -> Any:
        base = self._as_ref(self.value(node.base, frame), node.base.type.kind)
        link = self.vocabulary.links[node.link]
        if isinstance(base, Unknown):
            return Series((), base.causes) if link.many else base
        if link.many:
            return self._back(link.sources, base)
        for source in link.sources:
            if source.partition(".")[0] == base.entity.kind:
                variable = self.vocabulary.variables[source]
                found = self.fact(base, variable, frame)
                if isinstance(found, Unknown):
                    return found
                other = self.context.get((link.to, found))
                if other is not None:
                    return Ref(other, other.record)
                return Unknown(v.data(f"context {link.to}/{found}"))
        return Unknown(v.data(f"/{node.link}"))

    def _back(self, sources: Iterable[str], base: Ref) -> Series:
        """Follow a link backwards: the context records whose attribute names this record, or may if it is missing."""
        found: list[Item] = []
        for source in sources:
            kind, _, attribute = source.partition(".")
            for timeline, named in self.context.naming(kind, attribute, base.entity.id):
                doubt = Unknown(v.data(f"context {kind}/{timeline.id} /{attribute}"))
                found.append(Item(Ref(timeline, timeline.record), True if named else doubt))
        missing = [k for k in (s.partition(".")[0] for s in sources) if not self.context.has(k)]
        return Series(tuple(found), v.data(f"context {missing[0]}") if missing else None)

    def _entities(self, node: x.Entities, frame: Frame) -> Series:
        del frame
        if node.kind in self.timeline.unlisted:
            return Series((), v.data(self.timeline.unlisted[node.kind]))
        return v.sure(Ref(self.timeline, e) for e in self.timeline.entities.get(node.kind, {}).values())

    # -- events -----------------------------------------------------------------------------------------------------
    def _this(self, _: x.ThisEvent, frame: Frame) -> Any:
        return frame.this

    def _trigger(self, _: x.TriggerEvent, frame: Frame) -> Any:
        return frame.trigger

    def _event_read(self, node: x.EventRead, frame: Frame) -> Any:
        event: Event = self.value(node.base, frame)
        if node.attribute == "at":
            return event.at
        if node.attribute == "fulfilled":
            return _answered(event, frame.point)
        pointer = f"{event.pointer}/{node.attribute}"
        if node.attribute in ("id", "seq"):
            found: Any = getattr(event, node.attribute)
        else:
            found = event.values.get(node.attribute)
        if found is not None:
            return v.sure(found) if isinstance(found, tuple) and node.type.many else found
        own = event.type.attributes.get(node.attribute)
        causes = v.judgement(pointer) if own is not None and own.attested else v.data(pointer)
        return Series((), causes) if node.type.many else Unknown(causes, node.type.low, node.type.high)

    def _event_entity(self, node: x.EventEntity, frame: Frame) -> Any:
        event: Event = self.value(node.base, frame)
        refs = event.refs.get(node.kind)
        if isinstance(refs, tuple) and len(refs) == 1:
            return self._entity(node.kind, refs[0])
        return Unknown(v.data(refs.pointer if isinstance(refs, Unreferred) else f"{event.pointer}/{node.kind}"))

    def _occurrences(self, node: x.Occurrences, frame: Frame) -> Series:
        if node.base is not None:
            return self._occurrences_of(node, self.value(node.base, frame), frame)
        items = []
        for event, concerns in self.concerning(node.names, frame.entities):
            present = self.at_point(event, frame.point)
            if concerns is not True:
                present = all_of((present, concerns))
            if present is not False:
                items.append(Item(event, present))
        return Series(tuple(items), self._silence())

    def _silence(self) -> Causes | None:
        """Return why there may be more events than are recorded."""
        return v.data("/timeline") if self.timeline.partial else None

    def concerning(self, names: tuple[str, ...], entities: Mapping[str, str | None]) -> list[tuple[Event, Truth]]:
        """Return the events of some types that concern an instance, or may."""
        key = (names, *entities.items())
        if key not in self._concerned:
            found = ((e, self.concerns(e, entities)) for e in self.timeline.of_types(names))
            self._concerned[key] = [(e, concerns) for e, concerns in found if concerns is not False]
        return self._concerned[key]

    def _occurrences_of(self, node: x.Occurrences, base: Any, frame: Frame) -> Series:
        """The events of another record, as far as they have happened by the reading point."""
        ref = self._as_ref(base, node.base.type.kind if node.base is not None else "")
        if isinstance(ref, Unknown):
            return Series((), ref.causes)
        point = Point(Interval(frame.point.at.lo, frame.point.at.hi))
        items = [Item(e, self.at_point(e, point)) for e in ref.timeline.of_types(node.names)]
        rest = (
            v.data(f"context {ref.timeline.record_type}/{ref.timeline.id} /timeline") if ref.timeline.partial else None
        )
        return Series(tuple(i for i in items if i.present is not False), rest)

    def concerns(self, event: Event, entities: Mapping[str, str | None]) -> Truth:
        """Say whether an event concerns an instance: it refers to its entities or cannot refer to such kinds."""
        record_type = self.timeline.record_type
        parts = [concerns_entity(event, k, i, record_type) for k, i in entities.items() if k != record_type]
        return all_of(parts) if parts else True

    # -- parameters, tables, lists ----------------------------------------------------------------------------------
    def parameter(self, name: str, start: Interval) -> Any:
        """Return a parameter as a Decimal, read at the trigger's date, or `Unknown` when it is unset."""
        parameter = self.vocabulary.parameters[name]
        found = [parameter.at(t) for t in {start.lo, start.hi}]
        if any(f is None for f in found):
            return Unknown(v.judgement(f"param.{name}"), parameter.low)
        numbers = sorted({f.value for f in found if f is not None})
        if len(numbers) == 1:
            return numbers[0]
        return Unknown(v.time("trigger"), numbers[0], numbers[-1], tuple(numbers))

    def choice(self, name: str, instant: Instant, default: str) -> str:
        """Return a global parameter that is a word (hour_start, same_day, day_end), as of an instant."""
        parameter = self.vocabulary.parameters.get(name)
        found = None if parameter is None else parameter.at(instant)
        return default if found is None else str(found.value)

    def _parameter(self, node: x.ParameterRead, frame: Frame) -> Any:
        return self.parameter(node.name, frame.start)

    def _table(self, node: x.TableRead, frame: Frame) -> Series:
        table = self.vocabulary.tables[node.name]
        found = [table.at(t) for t in {frame.point.at.lo, frame.point.at.hi}]
        if any(f is None for f in found):
            return Series((), v.judgement(f"table.{node.name}"))
        sets = [set(f.value) for f in found if f is not None]
        certain, possible = set.intersection(*sets), set.union(*sets)
        doubt = Unknown(v.time("trigger"))
        return Series(tuple(Item(c, True if c in certain else doubt) for c in sorted(possible)))

    def _generator(self, node: x.Generator, frame: Frame) -> Any:
        if isinstance(node.source, x.Occurrences) and node.source.base is None and node.function != "list":
            found: Iterable[tuple[Any, Truth]] = self._occurred(node, node.source, frame)
            if not self._settled(node):
                found = list(found)  # what the members read is evidence, though the first of them may decide
            return self._fold_members(node.function, node.element, found, Series((), self._silence()))
        source = _series(self.value(node.source, frame))
        members: list[tuple[Any, Truth]] = []
        for item in source.items:
            inner = _in_loop(frame, node.variable, item.value)
            present = item.present
            if node.condition is not None:
                present = all_of((present, self.truth(node.condition, inner)))
            if present is not False:
                members.append((self.value(node.element, inner), present))
        return self._fold_members(node.function, node.element, members, source)

    def _settled(self, node: x.Generator) -> bool:
        """Say whether a generator reads nothing but its members."""
        return all(self.derived.settled_by(p, node.variable) for p in (node.condition or _ALWAYS, node.element))

    def _occurred(self, node: x.Generator, source: x.Occurrences, frame: Frame) -> Iterator[tuple[Any, Truth]]:
        """Yield the elements of a generator over events of the record, and whether each is present."""
        for event, concerns, condition, element in self._settled_members(node, source, frame):
            present = self.at_point(event, frame.point)
            if concerns is not True:
                present = all_of((present, concerns))
            if present is False:
                continue
            inner = frame if condition is not _OPEN and element is not _OPEN else _in_loop(frame, node.variable, event)
            if condition is not True:
                holds = self.truth(node.condition or _ALWAYS, inner) if condition is _OPEN else condition
                present = all_of((present, holds))
            if present is not False:
                yield (self.value(node.element, inner) if element is _OPEN else element), present

    def _settled_members(self, node: x.Generator, source: x.Occurrences, frame: Frame) -> list[_Member]:
        """Return the members of a generator that matter at some reading point, with what each settles by itself."""
        key = (id(node), *frame.entities.items())
        if key not in self._members:
            self._members[key] = [
                m for m in self._read_members(node, source, frame)
                if m.condition is not False and m.element is not _IRRELEVANT.get(node.function, _OPEN)
            ]  # fmt: skip
        return self._members[key]

    def _read_members(self, node: x.Generator, source: x.Occurrences, frame: Frame) -> Iterator[_Member]:
        for event, concerns in self.concerning(source.names, frame.entities):
            inner = _in_loop(frame, node.variable, event)
            condition, element = (
                self.value(part, inner) if self.derived.settled_by(part, node.variable) else _OPEN
                for part in (node.condition or _ALWAYS, node.element)
            )
            yield _Member(event, concerns, condition, element)

    def _fold(self, node: x.Fold, frame: Frame) -> Any:
        source = _series(self.value(node.source, frame))
        return self._fold_members(node.function, node, [(i.value, i.present) for i in source.items], source)

    @staticmethod
    def _fold_members(function: str, element: x.Expression, found: Iterable[tuple[Any, Truth]], source: Series) -> Any:
        rest = source.rest
        open_end: list[Truth] = [] if rest is None else [Unknown(rest)]
        if function == "any":
            return any_of(chain((all_of((p, e)) for e, p in found), open_end))
        if function == "all":
            return all_of(chain((any_of((v.negate(p), e)) for e, p in found), open_end))
        members = list(found)
        if function in ("count", "len"):
            return v.total(((Decimal(1), p) for _, p in members), rest, Decimal(1))
        if function == "sum":
            return v.total(members, rest, element.type.low)
        if function in ("min", "max"):
            return _extreme(function, members, rest)
        series = Series(tuple(Item(_plain(e), p) for e, p in members), rest, _loosened(source).loose)
        if function == "distinct":
            return v.distinct(series)
        return _flattened(members, series) if function == "union" else series

    _BY_NODE: ClassVar[Mapping[type[x.Expression], Callable[[Evaluator, Any, Frame], Any]]] = {
        x.Literal: _literal,
        x.Logic: _logic,
        x.Not: _not,
        x.Comparison: _comparison,
        x.Membership: _membership,
        x.Arithmetic: _arithmetic,
        x.Shift: _shift,
        x.ListOf: _list,
        x.Contains: _contains,
        x.Known: _known,
        x.EntityRoot: _entity_root,
        x.LoopVariable: _loop,
        x.IdOf: _id_of,
        x.Read: _read,
        x.FieldRead: _field,
        x.Linked: _linked,
        x.Entities: _entities,
        x.ThisEvent: _this,
        x.TriggerEvent: _trigger,
        x.EventRead: _event_read,
        x.EventEntity: _event_entity,
        x.Occurrences: _occurrences,
        x.ParameterRead: _parameter,
        x.TableRead: _table,
        x.Generator: _generator,
        x.Fold: _fold,
    }


def _in_loop(frame: Frame, name: str, member: Any) -> Frame:
    """Return the frame in which an expression is read for one member of a generator."""
    loops = {**frame.loops, name: member}
    return Frame(frame.entities, frame.point, frame.start, frame.trigger, frame.this, loops)


def _answered(event: Event, point: Point) -> Truth:
    """Say whether the duty of the upstream instance that opened a chain is done; of a plain event it is not."""
    if not isinstance(event, Upstream):
        return False
    surely, possibly = event.answered
    if surely is not None and surely <= point.at.lo:
        return True
    return False if possibly is None or possibly > point.at.hi else Unknown(v.time(event.pointer))


def unordered(*events: Event | None) -> Causes:
    """Name the dates whose coarseness leaves an order open: the coarsest of them."""
    known = [e for e in events if e is not None]
    widest = max((e.at.hi - e.at.lo for e in known), default=0)
    return v.time(*(f"{e.pointer}/at" for e in known if e.at.hi - e.at.lo == widest))


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


def _ends_by_itself(value: Any, initial: Any, end: Interval, point: Point, pointer: str) -> Any:
    """A value that is set until a date holds to the end of that day and then gives way to the initial one."""
    last = (end.hi // DAY + 1) * DAY - 1
    first_last = (end.lo // DAY + 1) * DAY - 1
    if point.at.hi <= first_last:
        return value
    if point.at.lo > last:
        return initial
    return Unknown(v.time(pointer), among=(value, initial))


def _one_of(candidates: list[Any], causes: Causes, variable: Variable) -> Any:
    """Join candidate values: one value if they agree, else unknown among them."""
    if not candidates:
        return Evaluator._missing(variable, causes)  # noqa: SLF001 - same module
    if all(not isinstance(c, Unknown) and c == candidates[0] for c in candidates):
        return v.sure(candidates[0]) if variable.type.many and isinstance(candidates[0], tuple) else candidates[0]
    if len(candidates) == 1:
        return candidates[0]
    unknown = [c for c in candidates if isinstance(c, Unknown)]
    causes = causes.union(*(c.causes for c in unknown))
    if variable.type.many:
        return _joined(candidates, causes)
    flat = [a for c in candidates for a in (_among(c) or ())]
    among = None if any(_among(c) is None for c in candidates) else tuple(dict.fromkeys(flat))
    if variable.type.base == "number":
        ranges = [v.range_of(c) for c in candidates]
        low = None if any(r.low is None for r in ranges) else min(r.low for r in ranges if r.low is not None)
        high = None if any(r.high is None for r in ranges) else max(r.high for r in ranges if r.high is not None)
        return Unknown(causes, low, high)
    return among[0] if among is not None and len(among) == 1 else Unknown(causes, among=among)


def _among(candidate: Any) -> tuple[Any, ...] | None:
    return candidate.among if isinstance(candidate, Unknown) else (candidate,)


def _joined(candidates: list[Any], causes: Causes) -> Series:
    """Join candidate lists: what is in all of them is in for sure."""
    sets = [
        set(c) if isinstance(c, tuple) else {i.value for i in c.items} for c in candidates if not isinstance(c, Unknown)
    ]
    rests = [c.rest for c in candidates if isinstance(c, Series) and c.rest is not None]
    certain = set.intersection(*sets) if sets and not rests else set()
    possible = sorted(set.union(*sets)) if sets else []
    doubt = Unknown(causes)
    rest = causes.union(*rests) if rests else None
    return Series(tuple(Item(p, True if p in certain else doubt) for p in possible), rest)


def _series(value: Any) -> Series:
    if isinstance(value, Series):
        return value
    if isinstance(value, Unknown):
        return Series((), value.causes)
    return v.sure(value)


def _plain(value: Any) -> Any:
    """An entity is compared by its id."""
    return value.entity.id if isinstance(value, Ref) else value


def _pointer_of(node: x.Expression) -> str:
    """Name a path for messages."""
    if isinstance(node, x.Read):
        return node.variable.name
    if isinstance(node, x.EventRead):
        return f"{'trigger' if isinstance(node.base, x.TriggerEvent) else 'event'}.{node.attribute}"
    return node.name if isinstance(node, x.FieldRead) else ""


def _loosened(series: Series) -> Series:
    """Return a list with the reason why its order is open: two events, neither surely after the other."""
    causes: set[v.Cause] = set(series.loose)
    for one, two in pairwise(i.value for i in series.items):
        if isinstance(one, Event) and isinstance(two, Event) and not two.follows(one):
            causes |= v.time(f"{one.pointer}/at", f"{two.pointer}/at")
    return Series(series.items, series.rest, frozenset(causes))


def _extreme(function: str, members: list[tuple[Any, Truth]], rest: Causes | None) -> Any:
    """Return the least or greatest number (or time) of a list; of an empty one nobody knows."""
    pick: Callable[[Iterable[Any]], Any] = min if function == "min" else max
    unsure = NO_CAUSES.union(*(p.causes for _, p in members if isinstance(p, Unknown)), rest or NO_CAUSES)
    if not members:
        return Unknown(rest or v.data("empty list"))
    if isinstance(members[0][0], Interval):
        found = Interval(pick(e.lo for e, _ in members), pick(e.hi for e, _ in members))
        return Unknown(unsure) if unsure else found
    ranges = [v.range_of(e) for e, _ in members]
    causes = unsure.union(*(r.causes for r in ranges))
    low = None if any(r.low is None for r in ranges) else pick(r.low for r in ranges)
    high = None if any(r.high is None for r in ranges) else pick(r.high for r in ranges)
    if unsure:
        low, high = (None, high) if function == "min" else (low, None)
        sure_ones = [v.range_of(e) for e, p in members if p is True]
        bound = [r.high if function == "min" else r.low for r in sure_ones]
        known = pick(b for b in bound) if bound and all(b is not None for b in bound) else None
        low, high = (low, known) if function == "min" else (known, high)
    return v.number(v.Range(low, high, causes))


def _flattened(members: list[tuple[Any, Truth]], series: Series) -> Series:
    """Join lists of lists; a member that is itself an open list leaves the union open."""
    items: list[Item] = []
    rest: set[v.Cause] = set(series.rest or ())
    opened = series.rest is not None
    for element, present in members:
        if isinstance(element, Series):
            items.extend(Item(i.value, all_of((present, i.present))) for i in element.items)
            if element.rest is not None:
                opened = True
                rest |= element.rest
        else:
            items.append(Item(_plain(element), present))
    return Series(tuple(items), frozenset(rest) if opened else None)
