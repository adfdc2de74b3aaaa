"""The synthetic docket is always the same, has the shape that it says, and speaks only the words of the vocabulary."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import pytest

from validator.engine import check, load, read_context
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.judging.interpreter import Options, judge_norm
from validator.legal_time.instant import parse_as_of
from validator.legal_time.notices import load_calendar
from validator.reading.intake import RawRecord, read_records
from validator.reading.strict_yaml import load_yaml
from validator.resources import resource_dir
from validator.rules.program import Program
from validator.sample import WRITERS, figures, sample, sample_courts
from validator.sample.days import DOCKET_DAY, IN_FORCE
from validator.sample.money import claim
from validator.sample.universe import court_codes, entry, staff

Record = dict[str, Any]

SIZE = 4500
APPLIED = 300
"""So many records are judged."""
CLOSED = 200
"""From so many records on, every court and case that a record names is in the docket."""
GOLDEN = "dc99124b50f744a3559003c1e9116d12d407e330f73f4e513bdfe21f55ba097c"
ENFORCEMENT = {"first_enforcement", "resumed_enforcement"}
NUMBER = re.compile(
    r"\(20\d\d\)[京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵军](\d{2}){1,2}(执[恢保异复监]?|民初)[1-9]\d{0,7}号"
)
CALENDAR = load_calendar(None)


def exact_json(value: object) -> str:
    """Write JSON with decimals as they are; the standard library would make binary floats of them."""
    match value:
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{exact_json(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ",".join(map(exact_json, value)) + "]"
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def digest(n: int, seed: int) -> str:
    """Return the SHA-256 of a docket as NDJSON."""
    lines = (exact_json(record) + "\n" for record in sample(n, seed))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Return a docket that is large enough for shares."""
    return list(sample(SIZE, 20211206))


@pytest.fixture(scope="module")
def cases(records: list[Record]) -> list[Record]:
    """Return the cases of the docket."""
    return [record for record in records if record["record_type"] == "case"]


@pytest.fixture(scope="module")
def courses(cases: list[Record]) -> list[Record]:
    """Return the first and resumed enforcement cases of the docket."""
    return [record for record in cases if record["type"] in ENFORCEMENT]


def events(records: list[Record], name: str = "") -> Iterator[Record]:
    """Yield the events of all records, or those of one type."""
    return (event for record in records for event in record["events"] if name in {"", event["type"]})


def near(hits: int, of: int, share: float, slack: float = 0.0) -> bool:
    """Say whether a count agrees with a share: within four standard deviations, and ``slack`` more."""
    return abs(hits / of - share) <= 4 * sqrt(share * (1 - share) / of) + slack


