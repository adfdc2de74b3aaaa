"""The closed vocabulary: entity kinds, variables, events, links, parameters and tables of a rule set.

This module holds what declarations mean; `declarations` reads them, `agreement` says how they fit together.  It
knows no law: everything in it is read from the YAML files of the rule set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from validator.errors import Problem, nearest
from validator.legal_time.deadline import EXACT, NEXT_FULL_HOUR, Period, Unit
from validator.legal_time.instant import BadInstant, Instant, Interval, parse_when
from validator.reading.halfwidth import half
from validator.reading.node import Node

NUMBERS = frozenset({"number", "money", "ratio"})
TIMES = frozenset({"date", "time"})
SCALARS = NUMBERS | TIMES | {"enum", "text", "boolean", "object"}
PERIODS = frozenset(u.value for u in Unit)

FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""A number as it is written: exact, in decimal digits."""

CHOICES: Mapping[str, tuple[str, ...]] = {"hour_start": (EXACT, NEXT_FULL_HOUR), "same_day": ("in_order", "unknown")}
"""The words that the engine understands in the global parameters whose unit is ``choice``."""
CLOCKS: Mapping[str, re.Pattern[str]] = {"day_end": re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")}
"""The global parameters that are a time of day."""


class Label(Struct, frozen=True):
    """A text in both languages of the house."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """Return the text in ``lang`` ("zh" or "en")."""
        return self.zh if lang == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        """Return ``{"zh": ..., "en": ...}``."""
        return {"zh": self.zh, "en": self.en}


_TEXTS = frozenset({"text", "enum", "entity"})


class Type(Struct, frozen=True):
    """The static type of a fact, an attribute or an expression.

    ``base`` is one of number, text, enum, boolean, time, period, object, entity, occurrence.  ``kind`` names the
    entity kind of an entity, ``events`` the event types of an occurrence, ``codes`` the words of an enum (None:
    any code), ``fields`` the parts of an object.  ``low`` and ``high`` bound a number; a missing number is the
    interval between them.
    """

    base: str
    many: bool = False
    codes: tuple[str, ...] | None = None
    kind: str = ""
    events: tuple[str, ...] = ()
    fields: tuple[Attribute, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""

    def takes(self, value: object) -> bool:
        """Say whether a value is a text, a code or a flag of this type as it stands; numbers and times must be read."""
        if self.many:
            return False
        if value.__class__ is bool:
            return self.base == "boolean"
        if value.__class__ is not str or self.base not in _TEXTS:
            return False
        return self.base != "enum" or (value != "unknown" and (self.codes is None or value in self.codes))

    def one(self) -> Type:
        """Return the type of one member of a list of this type."""
        return replace(self, many=False)

    def read(self, declared: Any) -> Any:
        """Return a value that a vocabulary gives (text, number, flag) as the engine has one of this type."""
        if self.base == "time":
            return parse_when(declared)
        return Decimal(declared) if self.base == "number" else declared


BOOLEAN = Type("boolean")
NUMBER = Type("number")
MONEY = Type("number", unit="money")
TEXT = Type("text")
TIME = Type("time")
DATE = Type("time", unit="date")


class Attribute(Struct, frozen=True):
    """An attribute of an event or object: its type, who vouches for it, what its absence means (``default``)."""

    name: str
    type: Type
    label: Label | None = None
    attested: bool = False
    default: Any = None
    labels: tuple[tuple[str, Label], ...] = ()


class Variable(Struct, frozen=True):
    """A fact about an entity.  ``source``: recorded, attested, events (changed by events only) or is (computed)."""

    name: str
    kind: str
    attribute: str
    label: Label
    type: Type
    source: str
    initial: Any = None
    expression: Node | None = None
    basis: tuple[str, ...] = ()
    labels: tuple[tuple[str, Label], ...] = ()


class Setter(Struct, frozen=True):
    """What an event does to one variable: set it ``to`` a value or ``from`` one of its own attributes."""

    variable: str
    value: Any
    attribute: str | None
    where: Node | None
    until: str | None


class EventType(Struct, frozen=True):
    """A declared event type.  ``refers_to`` maps a kind to required, unknown or all (what a missing one means)."""

    name: str
    label: Label
    refers_to: Mapping[str, str]
    one_of: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    sets: tuple[Setter, ...]

    def can_refer(self, kind: str) -> bool:
        """Say whether an event of this type may name an entity of ``kind``."""
        return kind in self.refers_to or kind in self.one_of


class EntityKind(Struct, frozen=True):
    """A kind of entity; ``record`` kinds are record types, the others live ``inside`` records of some types.

    ``passes_on`` names reference attributes through which an event that refers to this entity refers further
    (a request about a measure concerns that measure).
    """

    name: str
    label: Label
    plural: str
    record: bool
    inside: tuple[str, ...]
    passes_on: tuple[str, ...]


class Link(Struct, frozen=True):
    """A root that follows an id to another record: ``{from: case.court_id, to: court}``; ``many`` follows it back."""

    name: str
    sources: tuple[str, ...]
    to: str
    many: bool = False


UNSET = "unset"  # what stands for the value of a parameter from the day on which it is repealed


class Dated(Struct, frozen=True):
    """A value of a parameter or table, valid from the first instant of a day; None: from then on there is none."""

    start: Instant
    value: Any
    basis: Label | None = None


class Parameter(Struct, frozen=True):
    """A figure for an open word of the law.  Unset (no values) as shipped: an invented figure would be a false law."""

    name: str
    label: Label
    unit: str
    word: str = ""
    norms: tuple[str, ...] = ()
    low: Decimal | None = None
    values: tuple[Dated, ...] = ()

    def at(self, instant: Instant) -> Dated | None:
        """Return the value in force at ``instant``, or None when none is."""
        found = self.row(instant)
        return None if found is None or found.value is None else found

    def row(self, instant: Instant) -> Dated | None:
        """Return the row that says at ``instant`` which value is in force, or that none is any more."""
        return last_from(self.values, instant)

    def during(self, span: Interval) -> tuple[Dated | None, ...]:
        """Return the values in force within a span one after the other; None where none is."""
        return in_force(self.values, span)

    def problem(self, node: Node) -> Problem | None:
        """Return what is wrong with a value of this parameter: not of its unit, below its bound, an unknown word."""
        value = node.value
        if value == UNSET:
            return None
        if self.unit in PERIODS | NUMBERS:
            return self._unfit(node, value)
        if self.unit == "date":
            try:
                parse_when(value)
            except BadInstant as bad:
                return node.problem(bad.code, **bad.values)
            return None
        words = CHOICES.get(self.name, ())
        if self.name in CLOCKS and not CLOCKS[self.name].fullmatch(str(value)):
            return node.problem("wrong-form", text=str(value), expected="'17:30' / '24:00'")
        if words and value not in words:
            return node.problem(
                "unknown-word", name=str(value), words=", ".join(words), nearest=nearest(str(value), words) or ""
            )
        return None

    def _unfit(self, node: Node, value: Any) -> Problem | None:
        """Return why a value is no figure of this parameter, None if it is one."""
        if not isinstance(value, int | Decimal) or isinstance(value, bool) or self._halved(value):
            return self._no_number(node)
        if self.low is not None and value < self.low:
            return node.problem("number-too-small", found=str(value), limit=str(self.low))
        return None

    def _no_number(self, node: Node) -> Problem:
        written = half(str(node.plain)).strip("'\" ")
        if isinstance(node.value, str) and FIGURE.fullmatch(written):
            return node.problem("parameter-is-text", name=self.name, found=node.value, meant=written)
        found = str(node.plain)
        if self.unit not in PERIODS:
            return node.problem("parameter-not-number", name=self.name, found=found)
        two = Period(2, Unit(self.unit))
        zh, en = two.text("zh"), two.text("en")
        return node.problem("parameter-not-whole", name=self.name, found=found, two_zh=zh, two_en=en)

    def _halved(self, value: int | Decimal) -> bool:
        """Say whether a period is no whole number from 0."""
        return self.unit in PERIODS and (value < 0 or value != int(value))


class Table(Struct, frozen=True):
    """A dated set of codes that the law presupposes and does not contain."""

    name: str
    label: Label
    values: tuple[Dated, ...] = ()

    def at(self, instant: Instant) -> Dated | None:
        """Return the set in force at ``instant``, or None when none is."""
        return last_from(self.values, instant)

    def during(self, span: Interval) -> tuple[Dated | None, ...]:
        """Return the sets in force within a span one after the other; None where none is."""
        return in_force(self.values, span)


class Step(Struct, frozen=True):
    """One step of a remedy: what is done, by whom, on which norms; ``general`` names the general remedy it is of.

    ``letter``: the kind of paper by which it is done, "" for none.
    """

    do: Label
    by: str
    basis: tuple[str, ...]
    general: str = ""
    letter: str = ""


class GeneralRemedy(Struct, frozen=True):
    """A consequence that applies to many norms (``general: art28`` points here)."""

    name: str
    when: Label
    steps: tuple[Step, ...]


def last_from(values: Iterable[Dated], instant: Instant) -> Dated | None:
    """Return the last dated value whose start is not after ``instant``."""
    found = None
    for value in values:
        if value.start <= instant:
            found = value
    return found


def in_force(values: Iterable[Dated], span: Interval) -> tuple[Dated | None, ...]:
    """Return the last dated value at the beginning of a span, and those that start within it; None where none is."""
    values = tuple(values)
    found = (last_from(values, span.lo), *(d for d in values if span.lo < d.start <= span.hi))
    return tuple(None if d is None or d.value is None else d for d in found)


def figure_of(written: Any) -> Any:
    """Return the value of a parameter as it is kept: numbers are decimals, `UNSET` is None."""
    if written == UNSET:
        return None
    return Decimal(written) if isinstance(written, int) else written


class Vocabulary(Struct):
    """All declarations of a rule set by name.  Filled by `declarations`, not changed afterwards."""

    law: Label | None = None
    entities: dict[str, EntityKind] = {}
    links: dict[str, Link] = {}
    codes: dict[str, dict[str, Label]] = {}
    variables: dict[str, Variable] = {}
    event_attributes: dict[str, Attribute] = {}
    events: dict[str, EventType] = {}
    parameters: dict[str, Parameter] = {}
    tables: dict[str, Table] = {}
    actors: dict[str, Label] = {}
    remedies: dict[str, GeneralRemedy] = {}
    ignored_events: frozenset[str] = frozenset()
    _attributes: dict[str, dict[str, Variable]] = {}
    _defaults: dict[str, dict[str, Any]] = {}
    _labels: dict[str, list[Label]] = {}

    def attributes_of(self, kind: str) -> dict[str, Variable]:
        """Return the variables of an entity kind by attribute name."""
        if kind not in self._attributes:
            self._attributes[kind] = {v.attribute: v for v in self.variables.values() if v.kind == kind}
        return self._attributes[kind]

    def attributes_of_event(self, event: EventType) -> dict[str, Attribute]:
        """Return the attributes that events of a type may have, by name: those of all events, and their own."""
        return {**self.event_attributes, **event.attributes}

    def defaults_of(self, event: EventType) -> dict[str, Any]:
        """Return the attributes that an event type has when nobody gives them."""
        if event.name not in self._defaults:
            found = self.attributes_of_event(event).values()
            self._defaults[event.name] = {a.name: a.type.read(a.default) for a in found if a.default is not None}
        return self._defaults[event.name]

    def actor(self, name: str) -> Label:
        """Return who acts by the word of a remedy; a word that nobody declared stands for itself."""
        return self.actors.get(name) or Label(name, name)

    def settings(self) -> dict[str, Label]:
        """Return the labels of what a court sets, by name: ``param.x``, ``table.x``."""
        parameters = {f"param.{name}": found.label for name, found in self.parameters.items()}
        return parameters | {f"table.{name}": found.label for name, found in self.tables.items()}

    def plural_of(self, name: str) -> EntityKind | None:
        """Return the kind whose plural is ``name``."""
        return next((k for k in self.entities.values() if k.plural == name), None)

    def kinds_inside(self, record_type: str) -> list[EntityKind]:
        """Return the entity kinds that live inside records of a type."""
        return [k for k in self.entities.values() if record_type in k.inside]

    def record_types(self) -> list[str]:
        """Return the names of the record types."""
        return [k.name for k in self.entities.values() if k.record]

    def setters_of(self, variable: str) -> list[tuple[EventType, Setter]]:
        """Return what sets a variable: pairs of event type and setter."""
        return [(e, s) for e in self.events.values() for s in e.sets if s.variable == variable]

    def meant(self, word: str, names: Iterable[str]) -> str:
        """Return which of some names a word was meant to be: one that is spelt so or nearly, or whose label it is.

        "" when there is none.
        """
        names = list(names)
        near = nearest(word, names)
        if near is not None or word.isascii():
            return near or ""
        labelled = {label.zh: name for name in sorted(names, reverse=True) for label in self.labels().get(name, ())}
        return labelled.get(nearest(word, labelled) or "", "")

    def labels(self) -> Mapping[str, list[Label]]:
        """Return the labels of all names: of what is declared, of attributes without what they belong to, of codes."""
        if not self._labels:
            for name, label in self._labelled():
                self._labels.setdefault(name, []).append(label)
        return self._labels

    def _labelled(self) -> Iterator[tuple[str, Label]]:
        declared = (self.entities, self.variables, self.events, self.parameters, self.tables)
        yield from ((name, word.label) for words in declared for name, word in words.items())
        yield from self.actors.items()
        yield from (pair for codes in self.codes.values() for pair in codes.items())
        for variable in self.variables.values():
            yield from ((variable.attribute, variable.label), *variable.labels)
        own = (a for event in self.events.values() for a in event.attributes.values())
        for attribute in (*self.event_attributes.values(), *own):
            yield from attribute.labels
            if attribute.label is not None:
                yield attribute.name, attribute.label

    def names(self) -> set[str]:
        """Return every declared name, for "did you mean"."""
        return {
            *self.entities, *(k.plural for k in self.entities.values()), *self.links, *self.variables, *self.events,
            *(f"param.{p}" for p in self.parameters), *(f"table.{t}" for t in self.tables),
        }  # fmt: skip
