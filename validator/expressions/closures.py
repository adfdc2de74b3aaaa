"""What bound expressions mean: each node of a tree becomes a function of an evaluator and a frame.

The functions are made once, at load or when first asked for; what a node says is looked at then and not again.
Source of the rules: record language, section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from validator.expressions import comparisons, generators, reads
from validator.expressions import expression as x
from validator.expressions.evaluation import Code, Evaluator, MeaningOf, Ref
from validator.expressions.lists import as_series, plain
from validator.expressions.point import Frame
from validator.facts import values as v
from validator.facts.values import NO_CAUSES, Causes, Series, Truth, Unknown
from validator.legal_time.deadline import due
from validator.legal_time.instant import Interval


def closure(node: x.Expression) -> Code:
    """Return what an expression means.

    The function gives a plain value, an `Interval`, a `Series`, a `Ref`, an `Event` or `Unknown`; of a boolean
    expression a truth.
    """
    return _BY_NODE[type(node)](node, closure)


def _literal(node: x.Literal, _: MeaningOf) -> Code:
    value = node.value
    return lambda _, __: value


def _logic(node: x.Logic, of: MeaningOf) -> Code:
    parts = [of(p) for p in node.parts]
    decides = not node.conjunction

    def logic(evaluator: Evaluator, frame: Frame) -> Truth:
        causes: Causes | None = None
        for part in parts:
            found: Truth = part(evaluator, frame)
            if found is decides:
                return decides
            if isinstance(found, Unknown):
                causes = found.causes if causes is None else causes | found.causes
        return not decides if causes is None else Unknown(causes)

    return logic


def _not(node: x.Not, of: MeaningOf) -> Code:
    part = of(node.part)
    return lambda evaluator, frame: v.negate(part(evaluator, frame))


def _arithmetic(node: x.Arithmetic, of: MeaningOf) -> Code:
    left, right, operator = of(node.left), of(node.right), node.operator
    return lambda evaluator, frame: v.arithmetic(operator, left(evaluator, frame), right(evaluator, frame))


def _shift(node: x.Shift, of: MeaningOf) -> Code:
    """A time plus a parameter: a bound, not a time limit for an act, so it never rolls."""
    time, parameter = of(node.time), node.parameter

    def shift(evaluator: Evaluator, frame: Frame) -> Any:
        start, period = time(evaluator, frame), evaluator.period(parameter, frame.start, frame.trigger)
        if isinstance(start, Unknown) or isinstance(period, Unknown):
            return Unknown(NO_CAUSES.union(*(s.causes for s in (start, period) if isinstance(s, Unknown))))
        return Interval(*(due(s, period, evaluator.calendar, roll=False).instant for s in start))

    return shift


def _list(node: x.ListOf, of: MeaningOf) -> Code:
    items = [of(i) for i in node.items]
    return lambda evaluator, frame: v.sure(plain(i(evaluator, frame)) for i in items)


def _contains(node: x.Contains, of: MeaningOf) -> Code:
    source, items, function = of(node.source), of(node.items), node.function

    def contains(evaluator: Evaluator, frame: Frame) -> Truth:
        whole, wanted = as_series(source(evaluator, frame)), as_series(items(evaluator, frame))
        if function == "contains_all":
            return v.contains_all(whole, wanted)
        found = v.contains_any(whole, wanted)
        return found if function == "contains_any" else v.negate(found)

    return contains


def _known(node: x.Known, of: MeaningOf) -> Code:
    path = of(node.path)
    if not isinstance(node.path, x.Read):
        return lambda evaluator, frame: _is_known(path(evaluator, frame))
    base, kind, variable = of(node.path.base), node.path.base.type.kind, node.path.variable

    def known(evaluator: Evaluator, frame: Frame) -> Truth:
        whose, timeline = base(evaluator, frame), evaluator.timeline
        if isinstance(whose, Unknown) and kind != timeline.record_type:
            # Nobody can name the entity, but it may be one of those of which the record states it.
            refs = (Ref(timeline, entity) for entity in timeline.entities.get(kind, {}).values())
            if any(_is_known(evaluator.fact(ref, variable, frame)) is not False for ref in refs):
                return Unknown(whose.causes)
        return _is_known(path(evaluator, frame))

    return known


def _is_known(found: Any) -> Truth:
    """Say whether something is stated: a date may leave open whether it was by then."""
    if isinstance(found, Series):
        return found.rest is None or bool(found.items)
    if not isinstance(found, Unknown):
        return True
    if any(c.kind == "time" for c in found.causes):
        return True if found.among is not None and not any(isinstance(a, Unknown) for a in found.among) else found
    return False


_BY_NODE: Mapping[type[x.Expression], Callable[[Any, MeaningOf], Code]] = {
    x.Literal: _literal,
    x.Logic: _logic,
    x.Not: _not,
    x.Comparison: comparisons.comparison,
    x.Membership: comparisons.membership,
    x.Arithmetic: _arithmetic,
    x.Shift: _shift,
    x.ListOf: _list,
    x.Contains: _contains,
    x.Known: _known,
    x.EntityRoot: reads.entity_root,
    x.LoopVariable: reads.loop,
    x.IdOf: reads.id_of,
    x.Read: reads.read,
    x.FieldRead: reads.field,
    x.Linked: reads.linked,
    x.Entities: reads.entities,
    x.ThisEvent: reads.this,
    x.TriggerEvent: reads.trigger,
    x.EventRead: reads.event_read,
    x.EventEntity: reads.event_entity,
    x.Occurrences: reads.occurrences,
    x.ParameterRead: reads.parameter,
    x.TableRead: reads.table,
    x.Generator: generators.generator,
    x.Fold: generators.fold,
}
