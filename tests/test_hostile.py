"""Bad records, bad policies, hostile files: every mistake is named where it stands, the rest goes on, nothing runs."""

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import ROOT, SMALL, Ran, load, run

from validator import explain
from validator.checker import Checker
from validator.errors import columns
from validator.legal_time.instant import parse_as_of
from validator.limits import DEFAULT
from validator.messages import LABELS

RULES = ("-p", str(SMALL), "--as-of", "2024-01-01")
HOSTILE = ROOT / "tests" / "hostile"
LANGUAGES = ("zh", "en")
GOOD = '{"record_type": "matter", "id": "good", "kind": "plain", "events": [{"type": "received", "at": "2022"}]}'


# -- records -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Bad:
    """A line that is refused: the code, the text at whose beginning it stands, its JSON pointer, the word meant."""

    text: str
    code: str
    at: str
    pointer: str = ""
    nearest: str = ""

    @property
    def column(self) -> int:
        """The column, from 1; after the last character when `at` is empty."""
        return self.text.index(self.at) + 1 if self.at else len(self.text) + 1


def matter(rest: str) -> str:
    """Write a record with some more keys."""
    return '{"record_type": "matter", "id": "x", ' + rest + "}"


def received(rest: str) -> str:
    """Write a record with one event."""
    return matter('"persons": [{"id": "p1"}, {"id": "p2"}], "events": [' + rest + "]")


