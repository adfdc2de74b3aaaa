"""The rules of the benchmarks mean what their oracle says, so that what is measured is the same work for everybody."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from benchmarks import oracle, project
from benchmarks.contestant import Contestant
from benchmarks.oracle import BEIJING, DEADLINES, Outcome
from benchmarks.records import AS_OF, Record, Shape, make_record, record_lines

from validator import load
from validator.rules.program import Program

EDGES: list[Record] = yaml.safe_load((Path(__file__).parent / "data" / "benchmark_edges.yaml").read_text("utf-8"))
EDGE_FACTS: Record = {
    "record_type": "case",
    "id": "edge",
    "claim_amount": 1000,
    "debtor_is_enterprise": True,
    "self_disposal_days": 30,
    "assets": [{"id": "a1", "type": "deposit", "value": 1000}, {"id": "a2", "type": "vehicle", "value": 201}],
    "payments": [{"id": "p1", "amount": 100}, {"id": "p2", "amount": 100}],
}
DEADLINE_VERDICTS = ("compliant", "late", "breached", "pending")

every_engine = pytest.mark.parametrize("engine", project.ENGINES)


@cache
def program() -> Program:
    """Load the rules once."""
    return load([str(project.RULES)])


def judged(engine: str, records: Iterable[Mapping[str, Any]], as_of: str, folder: Path) -> list[Outcome]:
    """Return what an engine finds in records."""
    path = folder / "records.ndjson"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return sorted(project.outcomes(project.ENGINES[engine], program(), path, as_of))


def expected(records: Iterable[Mapping[str, Any]], as_of: str) -> list[Outcome]:
    """Return what the oracle finds in records."""
    return sorted(o for r in records for o in oracle.judge(r, datetime.fromisoformat(as_of)))


@every_engine
@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge["name"])
def test_edges_are_judged_as_counted_by_hand(edge: Record, engine: str, tmp_path: Path) -> None:
    """Oracle and engine give the outcomes that a reader of the rules counted, and no others."""
    record = {**EDGE_FACTS, **{k: v for k, v in edge.items() if k not in {"name", "as_of", "expect"}}}
    as_of = edge.get("as_of", AS_OF)
    wanted = sorted(Outcome("edge", rule, f"/events/{n}", verdict, due) for rule, n, verdict, due in edge["expect"])
    assert expected([record], as_of) == wanted
    assert judged(engine, [record], as_of, tmp_path) == wanted


@every_engine
def test_engine_and_oracle_agree_on_made_up_records(engine: str, tmp_path: Path) -> None:
    """At the end, and at the moment of an event of each record; every verdict of every rule occurs."""
    records = [make_record(n, 1, Shape(planted=0.9)) for n in range(600)]
    moments = [r["events"][n % len(r["events"])]["at"] for n, r in enumerate(records)]
    wanted = expected(records, AS_OF)
    on_the_way = [expected([r], moment) for r, moment in zip(records, moments, strict=True)]
    every = {(rule.rule, verdict) for rule in DEADLINES for verdict in DEADLINE_VERDICTS}
    every |= {(f"R{n}", verdict) for n in range(13, 17) for verdict in ("compliant", "breached")}
    assert {(o.rule, o.verdict) for outcomes in (wanted, *on_the_way) for o in outcomes} == every
    assert judged(engine, records, AS_OF, tmp_path) == wanted
    assert [judged(engine, [r], at, tmp_path) for r, at in zip(records, moments, strict=True)] == on_the_way


@pytest.mark.slow
@every_engine
@pytest.mark.parametrize("shape", [Shape(), Shape(events=180)], ids=["usual", "long"])
def test_engine_and_oracle_agree_on_many_records(shape: Shape, engine: str, tmp_path: Path) -> None:
    """The same on many usual records, and on long ones, where triggers repeat."""
    records = [make_record(n, 2, shape) for n in range(3000 if shape.events is None else 150)]
    for moment in (AS_OF, "2024-06-30T12:00:00+08:00"):
        assert judged(engine, records, moment, tmp_path) == expected(records, moment)


def daily(first: datetime, days: int) -> Iterator[Record]:
    """Yield records that start every term of R1 to R12 on each of so many days, one record for each day."""
    for n in range(days):
        at = (first + timedelta(days=n, minutes=n)).isoformat()
        references = {"asset": "a1", "payment": "p1"}
        events = [
            {"type": name, "at": at} | ({same: references[same]} if same else {})
            for name, same in sorted({(rule.trigger, rule.same) for rule in DEADLINES})
        ]
        yield {**EDGE_FACTS, "id": f"day{n}", "events": events}


@every_engine
@pytest.mark.parametrize(
    ("first", "days"),
    [
        (datetime(2023, 12, 25, tzinfo=BEIJING), 65),
        pytest.param(datetime(2022, 1, 1, tzinfo=BEIJING), 1461, marks=pytest.mark.slow),
    ],
    ids=["winter", "four years"],
)
def test_every_day_of_start_has_the_same_due(first: datetime, days: int, engine: str, tmp_path: Path) -> None:
    """Every term from every day ends alike: over holidays, worked weekends, ends of months and a leap day."""
    records = list(daily(first, days))
    found = judged(engine, records, AS_OF, tmp_path)
    assert found == expected(records, AS_OF)
    assert {o.rule for o in found if o.due} == {rule.rule for rule in DEADLINES}


def test_records_have_the_form_that_the_benchmarks_tell_of() -> None:
    """About 2 KB, 10 to 25 events in order, up to 4 assets and 3 payments, breaches in about 15 of 100."""
    records = [make_record(n, 7) for n in range(1000)]
    assert {len(r["events"]) for r in records} == set(range(10, 26))
    assert {len(r["assets"]) for r in records} == set(range(5))
    assert {len(r["payments"]) for r in records} == set(range(4))
    assert all(r["events"] == sorted(r["events"], key=lambda e: e["at"]) for r in records)
    assert 1800 < sum(map(len, record_lines(1000, 7))) / 1000 < 2200
    violated = {o.record for o in expected(records, AS_OF) if o.verdict in {"late", "breached"}}
    assert 100 < len(violated) < 200
    assert {len(make_record(n, 7, Shape(events=180))["events"]) for n in range(20)} == {180}


def test_records_are_the_same_everywhere() -> None:
    """Figures can be compared only on the same records."""
    digest = hashlib.sha256(b"".join(record_lines(200, 7))).hexdigest()
    assert digest == "534158a78a3cf366481466305bc05813b222c5c13cffff670567ea37e3489885"


@every_engine
def test_coarse_records_are_judged_with_care(engine: str, tmp_path: Path) -> None:
    """A month for a time leaves some verdicts open, and no record is refused."""
    records = [make_record(n, 3, Shape(coarse=1.0)) for n in range(60)]
    assert all(sum(len(e["at"]) < 25 for e in r["events"]) == 1 for r in records)
    verdicts = {o.verdict for o in judged(engine, records, AS_OF, tmp_path)}
    assert {"compliant", "undetermined"} <= verdicts


@pytest.mark.parametrize("contestant", [c for c in project.writers() if c.outcomes], ids=lambda c: c.name)
def test_what_is_written_agrees_with_the_oracle(contestant: Contestant, tmp_path: Path) -> None:
    """All outcomes that stand in the output, and no others."""
    path = tmp_path / "records.ndjson"
    records = [make_record(n, 2, Shape(planted=0.9)) for n in range(300)]
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    assert contestant.disagreements(path, expected(records, AS_OF)) == 0
