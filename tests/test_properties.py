"""Verdicts keep their promises on random records.

Every record is drawn for one to three norms of a rule set: of ``data/laws``, which uses every form of the record
language, of ``data/leads``, where dues become known later than clocks start, and of the shipped articles.  The
promises (record language, sections 4, 6 and 13):

- whatever fills the gaps of a record, its verdict is among those that were said to be possible;
- ``assumed: same_day`` stands exactly where the order within one day matters;
- the order of the lists, and events that no norm looks at, change nothing;
- as time passes, the verdict of a complete and exact record takes only the course that the language allows, and no
  breach begins before a moment as of which there was none;
- a judgement stands until the moment that it says, and while other records answer what was asked of them;
- a reminder is due by what was known day by day (a second, slow way to find when).

The seeds are fixed; a failure names its seed and shows the smallest record found that fails.  More records::

    PROPERTY_RECORDS=20000 PROPERTY_SEED=1000000 pytest -n auto tests/test_properties.py

draws so many records a rule set (each in a share of the time), from that seed on.
"""

import copy
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_deadline import read_notices
from property_checks import Found, Judgement, contradictions, decidable, instants_of, raw, smallest, strays
from records_strategy import (
    Case,
    Maker,
    coarsen,
    complete,
    has_tie,
    number,
    share_of_coarse,
    shuffled,
    truth,
    world_of,
)

from validator.authoring.policytest import run_examples
from validator.batch.forms import View, encode
from validator.batch.page import page_of
from validator.engine import RecordResult, read_context
from validator.expressions import evaluation
from validator.expressions import expression as x
from validator.facts.asked import AskedContext, answers_digest
from validator.facts.context import Context
from validator.facts.record import read_record
from validator.facts.timeline import Upstream
from validator.facts.vocabulary import Variable
from validator.judging.finding import VIOLATIONS, Finding, Verdict
from validator.judging.interpreter import Options, judge_record
from validator.judging.scribe import Scribe
from validator.legal_time.deadline import Period, Unit
from validator.legal_time.instant import BEGIN, END, LAST, day_end, day_of, format_instant
from validator.legal_time.watched import Watched
from validator.resources import resource_dir
from validator.rules.program import By, EventTrigger, Every, Norm, Pattern, Program, expressions_of, leaves
from validator.rules.rulebook import RuleBook, read_rules

DAYS = (Unit.DAYS, Unit.WORKING_DAYS)
NOTICES = read_notices()
LAWS = str(Path(__file__).parent / "data" / "laws")
LEADS = str(Path(__file__).parent / "data" / "leads")
SHIPPED = str(resource_dir("policies"))
CHUNKS = 4
RECORDS = int(os.environ.get("PROPERTY_RECORDS", "0"))
SEED = int(os.environ.get("PROPERTY_SEED", "1"))
SHORT = {LAWS: 600, LEADS: 400, SHIPPED: 240}
COMPLETIONS = 3
POINTS = 40  # instants, one after the other, at which the course of one record is looked at

each_rule_set = pytest.mark.parametrize("rules", [LAWS, LEADS, SHIPPED], ids=["laws", "leads", "shipped"])
each_chunk = pytest.mark.parametrize("chunk", range(CHUNKS))


@cache
def rules_of(rules: str) -> RuleBook:
    """Return a rule set, read once."""
    return read_rules([rules], examples=False)


def program_of(rules: str) -> Program:
    """Return the program of a rule set."""
    return rules_of(rules).program


def seeds(rules: str, chunk: int, share: float = 1.0) -> range:
    """Return the seeds of one chunk of the records of a rule set."""
    count = int((RECORDS or SHORT[rules]) * share / CHUNKS)
    start = SEED + chunk * 10_000_000
    return range(start, start + count)


def draw(rng: Random, rules: str) -> tuple[Maker, Case, Case]:
    """Draw a complete and exact case for some norms of a rule set, and the same with gaps."""
    program = program_of(rules)
    record_type = rng.choice(sorted(program.by_record_type))
    norms = [n for n in program.by_record_type[record_type] if n.kind != "declaratory"]
    chosen = rng.sample(norms, min(len(norms), rng.choice((1, 1, 2, 3))))
    maker, exact = truth(rng, world_of(program, chosen))
    return maker, exact, coarsen(maker, exact)


