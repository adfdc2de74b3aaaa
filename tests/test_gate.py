"""The gate: its answer is the difference of two checks; what must come first; exit codes; the event's own mistakes."""

import copy
import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from command_line import run
from property_checks import raw
from records_strategy import Case, coarsen, truth, world_of

from validator.engine import explain_record, load, read_context, timeline_of
from validator.facts.timeline import Timeline
from validator.judging.finding import Finding
from validator.judging.interpreter import Judged, Options
from validator.legal_time.instant import parse_when
from validator.questions.gate import Gate, gate
from validator.reading.intake import RawRecord
from validator.rules.program import Norm, Program
from validator.rules.rulebook import read_rules

LAWS = str(Path(__file__).parent / "data" / "laws")
VIOLATED = ("breached", "late")


@pytest.fixture(scope="module")
def laws() -> Program:
    """A rule set that uses every form of the record language."""
    return read_rules([LAWS], examples=False).program


def judged(program: Program, record: dict[str, Any], as_of: int, case: Case) -> dict[str, Judged]:
    """Judge a record; what was found, by key."""
    timeline = timeline_of(program, raw(record))
    assert isinstance(timeline, Timeline)
    context = read_context(program, map(raw, case.context))[0]
    return {j.finding.key: j for j in explain_record(program, timeline, as_of, context=context)}


def drawn(program: Program, seed: int) -> tuple[Case, dict[str, Any]]:
    """Draw a case for one norm that can forbid something, and one of its events as the step."""
    rng = Random(seed)  # noqa: S311 - a fixed draw
    norms: list[Norm] = [n for n in program.norms if n.mode in ("at", "hold")]
    maker, case = truth(rng, world_of(program, [rng.choice(norms)]))
    if rng.random() < 0.4:
        case = coarsen(maker, case)
    events = case.record.get("events", [])
    return case, rng.choice(events) if events else {}


def worse(after: dict[str, Judged], before: dict[str, Judged], step: str) -> tuple[set[str], set[str]]:
    """Say what is violated that was not, and what may be for a reason that there was not before.

    Of norms that forbid events each one more is a new violation, and may be one; of states, only that they have become
    wrong.  A doubt is new with another missing fact too, or if the state that it is about is changed by the step.
    """
    denied, doubtful = set(), set()
    for key, found in after.items():
        norm, old = found.instance.norm, before.get(key)
        if norm.mode == "reach":
            continue
        counted = "Test(" not in repr(norm.condition) and "Review(" not in repr(norm.condition)
        was, now = (how_bad(old.finding) if old else "fine"), how_bad(found.finding)
        itself = step in [e.pointer for e in found.outcome.perhaps]
        again = counted and old is not None and found.finding.times > old.finding.times
        more = old is not None and bool(lacks(found.finding) - lacks(old.finding))
        if now == "wrong" and (was != "wrong" or again):
            denied.add(key)
        elif now == "fine":
            continue
        elif was == "fine" or (itself and counted) or (was == "open" and (itself or more)):
            doubtful.add(key)
    return denied, doubtful


def how_bad(finding: Finding) -> str:
    """Say whether a norm is violated, may be, or is not."""
    return "wrong" if finding.verdict in VIOLATED else "open" if "breached" in finding.could_be else "fine"


def lacks(finding: Finding) -> set[str]:
    """Return what would have to be known."""
    return {*finding.missing, *finding.asks, *finding.would_settle}


def test_the_answer_is_the_difference_of_two_checks(laws: Program) -> None:
    """On random records and events, exact and coarse: denied and doubtful are what the two checks differ in."""
    answers: Counter[str] = Counter()
    for seed in range(300):
        case, event = drawn(laws, seed)
        if not event:
            continue
        program = case.program
        without = copy.deepcopy(case.record)
        without["events"].remove(event)
        whole = {**without, "events": [*without["events"], event]}
        moment = max(case.as_of, parse_when(event["at"]).hi)
        step = f"/events/{len(without['events'])}"
        denied, doubtful = worse(judged(program, whole, moment, case), judged(program, without, moment, case), step)
        context = read_context(program, map(raw, case.context))[0]
        found = gate(program, raw(without), raw(event), case.as_of, context=context)
        assert {o.finding.key for o in found.denied} == denied, seed
        assert {o.finding.key for o in found.doubtful} == doubtful, seed
        assert found.answer == ("deny" if denied else "review" if doubtful else "allow")
        answers[str(found.answer)] += 1
    assert min(answers[a] for a in ("allow", "deny", "review")) >= 10, answers


