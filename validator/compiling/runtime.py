"""What the code that `validator.compiling.compiler` writes calls, reads and raises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
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


class Abroad(Slow):
    """A record with times in another form: at Greenwich, without an offset, with a blank, to the thousandth."""


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


def at_home(at: dt.datetime) -> dt.datetime:
    """Return a time in Beijing: it has no offset, or is one at Greenwich; else raise `Slow`."""
    if at.tzinfo is None:
        return at.replace(tzinfo=BEIJING)
    if at.tzinfo is dt.UTC:
        return at.astimezone(BEIJING)
    if at.tzinfo is not BEIJING:
        raise Slow
    return at


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

    def of(self, start: Instant) -> Due:
        """Return the end of a period that starts at an instant."""
        return due(start, self._period, self._calendar, roll=self._roll)

    def __missing__(self, day: int) -> tuple[dt.datetime, Due]:
        end = self.of(day_start(day))
        self[day] = (_end_of_day(end.instant), end)
        return self[day]


_end_of_day = lru_cache(1 << 14)(as_time)  # many terms end on one day: one object for all of them


_AROUND = 8 * 365  # days before and after the moment of judgement


class InTime(dict[int, tuple[dt.datetime, ...]]):
    """Until when an act is in time and nothing is to be said, by the day on which a term starts: one end for each term.

    What is asked for of one day lies together: the days are asked for in no order, and memory is what takes the time.
    An end that is provisional is always to be told.

    Attributes:
        first: no day before it is listed.
    """

    def __init__(self, terms: Iterable[DueByDay], until: dt.datetime) -> None:
        """Know terms as of a moment of judgement."""
        super().__init__()
        self._terms, self._last = tuple(terms), until.toordinal() + _AROUND
        self._lists: dict[int, Sequence[Sequence[dt.datetime]]] = {}
        self.first = as_time(day_start(max(until.toordinal() - _AROUND, 1)))

    def place(self, term: DueByDay) -> int:
        """Return the place of a term."""
        return next(place for place, table in enumerate(self._terms) if table is term)

    def __missing__(self, day: int) -> tuple[dt.datetime, ...]:
        found = (table[day] for table in self._terms)
        self[day] = tuple(FIRST if end.provisional else time for time, end in found)
        return self[day]

    def since(self, start: dt.datetime) -> Sequence[Sequence[dt.datetime]]:
        """Return the same in a list, which is read faster, from a day on until years after the moment of judgement."""
        first = start.toordinal()
        if first not in self._lists:
            found: list[Sequence[dt.datetime]] = []
            found += (_Day(self, found, place, first + place) for place in range(self._last - first + 1))
            self._lists[first] = found
        return self._lists[first]


class _Day(Sequence[dt.datetime]):
    """Stands in a list for a day that nobody has asked for, and gives its place to what is known of it then."""

    __slots__ = ("_by_day", "_day", "_list", "_place")

    def __init__(self, by_day: InTime, whole: list[Sequence[dt.datetime]], place: int, day: int) -> None:
        self._by_day, self._list, self._place, self._day = by_day, whole, place, day

    def __len__(self) -> int:
        return len(self._by_day[self._day])

    def __getitem__(self, term: Any) -> Any:
        found = self._list[self._place] = self._by_day[self._day]
        return found[term]


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
