"""Made-up records of the rule set in `data/plain`, every norm of which compiled code judges."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from validator.engine import load
from validator.rules.program import Program

Record = dict[str, Any]
ROOT = Path(__file__).parent.parent
PLAIN = ROOT / "tests" / "data" / "plain"
DEMO = str(ROOT / "policies" / "parameters.demo.yaml")
RECORDS = int(os.environ.get("COMPILED_RECORDS", "1500"))
BEIJING = timezone(timedelta(hours=8))


@cache
def program(*, shipped: bool = False) -> Program:
    """Return a rule set, loaded once."""
    return load(parameters=[DEMO]) if shipped else load([str(PLAIN)])


def timed(rng: Random, slips: float) -> Iterator[str]:
    """Yield the times of events, later and later; now and then one that is no plain time, or the same again."""
    at = datetime(2022, 1, 1, 8, tzinfo=BEIJING) + timedelta(hours=int(rng.random() * 1400))
    while True:
        at += timedelta(minutes=int(rng.expovariate(1 / 9000)) + 1)
        if rng.random() < slips:
            forms = (
                at.isoformat()[:10],
                at.isoformat()[:7],
                at.isoformat().replace("T", " "),
                f"{at.isoformat()[:19]}Z",
            )
            text = at.isoformat()
            yield rng.choice(
                (*forms, text[:16], text[:19], text[:19] + ".5+08:00", text[:19] + "+09:00", text[:19] + "+0800")
            )
        else:
            yield at.isoformat()


def made(rng: Random, slips: float) -> Record:
    """Return a record of the plain rule set."""

    def maybe(**facts: Any) -> Record:
        return {k: v for k, v in facts.items() if v is not None and rng.random() >= slips}

    days = ("2021-12", "2022-01-05", "unknown", "2022-01-05T10:00", None, None, None)
    items = [
        {
            "id": f"i{n}",
            **maybe(
                made_on=rng.choice(days),
                seen_on=rng.choice((None, [*filter(None, days)])),
                worth=rng.choice((0, 10, 60, 101, 250, 33.33, 66.67)),
                free=rng.random() < 0.5,
            ),
        }
        for n in range(rng.randrange(4))
    ]
    names = [item["id"] for item in items]
    some = rng.sample(names, min(len(names), rng.randrange(3)))
    papers = [
        {"id": f"p{n}", **maybe(item_id=rng.choice([*names, None]), item_ids=rng.choice((some, None)))}
        for n in range(2)
    ]
    words = ["received", "answered", "noted", "found", "held", "let_go", "filed", "moved", "objected"]
    words += ["halted", "resumed", "closed"] if rng.random() < 0.4 else []
    events: list[Record] = []
    for at in (when for when, _ in zip(timed(rng, slips / 5), range(rng.randrange(14)), strict=False)):
        word = rng.choice(words)
        event: Record = {"type": word, "at": at, **attributes(rng, word, slips)}
        if word in ABOUT_ITEMS and not items:
            continue
        event |= references(rng, word, names)
        if rng.random() < 0.1:
            event["id"] = f"e{len(events)}"
        if rng.random() < 0.1:
            event["known_on" if word == "moved" else "recorded_at"] = rng.choice(
                ("2022-05-01T00:00:00+08:00", "2022-05")
            )
        events.append(event)
    if rng.random() < slips:
        rng.shuffle(events)
    kind, limit = rng.choice(("plain", "urgent")), rng.choice((50, 100, 200, 66.66))
    facts = maybe(
        kind=kind,
        limit=limit,
        firm=rng.random() < 0.5,
        place=rng.choice("xyz"),
        main_item_id=rng.choice([*names, None]),
    )
    frame = {"items": items, "papers": papers} if items or rng.random() < 0.9 else {"papers": papers}
    extra = {"timeline": "partial"} if rng.random() < slips / 10 else {}
    return {"record_type": "matter", "id": "m1", **facts, **frame, "events": events, **extra}


ABOUT_ITEMS = {"found", "held", "let_go"}


def references(rng: Random, word: str, items: list[str]) -> Record:
    """Return what an event refers to, under either key; some events need not say it."""
    found: Record = {}
    if word in ABOUT_ITEMS or (word == "noted" and items and rng.random() < 0.5):
        found[rng.choice(("item", "item_id"))] = rng.choice(items)
    if word in {"filed", "objected"} or (word == "noted" and rng.random() < 0.5):
        found["paper" if word == "filed" else rng.choice(("paper", "paper_id"))] = rng.choice(("p0", "p1"))
    return found


def attributes(rng: Random, word: str, slips: float) -> Record:
    """Return attributes of an event."""
    known: dict[str, Record] = {
        "received": {
            "amount": rng.choice((100, 101, 500, 100.01)),
            "way": rng.choice(("post", "by_hand")),
            "whole": True,
        },
        "answered": {"way": rng.choice(("post", "by_hand")), "good": rng.random() < 0.8},
        "held": {"way": rng.choice(("post", "by_hand"))},
        "objected": {"valid": True},
    }
    return {k: v for k, v in known.get(word, {}).items() if rng.random() >= slips}


def compact(record: Record) -> str:
    """Write a record as exporting systems do."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def in_another_way(rng: Random, record: Record) -> str:
    """Write a record in one of the ways in which systems export the same record; only the times may lose something."""
    change = rng.choice(
        (
            naive,
            elsewhere,
            loosely,
            in_thousandths,
            on_days,
            on_some_days,
            on_few_days,
            at_one_moment,
            backwards,
            up_to_a_day,
            with_nothing,
            as_it_is,
        )
    )
    record = rng.choice((as_it_is, as_it_is, with_more))(rng, record)
    text = json.dumps(
        change(rng, json.loads(json.dumps(record))), ensure_ascii=rng.random() < 0.4, sort_keys=rng.random() < 0.3,
        indent=rng.choice((None, None, 1)), separators=rng.choice((None, (",", ":"))),
    )  # fmt: skip
    if rng.random() < 0.3:
        text = re.sub(r"(\d\.\d+)(?=[,}\s])", r"\g<1>0", text)
    if rng.random() < 0.2:
        text = text.replace("/", "\\/")
    return rng.choice(("", " ", "\t")) + text + rng.choice(("", " ", "\r"))


