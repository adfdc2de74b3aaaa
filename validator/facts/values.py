"""Three-valued facts: what is known, what is not and why, and how logic and numbers deal with both.

Every value is known or `Unknown` with its causes: ``data`` (recorded, missing), ``time`` (a date too coarse) or
``judgement`` (somebody must decide).  Logic is Kleene's; a comparison with an unknown side is unknown unless bounds or
the remaining candidates decide it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct

from validator.legal_time.instant import Interval


class Cause(Struct, frozen=True):
    """Why something is not known: ``data``, ``time`` or ``judgement``, and what (a JSON pointer or a name)."""

    kind: str
    what: str


Causes = frozenset[Cause]
NO_CAUSES: Causes = frozenset()


class Unknown(Struct, frozen=True):
    """A value that is not known.  ``low``/``high`` bound a number; ``among`` lists the only values it can have."""

    causes: Causes
    low: Decimal | None = None
    high: Decimal | None = None
    among: tuple[Any, ...] | None = None


Truth = bool | Unknown


class Item(NamedTuple):
    """A member of a list and whether it is one for sure."""

    value: Any
    present: Truth


class Series(Struct, frozen=True):
    """A list.  ``rest`` says why there may be more members (None: there are none); ``loose`` why the order is open."""

    items: tuple[Item, ...]
    rest: Causes | None = None
    loose: Causes = NO_CAUSES


def data(what: str) -> Causes:
    """Return the cause of a missing datum."""
    return frozenset({Cause("data", what)})


def time(*what: str) -> Causes:
    """Return the causes of dates that are too coarse."""
    return frozenset(Cause("time", w) for w in what)


def judgement(what: str) -> Causes:
    """Return the cause of a decision that nobody has taken."""
    return frozenset({Cause("judgement", what)})


def causes_of(found: object) -> Causes:
    """Return what leaves a truth or a value open."""
    return found.causes if isinstance(found, Unknown) else NO_CAUSES


def sure(values: Iterable[Any]) -> Series:
    """Return a list all of whose members are known."""
    return Series(tuple(Item(v, True) for v in values))  # noqa: FBT003 - present


def seen_from_outside(value: Any, whence: str, but: Causes) -> Any:
    """Return a value that was read in another record, with what leaves it open told as that record's.

    Args:
        value: the value.
        whence: what stands before the places of that record.
        but: what is of the record that is judged.
    """

    def moved(causes: Causes) -> Causes:
        return frozenset(
            Cause(c.kind, f"{whence} {c.what}") if c.what.startswith("/") and c not in but else c for c in causes
        )

    if isinstance(value, Unknown):
        among = value.among and tuple(seen_from_outside(one, whence, but) for one in value.among)
        return Unknown(moved(value.causes), value.low, value.high, among)
    if isinstance(value, Series):
        items = (Item(*(seen_from_outside(part, whence, but) for part in item)) for item in value.items)
        return Series(tuple(items), None if value.rest is None else moved(value.rest), moved(value.loose))
    return value


def known_parts(value: Any) -> tuple[Any, ...]:
    """Return the members of a list that are known, or the one value that is stated, if it is (None: it is missing)."""
    if isinstance(value, Series):
        return tuple(item.value for item in value.items)
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def all_of(parts: Iterable[Truth]) -> Truth:
    """Kleene's conjunction: one false decides; else the causes of all unknown parts."""
    causes: Causes | None = None
    for part in parts:
        if part is False:
            return False
        if part is not True:
            causes = part.causes if causes is None else causes | part.causes
    return True if causes is None else Unknown(causes)


def any_of(parts: Iterable[Truth]) -> Truth:
    """Kleene's disjunction: one true decides; else the causes of all unknown parts."""
    causes: Causes | None = None
    for part in parts:
        if part is True:
            return True
        if part is not False:
            causes = part.causes if causes is None else causes | part.causes
    return False if causes is None else Unknown(causes)