def completions(rng: Random, maker: Maker, exact: Case, case: Case, coarse: Judgement) -> Iterator[Case]:
    """Yield the truth, if it is a completion, and others."""
    if not coarse.partial:
        known = copy.deepcopy(exact.record)
        number(rng, known["events"])
        yield replace(exact, record=known)
    asked = [f for f in coarse.found if f.norm in case.world.reviewed and f.instance.event is not None]
    keys = [f.instance.key for f in asked if rng.random() < 0.7]
    for _ in range(COMPLETIONS):
        done = complete(maker, case, keys)
        if done is not None:
            yield done


def check_completions(rng: Random, rules: str, name: str) -> None:
    """Draw a record, judge it and some of its completions; fail with the smallest contradiction found."""
    maker, exact, case = draw(rng, rules)
    coarse = Judgement(case, in_order=False)
    for done in completions(rng, maker, exact, case, coarse):
        judged = Judgement(done, in_order=True)
        assert not list(contradictions(coarse, judged)), explained(name, case, done)


def explained(name: str, case: Case, done: Case) -> str:
    """Return a contradiction with the smallest record and completion that show it."""
    case, done = smallest(case, done)
    said = contradictions(Judgement(case, in_order=False), Judgement(done, in_order=True))
    parts = [f"{name}: a completion contradicts the record (as of {format_instant(case.as_of)})", *said]
    for what, one in (("record", case), ("completion", done)):
        parts += [what, json.dumps(one.record, ensure_ascii=False, indent=1, default=str)]
        parts.append(f"context {one.context} parameters {dict(one.parameters)} tables {dict(one.tables)}")
    return "\n".join(parts)


# -- completions -------------------------------------------------------------------------------------------------------
@each_chunk
@each_rule_set
def test_verdicts_hold_for_every_completion(rules: str, chunk: int) -> None:
    """The verdict of a completion is among those that the record with gaps leaves possible."""
    for seed in seeds(rules, chunk):
        check_completions(Random(seed), rules, f"seed {seed}")  # noqa: S311 - no secrets


@pytest.mark.parametrize(
    ("rules", "seed"),
    [
        (LAWS, 1010175),
        (LAWS, 21002217),
        (LAWS, 31005304),
        (LAWS, 29300017),
        (LAWS, 35501418),
        (SHIPPED, 1008796),
        (SHIPPED, 21002334),
        (SHIPPED, 17008811),
        (SHIPPED, 34300015),
    ],
    ids=[
        "seq before",
        "ends by itself",
        "ended in order",
        "excused where it may have begun",
        "true again for nobody",
        "unnamed and exempt",
        "the same, pending",
        "one of two series",
        "two acts of one day",
    ],
)
def test_records_that_once_contradicted_a_completion(rules: str, seed: int) -> None:
    """Found among 60,000 a rule set; each is drawn again as long as the generator is what it was."""
    check_completions(Random(seed), rules, f"seed {seed}")  # noqa: S311 - no secrets


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.randoms(use_true_random=False))
def test_verdicts_hold_for_every_completion_of_shrinking_records(rng: Random) -> None:
    """The same with records that hypothesis makes smaller when they fail."""
    check_completions(rng, LAWS, "hypothesis")


@each_chunk
@each_rule_set
def test_complete_and_exact_records_are_decided(rules: str, chunk: int) -> None:
    """What is complete and exact has one verdict, and the order within a day is settled by the numbers."""
    for seed in seeds(rules, chunk, 0.3):
        rng = Random(seed)  # noqa: S311 - no secrets
        maker, exact, _ = draw(rng, rules)
        done = complete(maker, exact)
        assert done is not None, seed
        for found in Judgement(done, in_order=True).found:
            if decidable(done.world, found):
                assert len(found.possible) == 1, f"seed {seed}: {found} {found.outcome.causes}"


# -- the order within one day ------------------------------------------------------------------------------------------
@each_chunk
@each_rule_set
def test_assumed_marks_what_rests_on_the_order_of_one_day(rules: str, chunk: int) -> None:
    """A finding is marked exactly if reading ties as unknown gives other possible verdicts."""
    for seed in seeds(rules, chunk, 0.5):
        _, _, case = draw(Random(seed), rules)  # noqa: S311 - no secrets
        marked = {f.key: bool(f.assumed) for f in findings(case)}
        with_it, without = (by_key(Judgement(case, in_order=o)) for o in (True, False))
        for key, possible in with_it.items():
            assert marked[key] == (possible != without.get(key)), f"seed {seed}: {key}"


