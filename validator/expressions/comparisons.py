"""What comparisons and membership mean (record language, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from validator.expressions import expression as x
from validator.expressions.evaluation import Code, Evaluator, MeaningOf
from validator.expressions.lists import as_series, loosened, plain
from validator.expressions.point import Frame
from validator.facts import values as v
from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes, Series, Truth, Unknown, all_of, any_of
from validator.facts.vocabulary import BOOLEAN, TIME
from validator.legal_time.instant import Interval, same_day, tied


def comparison(node: x.Comparison, of: MeaningOf) -> Code:
    """Compare two values; what is not known of them leaves the answer open, unless every way of knowing it agrees."""
    left, right = of(node.left), of(node.right)
    compare = _compared(node)
    bases = {node.left.type.base, node.right.type.base}
    if isinstance(node.right, x.Literal) and bases.isdisjoint(("number", "time", "entity")):
        return _equal_to(left, node.right.value, compare, equal=node.operator == "==")
    if not (node.left.type.many and node.right.type.many):

        def compared(evaluator: Evaluator, frame: Frame) -> Truth:
            return compare(left(evaluator, frame), right(evaluator, frame))

        return _naming_events(node, compared, of)

    def comparison(evaluator: Evaluator, frame: Frame) -> Truth:
        one, other = left(evaluator, frame), right(evaluator, frame)
        if isinstance(one, Series) and isinstance(other, Series):
            found = v.same_series(loosened(one), loosened(other))
            return v.negate(found) if node.operator == "!=" else found
        return compare(one, other)

    return comparison


def _equal_to(left: Code, value: Any, compare: Callable[[Any, Any], Truth], *, equal: bool) -> Code:
    """Compare with a word that a rule writes: in one step what is known, most of what is read."""

    def comparison(evaluator: Evaluator, frame: Frame) -> Truth:
        one = left(evaluator, frame)
        return compare(one, value) if isinstance(one, Unknown) else (one == value) is equal

    return comparison


def _compared(node: x.Comparison) -> Callable[[Any, Any], Truth]:
    """Return how two values of the types of a comparison compare."""
    operator, base = node.operator, node.left.type.base
    if base == "number":
        return lambda one, other: v.compare_numbers(operator, one, other)
    if base == "time":
        return _compared_times(node)
    equal = operator == "=="

    def compare(one: Any, other: Any) -> Truth:
        if isinstance(one, Unknown) or isinstance(other, Unknown):
            found = v.same(one, other)
            return found if equal else v.negate(found)
        return (one == other) is equal

    if "entity" not in (base, node.right.type.base):
        return compare
    return lambda one, other: compare(plain(one), plain(other))


def _compared_times(node: x.Comparison) -> Callable[[Any, Any], Truth]:
    """Return how two times compare; a day (month, year) that a rule writes is known, and as long as it is.

    ``t < "2022-02-08"``: before that day begins; ``t >= "2022-02-08"``: on it or later; ``t == "2022-02-08"``: on it.
    """
    operator, left, right = node.operator, node.left, node.right
    dates = operator in ("==", "!=") and left.type.unit == right.type.unit == "date"
    causes = _named(left, right)
    if isinstance(left, x.Literal) and not isinstance(right, x.Literal):
        flipped = _FLIPPED.get(operator, operator)
        return lambda one, other: _compare_times(flipped, other, one, causes, dates=dates, written=True)
    written = isinstance(right, x.Literal)
    return lambda one, other: _compare_times(operator, one, other, causes, dates=dates, written=written)


def _named(*sides: x.Expression) -> Causes:
    """Name the times that are compared by their paths, such as ``event.at``."""
    return v.time(*{p for p in map(x.path_of, sides) if p})


def _naming_events(node: x.Comparison, compared: Code, of: MeaningOf) -> Code:
    """Name the dates of the very events whose moments are compared, where these leave it open."""
    sides = (node.left, node.right)
    moments = [s for s in sides if isinstance(s, x.EventRead) and s.attribute == "at"]
    if not moments:
        return compared
    open_order, others = _named(*sides), _named(*(s for s in sides if s not in moments))
    events = [of(s.base) for s in moments]

    def named(evaluator: Evaluator, frame: Frame) -> Truth:
        found: Truth = compared(evaluator, frame)
        if not isinstance(found, Unknown) or found.causes != open_order:
            return found
        about = (event(evaluator, frame) for event in events)
        coarse = [e for e in about if isinstance(e, Event) and e.at.lo < e.at.hi]
        longer = [e for e in coarse if not same_day(e.at, e.at)]  # beside one of these a day is known well enough
        return Unknown(others.union(*(e.doubt for e in longer or coarse)) or open_order)

    return named


_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _compare_times(operator: str, one: Any, other: Any, causes: Causes, *, dates: bool, written: bool) -> Truth:
    """Compare times; ``dates``: both are days, compared as such; ``written``: a rule writes the other one."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return Unknown(NO_CAUSES.union(*(s.causes for s in (one, other) if isinstance(s, Unknown))))
    if dates:
        return bool(one == other) is (operator == "==")
    if not written:
        return v.compare_times(operator, one, other, causes)
    if operator in ("==", "!="):
        begun, over = (_compare_written(o, one, other, causes) for o in (">=", "<="))
        return all_of((begun, over)) if operator == "==" else v.negate(all_of((begun, over)))
    return _compare_written(operator, one, other, causes)