def negate(part: Truth) -> Truth:
    """Return the negation; the unknown stays unknown."""
    return not part if part is True or part is False else Unknown(part.causes)


class Range(NamedTuple):
    """A number between two bounds (None: open) with the causes of its being open."""

    low: Decimal | None
    high: Decimal | None
    causes: Causes


def range_of(value: Any) -> Range:
    """Return the range of a number; a known number is a range of width zero."""
    if isinstance(value, Unknown):
        return Range(value.low, value.high, value.causes)
    return Range(value, value, NO_CAUSES)


def number(found: Range) -> Any:
    """Return a range as a value: known when its bounds meet."""
    if found.low is not None and found.low == found.high:
        return found.low
    return Unknown(found.causes, found.low, found.high)


def _both(function: Callable[[Decimal, Decimal], Decimal], one: Decimal | None, two: Decimal | None) -> Decimal | None:
    return None if one is None or two is None else function(one, two)


def arithmetic(symbol: str, left: Any, right: Any) -> Any:
    """Add, subtract or multiply exact decimals or ranges of them."""
    a, b = range_of(left), range_of(right)
    causes = a.causes | b.causes
    if symbol == "+":
        return number(Range(_both(operator.add, a.low, b.low), _both(operator.add, a.high, b.high), causes))
    if symbol == "-":
        return number(Range(_both(operator.sub, a.low, b.high), _both(operator.sub, a.high, b.low), causes))
    return number(Range(*_product(a, b), causes))


def _product(a: Range, b: Range) -> tuple[Decimal | None, Decimal | None]:
    """Multiply ranges; open bounds are kept only where both factors are known not to be negative."""
    corners = [_both(operator.mul, x, y) for x in a[:2] for y in b[:2]]
    known = [c for c in corners if c is not None]
    if len(known) == len(corners):
        return min(known), max(known)
    if a.low is not None and b.low is not None and a.low >= 0 and b.low >= 0:
        return a.low * b.low, None
    return None, None


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def compare_numbers(symbol: str, left: Any, right: Any) -> Truth:
    """Compare two numbers or ranges: true or false where every pair of values agrees."""
    if not isinstance(left, Unknown) and not isinstance(right, Unknown):
        return _ORDER[symbol](left, right)
    a, b = range_of(left), range_of(right)
    if symbol == "!=":
        return negate(compare_numbers("==", left, right))
    if symbol in (">", ">="):
        return compare_numbers("<" if symbol == ">" else "<=", right, left)
    if symbol == "==":
        if a.low is not None and a.low == a.high == b.low == b.high:
            return True
        apart = (a.high is not None and b.low is not None and a.high < b.low) or (
            b.high is not None and a.low is not None and b.high < a.low
        )
        return False if apart else Unknown(a.causes | b.causes)
    if a.high is not None and b.low is not None and _ORDER[symbol](a.high, b.low):
        return True
    if a.low is not None and b.high is not None and not _ORDER[symbol](a.low, b.high):
        return False
    return Unknown(a.causes | b.causes)


def compare_times(symbol: str, left: Interval, right: Interval, causes: Causes) -> Truth:
    """Compare two instants that are intervals; ``causes`` are reported where their width leaves it open."""
    if symbol == "!=":
        return negate(compare_times("==", left, right, causes))
    if symbol in (">", ">="):
        return compare_times("<" if symbol == ">" else "<=", right, left, causes)
    if symbol == "==":
        if left.lo == left.hi == right.lo == right.hi:
            return True
        return False if left.hi < right.lo or right.hi < left.lo else Unknown(causes)
    if _ORDER[symbol](left.hi, right.lo):
        return True
    if not _ORDER[symbol](left.lo, right.hi):
        return False
    return Unknown(causes)


