"""Dates the events of a record whose times stand as they are written: which have a clear time, and in which order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from validator.compiling.roles import Roles
from validator.compiling.runtime import BEIJING, FIRST, as_time
from validator.legal_time.instant import BadInstant, parse_when


class Dated(Struct, frozen=True):
    """The events of a record up to a moment.

    Attributes:
        clear: those with an exact time, or a day, in order; ``at`` is that time in Beijing, or the start of the day.
        days: of these, the ones of which only the day is known, by identity.
        vague: the others, as they were.
        written: the times of the clear ones as they are written, by identity.
        repeats: two may be one event that stands twice; then the strict reader takes one of them, and says so.
    """

    clear: list[Any]
    days: set[int]
    vague: list[Any]
    written: dict[int, str]
    repeats: bool

    def touched(self, roles: Roles, *, listed: bool) -> int:
        """Return the norms of which it can't be told when, or in which order, what they depend on happened.

        Args:
            roles: what events mean to norms.
            listed: the order of the record's list says something.
        """
        found = before = others = 0
        end, together = FIRST, list[Any]()
        for event in self.vague:
            found |= roles.norms[event.number]
        for event in self.clear:
            own, at, is_day = roles.norms[event.number], event.at, id(event) in self.days
            if at > end or not together:
                found |= roles.opposed(together) if len(together) > 1 else 0
                before, others, together = 0, 0, [event]
            elif not listed and at == together[0].at and is_day == (id(together[0]) in self.days):
                found |= own & others
                together.append(event)
            else:  # they may have come in another order, which matters to what depends on both
                found |= own & before
                others |= own
            before |= own
            if is_day:
                found |= own & roles.hourly
                at += _ALMOST_A_DAY
            end = max(end, at)
        return found | (roles.opposed(together) if len(together) > 1 else 0)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})")
_MIDNIGHT = "2000-01-01T00:00:00"
_ALMOST_A_DAY = dt.timedelta(days=1) - dt.timedelta.resolution
_DAY_LENGTH, _TIME_LENGTH = len("2022-01-26"), len("2022-01-26T08:00:00")
_combined = dt.datetime.combine


@lru_cache(1 << 14)
def _day(text: str) -> dt.date:
    if _DAY.fullmatch(text) is None:
        raise ValueError
    return dt.date.fromisoformat(text)


@lru_cache(1 << 17)  # seconds of a day, with either sign before them
def _clock(text: str) -> dt.time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError
    return dt.time.fromisoformat(found[1])


@lru_cache(1 << 12)
def _end(text: str) -> dt.timedelta | None:
    """Return what is to be added in Beijing for what stands behind the seconds: a fraction, an offset."""
    try:
        return dt.timedelta(microseconds=parse_when(_MIDNIGHT + text).lo - parse_when(_MIDNIGHT).lo)
    except BadInstant:
        return None


def _exactly(when: object) -> dt.datetime | None:
    """Return a time that is written to the second; None: it is for the reader of all forms.

    Days, clocks and ends come again and again.
    """
    if not isinstance(when, str) or len(when) < _TIME_LENGTH:
        return None
    more = _end(when[_TIME_LENGTH:])
    if more is None:
        return None
    try:
        at = _combined(_day(when[:_DAY_LENGTH]), _clock(when[_DAY_LENGTH:_TIME_LENGTH]), BEIJING)
        return at + more if more else at
    except (ValueError, OverflowError):
        return None


@lru_cache(1 << 14)
def _whole_day(text: str) -> dt.datetime | None:
    """Return the beginning of a day; None: it is none, or is for the reader of all forms."""
    try:
        return _combined(_day(text), dt.time.min, BEIJING)
    except ValueError:
        return None


def _begin(when: Any, until: dt.datetime) -> tuple[dt.datetime | None, bool]:
    """Return a moment or the beginning of a day, and whether it is a day; no moment for what is coarser, or not over.

    Of what lies after a moment only the beginning is told.  Raises `BadInstant`.
    """
    day = _whole_day(when) if isinstance(when, str) and len(when) == _DAY_LENGTH else None
    if day is not None:
        return (None, True) if day <= until < day + _ALMOST_A_DAY else (day, True)
    at = _exactly(when)
    if at is None:
        first, last = parse_when(when)
        at = as_time(first)
        exact = first == last and isinstance(when, str)  # of an interval findings tell both ends
        return (at, False) if exact or at > until else (None, False)
    return at, False


def dated(events: Iterable[Any], until: dt.datetime, latest: dt.datetime, roles: Roles) -> Dated | None:
    """Date events and give each that is clear its time; None when one has no time that the strict reader would take.

    Args:
        events: with their times as they are written.
        until: the moment after which nothing reads an event.
        latest: after it an event is vague: terms might end beyond the calendar.
        roles: in which order events of one moment are taken.
    """
    clear, vague, written, days = list[Any](), list[Any](), dict[int, str](), set[int]()
    named: dict[tuple[int, str], Any] = {}
    alike: list[tuple[Any, Any]] = []
    for event in events:
        when = event.at
        if event.id is None:
            name = (event.number, when if isinstance(when, str) else str(sorted(when.items())))
            first = named.setdefault(name, event)
            if first is not event:
                alike.append((first, event))
        try:
            at, is_day = _begin(when, until)
        except BadInstant:
            return None
        if at is None or latest < at <= until:
            vague.append(event)
        elif at <= until:
            written[id(event)], event.at = when, at
            clear.append(event)
            if is_day:
                days.add(id(event))
    clear.sort(key=lambda event: (event.at, roles.ranks[event.number]))
    return Dated(clear, days, vague, written, _repeats(alike))


def _repeats(alike: list[tuple[Any, Any]]) -> bool:
    """Say whether an event says the same as the first of its type and time, or there are three of them."""
    return any(one == other for one, other in alike) or len({id(one) for one, _ in alike}) < len(alike)
