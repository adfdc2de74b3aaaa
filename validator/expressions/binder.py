"""Binds texts to a vocabulary: Python syntax through an allow-list, every name resolved, every expression typed.

Whatever is not in the allow-list is refused with its place in the text (record language, section 5).  What the nodes
mean is in `validator.expressions.closures`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from validator.errors import nearest
from validator.expressions import expression as x
from validator.expressions.expression import BUILTIN_ATTRIBUTES, Expression
from validator.expressions.slips import Slip, day_without_quotes, slip_in
from validator.facts.vocabulary import (
    BOOLEAN,
    FIGURE,
    NUMBER,
    NUMBERS,
    PERIODS,
    TEXT,
    TIME,
    Attribute,
    EventType,
    Type,
    Vocabulary,
)
from validator.legal_time.instant import BadInstant, parse_when
from validator.limits import DEFAULT
from validator.messages import LIST_OF


class BindError(Exception):
    """An expression that cannot be bound: a problem code, a place in the text and the values of the message."""

    def __init__(self, code: str, offset: int = 0, width: int = 1, **values: Any) -> None:
        super().__init__(code)
        self.code, self.offset, self.width, self.values = code, offset, width, values


class Scope(Struct, frozen=True):
    """What names mean where an expression stands.

    ``kinds`` are the entity kinds of the instance (subject, for_each, record type); ``events`` the types of the event
    that a `where` is asked about; ``bare_kind`` the kind whose attributes may be named barely (for_each); ``trigger``
    the types of the opening event (None: no trigger here).
    """

    vocabulary: Vocabulary
    record_type: str
    kinds: frozenset[str]
    events: tuple[EventType, ...] = ()
    bare_kind: str = ""
    trigger: tuple[EventType, ...] | None = None
    loops: Mapping[str, Type] = {}

    def within(self, events: Iterable[EventType]) -> Scope:
        """Return the scope of a `where` over these event types."""
        return replace(self, events=tuple(events))


GENERATOR_FUNCTIONS = ("sum", "count", "min", "max", "any", "all", "distinct", "list", "union")
LIST_FUNCTIONS = ("len", "sum", "min", "max", "distinct", "union")
CONTAINS_FUNCTIONS = ("contains_all", "contains_any", "contains_none")
FUNCTIONS = (*GENERATOR_FUNCTIONS, "len", *CONTAINS_FUNCTIONS, "known")
_OPERATORS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETIC: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


def bind(text: str, scope: Scope, expected: Type | None = None) -> Expression:
    """Parse and bind ``text``; ``expected`` is the type it must have (None: any).

    Raises `BindError` with the offset of the fault in ``text``.
    """
    if len(text) > DEFAULT.expression:
        raise BindError("expression-too-long", limit=str(DEFAULT.expression), length=str(len(text)))
    slip = day_without_quotes(text)
    if slip is not None:  # it can be read: as a difference
        raise _slipped(slip)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        slip = slip_in(text)
        if slip is not None:
            raise _slipped(slip) from None
        offset = max((getattr(error, "offset", 1) or 1) - 1, 0)
        raise BindError("bad-expression", min(offset, len(text)), found=text[offset : offset + 20]) from None
    found = _Binder(text, scope).bind(tree.body, expected)
    if expected is not None:
        _require(found, expected, 0, len(text))
    return found


def _slipped(slip: Slip) -> BindError:
    return BindError(slip.code, slip.start, len(slip.found), found=slip.found, expected=slip.expected)


def attribute_of(scope_vocabulary: Vocabulary, events: Iterable[EventType], name: str) -> Attribute | None:
    """Return the attribute that all these event types have under ``name``; None when one lacks it."""
    common = BUILTIN_ATTRIBUTES.get(name) or scope_vocabulary.event_attributes.get(name)
    found: Attribute | None = None
    for event in events:
        own = event.attributes.get(name) or common
        if own is None:
            return None
        found = own if found is None or found.type == own.type else _joined(found, own)
    return found


def shared_attributes(events: Collection[EventType]) -> set[str]:
    """Return the names of the own attributes that all these event types have."""
    return set.intersection(*(set(e.attributes) for e in events)) if events else set()


def _joined(one: Attribute, two: Attribute) -> Attribute:
    """Join an attribute of two event types: the codes of both; of different bases, the text they share."""
    if one.type.base == two.type.base == "enum":
        codes = (*(one.type.codes or ()), *(c for c in two.type.codes or () if c not in (one.type.codes or ())))
        return replace(one, type=replace(one.type, codes=codes))
    return one if one.type.base == two.type.base else replace(one, type=TEXT)


def _require(found: Expression, expected: Type, offset: int, width: int) -> None:
    if found.type.base != expected.base or (found.type.many and not expected.many):
        raise BindError("wrong-expression-type", offset, width, found=describe(found.type), expected=describe(expected))


def describe(kind: Type) -> str:
    """Name a type as the language names it."""
    word = kind.kind if kind.base == "entity" else kind.base
    return f"{LIST_OF}{word}" if kind.many else word


class _Binder:
    """Binds one expression text."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text.strip(), scope
        self.shift = len(text) - len(text.lstrip())
        self.depth = 0

    def fail(self, node: ast.expr, code: str, **values: Any) -> BindError:
        start = len(self.text.encode()[: node.col_offset].decode(errors="ignore"))
        end = len(self.text.encode()[: node.end_col_offset or node.col_offset + 1].decode(errors="ignore"))
        return BindError(code, start + self.shift, max(end - start, 1), **values)

    def bind(self, node: ast.expr, expected: Type | None = None) -> Expression:
        handler: Callable[[Any, Type | None], Expression] | None = getattr(
            self, f"_bind_{type(node).__name__.lower()}", None
        )
        if handler is None:
            raise self._not_allowed(node)
        return handler(node, expected)

    def _not_allowed(self, node: ast.expr) -> BindError:
        if isinstance(node, ast.Tuple):
            return self.fail(node, "comma-outside-list", found=self._source(node))
        return self.fail(node, "not-in-expressions", found=self._source(node))

    def boolean(self, node: ast.expr) -> Expression:
        found = self.bind(node, BOOLEAN)
        if found.type != BOOLEAN:
            raise self.fail(node, "wrong-expression-type", found=describe(found.type), expected="boolean")
        return found

    # -- logic ------------------------------------------------------------------------------------------------------
    def _bind_boolop(self, node: ast.BoolOp, _: Type | None) -> Expression:
        return x.Logic(BOOLEAN, isinstance(node.op, ast.And), tuple(self.boolean(v) for v in node.values))

    def _bind_unaryop(self, node: ast.UnaryOp, _: Type | None) -> Expression:
        if isinstance(node.op, ast.Not):
            return x.Not(BOOLEAN, self.boolean(node.operand))
        if isinstance(node.op, ast.USub):
            operand = self.bind(node.operand, NUMBER)
            _require(operand, NUMBER, 0, len(self.text))
            return x.Arithmetic(NUMBER, "-", x.Literal(NUMBER, Decimal(0)), operand)
        raise self._not_allowed(node)

    def _bind_compare(self, node: ast.Compare, _: Type | None) -> Expression:
        if len(node.ops) != 1:
            raise self.fail(node, "chained-comparison")
        operator, other = node.ops[0], node.comparators[0]
        for side, path in ((node.left, other), (other, node.left)):
            if self._is_flag(side):
                raise self.fail(side, "boolean-stands-alone", found=self._source(side), path=self._source(path))
        if isinstance(operator, ast.In | ast.NotIn):
            found = self._membership(node.left, other)
            return x.Not(BOOLEAN, found) if isinstance(operator, ast.NotIn) else found
        if type(operator) not in _OPERATORS:
            raise self.fail(node, "not-in-expressions", found="is")
        left, right = self._pair(node.left, other)
        symbol = _OPERATORS[type(operator)]
        self._comparable(node, symbol, left.type, right.type)
        return x.Comparison(BOOLEAN, symbol, left, right)

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or ""

    @staticmethod
    def _is_flag(node: ast.expr) -> bool:
        """Say whether a node is true or false as somebody might write it."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, bool)
        return isinstance(node, ast.Name) and node.id in ("true", "false", "是", "否")

    def _pair(self, one: ast.expr, two: ast.expr) -> tuple[Expression, Expression]:
        """Bind both sides; a bare word takes the enumerated type of the other side."""
        if self._is_word(one) and not self._is_word(two):
            right = self.bind(two)
            return self.bind(one, right.type), right
        if isinstance(one, ast.List) and not isinstance(two, ast.List):
            right = self.bind(two)
            return self.bind(one, right.type.one()), right
        left = self.bind(one)
        return left, self.bind(two, left.type.one() if isinstance(two, ast.List) else left.type)

    def _is_word(self, node: ast.expr) -> bool:
        """Say whether a node is a name that is nothing but, perhaps, a code."""
        if isinstance(node, ast.Constant):
            return True
        if not isinstance(node, ast.Name) or node.id in self.scope.loops:
            return False
        return self._bare(node.id) is None

    def _comparable(self, node: ast.Compare, symbol: str, left: Type, right: Type) -> None:
        sides = (node.left, node.comparators[0])
        if BOOLEAN in (left, right) and any(isinstance(n, ast.Constant) for n in sides):
            path = sides[0] if left == BOOLEAN else sides[1]
            raise self.fail(node, "boolean-stands-alone", found=self._source(node), path=self._source(path))
        same = left.base == right.base or {left.base, right.base} == {"entity", "text"}
        ordered = symbol in ("==", "!=") or (left.base in ("number", "time") and not left.many and not right.many)
        if not same or left.many != right.many or not ordered:
            raise self.fail(node, "not-comparable", left=describe(left), right=describe(right), operator=symbol)

    def _membership(self, item: ast.expr, container: ast.expr) -> Expression:
        if isinstance(container, ast.List):
            left = self.bind(item)
            right = self.bind(container, left.type)
        else:
            self._refuse_one_code(item, container)
            right = self.bind(container)
            left = self.bind(item, right.type.one())
        if not right.type.many:
            raise self.fail(container, "wrong-expression-type", found=describe(right.type), expected="list")
        bases = {left.type.base, right.type.base}
        if len(bases) > 1 and bases != {"entity", "text"} and right.type.base != "any":
            raise self.fail(item, "not-comparable", left=describe(left.type), right=describe(right.type), operator="in")
        return x.Membership(BOOLEAN, left, right)

    def _refuse_one_code(self, item: ast.expr, container: ast.expr) -> None:
        if not isinstance(container, ast.Name) or not self._is_word(container) or self._is_word(item):
            return
        if container.id in (self.bind(item).type.codes or ()):
            raise self.fail(container, "code-without-list", found=container.id)

    # -- values -----------------------------------------------------------------------------------------------------
    def _bind_constant(self, node: ast.Constant, expected: Type | None) -> Expression:
        value = node.value
        if isinstance(value, bool) or value is None:
            raise self.fail(node, "boolean-stands-alone", found=str(value))
        if isinstance(value, int | float):
            written = self._source(node)
            if not FIGURE.fullmatch(written):
                raise self.fail(node, "ambiguous-number", text=written)
            return x.Literal(NUMBER, Decimal(written))
        if isinstance(value, str):
            if expected is not None and expected.base == "time":
                try:
                    return x.Literal(TIME, parse_when(value))
                except BadInstant as bad:
                    raise self.fail(node, bad.code, **bad.values) from None
            if expected is not None and expected.base == "enum":
                raise self.fail(node, "code-without-quotes", found=value)
            return x.Literal(TEXT, value)
        raise self._not_allowed(node)

    def _bind_list(self, node: ast.List, expected: Type | None) -> Expression:
        wanted = None if expected is None else expected.one()
        items = tuple(self.bind(n, wanted) for n in node.elts)
        for item, part in zip(items, node.elts, strict=True):
            if item.type.many or item.type.base != items[0].type.base:
                raise self.fail(part, "mixed-list", found=describe(item.type), expected=describe(items[0].type))
        base = items[0].type if items else (wanted or Type("any"))
        return x.ListOf(replace(base, many=True), items)

    def _bind_binop(self, node: ast.BinOp, _: Type | None) -> Expression:
        symbol = _ARITHMETIC.get(type(node.op))
        if symbol is None:
            raise self._not_allowed(node)
        left, right = self.bind(node.left, NUMBER), self.bind(node.right, NUMBER)
        if symbol == "+" and left.type.base == "time" and isinstance(right, x.ParameterRead):
            if right.type.unit not in PERIODS:
                raise self.fail(node.right, "unit-does-not-fit", name=f"param.{right.name}", unit=right.type.unit)
            return x.Shift(TIME, left, right.name)
        for side, part in ((left, node.left), (right, node.right)):
            if side.type.base != "number" or side.type.many:
                raise self.fail(part, "wrong-expression-type", found=describe(side.type), expected="number")
        return x.Arithmetic(NUMBER, symbol, left, right)

    # -- names ------------------------------------------------------------------------------------------------------
    def _bare(self, name: str) -> Expression | None:
        """Resolve a bare attribute: of this event, or of the second entity in a for_each."""
        scope = self.scope
        if scope.events:
            attribute = attribute_of(scope.vocabulary, scope.events, name)
            if attribute is not None:
                return x.EventRead(attribute.type, x.ThisEvent(_occurrence(scope.events)), name)
        if scope.bare_kind:
            base = x.EntityRoot(Type("entity", kind=scope.bare_kind), scope.bare_kind)
            return self._fact(base, name)
        return None

    def _fact(self, base: Expression, name: str) -> Expression | None:
        if name == "id":
            return x.IdOf(replace(TEXT, base="entity", kind=base.type.kind), base)
        variable = self.scope.vocabulary.variables.get(f"{base.type.kind}.{name}")
        if variable is not None:
            return x.Read(variable.type, base, variable)
        return self._link(base, name)

    def _link(self, base: Expression, name: str) -> Expression | None:
        """A link from an entity: forwards to the record that its id names, or back to the records that name it."""
        link = self.scope.vocabulary.links.get(name)
        if link is None:
            return None
        kinds = [s.partition(".")[0] for s in link.sources]
        if link.many:
            return x.Linked(Type("entity", many=True, kind=kinds[0]), base, name) if link.to == base.type.kind else None
        return x.Linked(Type("entity", kind=link.to), base, name) if base.type.kind in kinds else None

    def _bind_name(self, node: ast.Name, expected: Type | None) -> Expression:
        name, scope = node.id, self.scope
        if name in scope.loops:
            return x.LoopVariable(scope.loops[name], name)
        found = self._bare(name)
        if found is not None:
            return found
        if expected is not None and expected.base == "enum" and (expected.codes is None or name in expected.codes):
            return x.Literal(expected.one(), name)
        found = self._root(name)
        if found is not None:
            return found
        if name in ("true", "false"):
            raise self.fail(node, "boolean-stands-alone", found=name)
        if expected is not None and expected.base == "enum":
            raise self.fail(
                node, "unknown-code", name=name, nearest=scope.vocabulary.meant(name, expected.codes or ()),
                words=", ".join(expected.codes or ()),
            )  # fmt: skip
        if name in scope.vocabulary.events:
            raise self.fail(node, "event-in-expression", name=name)
        known = self._known_names() - {name}
        if name in scope.vocabulary.entities:
            raise self.fail(node, "entity-not-at-hand", name=name, words=", ".join(sorted(scope.kinds)))
        raise self.fail(node, "unknown-name", name=name, nearest=scope.vocabulary.meant(name, known))

    def _known_names(self) -> set[str]:
        scope = self.scope
        own = shared_attributes(scope.events)
        facts = set(scope.vocabulary.attributes_of(scope.bare_kind)) if scope.bare_kind else set()
        plurals = {k.plural for k in scope.vocabulary.kinds_inside(scope.record_type)}
        return {*scope.loops, *own, *facts, *scope.kinds, *plurals, *scope.vocabulary.links, "trigger", "events"}

    def _root(self, name: str) -> Expression | None:
        scope, vocabulary = self.scope, self.scope.vocabulary
        if name in scope.kinds or any(e.can_refer(name) for e in scope.events):
            return x.EntityRoot(Type("entity", kind=name), name)
        kind = vocabulary.plural_of(name)
        if kind is not None and scope.record_type in kind.inside:
            return x.Entities(Type("entity", many=True, kind=kind.name), kind.name)
        record = x.EntityRoot(Type("entity", kind=scope.record_type), scope.record_type)
        return self._link(record, name)

    def _bind_attribute(self, node: ast.Attribute, _: Type | None) -> Expression:
        if isinstance(node.value, ast.Name) and node.value.id not in self.scope.loops:
            special = getattr(self, f"_special_{node.value.id}", None)
            if special is not None:
                found: Expression = special(node)
                return found
        if isinstance(node.value, ast.Attribute) and node.value.attr == "events":
            return self._events_of(node, node.value.value)
        base = self.bind(node.value)
        found_attribute = self._attribute(base, node.attr)
        if found_attribute is None:
            known = self._attribute_names(base.type)
            raise self.fail(
                node, "unknown-attribute", name=node.attr, base=describe(base.type),
                nearest=self.scope.vocabulary.meant(node.attr, known),
            )  # fmt: skip
        return found_attribute

    def _attribute(self, base: Expression, name: str) -> Expression | None:
        kind = base.type
        if kind.many:
            return None
        if kind.base == "entity":
            return self._fact(base, name)
        if kind.base == "object":
            return next((x.FieldRead(f.type, base, name) for f in kind.fields if f.name == name), None)
        if kind.base == "occurrence":
            return self._of_events(base, [self.scope.vocabulary.events[e] for e in kind.events], name)
        return None

    def _of_events(self, base: Expression, types: Collection[EventType], name: str) -> Expression | None:
        """An attribute that all these event types have, or an entity that all may refer to."""
        attribute = attribute_of(self.scope.vocabulary, types, name)
        if attribute is not None:
            return x.EventRead(attribute.type, base, name)
        if types and all(t.can_refer(name) for t in types):
            return x.EventEntity(Type("entity", kind=name), base, name)
        return None

    def _attribute_names(self, kind: Type) -> set[str]:
        if kind.base == "entity":
            return set(self.scope.vocabulary.attributes_of(kind.kind))
        if kind.base == "object":
            return {field.name for field in kind.fields}
        return shared_attributes([self.scope.vocabulary.events[e] for e in kind.events])

    def _special_trigger(self, node: ast.Attribute) -> Expression:
        types = self.scope.trigger
        if types is None:
            raise self.fail(node, "no-trigger-here")
        base = x.TriggerEvent(_occurrence(types))
        found = self._of_trigger(base, types, node.attr)
        if found is None:
            near = nearest(node.attr, shared_attributes(types)) or ""
            raise self.fail(node, "unknown-attribute", name=node.attr, base="trigger", nearest=near)
        return found

    def _of_trigger(self, base: Expression, types: tuple[EventType, ...], name: str) -> Expression | None:
        """An attribute of the trigger; ``fulfilled`` is false for an event, so one chain among several is enough."""
        if name == "fulfilled" and any(name in t.attributes for t in types):
            return x.EventRead(BOOLEAN, base, name)
        return self._of_events(base, types, name)

    def _events_of(self, node: ast.Attribute, owner: ast.expr) -> Expression:
        """The events of another record, which a link or a back link leads to."""
        base = self.bind(owner)
        if base.type.base != "entity" or base.type.kind not in self.scope.vocabulary.record_types() or base.type.many:
            raise self.fail(owner, "wrong-expression-type", found=describe(base.type), expected="record")
        found = self._special_events(node)
        return replace(found, base=base) if isinstance(found, x.Occurrences) else found

    def _special_events(self, node: ast.Attribute) -> Expression:
        known = self.scope.vocabulary.events
        if node.attr == "any":
            return x.Occurrences(replace(_occurrence(known.values()), many=True), tuple(known))
        if node.attr not in known:
            raise self.fail(
                node, "unknown-event", name=node.attr, nearest=self.scope.vocabulary.meant(node.attr, known)
            )
        return x.Occurrences(replace(_occurrence([known[node.attr]]), many=True), (node.attr,))

    def _special_param(self, node: ast.Attribute) -> Expression:
        parameter = self.scope.vocabulary.parameters.get(node.attr)
        if parameter is None:
            known = self.scope.vocabulary.parameters
            raise self.fail(node, "unknown-parameter", name=node.attr, nearest=nearest(node.attr, known) or "")
        if parameter.unit not in PERIODS | NUMBERS:
            raise self.fail(node, "parameter-no-figure", name=f"param.{node.attr}", unit=parameter.unit)
        return x.ParameterRead(replace(NUMBER, unit=parameter.unit, low=parameter.low), node.attr)

    def _special_table(self, node: ast.Attribute) -> Expression:
        if node.attr not in self.scope.vocabulary.tables:
            known = self.scope.vocabulary.tables
            raise self.fail(node, "unknown-table", name=node.attr, nearest=nearest(node.attr, known) or "")
        return x.TableRead(Type("enum", many=True), node.attr)

    # -- functions --------------------------------------------------------------------------------------------------
    def _bind_call(self, node: ast.Call, _: Type | None) -> Expression:
        if not isinstance(node.func, ast.Name):
            raise self._not_allowed(node)
        name = node.func.id
        if name not in FUNCTIONS:
            raise self.fail(node, "unknown-function", name=name, nearest=nearest(name, FUNCTIONS) or "")
        arguments = 2 if name in CONTAINS_FUNCTIONS else 1
        if node.keywords or len(node.args) != arguments:
            raise self.fail(node, "wrong-arguments", name=name, expected=str(arguments))
        if name in CONTAINS_FUNCTIONS:
            return self._contains(name, node)
        argument = node.args[0]
        if name == "known":
            return self._known(argument)
        if isinstance(argument, ast.GeneratorExp):
            return self._generator(name, argument)
        if name not in LIST_FUNCTIONS:
            raise self.fail(argument, "generator-expected", name=name)
        return self._fold(name, argument)

    def _known(self, argument: ast.expr) -> Expression:
        path = self.bind(argument)
        if not isinstance(path, x.Read | x.EventRead | x.FieldRead | x.EventEntity | x.Linked | x.EntityRoot):
            raise self.fail(argument, "path-expected", name="known")
        return x.Known(BOOLEAN, path)

    def _contains(self, name: str, node: ast.Call) -> Expression:
        source = self.bind(node.args[0])
        items = self.bind(node.args[1], source.type)
        for found, part in ((source, node.args[0]), (items, node.args[1])):
            if not found.type.many:
                raise self.fail(part, "wrong-expression-type", found=describe(found.type), expected="list")
        if {source.type.base, items.type.base} - {"any"} not in ({source.type.base}, {items.type.base}):
            left, right = describe(source.type), describe(items.type)
            raise self.fail(node, "not-comparable", left=left, right=right, operator=name)
        return x.Contains(BOOLEAN, name, source, items)

    def _fold(self, name: str, argument: ast.expr) -> Expression:
        source = self.bind(argument)
        if not source.type.many:
            raise self.fail(argument, "wrong-expression-type", found=describe(source.type), expected="list")
        return x.Fold(self._result(name, source.type.one(), argument), name, source)

    def _generator(self, name: str, node: ast.GeneratorExp) -> Expression:
        if name not in GENERATOR_FUNCTIONS or len(node.generators) != 1 or len(node.generators[0].ifs) > 1:
            raise self.fail(node, "bad-generator", name=name)
        comprehension = node.generators[0]
        if not isinstance(comprehension.target, ast.Name):
            raise self.fail(comprehension.target, "bad-generator", name=name)
        self.depth += 1
        if self.depth > 2:  # noqa: PLR2004 - language: generators nest at most twice
            raise self.fail(node, "nested-too-deep")
        source = self.bind(comprehension.iter)
        if not source.type.many:
            raise self.fail(comprehension.iter, "wrong-expression-type", found=describe(source.type), expected="list")
        outer, variable = self.scope, comprehension.target.id
        self.scope = replace(outer, loops={**outer.loops, variable: source.type.one()})
        try:
            condition = self.boolean(comprehension.ifs[0]) if comprehension.ifs else None
            element = self.boolean(node.elt) if name in ("any", "all") else self.bind(node.elt)
        finally:
            self.scope = outer
            self.depth -= 1
        return x.Generator(self._result(name, element.type, node.elt), name, element, variable, source, condition)

    def _result(self, name: str, element: Type, node: ast.expr) -> Type:
        if name in ("count", "len"):
            return replace(NUMBER, low=Decimal(0))
        if name in ("any", "all", "distinct"):
            return BOOLEAN
        if name == "list":
            return replace(element, many=True)
        if name == "union":
            return replace(element, many=True)
        if element.base != "number" and not (name in ("min", "max") and element.base == "time"):
            raise self.fail(node, "wrong-expression-type", found=describe(element), expected="number")
        return replace(element, many=False)


def _occurrence(events: Iterable[EventType]) -> Type:
    return Type("occurrence", events=tuple(e.name for e in events))
