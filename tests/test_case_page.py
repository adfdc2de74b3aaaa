"""The page of one record: golden files, its picture, hostile names, and what a browser makes of it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from browser import needs_browser, opened
from command_line import ROOT, SMALL, load, run
from golden import assert_golden

from validator.engine import explain_record
from validator.errors import INVISIBLE
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.judging.finding import VERDICT_LABELS, Verdict
from validator.judging.interpreter import Options, judge_record
from validator.legal_time.instant import END, parse_as_of
from validator.reading.intake import RawRecord, read_records
from validator.reporting.case_view import LONG, CaseView, case_view
from validator.reporting.template import render
from validator.rules.program import Program

Record = dict[str, Any]
RECORD = ROOT / "tests" / "records" / "every-verdict.json"
PUBLISHED = ROOT / "tests" / "records" / "published"
RULES = ("-p", str(SMALL), "--as-of", "2022-05-10")
SVG = "{http://www.w3.org/2000/svg}"
BEIJING = timezone(timedelta(hours=8))
EVIL = "<script>alert(1)</script>{{ 7*7 }}{% raw %}\u202e\x1b[31m](javascript:alert)|*x*`"


def matter(events: Iterable[Record], **facts: Any) -> Record:
    """Make a record of the small rule set."""
    return {"record_type": "matter", "id": "m1", "kind": "plain", **facts, "events": list(events)}


def write(tmp_path: Path, record: Record) -> Path:
    """Write a record to a file."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def page(tmp_path: Path, record: Record | Path, *more: str, form: str = "html", rules: Iterable[str] = RULES) -> Path:
    """Make the page of a record."""
    source = record if isinstance(record, Path) else write(tmp_path, record)
    target = tmp_path / f"case.{form}"
    ran = run("report", source, *rules, "-o", target, *more)
    assert (ran.code, ran.out) == (0, ""), ran.err
    return target


def timeline_of(path: Path, program: Program) -> Timeline:
    """Read the only record of a file."""
    (raw,) = read_records([path])
    assert isinstance(raw, RawRecord)
    return read_record(raw, program.vocabulary)


def view_of(path: Path, program: Program, as_of: str, lang: str = "zh", **options: Any) -> CaseView:
    """Return the view of the only record of a file."""
    timeline, moment, chosen = timeline_of(path, program), parse_as_of(as_of), Options(**options)
    judged = explain_record(program, timeline, moment, options=chosen)
    return case_view(program, timeline, judged, moment, lang, options=chosen)


def found_by_check() -> list[Record]:
    """Return the findings of the golden record as `check` gives them."""
    ran = run("check", RECORD, *RULES, "--findings", "all", "--output-format", "ndjson", "--exit-zero")
    return [line["finding"] for line in map(json.loads, ran.out.splitlines()) if "finding" in line]


# -- what the page says ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["html", "md", "txt"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_the_golden_one(tmp_path: Path, form: str, lang: str) -> None:
    """A record that has every verdict gives the page that somebody looked at."""
    made = page(tmp_path, RECORD, "--lang", lang, form=form).read_text(encoding="utf-8")
    assert_golden(f"case.{lang}.{form}", made)


def test_the_golden_record_has_every_verdict() -> None:
    """What the golden files show is everything that there is to show."""
    assert {f["verdict"] for f in found_by_check()} == set(Verdict)


def test_text_is_for_standard_output() -> None:
    """Without -o the page is text."""
    ran = run("report", RECORD, *RULES)
    assert ran.code == 0
    assert ran.out.startswith("第1号  事项\n判断时点 2022-05-10\n")


HEADINGS = {
    "html": {"时间线</h2>", "事件表（1个）", "其余</h2>"}, "md": {"## 全部事件", "## 未触发"},
    "txt": {"== 全部事件 ==", "== 未触发 =="},
}  # fmt: skip


