"""Compiled code gives the findings of the interpreter, byte for byte, and never takes a record that says more."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from plain_records import (
    DEMO,
    RECORDS,
    Record,
    compact,
    in_another_way,
    made,
    on_days,
    on_few_days,
    on_some_days,
    program,
)

from validator import check
from validator.authoring.policytest import posed
from validator.checker import Checker
from validator.compiling.compiled import CompiledProgram
from validator.compiling.decoding import LESSONS
from validator.compiling.habits import Habits
from validator.compiling.judges import sifted
from validator.compiling.plain import plain_norm
from validator.errors import InvalidRecord
from validator.facts.context import Context
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import Options, judge_record
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant, parse_as_of
from validator.limits import Limits
from validator.output.publishing import json_line
from validator.reading.intake import RawRecord, read_records
from validator.rules.rulebook import read_rules
from validator.sample import sample

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT / "tests" / "records" / "published"
LONG = 20_000
"""Made-up records from which on a run is a long one."""
QUIET = {Verdict.COMPLIANT, Verdict.NOT_TRIGGERED}


@cache
def compiled(
    as_of: Instant, *, shipped: bool = False, in_force: bool = False, taught: bool = False, ignoring: bool = False
) -> CompiledProgram:
    """Return a compiled program; ``taught``: it has seen enough records to know what is usual."""
    options = Options(assume_in_force=in_force)
    engine = CompiledProgram(program(shipped=shipped), as_of, options, Context({}), ignore_unknown_events=ignoring)
    if taught:
        assert list(engine.run([b"{}"] + [usual(n) for n in range(2 * LESSONS)], Tally(), whole=False))
    return engine


def usual(number: int) -> bytes:
    """Return a record as all others are, the events with one name for the item and without ids."""
    record = made(Random(number), 0.0)  # noqa: S311 - chance that can be repeated
    record["events"] = [
        {"item" if key == "item_id" else key: value for key, value in event.items() if key != "id"}
        for event in record["events"]
    ]
    return compact(record).encode()


knowing = pytest.mark.parametrize("taught", [False, True], ids=["untaught", "taught"])


def lines(findings: list[Finding]) -> list[str]:
    """Return findings as they are written."""
    return [json_line(f.as_json()) for f in findings]


def raw(text: str) -> RawRecord:
    """Return a record as the strict reader gives it."""
    return RawRecord("x", 1, "", json.loads(text, parse_float=Decimal), text)


RECEIVED_AT = "2022-01-07T12:00:00+08:00"


class Compared:
    """Judges records both ways and counts what was seen."""

    def __init__(self, engine: CompiledProgram) -> None:
        self.engine = engine
        self.verdicts: Counter[tuple[str, Verdict]] = Counter()
        self.tally = Tally()

    def compare(self, text: str, timeline: Timeline) -> None:
        """Demand the same findings, in both ways of asking for them."""
        engine = self.engine
        wanted = judge_record(engine.program, timeline, engine.as_of, context={}, options=engine.options)
        every = engine.judge(text.encode(), lambda: timeline, self.tally, all_findings=True)
        assert lines(every) == lines(wanted), text
        tally = Tally()
        told = engine.judge(text.encode(), lambda: timeline, tally)
        assert [x for x in told if x.verdict not in QUIET] == [x for x in wanted if x.verdict not in QUIET], text
        assert len(wanted) - len(told) == tally.compliant + tally.reasons.total(), text
        reasons = Counter(f.reason for f in wanted if f.verdict is Verdict.NOT_TRIGGERED)
        assert +tally.reasons == reasons - Counter(f.reason for f in told if f.reason), text
        fired = {f.norm for f in told if f.verdict is not Verdict.NOT_TRIGGERED} | tally.fired
        assert fired == {f.norm for f in wanted if f.verdict is not Verdict.NOT_TRIGGERED}, text
        self.verdicts.update((f.norm, f.verdict) for f in wanted)


# -- made-up records ---------------------------------------------------------------------------------------------------
@knowing
@pytest.mark.parametrize("slips", [0.0, 0.1])
@pytest.mark.parametrize("as_of", ["2022-03-01T12:00:00+08:00", "2022-12-31"])
def test_made_up_records(as_of: str, slips: float, *, taught: bool) -> None:
    """Every form that compiled code judges, each outcome of it, with and without gaps."""
    seen, as_others = (Compared(compiled(parse_as_of(as_of), taught=taught)) for _ in range(2))
    rng = Random(f"{as_of} {slips}")  # noqa: S311 - chance that can be repeated
    for number in range(RECORDS // 4):
        record = made(rng, slips)
        text = json.dumps(record, ensure_ascii=False) if rng.random() < 0.3 else compact(record)
        seen.compare(text, read_record(raw(text), program().vocabulary))
        if taught:
            text = usual(number).decode()
            as_others.compare(text, read_record(raw(text), program().vocabulary))
    reach = {f"A1.{n}" for n in (1, 2, 3, 4)}
    wanted = {(n.id, v) for n in program().norms for v in (Verdict.COMPLIANT, Verdict.BREACHED, Verdict.NOT_TRIGGERED)}
    wanted |= {(n, Verdict.LATE) for n in reach}
    if slips == 0:  # what is left: a clock that stops, an objection; never for an event that nobody looks at yet
        assert seen.tally.interpreted < 0.3 * seen.tally.compiled
    if slips == 0 and as_of.endswith("31"):
        assert wanted <= seen.verdicts.keys()
    assert min(seen.tally.compiled, seen.tally.interpreted) > 0


@knowing
@pytest.mark.parametrize("as_of", ["2022-03-01T12:00:00+08:00", "2022-12-31"])
def test_records_written_in_other_ways(as_of: str, *, taught: bool) -> None:
    """Escapes, blanks, another order of keys, times in other forms: compiled code finds what the interpreter does."""
    seen = Compared(compiled(parse_as_of(as_of), taught=taught))
    rng = Random(f"ways {as_of}")  # noqa: S311 - chance that can be repeated
    for _ in range(RECORDS // 4):
        text = in_another_way(
            rng, {**made(rng, 0.0), "note": rng.choice(("执行/复议", 'a "quoted"\nnote', "𠮷 1.50,"))}
        )
        seen.compare(text, read_record(raw(text.strip()), program().vocabulary))
    assert seen.tally.interpreted < 0.4 * seen.tally.compiled


@knowing
def test_a_short_offset_is_told_as_it_stands(*, taught: bool) -> None:
    """Also where another time beside it makes up for what it lacks."""
    seen = Compared(compiled(parse_as_of("2022-12-31"), taught=taught))
    for offset in ("+0800", "+08:00"):
        short = f'"at":"2022-01-07T12:00:00{offset}","type":"received","amount":500,"way":"post"'
        text = with_events(f'{short},"recorded_at":"{NOON}"', before='"note":"x","items":[],"papers":[]')
        seen.compare(text, read_record(raw(text), program().vocabulary))
    assert seen.tally.compiled > 0


@pytest.mark.parametrize("change", [on_days, on_some_days], ids=["days", "some days"])
def test_days_settle_what_they_can(change: Callable[[Random, Record], Record]) -> None:
    """Of records with days for times only terms in hours, and what happened on one day, are left to the interpreter."""
    seen = Compared(compiled(parse_as_of("2022-12-31T12:00:00+08:00")))
    rng = Random(f"days {change.__name__}")  # noqa: S311 - chance that can be repeated
    for _ in range(RECORDS // 4):
        text = compact(change(rng, made(rng, 0.0)))
        seen.compare(text, read_record(raw(text), program().vocabulary))
    assert {v for _, v in seen.verdicts} >= {Verdict.COMPLIANT, Verdict.BREACHED, Verdict.LATE}
    assert 0 < seen.tally.interpreted < 0.7 * seen.tally.compiled


def test_acts_on_the_day_of_their_trigger() -> None:
    """Many events on few days, or at one moment, with now and then another time among them."""
    seen = Compared(compiled(parse_as_of("2022-12-31T12:00:00+08:00")))
    rng = Random(17)  # noqa: S311 - chance that can be repeated
    assumed = 0
    for _ in range(RECORDS // 2):
        record = on_few_days(rng, made(rng, 0.0))
        record["events"] = rng.sample(record["events"], min(len(record["events"]), rng.randrange(2, 6)))
        record |= {"events_in_order": True} if rng.random() < 0.1 else {}
        text = compact(record)
        timeline = read_record(raw(text), program().vocabulary)
        if timeline.warnings:  # an event that stands twice is told by the strict reader
            continue
        seen.compare(text, timeline)
        assumed += sum(bool(f.assumed) for f in judge_record(program(), timeline, seen.engine.as_of))
    assert assumed > RECORDS // 50
    assert 0 < seen.tally.interpreted < 0.5 * seen.tally.compiled


ON_ONE_DAY = {
    "an answer": (["received 07", "answered 07"], True, True),
    "an answer that is listed first": (["answered 07", "received 07"], True, True),
    "another answer in time": (["received 07", "answered 07", "answered 08"], False, True),
    "another answer too late": (["received 07", "answered 07", "answered 17"], True, True),
    "another kind of answer in time": (["received 07", "answered 07", "closed 09"], False, True),
    "two answers": (["received 07", "answered 07", "closed 07"], True, False),
    "an answer on the next day": (["received 07", "answered 08"], False, True),
}


@pytest.mark.parametrize("clock", ["", "T09:00:00+08:00"], ids=["days", "moments"])
@pytest.mark.parametrize("case", ON_ONE_DAY)
def test_the_presumption_about_one_day(case: str, clock: str) -> None:
    """An answer on the day of the receipt is in time; it is told as assumed unless a later one in time makes sure."""
    events, assumed, plain = ON_ONE_DAY[case]
    listed = [dict(zip(("type", "at"), e.replace(" ", " 2022-02-").split(), strict=True)) for e in events]
    for event in listed:
        event["at"] += clock
    record = {"record_type": "matter", "id": "m1", "kind": "plain", "firm": False, "items": [], "events": listed}
    as_of, options, tally, text = parse_as_of("2022-12-31"), Options(frozenset({"A1.1"})), Tally(), compact(record)
    timeline = read_record(raw(text), program().vocabulary)
    engine = CompiledProgram(program(), as_of, options, Context({}))
    found = engine.judge(text.encode(), lambda: timeline, tally, all_findings=True)
    assert [(f.verdict, f.assumed) for f in found] == [(Verdict.COMPLIANT, ("same_day",) if assumed else ())]
    assert (tally.interpreted == 0) is plain
    assert lines(found) == lines(judge_record(program(), timeline, as_of, options=options))


@pytest.mark.parametrize(
    "at", ["0001-01-01", "0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00", "2050-02-07", "9999-12-31"]
)
@pytest.mark.parametrize("as_of", ["0001-01-01", "2022-12-31", "9999-12-31"])
def test_the_ends_of_time(as_of: str, at: str) -> None:
    """Receipts and answers on one day, and on later ones, at the beginning of the calendar and far beyond today."""
    seen = Compared(compiled(parse_as_of(as_of)))
    for later in (at, "2022-02-09T08:00:00+08:00", "2061-03-01", "9999-12-31T23:59:59+08:00"):
        events = [{"type": "received", "at": at}, {"type": "answered", "at": later}]
        for listed in (events, events[::-1]):
            record = {"record_type": "matter", "id": "m1", "kind": "urgent", "firm": True, "events": listed}
            text = compact(record)
            seen.compare(text, read_record(raw(text), program().vocabulary))


@knowing
@pytest.mark.parametrize("as_of", ["2022-03-01T12:00:00+08:00", "2022-12-31"])
def test_records_with_a_few_events_without_a_time_of_their_own(as_of: str, *, taught: bool) -> None:
    """Only norms that look at such an event are left to the interpreter: coarse, or tied."""
    seen = Compared(compiled(parse_as_of(as_of), taught=taught))
    rng = Random(9)  # noqa: S311 - chance that can be repeated
    for _ in range(RECORDS // 4):
        record = made(rng, 0.0)
        events = record["events"]
        for event in rng.sample(events, min(len(events), rng.randrange(3))):
            at = event["at"]
            forms = (at[:10], at[:7], at[:4], at[:16], at[:19], at.replace("T", " "), {"not_before": at[:10]},
                     at[:19] + "Z", at[:19] + ".500000+08:00", "unknown",
                     {"not_before": at, "not_after": at})  # fmt: skip
            event["at"] = rng.choice(forms)
        if events and rng.random() < 0.4:
            events.append({**rng.choice(events), "at": rng.choice(events)["at"], "id": "twin"})
        if rng.random() < 0.2:
            rng.shuffle(events)
        if rng.random() < 0.1:
            record["note"] = 'with "quotes" and 1.5 points'
        text = compact(record) + rng.choice(("", " ", "\t"))
        seen.compare(text, read_record(raw(text.strip()), program().vocabulary))
    verdicts = {v for _, v in seen.verdicts}
    assert verdicts >= {Verdict.BREACHED, Verdict.LATE, Verdict.COMPLIANT, Verdict.UNDETERMINED}
    assert seen.tally.compiled > 0.5 * seen.tally.interpreted > 0  # an event more or less touches a third of the norms


def test_one_record_leaves_nothing_to_the_next() -> None:
    """Which norms are left to the interpreter is found for each record alone."""
    engine, shares = compiled(parse_as_of("2022-12-31")), []
    received: Record = {"type": "received", "at": RECEIVED_AT, "way": "post"}
    found: Record = {"type": "found", "at": RECEIVED_AT, "item": "i"}
    for event in (received, found, received):  # the amount is missing, then whether the item is free
        record = {"record_type": "matter", "id": "m", "kind": "plain", "place": "x", "items": [{"id": "i"}]}
        text = compact({**record, "events": [event]})
        timeline, tally = read_record(raw(text), program().vocabulary), Tally()
        engine.judge(text.encode(), partial(lambda read: read, timeline), tally)
        shares.append(tally.interpreted)
    assert shares == [1, 1, 1]


def test_a_refused_record_is_not_counted_as_judged() -> None:
    """A coarse date is for the strict reader, which may refuse the record for something else."""
    events = [{"type": "answered", "at": "2022-01"}, {"type": "held", "at": "2022-01-08T12:00:00+08:00", "item": "i"}]
    good = {"record_type": "matter", "id": "m", "items": [{"id": "i"}], "papers": [], "events": events}
    checker = Checker(program(), parse_as_of("2022-12-31"))
    tally = Tally()
    result = checker.check(compact(good).encode(), tally=tally)
    assert result is not None
    assert not result.rejected
    assert min(tally.compiled, tally.interpreted) > 0
    assert tally.reasons
    tally = Tally()
    result = checker.check(compact(good).replace('"id":"m"', '"id":"m","id":"m"').encode(), tally=tally)
    assert result is not None
    assert [p.code for p in result.problems] == ["duplicate-key"]
    assert tally == Tally()


def test_a_number_beyond_the_limit_of_digits_is_refused() -> None:
    """Limits that are lower than usual hold for plain records too, wherever the number stands."""
    events = [{"type": "received", "at": "2022-01-08T12:00:00+08:00", "amount": 123456}]
    record = {"record_type": "matter", "id": "m", "items": [{"id": "i"}], "events": events}
    for digits, refused in ((5, True), (6, False), (18, False)):
        checker = Checker(program(), parse_as_of("2022-12-31"), limits=Limits(digits=digits))
        result = checker.check(compact(record).encode())
        assert result is not None
        assert [p.code for p in result.problems] == (["too-many-digits"] if refused else []), digits


NUMBERS = [
    *(f"{whole}.{'0' * zeros}" for whole in (1, 5, 50, 123456789012345) for zeros in (1, 2, 3, 15, 16, 17, 18, 19, 30)),
    *(f"{whole}.{tenths}{'0' * zeros}" for whole in (0, 7, 66) for tenths in (1, 25) for zeros in (14, 15, 16, 17, 18)),
    *(f"0.{'0' * zeros}12345678901234567" for zeros in range(8)),
    *(f"{mantissa}e{power}" for mantissa in ("1", "1.5", "5.0", "1.00000000000000000", "1.000000000000000000", "0")
      for power in (0, 1, 16, 17, 18, 19, -1, -5, -6, -17, -18, -19, -300)),
    *(digits * times for digits in "19" for times in (16, 17, 18, 19, 20)),
    "0.1234567890123456", "0.12345678901234567", "0.123456789012345678", "12345678901234567.0", "1234567890123456.5",
    "999999999999999999.0", "123456789012345680.0", "0.00001", "1E-5", "1E16", "-0", "-0.0", "-1.5",
]  # fmt: skip
TIMES = ("2022-01-07T12:00:00+08:00", "2022-01-07T12:00:00", "2022-01-07", "2022-01")


@knowing
@pytest.mark.parametrize("at", TIMES)
def test_numbers_of_any_length_are_refused_or_read_alike(at: str, *, taught: bool) -> None:
    """Whether a number is taken depends on its digits, however it is written, and not on the engine."""
    engine, refused = compiled(parse_as_of("2022-12-31"), taught=taught), Counter[str]()
    forms = (
        '{{"record_type":"matter","id":"m","place":"x","limit":{},"items":[],"papers":[],"events":[{}]}}',
        '{{"record_type":"matter","limit": {},"id":"m","items":[],"papers":[],"events":[{}]}}',
        '{{"record_type":"matter","id":"m","items":[],"papers":[],"note":"e-mail 0.0","limit":{},"events":[{}]}}',
    )
    for number in NUMBERS:
        for form in forms:
            text = form.format(number, f'{{"type":"received","at":"{at}","amount":500,"way":"post","whole":true}}')
            (found,) = read_text(text)
            timeline = None
            with suppress(InvalidRecord):
                timeline = read_record(found, program().vocabulary) if isinstance(found, RawRecord) else None
            if timeline is None:
                assert asks(engine, text), text
            else:
                Compared(engine).compare(text, timeline)
            refused["" if timeline else number] += 1
    assert {"1.000000000000000000", "0.012345678901234567", "1e-19"} <= refused.keys()
    assert refused[""] > 100


def test_every_norm_of_the_plain_rule_set_is_plain() -> None:
    """The rule set has no norm that would hide what compiled code does."""
    assert [n.id for n in program().norms if plain_norm(program(), n).norm is not n] == []


def test_norms_before_their_issue() -> None:
    """What came before the issue is not judged, unless norms are taken to have been in force."""
    record = {"record_type": "matter", "id": "m", "items": [], "papers": [], "events": [
        {"type": "received", "at": "2022-01-04T23:59:59+08:00", "amount": 1, "way": "post"},
        {"type": "received", "at": "2022-01-05T00:00:00+08:00", "amount": 1, "way": "post"},
    ]}  # fmt: skip
    text = compact(record)
    timeline = read_record(raw(text), program().vocabulary)
    for in_force, count in ((False, 1), (True, 2)):
        engine = compiled(parse_as_of("2022-12-31"), in_force=in_force)
        Compared(engine).compare(text, timeline)
        found = engine.judge(text.encode(), lambda: timeline, Tally())
        assert [f.norm for f in found if f.verdict is Verdict.BREACHED] == ["A1.1"] * count


def test_a_figure_is_set_from_its_first_day_on() -> None:
    """The demonstration sets its figures when the law was issued; whatever is judged before waits for one."""
    event = {"type": "asset_controlled", "at": "2020-08-03", "asset": "a", "channel": "offline"}
    text = compact({"record_type": "case", "id": "c", "assets": [{"id": "a"}], "events": [event]})
    seen = Compared(compiled(parse_as_of("2022-12-31"), shipped=True, in_force=True))
    seen.compare(text, read_record(raw(text), program(shipped=True).vocabulary))
    assert seen.verdicts["A14.3", Verdict.NEEDS_REVIEW] == 1


def test_a_norm_with_versions_that_is_not_triggered() -> None:
    """It has one finding, with the title of its first version."""
    laws = read_rules([str(ROOT / "tests" / "data" / "laws")]).program
    (norm, *versions) = next(norms for norms in laws.by_id.values() if len(norms) > 1)
    assert norm.title != versions[0].title
    seen = Compared(CompiledProgram(laws, parse_as_of("2022-12-31"), Options(), Context({})))
    text = compact({"record_type": norm.record_type, "id": "m", "events": []})
    seen.compare(text, read_record(raw(text), laws.vocabulary))
    assert seen.verdicts[norm.id, Verdict.NOT_TRIGGERED] == 1
    assert seen.tally.compiled > 0


def test_an_event_without_a_type_is_refused_where_one_type_is_usual() -> None:
    """However many records had events of no other type, an event has to say which it is."""
    engine = CompiledProgram(program(), parse_as_of("2022-12-31"), Options(), Context({}))
    text = with_events(f'"type":"noted","at":"{NOON}"').encode()
    assert list(engine.run([text] * (2 * LESSONS), Tally(), whole=True))
    with pytest.raises(LookupError):
        engine.judge(text.replace(b'"type":"noted",', b""), unread, Tally())
    assert engine.judge(text, unread, Tally(), all_findings=True)


def test_shipped_norms_on_a_docket() -> None:
    """The shipped rules, with the demonstration's figures, on records of all kinds."""
    seen = Compared(compiled(parse_as_of("2025-06-30"), shipped=True))
    for record in sample(12, 3):
        text = json_line(record)
        value = json.loads(text, parse_float=Decimal)
        timeline = read_record(RawRecord("x", 1, "", value, text), program(shipped=True).vocabulary)
        seen.compare(text, timeline)


