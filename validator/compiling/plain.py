"""What is plain: the records and norms that compiled code may judge (record language, section 17).

A record is plain in fact when it decodes into the types below: every time exact (`EXACT_TIME`; of a record with others,
what rests on its exact events may be judged), every fact bare, every reference one id.  A norm is plain by form when
its parts are among those that `compiler` writes code for.  Whatever is not plain goes to the interpreter,
which is the definition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from validator.compiling.habits import NO_HABITS, Habits
from validator.expressions import expression as x
from validator.facts.record import EVENT_KEYS, RECORD_KEYS
from validator.facts.vocabulary import Attribute, EventType, Setter, Type, Variable, Vocabulary
from validator.legal_time.deadline import EXACT
from validator.legal_time.instant import BEGIN
from validator.limits import DEFAULT
from validator.rules.program import (
    AtTrigger,
    Both,
    Condition,
    EventTrigger,
    Ground,
    Norm,
    Pattern,
    Program,
    Test,
    Within,
    leaves,
)

MOST = 10**DEFAULT.digits - 1
_NOTHING = Annotated[int, msgspec.Meta(gt=0, lt=0)]  # no value is one
ARITHMETIC = frozenset({"+", "-", "*"})
UNKNOWN = "unknown"
_OF_RECORDS = RECORD_KEYS | {"number"}
_OF_EVENTS = EVENT_KEYS | {"number", "code"}
"""What the types below have in any case: the keys of every record and event, and the numbers of their types."""


# -- the types of plain records ----------------------------------------------------------------------------------------
def _one_type(kind: Type, habits: Habits = NO_HABITS) -> Any:
    """Return what a value of a type that code may read decodes into; None: it may not."""
    if kind.base in ("time", "object", "period"):
        return None
    if kind.base == "boolean":
        return bool | Literal["unknown"]
    if kind.base == "number":
        low = -MOST if kind.low is None else max(int(-(-kind.low // 1)), -MOST)
        high = MOST if kind.high is None else min(int(kind.high // 1), MOST)
        bounds = msgspec.Meta(ge=low, le=high)
        whole = Annotated[int, bounds] | Literal["unknown"]
        return whole | Annotated[float, bounds] if habits.decimals else whole
    if kind.base == "enum" and kind.codes is not None:
        return Literal[tuple(dict.fromkeys((*kind.codes, UNKNOWN)))]
    return str


def _value_type(kind: Type, habits: Habits) -> Any:
    """Return what a value of a type decodes into; a time is a text, which has to be read to be known as one."""
    one: Any = str if kind.base == "time" else _one_type(kind.one() if kind.many else kind, habits)
    if one is None:
        return None
    return list[one] | None if kind.many else one | None


def _struct(
    name: str, fields: Mapping[str, Any], usual: Iterable[str], tag: tuple[str, str] | None = None, **namespace: int
) -> Any:
    """Make a type from JSON keys; one whose second part is absent is required.

    Args:
        name: of the type.
        fields: the type of each key, and its default.
        usual: the keys that objects may have, in their order; others have their default in every object.
        tag: a key and its value.
        namespace: more attributes.
    """
    keys = list(dict.fromkeys((*usual, *(key for key, (_, *default) in fields.items() if not default))))
    entries: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for key in keys:
        kind, *default = fields[key]
        entries.append((key, kind, *default))
    absent = {key: default[0] for key, (_, *default) in fields.items() if key not in keys}
    tag_field, value = tag or (None, None)
    return msgspec.defstruct(
        name, entries, tag=value, tag_field=tag_field, forbid_unknown_fields=True, omit_defaults=True, kw_only=True,
        gc=False, namespace={**absent, **namespace},
    )  # fmt: skip


def one_of(types: Iterable[Any], key: str) -> Any:
    """Return the union of types that a key tells apart; the key is demanded also where there is but one of them."""
    nothing = msgspec.defstruct("Nothing", [("nothing", _NOTHING)], tag="", tag_field=key, forbid_unknown_fields=True)
    return reduce(or_, types, nothing)  # of a type alone msgspec takes objects without the key too


def stated(vocabulary: Vocabulary, kind: str) -> list[Variable]:
    """Return the facts that a record may state of entities of a kind.

    A declared name that every record has for something else states no fact: the interpreter doesn't read it as one.
    """
    taken: frozenset[str] | set[str] = {"id"}
    if vocabulary.entities[kind].record:
        taken = _OF_RECORDS | {k.plural for k in vocabulary.kinds_inside(kind)}
    facts = vocabulary.attributes_of(kind).values()
    return [v for v in facts if v.source in ("recorded", "attested") and v.attribute not in taken]


def _facts(vocabulary: Vocabulary, kind: str, habits: Habits) -> dict[str, tuple[Any, ...]]:
    return {v.attribute: (_value_type(v.type, habits), None) for v in stated(vocabulary, kind)}


def attributes(vocabulary: Vocabulary, event: EventType) -> dict[str, Attribute]:
    """Return the attributes that events of a type may state, without those named like what every event has."""
    found = vocabulary.attributes_of_event(event).items()
    return {name: attribute for name, attribute in found if name not in _OF_EVENTS}


def references(event: EventType, record_type: str) -> tuple[str, ...]:
    """Return the kinds of entities that events of a type name, the record itself left out."""
    return tuple(k for k in dict.fromkeys((*event.refers_to, *event.one_of)) if k != record_type)


def spellings(kind: str) -> tuple[str, str]:
    """Return the keys under which an event may name an entity of a kind."""
    return kind, f"{kind}_id"


def naming(vocabulary: Vocabulary, event: EventType, kind: str) -> list[str]:
    """Return those under which events of a type do: an attribute of that name comes first."""
    taken = _OF_EVENTS | vocabulary.event_attributes.keys() | event.attributes.keys()
    return [key for key in spellings(kind) if key not in taken]


EXACT_TIME = dt.datetime
"""A time to the second or finer, in Beijing or elsewhere."""
PROVENANCE = dict[str, str | Annotated[int, msgspec.Meta(ge=-MOST, le=MOST)] | bool | None]
"""Where a record comes from, as far as it is flat: nothing looks at it."""
ANY_TIME = str | dict[str, str]
"""A time that may be coarse, as it is written."""


def _event_struct(
    vocabulary: Vocabulary, event: EventType, record_type: str, numbers: tuple[int, int], habits: Habits, at: Any
) -> Any:
    fields: dict[str, tuple[Any, ...]] = {"at": (at,)}
    for kind in (*references(event, record_type), record_type):  # of the record itself any event may name the id
        fields |= dict.fromkeys(naming(vocabulary, event, kind), (str | UnsetType, UNSET))
    fields["id"] = fields["note"] = (str | None, None)
    fields |= {name: (_value_type(a.type, habits), None) for name, a in attributes(vocabulary, event).items()}
    number, code = numbers
    usual = habits.usual(("event", event.name), fields)
    return _struct(f"Event{number}", fields, usual, ("type", event.name), number=number, code=code)


def record_struct(
    vocabulary: Vocabulary, record_type: str, codes: Mapping[str, int], habits: Habits = NO_HABITS, at: Any = EXACT_TIME
) -> Any:
    """Return the type of plain records of a record type, as far as they have only the usual keys.

    Each event has the ``number`` of its type in the vocabulary, and the ``code`` of it that is given, or -1.

    Since when a record is complete, and whether its list is in order, decides nothing where all events are dated to
    the second and none at the same moment.
    """
    kinds = vocabulary.kinds_inside(record_type)
    types = list(enumerate(vocabulary.events.values()))
    types = [(n, e) for n, e in types if habits.knows(("event", e.name))] or types
    event: Any = one_of(
        (_event_struct(vocabulary, e, record_type, (n, codes.get(e.name, -1)), habits, at) for n, e in types), "type"
    )
    fields: dict[str, tuple[Any, ...]] = {
        "id": (str,), "events": (list[event],), "note": (str | UnsetType, UNSET), "since": (dt.date | None, None),
        "known_until": (dt.date | None, None), "events_in_order": (bool, False),
        "timeline": (Literal["complete"] | UnsetType, UNSET), "provenance": (PROVENANCE | UnsetType, UNSET),
        **_facts(vocabulary, record_type, habits),
    }  # fmt: skip
    for kind in kinds:
        own = {"id": (str,), "note": (str | None, None), **_facts(vocabulary, kind.name, habits)}
        entity: Any = _struct(kind.name, own, habits.usual(("entity", kind.plural), own))
        fields[kind.plural] = (list[entity] | None, None)
    number = vocabulary.record_types().index(record_type)
    usual = habits.usual(("record",), fields)
    return _struct(record_type, fields, usual, ("record_type", record_type), number=number)


# -- plain norms -------------------------------------------------------------------------------------------------------
class NotPlainError(Exception):
    """A norm that compiled code does not judge; the message is the feature that it lacks."""


@dataclass(frozen=True, slots=True)
class PlainNorm:
    """A norm that compiled code judges.

    ``stops``: event types that may stop its clock or excuse; a record that has one goes to the interpreter.
    ``setters``: what sets the states that its condition reads, by variable name.
    """

    norm: Norm
    trigger: EventTrigger
    answers: tuple[Pattern, ...]
    conditions: tuple[Condition, ...]
    stops: frozenset[str]
    setters: Mapping[str, tuple[tuple[str, Setter], ...]]

    def events(self) -> frozenset[str]:
        """Return the event types on which the norm depends; what others there are does not matter to it."""
        patterns = (p for p in (*self.answers, *self.conditions) if isinstance(p, Pattern))
        named = (self.trigger.events, *(p.events for p in patterns))
        setting = (name for setters in self.setters.values() for name, _ in setters)
        return self.stops.union(*named, setting)


def plain_norm(program: Program, norm: Norm, *, in_force: bool = False) -> PlainNorm:
    """Return a norm as compiled code sees it; `in_force`: it counts as in force before its issue.

    Raises `NotPlainError` when it is none for compiled code.
    """
    return _Sieve(program, norm, in_force=in_force).sift()


class _Sieve:
    def __init__(self, program: Program, norm: Norm, *, in_force: bool) -> None:
        self.program, self.norm, self.vocabulary = program, norm, program.vocabulary
        effective = norm.effective
        always = effective.reaches_back or (in_force and not effective.explicit)
        self.start = BEGIN if always else max(BEGIN, effective.start)  # no trigger is before it
        self.setters: dict[str, tuple[tuple[str, Setter], ...]] = {}
        self.openings: tuple[str, ...] = ()  # the event types of the trigger
        self.events: tuple[str, ...] = ()  # those of which an expression is asked

    def need(self, holds: object, feature: str) -> None:
        if not holds:
            raise NotPlainError(feature)

    def sift(self) -> PlainNorm:
        norm = self.norm
        self.need(len(self.program.by_id[norm.id]) == 1, "versions")
        self.need(norm.for_each is None, "for_each")
        self.need(norm.kind != "declaratory", "declaratory")
        self.need(not norm.trigger.one_per or isinstance(norm.deadline, Within), "one_per")
        self.need(len(norm.trigger.alternatives) == 1, "several triggers")
        trigger = norm.trigger.alternatives[0]
        if not isinstance(trigger, EventTrigger) or trigger.legs:
            raise NotPlainError("trigger is no single event")
        self.openings = self.events = trigger.events
        for name in trigger.events:
            self.refers(name)
        self.expression(trigger.where, states=False)
        if isinstance(norm.deadline, AtTrigger):
            return self._at(trigger)
        if isinstance(norm.deadline, Within):
            return self._reach(trigger, norm.deadline)
        raise NotPlainError("deadline")

    def _reach(self, trigger: EventTrigger, deadline: Within) -> PlainNorm:
        self.need(deadline.duration.period is not None or self.constant(deadline.duration.parameter), "parameter")
        for name, usual in (("hour_start", EXACT), ("day_end", "24:00"), ("same_day", "in_order")):
            self.need(self.fixed(name, usual), f"parameter {name}")
        self.need(not self.norm.effective.reaches_back, "reaches back")
        answers = tuple(self._patterns(self.norm.condition))
        for pattern in answers:
            self.need(not (pattern.any_time or pattern.negated or pattern.within_last), "pattern")
            for name in pattern.events:
                self.refers(name)
            self.events = pattern.events
            self.expression(pattern.where, states=False)
        return PlainNorm(self.norm, trigger, answers, (), self._stops((*self.norm.unless, *self.norm.stops)), {})

    def _patterns(self, condition: Condition) -> Iterator[Pattern]:
        if isinstance(condition, Both) and not condition.conjunction:
            for part in condition.parts:
                yield from self._patterns(part)
        elif isinstance(condition, Pattern):
            yield condition
        else:
            raise NotPlainError("condition is no event")

    def _at(self, trigger: EventTrigger) -> PlainNorm:
        self.need(self.fixed("same_day", "in_order"), "parameter same_day")
        self.need(not self.norm.stops, "suspended_while")
        condition = self.norm.condition
        parts = condition.parts if isinstance(condition, Both) and condition.conjunction else (condition,)
        for part in parts:
            if isinstance(part, Pattern):
                self.need(part.within_last is None, "within_last")
                self.need(part.where is None, "where of an earlier event")
                for name in part.events:
                    self.refers(name)
            elif isinstance(part, Test):
                self.expression(part.expression, states=True)
            else:
                raise NotPlainError("condition")
        stops = self._stops(self.norm.unless)
        return PlainNorm(self.norm, trigger, (), parts, stops, self.setters)

    # -- parts ---------------------------------------------------------------------------------------------------------
    def fixed(self, name: str, usual: str) -> bool:
        """Say whether a global parameter has its usual value at all times."""
        parameter = self.vocabulary.parameters.get(name)
        return parameter is None or all(str(d.value) == usual for d in parameter.values)

    def constant(self, name: str) -> bool:
        """Say whether a figure is set, and never changes while the norm is in force."""
        values = self.vocabulary.parameters[name].values
        return len(values) == 1 and values[0].start <= self.start and values[0].value is not None

    def refers(self, name: str) -> None:
        """Demand that events of a type name the subject, or never can; a choice of kinds is for the interpreter."""
        event = self.vocabulary.events[name]
        subject = self.norm.subject
        named = len(naming(self.vocabulary, event, subject)) == len(spellings(subject))
        required = event.refers_to.get(subject) == "required" and named
        self.need(subject == self.norm.record_type or required, "references")
        self.need(not event.one_of, "one_of")

    def _stops(self, grounds: Iterable[Ground]) -> frozenset[str]:
        """Return the event types without which no ground ever holds."""
        found: set[str] = set()
        for ground in grounds:
            for part in leaves(ground.condition):
                if isinstance(part, Pattern):
                    self.need(not part.negated, "exception without an event")
                    found.update(part.events)
                elif isinstance(part, Test):
                    found |= self._awakes(part.expression)
                else:
                    raise NotPlainError("exception")
        return frozenset(found)

    def _awakes(self, expression: x.Expression) -> frozenset[str]:
        """Return the event types that may make a state true which is false at first."""
        names: set[str] = set()
        node = expression
        if isinstance(node, x.Comparison | x.Membership):
            read = node.left if isinstance(node, x.Comparison) else node.item
        else:
            read = node
        self.need(isinstance(read, x.Read) and isinstance(read.base, x.EntityRoot), "exception")
        assert isinstance(read, x.Read)  # noqa: S101 - the line above
        self.need(read.variable.source == "events" and self._false_at_first(node, read.variable), "exception")
        for event, _ in self.vocabulary.setters_of(read.variable.name):
            names.add(event.name)
        return frozenset(names)

    @staticmethod
    def _false_at_first(node: x.Expression, variable: Variable) -> bool:
        initial = variable.initial
        if initial is None:
            return False
        if isinstance(node, x.Read):
            return initial is False
        if isinstance(node, x.Comparison) and isinstance(node.right, x.Literal):
            return (node.operator == "==") is (initial != node.right.value) and node.operator in ("==", "!=")
        if isinstance(node, x.Membership) and isinstance(node.container, x.ListOf):
            members = [i.value for i in node.container.items if isinstance(i, x.Literal)]
            return len(members) == len(node.container.items) and initial not in members
        return False

    # -- expressions ---------------------------------------------------------------------------------------------------
    def expression(self, expression: x.Expression | None, *, states: bool) -> None:
        """Demand that compiled code can evaluate an expression."""
        for node in () if expression is None else x.walk(expression):
            self._node(node, states=states)

    def _node(self, node: x.Expression, *, states: bool) -> None:
        match node:
            case x.Read():
                self._read(node, states=states)
            case x.EventRead():
                self._attribute(node)
            case x.Generator(function=function, source=source):
                self.need(function in ("sum", "count", "any", "all") and isinstance(source, x.Entities), "list")
            case x.Arithmetic(operator=operator):
                self.need(operator in ARITHMETIC, "arithmetic")
            case x.ParameterRead(name=name):
                self.need(self.constant(name), "parameter")
            case x.Comparison(left=left):
                self.need(left.type.base != "time" and not left.type.many, "comparison")
            case x.Membership(item=item):
                self.need(item.type.base != "time", "comparison")
            case x.Literal(value=value):
                self.need(isinstance(value, str | bool | int | Decimal), "literal")
            case _:
                self.need(isinstance(node, _SIMPLE), type(node).__name__)

    def _read(self, node: x.Read, *, states: bool) -> None:
        self.need(isinstance(node.base, x.EntityRoot | x.LoopVariable), "path")
        simple = node.type.base != "entity" and _one_type(node.type) is not None
        self.need(simple and not node.type.many, "type of a fact")
        if isinstance(node.base, x.EntityRoot):
            self.need(node.base.kind in (self.norm.subject, self.norm.record_type), "path")
        if node.variable.source == "events":
            self._state(node.variable, states=states)
        else:
            self.need(node.variable.source == "recorded", "attested or computed fact")
            self.need(node.variable in stated(self.vocabulary, node.variable.kind), "path")

    def _attribute(self, node: x.EventRead) -> None:
        self.need(node.attribute not in _OF_EVENTS and node.attribute != "fulfilled", "path")
        self.need(not node.type.many and _one_type(node.type) is not None, "type of an attribute")
        self.need(isinstance(node.base, x.ThisEvent | x.TriggerEvent), "path")
        for name in self.openings if isinstance(node.base, x.TriggerEvent) else self.events:
            declared = attributes(self.vocabulary, self.vocabulary.events[name]).get(node.attribute)
            self.need(declared is not None, "attribute of some")
            self.need(declared is None or declared.default is None, "default")

    def _state(self, variable: Variable, *, states: bool) -> None:
        self.need(states and variable.initial is not None, "state")
        found = tuple((e.name, s) for e, s in self.vocabulary.setters_of(variable.name))
        self.need(len({name for name, _ in found}) == len(found), "two setters of one event")
        for name, setter in found:
            event = self.vocabulary.events[name]
            self.need(setter.where is None and setter.until is None and setter.attribute is None, "setter")
            own = variable.kind == self.norm.record_type
            self.need(own or event.refers_to.get(variable.kind) == "required", "setter")
            self.need(not event.one_of, "setter")
        self.setters[variable.name] = found


_SIMPLE = (
    x.Logic, x.Not, x.ListOf, x.EntityRoot, x.LoopVariable, x.Entities, x.ThisEvent, x.TriggerEvent,
    x.Known,
)  # fmt: skip


__all__ = [
    "NotPlainError", "PlainNorm", "attributes", "naming", "one_of", "plain_norm", "record_struct", "references",
    "spellings", "stated",
]  # fmt: skip
