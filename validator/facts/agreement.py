"""What one declaration of a vocabulary says about another, and whether the values that it gives are of its types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from validator.errors import Problem, nearest
from validator.facts.vocabulary import EntityKind, EventType, Link, Setter, Type, Vocabulary
from validator.legal_time.instant import BadInstant, parse_when
from validator.reading.node import Node

Written = Mapping[str, Mapping[str, Node]]
"""The declarations as they stand in the files: by section, by name."""

ROOTS = frozenset({"events", "param", "table", "trigger"})
"""First words of paths that the language gives a meaning."""
_WORDS: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "number"), (Decimal, "number"), (str, "text"))


def unknown(node: Node, what: str, name: str, known: Iterable[str], *, key: bool = False, **values: Any) -> Problem:
    """Make the problem of a name that is not declared, with what was probably meant."""
    near, width = nearest(name, known) or "", max(len(name), 1)
    return node.problem(f"unknown-{what}", key=key, name=name, nearest=near, width=width, **values)


def disagreements(vocabulary: Vocabulary, written: Written) -> Iterator[Problem]:
    """Yield what does not fit together in a vocabulary, each with its place."""
    plurals: set[str] = set()
    for kind in vocabulary.entities.values():
        yield from _of_kind(vocabulary, kind, written["entities"][kind.name], plurals)
    for link in vocabulary.links.values():
        yield from _of_link(vocabulary, link, written["links"][link.name])
    for variable in vocabulary.variables.values():
        node = written["variables"][variable.name]
        yield from _of_bounds(variable.type, node)
        yield from _of_value(variable.type, node.get("initial"))
    for event in vocabulary.events.values():
        yield from _of_event(vocabulary, event, written["events"][event.name])
    for attribute in vocabulary.event_attributes.values():
        yield from _of_attribute(attribute.type, written["event_attributes"][attribute.name])
    for remedy in vocabulary.remedies.values():
        steps = written["remedies"][remedy.name].at(["steps"]).members()
        for step, node in zip(remedy.steps, steps, strict=True):
            if vocabulary.actors and step.by not in vocabulary.actors:
                yield unknown(node.at(["by"]), "actor", step.by, vocabulary.actors)


# -- kinds and links ---------------------------------------------------------------------------------------------------
def _of_kind(vocabulary: Vocabulary, kind: EntityKind, node: Node, plurals: set[str]) -> Iterator[Problem]:
    plural = node.get("plural") or node
    if kind.name in ROOTS:
        yield node.problem("not-a-name", key=True, name=kind.name)
    if kind.plural in ROOTS:
        yield plural.problem("not-a-name", name=kind.plural)
    if kind.plural in plurals:
        yield plural.problem("declared-twice", name=kind.plural)
    plurals.add(kind.plural)
    if not kind.record and not kind.inside:
        yield node.problem("entity-nowhere", key=True, name=kind.name)
    for part in _each(node.get("inside")):
        yield from _record_type(vocabulary, part)
    for part in _each(node.get("passes_on")):
        name = f"{kind.name}.{part.value}"
        variable = vocabulary.variables.get(name)
        if variable is None:
            yield unknown(part, "variable", name, vocabulary.variables)
        elif variable.type.base != "entity":
            yield part.problem("wrong-type", found=variable.type.base, expected="entity")


def _of_link(vocabulary: Vocabulary, link: Link, node: Node) -> Iterator[Problem]:
    for part in _each(node.at(["from"])):
        if part.value not in vocabulary.variables:
            yield unknown(part, "variable", str(part.value), vocabulary.variables)
    if link.to:
        yield from _record_type(vocabulary, node.at(["to"]))


def _record_type(vocabulary: Vocabulary, node: Node) -> Iterator[Problem]:
    """Check that a name is that of a record type."""
    name = str(node.value)
    if name not in vocabulary.entities:
        yield unknown(node, "entity", name, vocabulary.entities)
    elif not vocabulary.entities[name].record:
        yield node.problem("no-record-type", name=name, words=", ".join(vocabulary.record_types()))


# -- events ------------------------------------------------------------------------------------------------------------
def _of_event(vocabulary: Vocabulary, event: EventType, node: Node) -> Iterator[Problem]:
    if event.name == "any":
        yield node.problem("not-a-name", key=True, name=event.name)
    refers = node.get("refers_to")
    for kind, part in refers.items() if refers is not None else ():
        if kind != "one_of" and kind not in vocabulary.entities:
            yield unknown(part, "entity", kind, vocabulary.entities, key=True)
        for one in part.members():
            if one.value not in vocabulary.entities:
                yield unknown(one, "entity", str(one.value), vocabulary.entities)
    attributes = node.get("attributes")
    for name, part in attributes.items() if attributes is not None else ():
        yield from _of_attribute(event.attributes[name].type, part)
    setters = node.get("sets")
    for setter, part in zip(event.sets, setters.members() if setters is not None else (), strict=True):
        yield from _of_setter(vocabulary, event, setter, part)


def _of_attribute(kind: Type, node: Node) -> Iterator[Problem]:
    yield from _of_bounds(kind, node)
    yield from _of_value(kind, node.get("default"))


def _of_setter(vocabulary: Vocabulary, event: EventType, setter: Setter, node: Node) -> Iterator[Problem]:
    place = node.at(["variable"])
    variable = vocabulary.variables.get(setter.variable)
    if variable is None:
        yield unknown(place, "variable", setter.variable, vocabulary.variables)
        return
    if variable.source != "events":
        yield place.problem("not-set-by-events", name=setter.variable)
    kind = vocabulary.entities[variable.kind]
    if not kind.record and not event.can_refer(kind.name):
        yield place.problem("sets-out-of-reach", name=setter.variable, event=event.name, kind=kind.name)
    attributes = vocabulary.attributes_of_event(event)
    for key, attribute in (("from", setter.attribute), ("until", setter.until)):
        if attribute is None:
            continue
        if attribute not in attributes:
            yield unknown(node.at([key]), "attribute", attribute, attributes, base=event.name)
            continue
        found = attributes[attribute].type
        if key == "until" and found.base != "time":
            yield node.at([key]).problem("wrong-type", found=found.base, expected="time")
        elif key == "from":
            yield from _of_source(variable.type, found, node.at([key]))
    if setter.attribute is None:
        yield from _of_value(variable.type, node.at(["to"]))


def _of_source(kind: Type, found: Type, node: Node) -> Iterator[Problem]:
    """Check that a variable can be set from an attribute: of its type, and with no codes that it does not have."""
    bases = {kind.base, found.base}
    if (len(bases) > 1 and bases != {"entity", "text"}) or kind.many != found.many:
        yield node.problem("wrong-type", found=_word(found), expected=_word(kind))
    elif kind.codes is not None:
        foreign = [c for c in found.codes or () if c not in kind.codes]
        if foreign:
            yield node.problem("unknown-code", name=foreign[0], nearest="", words=", ".join(kind.codes))


# -- values ------------------------------------------------------------------------------------------------------------
def _of_bounds(kind: Type, node: Node) -> Iterator[Problem]:
    if kind.low is not None and kind.high is not None and kind.low > kind.high:
        yield node.at(["max"]).problem("number-too-small", found=str(kind.high), limit=str(kind.low))


def _of_value(kind: Type, node: Node | None) -> Iterator[Problem]:
    """Check that a value which a vocabulary gives is of the type that it is given for."""
    if node is None:
        return
    value = node.value
    word = next((word for form, word in _WORDS if isinstance(value, form)), "null")
    if kind.many or word != ("text" if kind.base in ("enum", "entity", "time") else kind.base):
        yield node.problem("wrong-type", found=word, expected=_word(kind))
    elif kind.base == "enum" and kind.codes is not None and value not in kind.codes:
        near, words = nearest(str(value), kind.codes) or "", ", ".join(kind.codes)
        yield node.problem("unknown-code", name=str(value), nearest=near, words=words)
    elif kind.base == "time":
        try:
            parse_when(value)
        except BadInstant as bad:
            yield node.problem(bad.code, **bad.values)
    elif isinstance(value, int | Decimal):
        if kind.low is not None and value < kind.low:
            yield node.problem("number-too-small", found=str(value), limit=str(kind.low))
        if kind.high is not None and value > kind.high:
            yield node.problem("number-too-large", found=str(value), limit=str(kind.high))


def _word(kind: Type) -> str:
    return "list" if kind.many else kind.base


def _each(node: Node | None) -> tuple[Node, ...]:
    """Return the members of a list, or the one value that stands for such a list."""
    if node is None or node.value is None:
        return ()
    return node.members() or (node,)
