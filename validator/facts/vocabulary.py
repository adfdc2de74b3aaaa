"""The closed vocabulary: entity kinds, variables, events, links, parameters and tables of a rule set.

A name that is declared nowhere stops the load; this module holds what the declarations mean.  It knows no law:
everything in it is read from the YAML files of the rule set.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from validator.errors import Problem, nearest
from validator.legal_time.deadline import EXACT, NEXT_FULL_HOUR, Unit
from validator.legal_time.instant import BadInstant, Instant, parse_when
from validator.reading.halfwidth import half
from validator.reading.node import Node

NUMBERS = frozenset({"number", "money", "ratio"})
TIMES = frozenset({"date", "time"})
SCALARS = NUMBERS | TIMES | {"enum", "text", "boolean", "object"}
PERIODS = frozenset(u.value for u in Unit)

_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")

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
    any code).  ``low`` and ``high`` bound a number; a missing number is the interval between them.
    """

    base: str
    many: bool = False
    codes: tuple[str, ...] | None = None
    kind: str = ""
    events: tuple[str, ...] = ()
    fields: tuple[tuple[str, Type], ...] = ()
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


BOOLEAN = Type("boolean")
NUMBER = Type("number")
TEXT = Type("text")
TIME = Type("time")
DATE = Type("time", unit="date")


class Attribute(Struct, frozen=True):
    """An attribute of an event: its type, who vouches for it, and what its absence means (``default``)."""

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
    node: Node


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
    node: Node


class Link(Struct, frozen=True):
    """A root that follows an id to another record: ``{from: case.court_id, to: court}``; ``many`` follows it back."""

    name: str
    sources: tuple[str, ...]
    to: str
    many: bool = False


class Dated(Struct, frozen=True):
    """A value of a parameter or table, valid from the first instant of a day."""

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
        return last_from(self.values, instant)

    def problem(self, node: Node) -> Problem | None:
        """Return what is wrong with a value of this parameter: not of its unit, below its bound, an unknown word."""
        value = node.value
        if self.unit in PERIODS | NUMBERS:
            if not isinstance(value, int | Decimal) or isinstance(value, bool) or self._halved(value):
                return self._no_number(node)
            if self.low is not None and value < self.low:
                return node.problem("number-too-small", found=str(value), limit=str(self.low))
            return None
        if self.unit == "date":
            try:
                parse_when(value)
            except BadInstant as bad:
                return node.problem(bad.code, **bad.values)
            return None
        words = CHOICES.get(self.name, ())
        if self.name in CLOCKS and not CLOCKS[self.name].fullmatch(str(value)):
            return node.problem("wrong-form", text=str(value), expected="17:30 / 24:00")
        if words and value not in words:
            return node.problem(
                "unknown-word", name=str(value), words=", ".join(words), nearest=nearest(str(value), words) or ""
            )
        return None

    def _no_number(self, node: Node) -> Problem:
        written = half(str(node.plain)).strip("'\" ")
        if isinstance(node.value, str) and _FIGURE.fullmatch(written):
            return node.problem("parameter-is-text", name=self.name, found=node.value, meant=written)
        code = "parameter-not-whole" if self.unit in PERIODS else "parameter-not-number"
        return node.problem(code, name=self.name, found=str(node.plain))

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


class Step(Struct, frozen=True):
    """One step of a remedy: what is done, by whom, on which norms; ``general`` names the general remedy it is of.

    ``letter``: the kind of paper by which it is done, "" for none.
    """

    do: Label
    by: str
    basis: tuple[str, ...]
    general: str = ""
    letter: str = ""

    @classmethod
    def of(cls, node: Node, general: str = "") -> Step:
        """Read a step as a record or a general remedy has it."""
        do = node.at(["do"])
        label = Label(str(do.at(["zh"]).value), str(do.at(["en"]).value))
        letter = node.get("letter")
        kind = "" if letter is None else str(letter.value)
        return cls(label, str(node.at(["by"]).value), _texts(node.get("basis")), general, kind)


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