def _timed(record: Record, form: Callable[[datetime], str]) -> Record:
    for event in record["events"]:
        with suppress(ValueError):
            event["at"] = form(datetime.fromisoformat(event["at"]))
    return record


def with_more(rng: Random, record: Record) -> Record:
    """Add what nobody looks at."""
    events = [{**event, rng.choice(("matter", "matter_id")): rng.choice(("m1", "m2"))} for event in record["events"]]
    flat: tuple[Record, ...] = (
        {},
        {"system": "执行", "batch": 7},
        {"final": True, "x": None},
        {"batch": -(10**17), "note": '"1.50"'},
    )
    source: Record = rng.choice(flat) if rng.random() < 0.9 else rng.choice(({"at": [1.5]}, {"size": 10**18}))
    order = {"events_in_order": rng.random() < 0.5, "since": rng.choice((None, "2022-02-15", "2021-12-31"))}
    return {**record, "events": events, "timeline": "complete", "provenance": source, **order}


def naive(rng: Random, record: Record) -> Record:
    """Leave the offset away."""
    between = rng.choice("T ")
    return _timed(record, lambda at: at.isoformat(between)[:19])


def on_days(_: Random, record: Record) -> Record:
    """Write days."""
    return _timed(record, lambda at: at.isoformat()[:10])


def on_some_days(rng: Random, record: Record) -> Record:
    """Write days, and now and then the first moment of one."""
    return _timed(record, lambda at: at.isoformat()[:10] + rng.choice(("", "", "T00:00:00+08:00", at.isoformat()[10:])))


def on_few_days(rng: Random, record: Record) -> Record:
    """Put most events on the same few days, or together at one moment."""
    moments = rng.choice((["2022-02-07", "2022-02-08", "2022-02-17"], ["2022-02-07T09:00:00+08:00"]))
    for event in record["events"]:
        event["at"] = rng.choice(moments) if rng.random() < 0.9 else event["at"]
    return record


def elsewhere(rng: Random, record: Record) -> Record:
    """Write times as they are at Greenwich and elsewhere."""
    zone = rng.choice((UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=9, minutes=30))))
    return _timed(record, lambda at: at.astimezone(zone).isoformat().replace("+00:00", "Z"))


def loosely(rng: Random, record: Record) -> Record:
    """Write some times in forms that many readers take."""
    forms: tuple[Callable[[str], str], ...] = (
        lambda at: at, lambda at: at.replace("+08:00", "+0800"), lambda at: at.replace("T", " "),
    )  # fmt: skip
    return _timed(record, lambda at: rng.choice(forms)(at.isoformat()))


def in_thousandths(rng: Random, record: Record) -> Record:
    """Write times with thousandths of a second."""
    fraction = rng.choice((".000", ".250", f".{rng.randrange(10**6):06}"))
    return _timed(record, lambda at: at.isoformat()[:19] + fraction + at.isoformat()[19:])


def at_one_moment(rng: Random, record: Record) -> Record:
    """Let an event happen when another did."""
    if record["events"]:
        rng.choice(record["events"])["at"] = rng.choice(record["events"])["at"]
    return record


def backwards(_: Random, record: Record) -> Record:
    """Put the last event first."""
    record["events"].reverse()
    return record


def up_to_a_day(rng: Random, record: Record) -> Record:
    """Say until when the record is complete."""
    day = rng.choice((f"2022-0{rng.randrange(1, 9)}-15", "2022-02-28", "2022-03-01", "2022-12-30", "2022-12-31"))
    return {**record, "known_until": day}


def as_it_is(_: Random, record: Record) -> Record:
    """Change nothing."""
    return record


def with_nothing(rng: Random, record: Record) -> Record:
    """Write what there is none of."""
    record["events"] = [{rng.choice(("note", "id")): None} | event for event in record["events"]]
    return {**record, "since": None, "known_until": None}
