"""Periods and the day or instant at which they end.

Counting follows arts. 200 to 204 of the Civil Code and art. 85 of the Civil Procedure Law: the starting day is not
counted; months and years end on the corresponding day, or the last of the month; a period whose last day is a rest day
ends on the next working day; hours run exactly. Working days (工作日), which no statute defines, are the days the
yearly notice of the State Council leaves for work, make-up days included.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Any, Final, NamedTuple

from msgspec import Struct

from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.instant import (
    BEGIN,
    END,
    HOUR,
    LAST,
    LAST_DAY,
    MINUTE,
    Instant,
    Interval,
    day_end,
    day_of,
    day_start,
    last_of_month,
)

AMOUNT_DIGITS: Final = 9  # longer periods end after year 9999 in any unit that matters
NOTES: Final = 4_000  # days that a trace holds at most; more than the ten years of the longest tenure
EXACT: Final = "exact"
NEXT_FULL_HOUR: Final = "next_full_hour"

Stop = tuple[Instant, Instant]  # a closed interval in which the clock stands still
Run = tuple[int, int]  # the first and last of consecutive stopped days


class Unit(StrEnum):
    """The units of a period, as the policies write them."""

    WORKING_DAYS = "working days"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"
    MONTHS = "months"
    YEARS = "years"


_LENGTH: Final = {Unit.HOURS: HOUR, Unit.MINUTES: MINUTE}
_ZH: Final = {
    Unit.WORKING_DAYS: "个工作日",
    Unit.DAYS: "日",
    Unit.HOURS: "小时",
    Unit.MINUTES: "分钟",
    Unit.MONTHS: "个月",
    Unit.YEARS: "年",
}
_WORDS: Final = (
    {unit.value: unit for unit in Unit}
    | {unit.value.removesuffix("s"): unit for unit in Unit}
    | {word: unit for unit, word in _ZH.items()}
    | {"工作日": Unit.WORKING_DAYS, "天": Unit.DAYS, "个小时": Unit.HOURS}
)
_PERIOD: Final = re.compile(r"(0|[1-9][0-9]*)([ ]*)([^ 0-9].*)")
_SIGNED: Final = re.compile(r"[-−－–][ ]*[0-9]")  # every dash that people type


class BadPeriod(ValueError):  # noqa: N818 - named after what is wrong, like the problem it becomes
    """A text that is no period: ``code`` is a problem code, ``values`` are the placeholders of its message."""

    def __init__(self, code: str, values: Mapping[str, str] | None = None) -> None:
        super().__init__(code, dict(values or {}))
        self.code = code
        self.values: dict[str, Any] = dict(values or {})


class Period(Struct, frozen=True):
    """A length of time: a whole number, not negative, of one unit.

    Raises:
        BadPeriod: the amount is negative or has more than nine digits.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise BadPeriod("period-negative", {"found": f"{self.amount} {self.unit}"})
        if self.amount >= 10**AMOUNT_DIGITS:
            raise BadPeriod("period-too-long", {"found": f"{self.amount} {self.unit}"})

    def __str__(self) -> str:
        return self.text("en")

    def text(self, lang: str) -> str:
        """Return the period in words: ``5个工作日``, ``5 working days``."""
        if lang == "zh":
            return f"{self.amount}{_ZH[self.unit]}"
        unit = self.unit.value.removesuffix("s") if self.amount == 1 else self.unit.value
        return f"{self.amount} {unit}"