@pytest.mark.parametrize("form", ["html", "md", "txt"])
def test_no_heading_stands_over_nothing(tmp_path: Path, form: str) -> None:
    """A record without events has neither a timeline nor a list of events; nor is there any other empty list."""
    path = write(tmp_path, matter([{"type": "received", "at": "2022-03-01"}]))
    view = view_of(path, load([str(SMALL)]), "2022-05-10")
    empty = replace(view, events=(), waiting=(), declaratory=(), holding=(), untriggered=())
    some, none = (render(f"case.{form}.j2", v.plain(), "zh") for v in (view, empty))
    assert {heading for heading in HEADINGS[form] if heading in some} == HEADINGS[form]
    assert [heading for heading in HEADINGS[form] if heading in none] == []
    assert "事件表" not in none
    assert 'class="chart"' not in none


def test_the_judgements_are_those_of_check() -> None:
    """Judging all norms at once and keeping the grounds gives the findings of `judge_record`, in its order."""
    program, options = load(), Options(assume_in_force=True)
    for path in sorted(PUBLISHED.glob("*.json")):
        timeline = timeline_of(path, program)
        judged = explain_record(program, timeline, END - 1, options=options)
        assert [j.finding for j in judged] == judge_record(program, timeline, END - 1, options=options)


def test_every_finding_is_on_the_page_once(tmp_path: Path) -> None:
    """Whatever was judged is told, folded or not; what was not triggered is named."""
    made = page(tmp_path, RECORD).read_text(encoding="utf-8")
    findings = found_by_check()
    for finding in findings:
        if finding["verdict"] != "not_triggered":
            assert made.count(f'id="f-{finding["finding_id"]}"') == 1
    silent = [f["title"]["zh"] for f in findings if f["verdict"] == "not_triggered"]
    assert silent == ["一个月内冻结"]
    assert all(f"</code> {title}</li>" in made for title in silent)
    counts = re.findall(r'<span class="verdict (\w+)">[^<]+</span> <b>(\d+)</b>', made)
    assert {v: int(n) for v, n in counts} == Counter(f["verdict"] for f in findings)
    assert [v for v, _ in counts] == list(Verdict)


def test_the_worst_comes_first() -> None:
    """Articles by their worst finding, findings by verdict; compliant ones apart."""
    view = view_of(RECORD, load([str(SMALL)]), "2022-05-10")
    ranks = [[list(Verdict).index(Verdict(f.verdict)) for f in a.findings] for a in view.articles]
    assert [a.number for a in view.articles] == [1, 2]
    assert ranks[0] == sorted(ranks[0])
    assert ranks[0][0] == 0
    assert [{f.verdict for f in a.compliant} for a in view.articles] == [{"compliant"}, {"compliant"}]


def test_what_only_waits_for_figures_stands_apart() -> None:
    """Unset figures are set once by a court: what nothing else keeps open does not stand among what needs a person."""
    waiting = [f for f in found_by_check() if f.get("asks") == ["param.answer_days"] and "missing" not in f]
    view = view_of(RECORD, load([str(SMALL)]), "2022-05-10")
    (group,) = view.waiting
    assert [t.pointer for t in group.figures] == ["param.answer_days"]
    assert waiting
    assert sorted(f.id for f in group.findings) == sorted(f["finding_id"] for f in waiting)
    assert not {f.id for f in group.findings} & {f.id for a in view.articles for f in (*a.findings, *a.compliant)}


@pytest.mark.parametrize(("lang", "open_"), [
    ("zh", "尚未了结的列在其余：宣示性规范，待评议的1项"),
    ("en", "What is open stands under The rest: Declaratory norms that await review: 1"),
])  # fmt: skip
def test_a_page_without_listed_verdicts_says_what_is_open(tmp_path: Path, lang: str, open_: str) -> None:
    """Where all norms await a review nobody is told that there is nothing; where none was triggered that is said."""
    made = page(tmp_path, matter([]), "--lang", lang).read_text(encoding="utf-8")
    assert open_ in re.sub(r"<[^>]*>|\n", "", made)
    view = view_of(write(tmp_path, matter([])), load([str(SMALL)]), "2022-05-10")
    assert "没有规则被触发。" in render("case.html.j2", replace(view, declaratory=()).plain(), "zh")