@each_chunk
@each_rule_set
def test_a_tie_never_accuses(rules: str, chunk: int) -> None:
    """What is violated under the presumption about ties is violated in any order (norms on happenings only)."""
    for seed in seeds(rules, chunk, 0.5):
        _, _, case = draw(Random(seed), rules)  # noqa: S311 - no secrets
        without = {f.key: f for f in Judgement(case, in_order=False).found}
        for found in Judgement(case, in_order=True).found:
            if is_joined(found, without.values()):
                continue  # which of the openings of a hold is the first, and answers for all, may depend on the order
            if is_about_happenings(found.norm, case.program) and found.possible <= VIOLATIONS:
                assert without[found.key].possible <= VIOLATIONS, f"seed {seed}: {found}; {without[found.key]}"


def is_joined(found: Found, others: Iterable[Found]) -> bool:
    """Whether other openings of a hold concern the same entities: those in its window are one with it."""
    same = (o for o in others if o.norm is found.norm and o.instance.entities == found.instance.entities)
    return found.norm.mode == "hold" and (bool(found.instance.joined) or len(list(same)) > 1)


def is_about_happenings(norm: Norm, program: Program) -> bool:
    """Whether a norm has event patterns only, and looks at nothing that events change."""
    triggers = [a for a in norm.trigger.alternatives if isinstance(a, EventTrigger) and not a.legs]
    conditions = [p for c in (norm.condition, *(g.condition for g in norm.unless)) for p in leaves(c)]
    if len(triggers) < len(norm.trigger.alternatives) or not all(isinstance(c, Pattern) for c in conditions):
        return False
    if norm.trigger.one_per or norm.stops or isinstance(norm.deadline, Every):
        return False
    if any(isinstance(node, x.Occurrences) for expression in expressions_of(norm) for node in x.walk(expression)):
        return False  # a trigger whose `where` held before or after what came on that day opens (language, section 4)
    return not any(v.source in ("events", "is") for v in seen_by(norm, program))


def seen_by(norm: Norm, program: Program) -> list[Variable]:
    """Return the variables that a norm looks at, itself and upstream."""
    return [program.vocabulary.variables[name] for name in world_of(program, [norm]).variables]


def by_key(judgement: Judgement) -> dict[str, frozenset[str]]:
    """Return the possible verdicts by instance key."""
    return {one.instance.key: one.possible for one in judgement.found}


@each_chunk
@each_rule_set
def test_no_two_findings_of_a_record_have_one_id(rules: str, chunk: int) -> None:
    """An id names one finding: whatever opens an instance twice (two series, two versions) is told apart."""
    for seed in seeds(rules, chunk, 0.5):
        check_ids(rules, seed)


@pytest.mark.parametrize(
    ("rules", "seed"),
    [(LAWS, 5000149), (SHIPPED, 5000442), (LAWS, 7004011)],
    ids=["two versions of a norm", "two series", "a state that begins twice on a day"],
)
def test_records_that_once_gave_two_findings_one_id(rules: str, seed: int) -> None:
    """Found among 60,000 a rule set; each is drawn again as long as the generator is what it was."""
    check_ids(rules, seed)


def check_ids(rules: str, seed: int) -> None:
    """Demand that no two findings of a drawn record have one id."""
    _, _, case = draw(Random(seed), rules)  # noqa: S311 - no secrets
    ids = [f.finding_id for f in findings(case)]
    assert len(set(ids)) == len(ids), f"seed {seed}"


# -- what must not matter ----------------------------------------------------------------------------------------------
@each_chunk
@each_rule_set
def test_the_order_of_lists_changes_nothing(rules: str, chunk: int) -> None:
    """Shuffled lists of events and entities give the same findings, but for the places they point to."""
    for seed in seeds(rules, chunk, 0.5):
        check_order(rules, seed)


def test_a_record_in_which_the_order_of_items_once_mattered() -> None:
    """Of two owners that nobody knows both are missing, whichever comes first."""
    check_order(LAWS, 27002710)


