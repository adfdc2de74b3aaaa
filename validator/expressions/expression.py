"""The nodes of a bound expression: what `validator.expressions.binder` makes of a text, every name in it resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from validator.facts.vocabulary import NUMBER, TEXT, TIME, Attribute, Type, Variable


class Expression(Struct, eq=False):
    """A node of a bound expression; ``type`` is what it yields.  Compared by identity."""

    type: Type


class Literal(Expression, eq=False):
    """A number, text, code or time written in the text."""

    value: Any


class EntityRoot(Expression, eq=False):
    """The instance's entity of a kind; in a `where`, the one this event refers to, if it refers to one."""

    kind: str


class LoopVariable(Expression, eq=False):
    """The variable of a generator."""

    name: str


class ThisEvent(Expression, eq=False):
    """The event that a `where` is asked about."""


class TriggerEvent(Expression, eq=False):
    """The event that opened the instance."""


class Read(Expression, eq=False):
    """A fact of an entity."""

    base: Expression
    variable: Variable


class IdOf(Expression, eq=False):
    """The id of an entity."""

    base: Expression


class EventRead(Expression, eq=False):
    """An attribute of an event."""

    base: Expression
    attribute: str


class EventEntity(Expression, eq=False):
    """The entity of a kind that an event refers to."""

    base: Expression
    kind: str


class FieldRead(Expression, eq=False):
    """A field of an object."""

    base: Expression
    name: str


class Linked(Expression, eq=False):
    """The record (or records) that a link leads to, from ``base``."""

    base: Expression
    link: str


class Entities(Expression, eq=False):
    """All entities of a kind in the record."""

    kind: str


class Occurrences(Expression, eq=False):
    """The occurrences of event types that concern the instance, up to the reading point.

    ``base`` is another record whose events are meant (``o.events.training_completed``); None: this record's.
    """

    names: tuple[str, ...]
    base: Expression | None = None


class ParameterRead(Expression, eq=False):
    """A parameter, read at the trigger's date."""

    name: str


class TableRead(Expression, eq=False):
    """A dated table, read at the reading point."""

    name: str


class Logic(Expression, eq=False):
    """``and`` / ``or`` over several parts, in Kleene's three-valued logic."""

    conjunction: bool
    parts: tuple[Expression, ...]


class Not(Expression, eq=False):
    """Negation."""

    part: Expression


class Comparison(Expression, eq=False):
    """``== != < <= > >=``."""

    operator: str
    left: Expression
    right: Expression


class Membership(Expression, eq=False):
    """``x in list`` (``not in`` is wrapped in `Not`)."""

    item: Expression
    container: Expression


class Arithmetic(Expression, eq=False):
    """``+ - *`` on exact decimals."""

    operator: str
    left: Expression
    right: Expression


class Shift(Expression, eq=False):
    """A time plus a period: the end of the period that starts then, counted like a deadline."""

    time: Expression
    parameter: str


class ListOf(Expression, eq=False):
    """A list written in the text."""

    items: tuple[Expression, ...]


class Generator(Expression, eq=False):
    """``function(element for variable in source if condition)``."""

    function: str
    element: Expression
    variable: str
    source: Expression
    condition: Expression | None


class Fold(Expression, eq=False):
    """A function over a list that is there already: len, sum, min, max, distinct, union."""

    function: str
    source: Expression


class Contains(Expression, eq=False):
    """``contains_all / contains_any / contains_none (list, items)``."""

    function: str
    source: Expression
    items: Expression


class Known(Expression, eq=False):
    """``known(path)``: the only function that turns a missing fact into false."""

    path: Expression


BUILTIN_ATTRIBUTES: Mapping[str, Attribute] = {
    "at": Attribute("at", TIME),
    "id": Attribute("id", TEXT),
    "seq": Attribute("seq", NUMBER),
}


def parts_of(node: Expression) -> Iterator[Expression]:
    """Yield the nodes directly below a node."""
    for name in node.__struct_fields__:
        part = getattr(node, name)
        for child in part if isinstance(part, tuple) else (part,):
            if isinstance(child, Expression):
                yield child


def walk(node: Expression) -> Iterator[Expression]:
    """Yield a node and everything below it."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def path_of(node: Expression) -> str:
    """Name a path for messages."""
    if isinstance(node, Read):
        return node.variable.name
    if isinstance(node, EventRead):
        return f"{'trigger' if isinstance(node.base, TriggerEvent) else 'event'}.{node.attribute}"
    return node.name if isinstance(node, FieldRead) else ""