def test_a_clerk_finds_out_why() -> None:
    """In the published matter every open verdict says in words what is missing, and shows the sentence of the law."""
    program = load()
    view = view_of(PUBLISHED / "2016-yue05-zhiyi-38.json", program, "2024-01-01", assume_in_force=True)
    findings = {f.norm: f for a in view.articles for f in a.findings}
    assert (view.as_of, view.judged_until, view.record.partial) == ("2024-01-01", "2017-09-02", True)
    over = findings["A15.1"]
    assert over.law.words == "以其价值足以清偿生效法律文书确定的债权额为限"
    assert over.law.before == "强制执行被执行人的财产，"
    assert [t.text for t in over.asks] == ["财产 a1（不动产）：不可分割"]
    assert [t.text for t in over.missing][:2] == [
        "财产 a1（不动产）：被控制的价值", "生效文书确定的债权额（未清偿部分）",
    ]  # fmt: skip
    price = findings["A16.3"]
    assert price.trigger is not None
    assert (price.trigger.label, price.trigger.at) == ("参考价确定", "不晚于 2016-04-25")
    for finding in findings.values():
        assert finding.missing or finding.asks or finding.settle, finding.norm
        for thing in (*finding.missing, *finding.asks, *finding.settle):
            assert not thing.text.startswith(("/", "param", "review", "context")), thing
            assert re.search("[\u4e00-\u9fff]", thing.text)


def test_breaches_say_what_to_do_and_others_do_not() -> None:
    """The remedy, on which condition and by whom, belongs to breaches and to what was late."""
    view = view_of(RECORD, load([str(SMALL)]), "2022-05-10")
    for finding in (f for a in view.articles for f in a.findings):
        late = finding.norm == "A1.1" and finding.verdict == "late"
        wanted = [("一切违反", "提示办理", "承办人")] if late else []
        assert [(r.when, s.do, s.by) for r in finding.remedy for s in r.steps] == wanted


def test_what_is_waived_says_by_whom_and_what_it_would_be(tmp_path: Path) -> None:
    """A waived breach is excused on the page, with who approved it and the verdict that it would have otherwise."""
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(
        "waivers:\n- {id: w1, norms: [A1.2], records: [第1号], reason: 系统故障, approved_by: 局长, "
        "granted: 2022-05-01, expires: 2022-06-01}\n",
        encoding="utf-8",
    )
    made = page(tmp_path, RECORD, "--waivers", str(waivers), form="txt").read_text(encoding="utf-8")
    assert made.splitlines()[5].startswith("违规 0 · ")
    assert "局长批准（w1）：系统故障" in made
    assert "  不豁免时的结论：违规\n" in made
    assert re.search(r"^豁免文件：[0-9a-f]{64}$", made, re.MULTILINE)


def test_the_counting_is_shown(tmp_path: Path) -> None:
    """Three days from 20 April 2022 end on a Saturday and go on to Sunday the 24th, a make-up workday."""
    view = view_of(RECORD, load([str(SMALL)]), "2022-05-10")
    (breach,) = (f for a in view.articles for f in a.findings if f.verdict == "breached")
    assert breach.due == "2022-04-24"
    assert breach.counting is not None
    assert [(r.first, r.numbers) for r in breach.counting.runs] == [
        ("2022-04-20 周三", ""), ("2022-04-21 周四", "1"), ("2022-04-22 周五", "2"), ("2022-04-23 周六", "3"),
        ("2022-04-24 周日", ""),
    ]  # fmt: skip
    path = write(tmp_path, matter([{"type": "received", "at": "2022-03-01", "amount": 500}]))
    month = next(
        f for a in view_of(path, load([str(SMALL)]), "2022-05-10").articles for f in a.findings if f.norm == "A1.3"
    )
    assert month.counting is not None
    assert month.counting.long
    assert [(r.first[:10], r.last[:10], r.numbers, r.days) for r in month.counting.runs] == [
        ("2022-03-01", "2022-03-01", "", 1), ("2022-03-02", "2022-04-01", "1–31", 31),
    ]  # fmt: skip
    assert LONG < 31


