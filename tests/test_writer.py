"""What compiled code writes directly is what the forms write of the interpreter's findings, byte for byte."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plain_records import RECORDS, compact, in_another_way, made, program

from validator.batch.chunk import JudgedChunk, Settings, join
from validator.batch.feed import Chunk, chunks
from validator.batch.forms import COLUMNS, IN_PIECES, View, csv_line, stands
from validator.batch.run import judge_of
from validator.batch.writer import Writer
from validator.compiling.compiled import CompiledProgram
from validator.engine import Summary
from validator.facts.context import Context
from validator.judging.finding import Verdict
from validator.judging.interpreter import Options
from validator.judging.tally import Tally
from validator.legal_time.instant import parse_as_of
from validator.output.publishing import json_line
from validator.rules.program import Program
from validator.sample import sample

ODD_NAMES = (
    'a "quoted" name', "back\\slash", "comma, space", "=1+1", "-5", "+5", "@x", "tab\there", "bell\x07", "del\x7f",
    "line\u2028sep", "next\x85line", "𠮷野", "\u0000", "new\nline", "car\rriage", "100%", "%s", "{x}",
    "\ue000record\ue001", "0987-06-05", "987650000003", " blank ", "'quoted'", "ﬁ", "\ufeffmark", "A;B", "é",
)  # fmt: skip
HOSTILE, PUBLISHED = Path(__file__).parent / "hostile", Path(__file__).parent / "records" / "published"
NOON = "2022-01-07T12:00:00+08:00"
FORMS = ("json", "ndjson", "csv", "text")


@pytest.fixture(autouse=True)
def _soon_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few records teach what is usual."""
    monkeypatch.setattr("validator.compiling.decoding.LESSONS", 8)


