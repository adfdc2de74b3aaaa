"""A second way to count periods, one day after the other, for comparison with `validator.legal_time.deadline`.

It shares nothing with the validator: no code, no calendar library, no integers for instants. Its holidays are those of
`data/holidays.json`. It is slow and meant to be read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

BEIJING = timezone(timedelta(hours=8))
ONE_DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Notices:
    """Days off and make-up workdays."""

    off: dict[date, str]
    work: frozenset[date]
    first: date  # the first day of the first year with a notice
    last: date  # the last day of the last year with a notice

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked."""
        if day in self.work:
            return True
        return day.weekday() < 5 and day not in self.off

    def settled(self, days: Sequence[date]) -> bool:
        """Say whether notices have been published for all these days."""
        return all(self.first <= day <= self.last for day in days)


def read_notices() -> Notices:
    """Read `data/holidays.json`."""
    text = (Path(__file__).parent / "data" / "holidays.json").read_text(encoding="utf-8")
    off: dict[date, str] = {}
    work: set[date] = set()
    years = []
    for notice in json.loads(text)["notices"]:
        years.append(notice["year"])
        for first, last, name in notice["off"]:
            day = date.fromisoformat(first)
            while day <= date.fromisoformat(last):
                off[day] = name
                day += ONE_DAY
        work.update(date.fromisoformat(day) for day in notice["work"])
    return Notices(off, frozenset(work), date(min(years), 1, 1), date(max(years), 12, 31))


@dataclass(frozen=True)
class Answer:
    """The last moment in time, None if the clock never runs out."""

    end: datetime | None
    rolled: bool = False
    provisional: bool = False


Stop = tuple[datetime, datetime | None]  # both ends stopped; None is for ever


def count(
    start: datetime, amount: int, unit: str, notices: Notices, *, roll: bool = True, stops: Sequence[Stop] = ()
) -> Answer:
    """Count a period from a start, in Beijing time (a start without offset is one)."""
    start = start.replace(tzinfo=BEIJING) if start.tzinfo is None else start.astimezone(BEIJING)
    if unit in ("hours", "minutes"):
        return Answer(_run(start, timedelta(**{unit: amount}), stops))
    first = start.date()
    if amount == 0:
        while _touched(first, stops):
            if _forever(first, stops):
                return Answer(None)
            first += ONE_DAY
        return Answer(_midnight(first))
    if unit == "working days":
        return _count_working(first, amount, notices, stops)
    last = _unrolled(first, amount, unit, stops)
    if last is None or not roll:
        return Answer(None if last is None else _midnight(last))
    return _rolled(last, notices, stops)


def _rolled(last: date, notices: Notices, stops: Sequence[Stop]) -> Answer:
    looked_at = [last]
    while not notices.is_working(looked_at[-1]) or _touched(looked_at[-1], stops):
        if _forever(looked_at[-1], stops):
            return Answer(None)
        looked_at.append(looked_at[-1] + ONE_DAY)
    return Answer(_midnight(looked_at[-1]), rolled=len(looked_at) > 1, provisional=not notices.settled(looked_at))


def _count_working(first: date, amount: int, notices: Notices, stops: Sequence[Stop]) -> Answer:
    day, left, looked_at = first, amount, []
    while left:
        day += ONE_DAY
        if _forever(day, stops):
            return Answer(None)
        looked_at.append(day)
        if notices.is_working(day) and not _touched(day, stops):
            left -= 1
    return Answer(_midnight(day), provisional=not notices.settled(looked_at))


def _unrolled(first: date, amount: int, unit: str, stops: Sequence[Stop]) -> date | None:
    """Lengthen the period by the stopped days in it until nothing changes any more."""
    if unit == "days":
        return _lengthened(first, first + amount * ONE_DAY, stops)
    return _lengthened(first, _corresponding(first, amount * 12 if unit == "years" else amount), stops)


def _lengthened(first: date, end: date, stops: Sequence[Stop]) -> date | None:
    last = end
    while True:
        stopped = 0
        day = first + ONE_DAY
        while day <= last:
            if _forever(day, stops):
                return None
            stopped += _touched(day, stops)
            day += ONE_DAY
        if end + stopped * ONE_DAY == last:
            return last
        last = end + stopped * ONE_DAY


def _corresponding(day: date, months: int) -> date:
    """Return the day with the same number some months later, or the last day of that month."""
    year, month, number = day.year, day.month, day.day
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def _run(start: datetime, length: timedelta, stops: Sequence[Stop]) -> datetime | None:
    """Spend the length piece by piece in the gaps between the stops."""
    now = start
    for lo, hi in stops:
        if hi is not None and hi < now:
            continue
        free = max(lo - now, timedelta(0))
        if free > length:
            break
        length -= free
        if hi is None:
            return None
        now = hi + TICK
    return now + length


def _touched(day: date, stops: Sequence[Stop]) -> bool:
    return any(lo.date() <= day and (hi is None or day <= hi.date()) for lo, hi in stops)


def _forever(day: date, stops: Sequence[Stop]) -> bool:
    return any(hi is None and lo.date() <= day for lo, hi in stops)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, tzinfo=BEIJING)
