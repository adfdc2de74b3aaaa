"""The nodes of a bound expression: what `validator.expressions.binder` makes of a text, every name in it resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from validator.facts.vocabulary import NUMBER, TEXT, TIME, Attribute, Type, Variable


# Nodes are not changed once they are made.  They are not frozen all the same, and have no text of their own: there are
# many kinds of them, and each start of the command makes them all.
@dataclass(slots=True, eq=False, repr=False)
class Expression:
    """A node of a bound expression; ``type`` is what it yields.  Compared by identity."""

    type: Type


@dataclass(slots=True, eq=False, repr=False)
class Literal(Expression):
    """A number, text, code or time written in the text."""

    value: Any


@dataclass(slots=True, eq=False, repr=False)
class EntityRoot(Expression):
    """The instance's entity of a kind; in a `where`, the one this event refers to, if it refers to one."""

    kind: str


@dataclass(slots=True, eq=False, repr=False)
class LoopVariable(Expression):
    """The variable of a generator."""

    name: str


@dataclass(slots=True, eq=False, repr=False)
class ThisEvent(Expression):
    """The event that a `where` is asked about."""


@dataclass(slots=True, eq=False, repr=False)
class TriggerEvent(Expression):
    """The event that opened the instance."""


@dataclass(slots=True, eq=False, repr=False)
class Read(Expression):
    """A fact of an entity."""

    base: Expression
    variable: Variable


@dataclass(slots=True, eq=False, repr=False)
class IdOf(Expression):
    """The id of an entity."""

    base: Expression


@dataclass(slots=True, eq=False, repr=False)
class EventRead(Expression):
    """An attribute of an event."""

    base: Expression
    attribute: str


@dataclass(slots=True, eq=False, repr=False)
class EventEntity(Expression):
    """The entity of a kind that an event refers to."""

    base: Expression
    kind: str


@dataclass(slots=True, eq=False, repr=False)
class FieldRead(Expression):
    """A field of an object."""

    base: Expression
    name: str


@dataclass(slots=True, eq=False, repr=False)
class Linked(Expression):
    """The record (or records) that a link leads to, from ``base``."""

    base: Expression
    link: str


@dataclass(slots=True, eq=False, repr=False)
class Entities(Expression):
    """All entities of a kind in the record."""

    kind: str


@dataclass(slots=True, eq=False, repr=False)
class Occurrences(Expression):
    """The occurrences of event types that concern the instance, up to the reading point.

    ``base`` is another record whose events are meant (``o.events.training_completed``); None: this record's.
    """

    names: tuple[str, ...]
    base: Expression | None = None


@dataclass(slots=True, eq=False, repr=False)
class ParameterRead(Expression):
    """A parameter, read at the trigger's date."""

    name: str


@dataclass(slots=True, eq=False, repr=False)
class TableRead(Expression):
    """A dated table, read at the reading point."""

    name: str


@dataclass(slots=True, eq=False, repr=False)
class Logic(Expression):
    """``and`` / ``or`` over several parts, in Kleene's three-valued logic."""

    conjunction: bool
    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Not(Expression):
    """Negation."""

    part: Expression


@dataclass(slots=True, eq=False, repr=False)
class Comparison(Expression):
    """``== != < <= > >=``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class Membership(Expression):
    """``x in list`` (``not in`` is wrapped in `Not`)."""

    item: Expression
    container: Expression


@dataclass(slots=True, eq=False, repr=False)
class Arithmetic(Expression):
    """``+ - *`` on exact decimals."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class Shift(Expression):
    """A time plus a period: the end of the period that starts then, counted like a deadline."""

    time: Expression
    parameter: str


@dataclass(slots=True, eq=False, repr=False)
class ListOf(Expression):
    """A list written in the text."""

    items: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Generator(Expression):
    """``function(element for variable in source if condition)``."""

    function: str
    element: Expression
    variable: str
    source: Expression
    condition: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Fold(Expression):
    """A function over a list that is there already: len, sum, min, max, distinct, union."""

    function: str
    source: Expression


@dataclass(slots=True, eq=False, repr=False)
class Contains(Expression):
    """``contains_all / contains_any / contains_none (list, items)``."""

    function: str
    source: Expression
    items: Expression


@dataclass(slots=True, eq=False, repr=False)
class Known(Expression):
    """``known(path)``: the only function that turns a missing fact into false."""

    path: Expression


BUILTIN_ATTRIBUTES: Mapping[str, Attribute] = {
    "at": Attribute("at", TIME),
    "id": Attribute("id", TEXT),
    "seq": Attribute("seq", NUMBER),
}


def walk(node: Expression) -> Iterable[Expression]:
    """Yield a node and everything below it."""
    yield node
    for slot in fields(node):
        part = getattr(node, slot.name)
        for child in part if isinstance(part, tuple) else (part,):
            if isinstance(child, Expression):
                yield from walk(child)