# -- the picture -------------------------------------------------------------------------------------------------------
def position(moment: datetime) -> float:
    """Return where a moment of the golden record stands: 736 pixels from 1 March to the end of the last due day."""
    first, last = datetime(2022, 3, 1, tzinfo=BEIJING), datetime(2022, 5, 13, tzinfo=BEIJING)
    return 12 + 736 * ((moment - first) / (last - first))


def moment_of(text: str, *, last: bool = False) -> datetime:
    """Read a moment of a finding; a day is its beginning, or its end."""
    if len(text) > 10:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING) + timedelta(days=last)


def earliest(text: str) -> str:
    """Return a moment as it is written; of bounds the first day."""
    return min(re.findall(r"[0-9-]{10}", text)) if "{" in text else text


def bars(tree: ET.Element, kind: str) -> list[tuple[int, int]]:
    """Return the ends of the bars of a kind, but for the legend."""
    charts = [svg for svg in tree.iter(f"{SVG}svg") if svg.get("class") == "chart"]
    found = [r for svg in charts for r in svg.iter(f"{SVG}rect") if f"chart-{kind}-bar" in r.get("class", "").split()]
    return [(int(r.attrib["x"]), int(r.attrib["x"]) + int(r.attrib["width"])) for r in found]


def drawn(path: Path) -> ET.Element:
    """Return the SVG of a page, which is well-formed XML."""
    svgs = re.findall(r"<svg.*?</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    return ET.fromstring(f'<all xmlns="http://www.w3.org/2000/svg">{"".join(svgs)}</all>')  # noqa: S314 - made here


def test_the_bars_are_those_of_the_findings(tmp_path: Path) -> None:
    """A bar from start to due for every term, and one from due to its end for what was exceeded."""
    tree = drawn(page(tmp_path, RECORD))
    terms = [f for f in found_by_check() if f.get("due_day")]
    starts_and_ends = [(moment_of(earliest(f["started"])), moment_of(f["due"])) for f in terms]
    expected = [(position(a), position(b)) for a, b in starts_and_ends]
    assert len(expected) == 8
    assert_near(bars(tree, "term"), expected)
    over = []
    for finding in terms:
        if finding["verdict"] == "late":
            over.append((position(moment_of(finding["due"])), position(done_of(finding))))
        elif finding["verdict"] == "breached":
            over.append((position(moment_of(finding["due"])), position(moment_of("2022-05-10", last=True))))
    assert len(over) == 4
    assert_near(bars(tree, "overrun"), over)
    assert len(bars(tree, "done")) == sum(bool(f.get("decided_at")) for f in terms) == 4


def done_of(finding: Record) -> datetime:
    """Return the latest moment at which a finding may have been done."""
    return moment_of(finding["decided_at"].rpartition("..")[2], last=True)


def assert_near(found: list[tuple[int, int]], expected: list[tuple[float, float]]) -> None:
    """Assert that bars end where they should, to the pixel."""
    assert len(found) == len(expected)
    for (a, b), (x, y) in zip(sorted(found), sorted(expected), strict=True):
        assert abs(a - x) <= 1
        assert abs(b - y) <= 2


@pytest.mark.parametrize(
    ("people", "labels"),
    [
        (1, ["A1.2 违规 · 给付人不答复的，3日内控制"]),
        (2, ["A1.2 违规 · p0：给付人不答复的，3日内控制", "A1.2 违规 · p1：给付人不答复的，3日内控制"]),
    ],
)
def test_bars_name_whom_they_concern_where_there_are_several(tmp_path: Path, people: int, labels: list[str]) -> None:
    """No two bars of one norm say the same; where there is but one person the label stays short."""
    events = [{"type": "answered", "at": "2022-03-02", "person": f"p{i}", "good": False} for i in range(people)]
    path = write(tmp_path, matter(events, persons=[{"id": f"p{i}"} for i in range(people)]))
    view = view_of(path, load([str(SMALL)]), "2022-05-10")
    assert [row.caption.full for p in view.chart.panels for row in p.rows if row.kind == "term"] == labels


def test_every_event_has_its_mark(tmp_path: Path) -> None:
    """Moments and days are diamonds, longer spans are bars."""
    tree = drawn(page(tmp_path, RECORD))
    marks = [p for svg in tree if svg.get("class") == "chart" for p in svg.iter(f"{SVG}path")]
    assert len(marks) + len(bars(tree, "span")) == 11
    assert_near(bars(tree, "span"), [(position(moment_of("2022-04-12")), position(moment_of("2022-04-20")))])


# -- names that want to be more ----------------------------------------------------------------------------------------
def evil() -> Record:
    """Make a record whose names are hostile wherever a name can be."""
    person = EVIL + "长" * 200
    events = [
        {"type": "received", "at": "2022-03-01", "amount": 50, "id": EVIL, "by": EVIL},
        {"type": "answered", "at": "2022-03-02", "person": person, "good": False},
    ]
    return matter(events, id=EVIL, office_id=EVIL, persons=[{"id": person, "role": "giver"}])


@pytest.mark.parametrize("form", ["html", "md", "txt"])
def test_hostile_names_are_text(tmp_path: Path, form: str) -> None:
    """No control or bidirectional character is left, nothing is evaluated, and no mark-up comes of a name."""
    made = page(tmp_path, evil(), form=form).read_text(encoding="utf-8")
    assert not INVISIBLE.search(made.replace("\n", ""))
    assert "{{ 7*7 }}" in made.replace("\\*", "*")
    assert "\\u202e" in made.replace("\\\\", "\\")
    if form != "txt":
        assert "<script" not in made
        assert "&lt;script&gt;" in made
    if form == "md":
        assert not re.search(r"(?<!\\)\](?=\(javascript)|(?<!\\)\*x", made)
        table = made[made.index("| 时间 |") :].split("\n\n")[0]
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()} == {5}