HELD = [
    {"type": "received", "at": "2022-02-07T09:00"},
    {"type": "held", "at": "2022-02-07T10:00", "item": "i1", "amount": 60},
]
"""No more may be held than the matter's amount, if that is known (A3.6); from now on nothing may be chosen (A3.1)."""
MORE = {"type": "held", "item": "i2", "amount": 1}
CHOSEN = {"type": "chosen", "item": "i1"}
OBJECTED = {"type": "objected", "at": "2022-02-07T11:00", "person": "p1"}
"""If it is valid, and nobody says so, a choice after it is excused (A3.1)."""
FROZEN = {"type": "frozen", "at": "2022-02-07T11:00"}
"""If it is full, and nobody says so, what is held after it is excused (A3.6)."""
UNANNOUNCED = [
    {"type": "noticed", "at": "2022-02-07", "person": "p1", "amount": 70, "colour": "red"},
    {"type": "paid", "at": "2022-02-08", "person": "p1", "amount": 60},
]
"""A notice of 70, and a payment of another amount, which is wrong (A2.2)."""
WRONG = [*HELD, {**CHOSEN, "at": "2022-02-07T10:30"}]
IN_DOUBT = [*HELD, OBJECTED, {**CHOSEN, "at": "2022-02-07T12:00"}]


@pytest.mark.parametrize(
    ("norm", "amount", "events", "step", "answer"),
    [
        ("A3.6", None, HELD[:1], MORE, "review"),
        ("A3.6", None, HELD, {"type": "asked"}, "allow"),
        ("A3.6", None, HELD, {"type": "frozen"}, "allow"),
        ("A3.6", None, HELD, {"type": "closed"}, "allow"),
        ("A3.6", None, HELD, MORE, "review"),
        ("A3.6", 60, HELD, MORE, "deny"),
        ("A3.6", 50, HELD, MORE, "allow"),
        ("A3.6", 50, [*HELD, FROZEN], MORE, "allow"),
        ("A2.2", None, UNANNOUNCED, {**UNANNOUNCED[1], "amount": 70}, "allow"),
        ("A2.2", None, UNANNOUNCED, {**UNANNOUNCED[1], "amount": 80}, "deny"),
        ("A3.1", None, IN_DOUBT, {"type": "freed", "item": "i1", "whole": True}, "allow"),
        ("A3.1", None, IN_DOUBT, {"type": "freed", "item": "i1"}, "review"),
        ("A3.1", None, IN_DOUBT, CHOSEN, "review"),
        ("A3.1", None, WRONG, {"type": "asked"}, "allow"),
        ("A3.1", None, WRONG, CHOSEN, "deny"),
        ("A3.1", None, [*WRONG, OBJECTED], {"type": "asked"}, "allow"),
        ("A3.1", None, [*WRONG, OBJECTED], CHOSEN, "review"),
    ],
)
def test_what_there_was_before_is_not_the_steps_doing(
    laws: Program, norm: str, amount: int | None, events: list[dict[str, Any]], step: dict[str, Any], answer: str
) -> None:
    """A breach or a doubt that a step leaves as it was, or ends, is none of it.

    It is if the step is one more event that is forbidden or may be, if it changes a state that is in doubt, or if the
    doubt rests on something more: here on what the step itself does not say.
    """
    record = {
        "record_type": "matter", "id": "r1", "amount": amount, "items": [{"id": "i1"}, {"id": "i2"}],
        "persons": [{"id": "p1"}], "events": events,
    }  # fmt: skip
    options = Options(select=frozenset({norm}))
    found = gate(laws, raw(record), raw(step), parse_when("2022-02-08T09:00").hi, options=options)
    assert found.answer == answer
    assert {o.finding.norm for o in (*found.denied, *found.doubtful)} == ({norm} if answer != "allow" else set())


# -- the law ----------------------------------------------------------------------------------------------------------
TRACED = {"by": "o1", "recorded_at": "2025-03-05"}
"""What art. 12 asks of every event: who entered it, and when."""
CASE = {
    "record_type": "case", "id": "(2025)京0105执1号", "type": "first_enforcement",
    "parties": [{"id": "d1", "role": "debtor"}, {"id": "d2", "role": "debtor"}],
    "events": [{"type": "case_materials_received", "at": "2025-03-03T09:00:00+08:00", **TRACED}],
}  # fmt: skip
CLOSING = {"type": "case_closed", "closing_method": "terminated_pro_tem", "termination_ground": "no_property"}


