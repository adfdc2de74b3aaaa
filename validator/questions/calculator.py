"""The counting of one period as plain data: the answers of the ``zhijian deadline`` command."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from validator.errors import Place, Problem, nearest
from validator.legal_time.calendar import WorkCalendar, weekday
from validator.legal_time.deadline import BadPeriod, DayNote, Due, Period, Unit, due, parse_period
from validator.legal_time.instant import (
    END,
    BadInstant,
    Instant,
    day_end,
    day_of,
    day_start,
    format_day,
    format_instant,
    parse_when,
    written,
)
from validator.legal_time.notices import load_calendar
from validator.reading.strict_yaml import load_yaml
from validator.resources import resource_dir

KEYS: Final = ("start", "period", "roll")
ANSWERS: Final = ("due_day", "due", "rolled", "provisional", "error")

_EXACT_UNITS: Final = (Unit.HOURS, Unit.MINUTES)


@dataclass(frozen=True, slots=True)
class _Request:
    start: Instant
    period: Period
    roll: bool
    written: str  # the period as it was given


class _Refused(Exception):  # noqa: N818 - named after what happened to the request
    def __init__(self, code: str, key: str = "", values: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        place = Place("-", pointer=f"/{key}" if key else "")
        self.problem = Problem(code, place, tuple((values or {}).items()))


def calculate(request: object, calendar: WorkCalendar | None = None, lang: str = "zh") -> dict[str, Any]:
    """Count one period; never fails, whatever the request.

    Args:
        request: ``{"start": "2024-02-02T10:00:00+08:00", "period": "10 working days"}`` and optionally ``"roll"``,
            false for a period that ends on a rest day too. A start may be a day. Other keys are handed through.
        calendar: the working days; by default the published ones with ``policies/calendar.yaml``.
        lang: the language of an error, ``zh`` or ``en``.

    Returns:
        The keys of the request and ``due_day`` (``2024-02-21``, in Beijing), ``due`` (when the period ends: 24:00 of
        that day, written as 00:00 of the next; for hours and minutes the exact instant), ``rolled`` and
        ``provisional``; or instead of these ``error`` with ``code``, ``message`` and ``help``.
    """
    given = dict(request) if isinstance(request, Mapping) else {}
    answer = {str(key): value for key, value in given.items() if key not in ANSWERS}
    try:
        period, found = _count(request, calendar or standard_calendar())
    except _Refused as refused:
        problem = refused.problem
        error = {"code": problem.code, "message": problem.message(lang), "help": problem.help(lang)}
        return answer | {"error": error}
    return answer | {
        "due_day": format_day(found.day),
        "due": format_instant(_end(period, found)),
        "rolled": found.rolled,
        "provisional": found.provisional,
    }


def working(request: object, calendar: WorkCalendar | None = None, lang: str = "zh") -> list[dict[str, Any]]:
    """Show the counting day by day.

    Returns:
        For each day from the start to the end, at most `deadline.NOTES`: ``date``, ``weekday``, ``number``
        (its place in the period, None if it doesn't count) and ``reason`` (春节, 周末, 调休上班 ...). Nothing for hours
        and minutes, which no day decides, and for a request that `calculate` refuses.
    """
    calendar = calendar or standard_calendar()
    notes: list[DayNote] = []
    try:
        wanted = _read(request)
    except _Refused:
        return []
    due(wanted.start, wanted.period, calendar, roll=wanted.roll, trace=notes)
    return [
        {
            "date": format_day(note.day),
            "weekday": weekday(note.day, lang),
            "number": note.number,
            "reason": note.text(calendar, lang),
        }
        for note in notes
    ]


@cache
def standard_calendar() -> WorkCalendar:
    """Return the published working days with the additions in ``policies/calendar.yaml``.

    Raises:
        InvalidSource: the file is unreadable.
        InvalidPolicy: the file has mistakes.
    """
    path = resource_dir("policies") / "calendar.yaml"
    return load_calendar(load_yaml(path.read_bytes(), path.name))


def _count(request: object, calendar: WorkCalendar) -> tuple[Period, Due]:
    wanted = _read(request)
    found = due(wanted.start, wanted.period, calendar, roll=wanted.roll)
    if found.instant >= END:
        raise _Refused("deadline-beyond-9999", "period", {"found": wanted.written})
    return wanted.period, found


def _end(period: Period, found: Due) -> Instant:
    """Return when a period ends: the instant after the last one of a day, the instant itself for hours."""
    return found.instant if period.unit in _EXACT_UNITS else found.instant + 1


def _read(request: object) -> _Request:
    if not isinstance(request, Mapping):
        raise _Refused("deadline-not-object")
    for key in request:
        meant = None if key in KEYS or key in ANSWERS else nearest(str(key), [k for k in KEYS if k not in request])
        if meant is not None:
            raise _Refused("deadline-key-unknown", str(key), {"found": str(key), "nearest": meant})
    text = _text(request, "period")
    try:
        period = parse_period(text)
    except BadPeriod as bad:
        raise _Refused(bad.code, "period", bad.values) from None
    roll = request.get("roll", True)
    if not isinstance(roll, bool):
        raise _Refused("deadline-roll", "roll", {"found": written(roll)})
    return _Request(_start(_text(request, "start"), period), period, roll, text)


def _text(request: Mapping[Any, Any], key: str) -> str:
    if key not in request:
        raise _Refused("deadline-key-missing", "", {"key": key})
    value = request[key]
    if not isinstance(value, str):
        raise _Refused("deadline-text", key, {"key": key})
    return value


def _start(text: str, period: Period) -> Instant:
    try:
        lo, hi = parse_when(text)
    except BadInstant as bad:
        raise _Refused(bad.code, "start", bad.values) from None
    if lo == hi:
        return lo
    if (lo, hi) != (day_start(day_of(lo)), day_end(day_of(lo))):
        raise _Refused("deadline-start-coarse", "start", {"found": text})
    if period.unit in _EXACT_UNITS:
        raise _Refused("deadline-start-hour", "start", {"found": text})
    return lo
