"""What the code that `validator.compiling.compiler` writes calls, reads and raises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.deadline import Due, Period, due
from validator.legal_time.instant import HOUR, LAST, MINUTE, SECOND, BadInstant, Instant, day_start, parse_when

BEIJING = msgspec.json.decode(b'"2000-01-01T00:00:00+08:00"', type=dt.datetime).tzinfo
"""Eight hours ahead of UTC, as the one object that every decoded time has."""
FIRST = dt.datetime.min.replace(tzinfo=BEIJING)


class Slow(Exception):  # noqa: N818 - no error: the record is one for the interpreter
    """A record that is not plain in fact."""


class Ahead(Slow):
    """A record with an event after the last moment up to which events are looked at."""


class Missing(Exception):  # noqa: N818 - no error: the norm is one for the interpreter
    """A fact that a norm reads and the record does not state."""


UNKNOWN = (Missing, TypeError)
"""What reading a fact raises that is not known: the members of a list that is not there are written without asking."""


def number(value: Any) -> Any:
    """Return a number that is known; one with decimals as what is written, of which the float is the shortest form."""
    if value.__class__ is int:
        return value
    if value.__class__ is float:
        return Decimal(repr(value))
    raise Missing


def flag(value: Any) -> Any:
    """Return a truth value that is known."""
    if value.__class__ is not bool:
        raise Missing
    return value


def word(value: Any) -> Any:
    """Return a code that is known."""
    if value is None or value == "unknown":
        raise Missing
    return value


def text(value: Any) -> Any:
    """Return a text that is known."""
    if value is None:
        raise Missing
    return value


KNOWING: Mapping[str, Callable[[Any], Any]] = {"number": number, "boolean": flag, "enum": word, "text": text}


def once(ids: list[str]) -> None:
    """Demand that no id stands twice or is empty."""
    if len(set(ids)) != len(ids) or "" in ids:
        raise Slow


def moment(value: str) -> None:
    """Demand that a text is a time."""
    try:
        parse_when(value)
    except BadInstant:
        raise Slow from None


def moments(values: list[str]) -> None:
    """Demand that all texts are times."""
    for value in values:
        moment(value)


def as_time(instant: Instant) -> dt.datetime:
    """Return an instant as a time in Beijing; beyond the year 9999 its last moment."""
    return FIRST + dt.timedelta(microseconds=min(max(instant, 0), LAST))


def as_instant(at: dt.datetime) -> Instant:
    """Return a time in Beijing as an instant."""
    seconds = at.hour * HOUR + at.minute * MINUTE + at.second * SECOND
    return day_start(at.toordinal()) + seconds + at.microsecond


class DueByDay(dict[int, tuple[dt.datetime, Due]]):
    """The end of a period by the day on which it starts; made when it is asked for."""

    def __init__(self, period: Period, calendar: WorkCalendar, *, roll: bool) -> None:
        super().__init__()
        self._period, self._calendar, self._roll = period, calendar, roll
        self.in_time = InTime(self)

    def of(self, start: Instant) -> Due:
        """Return the end of a period that starts at an instant."""
        return due(start, self._period, self._calendar, roll=self._roll)

    def __missing__(self, day: int) -> tuple[dt.datetime, Due]:
        end = self.of(day_start(day))
        self[day] = (as_time(end.instant), end)
        return self[day]


class InTime(dict[int, dt.datetime]):
    """Until when an act is in time and nothing is to be said, by the day on which its period starts.

    An end that is provisional is always to be told.
    """

    def __init__(self, ends: DueByDay) -> None:
        super().__init__()
        self._ends = ends

    def __missing__(self, day: int) -> dt.datetime:
        time, end = self._ends[day]
        self[day] = FIRST if end.provisional else time
        return self[day]


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of a norm's term: by the day of its start, or so long after it."""

    period: Period
    by_day: DueByDay
    exact: dt.timedelta | None

    def of(self, at: dt.datetime) -> tuple[dt.datetime, Due]:
        """Return the end of a term that starts at a time."""
        if self.exact is None:
            return self.by_day[at.toordinal()]
        return at + self.exact, self.by_day.of(as_instant(at))
