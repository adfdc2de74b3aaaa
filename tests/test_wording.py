"""Reports say in words what findings point at."""

import json
from decimal import Decimal
from typing import Any

import pytest
from command_line import SMALL, load
from msgspec.structs import replace

from validator.facts.record import read_record
from validator.facts.vocabulary import Attribute, Label, Type, Variable
from validator.legal_time.instant import BEGIN, END, Interval, parse_when
from validator.reading.intake import RawRecord
from validator.reporting.wording import Wording, datum

RECORD: dict[str, Any] = {
    "record_type": "matter", "id": "m1", "kind": "plain", "amount": Decimal("12.5"), "office_id": "o1",
    "persons": [{"id": "p1", "role": "giver"}, {"id": "p/2", "address": {"town": "甲镇", "number": 3}}],
    "papers": [{"id": "x1", "person_id": "p1"}],
    "events": [
        {"type": "received", "at": "2022-03-01"},
        {"type": "held", "at": "2022-03", "person": "p1"},
    ],
}  # fmt: skip


def wording(lang: str = "zh") -> Wording:
    """Return the words for a record of the small rule set."""
    text = json.dumps(RECORD, default=str)
    program = load([str(SMALL)])
    return Wording(program, read_record(RawRecord("f", 1, "", RECORD, text), program.vocabulary), lang)


@pytest.mark.parametrize(
    ("what", "zh", "en"),
    [
        ("/amount", "金额", "Amount"),
        ("/persons", "“人员”的清单", "the list: Person"),
        ("/person", "是哪一个“人员”", "which one: Person"),
        ("/persons/0/role", "人员 p1（给付人）：地位", "Person p1 (Giver): Role"),
        ("/persons/1/role", "人员 p/2：地位", "Person p/2: Role"),
        ("/states/matter.frozen", "开始时的状态：冻结", "state at the beginning: Frozen"),
        (
            "/states/person.held/p1", "开始时的状态：人员 p1（给付人） 已控制",
            "state at the beginning: Person p1 (Giver) Held",
        ),
        ("/events/0", "收到 2022-03-01", "Received 2022-03-01"),
        ("/events/0/at", "收到 2022-03-01：发生时间", "Received 2022-03-01: time of the event"),
        ("/events/1/paper", "控制 · 人员 p1（给付人） 2022-03：文件", "Held · Person p1 (Giver) 2022-03: Paper"),
        ("/timeline", "记录是否完整（有无未记入的事件）", "whether the record is complete (no event left out)"),
        ("param.answer_days", "参数“答复期限”（本院未设）", "parameter “Days to answer” (not set by the court)"),
        ("table.served", "目录“可办种类”（未设）", "table “Kinds served” (not set)"),
        ("context office/o1", "关联记录：机构 o1", "context record: Office o1"),
        ("context office/o1 /open", "关联记录：机构 o1：开放", "context record: Office o1: Open"),
        ("context office", "关联记录：机构", "context records: Office"),
        (
            "context matter/m2 /states/matter.frozen", "关联记录：事项 m2：开始时的状态：冻结",
            "context record: Matter m2: state at the beginning: Frozen",
        ),
        (
            "context matter/m2 /events/0/at", "关联记录：事项 m2：第 1 个事件的发生时间",
            "context record: Matter m2: event 1: time of the event",
        ),
        (
            "context matter/m2 /events/1/paper", "关联记录：事项 m2：第 2 个事件的文件",
            "context record: Matter m2: event 2: Paper",
        ),
        ("review A2.2:m1:always", "对 A2.2“作风端正”的评议", "a review of A2.2 “Good conduct”"),
        ("A1.1:m1:r1", "A1.1“收到后2个工作日内答复”的期限", "the term of A1.1 “Answer within 2 working days”"),
        (
            "A1.1:m1:r1/at", "A1.1“收到后2个工作日内答复”的期限从何时起算",
            "from when the term of A1.1 “Answer within 2 working days” runs",
        ),
        ("trigger", "触发的时间", "time of the trigger"),
        ("something else", "something else", "something else"),
    ],
)  # fmt: skip
def test_places_are_named(what: str, zh: str, en: str) -> None:
    """Pointers, parameters, tables, other records, reviews and terms have words; what has none is shown as it is."""
    assert wording("zh").place(what) == zh
    assert wording("en").place(what) == en


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2022-03-01T09:30:00+08:00", "2022-03-01 09:30"),
        ("2022-03-01", "2022-03-01"),
        ("2022-02", "2022-02"),
        ("2022", "2022"),
        ("9999-12-31", "9999-12-31"),
        ("9999", "9999"),
        ({"not_after": "2022-03-01"}, "不晚于 2022-03-01"),
        ({"not_before": "2022-03-01"}, "不早于 2022-03-01"),
        ({"not_before": "2022-02-03", "not_after": "2022-03-01"}, "2022-02-03 至 2022-03-01"),
        (
            {"not_before": "2022-03-01T10:00", "not_after": "2022-03-01T11:00"},
            "2022-03-01 10:00 至 2022-03-01 11:00",
        ),
        ("unknown", "时间不明"),
    ],
)
def test_times_are_as_precise_as_they_are_known(written: object, shown: str) -> None:
    """A moment, a day, a month, a year, or bounds."""
    assert wording().when(parse_when(written)) == shown
    assert wording().when(Interval(BEGIN, END)) == "时间不明"


