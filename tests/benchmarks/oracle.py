"""The rules R1 to R16 a second time, in plain Python: what the record language must make of `rules/`.

It shares nothing with the project but the package that knows the holidays.  Every record is judged from the beginning,
with `datetime` objects, one scan of the events per trigger.  All times must be exact (with an offset, to the second).

Where several readings are possible the oracle has that of the language:

- The place of an event in the list means nothing.  An answer at the very instant of its trigger is an answer, and so
  is a query at the instant of the termination (R14).  Conditions of an act (R13, R15) see what happened at its instant.
- If two events of one instant set one thing in opposite ways, each may be the last: the verdict is given if it is the
  same either way, and is otherwise ``undetermined``.
- Terms in days and months end with their last day, written as 00:00 of the next; an act at that instant is late.  They
  roll to the next working day, terms in working days end on one anyway.  Terms in hours run exactly, their last
  instant included, and never roll.
- Equal events are one event, the first of the list; what comes after ``as_of`` has not happened.
- Without a fact that a condition needs there is no verdict; the records here have every fact.
"""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from chinese_calendar import is_workday

BEIJING = timezone(timedelta(hours=8))


@cache
def works(day: date) -> bool:
    """Say whether a day is a working day, as the yearly notices have it."""
    found: bool = is_workday(day)
    return found


class Outcome(NamedTuple):
    """What one rule says about one trigger: ``trigger`` is a JSON pointer, ``due`` ISO 8601 or ""."""

    record: str
    rule: str
    trigger: str
    verdict: str
    due: str


class Happening(NamedTuple):
    """An event that has happened by as_of."""

    place: int
    at: datetime
    event: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.event["type"])


class Deadline(NamedTuple):
    """A rule: after the trigger, the answer within a term, about the same entity of a kind ("" = the case)."""

    rule: str
    trigger: str
    answer: str
    amount: int
    unit: str
    same: str


DEADLINES = (
    Deadline("R1", "materials_received", "online_query_started", 5, "working days", ""),
    Deadline("R2", "asset_found", "asset_controlled", 3, "working days", "asset"),
    Deadline("R3", "urgent_clue_received", "clue_checked", 24, "hours", ""),
    Deadline("R4", "asset_controlled", "valuation_started", 30, "days", "asset"),
    Deadline("R5", "reference_price_set", "realisation_started", 10, "days", "asset"),
    Deadline("R6", "payment_received", "payment_notice_sent", 10, "working days", "payment"),
    Deadline("R7", "payment_notice_sent", "payment_paid", 5, "working days", "payment"),
    Deadline("R8", "obligation_fulfilled", "consumption_limit_lifted", 3, "working days", ""),
    Deadline("R9", "petition_received", "petition_registered", 5, "working days", ""),
    Deadline("R10", "petition_received", "petition_closed", 30, "working days", ""),
    Deadline("R11", "dispute_submitted", "coordination_plan_issued", 1, "months", ""),
    Deadline("R12", "coordination_plan_issued", "plan_implemented", 15, "working days", ""),
)  # fmt: skip


def judge(record: Mapping[str, Any], as_of: datetime) -> Iterator[Outcome]:
    """Yield every outcome of every rule on one record, in no particular order."""
    happened = _happened(record["events"], as_of)
    for rule in DEADLINES:
        for trigger in happened:
            if trigger.type == rule.trigger:
                verdict, due = _in_time(rule, trigger, happened, as_of)
                yield Outcome(record["id"], rule.rule, f"/events/{trigger.place}", verdict, due)
    for trigger in happened:
        for name, verdict in _at_once(record, trigger, happened):
            yield Outcome(record["id"], name, f"/events/{trigger.place}", verdict, "")


def _happened(events: list[Mapping[str, Any]], as_of: datetime) -> list[Happening]:
    """Return the events up to as_of in order of time, equal ones once."""
    found: list[Happening] = []
    for place, event in enumerate(events):
        at = datetime.fromisoformat(event["at"]).astimezone(BEIJING)
        if at <= as_of and event not in [other.event for other in found]:
            found.append(Happening(place, at, event))
    return sorted(found, key=lambda h: h.at)


def _in_time(rule: Deadline, trigger: Happening, happened: list[Happening], as_of: datetime) -> tuple[str, str]:
    end, included = term_end(trigger.at, rule.amount, rule.unit)
    entity = trigger.event.get(rule.same)
    answers = [
        h.at for h in happened if h.type == rule.answer and h.at >= trigger.at and h.event.get(rule.same) == entity
    ]
    moment = min(answers, default=as_of)
    over = moment > end if included else moment >= end
    verdicts = ("compliant", "late") if answers else ("pending", "breached")
    return verdicts[over], end.isoformat()


def term_end(start: datetime, amount: int, unit: str) -> tuple[datetime, bool]:
    """Return the instant with which a term ends, and whether that very instant is still in time."""
    if unit == "hours":
        return start + timedelta(hours=amount), True
    day = start.date()
    if unit == "working days":
        while amount:
            day += timedelta(days=1)
            amount -= works(day)
    else:
        day = day + timedelta(days=amount) if unit == "days" else _months_later(day, amount)
        while not works(day):
            day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), BEIJING), False


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _at_once(record: Mapping[str, Any], trigger: Happening, happened: list[Happening]) -> Iterator[tuple[str, str]]:
    """Yield (rule, verdict) of the rules R13 to R16, which are about the moment of the trigger."""
    before = [h for h in happened if h.at <= trigger.at and h.place != trigger.place]
    if trigger.type == "asset_controlled":
        yield "R13", _controlled_within_limit(record, [*before, trigger])
    elif trigger.type == "case_terminated":
        yield "R14", _word(any(h.type == "online_query_started" for h in before))
    elif trigger.type == "asset_auctioned" and record["debtor_is_enterprise"]:
        stopped = _last_of(before, "bankruptcy_notice_received", "execution_resumed")
        yield "R15", _agreed({_word(not s) for s in stopped})
    elif trigger.type == "self_disposal_permitted":
        yield "R16", _word(record["self_disposal_days"] <= 90)


def _controlled_within_limit(record: Mapping[str, Any], seen: list[Happening]) -> str:
    choices = []
    for asset in record["assets"]:
        own = [h for h in seen if h.event.get("asset") == asset["id"]]
        controlled = _last_of(own, "asset_controlled", "asset_released")
        choices.append([asset["value"] if c else 0 for c in controlled])
    return _agreed({_word(10 * sum(values) <= 12 * record["claim_amount"]) for values in product(*choices)})


def _last_of(happened: list[Happening], on: str, off: str) -> set[bool]:
    """Return what may hold after all of these events: one value, or both if the last two are of one instant."""
    setters = [h for h in happened if h.type in {on, off}]
    latest = max((h.at for h in setters), default=None)
    return {h.type == on for h in setters if h.at == latest} or {False}


def _agreed(verdicts: set[str]) -> str:
    return verdicts.pop() if len(verdicts) == 1 else "undetermined"


def _word(holds: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "compliant" if holds else "breached"