def same(left: Any, right: Any) -> Truth:
    """Say whether two plain values are equal; bounds, or candidates that all agree, decide an unknown."""
    if not isinstance(left, Unknown) and not isinstance(right, Unknown):
        return bool(left == right)
    if any(isinstance(one, Unknown) and (one.low is not None or one.high is not None) for one in (left, right)):
        return compare_numbers("==", left, right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unknown):
            answers = [same(candidate, other) for candidate in one.among or ()]
            if answers and (all(a is True for a in answers) or all(a is False for a in answers)):
                return answers[0]
            return Unknown(one.causes | causes_of(other))
    return bool(left == right)


def same_series(left: Series, right: Series) -> Truth:
    """Compare two lists member by member; an uncertain member, order or length leaves it open unless one differs."""
    causes = left.loose | right.loose | (left.rest or NO_CAUSES) | (right.rest or NO_CAUSES)
    maybe = [i.present for i in (*left.items, *right.items) if isinstance(i.present, Unknown)]
    if maybe or causes or left.rest is not None or right.rest is not None:
        return Unknown(causes.union(*(m.causes for m in maybe)))
    if len(left.items) != len(right.items):
        return False
    return all_of(same(a.value, b.value) for a, b in zip(left.items, right.items, strict=True))


def member(item: Any, series: Series) -> Truth:
    """Say whether ``item`` is in the list."""
    if isinstance(item, Unknown) and item.among is not None:
        answers = [member(candidate, series) for candidate in item.among]
        agreed = all(a is True for a in answers) or all(a is False for a in answers)
        return answers[0] if agreed else Unknown(item.causes)
    if not isinstance(item, Unknown):
        is_open = series.rest is not None
        for value, present in series.items:
            if present is not True or isinstance(value, Unknown):
                is_open = True
            elif value == item:
                return True
        if not is_open:
            return False
    found = any_of(
        same(value, item) if present is True else all_of((present, same(value, item)))
        for value, present in series.items
    )
    if found is True or series.rest is None:
        return found
    return any_of((found, Unknown(series.rest)))


def contains_all(series: Series, wanted: Series) -> Truth:
    """Say whether every member of ``wanted`` is in ``series``."""
    parts: list[Truth] = [any_of((negate(w.present), member(w.value, series))) for w in wanted.items]
    if wanted.rest is not None:
        parts.append(Unknown(wanted.rest | (series.rest or NO_CAUSES)))
    return all_of(parts)


def contains_any(series: Series, wanted: Series) -> Truth:
    """Say whether some member of ``wanted`` is in ``series``."""
    parts: list[Truth] = [all_of((w.present, member(w.value, series))) for w in wanted.items]
    if wanted.rest is not None:
        parts.append(Unknown(wanted.rest))
    return any_of(parts)


def distinct(series: Series) -> Truth:
    """Say whether no two members of the list are equal."""
    items = series.items
    parts: list[Truth] = [
        negate(all_of((a.present, b.present, same(a.value, b.value))))
        for i, a in enumerate(items)
        for b in items[i + 1 :]
    ]
    if series.rest is not None:
        parts.append(Unknown(series.rest))
    return all_of(parts)


def total(items: Iterable[tuple[Any, Truth]], rest: Causes | None, low: Decimal | None) -> Any:
    """Sum numbers; an uncertain member counts as anything from zero to itself, further ones are at least ``low``."""
    lows: Decimal | None = Decimal(0)
    highs: Decimal | None = Decimal(0)
    causes = NO_CAUSES
    for value, present in items:
        part = range_of(value)
        causes |= part.causes
        least, most = part.low, part.high
        if isinstance(present, Unknown):
            causes |= present.causes
            least = None if least is None else min(least, Decimal(0))
            most = None if most is None else max(most, Decimal(0))
        lows, highs = _both(operator.add, lows, least), _both(operator.add, highs, most)
    if rest is not None:
        causes |= rest
        highs = None
        if low is None or low < 0:
            lows = None
    return number(Range(lows, highs, causes))