def check_order(rules: str, seed: int) -> None:
    """Demand that a drawn record with shuffled lists gives the same findings."""
    rng = Random(seed)  # noqa: S311 - no secrets
    _, _, case = draw(rng, rules)
    other, pointers = shuffled(rng, case.record)
    expected = sorted(written(f, {}) for f in findings(case))
    found = sorted(written(f, pointers) for f in findings(replace(case, record=other)))
    assert found == expected, f"seed {seed}"


@each_chunk
@each_rule_set
def test_whether_settings_are_sorted_changes_nothing(rules: str, chunk: int) -> None:
    """A state read from the settings around a moment, as in long records, is that read from all of them."""
    for seed in seeds(rules, chunk, 0.5):
        _, _, case = draw(Random(seed), rules)  # noqa: S311 - no secrets
        with mock.patch.object(evaluation, "_FEW", 0):
            near = findings(case)
        assert near == findings(case), f"seed {seed}"


@each_chunk
@each_rule_set
def test_an_event_that_no_norm_looks_at_changes_nothing(rules: str, chunk: int) -> None:
    """An unrelated event, wherever it lies in time, gives the same findings."""
    for seed in seeds(rules, chunk, 0.5):
        rng = Random(seed)  # noqa: S311 - no secrets
        _, _, case = draw(rng, rules)
        types = [n for n, e in case.program.vocabulary.events.items() if n not in case.world.events and not e.sets]
        needless = [n for n in types if not needs_reference(case, n)]
        if needless:
            other = copy.deepcopy(case.record)
            at = rng.choice([e["at"] for e in other["events"]] or ["2022-02-02"])
            other["events"].append({"type": rng.choice(needless), "id": "needless", "at": at})
            expected = [written(f, {}) for f in findings(case)]
            found = [written(f, {}) for f in findings(replace(case, record=other))]
            assert found == expected, f"seed {seed}"


def needs_reference(case: Case, name: str) -> bool:
    """Whether an event type must name an entity."""
    kind = case.program.vocabulary.events[name]
    return bool(kind.one_of) or "required" in kind.refers_to.values()


def findings(case: Case, *, lean: bool = False) -> list[Finding]:
    """Judge a case as a user does; ``lean``: of the other records only what rules read is kept."""
    program = case.program
    timeline = read_record(raw(case.record), program.vocabulary)
    context, _ = read_context(program, [raw(c) for c in case.context], lean=lean)
    options = Options(select=case.world.selected)
    return judge_record(program, timeline, case.as_of, context=context, options=options)


def written(finding: Finding, pointers: dict[str, str]) -> str:
    """Write a finding without what hangs on the bytes of the record, its pointers as they were before a shuffle."""
    plain: dict[str, Any] = {
        k: v for k, v in finding.as_json().items() if k not in ("finding_id", "counted_with")
    }  # fmt: skip
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    text = re.sub(r"/\w+/\d+", lambda found: pointers.get(found.group(), found.group()), text)
    return json.dumps(_sorted(json.loads(text)), ensure_ascii=False, sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_sorted(v) for v in value), key=str)
    return {k: _sorted(v) for k, v in value.items()} if isinstance(value, dict) else value


@each_chunk
@each_rule_set
def test_of_other_records_only_what_rules_read_matters(rules: str, chunk: int) -> None:
    """Events that no rule reads of a record which isn't judged may be forgotten."""
    for seed in seeds(rules, chunk, 0.5):
        _, _, case = draw(Random(seed), rules)  # noqa: S311 - no secrets
        assert findings(case, lean=True) == findings(case), seed


# -- the course of a verdict -------------------------------------------------------------------------------------------
@each_chunk
@each_rule_set
def test_verdicts_take_their_course(rules: str, chunk: int) -> None:
    """Pending becomes compliant, breached from then on or excused, breached becomes late, and nothing else happens."""
    for seed in seeds(rules, chunk, 0.1):
        check_course(rules, seed)


@pytest.mark.parametrize(
    "seed",
    [62, 198, 331, 137],
    ids=["stopped on the first day", "started in a stop", "reminded in a stop", "a stop after the last day"],
)
def test_records_whose_verdicts_once_left_their_course(seed: int) -> None:
    """Found among 600; each is drawn again as long as the generator is what it was."""
    check_course(LEADS, seed)