def to_the_second(record: Record) -> Record:
    """Return a record with an hour and a minute of its own for every event that has only a day, in their order."""
    events = [dict(event) for event in record.get("events", ())]
    for number, event in enumerate(events):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", str(event.get("at"))):
            event["at"] += f"T{9 + number // 60:02}:{number % 60:02}:00+08:00"
    return {**record, "events": sorted(events, key=lambda event: str(event.get("at")))}


def test_examples_of_plain_norms() -> None:
    """Each norm of the law that is plain by form, on its own examples: as they are written, and with exact times.

    Examples lie on both sides of the last instant, so they ask where a made-up record rarely does.  The long form asks
    them all, the short one a third of them.
    """
    rules = read_rules((), parameters=[DEMO])
    plain = [found.norm for found in sifted(rules.program, rules.program.norms)[0]]
    verdicts, tally = Counter[tuple[str, Verdict]](), Tally()
    examples = [(norm, list(rules.examples(norm))) for norm in plain]
    if RECORDS < LONG:
        examples = [(norm, every[n % 3 :: 3]) for n, (norm, every) in enumerate(examples)]
    for norm, example in ((norm, example) for norm, every in examples for example in every):
        asked = posed(rules.program, norm, example)
        seen = Compared(CompiledProgram(asked.program, asked.as_of, asked.options, Context(asked.context)))
        for record in (asked.raw.value, to_the_second(asked.raw.value)):
            text = json_line(record)
            seen.compare(text, read_record(raw(text), asked.program.vocabulary))
        verdicts += seen.verdicts
        tally.compiled += seen.tally.compiled
        tally.interpreted += seen.tally.interpreted
    assert len({norm for norm, _ in verdicts}) == len(plain) >= 30
    assert {verdict for _, verdict in verdicts} >= {Verdict.COMPLIANT, Verdict.LATE, Verdict.BREACHED, Verdict.PENDING}
    assert tally.compiled > 0.2 * tally.interpreted  # what is coarse in an example, or stops a clock, is interpreted


