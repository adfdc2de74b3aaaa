"""Dates the events of a record whose times stand as they are written: which have a clear time, and in which order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

from msgspec import Struct

from validator.compiling.runtime import BEIJING, FIRST, as_instant, as_time
from validator.legal_time.instant import BadInstant, parse_when

_time = attrgetter("at")


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

    def touched(self, norms: Mapping[int, int], hourly: int) -> int:
        """Return the norms of which it can't be told when, or in which order, what they depend on happened.

        Args:
            norms: those that depend on events of each type, by the number of the type, as sets.
            hourly: those for which the time of the day matters.
        """
        found = before = 0
        end = FIRST
        for event in self.vague:
            found |= norms[event.number]
        for event in self.clear:
            own, at = norms[event.number], event.at
            if at <= end:  # they may have come in another order, which matters to what depends on both
                found |= before & own
                before |= own
            else:
                before = own
            if id(event) in self.days:
                found |= own & hourly
                at += _ALMOST_A_DAY
            end = max(end, at)
        return found


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


def dated(events: Iterable[Any], until: dt.datetime, latest: dt.datetime) -> Dated | None:
    """Date events and give each that is clear its time; None when one has no time that the strict reader would take.

    Args:
        events: with their times as they are written.
        until: the moment after which nothing reads an event.
        latest: after it an event is vague: terms might end beyond the calendar.
    """
    clear, vague, written, days = list[Any](), list[Any](), dict[int, str](), set[int]()
    named = set[tuple[int, str]]()
    repeats, now = False, as_instant(until)
    for event in events:
        when = event.at
        if event.id is None:
            alike = (event.number, when if isinstance(when, str) else str(sorted(when.items())))
            repeats = repeats or alike in named
            named.add(alike)
        at = _exactly(when)
        if at is None:
            try:
                first, last = parse_when(when)
            except BadInstant:
                return None
            if first > now:
                continue
            if first == last or (len(when) == _DAY_LENGTH and last <= now):
                at = as_time(first)
                if first != last:
                    days.add(id(event))
        elif at > until:
            continue
        if at is None or at > latest:
            vague.append(event)
        else:
            written[id(event)], event.at = when, at
            clear.append(event)
    clear.sort(key=_time)
    return Dated(clear, days, vague, written, repeats)
