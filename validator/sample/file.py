"""A file while it is written: chance, what happened so far, and how the file tells it in the end."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from validator.sample.chance import Record
from validator.sample.days import (
    DAY,
    DOCKET_DAY,
    HOUR,
    MINUTE,
    OFFICE_DAY,
    OPENING,
    iso,
    last_rest_day,
    next_workday,
    workday,
)
from validator.sample.figures import (
    BOUNDS,
    BY_ITSELF,
    DATES_ONLY,
    DAY_OFF,
    GAPS,
    GAPS_ELSEWHERE,
    IN_ORDER,
    LAST_DAY,
    LATE_ACT,
    LEFT_UNDONE,
    LOGGED,
    MINUTES_ONLY,
    NUMBERED,
    ONE_SIDED,
    PAPER,
    PAPER_BOUND,
    PAPER_MISSING,
    PAPER_MONTH,
    PAPER_SLACK,
    PUBLISHING,
    REMINDING,
    SIGNED,
    STAMPS,
)
from validator.sample.universe import JUDGE, officer_id

LISTS = ("parties", "assets", "leads", "payments", "measures", "documents", "requests", "decisions")
"""The lists of a case: a file that has an empty one says that there is none."""


@dataclass(slots=True)
class File:
    """A file while it is written: chance, the record, and what happened (seconds since the first day, event)."""

    rng: Random
    record: Record
    court: str
    filed: int
    log: list[tuple[int, Record]]
    by: str = ""
    received: int = 0
    claim: int = 0
    publishes: bool = False
    reminds: bool = False

    def hit(self, share: float) -> bool:
        """Say yes in ``share`` of all cases."""
        return self.rng.random() < share

    def between(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def officer(self, low: int, high: int | None = None) -> str:
        """Return one of the staff of the court, by number."""
        return officer_id(self.court, low if high is None else self.between(low, high))

    def keep(self, plural: str, entity: Record) -> Record:
        """Put an entity into the list ``plural`` of the record."""
        self.record.setdefault(plural, []).append(entity)
        return entity

    def next_id(self, plural: str, letter: str) -> str:
        """Return an id that no entity of the list ``plural`` has."""
        return f"{letter}{len(self.record.get(plural, ())) + 1}"

    def add(self, when: int, name: str, **attributes: Any) -> int:
        """Note that ``name`` happened at ``when``; return ``when``."""
        self.log.append((when, {"type": name, **attributes}))
        return when

    def moments(self, name: str) -> list[tuple[int, Record]]:
        """Return what is noted under ``name``."""
        return [entry for entry in self.log if entry[1]["type"] == name]

    def office(self, day: int) -> int:
        """Return a moment in the office hours of ``day``, now and then of a rest day shortly before."""
        if self.hit(DAY_OFF):
            rest = last_rest_day(day)
            if self.filed < rest < day:
                day = rest
        return day * DAY + OPENING + int(self.rng.random() * OFFICE_DAY)

    def after(self, start: int, low: int, high: int) -> int:
        """Return office time ``low`` to ``high`` calendar days after ``start``, never before ``start``."""
        day = next_workday(start // DAY + self.between(low, high))
        return max(self.office(day), start + self.between(2, 40) * MINUTE)

    def before(self, end: int, low: int, high: int) -> int:
        """Return office time ``low`` to ``high`` calendar days before ``end``, never after ``end``."""
        day = next_workday(end // DAY - self.between(low, high))
        return min(self.office(day), end - self.between(2, 40) * MINUTE)

    def answer(self, start: int, due: int, late: float = LATE_ACT) -> int | None:
        """Return when a clock from ``start`` to the end of day ``due`` is answered: mostly soon, or late, or never."""
        chance = self.rng.random()
        if chance < late:
            return self.office(workday(due, 1 + int(29 * self.rng.random() * self.rng.random())))
        if chance < late + LEFT_UNDONE:
            return None
        first = start // DAY
        day = due
        if not self.hit(LAST_DAY):
            day = min(due, next_workday(first + int((due - first) * self.rng.random() * self.rng.random())))
        return max(self.office(day), start + self.between(2, 40) * MINUTE)

    def reply(self, start: int, days: int, name: str, **attributes: Any) -> int | None:
        """Note that ``name`` answers something in so many working days: mostly in time, or late, or never."""
        when = self.answer(start, workday(start // DAY, days))
        return None if when is None else self.add(when, name, **attributes)

    def judged(self, value: Any, when: int, party: str) -> Any:
        """Return a judgement as files hold it: vouched for by a party only, signed by an officer, or bare."""
        chance = self.rng.random()
        if chance < ONE_SIDED:
            return {"value": value, "by": party, "on": iso(when // DAY)}
        if chance < ONE_SIDED + SIGNED:
            return {"value": value, "by": self.officer(JUDGE, JUDGE + 4), "on": iso(when // DAY)}
        return value

    def signed(self, value: Any, when: int) -> Any:
        """Return a judgement of the court: signed by an officer, or bare."""
        return {"value": value, "by": self.by, "on": iso(when // DAY)} if self.hit(SIGNED) else value


def opened(rng: Random, record: Record, court: str, filed: int) -> File:
    """Return an empty file with its habits: whether it publishes, and whether its system reminds."""
    file = File(rng, record, court, filed, [], record["handler_ids"][0] if "handler_ids" in record else "")
    file.publishes, file.reminds = file.hit(PUBLISHING), file.hit(REMINDING)
    return file


# --- writing it down -----------------------------------------------------------------------------------------------


def written(file: File) -> Record:
    """Return the record: its events up to the docket day in order, in one style, with the gaps of a paper file."""
    end = (DOCKET_DAY + 1) * DAY
    log = sorted((entry for entry in file.log if entry[0] < end), key=_moment)
    record = file.record
    if file.hit(PAPER):
        _lose(file.rng, record)
        record["events"] = _distinct([_told(event, _on_paper(file.rng, when), _day) for when, event in log])
        return record
    if file.hit(IN_ORDER):
        record["events_in_order"] = True
    stamp = _stamper(file)
    if file.hit(NUMBERED):
        _number(file, log, stamp)
    record["events"] = _distinct([_told(event, stamp(when), stamp) for when, event in log])
    return record


def _distinct(events: list[Record]) -> list[Record]:
    """Give an id to an event that is told like one before: without it the two would count as one."""
    seen: set[object] = set()
    for number, event in enumerate(events, 1):
        at = event["at"]
        told = (event["type"], at if isinstance(at, str) else tuple(at.items()))
        if told in seen:
            event.setdefault("id", f"e{number}")
        seen.add(told)
    return events


def _number(file: File, log: list[tuple[int, Record]], stamp: Callable[[int], str]) -> None:
    """Give every event an id and the officer; some systems say of each event when it was entered."""
    logged = file.hit(LOGGED)
    for number, (when, event) in enumerate(log, 1):
        event.setdefault("id", f"e{number}")
        if event["type"] not in BY_ITSELF:
            event.setdefault("by", file.by)
        elif logged:
            event["by"] = "system"
        if logged:
            event["recorded_at"] = stamp(when + file.between(0, 9) * MINUTE)


def _told(event: Record, at: str | Record, stamp: Callable[[int], str]) -> Record:
    """Return an event with its time, in the order in which people read it."""
    if "act_time" in event:
        event["act_time"] = stamp(event["act_time"])
    return {"type": event.pop("type"), "at": at, **event}


def _moment(entry: tuple[int, Record]) -> int:
    return entry[0]


def _day(when: int) -> str:
    return iso(when // DAY)


def _stamper(file: File) -> Callable[[int], str]:
    """Return how this file writes a moment: its offset from UTC, seconds or none, or the day only."""
    zone, offset = STAMPS.pick(file.rng)
    seconds = not file.hit(MINUTES_ONLY)
    if file.hit(DATES_ONLY):
        return _day
    shift = (offset - 8) * HOUR

    def stamp(when: int) -> str:
        day, second = divmod(when + shift, DAY)
        minute, second = divmod(second, MINUTE)
        tail = f":{second:02}" if seconds else ""
        return f"{iso(day)}T{minute // 60:02}:{minute % 60:02}{tail}{zone}"

    return stamp


def _on_paper(rng: Random, when: int) -> str | Record:
    """Return a moment as a paper file tells it: the month, a bound or the day."""
    day = when // DAY
    chance = rng.random()
    if chance < PAPER_MONTH:
        return iso(day)[:7]
    if chance >= PAPER_MONTH + PAPER_BOUND:
        return iso(day)
    bounds = {
        "not_before": iso(day - int(rng.random() * PAPER_SLACK)),
        "not_after": iso(min(DOCKET_DAY, day + int(rng.random() * PAPER_SLACK))),
    }
    form = BOUNDS.pick(rng)
    return bounds if form == "both" else {form: bounds[form]}


def _lose(rng: Random, record: Record) -> None:
    """Leave out some of the facts that a paper file may lack, and some of its empty lists."""
    for plural in LISTS:
        if plural in record and not record[plural] and rng.random() < PAPER_MISSING:
            del record[plural]
    for name in () if record["record_type"] == "case" else GAPS_ELSEWHERE:
        if name in record and rng.random() < PAPER_MISSING:
            del record[name]
    for plural, names in GAPS.items():
        for entity in record.get(plural, ()) if plural else (record,):
            for name in names:
                if name in entity and rng.random() < PAPER_MISSING:
                    del entity[name]