def _compare_written(operator: str, one: Interval, written: Interval, causes: Causes) -> Truth:
    """Compare a time with the beginning or the end of one that is written, whichever the operator asks for."""
    bound = written.lo if operator in ("<", ">=") else written.hi
    return v.compare_times(operator, one, Interval(bound, bound), causes)


def membership(node: x.Membership, of: MeaningOf) -> Code:
    """Say whether a value is in a list."""
    item, container = of(node.item), of(node.container)
    codes = _literals(node.container)
    if codes and node.item.type.base == "time":
        a_day = x.Comparison(BOOLEAN, "==", node.item, x.Literal(TIME, codes[0]))
        return _naming_events(a_day, _among_days(item, _compared_times(a_day), codes), of)

    if codes is not None:
        return _among(item, codes)
    if node.item.type.base == "time" and node.item.type.unit != "date":
        return _among_times(node, item, container, of)

    def membership(evaluator: Evaluator, frame: Frame) -> Truth:
        series = as_series(container(evaluator, frame))
        return v.member(plain(item(evaluator, frame)), series)

    return membership


def _among(item: Code, codes: tuple[Any, ...]) -> Code:
    """Say whether a value is among those that a rule writes."""

    def among(evaluator: Evaluator, frame: Frame) -> Truth:
        found = plain(item(evaluator, frame))
        return v.member(found, v.sure(codes)) if isinstance(found, Unknown) else found in codes

    return among


def _among_days(item: Code, lies_on: Callable[[Any, Any], Truth], days: Iterable[Any]) -> Code:
    """A time is among days that a rule writes if it lies on one of them, as with ``==``."""

    def among(evaluator: Evaluator, frame: Frame) -> Truth:
        found = item(evaluator, frame)
        return any_of([lies_on(found, day) for day in days])

    return among


def _among_times(node: x.Membership, item: Code, container: Code, of: MeaningOf) -> Code:
    """A time is among others if it is one of them; two acts known to the same day are so by presumption.

    So ``a.at >= b.at or a.at in [b.at]`` is true of these, and says that it rests on the order within a day.
    """
    others = node.container.items if isinstance(node.container, x.ListOf) else ()
    causes = _named(node.item, *others)

    def among(evaluator: Evaluator, frame: Frame) -> Truth:
        found, series = item(evaluator, frame), as_series(container(evaluator, frame))
        parts = [all_of((i.present, _same_moment(evaluator, found, i.value, causes))) for i in series.items]
        return any_of([*parts, *([] if series.rest is None else [Unknown(series.rest)])])

    if len(others) != 1:
        return among
    return _naming_events(
        x.Comparison(BOOLEAN, "==", node.item, others[0]), _unless_itself(node.item, others[0], among, of), of
    )


def _unless_itself(one: x.Expression, other: x.Expression, among: Code, of: MeaningOf) -> Code:
    """An act is of its own moment, however little is known of that."""
    if not isinstance(one, x.EventRead) or not isinstance(other, x.EventRead):
        return among
    first, second = of(one.base), of(other.base)

    def unless_itself(evaluator: Evaluator, frame: Frame) -> Truth:
        event = first(evaluator, frame)
        return True if isinstance(event, Event) and event is second(evaluator, frame) else among(evaluator, frame)

    return unless_itself


def _same_moment(evaluator: Evaluator, one: Any, other: Any, causes: Causes) -> Truth:
    if isinstance(one, Unknown) or isinstance(other, Unknown) or one.lo == one.hi == other.lo == other.hi:
        return v.same(one, other)
    if one != other or not tied(one, other):
        return False if one.hi < other.lo or other.hi < one.lo else Unknown(causes)
    evaluator.presumed = True
    return True if evaluator.in_order else Unknown(causes)


def _literals(node: x.Expression) -> tuple[Any, ...] | None:
    """Return the members of a list that the text spells out."""
    if not isinstance(node, x.ListOf) or not all(isinstance(i, x.Literal) for i in node.items):
        return None
    return tuple(i.value for i in node.items if isinstance(i, x.Literal))