def told(rules: Program, lines: list[str], settings: Settings) -> JudgedChunk:
    """Judge lines as one chunk."""
    judge, halves = judge_of(rules, Context({}), settings), (lines[: len(lines) // 2], lines[len(lines) // 2 :])
    found, line, offset = [], 3, 100
    for number, half in enumerate(halves):
        data = "".join(f"{text}\n" for text in half).encode()
        found.append(judge(Chunk(number, "in.ndjson", line, offset, data, len(half))))
        line, offset = line + len(half), offset + len(data)
    return join(found[0], found[1], settings)


def same(
    rules: Program, lines: list[str], as_of: str, form: str, *, whole: bool, ignoring: bool = False, **options: Any
) -> Summary:
    """Demand that both engines make the same of lines, but for who judged; return the counts of compiled code."""
    settings = Settings(
        parse_as_of(as_of), Options(**options), View(form, "en", whole), ignoring, rejects="content", compiled=True
    )
    quick = told(rules, lines, settings)
    slow = told(rules, lines, replace(settings, compiled=False))
    assert quick.output == slow.output
    assert (quick.rejects, quick.problems, quick.blank) == (slow.rejects, slow.problems, slow.blank)
    if whole:
        assert +quick.folds == +slow.folds
    return counted(quick, slow)


def counted(quick: JudgedChunk, slow: JudgedChunk) -> Summary:
    """Demand the same counts."""
    ours, theirs = quick.summary.plain(), slow.summary.plain()
    for plain in (ours, theirs):
        for name in ("findings", "breaches_by_level", "reasons"):
            plain[name] = {k: v for k, v in plain[name].items() if v}
        del plain["compiled"], plain["interpreted"]
    assert ours == theirs
    return quick.summary


def records(count: int, slips: float, seed: str) -> list[str]:
    """Return records of the plain rule set, with blanks now and then, and what is no record."""
    rng = Random(seed)  # noqa: S311 - chance that can be repeated
    lines = []
    for _ in range(count):
        record = made(rng, slips)
        lines.append(json.dumps(record, ensure_ascii=False) if rng.random() < 0.3 else compact(record))
    return [*lines, "", '{"record_type":"matter"}', "  ", lines[0] + " \t"]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_of_made_up_records(form: str, *, whole: bool) -> None:
    """Every verdict, in time and late, in force and before, with gaps and without."""
    seen: Counter[str] = Counter()
    for as_of, slips, in_force in (("2022-03-01T12:00:00+08:00", 0.0, False), ("2022-12-31", 0.1, True)):
        lines = records(max(100, RECORDS // 10), slips, as_of)
        summary = same(program(), lines, as_of, form, whole=whole, assume_in_force=in_force)
        seen += summary.findings
        assert summary.compiled > 0
        assert summary.rejected > 0
    assert {v for v, n in seen.items() if n} >= set(map(str, Verdict)) - {Verdict.NEEDS_REVIEW, Verdict.EXCUSED}


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_of_days_that_no_notice_settles(form: str, *, whole: bool) -> None:
    """Ends in 2027 are provisional, those of 2022 are not, and a row or an object of either says so or not."""
    firm = records(60, 0.0, "settled")
    lines = [line.replace("2022-", "2027-") if number % 2 else line for number, line in enumerate(firm)]
    settings = Settings(parse_as_of("2027-12-31"), view=View(form, "en", whole), compiled=True)
    summary = same(program(), lines, "2027-12-31", form, whole=whole)
    assert summary.compiled > 0
    assert summary.provisional > 0
    output = told(program(), lines, settings).output.decode()
    if form == "csv":
        listed = list(csv.DictReader(io.StringIO(output, newline=""), fieldnames=list(COLUMNS)))
        assert {(row["due_day"][:4], row["provisional"]) for row in listed} >= {("2022", "false"), ("2027", "true")}
        assert all(row["provisional"] == "false" for row in listed if not row["due_day"].startswith("2027"))
        told_of = sum(row["provisional"] == "true" for row in listed)
        assert told_of == summary.provisional if whole else told_of <= summary.provisional


def spoiled(rng: Random, lines: list[str]) -> bytes:
    """Return lines as one text, most of the time with something that is not as usual in one of them, or in all."""
    lines = list(lines)
    place, what = rng.randrange(len(lines)), rng.randrange(9)
    if what > 6:  # as Python writes them, perhaps with other line ends
        return "".join(f"{json.dumps(json.loads(line))}{' ' * (what - 7)}\r\n" for line in lines).encode()
    line = lines[place]
    cut = rng.randrange(len(line))
    lines[place] = {
        0: in_another_way(rng, json.loads(line)),
        1: (line[:cut] + rng.choice('"{}[]:,x0 .-Te') + line[cut + 1 :]).replace("\n", " "),
        2: line.replace('"id":', '"id":"again","id":', 1),
        3: "",
        4: compact(made(rng, 0.3)),
        5: f"{line}\r",
    }.get(what, line)
    return ("\n".join(lines) + ("" if what == 6 else "\n")).encode()


@pytest.mark.parametrize("whole", [False, True])
def test_lines_that_are_judged_together(monkeypatch: pytest.MonkeyPatch, *, whole: bool) -> None:
    """A chunk of lines is judged as its lines are, whatever is odd in one of them; without one, all at once."""
    settings = Settings(parse_as_of("2022-12-31"), view=View("ndjson", "en", whole), rejects="content", compiled=True)
    quick, slow = (judge_of(program(), Context({}), s) for s in (settings, replace(settings, compiled=False)))
    apart, run = [], CompiledProgram.run

    def counting(self: CompiledProgram, lines: Iterable[bytes], *args: Any, **options: Any) -> Any:
        apart.append(lines)
        return run(self, lines, *args, **options)

    monkeypatch.setattr(CompiledProgram, "run", counting)
    rng = Random(str(whole))  # noqa: S311 - chance that can be repeated
    odd = re.compile('"item_id"|"recorded_at"|"known_on"|"id":"e')
    usual = [line for _ in range(1200) if not odd.search(line := compact(made(rng, 0.0)))]
    monkeypatch.setattr("validator.compiling.decoding.LESSONS", len(usual))
    monkeypatch.setattr("validator.compiling.decoding._EVERY", 1)
    quick(Chunk(0, "in.ndjson", 1, 0, "".join(f"{line}\n" for line in usual).encode(), len(usual)))
    rounds = max(100, RECORDS // 20)
    for number in range(rounds):
        lines = rng.sample(usual, 6)
        data = spoiled(rng, lines) if number % 3 == 0 else "".join(f"{line}\n" for line in lines).encode()
        chunk = Chunk(number, "in.ndjson", 3, 100, data, data.count(b"\n") + (not data.endswith(b"\n")))
        ours, theirs = quick(chunk), slow(chunk)
        assert (ours.output, ours.rejects, ours.problems) == (theirs.output, theirs.rejects, theirs.problems)
        counted(ours, theirs)
    assert rounds // 4 < len(apart) < rounds * 2 // 3


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_of_odd_names(form: str, *, whole: bool) -> None:
    """Names that a form does not write as they stand, of records, entities and events."""
    rng = Random(3)  # noqa: S311 - chance that can be repeated
    lines = []
    for name in ODD_NAMES:
        for place in ("record", "item", "event"):
            record = made(rng, 0.0)
            record |= {"items": [{"id": name if place == "item" else "i0", "worth": 1, "free": True}], "place": "x"}
            events = [e for e in record["events"] if "item" not in e and "item_id" not in e]
            events += [{"type": "found", "at": "2022-12-30T08:00:00+08:00", "item": record["items"][0]["id"]}]
            record["events"] = events
            if place == "record":
                record["id"] = name
            if place == "event":
                events[-1]["id"] = name
            lines += [compact(record), json.dumps(record)]
    lines.append(json.dumps({**made(rng, 0.0), "id": "\ud800"}))
    lines.append(compact({**made(rng, 0.0), "id": "i0"}))  # an item of that name
    assert same(program(), lines, "2023-12-31", form, whole=whole).compiled > 0


@given(st.text(max_size=12) | st.from_regex(r"[(（〔]?.\w{0,3}[-=+@\"\\]?", fullmatch=True))
@example("(2023)苏0508执1号")
@example("（2023）苏0508执1号之一")
@example("(=1+1)")
def test_what_is_said_to_stand_is_written_as_it_is(text: str) -> None:
    """A name that may be put between other bytes is what each form itself would write."""
    if stands(text, "csv"):
        assert csv_line((text, text)) == f"{text},{text}\r\n"
    if stands(text, "ndjson"):
        assert json_line([text]) == f'["{text}"]'


@pytest.mark.parametrize("form", sorted(IN_PIECES))
def test_what_is_written_directly(form: str) -> None:
    """A name that stands as it is goes the quick way, any other the way of the form; neither is guessed."""
    engine = CompiledProgram(program(), parse_as_of("2022-12-31"), Options(), Context({}))
    writer = Writer(engine.telling, View(form, "en", whole=True))
    quick = {}
    for name in ODD_NAMES:
        record = {"record_type": "matter", "id": name, "items": [], "papers": [], "events": [
            {"type": "received", "at": "2022-01-07T12:00:00+08:00", "amount": 500, "way": "post"},
        ]}  # fmt: skip
        for _, plain in engine.run([compact(record).encode()], Tally(), whole=True):
            quick[name] = plain is not None and writer.write(plain, "in.ndjson", 1) is not None
    assert {"100%", "%s", "{x}", "é", "𠮷野"} <= {name for name, done in quick.items() if done}
    assert not any(done for name, done in quick.items() if not stands(name, form))
    assert quick["=1+1"] is quick["comma, space"] is (form != "csv")


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_events_that_nobody_declared(form: str, *, whole: bool) -> None:
    """They are counted, and the others judged by compiled code, with their places in the record."""
    rng = Random(f"unknown {form}")  # noqa: S311 - chance that can be repeated
    texts = []
    for _ in range(200):
        record = made(rng, 0.02)
        for _ in range(rng.randrange(3)):
            strange = {
                "type": rng.choice(("unheard", "of")),
                "at": rng.choice(("when?", NOON)),
                "id": "e0",
                "x": [1.50],
            }
            record["events"].insert(rng.randrange(len(record["events"]) + 1), strange)
        if rng.random() < 0.1:
            record["events"].append(rng.choice((1, {"type": 7}, {"at": NOON}, {"type": "of", "at": 7, "type ": 1})))
            texts.append(compact(record))
        else:
            texts.append(in_another_way(rng, record).strip().replace("\n", " "))
        if rng.random() < 0.1:
            texts[-1] = texts[-1].replace("{", '{"x":1,"x":2,', 3)
    for ignoring in (True, False):
        summary = same(program(), texts, "2022-12-31", form, whole=whole, ignoring=ignoring)
        assert (summary.ignored_events > 50) is ignoring
        assert not ignoring or summary.interpreted < 0.3 * summary.compiled


ODD_ELEMENTS = (
    '{"record_type":"matter","id":"m","id":"m","events":[]}', '{"record_type":"matter","id":"m","palce":1}',
    '{"record_type":"matter","id":"m","events":[],"limit":1234567890123456789012}', "[]", "1", '"\\ud840"', "{}",
    '{"record_type":"matter","id":"m","events":[],"limit":1e-999}', '{"record_type":"matter","id":"m","events":[],}',
    '{"record_type":"matter","id":"\\u0022","events":[]}', '{"a":' * 60 + "1" + "}" * 60, "NaN", "nul", "",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_of_documents(tmp_path: Path, form: str) -> None:
    """An array of records as systems write it, some elements of which are refused, and a record by itself."""
    rng = Random(form)  # noqa: S311 - chance that can be repeated
    file = tmp_path / "in.json"
    for number in range(40):
        texts = [in_another_way(rng, made(rng, 0.02)) for _ in range(rng.randrange(6))]
        if number % 2:
            texts.insert(rng.randrange(len(texts) + 1), ODD_ELEMENTS[number // 2 % len(ODD_ELEMENTS)])
        between = rng.choice((",", ", ", " ,\n\r\n"))
        whole = texts[0] if number % 5 == 0 and texts else f"{rng.choice(('', ' '))}[{between.join(texts)}]\n"
        file.write_bytes(b"\xef\xbb\xbf" * (number % 3 == 0) + whole.encode())
        found = list(chunks([file], size=2000))
        settings = Settings(parse_as_of("2022-12-31"), view=View(form, "zh", number % 4 == 0), rejects="content")
        quick, slow = (
            [judge_of(program(), Context({}), way)(chunk) for chunk in found]
            for way in (replace(settings, compiled=True), settings)
        )
        for ours, theirs in zip(quick, slow, strict=True):
            assert ours.output == theirs.output, whole
            assert (ours.rejects, ours.problems, ours.blank) == (theirs.rejects, theirs.problems, theirs.blank)
            counted(ours, theirs)


@pytest.mark.parametrize("ignoring", [False, True])
def test_the_bytes_of_kept_files(*, ignoring: bool) -> None:
    """Files that no reader should be given, and published matters."""
    view = View("ndjson", "zh", whole=True)
    settings = Settings(parse_as_of("2024-06-30"), Options(assume_in_force=True), view, ignoring, rejects="content")
    judges = [judge_of(program(shipped=True), Context({}), replace(settings, compiled=c)) for c in (True, False)]
    files, seen = [f for f in (*HOSTILE.iterdir(), *PUBLISHED.rglob("*.json")) if f.is_file()], 0
    for chunk in chunks(sorted(files)):
        quick, slow = (judge(chunk) for judge in judges)
        assert quick.output == slow.output, chunk.path
        assert (quick.rejects, quick.problems, quick.blank) == (slow.rejects, slow.problems, slow.blank), chunk.path
        seen += quick.summary.read
    assert seen > 60


@pytest.mark.parametrize("path", ["in,put", '"x"', "=x", "a\udc80b", "c:\\x"])
@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_of_odd_paths(form: str, path: str) -> None:
    """An input of any name."""
    data = "\n".join(records(20, 0.0, "path")).encode()
    chunk = Chunk(0, path, data=data, lines=data.count(b"\n") + 1)
    settings = Settings(parse_as_of("2022-12-31"), view=View(form, "zh"), compiled=True)
    ways = (settings, replace(settings, compiled=False))
    outputs = [judge_of(program(), Context({}), way)(chunk).output for way in ways]
    assert outputs[0] == outputs[1]
    assert outputs[0]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("form", sorted(IN_PIECES))
def test_the_bytes_of_a_docket(form: str, *, whole: bool) -> None:
    """The shipped rules, of which only some are plain."""
    lines = [json_line(record) for record in list(sample(25, 5))[20:]]  # the last one is plain
    assert same(program(shipped=True), lines, "2025-06-30", form, whole=whole).compiled > 0


@pytest.mark.parametrize("at", ["2022-03-01T12:00:00+08:00", {"not_before": "2022-03-01", "not_after": "2022-03-02"}])
@pytest.mark.parametrize("form", FORMS)
def test_breaches_that_count_as_one(form: str, at: Any) -> None:
    """Two norms that one omission breaks: the second breach says with which it counts, however its start is written."""
    record = {"record_type": "matter", "id": "m", "place": "x", "items": [{"id": "i", "free": True}], "papers": [],
              "events": [{"type": "found", "item": "i", "at": at}]}  # fmt: skip
    settings = Settings(parse_as_of("2022-12-31"), view=View("ndjson"), compiled=True)
    assert b"counted_with" in told(program(), [compact(record)], settings).output
    summary = same(program(), [compact(record)] * 3, "2022-12-31", form, whole=False)
    assert summary.breaches < summary.findings["breached"] + summary.findings["late"]


def test_the_end_of_time() -> None:
    """A term that would end after the year 9999 is judged by the interpreter, and counted once."""
    record = {"record_type": "matter", "id": "m", "items": [], "papers": [], "events": [
        {"type": "received", "at": "9999-12-31T12:00:00+08:00", "amount": 500, "way": "post"},
    ]}  # fmt: skip
    for whole in (False, True):
        same(program(), [compact(record)], "9999-12-31", "ndjson", whole=whole)
