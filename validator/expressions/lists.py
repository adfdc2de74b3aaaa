"""Lists as expressions read them, and what is made of their members."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any

from validator.expressions import expression as x
from validator.expressions.evaluation import Ref
from validator.facts import values as v
from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes, Item, Series, Truth, Unknown, all_of, any_of
from validator.legal_time.instant import Interval


def as_series(value: Any) -> Series:
    """Return a value that is a list as one; of one that is unknown, what it holds is unknown."""
    if isinstance(value, Series):
        return value
    if isinstance(value, Unknown):
        return Series((), value.causes)
    return v.sure(value)


def plain(value: Any) -> Any:
    """Return a value as it is compared: an entity by its id."""
    return value.entity.id if isinstance(value, Ref) else value


def loosened(series: Series) -> Series:
    """Return a list with the reason why its order is open: two events, neither surely after the other."""
    causes: set[v.Cause] = set(series.loose)
    for one, two in pairwise(i.value for i in series.items):
        if isinstance(one, Event) and isinstance(two, Event) and not two.follows(one):
            causes |= v.time(f"{one.pointer}/at", f"{two.pointer}/at")
    return Series(series.items, series.rest, frozenset(causes))


def folded(function: str, element: x.Expression, found: Iterable[tuple[Any, Truth]], source: Series) -> Any:
    """Join the members of a list: their elements, and whether each is present."""
    rest = source.rest
    open_end: list[Truth] = [] if rest is None else [Unknown(rest)]
    if function == "any":
        return any_of(chain((all_of((p, e)) for e, p in found), open_end))
    if function == "all":
        return all_of(chain((any_of((v.negate(p), e)) for e, p in found), open_end))
    members = list(found)
    if function in ("count", "len"):
        return v.total(((Decimal(1), p) for _, p in members), rest, Decimal(1))
    if function == "sum":
        return v.total(members, rest, element.type.low)
    if function in ("min", "max"):
        return _extreme(function, members, rest)
    series = Series(tuple(Item(plain(e), p) for e, p in members), rest, loosened(source).loose)
    if function == "distinct":
        return v.distinct(series)
    return _flattened(members, series) if function == "union" else series


def _extreme(function: str, members: list[tuple[Any, Truth]], rest: Causes | None) -> Any:
    """Return the least or greatest number (or time) of a list; of an empty one nobody knows."""
    pick: Callable[..., Any] = min if function == "min" else max
    unsure = NO_CAUSES.union(*(p.causes for _, p in members if isinstance(p, Unknown)), rest or NO_CAUSES)
    if not members:
        return Unknown(rest or v.data("empty list"))
    if isinstance(members[0][0], Interval):
        found = Interval(pick(e.lo for e, _ in members), pick(e.hi for e, _ in members))
        return Unknown(unsure) if unsure else found
    ranges = [(v.range_of(e), p) for e, p in members]
    causes = unsure.union(*(r.causes for r, _ in ranges))
    lows = [r.low for r, p in ranges if p is True or function == "min"]
    highs = [r.high for r, p in ranges if p is True or function == "max"]
    near, far = (highs, lows) if function == "min" else (lows, highs)
    reached = pick((b for b in near if b is not None), default=None)  # one sure member is enough for this bound
    limit = None if unsure or None in far else pick(far)
    low, high = (limit, reached) if function == "min" else (reached, limit)
    return v.number(v.Range(low, high, causes))


def _flattened(members: list[tuple[Any, Truth]], series: Series) -> Series:
    """Join lists of lists; a member that is itself an open list leaves the union open."""
    items: list[Item] = []
    rest: set[v.Cause] = set(series.rest or ())
    opened = series.rest is not None
    for element, present in members:
        if isinstance(element, Series):
            items.extend(Item(i.value, all_of((present, i.present))) for i in element.items)
            if element.rest is not None:
                opened = True
                rest |= element.rest
        else:
            items.append(Item(plain(element), present))
    return Series(tuple(items), frozenset(rest) if opened else None)