def parse_period(text: str) -> Period:
    """Read a period: ``5 working days``, ``1 month``, ``5个工作日``, ``30日``, ``24小时``.

    Raises:
        BadPeriod: the text is no period, or one that is negative or has more than nine digits.
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise _no_period(text)
    number, gap, word = found.groups()
    unit = _WORDS.get(word)
    # English words stand apart from the number, Chinese ones may.
    if unit is None or (word.isascii() and not gap):
        raise _no_period(text)
    if len(number) > AMOUNT_DIGITS:
        raise BadPeriod("period-too-long", {"found": text})
    return Period(int(number), unit)


def _no_period(text: str) -> BadPeriod:
    from validator.reading.respelling import period_meant  # noqa: PLC0415 - most runs meet no such text

    if _SIGNED.match(text):
        return BadPeriod("period-negative", {"found": text})
    return BadPeriod("period-format", {"found": text, "nearest": period_meant(text)})


class Due(NamedTuple):
    """The end of a period.

    ``instant`` is the last one in time: the last microsecond of the due day, or for hours and minutes the exact end.
    It is ``END`` when the clock is stopped for ever or the period ends after year 9999, and ``BEGIN`` when the start
    is. ``day`` is its civil day (``date.toordinal``), ``rolled`` says that the last day was a rest day and the end
    moved, ``provisional`` that the answer rests on a day for which no holiday notice has been published.
    """

    instant: Instant
    day: int
    rolled: bool = False
    provisional: bool = False


class DayNote(NamedTuple):
    """One day of a counting: ``number`` is its place in the period when it counts.

    ``reason`` is a word: ``start``, ``working``, ``make-up``, ``rest`` (weekend or holiday), ``calendar`` (a day of a
    period that runs through rest days), ``stopped``, ``roll`` (the working day on which a rolled period ends).
    """

    day: int
    counted: bool
    number: int | None
    reason: str

    def text(self, calendar: WorkCalendar, lang: str) -> str:
        """Return the reason in words, ``zh`` or ``en``: 春节, 周末, 调休上班, 起算日 ..."""
        words = _REASONS.get(self.reason)
        return words[lang != "zh"] if words is not None else calendar.reason(self.day, lang)


_REASONS: Final = {
    "start": ("起算日，不计入", "starting day, not counted"),
    "stopped": ("期限中止，不计入", "clock stopped, not counted"),
    "roll": ("顺延至此日", "rolled to this day"),
}
_COUNTED: Final = frozenset({"working", "make-up", "calendar"})


class _Counter(Struct, frozen=True):
    """One way of counting days: how many of (a, b] count, and which day is the n-th (n >= 1) that counts after a."""

    between: Callable[[int, int], int]
    nth: Callable[[int, int], int]


_CALENDAR_DAYS: Final = _Counter(between=lambda a, b: b - a, nth=lambda a, n: a + n)


def _working(calendar: WorkCalendar) -> _Counter:
    return _Counter(calendar.working_days_between, calendar.nth_working_day)


def due(
    start: Instant,
    period: Period,
    calendar: WorkCalendar,
    *,
    roll: bool = True,
    stops: Sequence[Stop] = (),
    hour_start: str = EXACT,
    trace: list[DayNote] | None = None,
) -> Due:
    """Return the end of a period; never earlier for a later start, but for months and years with stops.

    Args:
        start: the instant of the event that starts the clock.
        period: its length; of no length, it ends with the start's day (hours, minutes: at once), or the first day
            after it on which the clock runs, and never rolls.
        calendar: which days are working days.
        roll: whether a period of days, months or years that would end on a rest day ends on the next working day.
        stops: sorted, disjoint, closed intervals in which the clock stands still; the last may be open (``END``).
            A civil day touched by one counts for nothing, nor can a period end on it; hours and minutes pause exactly.
        hour_start: ``exact``, or ``next_full_hour``: the hour in which the event lies is not counted (minutes always
            run from the event). The end of another clock, one microsecond before 24:00, counts from 24:00.
        trace: a list that receives a note for each day of the counting, at most ``NOTES``; hours and minutes add none.
    """
    if start < 0:
        return Due(BEGIN, 0)
    if start > LAST:
        return _NEVER
    length = _LENGTH.get(period.unit)
    if length is not None:
        if period.unit is Unit.HOURS and hour_start != EXACT:
            start = (start // HOUR + 1) * HOUR
        return _run(start, period.amount * length, stops)
    first = day_of(start)
    stopped = _stopped_days(stops) if stops else []
    last = _last_day(first, period, calendar, stopped)
    result = _end(last, calendar, stopped, roll=roll and _rolls(period))
    counts = period.unit is Unit.WORKING_DAYS and period.amount > 0 and last <= LAST_DAY
    if counts and not calendar.covers_all(first + 1, last):
        result = result._replace(provisional=True)
    if trace is not None:
        counted_by = calendar if period.unit is Unit.WORKING_DAYS else None
        nominal = last if period.amount else first  # a period of no length counts no day, not even the last
        trace += islice(_notes(first, nominal, result, counted_by, stopped), NOTES)
    return result


_BORDER = 4
"""Days by which the starts of a month's end may differ and still lead to one day (28 to 31 January, and one)."""
_TWO_MONTHS = 62


def extreme_starts(start: Interval, period: Period, stops: Sequence[Stop]) -> list[Instant]:
    """Return starts within an interval among which are one with the earliest due and one with the latest.

    The ends, if a later start never ends earlier.  Months and years squeeze the days at a month's end together, so
    that a stop between two of them, which lengthens only the period of the earlier one, may turn the order round.
    """
    if start.lo == start.hi:
        return [start.lo]
    found = [start.lo, start.hi]
    first, last = day_of(max(start.lo, 0)), day_of(min(start.hi, LAST))
    if period.unit in (Unit.MONTHS, Unit.YEARS):
        for begin, end in _stopped_days(stops):
            for lo, hi in ((begin - _BORDER, begin + _TWO_MONTHS), (end - _TWO_MONTHS, end + _BORDER)):
                found += (day_start(day) for day in range(max(lo, first + 1), min(hi, last) + 1))
    return found