NO_IDS = ("5", "1.5", "true", "[]", "{}", '""')
RECORDS = [
    Bad('{"record_type": "matter", "id": "x"', "json-end", ""),
    Bad("[1]", "record-not-object", "["),
    Bad('"x"', "record-not-object", '"'),
    Bad("{}", "missing-record-type", "{"),
    Bad('{"record_type": "matter"}', "missing-id", "{"),
    Bad('{"record_type": "matter", "id": 7}', "bad-id", "7", "/id"),
    Bad('{"record_type": "matter", "id": " "}', "bad-id", '" "', "/id"),
    Bad('{"record_type": "mater", "id": "x"}', "unknown-record-type", '"mater"', "/record_type", "matter"),
    Bad('{"record_type": ["matter"], "id": "x"}', "wrong-type", "[", "/record_type"),
    Bad(matter('"knid": "plain"'), "unknown-key", '"plain"', "/knid", "kind"),
    Bad(matter('"kind": "plane"'), "unknown-code", '"plane"', "/kind", "plain"),
    Bad(matter('"kind": 3'), "wrong-type", "3", "/kind"),
    Bad(matter('"amount": "500"'), "wrong-type", '"500"', "/amount"),
    Bad(matter('"amount": true'), "wrong-type", "true", "/amount"),
    Bad(matter('"amount": -1'), "out-of-bounds", "-1", "/amount"),
    Bad(matter('"share": 1.5'), "out-of-bounds", "1.5", "/share"),
    Bad(matter('"urgent": "yes"'), "wrong-type", '"yes"', "/urgent"),
    Bad(matter('"urgent": {"value": true, "bye": "judge"}'), "unknown-key", '"judge"', "/urgent/bye", "by"),
    Bad(matter('"urgent": {"value": true, "on": "2022-13"}'), "time-date", '"2022-13"', "/urgent/on"),
    Bad(matter('"kind": [{"from": "2022", "value": "plane"}]'), "unknown-code", '"plane"', "/kind/0/value", "plain"),
    Bad(matter('"closed": true'), "computed-fact", "true", "/closed"),
    Bad(matter('"persons": {"id": "p"}'), "wrong-type", '{"id": "p"}', "/persons"),
    Bad(matter('"persons": [5]'), "wrong-type", "5", "/persons/0"),
    Bad(matter('"persons": [{"role": "giver"}]'), "missing-id", '{"role"', "/persons/0"),
    Bad(matter('"persons": [{"id": ""}]'), "bad-id", '""', "/persons/0/id"),
    Bad(matter('"persons": [{"id": "p"}, {"id": "p"}]'), "id-twice", '"p"}]', "/persons/1/id"),
    Bad(matter('"persons": [{"id": "p", "rool": "giver"}]'), "unknown-key", '"giver"', "/persons/0/rool", "role"),
    Bad(matter('"persons": [{"id": "p", "address": {"twon": "x"}}]'), "unknown-key", '"x"}}', "/persons/0/address/twon",
        "town"),
    Bad(matter('"persons": [{"id": "pete"}], "papers": [{"id": "q", "person_id": "peter"}]'), "dangling-id", '"peter"',
        "/papers/0/person_id", "pete"),
    Bad(matter('"timeline": "partly"'), "unknown-code", '"partly"', "/timeline"),
    Bad(matter('"events_in_order": 1'), "wrong-type", "1}", "/events_in_order"),
    Bad(matter('"since": "spring"'), "time-format", '"spring"', "/since"),
    Bad(matter('"states": {"matter.stat": "closed"}'), "unknown-variable", '"closed"', "/states/matter.stat",
        "matter.state"),
    Bad(matter('"states": {"matter.state": "close"}'), "unknown-code", '"close"', "/states/matter.state", "closed"),
    Bad(matter('"states": {"person.held": {"p": true}}'), "dangling-id", '{"p"', "/states/person.held"),
    Bad(matter('"events": {}'), "wrong-type", "{}", "/events"),
    Bad(received("5"), "wrong-type", "5", "/events/0"),
    Bad(received('{"at": "2022"}'), "missing-type", '{"at"', "/events/0"),
    Bad(received('{"type": "recieved", "at": "2022"}'), "unknown-event", '"recieved"', "/events/0/type", "received"),
    Bad(received('{"type": "received"}'), "missing-at", '{"type"', "/events/0"),
    Bad(received('{"type": "received", "at": "2022", "amuont": 5}'), "unknown-key", "5}", "/events/0/amuont", "amount"),
    Bad(received('{"type": "received", "at": "2022", "amount": []}'), "wrong-type", "[]}", "/events/0/amount"),
    Bad(received('{"type": "received", "at": "2022", "seq": "x"}'), "wrong-type", '"x"}]', "/events/0/seq"),
    Bad(received('{"type": "answered", "at": "2022", "topics": "price"}'), "wrong-type", '"price"', "/events/0/topics"),
    Bad(received('{"type": "answered", "at": "2022", "topics": ["prise"]}'), "unknown-code", '"prise"',
        "/events/0/topics/0", "price"),
    Bad(received('{"type": "held", "at": "2022", "person": "p3"}'), "dangling-id", '"p3"', "/events/0/person"),
    Bad(received('{"type": "held", "at": "2022", "person": ["p1", "p3"]}'), "dangling-id", '"p3"',
        "/events/0/person/1"),
    Bad(received('{"type": "held", "at": "2022", "person": 5}'), "wrong-type", "5}", "/events/0/person"),
    Bad(received('{"type": "held", "at": "2022"}'), "missing-reference", '{"type"', "/events/0"),
    Bad(received('{"type": "held", "at": "2022", "person": []}'), "missing-reference", '{"type"', "/events/0"),
    Bad(received('{"type": "chosen", "at": "2022"}'), "missing-reference", '{"type"', "/events/0"),
    Bad(received('{"type": "held", "at": "2022", "person": "p1", "person_id": "p2"}'), "two-references", '"p2"}]}',
        "/events/0/person_id"),
    Bad(received('{"type": "received", "at": "2022", "id": "e"}, {"type": "closed", "at": "2023", "id": "e"}'),
        "id-twice", '"e"}]', "/events/1/id"),
    *(Bad(received('{"type": "closed", "at": "2022"}, {"type": "closed", "at": "2022", "id": ' + text + "}"), "bad-id",
          text + "}]", "/events/1/id") for text in NO_IDS),
    Bad(received('{"type": "received", "at": "2022-02-30"}'), "time-date", '"2022-02-30"', "/events/0/at"),
    Bad(received('{"type": "received", "at": "2022年2月3日"}'), "time-format", '"2022年', "/events/0/at", "2022-02-03"),
    Bad(received('{"type": "received", "at": "2022-02-03T25:00"}'), "time-clock", '"2022-02-03T', "/events/0/at"),
    Bad(received('{"type": "received", "at": "2022-02-03T10:00+15:00"}'), "time-offset", '"2022-02-03T',
        "/events/0/at"),
    Bad(received('{"type": "received", "at": 20220203}'), "time-type", "20220203", "/events/0/at"),
    Bad(received('{"type": "received", "at": {"not_before": "2023", "not_after": "2022"}}'), "time-order", '{"not_',
        "/events/0/at"),
    Bad(received('{"type": "received", "at": {"before": "2023"}}'), "time-keys", '{"before', "/events/0/at"),
    Bad(matter('"id": "y"'), "duplicate-key", '"id": "y"'),
    Bad(matter('"amount": NaN'), "json-not-finite", "NaN"),
    Bad(matter('"amount": -Infinity'), "json-not-finite", "-Inf"),
    Bad(matter('"amount": 123456789012345678901234567890'), "too-many-digits", "1234"),
    Bad(matter('"amount": 1e999'), "number-out-of-range", "1e999"),
    Bad(matter('"amount": 012'), "json-number", "012"),
    Bad(matter(r'"note": "\ud800"'), "json-surrogate", r"\ud800"),
    Bad(matter('"note": "a\tb"'), "json-control", "\tb"),
    Bad(matter('"note": ' + "[" * 40 + "]" * 40), "too-deep", "[" * 9 + "]"),
    Bad(matter('"kind": "plain",'), "json-key", "}"),
    Bad("{'id': 'x'}", "json-key", "'id'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All bad records in one file, a good one before each and at the end."""
    path = tmp_path_factory.mktemp("mixed") / "mixed.ndjson"
    path.write_text("".join(f"{GOOD}\n{bad.text}\n" for bad in RECORDS) + GOOD, encoding="utf-8")
    return path


def blocks(text: str) -> dict[str, list[list[str]]]:
    """Return the messages on standard error by ``path:line``, each as its lines."""
    found: dict[str, list[list[str]]] = {}
    block: list[str] = []
    for line in text.splitlines():
        place = re.match(r"(.+?:\d+):\d+: (?=[^ ])", line)
        if place:
            block = []
            found.setdefault(place[1], []).append(block)
        block.append(line)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_bad_record_is_named_where_it_stands(mixed: Path, lang: str) -> None:
    """Path, line, column, code, JSON pointer, the line with a caret, the nearest known word; no traceback; exit 4."""
    ran = run("check", *RULES, mixed, "--lang", lang)
    assert ran.code == 4
    found = blocks(ran.err)
    for number, bad in enumerate(RECORDS):
        line = 2 * number + 2
        ((head, *rest),) = found[f"{mixed}:{line}"]
        assert head.startswith(f"{mixed}:{line}:{bad.column}: {bad.code}: "), (bad, head)
        assert_caret(rest[0], rest[1], bad.at or "")
        labels = LABELS[lang]
        pointers = [r for r in rest if r.startswith(f"  {labels['at']}: ")]
        assert pointers == ([f"  {labels['at']}: {bad.pointer}"] if bad.pointer else [])
        meant = {"zh": f"是不是“{bad.nearest}”？", "en": f"did you mean `{bad.nearest}`?"}[lang]
        assert (f"  {labels['help']}: {meant}" in rest) is bool(bad.nearest), bad


def assert_caret(shown: str, carets: str, at: str) -> None:
    """The caret stands below the text that is meant."""
    assert re.fullmatch(r" +\d+ \| .*", shown)
    assert re.fullmatch(r" +\| *\^+", carets)
    before = columns(carets.rstrip("^"))
    start = next(i for i in range(len(shown) + 1) if columns(shown[:i]) == before)
    if at and at.isprintable():
        assert shown[start:].startswith(at[:5]) or shown.endswith("...")


def test_the_other_records_are_judged(mixed: Path) -> None:
    """Every good record has its findings, and the counts add up."""
    ran = run("check", *RULES, mixed, "--output-format", "ndjson")
    parsed = [json.loads(line) for line in ran.out.splitlines()]
    good = len(RECORDS) + 1
    assert parsed[-1]["summary"]["records"] == {"read": good + len(RECORDS), "judged": good, "rejected": len(RECORDS)}
    assert {p["finding"]["line"] for p in parsed if "finding" in p} == {2 * i + 1 for i in range(good)}
    rejected = [p["rejected"] for p in parsed if "rejected" in p]
    assert [(r[0]["line"], r[0]["column"], r[0]["code"], r[0]["pointer"]) for r in rejected] == [
        (2 * i + 2, bad.column, bad.code, bad.pointer) for i, bad in enumerate(RECORDS)
    ]
    assert all(len(r) == 1 for r in rejected)


def test_all_mistakes_of_a_record_are_reported_in_order() -> None:
    """One run names them all, in the order of the file, without mistakes that only follow from others."""
    record = matter(
        '"kind": "plane", "amount": "x", "persons": "p", "events": '
        '[{"type": "held", "at": "2022-02-30", "person": "p"}, {"type": "recieved"}]'
    )
    ran = run("check", *RULES, "--output-format", "ndjson", stdin=record)
    rejected = json.loads(ran.out.splitlines()[1])["rejected"]
    assert [p["code"] for p in rejected] == ["unknown-code", "wrong-type", "wrong-type", "time-date", "unknown-event"]


@pytest.mark.parametrize("identifier", NO_IDS)
@pytest.mark.parametrize(
    "asked",
    [
        ("check", "-", "--engine", "interpreter"),
        ("check", "-", "--engine", "compiled"),
        ("due", "-"),
        ("explain", "-", "A1.1", "--id", "x"),
        ("gate", "-", "--id", "x", "--event", '{"type": "closed"}'),
    ],
    ids=" ".join,
)
def test_an_event_id_that_is_no_text_is_refused_by_every_command(asked: tuple[str, ...], identifier: str) -> None:
    """Beside an event of the same day, which it would have to be put in order with; the others are judged."""
    events = '{"type": "closed", "at": "2022-02-03"}, {"type": "closed", "at": "2022-02-03", "id": ' + identifier + "}"
    ran = run(*asked, *RULES, "--lang", "en", stdin=f"{GOOD}\n{received(events)}\n{GOOD}")
    assert_refused(ran, 4)
    assert re.findall(r"^-:2:\d+: ([\w-]+): ", ran.err, re.MULTILINE) == ["bad-id"]
    assert "  at: /events/1/id" in ran.err
    if asked[0] == "check":
        assert "3 read = 2 judged + 1 rejected" in ran.out


@pytest.mark.parametrize("identifier", NO_IDS)
def test_an_event_id_that_is_no_text_is_refused_by_the_library(identifier: str) -> None:
    """A service that keeps a `Checker` gets the problem, and goes on."""
    events = '{"type": "closed", "at": "2022-02-03"}, {"type": "closed", "at": "2022-02-03", "id": ' + identifier + "}"
    checker = Checker(load([str(SMALL)]), parse_as_of("2024-01-01"))
    result, good = (checker.check(text.encode()) for text in (received(events), GOOD))
    assert result is not None
    assert good is not None
    assert [(p.code, p.place.pointer) for p in result.problems] == [("bad-id", "/events/1/id")]
    assert not good.rejected


@pytest.mark.parametrize(
    ("data", "place", "code", "judged"),
    [
        (b"\xef\xbb\xbf" + GOOD.encode() + b"\n" + GOOD.encode(), "", "", 2),
        (GOOD.replace("good", "案").encode("gb18030") + b"\n" + GOOD.encode(), "1:34", "not-utf-8", 1),
        (GOOD.encode() + b"\n" + GOOD.replace("good", "案").encode("gb18030"), "2:34", "not-utf-8", 1),
        (GOOD.encode("utf-16"), "1", "not-utf-8", 0),
        (GOOD.encode("utf-16-le"), "1", "not-utf-8", 0),
        (b"\r\n\r\n" + GOOD.encode() + b"\r\n", "", "", 1),
        (b"\x00", "1", "not-utf-8", 0),
        (b"", "", "", 0),
    ],
    ids=["bom", "gb18030 first", "gb18030 second", "utf-16", "utf-16 without bom", "windows", "nul", "empty"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["file", "stdin"])
def test_encodings(data: bytes, place: str, code: str, judged: int, form: str, tmp_path: Path) -> None:
    """A byte order mark is accepted; other encodings are named with how to convert, lines that can be read are."""
    (tmp_path / "x.ndjson").write_bytes(data)
    name = "x.ndjson" if form == "file" else "-"
    ran = run("check", *RULES, name, stdin=data, cwd=tmp_path, env={"ZHIJIAN_LANG": "en"})
    assert f" = {judged} judged + " in ran.out
    assert ran.code == (4 if code else 0 if judged else 5)
    if code:
        assert re.search(rf"^{name}:{place}\b.*: {code}: ", ran.err, re.MULTILINE), ran.err
    if code == "not-utf-8":
        assert "iconv -f " in ran.err


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (gzip.compress(GOOD.encode()), "its name should end in .gz"),
        (
            b"\x28\xb5\x2f\xfd\x04\x00\x41\x00\x00\x7b\x7d\xa0",
            "its name should end in .zst",
        ),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x9b\xb0", "this is a ZIP archive, or a file of Word or Excel"),
    ],
)
@pytest.mark.parametrize("name", ["x.json", "x.ndjson", "x.xlsx"])
def test_what_is_no_text_at_all_is_named(data: bytes, advice: str, name: str, tmp_path: Path) -> None:
    """Packed data without the suffix, an archive, a spreadsheet: no advice to convert them to UTF-8."""
    (tmp_path / name).write_bytes(data)
    ran = run("check", *RULES, name, cwd=tmp_path, env={"ZHIJIAN_LANG": "en"})
    assert (ran.code, advice in ran.err, "iconv" in ran.err) == (4, True, False), ran.err


def test_limits_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    """A line over the limit, too many events: refused in words with the limit, the next record is judged."""
    event = '{"type": "closed", "at": "2022"},'
    many = matter('"events": [' + event * (DEFAULT.events + 1) + event.rstrip(",") + "]")
    with (tmp_path / "big.ndjson").open("w", encoding="utf-8") as file:
        file.write(matter('"note": "' + "x" * DEFAULT.line_bytes + '"') + f"\n{GOOD}\n{many}\n{GOOD}\n")
    ran = run("check", *RULES, "big.ndjson", cwd=tmp_path, env={"ZHIJIAN_LANG": "en"})
    assert re.findall(r"^big.ndjson:(\d+)\S* ([\w-]+):", ran.err, re.MULTILINE) == [
        ("1", "line-too-long"),
        ("3", "too-many-events"),
    ]
    assert str(DEFAULT.line_bytes) in ran.err
    assert str(DEFAULT.events) in ran.err
    assert "4 read = 2 judged + 2 rejected" in ran.out
    assert all(len(line) < 400 for line in ran.err.splitlines())


# -- policies ----------------------------------------------------------------------------------------------------------
NORM = """\
article: {number}
title: {{zh: 坏, en: Bad}}
text: [收到后两日内答复。答复应当书面作出。]
records:
  - id: A{number}.1
    title: {{zh: 坏, en: Bad}}
    source: {{words: 两日内, paragraph: 1, sentence: 1}}
    kind: achievement
    check: machine
    level: high
    subject: matter
    trigger: {{event: received, where: "matter.amount > 1"}}
    deadline: 2 working days
    allowed_states: {{event: answered}}
    remedy: none
"""


@dataclass(frozen=True)
class Slip:
    """A slip of the pen: what replaces what, the code, the text it stands at, the word meant."""

    old: str
    new: str
    code: str
    at: str
    nearest: str = ""
    line_only: bool = False


def where(expression: str) -> str:
    """Write a trigger condition without quotes."""
    return f"where: {expression}}}"


AMOUNT = 'where: "matter.amount > 1"}'
RECEIVED = "{event: received, " + AMOUNT
SLIPS = [
    Slip("paragraph: 1", "paragraph: 2", "no-such-paragraph", "2,"),
    Slip("sentence: 1", "sentence: 3", "no-such-sentence", "3}"),
    Slip("words: 两日内", "words: 三日内", "words-not-in-text", "三日内"),
    Slip("deadline:", "dedline:", "unknown-key", "dedline", "deadline"),
    Slip("level: high", "level: hihg", "unknown-word", "hihg", "high"),
    Slip("subject: matter", "subject: mater", "unknown-entity", "mater", "matter"),
    Slip("event: received", "event: recieved", "unknown-event", "recieved", "received"),
    Slip("event: answered", "event: awnsered", "unknown-event", "awnsered", "answered"),
    Slip("2 working days", "2 workin days", "wrong-form", "2 workin days"),
    Slip("2 working days", "param.answer_dayz", "unknown-parameter", "param.answer_dayz", "answer_days"),
    Slip("2 working days", "param.tolerance", "unit-does-not-fit", "param.tolerance"),
    Slip(AMOUNT, where("matter.amout > 1"), "unknown-attribute", "matter.amout", "amount"),
    Slip(AMOUNT, where("mater.amount > 1"), "unknown-name", "mater", "matter"),
    Slip(AMOUNT, where("matter.state == runing"), "unknown-code", "runing", "running"),
    Slip(AMOUNT, where("matter.amount > param.tolerence"), "unknown-parameter", "param.tolerence", "tolerance"),
    Slip(AMOUNT, where("lenn(persons) > 1"), "unknown-function", "lenn", "len"),
    Slip(AMOUNT, 'where: "(lambda: 1)()"}', "not-in-expressions", '"(lambda'),
    Slip(AMOUNT, 'where: "matter.kind.startswith(1)"}', "not-in-expressions", '"matter.kind.s'),
    Slip(AMOUNT, "one_per: amout}", "unknown-attribute", "amout", "amount"),
    Slip(AMOUNT, where("matter.frozen == true"), "boolean-stands-alone", "true"),
    Slip(AMOUNT, 'where: "(matter.amount > 1"}', "bad-expression", '"(matter'),
    Slip(AMOUNT, 'where: "matter.amount > matter.kind"}', "not-comparable", '"matter'),
    Slip(AMOUNT, 'where: "1 < matter.amount < 5"}', "chained-comparison", '"1 < m'),
    Slip(AMOUNT, 'where: "__import__(1)"}', "unknown-function", '"__imp'),
    *(
        Slip(AMOUNT, where(f"matter.amount > {figure}"), "ambiguous-number", figure)
        for figure in ("0x10", "0b1", "1e3", "1_000", ".5", "1e999999999")
    ),
    Slip(AMOUNT, where("matter.amount > param.issue_date"), "parameter-no-figure", "param.issue_date"),
    Slip(AMOUNT, where("at + param.tolerance > at"), "unit-does-not-fit", "param.tolerance"),
    Slip(AMOUNT, where("events > 1"), "unknown-name", "events >"),
    Slip(AMOUNT, where("matter.amount = 1"), "wrong-sign", "= 1"),
    Slip(AMOUNT, where("matter.amount === 1"), "wrong-sign", "==="),
    Slip(AMOUNT, where("matter.amount >= 1 && matter.frozen"), "wrong-sign", "&&"),
    Slip(AMOUNT, where("matter.amount <= 1 或者 matter.frozen"), "wrong-sign", "或者"),
    Slip(AMOUNT, where("matter.amount != 1 AND 'A AND B' == 'x'"), "wrong-sign", "AND 'A"),
    Slip(AMOUNT, where("matter.amount > 10万"), "unit-in-number", "万"),
    Slip(AMOUNT, where("matter.share > 10%"), "unit-in-number", "%"),
    Slip(AMOUNT, where("at > 2024-10-10"), "day-without-quotes", "2024-10"),
    Slip(AMOUNT, 'where: "matter.amount > 1,000"}', "comma-outside-list", '"matter'),
    Slip(AMOUNT, where("matter.kind in plain"), "code-without-list", "plain}"),
    Slip(AMOUNT, where("closed"), "event-in-expression", "closed}"),
    Slip(AMOUNT, where("person.held"), "entity-not-at-hand", "person.held"),
    Slip(AMOUNT, where("matter.frozen == 是"), "boolean-stands-alone", "是}"),
    Slip(AMOUNT, where("matter.kind == 普通"), "unknown-code", "普通", "plain"),
    Slip(AMOUNT, where("金额 > 1"), "unknown-name", "金额", "amount"),
    Slip("event: received", "event: 收到", "wrong-form", "收到", "received"),
    Slip("event: answered", "event: 书面答复", "wrong-form", "书面答复", "answered"),
    Slip("subject: matter", "subject: 事项", "wrong-form", "事项", "matter"),
    Slip("remedy: none", "unless: [已结束]\n    remedy: none", "wrong-form", "已结束", "matter.closed"),
    Slip("remedy: none", "remedy: [{do: {zh: 催, en: Prompt}, by: 承办人}]", "wrong-form", "承办人", "handler"),
    Slip("    level: high\n", "    level: high\n    level: low\n", "duplicate-key", "level: low"),
    Slip("{event: answered}", "*x", "yaml-alias", "*x"),
    Slip("{event: answered}", "&x {event: answered}", "yaml-anchor", "&x"),
    Slip("{event: answered}", "!!python/object/apply:os.system ['touch pwned']", "yaml-tag", "!!python"),
    Slip("{event: answered}", "{all_of: " + "[" * 60 + "]" * 60 + "}", "too-deep", "[" * 31 + "]", line_only=True),
    Slip("    level: high\n", "\tlevel: high\n", "tab-character", "\tlevel"),
    Slip("level: high", "level:high", "missing-space", "level:high"),
    Slip("en: Bad}\ntext", "en: Bad, as said, indeed}\ntext", "yaml-lone-key", "as said"),
    Slip("level: high", "level：high", "yaml-fullwidth-colon", "：high"),
    Slip("remedy: none", 'remedy: "none', "yaml-open-quote", '"none'),
    Slip("sentence: 1", "sentence: one", "wrong-type", "one}"),
    Slip("sentence: 1", "sentence: 01", "ambiguous-number", "01}"),
    Slip("sentence: 1", "sentence: 1, note: 12:30", "unquoted-clock", "12:30"),
    Slip("deadline: 2 working days", "deadline: {until: forever}", "event-in-hold", "{event: answered}"),
    Slip("deadline: 2 working days", "deadline: {until: trigger ends}", "trigger-has-no-end", "trigger ends"),
    Slip("{event: answered}", "{no_event: answered}", "negation-in-reach", "{no_event"),
    Slip("kind: achievement", "kind: declaratory", "declaratory-asks-only", "declaratory"),
    Slip("check: machine", "check: human", "check-does-not-fit", "human"),
    Slip(RECEIVED, "{breach_of: [A{number}.1]}", "chain-loops", "{breach_of"),
    Slip(RECEIVED, "{breach_of: [A1.11]}", "unknown-norm", "A1.11", "A1.1"),
    Slip("remedy: none", "remedy: [{general: remindr}]", "unknown-remedy", "remindr", "reminder"),
    Slip("remedy: none", "remedy: [{do: {zh: 催, en: Prompt}, by: handlr}]", "unknown-actor", "handlr", "handler"),
    Slip("remedy: none", "effective: {from: 2022-13-01}\n    remedy: none", "time-date", "2022-13-01"),
    Slip(
        "remedy: none",
        "effective: {from: 2024-01-01, to: 2023-01-01}\n    remedy: none",
        "effective-ends-before",
        "2023-01-01",
    ),
    Slip("remedy: none", "effective: {to: 2021-12-31}\n    remedy: none", "effective-ends-before", "2021-12-31"),
    Slip("2 working days", "２ working days", "wrong-form", "２ working", "2 working days"),
    Slip("2 working days", "“2 working days”", "wrong-form", "“2 w", "2 working days"),
    Slip("2 working days", "2个工作日（不含节假日）", "wrong-form", "2个工", "2个工作日"),
    Slip("2 working days", "十五日内", "wrong-form", "十五", "15日"),
    Slip("2 working days", "24小时以内", "wrong-form", "24小", "24小时"),
    Slip("2 working days", "2周", "wrong-form", "2周", "14日"),
    Slip("2 working days", "3日后", "wrong-form", "3日后"),
    Slip("2 working days", "及时", "wrong-form", "及时"),
    Slip("2 working days", "None", "wrong-form", "None", "none"),
    Slip("2 working days", "answer_days", "wrong-form", "answer_days", "param.answer_days"),
    Slip("remedy: none", "effective: {from: 2024年1月1日}\n    remedy: none", "wrong-form", "2024年", "2024-01-01"),
    Slip("remedy: none", "effective: {from: 2024.13.1}\n    remedy: none", "wrong-form", "2024."),
    Slip("remedy: none", "counts_with: [a1.1]\n    remedy: none", "wrong-form", "a1.1", "A1.1"),
    Slip("event: answered", "event: answered、held", "wrong-form", "answered、"),
    Slip(AMOUNT, where("matter.kind == 【plain】"), "fullwidth-sign", "【"),
    Slip(AMOUNT, where("matter.kind ＝＝ plain"), "fullwidth-sign", "＝＝"),
    Slip(AMOUNT, where("（matter.amount > 1）"), "fullwidth-sign", "（"),
    Slip(AMOUNT, where("matter.kind == “plain”"), "fullwidth-sign", "“"),
    Slip(AMOUNT, where("matter.amount > １"), "fullwidth-sign", "１"),
    Slip(AMOUNT, "where: \"matter.kind in [plain，special] and 'a，b' == 'a，b'\"}", "fullwidth-sign", "，special"),
    Slip(AMOUNT, where("matter.amount\u3000> 1"), "yaml-fullwidth-space", "\u3000"),
    Slip("event: received, where", "event: received，where", "fullwidth-sign", "，where"),
    Slip("level: high", "level: 高", "unknown-word", "高", "high"),
    Slip("kind: achievement", "kind: 达成义务", "unknown-word", "达成义务", "achievement"),
    Slip("check: machine", "check: 人工评议", "unknown-word", "人工评议", "human"),
    Slip("remedy: none", "remedy: none\n    unless:\n      -matter.closed", "yaml-dash", "-matter"),
    Slip("remedy: none", "remedy: none\n    unless: matter.closed", "wrong-type", "matter.closed"),
    Slip(
        "remedy: none",
        "remedy: none\n    examples: [{name: 甲, as_of: 2022-01-01, record: {}, expect: {verdict: 合规}}]",
        "unknown-word",
        "合规",
        "compliant",
    ),
    Slip("article: ", "article: 9", "id-of-other-article", "9"),
    Slip(
        "remedy: none",
        "remedy: [{do: {zh: 催, en: Prompt}, by: handler, basis: [A1.11]}]",
        "unknown-norm",
        "A1.11",
        "A1.1",
    ),
    Slip(
        "remedy: none",
        "unless: [{when: matter.frozen, ground: {zh: 甲, en: A}, basis: [A1.1, A88.8]}]\n    remedy: none",
        "unknown-norm",
        "A88.8",
    ),
    Slip("remedy: none", "counts_with: [A1.11]\n    remedy: none", "unknown-norm", "A1.11", "A1.1"),
    Slip("remedy: none", "for_each: {matter: kind == plain}\n    remedy: none", "for-each-of-itself", "matter: kind"),
    Slip("remedy: none", "for_each: {office: open}\n    remedy: none", "for-each-elsewhere", "office: open"),
    Slip("remedy: none", "for_each: {persn: role == giver}\n    remedy: none", "unknown-entity", "persn", "person"),
    Slip(
        'subject: matter\n    trigger: {event: received, where: "matter.amount > 1"}',
        "subject: office\n    trigger: {event: chosen}",
        "event-elsewhere",
        "chosen",
    ),
    Slip(RECEIVED, "{any_of: [{event: received}, {breach_of: [A1.1]}]}", "breach-counted-twice", "{any_of"),
    Slip(
        RECEIVED,
        "{any_of: [{event: received}, {breach_of: [A1.1]}], one_per: entity}",
        "breach-counted-twice",
        "entity",
    ),
    Slip(RECEIVED, "{breach_of: [A2.2]}", "breach-of-no-deadline", "A2.2"),
    Slip(
        RECEIVED + "\n    deadline: 2 working days",
        "{breach_of: [A1.1]}\n    deadline: {by: trigger.due}",
        "lead-without-clock",
        "{by",
    ),
    Slip("2 working days", "{by: 2022-12-30, lead: 2 days}", "lead-without-clock", "{by"),
    Slip(
        "remedy: none",
        "unless: [{when: {no_event: closed}, ground: {zh: 甲, en: A}}]\n    remedy: none",
        "absence-excuses",
        "{no_event",
    ),
    Slip(
        "remedy: none",
        "unless: [{when: {event: closed, within_last: 2 days}, ground: {zh: 甲, en: A}}]\n    remedy: none",
        "within-last-outside-at",
        "{event: closed",
    ),
    Slip("{event: answered}", "{any_of: [matter.closed, {no_event: closed}]}", "negation-in-reach", "{no_event"),
]


@pytest.fixture(scope="module")
def slips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, int]]]:
    """A rule set in which every article has one slip, and the line and column of each."""
    folder = tmp_path_factory.mktemp("slips")
    places = []
    for path in SMALL.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    for number, slip in enumerate(SLIPS, 100):
        text = NORM.format(number=number)
        assert slip.old in text
        text = text.replace(slip.old, slip.new.replace("{number}", str(number)))
        (folder / f"slip-{number}.yaml").write_text(text, encoding="utf-8")
        start = text.index(slip.at, text.index(slip.new.replace("{number}", str(number))) if slip.new in text else 0)
        places.append((text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)))
    return folder, places


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_slip_of_every_file_is_reported_in_one_run(slips: tuple[Path, list[tuple[int, int]]], lang: str) -> None:
    """Path, line, column, code, the line, a caret below the word, "did you mean"; nothing else is blamed; exit 3."""
    folder, places = slips
    ran = run("lint", folder, "--lang", lang, cwd=folder)
    assert_refused(ran, 3)
    found = {Path(place.rpartition(":")[0]).name: block for place, block in blocks(ran.err).items()}
    for number, (slip, (line, column)) in enumerate(zip(SLIPS, places, strict=True), 100):
        name = f"slip-{number}.yaml"
        ((head, *rest),) = found.pop(name)
        expected = f"{folder / name}:{line}:" + ("" if slip.line_only else f"{column}: {slip.code}: ")
        assert head.startswith(expected), (slip, head)
        assert f": {slip.code}: " in head
        assert not re.search(r"[`“ ]\?[`” ]", head), head  # a word that the sentence waits for and nobody gave
        assert_caret(rest[0], rest[1], "" if slip.line_only else slip.at)
        meant = {"zh": f"是不是“{slip.nearest}”？", "en": f"did you mean `{slip.nearest}`?"}[lang]
        assert any(meant in r for r in rest) is bool(slip.nearest), (slip, rest)
    assert found == {}
    assert not (folder / "pwned").exists()


