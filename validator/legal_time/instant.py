"""Points and intervals of Beijing civil time.

An instant is one integer: microseconds since 0001-01-01T00:00 on a clock eight hours ahead of UTC. China has kept that
offset without summer time since 1991; earlier stamps with an offset of their own are converted, those without are read
as they stand. Integers compare fast, never lose a microsecond, and leave room for ends that are open.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

Instant = int

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
BEGIN: Final = -(1 << 62)  # open towards the past
END: Final = 1 << 62  # open towards the future
FIRST_DAY: Final = 1  # 0001-01-01
LAST_DAY: Final = date.max.toordinal()  # 9999-12-31
LAST: Final = LAST_DAY * DAY - 1  # the last microsecond of 9999

OPEN: Final = ".."  # how an open end is printed, as in ISO 8601-2
UNKNOWN: Final = "unknown"

_BEIJING = 8 * HOUR
_WIDEST_OFFSET = 14 * HOUR  # Kiribati; nothing on earth is further from UTC
_CLOCK = re.compile(
    r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?",
)
_COARSE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_DATE_LENGTH = 10  # characters of 2022-01-26
_LONGEST = 64  # no time needs more; keeps what is kept small
_KEPT = 4096  # dates and clocks that are kept: the same few come again and again
_SECONDS = {f":{second:02d}": second * SECOND for second in range(60)}


class Interval(Struct, frozen=True, order=True, gc=False):
    """All instants from ``lo`` to ``hi``, both included; one known instant has ``lo == hi``."""

    lo: Instant
    hi: Instant

    def __iter__(self) -> Iterator[Instant]:
        """Yield both ends."""
        yield self.lo
        yield self.hi


EVER: Final = Interval(BEGIN, END)
NEVER: Final = Interval(END, END)


class BadInstant(ValueError):  # noqa: N818 - named after what is wrong, like the problem it becomes
    """A value that is no time: ``code`` is a problem code, ``values`` are the placeholders of its message."""

    def __init__(self, code: str, values: Mapping[str, str] | None = None) -> None:
        super().__init__(code, dict(values or {}))
        self.code = code
        self.values: dict[str, Any] = dict(values or {})


def parse_when(value: object) -> Interval:
    """Read the time of an event.

    Args:
        value: a timestamp, a day, a month or a year as text; ``"unknown"``; or a mapping with ``not_before`` and
            ``not_after``, one of which may be missing.

    Returns:
        The instants it may have been, both ends included. A timestamp is exact, also without seconds.

    Raises:
        BadInstant: the value is none of these, or lies outside the years 0001 to 9999 of Beijing time.
    """
    if isinstance(value, str):
        return EVER if value == UNKNOWN else _parse_text(value)
    if isinstance(value, Mapping):
        return _parse_bounds(value)
    raise BadInstant("time-type", {"found": written(value)})


def parse_as_of(text: str) -> Instant:
    """Read a date of judgement: a timestamp is itself; a day, month or year is its last instant.

    Raises:
        BadInstant: ``text`` is no such time.
    """
    return _parse_text(text).hi


def written(value: object) -> str:
    """Write roughly what is no time: as the input files do, or the name of its type where they could not hold it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[…]" if value else "[]"
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, int | float | Decimal):
        with contextlib.suppress(ValueError):  # thousands of digits
            return str(value)
    return type(value).__name__


def day_of(t: Instant) -> int:
    """Return the civil day of an instant as ``date.toordinal`` numbers it."""
    return t // DAY + 1


def day_start(day: int) -> Instant:
    """Return the first instant of a day, 00:00."""
    return (day - 1) * DAY


def day_end(day: int) -> Instant:
    """Return the last instant of a day, one microsecond before 24:00."""
    return day * DAY - 1


def format_instant(t: Instant, *, full: bool = True) -> str:
    """Write an instant: ``2022-02-08T00:00:00+08:00``, or ``2022-02-08 00:00`` when not ``full``.

    Fractions of a second are written only where there are any (``full``), and 24:00 of 9999-12-31, which belongs to no
    four-digit year, as such. An instant beyond that is an open end and gives ``..``.
    """
    if t == LAST + 1:
        return f"{format_day(LAST_DAY)}T24:00:00+08:00" if full else f"{format_day(LAST_DAY)} 24:00"
    if not 0 <= t <= LAST:
        return OPEN
    minutes, rest = divmod(t % DAY, MINUTE)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    if not full:
        return f"{format_day(day_of(t))} {clock}"
    second, micro = divmod(rest, SECOND)
    fraction = f".{micro:06d}" if micro else ""
    return f"{format_day(day_of(t))}T{clock}:{second:02d}{fraction}+08:00"


def format_moment(t: Instant, *, full: bool = True) -> str:
    """Write a moment of judgement: the day if it is the last instant of one, else as `format_instant` does."""
    return format_day(day_of(t)) if t == day_end(day_of(t)) else format_instant(t, full=full)