def asked(event: dict[str, Any], as_of: str = "2025-03-05T10:00:00+08:00", **more: Any) -> Gate:
    """Ask the gate of the shipped rules about a step in the case."""
    record = {**CASE, **more}
    return gate(load(), raw(record), RawRecord("event", 1, "", event, json.dumps(event)), parse_when(as_of).hi)


def test_a_pro_tem_closing_before_the_query_is_denied_for_each_debtor() -> None:
    """Art. 24: both systems must have been asked before; art. 13's term runs on and is no reason to deny."""
    found = asked(CLOSING)
    assert found.answer == "deny"
    denied = [o for o in found.denied if o.finding.norm == "A24.4"]
    assert [dict(o.finding.entities)["party"] for o in denied] == ["d1", "d2"]
    assert [label.zh for label in denied[0].first] == ["发起网络查询", "收到查询反馈"]
    assert not any(o.finding.norm.startswith("A13") for o in found.denied)


def test_of_a_choice_only_what_would_do_is_told() -> None:
    """Art. 17: consent or a price that satisfies the claim. Art. 24: a reply to a query is not forbidden."""
    asset = {"id": "a1", "realizable": True, "non_disposable_reason": {"value": "none", "by": "o1"}}
    sale = {"type": "self_disposal_permitted", "asset": "a1", "mode": "direct_sale", "counterparty": "b1", "price": 1}
    found = asked(sale, claim_amount=2, assets=[asset])
    told = {o.finding.norm: ([x.zh for x in o.first], o.never) for o in (*found.denied, *found.doubtful)}
    assert told["A17.2"] == (["申请执行人同意 或 符合该规则的其他条件"], ())
    reply = {"type": "query_feedback_received", "at": "2025-03-04", "asset": "a1", "executable": True, **TRACED}
    found = asked(CLOSING, assets=[asset], events=[*CASE["events"], reply])
    told = {o.finding.norm: ([x.zh for x in o.first], o.never) for o in (*found.denied, *found.doubtful)}
    assert told["A24.1"] == ([], ())


def test_a_step_starts_a_term_with_its_last_day() -> None:
    """Payment on Monday 3 March 2025: 10 working days on is Monday the 17th (no holiday lies between)."""
    event = {"type": "funds_arrived", "at": "2025-03-03T10:00:00+08:00", "payment": "p1", **TRACED}
    found = asked(event, payments=[{"id": "p1", "amount": 100}])
    assert found.answer == "allow"
    assert {f.norm: f.due_day for f in found.starts}["A22.1"] == "2025-03-17"


def test_a_query_in_time_settles_the_duty() -> None:
    """The online query within five working days of 3 March is allowed, and settles one duty of each debtor named."""
    event = {"type": "online_query_initiated", "party": "d1", "systems": ["national_system"], **TRACED}
    found = asked(event)
    assert found.answer == "allow"
    assert [(f.norm, str(f.verdict)) for f in found.settles if f.norm == "A13.1"] == [("A13.1", "compliant")]


def test_a_closing_does_not_answer_for_what_nobody_has_stated() -> None:
    """Art. 19: whether the account is shared was in doubt since the filing; the closing only ends the time for it."""
    filed = {"type": "case_filed", "at": "2025-03-03T09:00:00+08:00", **TRACED}
    closing = {"type": "case_closed", "closing_method": "fully_enforced", **TRACED}
    found = asked(closing, events=[filed], account_no="6222", assets=[])
    assert found.answer == "allow", found


# -- the command ------------------------------------------------------------------------------------------------------
@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The case as a file."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE, ensure_ascii=False), encoding="utf-8")
    return path


