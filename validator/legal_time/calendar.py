"""Which days are working days, and why the others are not.

`notices` says where the days come from. They are numbered as ``date.toordinal`` does. In a year without a
notice Monday to Friday are taken as working days; such a day is not *covered*, and whoever uses it must say so.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Final

from validator.legal_time.instant import FIRST_DAY, LAST_DAY

_WEEK: Final = 7
_WORKING_WEEK: Final = 5

_REASONS: Final = {
    "working": ("工作日", "working day"),
    "make-up": ("调休上班", "make-up workday"),
    "weekend": ("周末", "weekend"),
}
_WEEKDAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a holiday or closure in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Working days from 0001-01-01 to 9999-12-31.

    ``rest`` maps days off to their names, ``made_up`` holds working days that fall on a weekend (or that an overlay
    declares), ``years`` the years with a published notice. Everything else is derived: one byte for each day
    between the first and last exceptional one, and running totals, so that every question is answered in one step.
    """

    rest: Mapping[int, Name]
    made_up: frozenset[int]
    years: frozenset[int]
    first: int = field(init=False)  # the first day of the table
    table: bytes = field(init=False)  # 1 for a working day
    totals: Sequence[int] = field(init=False)  # totals[i]: working days among the first i days of the table
    ordinals: Sequence[int] = field(init=False)  # the working days of the table
    runs: tuple[tuple[int, int], ...] = field(init=False)  # first and last day of each covered stretch
    digest: str = field(init=False)  # changes whenever an answer could

    def __post_init__(self) -> None:
        days = [*self.rest, *self.made_up] or [FIRST_DAY]
        first, last = min(days), max(days)
        table = bytearray(is_weekday(day) for day in range(first, last + 1))
        for day in self.rest:
            table[day - first] = 0
        for day in self.made_up:
            table[day - first] = 1
        runs = tuple(_covered(self.years))
        derived = {
            "first": first,
            "table": bytes(table),
            "totals": array("i", accumulate(table, initial=0)),
            "ordinals": array("i", (first + i for i, working in enumerate(table) if working)),
            "runs": runs,
            "digest": hashlib.sha256(b"%d %s %r" % (first, bytes(table), runs)).hexdigest(),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def is_working(self, day: int) -> bool:
        """Say whether a day is a working day."""
        at = day - self.first
        return bool(self.table[at]) if 0 <= at < len(self.table) else is_weekday(day)

    def covers(self, day: int) -> bool:
        """Say whether a notice is published for a day's year (the next one may still move the last days of it)."""
        return self.covers_all(day, day)

    def covers_all(self, first: int, last: int) -> bool:
        """Say whether published notices settle every day from ``first`` to ``last``; true for none."""
        if last < first:
            return True
        at = bisect_right(self.runs, (first, LAST_DAY)) - 1
        return at >= 0 and last <= self.runs[at][1]

    def kind(self, day: int) -> str:
        """Return ``working``, ``make-up`` or ``rest``."""
        if not self.is_working(day):
            return "rest"
        return "make-up" if day in self.made_up else "working"

    def reason(self, day: int, lang: str) -> str:
        """Say what a day is: the name of the holiday or closure, 周末, 调休上班 or 工作日, in ``zh`` or ``en``."""
        name = self.rest.get(day)
        if name is not None:
            return name.zh if lang == "zh" else name.en
        kind = self.kind(day)
        return _REASONS["weekend" if kind == "rest" else kind][lang != "zh"]

    def nth_working_day(self, day: int, n: int) -> int:
        """Return the n-th working day (n >= 1) after a day; may lie after year 9999."""
        at = day - self.first + 1
        if 0 < at < len(self.totals):  # nearly always, so without the detour over ranks
            rank = self.totals[at] + n
            if rank <= len(self.ordinals):
                return self.ordinals[rank - 1]
        return self._select(self._rank(day) + n)

    def working_days_between(self, a: int, b: int) -> int:
        """Return how many working days there are after ``a`` up to and including ``b``, for ``a <= b``."""
        first, last = a - self.first + 1, b - self.first + 1
        if 0 < first <= last < len(self.totals):  # nearly always
            return self.totals[last] - self.totals[first]
        return self._rank(b) - self._rank(a)

    def next_working_day(self, day: int) -> int:
        """Return the day itself if it is a working day, else the first one after it."""
        return day if self.is_working(day) else self._select(self._rank(day) + 1)

    def _rank(self, day: int) -> int:
        """Return the number of working days from 0001-01-01 up to and including a day."""
        at = day - self.first + 1
        if at <= 0:
            return _weekdays(day)
        before = _weekdays(self.first - 1)
        if at < len(self.totals):
            return before + self.totals[at]
        return before + self.totals[-1] + _weekdays(day) - _weekdays(self.first + len(self.table) - 1)

    def _select(self, rank: int) -> int:
        """Return the working day with a rank (>= 1): the inverse of ``_rank``."""
        before = _weekdays(self.first - 1)
        if rank <= before:
            return _weekday_at(rank)
        if rank - before <= len(self.ordinals):
            return self.ordinals[rank - before - 1]
        rest = rank - before - len(self.ordinals)
        return _weekday_at(_weekdays(self.first + len(self.table) - 1) + rest)


def weekday(day: int, lang: str) -> str:
    """Name a day of the week in ``zh`` or ``en``."""
    return _WEEKDAYS[lang][(day - 1) % _WEEK]


def is_weekday(day: int) -> bool:
    """Say whether a day is one of Monday to Friday; 0001-01-01 was a Monday."""
    return (day - 1) % _WEEK < _WORKING_WEEK


def _weekdays(day: int) -> int:
    """Return how many days from 0001-01-01 up to and including ``day`` are Monday to Friday."""
    weeks, days = divmod(day, _WEEK)
    return weeks * _WORKING_WEEK + min(days, _WORKING_WEEK)


def _weekday_at(rank: int) -> int:
    weeks, days = divmod(rank - 1, _WORKING_WEEK)
    return weeks * _WEEK + days + 1


def _covered(years: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last settled day of every run of years with a notice."""
    known = set(years)
    start = None
    for year in sorted(known):
        start = year if start is None else start
        if year + 1 not in known:
            yield date(start, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            start = None