def test_what_not_all_triggers_have_is_not_advised(tmp_path: Path) -> None:
    """An attribute that an opening event lacks is refused, and not offered as what was meant.

    One of two may lack it, or the answer to a gap, which opens the next one.
    """
    for path in SMALL.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = NORM.format(number=9)
    two = text.replace("event: received, where", "event: [received, closed], where")
    series = text.replace("2 working days", "{every: 2 days}")
    amount = '{event: answered, where: "trigger.amount > 1"}'
    for slip in (
        two.replace("{event: answered}", amount),
        two.replace(AMOUNT, "one_per: amount}"),
        series.replace("{event: answered}", amount),
    ):
        (tmp_path / "article-9.yaml").write_text(slip, encoding="utf-8")
        ran = run("lint", tmp_path, "--lang", "en")
        assert_refused(ran, 3)
        assert "unknown-attribute: trigger has no attribute `amount`" in ran.err
        assert "did you mean" not in ran.err


def assert_refused(ran: Ran, code: int) -> None:
    """The code, a last line that says why, and no traceback."""
    assert ran.code == code, ran
    assert re.fullmatch(rf"(退出码|exit) {code}[：:].+", ran.last)
    assert "Traceback" not in ran.err


def test_versions_of_a_norm_must_not_overlap(tmp_path: Path) -> None:
    """Two records of one id in force at once are refused at the second, with the place of the first.

    Whoever names the id that the second was to have is not blamed.
    """
    text = NORM.format(number=9)
    text += text[text.index("  - id") :] + "    counts_with: [A9.2]\n"
    (tmp_path / "article-9.yaml").write_text(text, encoding="utf-8")
    ran = run("lint", tmp_path, SMALL)
    assert_refused(ran, 3)
    (found,) = blocks(ran.err).values()
    ((head, *_),) = found
    first = f"{tmp_path}/article-9.yaml"
    assert head.startswith(f"{first}:16:9: versions-overlap: 编号“A9.1”与 {first} 第 5 行的规则相同")


