"""What a variable may be when several values are possible: one if they agree, else unknown among them."""

from __future__ import annotations

from typing import Any

from validator.facts import values as v
from validator.facts.values import Causes, Item, Series, Unknown
from validator.facts.vocabulary import Variable


def missing(variable: Variable, causes: Causes) -> Any:
    """Return the value of a variable of which nothing is known but its bounds."""
    if variable.type.many:
        return Series((), causes)
    return Unknown(causes, variable.type.low, variable.type.high)


def one_of(candidates: list[Any], causes: Causes, variable: Variable) -> Any:
    """Join candidate values: one value if they agree, else unknown among them."""
    if not candidates:
        return missing(variable, causes)
    first = candidates[0]
    if len(candidates) == 1 or all(not isinstance(c, Unknown) and c == first for c in candidates):
        return v.sure(first) if variable.type.many and isinstance(first, tuple) else first
    unknown = [c for c in candidates if isinstance(c, Unknown)]
    causes = causes.union(*(c.causes for c in unknown))
    if variable.type.many:
        return _joined(candidates, causes)
    flat = [a for c in candidates for a in (_among(c) or ())]
    among = None if any(_among(c) is None for c in candidates) else tuple(dict.fromkeys(flat))
    if variable.type.base == "number":
        ranges = [v.range_of(c) for c in candidates]
        low = None if any(r.low is None for r in ranges) else min(r.low for r in ranges if r.low is not None)
        high = None if any(r.high is None for r in ranges) else max(r.high for r in ranges if r.high is not None)
        return Unknown(causes, low, high)
    return among[0] if among is not None and len(among) == 1 else Unknown(causes, among=among)


def _among(candidate: Any) -> tuple[Any, ...] | None:
    return candidate.among if isinstance(candidate, Unknown) else (candidate,)


def _joined(candidates: list[Any], causes: Causes) -> Series:
    """Join candidate lists: what is in all of them is in for sure."""
    sets = [
        set(c) if isinstance(c, tuple) else {i.value for i in c.items} for c in candidates if not isinstance(c, Unknown)
    ]
    rests = [c.rest for c in candidates if isinstance(c, Series) and c.rest is not None]
    certain = set.intersection(*sets) if sets and not rests else set()
    possible = sorted(set.union(*sets)) if sets else []
    doubt = Unknown(causes)
    rest = causes.union(*rests) if rests else None
    return Series(tuple(Item(p, True if p in certain else doubt) for p in possible), rest)
