"""Made-up case records for the rules R1 to R16: about 2 KB each, the same for the same numbers.

Record ``i`` depends on ``(seed, i)`` and on the shape asked for, and chance comes from `Random.random()` alone, whose
sequence Python guarantees.  Answers are given within as many calendar days as the term has days, which is in time
whatever the holidays; a planted breach comes long after the term, or never.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
Record = dict[str, Any]

ZONE = timezone(timedelta(hours=8))
FIRST = datetime(2022, 1, 4, 8, tzinfo=ZONE)
LAST = datetime(2025, 12, 31, 23, 59, 59, tzinfo=ZONE)
AS_OF = "2025-12-31T23:59:59+08:00"
ROUND = 25
"""Events of one course of a case; with more left to make, another one begins."""
COARSE_TEXT = (10, 7)
"""Characters that are left of a time known to the day or to the month."""

COURTS = ("豫0105", "京0105", "沪0115", "粤0304", "浙0106", "苏0508", "川0107", "鄂0106")
CAUSES = ("金融借款合同纠纷", "民间借贷纠纷", "买卖合同纠纷", "建设工程施工合同纠纷", "劳动争议", "租赁合同纠纷")
PEOPLE = ("王伟", "李芳", "张敏", "刘洋", "陈静", "杨强", "赵磊", "黄丽", "周涛", "吴艳", "徐杰", "孙娟")
FIRMS = ("甲乙置业有限公司", "丙丁商贸有限公司", "戊己建设集团有限公司", "庚辛物流股份有限公司")
STREETS = ("花园路", "大学中路", "建国门外大街", "世纪大道")
GROUNDS = (
    "依据已生效的民事判决书申请强制执行，被执行人未按执行通知书指定的期间履行义务。",
    "双方达成执行和解协议后被执行人未完全履行，申请恢复执行原生效法律文书。",
    "依据仲裁裁决书申请执行，财产线索由申请执行人提供，待网络查控核实。",
)
NOTES = ("已电话告知申请执行人，笔录附卷。", "材料齐全，移交实施团队办理。", "反馈结果待核实。", "已录入系统。")
ROUTINE = ("contact_noted", "document_served", "hearing_held", "judge_changed", "property_reported")


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a duty: so many days after the one before, from ``low`` to ``high``.

    ``answers``: it is what is demanded, and a breach can be planted on it.
    """

    type: str
    low: float
    high: float
    answers: bool = True


def starts(name: str, low: float, high: float) -> Step:
    """Return the event with which a duty starts."""
    return Step(name, low, high, answers=False)


@dataclass(frozen=True, slots=True)
class Duty:
    """A course of events about one entity of a kind, or the case (``subject`` ""); ``share`` of them have it."""

    subject: str
    share: float
    steps: tuple[Step, ...]


