"""Dates the events of a record whose times stand as they are written: which have an exact time, and in which order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from msgspec import Struct

from validator.compiling.compiler import BEIJING, as_instant, as_time
from validator.legal_time.instant import BadInstant, parse_when

_time = attrgetter("at")


class Dated(Struct, frozen=True):
    """The events of a record up to a moment.

    Attributes:
        exact: those with an exact time, in order; ``at`` is that time in Beijing.
        vague: the others, as they were.
        written: the times of the exact ones as they are written, by the identity of the event.
        repeats: two may be one event that stands twice; then the strict reader takes one of them, and says so.
    """

    exact: list[Any]
    vague: list[Any]
    written: dict[int, str]
    repeats: bool

    def touched(self, norms: Mapping[int, int]) -> int:
        """Return the norms of which it can't be told when, or in which order, what they depend on happened.

        Args:
            norms: those that depend on events of each type, by the number of the type, as sets.
        """
        found = before = 0
        last = None
        for event in self.vague:
            found |= norms[event.number]
        for event in self.exact:
            own = norms[event.number]
            if event.at == last:  # the order at one moment matters to those that depend on both
                found |= before & own
                before |= own
            else:
                last, before = event.at, own
        return found


_EXACT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.0{1,6})?(?:(Z)|\+08:00)?")
_BEIJING = dt.timedelta(hours=8)


def _exactly(when: object) -> dt.datetime | None:
    """Return a time that is written to the second, in Beijing or at Greenwich; None: for the reader of all forms."""
    found = _EXACT.fullmatch(when) if isinstance(when, str) else None
    if found is None:
        return None
    try:
        at = dt.datetime.fromisoformat(found.string[:19]).replace(tzinfo=BEIJING)
        return at if found[1] is None else at + _BEIJING
    except (ValueError, OverflowError):
        return None


def dated(events: Iterable[Any], until: dt.datetime, latest: dt.datetime) -> Dated | None:
    """Date events and give each that is exact its time; None when one has no time that the strict reader would take.

    Args:
        events: with their times as they are written.
        until: the moment after which nothing reads an event.
        latest: after it an event is vague: terms might end beyond the calendar.
    """
    exact, vague, written = list[Any](), list[Any](), dict[int, str]()
    named = set[tuple[int, str]]()
    repeats = False
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
            if first == last:
                at = as_time(first)
            elif first <= as_instant(until):
                vague.append(event)
        if at is None or at > until:
            continue
        if at > latest:
            vague.append(event)
        else:
            written[id(event)], event.at = when, at
            exact.append(event)
    exact.sort(key=_time)
    return Dated(exact, vague, written, repeats)
