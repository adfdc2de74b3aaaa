"""The states that a norm reads, over time: what a record's events make of its variables until the judgement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from validator.expressions import expression as x
from validator.expressions.point import moment
from validator.facts.values import Unknown
from validator.facts.vocabulary import Label, Variable
from validator.judging.interpreter import Judged
from validator.legal_time.instant import BEGIN, Instant
from validator.rules.program import expressions_of

UNKNOWN = Label("不明", "unknown")
_TRUTHS = {True: Label("是", "yes"), False: Label("否", "no")}


@dataclass(frozen=True, slots=True)
class State:
    """One variable over time: pairs of the instant from which it has a value, the first `BEGIN`, and the value."""

    variable: Variable
    values: tuple[tuple[Instant, Label], ...]


def states(judged: Judged) -> Iterator[State]:
    """Yield the variables that events change, of the entities of an instance, as far as its norm reads them.

    A variable that never changed by the moment of judgement has one value.
    """
    instance, conditions = judged.instance, judged.conditions
    evaluator = conditions.evaluator
    seen: set[str] = set()
    for node in (n for e in expressions_of(instance.norm) for n in x.walk(e)):
        if not isinstance(node, x.Read) or not isinstance(node.base, x.EntityRoot) or node.variable.name in seen:
            continue
        if not _is_state(node.variable) or node.base.kind not in {*instance.entities, evaluator.timeline.record_type}:
            continue
        seen.add(node.variable.name)
        points = [BEGIN, *sorted(t for t in conditions.changes([node]) if t <= evaluator.as_of)]
        found: list[tuple[Instant, Label]] = []
        for point in points:
            value = _told(node.variable, evaluator.value(node, instance.frame(moment(point))))
            if not found or found[-1][1] != value:
                found.append((point, value))
        yield State(node.variable, tuple(found))


def _is_state(variable: Variable) -> bool:
    return variable.source == "events" or (variable.source == "is" and variable.type.base == "boolean")


def _told(variable: Variable, value: Any) -> Label:
    if isinstance(value, Unknown) or value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return _TRUTHS[value]
    known = dict(variable.labels).get(value) if isinstance(value, str) else None
    return known or Label(str(value), str(value))
