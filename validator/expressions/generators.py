"""What runs over lists: generators, and the functions that take a list (record language, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from msgspec.structs import replace

from validator.expressions import expression as x
from validator.expressions.evaluation import Code, Evaluator, MeaningOf
from validator.expressions.lists import as_series, folded
from validator.expressions.point import Frame
from validator.facts.timeline import Event
from validator.facts.values import Item, Series, Truth, all_of
from validator.facts.vocabulary import BOOLEAN
from validator.legal_time.instant import Instant

_SETTLED_NODES = (x.Literal, x.Logic, x.Not, x.Comparison, x.Membership, x.ListOf, x.Contains, x.Known, x.EventRead)
_OPEN = object()
_FEW = 4  # members that are sooner read than remembered
_ALWAYS = x.Literal(BOOLEAN, True)  # noqa: FBT003 - the condition of a generator without one
_IRRELEVANT: Mapping[str, bool] = {"all": True, "any": False}  # an element that changes nothing, present or not


def _settled_by(expression: x.Expression, variable: str) -> bool:
    """Say whether an expression reads only attributes of the opening event and of the variable of a generator."""
    nodes = list(x.walk(expression))
    roots = {n.base for n in nodes if isinstance(n, x.EventRead) and n.attribute != "fulfilled"}

    def is_settled(node: x.Expression) -> bool:
        if isinstance(node, x.LoopVariable):
            return node.name == variable and (node in roots or node is expression)
        return node in roots if isinstance(node, x.TriggerEvent) else isinstance(node, _SETTLED_NODES)

    return all(map(is_settled, nodes))


def generator(node: x.Generator, of: MeaningOf) -> Code:
    """A function of the members of a list that pass a condition."""
    if isinstance(node.source, x.Occurrences) and node.source.base is None and node.function != "list":
        return _OverEvents(node, node.source, of)
    return _OverList(node, of)


class _OverList:
    """A generator over a list; of the entities of the record each is read anew only where it may have changed."""

    def __init__(self, node: x.Generator, of: MeaningOf) -> None:
        self.node, self.source, self.element = node, of(node.source), of(node.element)
        self.condition = of(node.condition or _ALWAYS)
        self.lasts = isinstance(node.source, x.Entities)

    def __call__(self, evaluator: Evaluator, frame: Frame) -> Any:
        whole = as_series(self.source(evaluator, frame))
        evaluator.work.spend(len(whole.items))
        at = partial(self._member, evaluator, frame)
        lasting = self.lasts and len(whole.items) > _FEW and frame.this is None and not frame.loops
        found = self._lasting(evaluator, frame, whole.items, at) if lasting else map(at, whole.items)
        members = [member for member in found if member[1] is not False]
        return folded(self.node.function, self.node.element, members, whole)

    def _member(self, evaluator: Evaluator, frame: Frame, item: Item) -> tuple[Any, Truth]:
        """Read the element of a member, and whether it is present (of one that is not, the element is None)."""
        inner = _in_loop(frame, self.node.variable, item.value)
        present = all_of((item.present, self.condition(evaluator, inner)))
        return None if present is False else self.element(evaluator, inner), present

    def _lasting(
        self, evaluator: Evaluator, frame: Frame, items: Sequence[Item], at: Callable[[Item], tuple[Any, Truth]]
    ) -> Iterator[tuple[Any, Truth]]:
        """Read the members anew where something has changed since they were read for the same instance."""
        point, key = frame.point, evaluator.derived.reads(self.node).asked(self.node, frame)
        before = partial(self._member, evaluator, replace(frame, point=point.before()))
        return evaluator.of_each(key, items, point.around, before, at)


class _Member(NamedTuple):
    """An occurrence over which a generator runs, with what it and the opening one settle: the rest is `_OPEN`.

    ``next`` is when it or one of those behind it in the list may have happened first.
    """

    event: Event
    concerns: Truth
    condition: Any
    element: Any
    next: Instant


class _OverEvents:
    """A generator over events of the record: what events settle is read once for all reading points.

    What reads the opening event is read once for each of these, one after the other.
    """

    def __init__(self, node: x.Generator, source: x.Occurrences, of: MeaningOf) -> None:
        self.node, self.names = node, source.names
        parts = (node.condition or _ALWAYS, node.element)
        self.condition, self.element = map(of, parts)
        self.condition_settled, self.element_settled = (_settled_by(p, node.variable) for p in parts)
        self.settled = self.condition_settled and self.element_settled
        self.reads_opening = any(isinstance(n, x.TriggerEvent) for p in parts for n in x.walk(p))
        self.decides = self.settled and not self.reads_opening and node.function in _IRRELEVANT

    def __call__(self, evaluator: Evaluator, frame: Frame) -> Any:
        found: Iterable[tuple[Any, Truth]] = self._occurred(evaluator, frame)
        if not self.decides:
            found = list(found)  # what the members read is evidence, though the first of them may decide
        return folded(self.node.function, self.node.element, found, Series((), evaluator.silence()))

    def _occurred(self, evaluator: Evaluator, frame: Frame) -> Iterator[tuple[Any, Truth]]:
        """Yield the elements of the events that are in, and whether each is present."""
        point, last = frame.point, frame.point.last
        for event, concerns, condition, element, following in self._known(evaluator, frame):
            if following > last:
                evaluator.changes(following)
                break
            if event.at.lo > last:
                evaluator.changes(event.at.lo)
                continue
            present = evaluator.at_point(event, point)
            if concerns is not True:
                present = all_of((present, concerns))
            if present is False:
                continue
            inner = frame if self.settled else _in_loop(frame, self.node.variable, event)
            if condition is not True:
                present = all_of((present, self.condition(evaluator, inner) if condition is _OPEN else condition))
            if present is not False:
                yield (self.element(evaluator, inner) if element is _OPEN else element), present

    def _known(self, evaluator: Evaluator, frame: Frame) -> list[_Member]:
        """Return the members: those of the last opening event that was asked for, if that makes a difference."""
        key, opening = (id(self.node), *frame.entities.items()), frame.trigger if self.reads_opening else None
        kept = evaluator.members.get(key)
        if kept is None or kept[0] is not opening:
            found = list(self._members(evaluator, frame))
            if self.decides:  # asked first: the members that are surely in before others
                found.sort(key=lambda m: m.event.at.hi)
                firsts = list(accumulate((m.event.at.lo for m in reversed(found)), min))
                found = [m._replace(next=first) for m, first in zip(found, reversed(firsts), strict=True)]
            kept = evaluator.members[key] = opening, found
        known: list[_Member] = kept[1]
        return known

    def _members(self, evaluator: Evaluator, frame: Frame) -> Iterator[_Member]:
        """Yield the events that matter at some reading point, with what each settles by itself."""
        irrelevant = _IRRELEVANT.get(self.node.function, _OPEN)
        for event, concerns in evaluator.concerning(self.names, frame.entities):
            inner = _in_loop(frame, self.node.variable, event)
            condition = self.condition(evaluator, inner) if self.condition_settled else _OPEN
            element = self.element(evaluator, inner) if self.element_settled else _OPEN
            if condition is not False and (element is _OPEN or element is not irrelevant):
                yield _Member(event, concerns, condition, element, event.at.lo)


def _in_loop(frame: Frame, name: str, member: Any) -> Frame:
    """Return the frame in which an expression is read for one member of a generator."""
    loops = {**frame.loops, name: member}
    return Frame(frame.entities, frame.point, frame.start, frame.trigger, frame.this, loops)


def fold(node: x.Fold, of: MeaningOf) -> Code:
    """A function of a whole list."""
    source = of(node.source)

    def of_list(evaluator: Evaluator, frame: Frame) -> Any:
        whole = as_series(source(evaluator, frame))
        return folded(node.function, node, [(i.value, i.present) for i in whole.items], whole)

    return of_list
