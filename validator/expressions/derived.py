"""What follows from the vocabulary and the expressions of a program alone: what each means, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from msgspec import Struct

from validator.expressions import expression as x
from validator.expressions.point import Frame, Point
from validator.facts.timeline import Event
from validator.facts.vocabulary import Setter, Variable


class Effect(Struct, frozen=True):
    """A setter of a vocabulary with its bound ``where``."""

    setter: Setter
    where: x.Expression | None


class Reads(Struct, frozen=True):
    """What the value of an expression depends on, the computed variables that it reads included.

    ``events``: event types, of whatever record; ``tables``: dated tables; ``facts``: the variables that records state;
    ``parameters``: whether any figure; ``trigger``: whether the opening occurrence.
    """

    events: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    parameters: bool = False
    trigger: bool = False

    def given(self, point: Point) -> Event | None:
        """Return the occurrence that is in for sure at a point, if its being in is a matter of what is read."""
        given = point.given
        return given if given is not None and given.type.name in self.events else None

    def asked(self, expression: x.Expression, frame: Frame) -> tuple[Any, ...]:
        """Return what tells the values of an expression in some frames apart, besides the moment of reading."""
        return (
            id(expression), self.given(frame.point), frame.trigger if self.trigger else None,
            frame.start if self.parameters else None, *frame.entities.items(),
        )  # fmt: skip

    @property
    def nothing(self) -> bool:
        """Whether the value rests on nothing but the event that is asked about, and what the rule says."""
        return self == _NOTHING

    def union(self, *others: Reads) -> Reads:
        """Return what any of several depends on."""
        return Reads(*(reduce(or_, (getattr(r, part) for r in (self, *others))) for part in self.__struct_fields__))


_NOTHING = Reads()
_HEAVY = (x.Occurrences, x.Generator, x.Fold, x.Contains, x.Linked, x.Entities)


class Meaning(NamedTuple):
    """What an expression means, and whether that is found as fast as one would find that it had been found before."""

    code: Callable[..., Any]
    is_light: bool


class Derived(Struct, frozen=True):
    """What the program has bound of the vocabulary: effects by (event type, variable) and ``is`` expressions.

    ``meaning`` turns an expression into a function.
    """

    effects: Mapping[tuple[str, str], tuple[Effect, ...]]
    expressions: Mapping[str, x.Expression]
    setters: Mapping[str, tuple[str, ...]]
    meaning: Callable[[x.Expression], Callable[..., Any]]
    _reads: dict[x.Expression, Reads] = {}
    _variables: dict[str, Reads] = {}
    _meant: dict[x.Expression, Meaning] = {}
    _found: dict[tuple[Any, ...], Any] = {}

    def reads(self, expression: x.Expression) -> Reads:
        """Return what the value of an expression depends on."""
        if expression not in self._reads:
            self._reads[expression] = Reads().union(*map(self._of_node, x.walk(expression)))
        return self._reads[expression]

    def reads_together(self, expressions: tuple[x.Expression, ...]) -> Reads:
        """Return what the values of several expressions depend on, always the same object."""
        if len(expressions) == 1:
            return self.reads(expressions[0])
        found: Reads = self.once(expressions, lambda: Reads().union(*map(self.reads, expressions)))
        return found

    def once(self, key: tuple[Any, ...], find: Callable[[], Any]) -> Any:
        """Return what follows from the program alone: found once, and kept with it."""
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]

    def __reduce__(self) -> tuple[Any, ...]:
        """Send what is bound to another process; what is found from it, functions among it, is found there again."""
        return Derived, (self.effects, self.expressions, self.setters, self.meaning)

    def meant(self, expression: x.Expression) -> Meaning:
        """Return what an expression means: a function of an evaluator and a frame, made when first asked for."""
        found = self._meant.get(expression)
        if found is None:
            is_light = not any(isinstance(node, _HEAVY) for node in x.walk(expression))
            found = self._meant[expression] = Meaning(self.meaning(expression), is_light)
        return found

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
            case x.Read(variable=variable):
                return self.reads_of(variable)
        return Reads()

    def reads_of(self, variable: Variable) -> Reads:
        """Return what the value of a variable depends on."""
        if variable.name not in self._variables:
            self._variables[variable.name] = self._of_variable(variable)
        return self._variables[variable.name]

    def _of_variable(self, variable: Variable) -> Reads:
        if variable.source == "is":
            return self.reads(self.expressions[variable.name])
        if variable.source == "events":
            return Reads(frozenset(self.setters.get(variable.name, ())))
        return Reads(facts=frozenset({variable.name}))
