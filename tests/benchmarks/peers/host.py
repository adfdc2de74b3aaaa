"""The work around an engine of guards: it finds answers, counts days and sums values, and the engine says the verdict.

Expression engines know one moment and no calendar.  What they can decide is whether numbers at hand make a case
compliant, late, breached or pending; the rest is this module, which is written for speed.  Its own row, with verdicts
in plain Python, says what the engines themselves add.

It relies on what the made-up records are: in order of time, exact times with +08:00, no two events alike.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ..contestant import Contestant, judging, lines
from ..oracle import BEIJING, DEADLINES, Outcome, term_end
from ..records import AS_OF

FIRST_DAY, LAST_DAY = datetime(2021, 12, 1, tzinfo=BEIJING), datetime(2025, 12, 31, tzinfo=BEIJING)
NEVER = 1 << 60
"""The second of an answer that never came."""

Facts = dict[str, Any]
Decide = Callable[[str, Facts], str]
"""Says the verdict for the name of a guard and its facts."""


class Course(NamedTuple):
    """The events of a record: (place, second, type, event), and the seconds of each answer by (type, kind, entity)."""

    events: list[tuple[int, int, str, Facts]]
    answers: dict[tuple[str, str, str], list[int]]


GUARDS = {
    "deadline": "answer <= due ? 'compliant' : (answer < never ? 'late' : (as_of > due ? 'breached' : 'pending'))",
    "limit": "10 * total <= 12 * claim ? 'compliant' : 'breached'",
    "query": "queried ? 'compliant' : 'breached'",
    "auction": "stopped ? 'breached' : 'compliant'",
    "self_disposal": "days <= 90 ? 'compliant' : 'breached'",
}
"""The guards as CEL and ZEN both write them."""


CONDITIONS: dict[str, Callable[[Facts], bool]] = {
    "limit": lambda facts: 10 * facts["total"] <= 12 * facts["claim"],
    "query": lambda facts: facts["queried"],
    "auction": lambda facts: not facts["stopped"],
    "self_disposal": lambda facts: facts["days"] <= 90,
}


def plainly(guard: str, facts: Facts) -> str:
    """Decide in Python."""
    if guard != "deadline":
        return "compliant" if CONDITIONS[guard](facts) else "breached"
    if facts["answer"] <= facts["due"]:
        return "compliant"
    if facts["answer"] < NEVER:
        return "late"
    return "breached" if facts["as_of"] > facts["due"] else "pending"


def contestants() -> Iterator[Contestant]:
    """Yield the host alone; its tables are made before."""
    due_tables()
    yield judging("by hand: orjson and plain Python", 16, partial(outcomes, plainly))


def outcomes(decide: Decide, path: Path) -> Iterator[Outcome]:
    """Yield the outcomes of a file, each verdict decided by an engine."""
    as_of = _second(AS_OF)
    for line in lines(path):
        record = orjson.loads(line)
        course = _course(record["events"], as_of)
        yield from _terms(decide, record["id"], course, as_of)
        yield from _acts(decide, record, course)


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@cache
def due_tables() -> dict[tuple[int, str], dict[str, tuple[int, str]]]:
    """Return by (amount, unit) and day of the start the last second of the term, and the due as written."""
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    terms = {(rule.amount, rule.unit) for rule in DEADLINES if rule.unit != "hours"}
    return {term: {day.date().isoformat(): _due(day, *term) for day in days} for term in terms}


def _due(start: datetime, amount: int, unit: str) -> tuple[int, str]:
    end, _ = term_end(start, amount, unit)
    return int(end.timestamp()) - 1, end.isoformat()


def _course(events: list[Facts], as_of: int) -> Course:
    happened = []
    answers: dict[tuple[str, str, str], list[int]] = {}
    for place, event in enumerate(events):
        at = _second(event["at"])
        if at > as_of:
            break
        kind = event["type"]
        happened.append((place, at, kind, event))
        if "asset" in event:
            answers.setdefault((kind, "asset", event["asset"]), []).append(at)
        elif "payment" in event:
            answers.setdefault((kind, "payment", event["payment"]), []).append(at)
        else:
            answers.setdefault((kind, "", ""), []).append(at)
    return Course(happened, answers)


RULES_OF = {name: [d for d in DEADLINES if d.trigger == name] for name in {d.trigger for d in DEADLINES}}


def _terms(decide: Decide, record: str, course: Course, as_of: int) -> Iterator[Outcome]:
    tables = due_tables()
    for place, at, kind, event in course.events:
        for rule in RULES_OF.get(kind, ()):
            seconds = course.answers.get((rule.answer, rule.same, event[rule.same] if rule.same else ""), [])
            first = bisect_left(seconds, at)
            answer = seconds[first] if first < len(seconds) else NEVER
            if rule.unit == "hours":
                due = at + 3600 * rule.amount
                text = (datetime.fromisoformat(event["at"]) + timedelta(hours=rule.amount)).isoformat()
            else:
                due, text = tables[rule.amount, rule.unit][event["at"][:10]]
            verdict = decide("deadline", {"answer": answer, "due": due, "as_of": as_of, "never": NEVER})
            yield Outcome(record, rule.rule, f"/events/{place}", verdict, text)


def _acts(decide: Decide, record: Facts, course: Course) -> Iterator[Outcome]:
    worth = {a["id"]: a["value"] for a in record["assets"]}
    controlled: set[str] = set()
    queried = stopped = False
    name = record["id"]
    for place, _, kind, event in course.events:
        where = f"/events/{place}"
        if kind == "asset_controlled":
            controlled.add(event["asset"])
            facts = {"total": sum(worth[a] for a in controlled), "claim": record["claim_amount"]}
            yield Outcome(name, "R13", where, decide("limit", facts), "")
        elif kind == "asset_released":
            controlled.discard(event["asset"])
        elif kind == "online_query_started":
            queried = True
        elif kind == "bankruptcy_notice_received":
            stopped = True
        elif kind == "execution_resumed":
            stopped = False
        elif kind == "case_terminated":
            yield Outcome(name, "R14", where, decide("query", {"queried": queried}), "")
        elif kind == "asset_auctioned" and record["debtor_is_enterprise"]:
            yield Outcome(name, "R15", where, decide("auction", {"stopped": stopped}), "")
        elif kind == "self_disposal_permitted":
            yield Outcome(name, "R16", where, decide("self_disposal", {"days": record["self_disposal_days"]}), "")