@needs_browser
def test_hostile_names_in_a_browser(tmp_path: Path) -> None:
    """The page says the name as it is written, does nothing else, and is no wider than its window."""
    with opened(page(tmp_path, evil()), width=360) as found:
        found.page.on("dialog", lambda _: pytest.fail("a name was run"))
        heading = found.page.locator("h1").inner_text()
        assert heading == EVIL.replace("\u202e", "\\u202e").replace("\x1b", "\\u001b")
        assert found.page.locator("script").count() == 0
        assert found.page.evaluate("document.documentElement.scrollWidth") == 360
        found.assert_quiet()


# -- in a browser ------------------------------------------------------------------------------------------------------
BOXES = """() => [...document.querySelectorAll('svg.chart')].map(svg => ({
    frame: svg.getBoundingClientRect().toJSON(),
    texts: [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect().toJSON()),
}))"""


def overlapping(boxes: list[dict[str, float]]) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Return the pairs of boxes that have more than the rounding of a pixel in common."""

    def meet(a: dict[str, float], b: dict[str, float]) -> bool:
        across = min(a["right"], b["right"]) - max(a["left"], b["left"])
        down = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
        return across > 1 and down > 1

    return [(a, b) for a, b in combinations(boxes, 2) if meet(a, b)]


def crowded(count: int, days: int) -> Record:
    """Make a record of events that are dealt out over some days, with long names."""
    first = datetime(2012, 3, 1, tzinfo=BEIJING)
    step = timedelta(days=days) / count
    people = [
        {"id": f"p{i}-某某市某某区某某街道某某村民委员会某某经济合作社某某分公司", "role": "giver"} for i in range(3)
    ]
    kinds: list[Record] = [
        {"type": "received", "amount": 500},
        *({"type": "answered", "person": p["id"], "good": i > 0} for i, p in enumerate(people)),
    ]
    events = [{**kinds[i % 4], "at": (first + i * step).isoformat()} for i in range(count)]
    events[-1]["at"] = {"not_before": first.isoformat(), "not_after": (first + timedelta(days=days)).isoformat()}
    return matter(events, persons=people)


@needs_browser
@pytest.mark.parametrize(("count", "days"), [(1, 1), (40, 1), (40, 90), (40, 3650), (300, 3650)])
@pytest.mark.parametrize("as_of", ["2022-05-10", "9999"])
def test_no_label_lies_on_another(tmp_path: Path, count: int, days: int, as_of: str) -> None:
    """However many events there are and however near: labels stay apart and inside, the body does not scroll."""
    made = page(tmp_path, crowded(count, days), rules=("-p", str(SMALL), "--as-of", as_of))
    with opened(made, width=360) as found:
        charts = found.page.evaluate(BOXES)
        assert found.page.evaluate("document.documentElement.scrollWidth") == 360
        found.assert_quiet()
    assert sum(len(c["texts"]) for c in charts) > count
    for chart in charts:
        assert overlapping(chart["texts"]) == []
        for box in chart["texts"]:
            assert box["left"] >= chart["frame"]["left"] - 1
            assert box["right"] <= chart["frame"]["right"] + 1


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_can_be_printed(tmp_path: Path, dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Print to PDF works, and each panel of the picture fits on one page of A4."""
    made = page(tmp_path, crowded(300, 3650))
    with opened(made, width=673, dark=dark) as found:  # 178 mm: A4 without its margins
        found.page.emulate_media(media="print")
        heights = found.page.evaluate("[...document.querySelectorAll('svg.chart')].map(s => s.clientHeight)")
        assert found.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        found.assert_quiet()
    assert len(heights) > 5
    assert max(heights) <= 261 * 96 / 25.4