@pytest.mark.parametrize(
    ("name", "advice"), [("第1条.yaml", "把这个文件改名为 article-1.yaml"), ("article-1.yaml", "只写改过的文件")]
)
def test_a_copy_beside_the_file_it_should_replace_is_told_how(name: str, advice: str, tmp_path: Path) -> None:
    """One problem a file, not one a norm; what was meant is the place of the other file and no new ids."""
    copy = tmp_path / name
    copy.write_bytes((SMALL / "article-1.yaml").read_bytes())
    ran = run("lint", SMALL, copy)
    assert_refused(ran, 3)
    assert re.findall(r"^\S+:(\d+:\d+: [\w-]+): ", ran.err, re.MULTILINE) == ["5:9: versions-overlap"]
    assert advice in ran.err


def test_a_file_given_as_one_of_another_kind_is_named(tmp_path: Path) -> None:
    """Values of parameters among the rules, or an article as parameters: which option takes it, not what it lacks."""
    figures = tmp_path / "figures.yaml"
    figures.write_text("parameters:\n  answer_days: {values: []}\n", encoding="utf-8")
    article = SMALL / "article-1.yaml"
    for arguments, path, code, option in (
        (("lint", figures), f"{figures}:1:1", "figures-for-rules", "--parameters"),
        (("norms", "-p", SMALL, "--parameters", article), f"{article}:2:1", "rules-for-figures", "-p"),
    ):
        ran = run(*arguments)
        assert_refused(ran, 3)
        assert ran.err.startswith(f"{path}: {code}: ")
        assert len(re.findall(r"^\S+:\d+:\d+: ", ran.err, re.MULTILINE)) == 1
        assert f"用 {option} 指定" in ran.err