class Vocabulary(Struct):
    """All declarations of a rule set by name.  Filled by `read_vocabulary`, not changed afterwards."""

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

    def attributes_of(self, kind: str) -> dict[str, Variable]:
        """Return the variables of an entity kind by attribute name."""
        if kind not in self._attributes:
            self._attributes[kind] = {v.attribute: v for v in self.variables.values() if v.kind == kind}
        return self._attributes[kind]

    def defaults_of(self, event: EventType) -> dict[str, Any]:
        """Return the attributes that an event type has when nobody gives them."""
        if event.name not in self._defaults:
            found = {a.name: a.default for a in event.attributes.values() if a.default is not None}
            self._defaults[event.name] = found
        return self._defaults[event.name]

    def actor(self, name: str) -> Label:
        """Return who acts by the word of a remedy; a word that nobody declared stands for itself."""
        return self.actors.get(name) or Label(name, name)

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

    def names(self) -> set[str]:
        """Return every declared name, for "did you mean"."""
        return {
            *self.entities, *(k.plural for k in self.entities.values()), *self.links, *self.variables, *self.events,
            *(f"param.{p}" for p in self.parameters), *(f"table.{t}" for t in self.tables),
        }  # fmt: skip


SECTIONS = (
    "entities", "links", "codes", "variables", "event_attributes", "events", "parameters", "tables", "actors",
    "remedies", "ignored_events", "calendar",
)  # fmt: skip


def read_vocabulary(files: Iterable[Node]) -> tuple[Vocabulary, list[Problem]]:
    """Build the vocabulary from the schema-checked top-level mappings of a rule set's files.

    Returns the vocabulary and the problems found (unknown types, twice-declared names, setters of undeclared
    variables); with problems the vocabulary holds what could be read, so that later checks report more at once.
    """
    reader = _Reader()
    nodes = list(files)
    for section in SECTIONS[:-1]:
        for node in nodes:
            part = node.get(section)
            if part is not None and part.value is not None:
                getattr(reader, f"read_{section}")(part)
    reader.check()
    return reader.vocabulary, reader.problems


def read_overlay(vocabulary: Vocabulary, node: Node) -> list[Problem]:
    """Replace parameter and table values by those of an overlay file (``--parameters FILE``)."""
    problems: list[Problem] = []
    sections: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("parameters", vocabulary.parameters),
        ("tables", vocabulary.tables),
    )
    for section, known in sections:
        part = node.get(section)
        for name, entry in part.items() if part is not None else ():
            if name not in known:
                problems.append(_unknown(entry, section.removesuffix("s"), name, known, key=True))
                continue
            if section == "tables":
                codes = _dated(entry, problems, "codes")
                vocabulary.tables[name] = replace(vocabulary.tables[name], values=codes)
            else:
                parameter = vocabulary.parameters[name]
                values = _dated(entry, problems, "value", parameter.problem)
                vocabulary.parameters[name] = replace(parameter, values=values)
    return problems