@needs_browser
def test_the_contents_lead_to_the_articles(tmp_path: Path) -> None:
    """Every link leads to a place of the page, and no id is used twice."""
    with opened(page(tmp_path, RECORD)) as found:
        links = found.page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
        ids = found.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert {"#article-1", "#article-2"} <= set(links)


# -- the command -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("-o", "case.docx"), 2, "report-form"),
        (("-o", "case"), 2, "report-form"),
        (("--id", "第2号"), 2, "record-not-found"),
        (("--as-of", "yesterday"), 2, "bad-as-of"),
        (("--context", "nowhere.json"), 4, "no-such-file"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], code: int, word: str) -> None:
    """What makes no sense is refused with the house's exit codes."""
    ran = run("report", RECORD, *RULES, *arguments, cwd=tmp_path)
    assert ran.code == code
    assert word in ran.err or code == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["html", "md", "txt"])
def test_an_object_with_a_date_is_on_the_page(tmp_path: Path, form: str) -> None:
    """What was agreed outside, with its date as it was written; the short forms list no facts, and are made too."""
    record = {"record_type": "case", "id": "x", "payments": [{"id": "p1", "offline_record": {"date": "2022-03-24"}}]}
    text = page(tmp_path, record, form=form, rules=("--as-of", "2023-01-01")).read_text("utf-8")
    assert ("2022-03-24" in text) is (form == "html")


def test_a_record_that_is_refused_gives_no_page(tmp_path: Path) -> None:
    """A bad record is explained, and no file appears."""
    target = tmp_path / "case.html"
    ran = run("report", write(tmp_path, matter([{"type": "recieved", "at": "2022-03-01"}])), *RULES, "-o", target)
    assert ran.code == 4
    assert "unknown-event" in ran.err
    assert not target.exists()


def test_labels_are_those_of_the_house(tmp_path: Path) -> None:
    """The page calls verdicts what findings call them."""
    for lang in ("zh", "en"):
        made = page(tmp_path, RECORD, "--lang", lang, form="txt").read_text(encoding="utf-8")
        assert all(f"{VERDICT_LABELS[v].text(lang)} " in made for v in Verdict)