def second(text: str, identifier: str) -> str:
    """Give an article a second record with its own id."""
    record = text[text.index("  - id") :]
    return text + re.sub(r"id: \S+", f"id: {identifier}", record, count=1)


def test_an_id_bears_the_number_of_its_article(tmp_path: Path) -> None:
    """One id with another number is wrong itself; where all have one other number, that of the article is."""
    for path in SMALL.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = NORM.format(number=8).replace("    remedy: none\n", "    counts_with: [A8.2]\n    remedy: none\n")
    (tmp_path / "article-8.yaml").write_text(second(text, "A1.1"), encoding="utf-8")
    number = NORM.format(number=9).replace("article: 9", "article: 7")
    (tmp_path / "article-9.yaml").write_text(second(number, "A9.2a"), encoding="utf-8")
    ran = run("lint", tmp_path)
    assert re.findall(r"/([\w.-]+:\d+:\d+: [\w-]+): ", ran.err) == [
        "article-8.yaml:17:9: id-of-other-article",
        "article-9.yaml:1:10: id-of-other-article",
    ]


NAMED = [
    ("norms: [A1.4]", "norms: [A1.44]", "A1.44", "A1.4"),
    ("basis: [A1.1]", "basis: [A1.1, A2.11]", "A2.11", "A2.1"),
    ("type: boolean, source: attested", "type: boolean, source: attested, basis: [A1.11]", "A1.11", "A1.1"),
]