def test_published_matters() -> None:
    """The published matters, as if the norms had been in force."""
    seen = Compared(compiled(parse_as_of("2024-01-01"), shipped=True, in_force=True))
    for record in read_records([PUBLISHED]):
        assert isinstance(record, RawRecord)
        seen.compare(record.text.strip(), read_record(record, program(shipped=True).vocabulary))
    assert seen.verdicts.total() > 1000


# -- what is not plain -------------------------------------------------------------------------------------------------
NOON = "2022-01-07T12:00:00+08:00"
EVENTS = f'"events":[{{"type":"received","at":"{NOON}"}}]'
ITEM = '"items":[{"id":"i"}]'


def with_events(*events: str, before: str = ITEM) -> str:
    """Return the text of a record with these events (their members)."""
    members = ",".join("{" + e + "}" for e in events)
    return f'{{"record_type":"matter","id":"m",{before},"events":[{members}]}}'


def with_facts(facts: str) -> str:
    """Return the text of a record with these members."""
    return f'{{"record_type":"matter","id":"m",{facts},{EVENTS}}}'


NOTED = f'"type":"noted","at":"{NOON}"'
FOUND = f'"type":"found","at":"{NOON}"'
ODD = {
    "no record type": f'{{"id":"m",{EVENTS}}}',
    "an empty record type": f'{{"record_type":"","id":"m",{EVENTS}}}',
    "a key twice in the record": with_facts('"place":"x","place":"x"'),
    "a key twice in an event": with_events(f'{NOTED},"at":"{NOON}"'),
    "a key twice, one escaped": with_facts('"place":"x","pl\\u0061ce":"x"'),
    "a key twice, blanks between": with_facts('"place" :"x", "place" : "x"'),
    "a key twice, short fractions beside it": with_events(
        *(f'"type":"noted","at":"2022-01-07T10:00:0{i}.5+08:00"' for i in range(9)), before='"place":"","place":""'
    ),
    "a key twice, once with nothing": with_facts('"place":null,"place":"x"'),
    "a key twice, made up for by escaped quotes": with_facts('"place":"x","place":"a\\u0022b\\u0022c"'),
    "a key twice, letters escaped": with_facts('"note":"\\u6267","note":"\\u6267"'),
    "a key twice in another order": with_events('"at":"2022-01-07T10:00:00","type":"noted","at":"2022-01-07T10:00:00"'),
    "a key twice beside a fraction": with_facts('"limit":1.50,"limit":1.5'),
    "a fraction with too many digits in a number": with_facts('"limit":1.' + "0" * 2000),
    "a number that is far too small": with_facts('"limit":1e-5000'),
    "half of a surrogate pair": with_facts('"place":"\\ud840"'),
    "a vague event twice": with_events(*['"type":"noted","at":"2022-01"'] * 2),
    "an unknown item after the judgement": with_events('"type":"found","at":"2024-01-07","item":"j"'),
    "an unknown item some day": with_events('"type":"found","at":"2022-01","item":"j"'),
    "an id twice, once after the judgement": with_events(
        f'{NOTED},"id":"e"', '"type":"noted","at":"2024-01-08","id":"e"'
    ),
    "no time": with_events('"type":"noted","at":"2022-01-07T25:00:00"'),
    "a number that is too long": with_facts('"limit":1000000000000000000'),
    "an id twice": with_facts('"items":[{"id":"i"},{"id":"i"}]'),
    "an empty id": with_facts('"items":[{"id":""}]'),
    "a blank record id": f'{{"record_type":"matter","id":"  ",{EVENTS}}}',
    "a blank record id without events": '{"record_type":"matter","id":"  ","events":[]}',
    "a name twice in the provenance": with_facts('"provenance":{"a":"x","a":"x"}'),
    "a number in the provenance that is too long": with_facts('"provenance":{"a":1000000000000000000}'),
    "a provenance that is nested too deeply": with_facts('"provenance":' + '{"a":' * 100 + "1" + "}" * 100),
    "an unknown timeline": with_facts('"timeline":"whole"'),
    "a paper about an unknown item": with_facts('"items":[{"id":"i"}],"papers":[{"id":"p","item_id":"j"}]'),
    "a paper about unknown items": with_facts('"items":[{"id":"i"}],"papers":[{"id":"p","item_ids":["i","j"]}]'),
    "an unknown main item": with_facts('"items":[],"main_item_id":"i"'),
    "a time of entry that is none": with_events(f'{NOTED},"recorded_at":"yesterday"'),
    "a time of an event that is none": with_events(f'"type":"moved","at":"{NOON}","known_on":"2022-13"'),
    "a day that is none": with_facts('"items":[{"id":"i","made_on":"2022-02-30"}]'),
    "days one of which is none": with_facts('"items":[{"id":"i","seen_on":["2022-02-03","2022"," 2022"]}]'),
    "an event id twice": with_events(f'{NOTED},"id":"e"', '"type":"noted","at":"2022-01-08T10:00:00+08:00","id":"e"'),
    "an unknown item": with_events(f'{FOUND},"item":"j"'),
    "no item": with_events(FOUND),
    "two items": with_events(f'{FOUND},"item":"i","item_id":"j"', before='"items":[{"id":"i"},{"id":"j"}]'),
    "an unknown word": with_facts('"kind":"palin"'),
    "an unknown key": with_facts('"palce":"x"'),
    "a small t in a time": with_events('"type":"noted","at":"2022-01-07t10:00:00+08:00"'),
    "a small z in a time": with_events('"type":"noted","at":"2022-01-07T10:00:00z"'),
    "an offset that is nowhere": with_events('"type":"noted","at":"2022-01-07T10:00:00+23:00"'),
    "a fraction with too many digits": with_events('"type":"noted","at":"2022-01-07T10:00:00.00000001+08:00"'),
    "a time before the year 1": with_events('"type":"noted","at":"0001-01-01T00:00:00+14:00"'),
    "a time after the year 9999": with_events('"type":"noted","at":"9999-12-31T23:59:59-05:00"'),
    "a name twice, made up for by short offsets": with_events(
        *(f'"type":"noted","at":"2022-01-07T10:00:0{i}+0800"' for i in range(9)), before='"place":"xyzx","place":"xyz"'
    ),
    "an impossible day": with_events('"type":"noted","at":"2022-02-30T10:00:00+08:00"'),
    "a wrong type": with_facts('"limit":"3"'),
    "a number below its bound": with_facts('"limit":-1'),
    "none of two references": with_events(f'"type":"objected","at":"{NOON}","valid":true'),
    "a reference that dangles": with_events(f'"type":"noted","at":"{NOON}","paper":"p9"'),
    "an unknown type": with_events(f'"type":"recieved","at":"{NOON}"'),
}


