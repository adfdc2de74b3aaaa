"""A calendar of last days (iCalendar, RFC 5545): all-day events with alarms; needs the package ``icalendar``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.instant import FIRST_DAY, HOUR, SECOND, Instant
from validator.output.phrases import phrase
from validator.output.render import entity_names, sentences
from validator.questions.due import URGENCY_LABELS, Clock
from validator.version import __version__

_MORNING = timedelta(hours=9)  # an alarm at midnight wakes people
_FIRST = datetime.min.replace(tzinfo=UTC)  # in the first hours of Beijing's year 1 Greenwich has no date yet
_BEIJING = 8 * HOUR


def calendar_of(
    clocks: Iterable[Clock], as_of: Instant, work: WorkCalendar, leads: Iterable[int], lang: str, name: str = ""
) -> bytes:
    """Return a calendar file: an all-day event on the last day of every clock that has one.

    The same clock has the same UID whenever it is asked for, so that a calendar updates an event instead of doubling
    it.

    Args:
        clocks: what is running.
        as_of: the moment at which this was so.
        work: counts back the working days of the leads.
        leads: working days before the last day on which an alarm rings, at nine o'clock.
        lang: "zh" or "en".
        name: of the calendar.
    """
    stamp = _FIRST + timedelta(seconds=max(as_of - _BEIJING, 0) // SECOND)
    found = Calendar()
    for key, value in (("PRODID", f"-//zhijian//{__version__}//ZH"), ("VERSION", "2.0"), ("METHOD", "PUBLISH")):
        found.add(key, value)
    if name:
        found.add("X-WR-CALNAME", name)
    for clock in clocks:
        if clock.finding.due_day:
            found.add_component(_event(clock, stamp, work, sorted(set(leads), reverse=True), lang))
    return bytes(found.to_ical())


def uid(clock: Clock) -> str:
    """Return what identifies a clock in calendars: record, norm, entities and trigger, not the moment of judgement."""
    finding = clock.finding
    text = f"{finding.record_type}\0{finding.record}\0{finding.key}"
    return f"{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}@zhijian"


def _event(clock: Clock, stamp: datetime, work: WorkCalendar, leads: Iterable[int], lang: str) -> Event:
    finding = clock.finding
    last = date.fromisoformat(finding.due_day)
    title = f"{URGENCY_LABELS[clock.urgency].text(lang)}  {finding.norm} {finding.title.text(lang)}  {finding.record}"
    event = Event()
    event.add("UID", uid(clock))
    event.add("DTSTAMP", stamp)
    event.add("DTSTART", last)
    if last < date.max:  # an event without an end lasts its day (RFC 5545, 3.6.1)
        event.add("DTEND", last + timedelta(days=1))
    event.add("SUMMARY", title)
    event.add("DESCRIPTION", "\n".join(_lines(clock, lang)))
    event.add("CATEGORIES", [URGENCY_LABELS[clock.urgency].text(lang)])
    event.add("TRANSP", "TRANSPARENT")
    for day in filter(None, (_before(last, lead, work) for lead in leads)):
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", title)
        alarm.add("TRIGGER", day - last + _MORNING)
        event.add_component(alarm)
    return event


def _lines(clock: Clock, lang: str) -> Iterable[str]:
    """Yield what the event says: record, entities, why it is so, who looks after it."""
    finding = clock.finding
    actors = phrase(lang, "comma").join(a.text(lang) for a in clock.actors)
    why = phrase(lang, "semicolon").join(sentences(finding, lang))
    return filter(None, (finding.record, entity_names(finding), why, actors))


def _before(last: date, working_days: int, work: WorkCalendar) -> date | None:
    """Return the day that lies so many working days before another; None if there is none from the year 1 on."""
    day = last.toordinal()
    while working_days > 0 and day >= FIRST_DAY:
        day -= 1
        working_days -= work.is_working(day)
    return date.fromordinal(day) if day >= FIRST_DAY else None