@pytest.mark.parametrize(("old", "new", "at", "meant"), NAMED)
def test_norms_named_in_the_vocabulary_exist(old: str, new: str, at: str, meant: str, tmp_path: Path) -> None:
    """Parameters, general remedies and variables name norms too; those of articles elsewhere are not judged."""
    for path in SMALL.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace(old, new)
        (tmp_path / path.name).write_text(
            text.replace("by: handler, basis: [A", "by: handler, basis: [A77.7, A"), "utf-8"
        )
    ran = run("lint", tmp_path)
    assert_refused(ran, 3)
    lines = (tmp_path / "vocabulary.yaml").read_text(encoding="utf-8").splitlines()
    number, line = next((n, line) for n, line in enumerate(lines, 1) if at in line)
    place = f"{tmp_path}/vocabulary.yaml:{number}"
    ((head, *rest),) = blocks(ran.err)[place]
    assert head.startswith(f"{place}:{line.index(at) + 1}: unknown-norm: ")
    assert f"  提示: 是不是“{meant}”？" in rest
    assert len(blocks(ran.err)) == 1


def test_norms_of_a_refused_article_are_not_unknown(tmp_path: Path) -> None:
    """While an article can't be read, nobody can say which norms it lacks."""
    for path in SMALL.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "article-8.yaml").write_text(NORM.format(number=8).replace("title: {", "title: {{"), encoding="utf-8")
    named = NORM.format(number=9) + "    counts_with: [A8.1, A8.9]\n"
    (tmp_path / "article-9.yaml").write_text(named, encoding="utf-8")
    assert [Path(place).name.partition(":")[0] for place in blocks(run("lint", tmp_path).err)] == ["article-8.yaml"]


