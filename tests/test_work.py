"""A record that takes too much work is refused, by either engine alike, and the others are judged."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from benchmarks.project import DEMONSTRATION, LAW, RULES
from benchmarks.records import Shape, make_record

from validator.authoring.impact import impact
from validator.batch.chunk import Judge, JudgedChunk, Settings
from validator.batch.feed import Chunk
from validator.batch.forms import View
from validator.batch.quick import QuickJudge
from validator.engine import explain, load, timeline_of
from validator.errors import InvalidRecord
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.legal_time.instant import parse_as_of
from validator.limits import Limits
from validator.questions.due import Docket
from validator.reading.intake import RawRecord, line_record
from validator.rules.program import Program
from validator.sample import sample

AS_OF = parse_as_of("2025-06-30")
LOGS = Path(__file__).parent / "data" / "logs"
CODE = "too-much-work"
ENGINES = (Judge, QuickJudge)


@cache
def law() -> Program:
    """Return the law with the parameters of the demonstration."""
    return load([str(LAW)], parameters=[str(DEMONSTRATION)])


@cache
def plain_rules() -> Program:
    """Return the rules R1 to R16, all of which compiled code judges."""
    return load([str(RULES)])


def unassigned(events: int) -> dict[str, Any]:
    """Return a case filed again and again: without parties, any of these may be the first one of anybody."""
    days = [f"2022-{1 + n // 28 % 12:02}-{1 + n % 28:02}T{n % 24:02}:00:{n // 28 % 60:02}+08:00" for n in range(events)]
    return {"record_type": "case", "id": "again", "events": [{"type": "case_filed", "at": day} for day in days]}


def judged(engine: type[Judge], program: Program, records: Sequence[Any], steps: int) -> JudgedChunk:
    """Judge records, each on a line."""
    data = "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":"), default=float) + "\n" for r in records)
    settings = Settings(AS_OF, view=View("ndjson", "en", whole=True), rejects="places", limits=Limits(steps=steps))
    return engine(program, Context({}), settings)(Chunk(0, "x.ndjson", data=data.encode(), lines=len(records)))


def raw(record: Any) -> RawRecord:
    """Return a record as it is read."""
    found = line_record("x.ndjson", 1, json.dumps(record, default=float).encode(), Limits())
    assert isinstance(found, RawRecord)
    return found


@pytest.mark.parametrize("steps", [10, 300, 1000, 4000, 100_000])
def test_engines_refuse_the_same_records(steps: int) -> None:
    """Whatever the limit, both engines refuse the same records and say the same of the others."""
    plain = [make_record(n, 3, Shape(events=5 * n)) for n in range(1, 24)]
    for program, records in ((law(), [*sample(9, 5), unassigned(40)]), (plain_rules(), plain)):
        one, other = (judged(engine, program, records, steps) for engine in ENGINES)
        assert one.output == other.output
        assert one.rejects == other.rejects
        assert one.problems == other.problems
        counts = [(s.read, s.judged, s.rejected, s.findings, s.fired, s.reasons) for s in (one.summary, other.summary)]
        assert counts[0] == counts[1]
        assert one.summary.read == one.summary.judged + one.summary.rejected == len(records)
        assert {p.code for p in one.problems if p.severity == "error"} <= {CODE}


def takes(record: Any, program: Program | None = None) -> int:
    """Return the fewest steps in which the interpreter judges a record (by the law)."""
    low, high = 0, 1 << 20  # refused, judged
    while high - low > 1:
        steps = (low + high) // 2
        low, high = (low, steps) if judged(Judge, program or law(), [record], steps).summary.judged else (steps, high)
    return high


@pytest.mark.parametrize("engine", ENGINES)
def test_one_step_less_than_it_takes(engine: type[Judge]) -> None:
    """The limit is sharp: with the steps that a record takes it is judged, with one less it is refused."""
    steps = takes(unassigned(10))
    assert judged(engine, law(), [unassigned(10)], steps).summary.judged == 1
    low = steps - 1
    (problem,) = judged(engine, law(), [unassigned(10)], low).problems
    assert (problem.code, problem.place.path, problem.place.line) == (CODE, "x.ndjson", 1)
    assert f"{low:,}" in problem.message("zh")


def test_work_grows_with_what_is_looked_at() -> None:
    """Twice as many openings, each of which may be any other's: some four times the steps, and not twice as many."""
    assert 3 < takes(unassigned(60)) / takes(unassigned(30)) < 9


def logged(acts: int) -> dict[str, Any]:
    """Return a long log: a state is set again and again, hour after hour, and read each time."""
    hours = [f"2014-{1 + n // 240:02}-{1 + n // 24 % 10:02}T{n % 24:02}:30:00+08:00" for n in range(acts)]
    events = [{"type": "done", "at": hour, "resource": f"r{n}"} for n, hour in enumerate(hours)]
    return {"record_type": "job", "id": "long", "events": events[::-1]}


def test_a_state_is_read_from_what_is_near() -> None:
    """Four times as many settings of a state, read as often, take some four times the steps, and not sixteen times."""
    logs = load([str(LOGS)])
    assert takes(logged(800), logs) / takes(logged(200), logs) < 5


def entered(assets: int) -> dict[str, Any]:
    """Return a case with many assets, each of which is entered in the system once, on a day of its own."""
    days = [f"2022-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(assets)]
    events = [{"type": "asset_info_recorded", "at": day, "asset": f"a{n}"} for n, day in enumerate(days)]
    known = [{"id": f"a{n}", "type": "vehicle"} for n in range(assets)]
    return {"record_type": "case", "id": "many", "type": "first_enforcement", "assets": known, "events": events}


def test_an_entity_is_judged_by_what_is_about_it() -> None:
    """Four times as many assets, each with its own event, take some four times the steps, and not sixteen times."""
    assert takes(entered(80)) / takes(entered(20)) < 6


def test_the_others_go_on_everywhere() -> None:
    """In `due` and `diff` a record that takes too much is refused with its place; `explain` says so."""
    limits = Limits(steps=50)
    record = raw(unassigned(20))
    clocks = Docket(law(), AS_OF, limits=limits).clocks(record)
    assert isinstance(clocks, tuple)
    assert [p.code for p in clocks] == [CODE]
    found = impact(law(), law(), [record, record], AS_OF, limits=limits)
    assert [p.code for p in found.refused] == [CODE, CODE]
    assert found.records == 0
    timeline = timeline_of(law(), record, limits=limits)
    assert isinstance(timeline, Timeline)
    with pytest.raises(InvalidRecord, match=CODE):
        explain(law(), timeline, AS_OF, "A11.2a")