def check_course(rules: str, seed: int) -> None:
    """Judge a drawn record at one instant after the other, and compare the verdicts of each two."""
    rng = Random(seed)  # noqa: S311 - no secrets
    maker, exact, _ = draw(rng, rules)
    done = complete(maker, exact)
    assert done is not None, seed
    instants = instants_of(Judgement(done, in_order=True, as_of=LAST))
    first = rng.randrange(max(len(instants) - POINTS, 0) + 1)
    before: list[Found] = []
    since = BEGIN
    for instant in instants[first : first + POINTS]:  # one after the other: no step of the course is skipped
        after = Judgement(done, in_order=True, as_of=instant).found
        wrong = list(strays(done.world, since, before, after))
        assert not wrong, f"seed {seed} {format_instant(instant)}: {wrong}"
        before, since = after, instant


# -- how long a judgement stands ---------------------------------------------------------------------------------------
@each_chunk
@each_rule_set
def test_a_judgement_stands_until_the_moment_that_it_says(rules: str, chunk: int) -> None:
    """Findings as of one moment, told as of a later one before that, are those as of the later one."""
    stood = 0
    for seed in seeds(rules, chunk, 0.4):
        rng = Random(seed)  # noqa: S311 - no secrets
        _, _, case = draw(rng, rules)
        instants = [t for t in instants_of(Judgement(case, in_order=True, as_of=LAST)) if BEGIN < t < LAST]
        for moment in {case.as_of, *rng.sample(instants, min(len(instants), 2))}:
            watched = Watched(moment)
            found = findings(replace(case, as_of=watched))
            until = min(watched.until, LAST)
            latest = [until - 1, rng.randrange(moment, until), *[t for t in instants if moment < t < until][-2:]]
            for later in latest if until > moment + 1 else ():
                wanted = RecordResult("record", 1, "", tuple(findings(replace(case, as_of=later))))
                told = told_later(case, found, moment, later)
                assert told == encode([wanted], WHOLE), f"seed {seed}: {moment} {later} {until}"
                stood += 1
    assert stood


WHOLE = View("ndjson", "en", whole=True)


def told_later(case: Case, found: list[Finding], moment: int, later: int) -> bytes:
    """Write the findings as of one moment as of a later one."""
    timeline = read_record(raw(case.record), case.program.vocabulary)
    scribes = [Scribe(case.program, as_of, assume_in_force=False) for as_of in (moment, later)]
    for scribe in scribes:
        scribe.about(timeline.id, timeline.record_type, timeline.digest)
    moves = timeline.known_until is None or moment <= timeline.known_until
    page = page_of(RecordResult("record", 1, timeline.id, tuple(found)), WHOLE, scribes[0], moves=moves)
    assert page is not None
    return page.filled("record", 1, "ndjson", scribes[1])


@each_chunk
@each_rule_set
def test_a_judgement_stands_while_other_records_answer_the_same(rules: str, chunk: int) -> None:
    """Other records may change or go: if all that was asked of them has the same answers, so have the findings."""
    for seed in seeds(rules, chunk, 0.4):
        rng = Random(seed)  # noqa: S311 - no secrets
        _, _, case = draw(rng, rules)
        vocabulary = case.program.vocabulary
        whole = Context.of(read_context(case.program, [raw(c) for c in case.context])[0])
        asked = AskedContext(whole)
        timeline = read_record(raw(case.record), vocabulary)
        options = Options(select=case.world.selected)
        found = judge_record(case.program, timeline, case.as_of, context=asked, options=options)
        assert found == findings(case), seed
        answers = answers_digest(whole, vocabulary, asked.questions)
        for place in range(len(case.context)):
            others = (*case.context[:place], *case.context[place + 1 :])
            context = Context.of(read_context(case.program, [raw(c) for c in others])[0])
            if answers_digest(context, vocabulary, asked.questions) == answers:
                assert findings(replace(case, context=others)) == found, f"seed {seed}: without {place}"