@knowing
@pytest.mark.parametrize("what", ODD)
def test_what_the_strict_reader_refuses_never_passes(what: str, *, taught: bool) -> None:
    """A record that is not plain goes to the strict reader, whatever compiled code might have made of it."""

    class Asked(Exception):  # noqa: N818 - a mark, no error
        pass

    def read() -> Timeline:
        raise Asked

    with pytest.raises(Asked):
        compiled(parse_as_of("2022-12-31"), taught=taught).judge(ODD[what].encode(), read, Tally())


@knowing
def test_slips_of_the_pen_in_records(*, taught: bool) -> None:
    """Of records with a character changed, none that the strict reader refuses is judged by compiled code."""
    engine = compiled(parse_as_of("2022-12-31"), taught=taught)
    rng = Random(5)  # noqa: S311 - chance that can be repeated
    seen: Counter[str] = Counter()
    for _ in range(RECORDS):
        record = json.loads(usual(rng.randrange(RECORDS))) if taught else made(rng, 0.0)
        text = compact(record) if rng.random() < 0.5 else in_another_way(rng, record)
        place = rng.randrange(len(text))
        text = (text[:place] + rng.choice('"{}[]:,x0 \\.-Tt+e') + text[place + rng.randrange(2) :]).strip()
        try:
            found = list(read_text(text))  # more than one: what is wrong with an array and its members
            first = found[0] if len(found) == 1 else None
            timeline = read_record(first, program().vocabulary) if isinstance(first, RawRecord) else None
        except InvalidRecord:
            timeline = None
        if timeline is None:
            with pytest.raises(LookupError):
                engine.judge(text.encode(), unread, Tally())
        else:
            Compared(engine).compare(text, timeline)
        seen["refused" if timeline is None else "read"] += 1
    assert min(seen.values()) > 50