def test_values_are_written_in_words() -> None:
    """Codes and fields by their labels, truth as yes and no, numbers exactly, lists with commas."""
    words, timeline = wording(), wording().timeline
    facts, variables = timeline.record.facts, words.vocabulary.attributes_of("matter")
    assert words.fact(variables["kind"], facts["kind"]) == "普通"
    assert words.fact(variables["amount"], facts["amount"]) == "12.5 元"
    for start, shown in (
        ("2022-03", "2022-03"),
        ("2022-03-01T00:00+08:00", "2022-03-01"),
        ("2022-03-01T08:00+08:00", "2022-03-01 08:00"),
    ):
        dated = replace(facts["amount"][0], start=parse_when(start))
        assert words.fact(variables["amount"], (dated,)) == f"12.5 元（自 {shown} 起）"
    assert words.value(variables["urgent"], True) == "是"  # noqa: FBT003 - a value
    assert words.value(variables["urgent"], None) == "不明"
    person = words.vocabulary.attributes_of("person")
    address = timeline.entities["person"]["p/2"].facts["address"]
    assert words.fact(person["address"], address) == "（镇：甲镇，number：3）"


ON = Attribute("on", Type("time"), Label("日期", "On"))
FIELDS = (
    ON,
    Attribute("seen", Type("time", many=True), Label("见到", "Seen")),
    Attribute("sum", Type("number"), Label("金额", "Sum")),
    Attribute("why", Type("enum", codes=("gift",)), labels=(("gift", Label("赠与", "Gift")),)),
    Attribute("person", Type("text")),
    Attribute("more", Type("object", fields=(ON,)), Label("其他", "More")),
)
OBJECTS = [
    ({"on": "2022-03-24"}, "（日期：2022-03-24）"),
    ({"on": "2022-03", "sum": Decimal("1.50")}, "（日期：2022-03，金额：1.50）"),
    ({"on": "2022-03-24T09:30:00+08:00"}, "（日期：2022-03-24 09:30）"),
    ({"on": {"not_before": "2022-03-24"}, "why": "gift"}, "（日期：不早于 2022-03-24，why：赠与）"),
    ({"seen": ["2022-03-24", "2023"], "person": "甲"}, "（见到：2022-03-24、2023，人员：甲）"),
    ({"more": {"on": "2022-03-24"}}, "（其他：（日期：2022-03-24））"),
    ({"on": None}, "（日期：不明）"),
    ({}, "不明"),
]


@pytest.mark.parametrize(("stated", "shown"), OBJECTS)
@pytest.mark.parametrize("many", [False, True])
def test_objects_tell_their_dates(stated: dict[str, Any], shown: str, *, many: bool) -> None:
    """An object is told by the labels of its fields, what stands in them in the words of the page."""
    vocabulary = replace(load([str(SMALL)]).vocabulary, _attributes={})
    name = "matter.receipt"
    kind = Type("object", many=many, fields=FIELDS)
    variable = Variable(name, "matter", "receipt", Label("收据", "Receipt"), kind, "recorded")
    vocabulary.variables = {**vocabulary.variables, name: variable}
    program = replace(load([str(SMALL)]), vocabulary=vocabulary)
    value = {**RECORD, "receipt": [stated, stated] if many else stated}
    timeline = read_record(RawRecord("f", 1, "", value, json.dumps(value, default=str)), vocabulary)
    found = Wording(program, timeline, "zh").fact(variable, timeline.record.facts["receipt"])
    assert found == (f"{shown}、{shown}" if many else shown)


def test_what_an_event_does_not_say_has_a_name() -> None:
    """An attribute that events of any record lack is named as one that an expression reads."""
    for place in ("/events/*/person", "event.person", "trigger.person"):
        assert datum(wording().vocabulary, "matter", place, "zh") == "事件的“人员”"
    assert datum(wording().vocabulary, "matter", "/events/*/at", "zh") == "事件的时间"


def test_who_is_not_known_is_said() -> None:
    """An entity that nobody names is not left out."""
    assert wording().entity("person", None) == "人员（不知是哪一个）"
    assert wording().entity("person", "p1") == "人员 p1（给付人）"
    assert wording().entity("matter", "m1") == "事项 m1"