_NEVER: Final = Due(END, LAST_DAY + 1)
_NO_RUN: Final = (LAST_DAY + 2, LAST_DAY + 2)


def _run(start: Instant, length: int, stops: Sequence[Stop]) -> Due:
    """Let time run exactly, pausing in every stop that begins before the end or on it; an open one never ends."""
    end = start + length
    for lo, hi in stops:
        if lo > end:
            break
        if hi >= start:
            end += hi - max(lo, start) + 1
    return Due(end, day_of(end)) if end <= LAST else _NEVER


def _stopped_days(stops: Sequence[Stop]) -> list[Run]:
    """Return the first and last day of every run of stopped days, in order."""
    runs: list[Run] = []
    for lo, hi in stops:
        first = 0 if lo <= BEGIN else day_of(lo)
        last = LAST_DAY + 1 if hi > LAST else day_of(hi)
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return runs


def _nth(day: int, n: int, counter: _Counter, stopped: Sequence[Run]) -> int:
    """Return the n-th day after ``day`` that counts and is not stopped; after year 9999 if there is none before."""
    for first, last in stopped:
        if last <= day:
            continue
        free = counter.between(day, first - 1) if first > day else 0
        if free >= n:
            break
        n -= free
        day = last
    return counter.nth(day, n) if day <= LAST_DAY else day


def _rolls(period: Period) -> bool:
    return period.amount > 0 and period.unit is not Unit.WORKING_DAYS


def _last_day(first: int, period: Period, calendar: WorkCalendar, stopped: Sequence[Run]) -> int:
    """Return the day on which a period ends before it rolls; one past the last day of 9999 if it never does."""
    if not period.amount:
        return _nth(first - 1, 1, _CALENDAR_DAYS, stopped) if stopped else first
    if period.unit is Unit.WORKING_DAYS:
        if stopped:
            last = _nth(first, period.amount, _working(calendar), stopped)
        else:
            last = calendar.nth_working_day(first, period.amount)
    else:
        last = _nominal_last(first, period)
        if stopped:
            last = _nth(first, last - first, _CALENDAR_DAYS, stopped)
    return min(last, LAST_DAY + 1)


def _end(last: int, calendar: WorkCalendar, stopped: Sequence[Run], *, roll: bool) -> Due:
    """Return the end of a period from its last day, rolled to a working day on which the clock runs if asked."""
    if last > LAST_DAY:
        return _NEVER
    if not roll:
        return Due(day_end(last), last)
    if calendar.is_working(last):
        return Due(day_end(last), last, provisional=not calendar.covers(last))
    end = _nth(last, 1, _working(calendar), stopped) if stopped else calendar.next_working_day(last)
    if end > LAST_DAY:
        return _NEVER
    return Due(day_end(end), end, rolled=True, provisional=not calendar.covers_all(last, end))


def _nominal_last(first: int, period: Period) -> int:
    """Return the last day of a period of days, months or years without stops (民法典 201, 202 条)."""
    if period.unit is Unit.DAYS:
        return first + period.amount
    start = date.fromordinal(first)
    months = period.amount * (12 if period.unit is Unit.YEARS else 1)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return LAST_DAY + 1
    last = last_of_month(year, month + 1)
    return last - max(0, date.fromordinal(last).day - start.day)


def _notes(
    first: int, last: int, result: Due, working: WorkCalendar | None, stopped: Sequence[Run]
) -> Iterator[DayNote]:
    """Yield a note for every day from the start to the end, or up to the stop from which the clock never runs again.

    ``working`` is the calendar by which days are counted, None where rest days count too.
    """
    yield DayNote(first, counted=False, number=None, reason="start")
    number = 0
    runs = iter([*stopped, _NO_RUN])
    run = next(runs)
    end = result.day if result.instant < END else max((a for a, b in stopped if b > LAST_DAY), default=0)
    for day in range(first + 1, min(end, LAST_DAY) + 1):
        while run[1] < day:
            run = next(runs)
        if run[0] <= day:
            reason = "stopped"
        elif day > last:
            reason = "roll" if day == end else "rest"
        else:
            reason = "calendar" if working is None else working.kind(day)
        counted = reason in _COUNTED
        number += counted
        yield DayNote(day, counted, number if counted else None, reason)