def test_limits_hold_for_plain_records() -> None:
    """A line at the limit is judged, one byte more is refused; so with the number of events."""
    text = compact(made(Random(4), 0.0)).encode()  # noqa: S311 - chance that can be repeated
    events = text.count(b'"at":')
    assert events > 1
    for limits, refused in (
        (Limits(line_bytes=len(text), events=events), []),
        (Limits(line_bytes=len(text) - 1), ["line-too-long"]),
        (Limits(events=events - 1), ["too-many-events"]),
    ):
        result = Checker(program(), parse_as_of("2022-12-31"), limits=limits).check(text)
        assert result is not None
        assert [p.code for p in result.problems] == refused


NO_RECORDS = (
    b'{"id":' + b"[" * 100_000,
    b'{"id":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    b'{"record_type":"matter","id":"\xb0\xb8","events":[]}',
    b'{"record_type":"matter","id":"\xed\xa0\x80","events":[]}',
    b"\xff\xfe{",
    b"",
    b"\0",
    b"[]",
    b"1",
    b"{}",
    b'{"events":[]}',
    b'{"events":[[]]}',
    b'{"events":[{"type":"unheard"}]}',
    b'{"record_type":[],"events":[{"type":"unheard"}]}',
)
ignored = pytest.mark.parametrize("ignoring", [False, True], ids=["known", "ignoring"])


