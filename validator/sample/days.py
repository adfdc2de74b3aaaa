"""The span of a docket, and its working days as published.

Days are ordinals (`date.toordinal`), moments are seconds of Beijing time since the first day.
"""

from bisect import bisect_left, bisect_right
from datetime import date
from functools import lru_cache

from validator.legal_time.notices import load_calendar

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OPENING = 8 * HOUR + 30 * MINUTE
OFFICE_DAY = 9 * HOUR

FIRST_FILING = date(2020, 7, 1).toordinal()
LAST_FILING = date(2025, 4, 30).toordinal()
DOCKET_DAY = date(2025, 6, 30).toordinal()
"""The day of the export: nothing after it is in a record (``known_until``)."""
IN_FORCE = date(2021, 12, 6).toordinal()
"""Date of issue of the Opinions."""
FIRST_POST = date(2008, 1, 2).toordinal()
"""The earliest day on which anybody in the docket took up a post."""
REPORTED_SINCE = date(2024, 7, 1).toordinal()
"""From here on the records of the courts are complete (``since``)."""


@lru_cache(maxsize=1)
def workdays() -> tuple[int, ...]:
    """Return every working day of the span as published, in order (ordinals)."""
    calendar = load_calendar(None)
    return tuple(day for day in range(FIRST_POST - 31, DOCKET_DAY + 366) if calendar.is_working(day))


def workday(day: int, n: int) -> int:
    """Return the ``n``-th working day after ``day``; what lies beyond the table is never written down."""
    days = workdays()
    return days[min(bisect_right(days, day) + n - 1, len(days) - 1)]


def next_workday(day: int) -> int:
    """Return ``day`` itself if it is a working day, else the next one."""
    days = workdays()
    return days[min(bisect_left(days, day), len(days) - 1)]


def last_rest_day(day: int) -> int:
    """Return a day shortly before the working day ``day`` on which nobody works; ``day`` if there is none."""
    days = workdays()
    return days[bisect_left(days, day) - 1] + 1


def in_working_days(start: int, n: int) -> int:
    """Return the last day of ``n`` working days from the second ``start``."""
    return workday(start // DAY, n)


def in_calendar_days(start: int, n: int) -> int:
    """Return the last day of ``n`` calendar days from the second ``start``, rolled to a working day."""
    return next_workday(start // DAY + n)


@lru_cache(maxsize=8192)
def iso(day: int) -> str:
    """Return a day as ISO 8601 writes it."""
    return date.fromordinal(day).isoformat()