# -- leads -------------------------------------------------------------------------------------------------------------
@each_chunk
def test_leads_follow_what_is_known_day_by_day(chunk: int) -> None:
    """A lead of days ends with the first day at whose end the upstream due, as judged then, is at most so far away."""
    compared = 0
    for seed in seeds(LEADS, chunk, 0.5):
        rng = Random(seed)  # noqa: S311 - no secrets
        maker, exact, _ = draw(rng, LEADS)
        done = complete(maker, exact)
        assert done is not None, seed
        for found in Judgement(done, in_order=True).found:
            deadline = found.norm.deadline
            lead = deadline.lead if isinstance(deadline, By) else None
            if lead is not None and lead.period is not None and lead.period.unit in DAYS:
                term = found.outcome.term
                assert term is not None
                expected = first_day_near(done, found, lead.period)
                assert (term.early, term.late) == (expected, expected), f"seed {seed}: {found}"
                compared += 1
    assert compared >= len(seeds(LEADS, chunk, 0.5)) / 4


def first_day_near(case: Case, found: Found, lead: Period) -> int:
    """Ask at the end of one day after the other when the upstream instance is due; nothing is known after as_of."""
    day = day_of(found.instance.start.lo)
    while True:
        due = due_as_judged(case, found, min(day_end(day), case.as_of))
        if due is not None and is_near(day, day_of(due), lead):
            return day_end(day)
        if due is None and day_end(day) >= case.as_of:
            return END
        day += 1


def due_as_judged(case: Case, found: Found, as_of: int) -> int | None:
    """Return the due of the instance upstream of one, judged as of an instant; None: nobody knows it."""
    opening = found.instance.event
    assert isinstance(opening, Upstream)
    (term,) = (
        f.outcome.term
        for f in Judgement(case, in_order=True, as_of=as_of).found
        if (f.norm.id, f.instance.key) == (opening.instance.norm.id, opening.instance.key)
    )
    assert term is not None
    assert term.early == term.late
    return term.late if term.late < END else None


def is_near(day: int, last: int, lead: Period) -> bool:
    """Say whether a period that begins on a day reaches to a last one."""
    if lead.unit is Unit.DAYS:
        return last - day <= lead.amount
    between = (date.fromordinal(d) for d in range(day + 1, last))
    return last <= day or sum(map(NOTICES.is_working, between)) < lead.amount


# -- the generator -----------------------------------------------------------------------------------------------------
def test_the_generator_reaches_everything() -> None:
    """Every verdict and mode is reached, ties are frequent, and neither exact nor coarse dates prevail."""
    verdicts: Counter[str] = Counter()
    modes: Counter[str] = Counter()
    norms: set[str] = set()
    coarse, dates, ties, records = 0, 0, 0, 800
    for seed in range(records):
        _, _, case = draw(Random(seed), LAWS)  # noqa: S311 - no secrets
        found = findings(case)
        verdicts.update(str(f.verdict) for f in found)
        triggered = {f.norm for f in found if f.verdict is not Verdict.NOT_TRIGGERED}
        norms |= triggered
        modes.update(n.mode for n in case.world.norms if n.id in triggered)
        some, every = share_of_coarse(case.record)
        coarse, dates, ties = coarse + some, dates + every, ties + has_tie(case.record)
    total = sum(verdicts.values())
    assert {str(v) for v in Verdict} == {v for v, n in verdicts.items() if n >= total / 100}, verdicts
    assert {"reach", "hold", "at"} == {m for m, n in modes.items() if n >= records / 10}, modes
    assert norms == {n.id for n in program_of(LAWS).norms}
    assert 0.1 < coarse / dates < 0.6
    assert ties / records > 0.4


def test_the_laws_use_every_form() -> None:
    """The synthetic rule set has every kind of deadline, trigger and condition."""
    laws = program_of(LAWS).norms
    parts = {type(n.deadline).__name__ for n in laws} | {type(a).__name__ for n in laws for a in n.trigger.alternatives}
    assert parts == {
        "Within", "By", "AtTrigger", "Until", "Every", "NoDeadline", "EventTrigger", "StateTrigger", "ChainTrigger",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "norm"),
    [(rules, norm) for rules in (LAWS, LEADS) for norm in program_of(rules).norms],
    ids=lambda v: f"{v.id}@{v.effective.start}" if isinstance(v, Norm) else Path(v).name,
)
def test_examples_of_the_rules(rules: str, norm: Norm) -> None:
    """Each is the smallest record of a mistake that these tests or others once found."""
    for result in run_examples(rules_of(rules), norm):
        assert result.holds, f"{result.name}: {result.differences} {result.problems}"
