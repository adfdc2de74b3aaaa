"""Reads the declarations of a rule set: the sections of its vocabulary files, and overlays of figures and tables."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from validator.errors import Problem
from validator.facts.agreement import disagreements, unknown
from validator.facts.vocabulary import (
    DATE,
    MONEY,
    NUMBER,
    NUMBERS,
    SCALARS,
    TIME,
    TIMES,
    Attribute,
    Dated,
    EntityKind,
    EventType,
    GeneralRemedy,
    Label,
    Link,
    Parameter,
    Setter,
    Step,
    Table,
    Type,
    Variable,
    Vocabulary,
    figure_of,
)
from validator.legal_time.instant import BadInstant, Instant, parse_when
from validator.reading.node import Node

SECTIONS = (
    "law", "entities", "links", "codes", "variables", "event_attributes", "events", "parameters", "tables", "actors",
    "remedies", "ignored_events", "calendar",
)  # fmt: skip


def read_vocabulary(files: Iterable[Node]) -> tuple[Vocabulary, list[Problem]]:
    """Build the vocabulary from the schema-checked top-level mappings of a rule set's files.

    Returns the vocabulary and the problems found (unknown types, twice-declared names, what does not fit together);
    with problems the vocabulary holds what could be read, so that later checks report more at once.
    """
    reader = _Reader()
    nodes = list(files)
    for section in SECTIONS[:-1]:
        for node in nodes:
            part = node.get(section)
            if part is not None and part.value is not None:
                getattr(reader, f"read_{section}")(part)
    problems = [*reader.problems, *disagreements(reader.vocabulary, reader.written)]
    return reader.vocabulary, problems


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
                problems.append(unknown(entry, section.removesuffix("s"), name, known, key=True))
                continue
            if section == "tables":
                codes = _dated(entry, problems, "codes")
                vocabulary.tables[name] = replace(vocabulary.tables[name], values=codes)
            else:
                parameter = vocabulary.parameters[name]
                values = _dated(entry, problems, "value", parameter.problem)
                vocabulary.parameters[name] = replace(parameter, values=values)
    return problems


def read_step(node: Node, general: str = "") -> Step:
    """Read a step as a record or a general remedy (``general``) has it."""
    do = node.at(["do"])
    label = Label(str(do.at(["zh"]).value), str(do.at(["en"]).value))
    letter = node.get("letter")
    kind = "" if letter is None else str(letter.value)
    return Step(label, str(node.at(["by"]).value), _texts(node.get("basis")), general, kind)


class _Reader:
    """Reads one section after the other; later sections rely on earlier ones."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.written: dict[str, dict[str, Node]] = {section: {} for section in SECTIONS}
        self.problems: list[Problem] = []

    def _entries(self, part: Node, section: str) -> Iterator[tuple[str, Node]]:
        written = self.written[section]
        for name, entry in part.items():
            if name in written:
                first = written[name].place.path
                other = "" if first == entry.place.path else first
                self.problems.append(entry.problem("declared-twice", key=True, name=name, other=other))
            elif self._is_name(name, entry):
                written[name] = entry
                yield name, entry

    def _is_name(self, name: str, entry: Node) -> bool:
        """Say whether something may be called so, by a key; if not, that is a problem."""
        fits = all(w.isidentifier() and not keyword.iskeyword(w) for w in name.split("."))
        if not fits:
            self.problems.append(entry.problem("not-a-name", key=True, name=name))
        return fits

    def read_law(self, part: Node) -> None:
        if self.vocabulary.law is not None:
            self.problems.append(part.problem("declared-twice", name="law"))
        self.vocabulary.law = Label(str(part.at(["zh"]).plain), str(part.at(["en"]).plain))

    def read_entities(self, part: Node) -> None:
        for name, entry in self._entries(part, "entities"):
            inside = _texts(entry.get("inside"))
            passes_on = _texts(entry.get("passes_on"))
            record = _flag(entry, "record")
            self.vocabulary.entities[name] = EntityKind(
                name, _label(entry), _plain(entry, "plural", name + "s"), record, inside, passes_on
            )

    def read_links(self, part: Node) -> None:
        for name, entry in self._entries(part, "links"):
            self.vocabulary.links[name] = Link(
                name, _texts(entry.get("from")), _plain(entry, "to", ""), _flag(entry, "many")
            )

    def read_codes(self, part: Node) -> None:
        for name, entry in self._entries(part, "codes"):
            self.vocabulary.codes[name] = self._code_labels(entry)

    def _code_labels(self, node: Node) -> dict[str, Label]:
        labels = {}
        for code, entry in node.items():
            self._is_name(code, entry)
            labels[code] = Label(entry.at(["zh"]).plain, entry.at(["en"]).plain)
        return labels

    def read_variables(self, part: Node) -> None:
        for name, entry in self._entries(part, "variables"):
            kind, _, attribute = name.partition(".")
            if kind not in self.vocabulary.entities:
                self.problems.append(unknown(entry, "entity", kind, self.vocabulary.entities, key=True))
                continue
            kind_type, labels = self._type(entry)
            source = _plain(entry, "source", "recorded" if entry.get("is") is None else "is")
            self.vocabulary.variables[name] = Variable(
                name, kind, attribute, _label(entry), kind_type, source,
                _plain(entry, "initial", None), entry.get("is"), _texts(entry.get("basis")), labels,
            )  # fmt: skip

    def _type(self, entry: Node) -> tuple[Type, tuple[tuple[str, Label], ...]]:
        """Read a type: a word, a list of codes, or a mapping with ``type`` and its details."""
        if isinstance(entry.value, tuple):
            return Type("enum", codes=self._listed(entry)), ()
        if isinstance(entry.value, str):
            return self._base(entry), ()
        word = entry.get("type")
        values = entry.get("values")
        if word is None:
            word = entry if values is None else None
        base = self._base(word) if word is not None else Type("enum")
        codes, labels = self._codes(values)
        many = base.many or _flag(entry, "many")
        fields = tuple(self._attribute(n, f) for n, f in _items(entry.get("fields")))
        low, high = _decimal(entry.get("min")), _decimal(entry.get("max"))
        return Type(base.base, many, codes, base.kind, (), fields, low, high, base.unit), labels

    def _base(self, word: Node) -> Type:
        text = word.value
        if text in NUMBERS:
            return MONEY if text == "money" else NUMBER
        if text in TIMES:
            return DATE if text == "date" else TIME
        if text == "codes":
            return Type("enum", many=True)
        if text in SCALARS:
            return Type(str(text))
        if text in self.vocabulary.entities:
            return Type("entity", kind=str(text))
        self.problems.append(unknown(word, "type", str(text), {*SCALARS, *self.vocabulary.entities}))
        return Type("text")

    def _codes(self, values: Node | None) -> tuple[tuple[str, ...] | None, tuple[tuple[str, Label], ...]]:
        if values is None:
            return None, ()
        if isinstance(values.value, dict):
            labels = self._code_labels(values)
        elif isinstance(values.value, tuple):
            return self._listed(values), ()
        elif values.value in self.vocabulary.codes:
            labels = self.vocabulary.codes[str(values.value)]
        else:
            self.problems.append(unknown(values, "codes", str(values.value), self.vocabulary.codes))
            return None, ()
        return tuple(labels), tuple(labels.items())

    def _listed(self, values: Node) -> tuple[str, ...]:
        """Read codes without labels."""
        for code in values.members():
            self._is_name(str(code.value), code)
        return _texts(values)

    def _attribute(self, name: str, entry: Node) -> Attribute:
        self._is_name(name, entry)
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
        for name, entry in self._entries(part, "event_attributes"):
            self.vocabulary.event_attributes[name] = self._attribute(name, entry)

    def read_events(self, part: Node) -> None:
        for name, entry in self._entries(part, "events"):
            refers = {k: n for k, n in _items(entry.get("refers_to")) if k != "one_of"}
            one_of_node = entry.get("refers_to")
            one_of = _texts(one_of_node.get("one_of")) if one_of_node is not None else ()
            attributes = {n: self._attribute(n, a) for n, a in _items(entry.get("attributes"))}
            sets = tuple(self._setter(s) for s in _members(entry.get("sets")))
            self.vocabulary.events[name] = EventType(
                name, _label(entry), {k: str(n.value) for k, n in refers.items()}, one_of, attributes, sets
            )

    @staticmethod
    def _setter(node: Node) -> Setter:
        return Setter(
            _plain(node, "variable", ""), _plain(node, "to", None), _plain(node, "from", None), node.get("where"),
            _plain(node, "until", None),
        )  # fmt: skip

    def read_parameters(self, part: Node) -> None:
        for name, entry in self._entries(part, "parameters"):
            parameter = Parameter(
                name, _label(entry), _plain(entry, "unit", "number"), _plain(entry, "word", "") or "",
                _texts(entry.get("norms")), _decimal(entry.get("min")),
            )  # fmt: skip
            values = _dated(entry, self.problems, "value", parameter.problem)
            self.vocabulary.parameters[name] = replace(parameter, values=values)

    def read_tables(self, part: Node) -> None:
        for name, entry in self._entries(part, "tables"):
            self.vocabulary.tables[name] = Table(name, _label(entry), _dated(entry, self.problems, "codes"))

    def read_actors(self, part: Node) -> None:
        for name, entry in self._entries(part, "actors"):
            self.vocabulary.actors[name] = Label(str(entry.at(["zh"]).plain), str(entry.at(["en"]).plain))

    def read_remedies(self, part: Node) -> None:
        for name, entry in self._entries(part, "remedies"):
            when = entry.at(["when"])
            steps = tuple(read_step(step, name) for step in _members(entry.get("steps")))
            self.vocabulary.remedies[name] = GeneralRemedy(
                name, Label(when.at(["zh"]).plain, when.at(["en"]).plain), steps
            )

    def read_ignored_events(self, part: Node) -> None:
        self.vocabulary.ignored_events |= frozenset(_texts(part))


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
        value = _texts(given) if key == "codes" else figure_of(given.plain)
        found[instant] = Dated(instant, value, label)
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