def test_a_mistake_in_the_vocabulary_is_not_blamed_on_the_articles(tmp_path: Path) -> None:
    """While a file of the vocabulary is refused, only what is wrong with the files themselves is reported."""
    for path in SMALL.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("matter.kind: {label:", "matter.kind: {lable:")
        (tmp_path / path.name).write_text(text.replace("level: medium", "level: medum"), encoding="utf-8")
    ran = run("lint", tmp_path, "--lang", "en")
    assert_refused(ran, 3)
    assert re.findall(r"^\S+/([\w.-]+):\d+:\d+: ([\w-]+):", ran.err, re.MULTILINE) == [
        ("article-1.yaml", "unknown-word"),
        ("vocabulary.yaml", "unknown-key"),
    ]


def test_an_unknown_event_is_not_blamed_on_what_depends_on_it(tmp_path: Path) -> None:
    """A norm that is refused is no unknown norm, and its trigger's attributes are not looked for."""
    for path in SMALL.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    first = NORM.format(number=8).replace("event: received", "event: recieved")
    first = first.replace("{event: answered}", "{event: answered, where: trigger.amount > 1}")
    chained = NORM.format(number=9).replace('{event: received, where: "matter.amount > 1"}', "{breach_of: [A8.1]}")
    (tmp_path / "article-8.yaml").write_text(first, encoding="utf-8")
    (tmp_path / "article-9.yaml").write_text(chained, encoding="utf-8")
    ran = run("lint", tmp_path)
    assert re.findall(r": ([\w-]+): ", ran.err) == ["unknown-event"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_rule_set_that_is_none_is_named(tmp_path: Path, lang: str) -> None:
    """A missing path, an empty folder, a folder with overlays only: exit 3 and why."""
    for name in ("empty", "overlays"):
        (tmp_path / name).mkdir()
    (tmp_path / "overlays" / "parameters.demo.yaml").write_text("parameters: {}\n", encoding="utf-8")
    for path, code in (("nowhere", "no-such-file"), ("empty", "no-policies"), ("overlays", "no-policies")):
        ran = run("check", "--as-of", "2024", "-p", tmp_path / path, "--lang", lang, stdin=GOOD)
        assert_refused(ran, 3)
        assert ran.err.startswith(f"{tmp_path / path}: {code}: ")
    both = run("check", "-p", tmp_path / "nowhere", "-p", tmp_path / "empty", "--as-of", "2024")
    assert both.err.count(str(tmp_path)) == 2


OVERLAY = [
    ("answer_dayz: {values: [{from: 2022-01-01, value: 1, BASIS}]}", "unknown-parameter", "answer_dayz"),
    ("answer_days: {values: [{from: 2022-01-01, value: 1.5, BASIS}]}", "parameter-not-whole", "1.5"),
    ("answer_days: {values: [{from: 2022-01-01, value: -1, BASIS}]}", "parameter-not-whole", "-1,"),
    ("answer_days: {values: [{from: 2022-01-01, value: 3 days, BASIS}]}", "parameter-not-whole", "3 days"),
    ("answer_days: {values: [{from: 2022-13-01, value: 1, BASIS}]}", "time-date", "2022-13"),
    ("answer_days: {values: [{from: 2022-01-01, value: 1, BASIS}, {from: 2022-01-01, value: 2, BASIS}]}",
     "repeated-item", "2022-01-01, value: 2"),
    ('answer_days: {values: [{from: 2022-01-01, value: "5", BASIS}]}', "parameter-is-text", '"5"'),
    ("answer_days: {values: [{from: 2022-01-01, value: ５, BASIS}]}", "parameter-is-text", "５"),
    ("tolerance: {values: [{from: 2022-01-01, value: '0.5', BASIS}]}", "parameter-is-text", "'0.5'"),
    ("answer-days: {values: []}", "wrong-key-form", "answer-days"),
    ("answer_days: 24", "wrong-type", "24"),
    ("tolerance: {values: [{from: 2022-01-01, value: much, BASIS}]}", "parameter-not-number", "much"),
    ("tolerance: {values: [{from: 2022-01-01, value: -0.1, BASIS}]}", "number-too-small", "-0.1"),
    ("hour_start: {values: [{from: 2022-01-01, value: exactly, BASIS}]}", "unknown-word", "exactly"),
    ("day_end: {values: [{from: 2022-01-01, value: 5pm, BASIS}]}", "wrong-form", "5pm"),
    ("issue_date: {values: [{from: 2022-01-01, value: soon, BASIS}]}", "time-format", "soon"),
    ("answer_days: {unit: days, values: []}", "unknown-key", "unit"),
    ("answer_days: {values: [{from: 2022-01-01, value: true, BASIS}]}", "wrong-type", "true"),
    ("answer_days: {values: [{from: 2022-01-01, value: 1}]}", "missing-key", "{from"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "at"), OVERLAY)
def test_a_parameter_that_does_not_fit_is_refused(line: str, code: str, at: str, tmp_path: Path) -> None:
    """Unknown names, wrong units and types, broken periods, words nobody understands: exit 3 and the place."""
    text = "parameters:\n  " + line.replace("BASIS", "basis: {zh: 甲, en: A}") + "\n"
    (tmp_path / "parameters.own.yaml").write_text(text, encoding="utf-8")
    ran = run("check", *RULES, "--parameters", tmp_path / "parameters.own.yaml", stdin=GOOD)
    assert_refused(ran, 3)
    column = text.splitlines()[1].index(at) + 1
    assert re.findall(r":(\d+):(\d+): ([\w-]+): ", ran.err) == [("2", str(column), code)]


def test_a_parameter_that_fits_decides(tmp_path: Path) -> None:
    """With a value the open word is judged; several parameter files are read one after the other."""
    own = tmp_path / "parameters.own.yaml"
    text = "parameters: {answer_days: {values: [{from: 2020-01-01, value: N, basis: {zh: 甲, en: A}}]}}\n"
    own.write_text(text.replace("N", "3"), encoding="utf-8")
    zero = tmp_path / "parameters.zero.yaml"
    zero.write_text(text.replace("N", "0"), encoding="utf-8")
    record = GOOD.replace('"2022"', '"2022-03-01"')
    for files, due in (([own], "2022-03-04"), ([own, zero], "2022-03-01")):
        flags = [word for file in files for word in ("--parameters", file)]
        ran = run("check", *RULES, *flags, "--select", "A1.4", stdin=record)
        assert f"期限至 {due}" in ran.out


# -- files that mean harm ----------------------------------------------------------------------------------------------
def quickly(arguments: tuple[str | Path, ...], cwd: Path) -> Ran:
    """Run a command that must be over at once; on a busy machine a second of work may count double."""
    start = time.process_time()
    ran = run(*arguments, cwd=cwd)
    assert time.process_time() - start < 2
    return ran


def corpus(*suffixes: str) -> Iterator[Path]:
    """Yield the kept hostile files of some kinds."""
    yield from (p for p in sorted(HOSTILE.iterdir()) if p.suffix in suffixes and p.name != "expected.json")


def test_every_kept_file_is_refused_as_records(tmp_path: Path) -> None:
    """Broken, ambiguous and hostile JSON: exit 4 within a second, in words, and nothing is judged wrongly."""
    for path in corpus(".json", ".ndjson"):
        ran = quickly(("check", *RULES, path), tmp_path)
        assert_refused(ran, 4)
        assert str(path) in ran.err
    assert list(tmp_path.iterdir()) == []


def test_every_kept_file_is_refused_as_policies(tmp_path: Path) -> None:
    """Tags that would run code, bombs, broken encodings: exit 3 within a second, in words, and nothing is run."""
    for path in corpus(".yaml"):
        ran = quickly(("lint", SMALL, path), tmp_path)
        assert_refused(ran, 3)
        assert str(path) in ran.err
    assert list(tmp_path.iterdir()) == []


MADE: dict[str, Callable[[], bytes]] = {
    "brackets.yaml": lambda: b"a: " + b"[" * 50_000,
    "mappings.yaml": lambda: b"{a: " * 50_000,
    "indented.yaml": lambda: b"".join(b" " * i + b"a:\n" for i in range(500)),
    "bomb.yaml": lambda: b"a: &a [x, x]\n"
    + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 122)),
    "large.yaml": lambda: b"# x\n" * (DEFAULT.policy_bytes // 4) + b"a: 1\n",
    "values.yaml": lambda: b"a: [" + b"1," * DEFAULT.nodes + b"1]",
    "digits.yaml": lambda: b"a: " + b"9" * 5000,
    "code.yaml": lambda: b"a: !!python/object/apply:os.system ['touch pwned']\n",
    "module.yaml": lambda: b"a: !!python/module:antigravity x\n",
    "nul.yaml": lambda: b"a: \x00\n",
    "brackets.json": lambda: b"[" * 100_000,
    "objects.json": lambda: b'{"a":' * 100_000,
    "digits.ndjson": lambda: b'{"a": ' + b"9" * 100_000 + b"}",
    "quotes.ndjson": lambda: b'{"a": "' + b'\\"' * 100_000,
    "keys.ndjson": lambda: b"{" + b",".join(b'"k%d": 1' % i for i in range(20_000)) + b"}",
    "long-word.ndjson": lambda: matter('"' + "kind" * 20_000 + '": 1').encode(),
    "names.ndjson": lambda: matter('"persons": [' + ", ".join(['{"id": "p", "x": 1}'] * 2000) + "]").encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_made_files_are_refused_quickly(name: str, tmp_path: Path) -> None:
    """Depth, size, repetition, code: refused within a second, in words that fit a screen, and nothing is run."""
    path = tmp_path / name
    path.write_bytes(MADE[name]())
    is_policy = name.endswith(".yaml")
    ran = quickly(("lint", SMALL, path) if is_policy else ("check", *RULES, path), tmp_path)
    assert_refused(ran, 3 if is_policy else 4)
    assert all(len(line) < 700 for line in ran.err.splitlines())
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_text_from_a_file_cannot_command_the_terminal() -> None:
    """Escapes, line ends and reversed text in keys, ids and names are shown as escapes, also in findings."""
    evil = r"\u001b[2J\u202e\n\u0007"
    key = matter(f'"{evil}": 1')
    ran = run("check", *RULES, "--show-all", stdin=key + "\n" + GOOD.replace("good", evil))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", ran.out + ran.err)
    assert r"\u001b[2J\u202e\n" in ran.out
    assert r"\u001b[2J\u202e\n" in ran.err


ESCAPES = "\x1b[2J\u202e\r\u2028"


def test_no_command_lets_text_of_an_input_command_the_terminal(tmp_path: Path) -> None:
    """Neither ids nor paths nor names, in what any command prints for people; from Python lines are lines."""
    identifier = json.dumps(f"x\n{ESCAPES}", ensure_ascii=False)
    answer = '{"type": "answered", "at": "2022-03-02", "good": false, "person": "p1"}'
    record = received('{"type": "received", "at": "2022-03-01"}, ' + answer).replace(
        '"id": "x"', '"id": "x", "kind": "plain"'
    )
    record = record.replace('"x"', identifier).replace('"p1"', identifier)
    case = f'{{"record_type": "case", "id": {identifier}, "type": "first_enforcement", "court_id": "c", "events": []}}'
    name = f"a {ESCAPES}.ndjson"
    (tmp_path / name).write_text(record, encoding="utf-8")
    (tmp_path / "later.ndjson").write_text(record.replace("03-02", "03-09"), encoding="utf-8")
    (tmp_path / "case.json").write_text(case, encoding="utf-8")
    (tmp_path / "amended").mkdir()
    for path in SMALL.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("deadline: 2 working days", "deadline: 20 working days")
        (tmp_path / "amended" / path.name).write_text(text, encoding="utf-8")
    run("check", name, *RULES, "--output-format", "ndjson", "-o", f"{name}.out", cwd=tmp_path)
    for arguments, code in (
        (("explain", name, "A1.2", *RULES), 0),
        (("gate", name, "--event", '{"type": "received"}', *RULES), 0),
        (("due", name, *RULES), 0),
        (("verify", f"{name}.out"), 0),
        (("replay", f"{name}.out", "--records", "later.ndjson", "-p", str(SMALL)), 1),
        (("diff", str(SMALL), "amended", "--records", "later.ndjson", "--as-of", "2024"), 0),
        (("letter", "notice", "case.json", "--as-of", "2022-03-01"), 5),
    ):
        ran = run(*arguments, "--lang", "en", cwd=tmp_path)
        assert ran.code == code, (arguments, ran)
        assert r"\u001b[2J\u202e" in ran.out + ran.err or arguments[0] == "gate", arguments
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]", ran.out + ran.err), arguments
    lines = explain(load([str(SMALL)]), record, "A1.2", "2024-01-01")
    assert any(r"\u001b[2J\u202e\r\u2028" in line for line in lines)
    assert not any("\n" in line for line in lines)