def test_exit_codes_and_words(record: Path) -> None:
    """0 allow, 1 deny, 4 review; JSON says the same; a day as the moment is the day of the step."""
    moment = ("--as-of", "2025-03-05")
    ran = run("gate", record, "--event", json.dumps(CLOSING), *moment)
    assert ran.code == 1
    assert ran.out.startswith("拦截：这一步会违反下列规则（判断时点 2025-03-05）\n")
    assert "须先有：发起网络查询、收到查询反馈" in ran.out
    assert "缺少：是哪一个“财产”、“财产”的清单\n" in ran.out
    assert not [word for word in ("：/", "、/", "param.", "context ") if word in ran.out]
    answer = json.loads(run("gate", record, "--event", json.dumps(CLOSING), *moment, "--json").out)
    assert answer["answer"] == "deny"
    assert {d["norm"] for d in answer["denied"]} >= {"A24.4"}
    assert all(d["decided_at"] == "2025-03-05" for d in answer["denied"] if d["norm"] == "A24.4")
    query = {"type": "online_query_initiated", "party": "d1", "systems": ["national_system"], **TRACED}
    ran = run("gate", record, "--event", json.dumps(query), *moment, "--lang", "en")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "allow: the step violates no norm (as of 2025-03-05)")
    ran = run("gate", record, "--event", json.dumps(query), "--as-of", "2025-03-05T10:00:30", "--lang", "en")
    assert ran.out.splitlines()[0] == "allow: the step violates no norm (as of 2025-03-05 10:00:30)"


def test_a_term_without_a_last_day_is_told_without_a_date(record: Path) -> None:
    """How long it is waits for a figure of the court: what it starts is not done yet, and no date is left empty."""
    asked = ("gate", record, "--event", json.dumps(CLOSING), "--as-of", "2025-03-05")
    started = json.loads(run(*asked, "--json").out)["starts"]
    undated = [f["norm"] for f in started if "due_day" not in f]
    assert undated
    for lang, colon, words in (("zh", "：", "尚未完成"), ("en", ": ", "not done yet")):
        told = [line for line in run(*asked, "--lang", lang).out.splitlines() if "A11.2b" in line]
        assert undated == ["A11.2b"]
        assert [line.rpartition(colon)[2] for line in told] == [words]


def test_a_bad_event_is_told_where_it_stands(record: Path, tmp_path: Path) -> None:
    """The place is that in the event, not in the record; the nearest word is named; there must be one event."""
    event = tmp_path / "event.json"
    event.write_text('{\n "type": "case_closd"}', encoding="utf-8")
    ran = run("gate", record, "--event", event, "--as-of", "2025-03-05", "--lang", "en")
    assert ran.code == 4
    assert f"{event}:2:10: unknown-event" in ran.err
    assert "did you mean `case_closed`?" in ran.err
    assert run("gate", record, "--event", '{"type": "case_closed"}{', "--as-of", "2025").code == 4
    for text, place in (
        ('{"type": "case_closd"}', "--event:1:10: unknown-event: "),
        ('{"type" "case_closed"}', "--event:1:9: json-"),
        ('[{"type": "case_closed"}]', "--event:1:1: record-not-object: "),
    ):
        ran = run("gate", record, "--event", text, "--as-of", "2025")
        assert (ran.code, ran.err.startswith(place)) == (4, True), ran.err
    event.write_text('[{"type": "case_filed"}, {"type": "case_filed"}]', encoding="utf-8")
    ran = run("gate", record, "--event", event, "--as-of", "2025")
    assert (ran.code, "one-event" in ran.err) == (2, True)


def test_an_explanation_shows_states_and_what_would_have_changed_it(record: Path) -> None:
    """A missed query: the last day in time is 10 March (five working days from the 3rd); closed on the 5th.

    A closing too early: the query before it.  An unset figure: the parameter that would settle it.
    """
    told = run("explain", record, "A13.1", "--as-of", "2025-03-20").out
    assert told.count("怎样会不同  最迟于 2025-03-10 完成，即为按期") == 2
    closed = {**CASE, "events": [*CASE["events"], CLOSING | {"at": "2025-03-05T10:00:00+08:00"}]}
    record.write_text(json.dumps(closed, ensure_ascii=False), encoding="utf-8")
    told = run("explain", record, "A13.1", "--as-of", "2025-03-20").out
    assert "状态  已结案：起初 否；2025-03-05 10:00 是" in told
    assert "状态  执行中止：起初 否\n" in told
    told = run("explain", record, "A24.4", "--as-of", "2025-03-20").out
    assert told.count("怎样会不同  此前已有：发起网络查询、收到查询反馈") == 2
    told = run("explain", record, "A11.2b", "--as-of", "2025-03-20", "--lang", "en").out
    assert "otherwise if  found out or decided: param." in told