@ignored
@pytest.mark.parametrize("data", NO_RECORDS)
def test_bytes_that_are_no_record(data: bytes, *, ignoring: bool) -> None:
    """What is no JSON, no UTF-8 or far too deep goes to the strict reader, without an exception on the way."""
    with pytest.raises(LookupError):
        compiled(parse_as_of("2022-12-31"), ignoring=ignoring).judge(data, unread, Tally())


@ignored
@knowing
def test_changed_bytes(*, taught: bool, ignoring: bool) -> None:
    """Of records with a byte changed, none raises anything but the question for the strict reader."""
    engine = compiled(parse_as_of("2022-12-31"), taught=taught, ignoring=ignoring)
    rng = Random(6)  # noqa: S311 - chance that can be repeated
    asked = 0
    for _ in range(RECORDS):
        data = bytearray(compact(made(rng, 0.0)).encode())
        data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            engine.judge(bytes(data), unread, Tally())
        except LookupError:
            asked += 1
    assert asked > RECORDS / 2


def unread() -> Timeline:
    """Say that the strict reader is asked."""
    raise LookupError


def asks(engine: CompiledProgram, text: str) -> bool:
    """Say whether the strict reader is asked about a record."""
    try:
        engine.judge(text.encode(), unread, Tally())
    except LookupError:
        return True
    return False