class _Reader:
    """Reads one section after the other; later sections rely on earlier ones."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.problems: list[Problem] = []

    def _entries(self, part: Node, known: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
        for name, entry in part.items():
            if name in known:
                self.problems.append(entry.problem("declared-twice", key=True, name=name))
                continue
            if not all(w.isidentifier() and not keyword.iskeyword(w) for w in name.split(".")):
                self.problems.append(entry.problem("not-a-name", key=True, name=name))
                continue
            yield name, entry

    def read_entities(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.entities):
            inside = _texts(entry.get("inside"))
            passes_on = _texts(entry.get("passes_on"))
            record = _flag(entry, "record")
            self.vocabulary.entities[name] = EntityKind(
                name, _label(entry), _plain(entry, "plural", name + "s"), record, inside, passes_on, entry
            )

    def read_links(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.links):
            self.vocabulary.links[name] = Link(
                name, _texts(entry.get("from")), _plain(entry, "to", ""), _flag(entry, "many")
            )

    def read_codes(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.codes):
            self.vocabulary.codes[name] = self._code_labels(entry)

    def _code_labels(self, node: Node) -> dict[str, Label]:
        labels = {}
        for code, entry in node.items():
            if not code.isidentifier() or keyword.iskeyword(code):
                self.problems.append(entry.problem("not-a-name", key=True, name=code))
            labels[code] = Label(entry.at(["zh"]).plain, entry.at(["en"]).plain)
        return labels

    def read_variables(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.variables):
            kind, _, attribute = name.partition(".")
            if kind not in self.vocabulary.entities:
                self.problems.append(_unknown(entry, "entity", kind, self.vocabulary.entities, key=True))
                continue
            kind_type, labels = self._type(entry)
            self.vocabulary.variables[name] = Variable(
                name, kind, attribute, _label(entry), kind_type, _plain(entry, "source", "recorded"),
                _plain(entry, "initial", None), entry.get("is"), _texts(entry.get("basis")), labels,
            )  # fmt: skip

    def _type(self, entry: Node) -> tuple[Type, tuple[tuple[str, Label], ...]]:
        """Read a type: a word, a list of codes, or a mapping with ``type`` and its details."""
        if isinstance(entry.value, tuple):
            return Type("enum", codes=_texts(entry)), ()
        if isinstance(entry.value, str):
            return self._base(entry), ()
        word = entry.get("type")
        values = entry.get("values")
        if word is None:
            word = entry if values is None else None
        base = self._base(word) if word is not None else Type("enum")
        codes, labels = self._codes(values)
        many = _flag(entry, "many")
        fields = tuple((n, self._type(f)[0]) for n, f in _items(entry.get("fields")))
        low, high = _decimal(entry.get("min")), _decimal(entry.get("max"))
        return Type(base.base, many, codes, base.kind, (), fields, low, high, base.unit), labels

    def _base(self, word: Node) -> Type:
        text = word.value
        if text in NUMBERS:
            return NUMBER
        if text in TIMES:
            return DATE if text == "date" else TIME
        if text in SCALARS:
            return Type(str(text))
        if text in self.vocabulary.entities:
            return Type("entity", kind=str(text))
        self.problems.append(_unknown(word, "type", str(text), {*SCALARS, *self.vocabulary.entities}))
        return Type("text")

    def _codes(self, values: Node | None) -> tuple[tuple[str, ...] | None, tuple[tuple[str, Label], ...]]:
        if values is None:
            return None, ()
        if isinstance(values.value, dict):
            labels = self._code_labels(values)
        elif isinstance(values.value, tuple):
            return _texts(values), ()
        elif values.value in self.vocabulary.codes:
            labels = self.vocabulary.codes[str(values.value)]
        else:
            self.problems.append(_unknown(values, "codes", str(values.value), self.vocabulary.codes))
            return None, ()
        return tuple(labels), tuple(labels.items())

    def _attribute(self, name: str, entry: Node) -> Attribute:
        kind, labels = self._type(entry)
        if not isinstance(entry.value, dict):
            return Attribute(name, kind)
        label = entry.get("label")
        return Attribute(
            name,
            kind,
            None if label is None else _label(entry),
            _plain(entry, "source", "recorded") == "attested",
            _plain(entry, "default", None),
            labels,
        )

    def read_event_attributes(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.event_attributes):
            self.vocabulary.event_attributes[name] = self._attribute(name, entry)

    def read_events(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.events):
            refers = {k: n for k, n in _items(entry.get("refers_to")) if k != "one_of"}
            one_of_node = entry.get("refers_to")
            one_of = _texts(one_of_node.get("one_of")) if one_of_node is not None else ()
            for kind, node in refers.items():
                if kind not in self.vocabulary.entities:
                    self.problems.append(_unknown(node, "entity", kind, self.vocabulary.entities, key=True))
            attributes = {n: self._attribute(n, a) for n, a in _items(entry.get("attributes"))}
            sets = tuple(self._setter(s) for s in _members(entry.get("sets")))
            self.vocabulary.events[name] = EventType(
                name, _label(entry), {k: str(n.value) for k, n in refers.items()}, one_of, attributes, sets
            )

    @staticmethod
    def _setter(node: Node) -> Setter:
        return Setter(
            _plain(node, "variable", ""), _plain(node, "to", None), _plain(node, "from", None), node.get("where"),
            _plain(node, "until", None), node,
        )  # fmt: skip

    def read_parameters(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.parameters):
            parameter = Parameter(
                name, _label(entry), _plain(entry, "unit", "number"), _plain(entry, "word", "") or "",
                _texts(entry.get("norms")), _decimal(entry.get("min")),
            )  # fmt: skip
            values = _dated(entry, self.problems, "value", parameter.problem)
            self.vocabulary.parameters[name] = replace(parameter, values=values)

    def read_tables(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.tables):
            self.vocabulary.tables[name] = Table(name, _label(entry), _dated(entry, self.problems, "codes"))

    def read_actors(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.actors):
            self.vocabulary.actors[name] = Label(str(entry.at(["zh"]).plain), str(entry.at(["en"]).plain))

    def read_remedies(self, part: Node) -> None:
        for name, entry in self._entries(part, self.vocabulary.remedies):
            when = entry.at(["when"])
            steps = tuple(Step.of(step, name) for step in _members(entry.get("steps")))
            self.vocabulary.remedies[name] = GeneralRemedy(
                name, Label(when.at(["zh"]).plain, when.at(["en"]).plain), steps
            )

    def read_ignored_events(self, part: Node) -> None:
        self.vocabulary.ignored_events |= frozenset(_texts(part))

    def check(self) -> None:
        """Check what one declaration says about another."""
        known = self.vocabulary
        for event in known.events.values():
            for setter in event.sets:
                self._check_setter(event, setter)
        for kind in known.entities.values():
            for attribute in kind.passes_on:
                if f"{kind.name}.{attribute}" not in known.variables:
                    node = kind.node.at(["passes_on"])
                    self.problems.append(_unknown(node, "variable", f"{kind.name}.{attribute}", known.variables))

    def _check_setter(self, event: EventType, setter: Setter) -> None:
        variable = self.vocabulary.variables.get(setter.variable)
        if variable is None:
            node = setter.node.at(["variable"])
            self.problems.append(_unknown(node, "variable", setter.variable, self.vocabulary.variables))
            return
        if variable.source != "events":
            self.problems.append(setter.node.at(["variable"]).problem("not-set-by-events", name=setter.variable))
        for key, attribute in (("from", setter.attribute), ("until", setter.until)):
            if attribute is not None and attribute not in event.attributes:
                self.problems.append(_unknown(setter.node.at([key]), "attribute", attribute, event.attributes))
        if setter.attribute is None and variable.type.codes and setter.value not in variable.type.codes:
            self.problems.append(
                _unknown(setter.node.at(["to"]), "code", str(setter.value), variable.type.codes),
            )


def _dated(
    entry: Node, problems: list[Problem], key: str, check: Callable[[Node], Problem | None] | None = None
) -> tuple[Dated, ...]:
    """Read ``values: [{from, value | codes, basis}]``, sorted by their start; ``key`` says which of the two."""
    found: dict[Instant, Dated] = {}
    for node in _members(entry.get("values")):
        start, given = node.at(["from"]), node.at([key])
        refused = None if check is None else check(given)
        problems.extend([] if refused is None else [refused])
        try:
            instant = parse_when(start.value).lo
        except BadInstant as bad:
            problems.append(start.problem(bad.code, **bad.values))
            continue
        if instant in found:
            problems.append(start.problem("repeated-item", text=str(start.value)))
        basis = node.get("basis")
        label = None if basis is None else Label(basis.at(["zh"]).plain, basis.at(["en"]).plain)
        value = _texts(given) if key == "codes" else given.plain
        found[instant] = Dated(instant, Decimal(value) if isinstance(value, int) else value, label)
    return tuple(found[i] for i in sorted(found))


def _label(entry: Node) -> Label:
    node = entry.at(["label"])
    return Label(node.at(["zh"]).plain, node.at(["en"]).plain)


def _plain(entry: Node, key: str, default: Any) -> Any:
    node = entry.get(key)
    return default if node is None else node.plain


def _flag(entry: Node, key: str) -> bool:
    node = entry.get(key)
    return node is not None and node.value is True


def _decimal(node: Node | None) -> Decimal | None:
    return None if node is None or node.value is None else Decimal(str(node.value))


def _texts(node: Node | None) -> tuple[str, ...]:
    """Read one text or a list of texts."""
    if node is None or node.value is None:
        return ()
    return tuple(str(n.value) for n in node.members()) if isinstance(node.value, tuple) else (str(node.value),)


def _items(node: Node | None) -> list[tuple[str, Node]]:
    return [] if node is None or node.value is None else list(node.items())


def _members(node: Node | None) -> tuple[Node, ...]:
    return node.members() if node is not None else ()


def _unknown(node: Node, what: str, name: str, known: Iterable[str], *, key: bool = False) -> Problem:
    return node.problem(
        f"unknown-{what}", key=key, name=name, nearest=nearest(name, known) or "", width=max(len(name), 1)
    )