@lru_cache(_KEPT)
def format_day(day: int) -> str:
    """Write a day: ``2022-02-07``; ``..`` for a day outside the years 0001 to 9999."""
    return date.fromordinal(day).isoformat() if FIRST_DAY <= day <= LAST_DAY else OPEN


def before(a: Interval, b: Interval) -> bool:
    """Say whether ``a`` surely precedes ``b``."""
    return a.hi < b.lo


def tied(a: Interval, b: Interval) -> bool:
    """Say whether the order is open only within one civil day: neither is before the other, all ends in one day."""
    if a.hi < b.lo or b.hi < a.lo:
        return False
    first, last = min(b.lo, a.lo), max(b.hi, a.hi)
    return first // DAY == last // DAY


def same_day(a: Interval, b: Interval) -> bool:
    """Say whether both lie in one and the same civil day."""
    return day_of(min(a.lo, b.lo)) == day_of(max(a.hi, b.hi))


def _parse_text(text: str) -> Interval:
    if len(text) > _LONGEST:
        raise BadInstant("time-format", {"found": text, "nearest": ""})
    try:
        if len(text) <= _DATE_LENGTH:
            return _civil(text)
        t = _civil(text[:_DATE_LENGTH]).lo
        second = _SECONDS.get(text[16:19]) if text[19:] in ("+08:00", "") else None
        if second is None:
            t += _clock(text[_DATE_LENGTH:])
        else:  # hours and minutes come again and again
            minute = _clock(text[_DATE_LENGTH:16])
            t += _clock(text[_DATE_LENGTH:]) if minute == DAY else minute + second
    except BadInstant as bad:
        nearest = _meant(text) if bad.code == "time-format" else ""
        raise BadInstant(bad.code, {"found": text, "nearest": nearest}) from None
    if not 0 <= t <= LAST:
        raise BadInstant("time-range", {"found": text})
    return Interval(t, t)


@lru_cache(_KEPT)
def _civil(text: str) -> Interval:
    """Read a day, month or year."""
    found = _COARSE.fullmatch(text)
    if found is None:
        raise BadInstant("time-format")
    year, month, day = found.groups()
    try:
        first = date(int(year), int(month or "01"), int(day or "01")).toordinal()
    except ValueError:
        raise BadInstant("time-date") from None
    last = first if day else last_of_month(int(year), int(month or "12"))
    return Interval(day_start(first), day_end(last))


@lru_cache(_KEPT)
def _clock(text: str) -> int:
    """Read a time of day with its offset, as microseconds after 00:00 in Beijing; may be negative or over a day."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise BadInstant("time-format")
    hour, minute, second, fraction, zone, sign, off_hour, off_minute = found.groups()
    clock = int(hour) * HOUR + int(minute) * MINUTE + int(second or 0) * SECOND + _micros(fraction or "")
    # 24:00 is the end of the day, any later time of a 24th hour is none; a leap second is not part of civil time here.
    if clock > DAY or int(minute) > 59 or int(second or 0) > 59:  # noqa: PLR2004 - minutes and seconds
        raise BadInstant("time-clock")
    if zone is None:
        return clock
    return clock + _BEIJING - _offset(sign, int(off_hour or 0), int(off_minute or 0))


def _micros(fraction: str) -> int:
    if fraction[6:].strip("0"):
        raise BadInstant("time-digits")
    return int(fraction[:6].ljust(6, "0"))


def _offset(sign: str | None, hours: int, minutes: int) -> int:
    size = hours * HOUR + minutes * MINUTE
    if size > _WIDEST_OFFSET or minutes > 59:  # noqa: PLR2004 - minutes
        raise BadInstant("time-offset")
    return -size if sign == "-" else size


def last_of_month(year: int, month: int) -> int:
    """Return the number of the last day of a month; works for December 9999 too."""
    if (year, month) == (date.max.year, date.max.month):
        return LAST_DAY
    years, months = divmod(month, 12)
    return date(year + years, months + 1, 1).toordinal() - 1


def _parse_bounds(value: Mapping[object, object]) -> Interval:
    wrong = sorted(str(key) for key in value if key not in ("not_before", "not_after"))
    if wrong or not value:
        raise BadInstant("time-keys", {"found": wrong[0] if wrong else "{}"})
    lo, hi = (_bound(value, key) for key in ("not_before", "not_after"))
    if lo.lo > hi.hi:
        found = {key: written(value[key]) for key in ("not_before", "not_after")}
        raise BadInstant("time-order", found)
    return Interval(lo.lo, hi.hi)


def _bound(value: Mapping[object, object], key: str) -> Interval:
    if key not in value:
        return EVER
    bound = value[key]
    if not isinstance(bound, str):
        raise BadInstant("time-type", {"found": written(bound)})
    return _parse_text(bound)


def _meant(text: str) -> str:
    """Return the time that another common notation seems to mean, "" if it is none, or no time that there is."""
    from validator.reading.respelling import time_meant  # noqa: PLC0415 - most runs meet no such text

    guess = time_meant(text)
    if guess:
        try:
            _parse_text(guess)
        except BadInstant:
            return ""
    return guess