DUTIES = (
    Duty("", 1.0, (starts("materials_received", 0, 0), Step("online_query_started", 0.1, 4.5))),
    Duty("asset", 0.8, (
        starts("asset_found", 2, 50), Step("asset_controlled", 0.1, 2.8), Step("valuation_started", 1, 29),
        starts("reference_price_set", 5, 30), Step("realisation_started", 0.5, 9.5), starts("asset_auctioned", 15, 45),
    )),
    Duty("payment", 0.9, (
        starts("payment_received", 20, 150), Step("payment_notice_sent", 0.2, 9.5), Step("payment_paid", 0.1, 4.5),
    )),
    Duty("asset", 0.1, (
        starts("asset_found", 2, 50), Step("asset_controlled", 0.1, 2.8), Step("valuation_started", 1, 29),
        starts("asset_released", 3, 60),
    )),
    Duty("", 0.25, (
        starts("petition_received", 1, 60), Step("petition_registered", 0.1, 4.5), Step("petition_closed", 1, 25),
    )),
    Duty("", 0.25, (starts("urgent_clue_received", 2, 90), Step("clue_checked", 0.05, 0.95))),
    Duty("", 0.15, (
        starts("dispute_submitted", 5, 90), Step("coordination_plan_issued", 1, 27), Step("plan_implemented", 1, 14),
    )),
    Duty("", 0.3, (starts("obligation_fulfilled", 60, 170), Step("consumption_limit_lifted", 0.1, 2.8))),
    Duty("", 0.1, (starts("self_disposal_permitted", 20, 80),)),
    Duty("", 0.04, (starts("bankruptcy_notice_received", 60, 200), starts("execution_resumed", 10, 40))),
    Duty("", 0.3, (starts("case_terminated", 150, 300),)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What records are made.

    Attributes:
        events: events of each record; None = 10 to 25.  More than fit into one course of a case are further courses of
            the same assets and payments.
        planted: share of records with a breach made on purpose.
        coarse: share of records with one event known to the day or to the month only; the oracle doesn't judge them.
    """

    events: int | None = None
    planted: float = 0.15
    coarse: float = 0.0


USUAL = Shape()


@dataclass(slots=True)
class Draft:
    """A record while it is written: its chance, its entities, and events as (time, content)."""

    rng: Random
    begin: datetime
    entities: dict[str, list[str]]
    events: list[tuple[datetime, Record]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Places of answers in `events`: what a breach can be planted on."""

    def pick(self, values: Sequence[T]) -> T:
        """Return one of several values."""
        return values[int(self.rng.random() * len(values))]

    def between(self, low: float, high: float) -> float:
        """Return a number between two others."""
        return low + (high - low) * self.rng.random()

    def add(self, at: datetime, kind: str, **more: str) -> None:
        """Add an event, to the second."""
        self.events.append((at.replace(microsecond=0), {"type": kind, **more}))

    def follow(self, duty: Duty, reference: Record) -> None:
        """Add the events of a duty."""
        at = self.begin
        for step in duty.steps:
            at += timedelta(days=self.between(step.low, step.high))
            if step.answers:
                self.answers.append(len(self.events))
            self.add(at, step.type, **reference)

    def live(self, most: int) -> None:
        """Add duties by chance while there is room for at most ``most`` events."""
        for duty in DUTIES:
            references = [{duty.subject: i} for i in self.entities[duty.subject]] if duty.subject else [{}]
            for reference in references:
                if self.rng.random() < duty.share and len(self.events) + len(duty.steps) <= most:
                    self.follow(duty, reference)


def make_record(number: int, seed: int, shape: Shape = USUAL) -> Record:
    """Return one record, its events in order of time and all times exact, with +08:00."""
    rng = Random(f"{seed}:{number}")  # noqa: S311 - chance, not secrecy
    size = 10 + int(rng.random() * 16) if shape.events is None else shape.events
    ids = {"asset": [f"a{i + 1}" for i in range(int(rng.random() * 5))]}
    ids["payment"] = [f"p{i + 1}" for i in range(int(rng.random() * 4))]
    draft = Draft(rng, _beginning(rng), ids)
    record = _facts(draft, number)
    draft.live(size - 1)
    if rng.random() < shape.planted:  # at most one more event
        _plant(draft, record)
    while len(draft.events) <= size - ROUND:
        draft.begin = _beginning(rng)
        draft.live(size)
    _fill(draft, size)
    record["events"] = [{**event, "at": at.isoformat()} for at, event in sorted(draft.events, key=lambda e: e[0])]
    if rng.random() < shape.coarse:
        event = draft.pick(record["events"])
        event["at"] = event["at"][: draft.pick(COARSE_TEXT)]
    return record


def _beginning(rng: Random) -> datetime:
    return FIRST + timedelta(minutes=int(rng.random() * 1400 * 1440))


def _fill(draft: Draft, size: int) -> None:
    """Cut the events off at the last day and fill them up with routine ones."""
    draft.events = [e for e in draft.events if e[0] <= LAST]
    first = min([draft.begin, *(at for at, _ in draft.events)])
    last = max([draft.begin, *(at for at, _ in draft.events)])
    while len(draft.events) < size:
        noted = {"note": draft.pick(NOTES)} if draft.rng.random() < 0.6 else {}
        draft.add(first + (last - first) * draft.rng.random(), draft.pick(ROUTINE), **noted)


def _facts(draft: Draft, number: int) -> Record:
    """Return the record without its events."""
    court, enterprise = draft.pick(COURTS), draft.rng.random() < 0.45
    worth = {i: 10_000 + 100 * int(draft.rng.random() * 29_900) for i in draft.entities["asset"]}
    facts: Record = {
        "record_type": "case",
        "id": f"({draft.begin.year}){court}执{number + 1}号",
        "court_name": court,
        "judge": draft.pick(PEOPLE),
        "applicant": draft.pick(FIRMS if draft.rng.random() < 0.4 else PEOPLE),
        "debtor": draft.pick(FIRMS if enterprise else PEOPLE),
        "debtor_address": f"{draft.pick(STREETS)}{1 + int(draft.rng.random() * 400)}号",
        "cause": draft.pick(CAUSES),
        "grounds": draft.pick(GROUNDS),
        "first_enforcement": draft.rng.random() < 0.8,
        "debtor_is_enterprise": enterprise,
        "claim_amount": int(max(sum(worth.values()), 20_000) * draft.between(0.9, 2.5)),
        "self_disposal_days": 20 + int(draft.rng.random() * 71),
        "assets": [
            {"id": i, "type": draft.pick(("real_estate", "deposit", "vehicle")), "value": worth[i]} for i in worth
        ],
        "payments": [
            {"id": i, "amount": 1000 + 10 * int(draft.rng.random() * 50_000)} for i in draft.entities["payment"]
        ],
    }
    return facts


def _plant(draft: Draft, facts: Record) -> None:
    """Plant one breach: an answer late or missing, a claim too small, a bankruptcy, a self-disposal too long."""
    kinds = {event["type"] for _, event in draft.events}
    chance = draft.rng.random()
    if chance < 0.1 and "asset_controlled" in kinds:
        facts["claim_amount"] = 1 + facts["claim_amount"] // 10
    elif chance < 0.2 and "asset_auctioned" in kinds:
        facts["debtor_is_enterprise"] = True
        at = min(at for at, event in draft.events if event["type"] == "asset_auctioned")
        draft.add(at - timedelta(days=draft.between(0.1, 9)), "bankruptcy_notice_received")
    elif chance < 0.3 and "self_disposal_permitted" in kinds:
        facts["self_disposal_days"] = 91 + int(draft.rng.random() * 60)
    else:
        place = draft.pick(draft.answers)
        if draft.rng.random() < 0.6:
            at, event = draft.events[place]
            draft.events[place] = (at + timedelta(days=70, minutes=int(draft.rng.random() * 57_600)), event)
        else:
            del draft.events[place]


def record_lines(count: int, seed: int, shape: Shape = USUAL) -> Iterator[bytes]:
    """Yield records as lines of JSON, line ends included."""
    for number in range(count):
        record = make_record(number, seed, shape)
        yield json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
