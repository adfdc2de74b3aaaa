"""When a condition is first true, and when several are."""

from __future__ import annotations

from msgspec import Struct

from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes, Truth
from validator.legal_time.instant import Instant, Interval


class Reached(Struct, frozen=True):
    """When a condition is first true: surely (``sure``) and at the earliest possibly (``possible``); None: never."""

    sure: Instant | None
    possible: Instant | None
    causes: Causes = NO_CAUSES
    by: tuple[Event, ...] = ()


NEVER = Reached(None, None)


def constant(answer: Truth, start: Interval, by: tuple[Event, ...]) -> Reached:
    """Return when a condition is reached whose answer is one and the same from the start on."""
    if answer is True:
        return Reached(start.lo, start.lo, NO_CAUSES, by)
    return NEVER if answer is False else Reached(None, start.lo, answer.causes, by)


def last_of(parts: list[Reached]) -> Reached:
    """All of several lasting conditions: reached with the last of them."""
    causes = NO_CAUSES.union(*(p.causes for p in parts))
    if any(p.possible is None for p in parts):
        return Reached(None, None, causes)
    possible = max(p.possible for p in parts if p.possible is not None)
    sure = None if any(p.sure is None for p in parts) else max(p.sure for p in parts if p.sure is not None)
    return Reached(sure, possible, causes, tuple(e for p in parts for e in p.by))


def first_of(parts: list[Reached]) -> Reached:
    """Any of several lasting conditions: reached with the first of them."""
    causes = NO_CAUSES.union(*(p.causes for p in parts))
    possible = min((p.possible for p in parts if p.possible is not None), default=None)
    surest = min((p for p in parts if p.sure is not None), key=lambda p: p.sure or 0, default=None)
    return Reached(None if surest is None else surest.sure, possible, causes, () if surest is None else surest.by)
