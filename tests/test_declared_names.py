"""Facts and attributes may be named like what every record and event has: both engines read them alike."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from plain_records import RECORDS, compact

from validator import check
from validator.checker import Checker
from validator.compiling.judges import sifted
from validator.compiling.plain import references, spellings
from validator.engine import RecordResult, load
from validator.legal_time.instant import parse_as_of
from validator.output.publishing import json_line
from validator.rules.program import Program

NAMES = str(Path(__file__).parent / "data" / "names")
AS_OF = "2022-12-31"
Record = dict[str, Any]


@cache
def program(*, shipped: bool = False) -> Program:
    """Return a rule set, loaded once."""
    return load() if shipped else load([NAMES])


@cache
def checker(*, shipped: bool) -> Checker:
    """Return compiled code for a rule set."""
    return Checker(program(shipped=shipped), parse_as_of(AS_OF))


def told(result: RecordResult | None) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the problems and the findings of a record."""
    assert result is not None
    return [(p.code, p.place.pointer) for p in result.problems], [json_line(f.as_json()) for f in result.findings]


def assert_same(record: Record, *, shipped: bool = False, engine: Checker | None = None) -> list[tuple[str, str]]:
    """Demand that both engines refuse a record alike, or find the same in it; return the problems."""
    line = compact(record).encode()
    engine = engine or checker(shipped=shipped)
    wanted = told(check(program(shipped=shipped), line, parse_as_of(AS_OF)))
    assert told(engine.check(line, all_findings=True)) == wanted, line.decode()
    return wanted[0]


# -- the id ------------------------------------------------------------------------------------------------------------
WITHOUT_ID: list[tuple[Record, str, str]] = [
    ({}, "missing-id", ""),
    ({"id": None}, "bad-id", "/id"),
    ({"id": 7}, "bad-id", "/id"),
    ({"id": " "}, "bad-id", "/id"),
]


@pytest.mark.parametrize("events", [[], [{"type": "case_closed", "at": "2022-02-01T10:00:00+08:00"}]])
@pytest.mark.parametrize(("given", "code", "pointer"), WITHOUT_ID, ids=["none", "null", "number", "blank"])
def test_a_record_without_an_id_is_refused_by_both_engines(
    given: Record, code: str, pointer: str, events: list[Record]
) -> None:
    """Of every type of the law; some declare a fact of that name."""
    for record_type in program(shipped=True).vocabulary.record_types():
        record = {"record_type": record_type, **given, "events": events}
        assert assert_same(record, shipped=True) == [(code, pointer)]


# -- other names -------------------------------------------------------------------------------------------------------
VALUES: tuple[Any, ...] = (
    "one",
    "two",
    "palin",
    "x",
    "2022-01-08",
    5,
    True,
    None,
    [],
    ["x"],
    {"a": "x"},
    [{"id": "i"}],
    "i",
    "complete",
)
OF_RECORDS = (
    "id", "record_type", "events", "since", "known_until", "note", "timeline", "provenance", "states",
    "events_in_order", "items", "number", "code", "notes", "numbers",
)  # fmt: skip
OF_ITEMS = ("note", "number", "type", "events", "code")
OF_EVENTS = (
    "id", "at", "seq", "type", "note", "by", "amount", "matter", "matter_id", "number", "code", "item", "item_id",
    "shop", "shop_id", "note_id", "number_id",
)  # fmt: skip


def made(rng: Random) -> Record:
    """Return a record some of whose keys have values of any kind, most of them good ones."""
    days = iter(sorted(rng.sample(range(10, 28), 6)))
    items = [{"id": name, **some(rng, OF_ITEMS, 0.2)} for name in ("i", "x")[: rng.randrange(3)]]
    events = [event(rng, next(days)) for _ in range(rng.randrange(4))]
    record = {"record_type": "matter", "id": "m", "items": items, "events": events}
    record |= {"notes": [{"id": "x"}], "numbers": [{"id": "x"}]} if rng.random() < 0.8 else {}
    return record | some(rng, OF_RECORDS, 0.03)


def event(rng: Random, day: int) -> Record:
    """Return an event, which refers to what it has to."""
    word = rng.choice(list(program().vocabulary.events))
    kinds = references(program().vocabulary.events[word], "matter")
    named = {rng.choice(spellings(rng.choice(kinds))): rng.choice(("i", "x"))} if kinds and rng.random() < 0.8 else {}
    return {"type": word, "at": f"2022-02-{day}T10:00:00+08:00", **named, **some(rng, OF_EVENTS, 0.04)}


def some(rng: Random, keys: tuple[str, ...], share: float) -> Record:
    """Return values for a share of some keys."""
    return {key: rng.choice(VALUES) for key in keys if rng.random() < share}


def single() -> Iterator[Record]:
    """Yield records that are plain but for one value of one key."""
    for value in VALUES:
        base: Record = {"record_type": "matter", "id": "m", "items": [{"id": "i"}], "events": []}
        yield from (base | {key: value} for key in OF_RECORDS)
        yield from (base | {"items": [{"id": "i", key: value}]} for key in OF_ITEMS)
        for word in program().vocabulary.events:
            noon = {"type": word, "at": "2022-02-08T12:00:00+08:00"}
            yield from (base | {"events": [noon | {key: value}]} for key in OF_EVENTS)
            yield from (base | {"events": [noon | {"item": "i", key: value}]} for key in OF_EVENTS)


def test_some_norms_of_the_rule_set_are_plain() -> None:
    """So the comparisons below compare two engines; what reads such a name is left to the interpreter."""
    plain, others = sifted(program(), program().norms)
    assert {found.norm.id for found in plain} == {"A1.1", "A1.7", "A1.8", "A1.9", "A1.14"}
    assert others.keys() == {n.id for n in program().norms} - {found.norm.id for found in plain}


def test_one_value_under_each_name() -> None:
    """Every name with a value of every kind, in the record, in an item, in an event of each type."""
    seen = Counter(bool(assert_same(record)) for record in single())
    assert min(seen.values()) > 200


@pytest.mark.parametrize("lessons", [8, 10**6], ids=["taught", "untaught"])
def test_made_up_records(lessons: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several at once, and after it was learned which keys are usual."""
    monkeypatch.setattr("validator.compiling.decoding.LESSONS", lessons)
    rng, engine, seen = Random(8), Checker(program(), parse_as_of(AS_OF)), Counter[bool]()  # noqa: S311 - repeatable
    for _ in range(RECORDS):
        seen[bool(assert_same(made(rng), engine=engine))] += 1
    assert min(seen.values()) > RECORDS / 10


def test_events_about_what_such_records_do_not_have() -> None:
    """One of several has to be named, and none can be in the record: refused, whatever the event names."""
    vocabulary = program(shipped=True).vocabulary
    for record_type in vocabulary.record_types():
        for found in vocabulary.events.values():
            keys = [key for kind in found.one_of if kind != record_type for key in spellings(kind)]
            inside = {k.plural: [{"id": "o"}] for k in vocabulary.kinds_inside(record_type)}
            events = [{"type": found.name, "at": "2022-02-01T10:00:00+08:00", key: "o"} for key in keys[:4]]
            for one in events:
                assert_same({"record_type": record_type, "id": "x", **inside, "events": [one]}, shipped=True)