def test_the_same_docket_comes_out_of_every_process() -> None:
    """Neither the hash seed nor the locale or time zone changes a byte."""
    script = "import sys; sys.path.insert(0, sys.argv[1]); import test_sample; print(test_sample.digest(200, 7))"
    here = digest(200, 7)
    for changes in ({"PYTHONHASHSEED": "1", "TZ": "America/New_York"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C"}):
        command = [sys.executable, "-c", script, str(Path(__file__).parent)]
        output = subprocess.run(command, env=os.environ | changes, capture_output=True, text=True, check=True)
        assert output.stdout.strip() == here


def test_the_same_docket_comes_out_of_every_version() -> None:
    """A docket that somebody quotes by its seed can be made again: a change here is a change for the changelog."""
    assert digest(300, 1) == GOLDEN


def test_a_short_docket_is_the_beginning_of_a_longer_one() -> None:
    """Record i depends on the seed and i only."""
    assert list(sample(40, 3)) == list(islice(sample(400, 3), 40))
    assert list(sample(0, 3)) == []


def test_another_seed_gives_another_docket() -> None:
    """Neither shifted by one nor the same."""
    first, second = list(sample(50, 1)), list(sample(50, 2))
    assert all(a["events"] != b["events"] for a in first for b in second)


# --- what a docket is made of --------------------------------------------------------------------------------------


def test_mix_of_record_types(records: list[Record]) -> None:
    """Every court and officer is told once; the matters among the rest have their shares."""
    types = Counter(record["record_type"] for record in records)
    assert types["court"] == len(court_codes())
    assert types["officer"] == len(staff())
    matters = SIZE - types["court"] - types["officer"]
    bounds = (0, *figures.MATTERS.bounds)
    for kind, low, high in zip(figures.MATTERS.values, bounds, figures.MATTERS.bounds, strict=False):
        assert near(types[kind], matters, (high - low) / bounds[-1])
    assert types.keys() == {*WRITERS, "court", "officer"}
    assert len({(record["record_type"], record["id"]) for record in records}) == SIZE


def test_every_matter_is_told_once() -> None:
    """The places of courts and officers leave no gap in the numbers of the matters."""
    told = [entry(index) for index in range(4000)]
    for kind in ("matter", "court", "officer"):
        numbers = [number for name, number in told if name == kind]
        assert numbers == list(range(len(numbers)))


@cache
def names_court(key: str) -> bool:
    """Say whether the values under a key are courts."""
    return re.search(r"(^|_)court(_ids?)?$", key) is not None


def named(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield (what, id) of the courts, officers and cases that a record names."""
    match value:
        case str():
            if names_court(key):
                yield "court", value
            elif "-o" in value:
                yield "officer", value
            elif value.startswith("(20") and NUMBER.fullmatch(value):
                yield "case", value
        case dict():
            for name, part in value.items():
                yield from named(part, name)
        case list():
            for part in value:
                yield from named(part, key)


def test_what_a_record_names_is_in_the_docket(records: list[Record]) -> None:
    """Courts and cases nearly from the start, officers when all have been told."""
    for n, kinds in ((CLOSED, {"court", "case"}), (SIZE, {"court", "case", "officer"})):
        ids = {(record["record_type"], record["id"]) for record in records[:n]}
        found = Counter(name for record in records[:n] for name in named(record))
        assert {name for name in found if name[0] in kinds and name not in ids} == set()
        assert {kind for kind, _ in found} == {"court", "case", "officer"}


def test_oversight_and_disputes_keep_to_the_lines_of_courts(records: list[Record]) -> None:
    """A matter is about a case of the court that it names; the superior of a dispute is above both courts."""
    above = {record["id"]: record.get("superior_court_id") for record in records if record["record_type"] == "court"}
    courts = {record["id"]: record["court_id"] for record in records if record["record_type"] == "case"}
    for record in records:
        if record["record_type"] == "oversight" and "target_case_id" in record:
            assert courts[record["target_case_id"]] == record["target_court_id"]
        if record["record_type"] == "dispute" and "common_superior_id" in record:
            for court in record["court_ids"]:
                line = [court]
                while above[line[-1]] is not None:
                    line.append(above[line[-1]])
                assert record["common_superior_id"] in line[1:]


def test_numbers_are_exact(records: list[Record]) -> None:
    """Every number is an integer or a decimal (two digits of money, four of a ratio), and survives JSON."""
    numbers = [number for record in records[:1000] for number in leaves(record) if not isinstance(number, str | bool)]
    assert all(isinstance(number, int | Decimal) and number > 0 for number in numbers)
    assert {-number.as_tuple().exponent for number in numbers if isinstance(number, Decimal)} == {2, 4}  # type: ignore[operator]
    for record in records[:300]:
        assert json.loads(exact_json(record), parse_float=Decimal) == record


def leaves(value: object) -> Iterator[Any]:
    """Yield what is neither a list nor a mapping."""
    match value:
        case dict():
            for part in value.values():
                yield from leaves(part)
        case list():
            for part in value:
                yield from leaves(part)
        case _:
            yield value


def test_case_numbers_are_well_formed_and_unique(cases: list[Record]) -> None:
    """A number has the form of 法〔2015〕137号 and is given once."""
    numbers = [record["id"] for record in cases]
    assert [number for number in numbers if not NUMBER.fullmatch(number)] == []
    assert len(set(numbers)) == len(numbers)
    assert all(record["court_id"] in record["id"] for record in cases)


def test_the_courts_alone_are_those_of_the_docket(records: list[Record]) -> None:
    """`sample_courts` yields the courts of a docket, each once."""
    courts = [record for record in records if record["record_type"] == "court"]
    assert list(sample_courts(20211206)) == courts


def test_every_reference_names_something_in_the_record(records: list[Record]) -> None:
    """No event is about an asset, payment, party ... that the record does not list."""
    plurals = {"asset": "assets", "lead": "leads", "measure": "measures", "payment": "payments", "party": "parties"}
    plurals |= {"document": "documents", "request": "requests", "decision": "decisions"}
    plurals |= {"finding": "findings", "fund_item": "fund_items"}
    for record in records:
        for event in record["events"]:
            for kind in plurals.keys() & event.keys():
                assert event[kind] in {entity["id"] for entity in record[plurals[kind]]}
        for plural in plurals.values():
            names = [entity["id"] for entity in record.get(plural, ())]
            assert len(set(names)) == len(names)


def test_nothing_happens_after_the_export(records: list[Record]) -> None:
    """No event, and no bound of one, lies after the day of the export."""
    last = date.fromordinal(DOCKET_DAY).isoformat()
    for event in events(records):
        ends = event["at"].values() if isinstance(event["at"], dict) else [event["at"]]
        assert all(end[:10] <= last for end in ends)


def test_mix_of_case_types(cases: list[Record]) -> None:
    """First-time, resumed and other cases are 72 : 13 : 15."""
    types = Counter(record["type"] for record in cases)
    assert near(types["first_enforcement"], len(cases), 0.72)
    assert near(types["resumed_enforcement"], len(cases), 0.13)
    assert set(types) == set(figures.TYPE_CHARACTERS)


def test_claims_are_log_normal_with_a_heavy_tail() -> None:
    """Median 40 000, mean near 220 000, one in a thousand above 50 million (yuan)."""
    rng = Random("claims")  # noqa: S311 - chance, not secrecy
    claims = sorted(claim(rng) for _ in range(60_000))
    assert 3_900_000 < claims[30_000] < 4_100_000
    assert 18_000_000 < sum(claims) / 60_000 < 26_000_000
    assert near(sum(claim > 5_000_000_000 for claim in claims), 60_000, 0.001)
    # One and two standard deviations of the logarithm lie equally far on both sides of the median.
    for low, high in ((0.1587, 0.8413), (0.0228, 0.9772)):
        assert 0.85 < claims[int(low * 60_000)] * claims[int(high * 60_000)] / claims[30_000] ** 2 < 1.15


@pytest.mark.parametrize(
    ("plural", "shares"),
    [("assets", {0: 0.40, 1: 0.30, 2: 0.25, 5: 0.05}), ("payments", {0: 0.45, 1: 0.40, 2: 0.15})],
)
def test_how_many_there_are_in_a_case(courses: list[Record], plural: str, shares: dict[int, float]) -> None:
    """Assets 0 / 1 / 2-4 / 5 and more, payments 0 / 1 / 2-5; each key is the least number of its group."""
    groups = Counter(max(least for least in shares if least <= len(record.get(plural, ()))) for record in courses)
    for least, share in shares.items():
        assert near(groups[least], len(courses), share)


def test_listings_of_what_is_sold(courses: list[Record]) -> None:
    """One, two and three listings are 40 : 40 : 20; the third comes after a 变卖 has begun."""
    listings: Counter[int] = Counter()
    for record in courses:
        rounds: Counter[str] = Counter()
        for event in record["events"]:
            if event["type"] == "auction_concluded":
                rounds[event["asset"]] += 1
                listings[rounds[event["asset"]]] += event["result"] == "sold"
    sold = sum(listings.values())
    assert sold > 500
    assert near(listings[1], sold, 0.40, 0.02)
    assert near(listings[2], sold, 0.40, 0.02)


def test_how_cases_end(courses: list[Record]) -> None:
    """Paid or settled, 终本, others are 45 : 40 : 15."""
    ends = Counter(event["closing_method"] for event in events(courses, "case_closed"))
    closed = sum(ends.values())
    assert closed > 0.9 * len(courses)
    assert near(ends["fully_enforced"], closed, 0.45, 0.01)
    assert near(ends["terminated_pro_tem"], closed, 0.40, 0.01)
    assert near(ends["terminated"], closed, 0.15, 0.01)


def test_cases_that_change_court(courses: list[Record]) -> None:
    """One to two in a hundred."""
    assert near(sum(1 for _ in events(courses, "case_reassigned")), len(courses), figures.COURT_CHANGE, 0.002)


def test_how_exactly_events_are_dated(cases: list[Record]) -> None:
    """One event in ten by month only, one in ten by bounds; most of the others to the second, with an offset."""
    forms = Counter(form(event["at"]) for event in events(cases))
    total = sum(forms.values())
    assert near(forms["month"], total, 0.10, 0.01)
    assert near(forms["bound"], total, 0.10, 0.01)
    assert forms["exact"] > 0.45 * total
    stamps = [event["at"] for event in events(cases) if form(event["at"]) == "exact"]
    beijing = sum(stamp.endswith("+08:00") for stamp in stamps)
    assert 0.7 < beijing / len(stamps) < 0.9
    assert any(stamp.endswith("Z") for stamp in stamps)


def form(at: str | dict[str, str]) -> str:
    """Name the precision of an event time."""
    return "bound" if isinstance(at, dict) else {7: "month", 10: "day"}.get(len(at), "exact")


def test_events_on_days_off(cases: list[Record]) -> None:
    """Five to eight in a hundred, among the events whose day is known."""
    days = [event["at"][:10] for event in events(cases) if form(event["at"]) in {"day", "exact"}]
    rest = sum(not CALENDAR.is_working(date.fromisoformat(day).toordinal()) for day in days)
    assert 0.05 < rest / len(days) < 0.08


def test_facts_that_are_missing(cases: list[Record]) -> None:
    """One in ten of the facts that a file may lack."""
    facts = {
        "parties": ("type",),
        "assets": ("value", "online_controllable", "needs_realization", "seizure_rank"),
        "leads": ("provided_by", "specific", "urgent"),
        "payments": ("amount", "debtor_id", "formalities"),
    }
    known = [
        name in entity
        for record in cases
        for plural, names in facts.items()
        for entity in record.get(plural, ())
        for name in names
    ]
    assert all(set(names) <= set(figures.GAPS[plural]) for plural, names in facts.items())
    assert near(known.count(False), len(known), 0.10, 0.01)


def test_judgements_of_one_side(courses: list[Record]) -> None:
    """One judgement in ten has only a party behind it."""
    judgements = [
        lead[name]
        for record in courses
        for lead in record.get("leads", ())
        for name in ("specific", "urgent")
        if name in lead
    ]
    one_sided = sum(isinstance(fact, dict) and fact["by"] == "s1" for fact in judgements)
    assert near(one_sided, len(judgements), figures.ONE_SIDED)


def test_late_payouts(courses: list[Record]) -> None:
    """Twelve in a hundred before the Opinions, three after: notice in 10 and money in 5 working days."""
    late: dict[bool, list[bool]] = {False: [], True: []}
    for record in courses:
        if not disturbed(record):
            for days in payouts(record):
                late[days["arrived"] >= IN_FORCE].append(is_late(days))
    assert near(sum(late[False]), len(late[False]), figures.LATE_PAYOUT_BEFORE, 0.02)
    assert near(sum(late[True]), len(late[True]), figures.LATE_PAYOUT_AFTER, 0.01)


def disturbed(record: Record) -> bool:
    """Say whether the clocks of a record may stop, or its days are not all known."""
    stops = {"enforcement_suspended", "payout_obstacle_recorded", "deferral_ground_arose", "payment_dispute_raised"}
    return any(event["type"] in stops or form(event["at"]) not in {"day", "exact"} for event in record["events"])


def payouts(record: Record) -> Iterator[dict[str, int]]:
    """Yield the days of receipt, notice, its arrival and payout of each payment that went all the way."""
    steps = {"arrived": "funds_arrived", "noticed": "payment_notice_issued"}
    steps |= {"received": "payment_notice_received", "paid": "payment_disbursed"}
    for payment in record.get("payments", ()):
        days = {}
        for step, name in steps.items():
            at = [event["at"] for event in events([record], name) if event["payment"] == payment["id"]]
            if at:
                days[step] = date.fromisoformat(at[0][:10]).toordinal()
        if len(days) == len(steps):
            yield days


def is_late(days: dict[str, int]) -> bool:
    """Say whether either leg of a payout took too many working days (by the day as written, whatever its offset)."""
    notice = CALENDAR.working_days_between(days["arrived"], days["noticed"])
    return notice > 10 or CALENDAR.working_days_between(days["received"], days["paid"]) > 5


def test_acts_in_time_late_and_undone(courses: list[Record]) -> None:
    """Breaches are mixed in, and are few: the first query within 5 working days, late, and never."""
    fate: Counter[str] = Counter()
    for record in courses:
        if not disturbed(record):
            first = next(events([record], "online_query_initiated"), None)
            start = next(events([record], "case_materials_received"))
            fate["never" if first is None else "late" if query_days(start, first) > 5 else "in time"] += 1
    total = sum(fate.values())
    assert near(fate["late"], total, figures.LATE_ACT, 0.015)
    assert near(fate["never"], total, figures.LEFT_UNDONE, 0.01)


def query_days(start: Record, answer: Record) -> int:
    """Return the working days from one event to another."""
    days = [date.fromisoformat(event["at"][:10]).toordinal() for event in (start, answer)]
    return CALENDAR.working_days_between(*days)


# --- the words of the shipped rule set -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words() -> dict[str, Record]:
    """Return the declarations of the shipped vocabulary by section."""
    found: dict[str, Record] = {"entities": {}, "codes": {}, "variables": {}, "event_attributes": {}, "events": {}}
    for path in sorted((resource_dir("policies") / "vocabulary").glob("*.yaml")):
        declared = load_yaml(path.read_bytes(), str(path)).plain
        for section, names in found.items():
            names.update(declared.get(section) or {})
    return found


def codes_of(declared: object, words: dict[str, Record]) -> set[str] | None:
    """Return the codes of a declared type, or None if it has none."""
    values = declared.get("values") if isinstance(declared, dict) else declared if isinstance(declared, list) else None
    if isinstance(values, str):
        return set(words["codes"][values])
    return None if values is None else set(values)


def test_events_and_their_attributes_are_declared(records: list[Record], words: dict[str, Record]) -> None:
    """Every event type, attribute, reference and code of an event is in the vocabulary."""
    common = {"id", "type", "at", *words["event_attributes"]}
    wrong = set()
    for event in events(records):
        declared = words["events"].get(event["type"])
        if declared is None:
            wrong.add(event["type"])
            continue
        attributes = declared.get("attributes") or {}
        refers = declared.get("refers_to") or {}
        known = common | set(attributes) | set(refers) | set(refers.get("one_of", ()))
        wrong.update(f"{event['type']}.{name}" for name in event.keys() - known)
        wrong.update(foreign_codes(event, event["type"], attributes, words))
    assert wrong == set()


def test_entities_and_their_facts_are_declared(records: list[Record], words: dict[str, Record]) -> None:
    """Every list, fact and code of a record is in the vocabulary."""
    kinds = {entity.get("plural", f"{kind}s"): kind for kind, entity in words["entities"].items()}
    frame = {"record_type", "id", "since", "known_until", "timeline", "events", "events_in_order"}
    wrong: set[str] = set()
    for record in records:
        lists = {name for name in record if name in kinds}
        facts = {name: fact for name, fact in record.items() if name not in lists | frame}
        wrong.update(foreign_facts(facts, record["record_type"], words))
        for plural in lists:
            for entity in record[plural]:
                wrong.update(foreign_facts({k: v for k, v in entity.items() if k != "id"}, kinds[plural], words))
    assert wrong == set()


def foreign_facts(facts: Record, kind: str, words: dict[str, Record]) -> Iterator[str]:
    """Yield the facts that no variable declares or that only events may set, and the codes outside their lists."""
    declared = {name: words["variables"].get(f"{kind}.{name}") for name in facts}
    for name, variable in declared.items():
        if variable is None or variable["source"] in {"is", "events"}:
            yield f"{kind}.{name}"
    yield from foreign_codes(facts, kind, {name: variable for name, variable in declared.items() if variable}, words)


def foreign_codes(values: Record, owner: str, declared: Record, words: dict[str, Record]) -> Iterator[str]:
    """Yield the values of enumerated types that are outside their lists."""
    for name in values.keys() & declared.keys():
        codes = codes_of(declared[name], words)
        value = values[name]
        value = value.get("value") if isinstance(value, dict) else value
        if codes is not None:
            yield from (
                f"{owner}.{name}={code}"
                for code in (value if isinstance(value, list) else [value])
                if code not in codes
            )


# --- the rules and the docket ---------------------------------------------------------------------------------------
AS_OF = parse_as_of("2025-06-30")


@pytest.fixture(scope="module")
def program() -> Program:
    """Return the shipped rule set."""
    return load()


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> list[RawRecord]:
    """Return the beginning of a docket as the reader gives it."""
    path = tmp_path_factory.mktemp("docket") / "docket.ndjson"
    path.write_text("".join(exact_json(record) + "\n" for record in sample(APPLIED, 1)), encoding="utf-8")
    return [record for record in read_records([str(path)]) if isinstance(record, RawRecord)]


@pytest.fixture(scope="module")
def context(program: Program, given: list[RawRecord]) -> dict[tuple[str, str], Timeline]:
    """Return the docket as its own context."""
    found, problems = read_context(program, given)
    assert problems == []
    assert len(found) == len(given) == APPLIED
    return found


def test_a_docket_is_its_own_context(
    program: Program, given: list[RawRecord], context: dict[tuple[str, str], Timeline]
) -> None:
    """No record is rejected, and none gives a warning."""
    options = Options(select=frozenset({"A13.1", "A27.4", "A30.7", "A31.4", "A39.3", "A6.2", "A42.2"}))
    results = list(check(program, given, AS_OF, context=context, options=options))
    assert [str(problem) for result in results for problem in (*result.problems, *result.warnings)] == []
    fired = {finding.norm for result in results for finding in result.findings if finding.verdict != "not_triggered"}
    assert fired == options.select


def test_of_other_records_only_what_rules_read_is_held(
    program: Program, given: list[RawRecord], context: dict[tuple[str, str], Timeline]
) -> None:
    """Of a docket that is its own context a seventh of the events is held, and all findings are the same."""
    lean, problems = read_context(program, given, lean=True)
    held, all_of = (sum(len(t.events) for t in records.values()) for records in (lean, context))
    assert problems == []
    assert 0 < held < all_of / 7
    some = given[:: len(given) // 60]
    found = [[r.findings for r in check(program, some, AS_OF, context=records)] for records in (lean, context)]
    assert found[0] == found[1]


def test_nearly_every_norm_applies_to_something(
    program: Program, given: list[RawRecord], context: dict[tuple[str, str], Timeline]
) -> None:
    """Of the norms about cases and of the others, nine in ten find something to judge already in so few records."""
    silent = {norm.id: norm.record_type for norm in program.norms}
    all_of = Counter(silent.values())
    verdicts: set[str] = set()
    for raw in given:
        timeline = read_record(raw, program.vocabulary)
        near_by = {key: context[key] for key in set(named(raw.value)) if key in context}
        for norm in [norm for norm, kind in silent.items() if kind == timeline.record_type]:
            judged = judge_norm(program, timeline, AS_OF, norm, context=near_by)
            found = {str(one.finding.verdict) for one in judged} - {"not_triggered"}
            verdicts |= found
            if found:
                del silent[norm]
    left = Counter(silent.values())
    assert left["case"] <= 0.1 * all_of["case"], silent
    assert left.total() - left["case"] <= 0.1 * (all_of.total() - all_of["case"]), silent
    assert {"compliant", "late", "breached", "excused", "undetermined", "needs_review", "pending"} <= verdicts