def read_text(text: str) -> Iterator[Any]:
    """Read one line as `check` does."""
    import io  # noqa: PLC0415 - only here

    yield from read_records(["-"], io.BytesIO(text.encode() + b"\n"))


def test_what_is_usual_is_proved_by_comparing() -> None:
    """A taught engine takes usual records as they are, with blanks too; a key twice is never taken for usual."""
    engine = compiled(parse_as_of("2022-12-31"), taught=True)
    read = 0
    for number in range(200):
        line = usual(number)
        doubled = line.replace(b'"id":"m1",', b'"id":"m1","id":"m1",', 1)
        spaced = json.dumps(json.loads(line), ensure_ascii=False).encode()
        told = engine.run([line, spaced, doubled], Tally(), whole=True)
        places = {place for place, plain in told if plain is not None and plain.proved}
        assert places in ({0, 1}, set())
        read += len(places)
    assert read > 300


def test_keys_are_usual_in_the_order_in_which_they_stand() -> None:
    """An optional key is placed by those that it ever stands behind, whatever came to be known first."""
    parts = ('"place":"x",', '"firm":true,', '"limit":5,')
    shown = [(parts[1],), (parts[2],), (parts[0], parts[1]), (parts[1], parts[2]), parts]
    texts = [f'{{"record_type":"matter","id":"m1",{"".join(some)}"events":[]}}' for some in shown]
    habits = Habits(text.encode() for text in texts)
    assert habits.usual(("record",), ["events", "firm", "id", "limit", "place"]) == [
        "id", "place", "firm", "limit", "events",
    ]  # fmt: skip
    swapped = [texts[-1].replace("".join(parts), "".join(reversed(parts))).encode(), texts[-1].encode()]
    assert set(Habits(swapped).usual(("record",), ["limit", "place"])) == {"limit", "place"}


def test_the_source_can_be_read() -> None:
    """The code names its event types and norms, and holds no value that came from a record."""
    for record_type, source in compiled(parse_as_of("2022-12-31")).sources():
        assert record_type == "matter"
        assert re.search(r"# A1\.3", source)
        assert re.search(r"(if k < \d+|else):\n +# let_go\n", source)


@pytest.mark.parametrize("engine", ["checker", "interpreter"])
def test_threads_may_share_rules(engine: str) -> None:
    """A service judges many records at once: each gets its own findings."""
    rng = Random(21)  # noqa: S311 - chance that can be repeated
    texts = [compact({**made(rng, 0.05), "id": f"m{number}"}).encode() for number in range(120)]
    checker, as_of = Checker(program(), parse_as_of("2022-12-31")), parse_as_of("2022-12-31")

    def judged(text: bytes) -> list[str]:
        if engine == "interpreter":
            return lines(list(check(program(), text, as_of).findings))
        result = checker.check(text, all_findings=True)
        return [] if result is None else lines(list(result.findings))

    wanted = [judged(text) for text in texts]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(judged, texts * 5)) == wanted * 5
    finally:
        sys.setswitchinterval(switching)
