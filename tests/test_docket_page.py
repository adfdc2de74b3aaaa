"""The page of a docket: every number is counted a second time here, from the lines of the findings."""

import gzip
import json
import random
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import chinese_calendar
import pytest
from browser import needs_browser, opened
from command_line import ROOT, SMALL, Ran, at_terminal, load, run, spawn
from golden import assert_golden

from validator.errors import INVISIBLE
from validator.judging.finding import VERDICT_LABELS
from validator.reporting.courts import Courts, above_by_code, code_in, level_of
from validator.reporting.docket import Docket, count
from validator.reporting.docket_view import MOST_ROWS
from validator.reporting.findings_file import FindingsFile

Line = dict[str, Any]
FINDINGS = ROOT / "tests" / "data" / "docket.ndjson"
SAMPLE = [json.loads(line) for line in FINDINGS.read_text(encoding="utf-8").splitlines()]
HEADER, SUMMARY = SAMPLE[0], SAMPLE[-1]
AS_OF = date(2024, 1, 1)
LEVELS = {"high": "高", "medium": "中", "low": "低"}
VIOLATIONS = ("breached", "late")
LARGEST = 2_000_000
EVIL = "<script>alert(1)</script>{{ 7*7 }}{% raw %}\u202e\x1b[31m|*x*`"
NOISE = re.compile(r"<style>.*?</style>|<script>.*?</script>", re.DOTALL)
"""What other pages change, or what a test clicks."""


# -- reading the page --------------------------------------------------------------------------------------------------
class Tables(HTMLParser):
    """The tables of a page as lists of rows of texts, under the id of the heading before them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.tags: Counter[str] = Counter()
        self.text = ""
        self._under = ""
        self._cell: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Follow headings, tables, rows and cells."""
        self.tags[tag] += 1
        if tag in ("h2", "h3"):
            self._under = dict(attrs).get("id") or (self._under.partition("/")[0] + "/")
        elif tag == "table":
            self.tables.append((self._under, []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in ("td", "th") and self._cell is not None:
            self.tables[-1][1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Collect the text of cells, and all text."""
        self.text += data
        if self._cell is not None:
            self._cell.append(data)

    def under(self, heading: str) -> list[list[list[str]]]:
        """Return the tables under a heading, each without its first row."""
        return [rows[1:] for name, rows in self.tables if name.partition("/")[0] == heading]


def write(folder: Path, lines: Iterable[Line], name: str = "findings.ndjson") -> Path:
    """Write lines of findings to a file."""
    path = folder / name
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def report(source: Path, target: Path, *more: str | Path, code: int = 0) -> str:
    """Make the page and return it."""
    ran = run("report", source, "-o", target, *more)
    assert ran.code == code, ran.err
    return target.read_text(encoding="utf-8")


def read(source: Path, folder: Path, *more: str | Path, code: int = 0) -> Tables:
    """Make the page and read it."""
    return Tables(report(source, folder / "docket.html", *more, code=code))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The page of the fixed findings."""
    return read(FINDINGS, tmp_path_factory.mktemp("docket"))


# -- counting a second time --------------------------------------------------------------------------------------------
def listed(lines: Iterable[Line] = SAMPLE) -> list[Line]:
    """Return the findings among lines."""
    return [line["finding"] for line in lines if "finding" in line]


def violations(lines: Iterable[Line] = SAMPLE) -> list[Line]:
    """Return the findings that are violations."""
    return [f for f in listed(lines) if f["verdict"] in VIOLATIONS]


def court_by_hand(record: str) -> str:
    """Return the court of a record of the sample: its first character that is no year, with the digits after it."""
    found = re.search(r"最高法|[一-龥]\d*", record)
    assert found is not None
    return found[0]


def line_by_hand(court: str) -> list[str]:
    """Return a court of the sample and those above it."""
    if court == "最高法":
        return ["最高法"]
    if len(court) == 1:
        return [court, "最高法"]
    return [court, *line_by_hand(court[:3] if len(court) == 5 and court[0] not in "京津沪渝" else court[0])]


def working_days(start: date, n: int) -> date:
    """Return the n-th working day after a day by the public calendar."""
    day = start
    while n:
        day += timedelta(1)
        n -= chinese_calendar.is_workday(day)
    return day


def test_the_totals(page: Tables) -> None:
    """Listed verdicts are counted, the others are those of the summary."""
    counts = Counter(f["verdict"] for f in listed())
    counts |= {v: SUMMARY["summary"]["findings"][v] for v in ("compliant", "not_triggered")}
    (rows,) = page.under("totals")
    assert {row[0]: row[1] for row in rows} == {label.zh: str(counts[v]) for v, label in VERDICT_LABELS.items()}
    breaches = sum("counted_with" not in f for f in violations())
    records = len({(f["record"], f["line"]) for f in violations()})
    assert f"违规和逾期共 {breaches} 项（同一不作为只计一次），涉及 {records} 件。" in page.text
    assert "读入 402 件 = 判断 400 件 + 拒绝 2 件" in page.text


def test_courts_by_articles(page: Tables) -> None:
    """Every cell is the number of violations of an article in a court and all courts below it."""
    expected: dict[str, Counter[str]] = {}
    for f in listed():
        for court in line_by_hand(court_by_hand(f["record"])):
            cell = expected.setdefault(court, Counter())
            cell[str(f["article"])] += f["verdict"] in VIOLATIONS
    ((head, *rows),) = [table for name, table in page.tables if name == "heat"]
    assert head[2:] == sorted({str(f["article"]) for f in violations()}, key=int)
    found = {row[0].split()[0]: (row[1], dict(zip(head[2:], row[2:], strict=True))) for row in rows}
    assert set(found) == set(expected)
    for court, (total, cells) in found.items():
        assert total == str(expected[court].total())
        assert {a: n for a, n in cells.items() if n} == {a: str(n) for a, n in expected[court].items() if n}


def test_the_worst(page: Tables) -> None:
    """By level, then by days overdue; the rest is said."""
    rank = ["high", "medium", "low"]
    found = sorted(violations(), key=lambda f: (rank.index(f["level"]), -f.get("late_by", {}).get("calendar_days", 0)))
    (rows,) = page.under("worst")
    assert [row[1] for row in rows] == [LEVELS[f["level"]] for f in found[:50]]
    assert [row[2] for row in rows] == [
        str(f["late_by"]["calendar_days"]) if "late_by" in f else "-" for f in found[:50]
    ]
    assert [row[0] for row in rows] == [VERDICT_LABELS[f["verdict"]].zh for f in found[:50]]
    assert f"另有 {len(found) - 50} 项没有列出" in page.text


def test_the_most_frequent(page: Tables) -> None:
    """How often a norm was breached or late, and in how many records."""
    by_norm = {f["norm"]: [g for g in violations() if g["norm"] == f["norm"]] for f in violations()}
    (rows,) = page.under("frequent")
    found = {row[0].split()[0]: row[2:6] for row in rows}
    assert found == {
        norm: [
            str(sum(f["verdict"] == "breached" for f in fs)), str(sum(f["verdict"] == "late" for f in fs)),
            str(len(fs)), str(len({(f["record"], f["line"]) for f in fs})),
        ]
        for norm, fs in by_norm.items()
    }  # fmt: skip
    totals = [int(row[4]) for row in rows]
    assert totals == sorted(totals, reverse=True)


def test_the_ages(page: Tables) -> None:
    """What was not done by its due day, by how many calendar days that is past."""
    bounds = [(0, 7), (8, 30), (31, 90), (91, 180), (181, 365), (366, 730), (731, 10**6)]
    late = [
        (f["late_by"]["calendar_days"], f["level"]) for f in listed() if f["verdict"] == "breached" and "due_day" in f
    ]
    (rows,) = page.under("ages")
    expected = [[sum(a <= n <= b and lv == level for n, lv in late) for level in LEVELS] for a, b in bounds]
    assert [row[1:5] for row in rows[:-1]] == [[*map(str, levels), str(sum(levels))] for levels in expected]
    assert rows[-1][4] == str(len(late))


def test_what_falls_due(page: Tables) -> None:
    """Counted from the moment of judgement in working days, each window with those before it."""
    pending = [f for f in listed() if f["verdict"] == "pending" and "due_day" in f]
    windows, rows = page.under("due")
    for (days, last, *levels), n in zip(windows, (1, 3, 10), strict=True):
        end = working_days(AS_OF, n)
        within = Counter(f["level"] for f in pending if f["due_day"] <= str(end))
        assert (days, last) == (str(n), str(end))
        assert levels == [*(str(within[level]) for level in LEVELS), str(within.total())]
    end = working_days(AS_OF, 10)
    assert [row[2] for row in rows] == sorted(f["due_day"] for f in pending if f["due_day"] <= str(end))
    assert rows


def test_what_may_be_over_is_told_as_due_tells_it(tmp_path: Path) -> None:
    """Duties of which nobody knows whether they are overdue stand apart, with the words and the ends of `due`."""
    received = {"2022-03": "", "2022-03-11T10:00": "2022-03-16", "2022-04-06T10:00": ""}
    cases = [
        {"record_type": "case", "id": f"(2022)京0105执{i}号", "type": "first_enforcement",
         "parties": [{"id": "d1", "role": "debtor"}], "events": [{"type": "case_materials_received", "at": at}]}
        | ({"known_until": until} if until else {})
        for i, (at, until) in enumerate(received.items(), 1)
    ]  # fmt: skip
    records, source = tmp_path / "cases.json", tmp_path / "findings.ndjson"
    records.write_text(json.dumps(cases), encoding="utf-8")
    asked = (records, "--as-of", "2022-04-07", "--select", "A13.1")
    assert run("check", *asked, "--output-format", "ndjson", "-o", source).code == 0
    told = run("due", *asked).out.splitlines()[:3]
    windows, running, over = read(source, tmp_path).under("due")
    assert windows[0] == ["可能已届期", "", "2", "0", "0", "2"]
    assert [row[2] for row in running] == ["2022-04-13"]
    assert [(row[0], row[2]) for row in over] == [
        ("可能已届期", "2022-03-08 至 2022-04-08 之间"), ("已届期，记录未更新", "2022-03-18"),
    ]  # fmt: skip
    assert sorted(line.partition("  ")[0] for line in told) == sorted([*(row[0] for row in over), "期限内"])
    assert "| 可能已届期 | | 2 | 0 | 0 | 2 |" in report(source, tmp_path / "docket.md")


def _any(found: re.Match[str]) -> str:
    """Return what stands for the place of a datum in all records; the trigger's time and its moment are one."""
    return "/*" if found[0].startswith("/") else ""


@pytest.mark.parametrize("form", ["html", "md"])
@pytest.mark.parametrize(("as_of", "provisional"), [("2024-01-01", False), ("2026-12-31", True)])
def test_days_that_no_notice_settles_are_provisional(
    tmp_path: Path, form: str, as_of: str, *, provisional: bool
) -> None:
    """The windows of the last day of 2026 reach into 2027, for which no holidays are announced; both forms say so."""
    source = write(tmp_path, [{"header": HEADER["header"] | {"as_of": as_of}}, SUMMARY])
    for lang, words in (("zh", "放假安排未公布，日期暂定。"), ("en", "these days are provisional")):
        page = report(source, tmp_path / f"docket.{form}", "--lang", lang, code=4)  # the summary counts other lines
        assert (words in page) is provisional


def test_what_is_missing(page: Tables) -> None:
    """Places of missing data are counted for all records, once a finding."""
    for key, table in (("missing", page.under("data")[0]), ("would_settle", page.under("data")[1])):
        places = Counter(
            (f["record_type"], place)
            for f in listed()
            if f["verdict"] in ("undetermined", "needs_review")
            for place in {re.sub(r"/\d+(?=/|$)|(?<=^trigger)\.at$", _any, p) for p in f.get(key, [])}
            if not re.match(r"[^/]+[/:]", place)
        )
        kinds = load().vocabulary.entities
        found = {(row[1], row[2]): row[3] for row in table if not re.match(r"[^/]+[/:]", row[2])}
        assert found
        assert found == {(kinds[t].label.zh, p): str(n) for (t, p), n in places.items()}
        counts = [int(row[3]) for row in table]
        assert counts == sorted(counts, reverse=True)
    assert "需要拍卖、变卖" in page.text  # a place has its name in the vocabulary
    unnamed = {row[2] for table in page.under("data")[:2] for row in table if row[0] in ("", "-")}
    assert not {place for place in unnamed if place.endswith(":*") or place.startswith(("event.", "trigger"))}


def test_what_was_refused(page: Tables) -> None:
    """Refused records by code, each with the first example."""
    rows = page.under("data")[2]
    assert [row[:2] for row in rows] == [["unknown-event", "2"], ["json-end", "1"]]
    assert rows[0][2] == "docket.ndjson:401：没有事件“asset_controled”"
    assert "共 2 件。" in page.text


def test_what_never_fired(page: Tables) -> None:
    """The norms of the summary, with the titles of the rule set."""
    names = SUMMARY["summary"]["never_fired"]
    assert f"314 项规范中，{len(names)} 项在所有记录中都没有触发" in page.text  # README: 43条314项规范
    for name in names:
        norm = load().norm(name)
        assert norm is not None
        assert f"{name} {norm.title.zh}" in page.text


@pytest.mark.parametrize(
    ("records", "select", "said"),
    [
        (["A17.4a", "A17.4b"], [], "314 项规范中，1 项"),
        (["A17.4a", "A1.1", "A1.2"], [], "314 项规范中，2 项"),  # the other record of A17.4 fired
        (["A17.4a"], ["A17.4a"], "1 项规范中，1 项"),
        (["A17.4a", "A17.4b"], ["A17"], "4 项规范中，1 项"),
        (["A1.1", "Z1.1", "Z1.2"], [], "316 项规范中，3 项"),  # two of other policies
    ],
)
def test_a_norm_never_fired_if_none_of_its_records_did(
    tmp_path: Path, records: list[str], select: list[str], said: str
) -> None:
    """A norm that two records state is counted once, out of those that were asked for."""
    header = {"header": {**HEADER["header"], "select": select}}
    source = write(tmp_path, [header, summary_of([], never_fired=records)])
    text = read(source, tmp_path).text.partition("从未触发的规范")[2]
    assert said + "在所有记录中都没有触发" in text
    assert ("A17.4 " in text) is ("A17.4a" in records and said[-3] == "1")


def test_the_records_of_each_court(page: Tables) -> None:
    """Five records of a court, the most violations first; how many more there are is said."""
    records = Counter((f["record"], court_by_hand(f["record"])) for f in violations())
    courts = Counter(court for _, court in records)
    shown = {row[0]: int(row[1]) + int(row[2]) for table in page.under("courts") for row in table}
    assert len(shown) == sum(min(n, 5) for n in courts.values())
    assert all(records[name, court_by_hand(name)] == n for name, n in shown.items())
    for court, n in courts.items():
        if n > 5:
            assert f"{court}本院还有 {n - 5} 件没有列出" in page.text
            left = [m for (name, of), m in records.items() if of == court and name not in shown]
            assert max(left) <= min(m for name, m in shown.items() if court_by_hand(name) == court)


# -- golden files, forms, languages ------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["html", "md"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_the_golden_one(tmp_path: Path, form: str, lang: str) -> None:
    """Fixed findings give the page that somebody looked at."""
    made = report(FINDINGS, tmp_path / f"docket.{form}", "--lang", lang)
    assert_golden(f"docket.{lang}.{form}", NOISE.sub("", made))


def test_packed_piped_or_plain(tmp_path: Path) -> None:
    """The same findings give the same page, packed or from standard input."""
    packed = tmp_path / "findings.ndjson.gz"
    packed.write_bytes(gzip.compress(FINDINGS.read_bytes()))
    plain = report(FINDINGS, tmp_path / "a.html")
    assert report(packed, tmp_path / "b.html") == plain
    piped = spawn("report", "-", "-o", tmp_path / "c.html", stdin=FINDINGS.read_bytes())
    assert piped.code == 0, piped.err
    assert (tmp_path / "c.html").read_text(encoding="utf-8") == plain


def test_courts_are_those_of_the_context(tmp_path: Path) -> None:
    """A court record says which court is above; a case without a number says whose it is."""
    court = {"record_type": "court", "id": "京0105", "superior_court_id": "京03", "events": []}
    case = {"record_type": "case", "id": "c1", "court_id": "丙县人民法院", "type": "first_enforcement", "events": []}
    lines = [
        {"finding": {**violations()[0], "record": name, "line": i}}
        for i, name in enumerate(["(2023)京0105执1号", "c1"])
    ]
    context = tmp_path / "context.json"
    context.write_text(json.dumps([court, case]), encoding="utf-8")
    source = write(tmp_path, [HEADER, *lines, summary_of(lines)])
    (rows,) = read(source, tmp_path, "--context", context).under("heat")
    assert [row[0].split()[0] for row in rows] == ["最高法", "京", "京03", "京0105", "其他", "丙县人民法院"]
    (rows,) = read(source, tmp_path).under("heat")
    assert [row[0].split()[0] for row in rows] == ["最高法", "京", "京0105", "其他"]


def test_a_docket_without_courts_does_not_speak_of_them(tmp_path: Path) -> None:
    """Records of an office have no court: no table of courts, no column, and the worst records in one table."""
    lines = [{"finding": {**violations()[0], "record": f"m{i}", "line": i}} for i in range(7)]
    source = write(tmp_path, [HEADER, *lines, summary_of(lines)])
    found = read(source, tmp_path)
    assert found.under("heat") == found.under("courts") == []
    (rows,) = found.under("records")
    assert [row[0] for row in rows] == [f"m{i}" for i in range(5)]
    assert all(len(row) == 6 for table in found.under("worst") for row in table)
    assert "另有 2 项没有列出" in found.text
    assert "法院" not in report(source, tmp_path / "docket.md")
    nothing = write(tmp_path, [HEADER, summary_of([])])
    assert read(nothing, tmp_path).under("records") == []


def test_what_counts_as_one_omission_with_another_names_it(tmp_path: Path) -> None:
    """The norms with which it is counted once, as they stand in the findings."""
    lines = [{"finding": {**violations()[0], "counted_with": "0123456789abcdef", "counts_with": ["A13.1", "A13.2"]}}]
    page = read(write(tmp_path, [HEADER, *lines, summary_of(lines)]), tmp_path)
    assert "与 A13.1 / A13.2 属同一不作为，只计一次" in page.text


@pytest.mark.parametrize(
    ("identifier", "court", "level", "above"),
    [
        ("(2025)京0105执16001号", "京0105", "basic", "京"),  # districts of Beijing do not say under which of four
        ("（2022）粤0304执1号", "粤0304", "basic", "粤03"),
        ("(2020)鄂9004执3号", "鄂9004", "basic", "鄂"),  # 仙桃, directly under the province
        ("(2016)粤05执异38号", "粤05", "intermediate", "粤"),
        ("(2021)苏执监1号", "苏", "high", "最高法"),
        ("(2024)最高法执协35号", "最高法", "supreme", ""),
        ("(2023)兵0101执1号", "兵0101", "basic", "兵01"),
        ("京0105-o1", "京0105", "basic", "京"),
        ("京-o1", "京", "high", "最高法"),
        ("(2013)青执字第1号", "", "", ""),  # before 2016 青 was many courts
        ("(2022)京010执1号", "", "", ""),
        ("(2022)東0105执1号", "", "", ""),
        ("新余市中级人民法院", "", "", ""),  # in 赣, not 新
        ("", "", "", ""),
    ],
)
def test_courts_of_case_numbers(identifier: str, court: str, level: str, above: str) -> None:
    """The code of a court tells its level and, outside municipalities, the court above (法〔2015〕137号)."""
    assert (code_in(identifier), level_of(court), above_by_code(court)) == (court, level, above)


# -- broken files ------------------------------------------------------------------------------------------------------
def summary_of(lines: Iterable[Line], **changed: Any) -> Line:
    """Return a summary that agrees with lines."""
    counts = Counter(f["verdict"] for f in listed(lines))
    rejected = sum("rejected" in line for line in lines)
    return {
        "summary": {
            **SUMMARY["summary"],
            "findings": {**dict.fromkeys(map(str, VERDICT_LABELS), 0), **counts},
            "breaches": sum("counted_with" not in f for f in violations(lines)),
            "records": {"read": 10 + rejected, "judged": 10, "rejected": rejected},
            **changed,
        }
    }


PERHAPS_OVER = {
    "verdict": "undetermined", "could_be": ["breached", "pending"], "due_day": "2022-03-08",
    "due": "2022-03-09T00:00:00+08:00", "due_latest": "2022-04-09T00:00:00+08:00",
}  # fmt: skip


def broken(tmp_path: Path, text: str) -> tuple[Ran, Tables]:
    """Make the page of a file with a text between its first findings and the others."""
    lines = FINDINGS.read_text(encoding="utf-8").splitlines()
    source = tmp_path / "findings.ndjson"
    source.write_text("\n".join([*lines[:4], text, *lines[4:]]) + "\n", encoding="utf-8")
    ran = run("report", source, "-o", tmp_path / "docket.html", "--lang", "en")
    return ran, Tables((tmp_path / "docket.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"finding": {"record": "x"', "json-end"),
        ("no JSON at all", "json-value"),
        ("{}", "findings-line"),
        ('{"finding": {"record": "x"}}', "findings-line"),
        ('{"record_type": "case", "id": "c1"}', "findings-line"),
        (json.dumps({**HEADER, **SUMMARY}), "findings-line"),
        (json.dumps({"finding": {**listed()[0], **PERHAPS_OVER, "due_latest": "soon"}}), "findings-line"),
        (json.dumps({"finding": {**listed()[0], **PERHAPS_OVER, "due": "2022-03-08T25:00:00+08:00"}}), "findings-line"),
        (json.dumps(HEADER), "findings-twice"),
        (
            json.dumps({"finding": {**listed()[0], "as_of": "2024-01-02T23:59:59.999999+08:00"}}),
            "findings-other-moment",
        ),
    ],
)
def test_a_broken_or_foreign_line_is_told_and_the_rest_counted(tmp_path: Path, text: str, code: str) -> None:
    """The message has the number of the line; totals are as if the line was not there; exit 4."""
    ran, page = broken(tmp_path, text)
    assert ran.code == 4
    assert "findings.ndjson:5:" in ran.err
    assert code in ran.err
    assert code in page.text
    counts = Counter(f["verdict"] for f in listed())
    assert {row[0]: row[1] for row in page.under("totals")[0]}["breached"] == str(counts["breached"])


def test_a_wrong_kind_of_value_has_its_place(tmp_path: Path) -> None:
    """A finding that is not of the schema is told with the place in the line."""
    ran, _ = broken(tmp_path, json.dumps({"finding": {**listed()[0], "article": "seven"}}))
    assert "at: /finding/article" in ran.err


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    """The last line is half there and the summary is missing: both are said, what was there is counted."""
    text = FINDINGS.read_text(encoding="utf-8")
    source = tmp_path / "findings.ndjson"
    source.write_text(text[: len(text) // 2 - 40], encoding="utf-8")
    page = read(source, tmp_path, code=4)
    assert "json-" in page.text
    assert "findings-cut" in page.text
    assert "结论文件没有总计" in page.text
    whole = text[: len(text) // 2 - 40].splitlines()[1:-1]
    counts = Counter(f["verdict"] for f in listed(map(json.loads, whole)))
    assert {row[0]: row[1] for row in page.under("totals")[0]}["违规"] == str(counts["breached"])
    assert {row[0]: row[1] for row in page.under("totals")[0]}["合规"] == "-"


def test_damaged_packed_data(tmp_path: Path) -> None:
    """What comes before the damage is counted."""
    source = tmp_path / "findings.ndjson.gz"
    source.write_bytes(gzip.compress(FINDINGS.read_bytes())[:-900])
    page = read(source, tmp_path, code=4)
    assert "packed-data-broken" in page.text
    assert page.under("totals")[0][0][1] != "0"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"findings": {**SUMMARY["summary"]["findings"], "late": 99}}, "the summary says 99 (late), the file has 22"),
        ({"breaches": 7}, "the summary says 7 (breaches, one omission counted once)"),
        (
            {"records": {"read": 403, "judged": 400, "rejected": 3}},
            "the summary says 3 (refused records), the file has 2",
        ),
        ({"records": {"read": 403, "judged": 400, "rejected": 2}}, "the summary says 403"),
    ],
)
def test_a_summary_that_does_not_agree(tmp_path: Path, changed: Line, said: str) -> None:
    """The page and standard error say which number differs; exit 4."""
    source = write(tmp_path, [*SAMPLE[:-1], {"summary": {**SUMMARY["summary"], **changed}}])
    ran = run("report", source, "-o", tmp_path / "docket.html", "--lang", "en")
    assert ran.code == 4
    assert said in ran.err
    assert said in Tables((tmp_path / "docket.html").read_text(encoding="utf-8")).text


@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_seal_is_told(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A word that no total tells was changed: the page says so; that of findings as they were written says nothing."""
    findings, target = tmp_path / "findings.ndjson", tmp_path / "docket.html"
    record = {"type": "received", "at": "2022-03-01T09:00:00+08:00"}
    (tmp_path / "r.json").write_text(
        json.dumps({"record_type": "matter", "id": "m1", "events": [record]}), encoding="utf-8"
    )
    rules = ("-p", SMALL)
    form = ("--output-format", "ndjson", "-o", findings, "--exit-zero")
    assert run("check", tmp_path / "r.json", *rules, "--as-of", "2022-06-01", *form).code == 0
    written = findings.read_bytes()
    for data, code in ((written, 0), (written.replace(b'"record": "m1"', b'"record": "m2"'), 4)):
        source = tmp_path / ("f.ndjson.gz" if packed else "f.ndjson")
        source.write_bytes(gzip.compress(data) if packed else data)
        ran = run("report", source, "-o", target, *rules)
        assert (ran.code, "seal-broken" in ran.err) == (code, code == 4), ran
        assert ("与 seal 不符" in target.read_text(encoding="utf-8")) == (code == 4)


@pytest.mark.parametrize("first", ['{"header": 5}', '{"finding": {}}', '{"header": {"zhijian": "0.1.0"},'])
def test_what_is_no_file_of_findings_is_refused(tmp_path: Path, first: str) -> None:
    """One sentence, no page, exit 4."""
    source = tmp_path / "findings.ndjson"
    source.write_text(first + "\n" + json.dumps(SUMMARY) + "\n", encoding="utf-8")
    ran = run("report", source, "-o", tmp_path / "docket.html", "--lang", "en")
    assert ran.code == 4
    assert "findings.ndjson:1: not-findings: this is no file of findings" in ran.err
    assert not (tmp_path / "docket.html").exists()


def test_findings_have_been_judged(tmp_path: Path) -> None:
    """Options of the page of a record are refused."""
    ran = run("report", FINDINGS, "--as-of", "2024-01-01", "-o", tmp_path / "docket.html", "--lang", "en")
    assert ran.code == 2
    assert "report-option: --as-of is for the page of one record" in ran.err


# -- what nobody wrote on purpose --------------------------------------------------------------------------------------
def test_names_are_text(tmp_path: Path) -> None:
    """Markup, templates and invisible characters of an input show as text, and nothing else changes."""
    lines: list[Line] = [
        {"finding": {**f, "record": EVIL, "norm": EVIL, "path": EVIL, "title": {"zh": EVIL, "en": EVIL},
                     "record_type": EVIL, "entities": {"case": EVIL + "x"}, "missing": [f"/{EVIL}"]}}
        for f in listed()
    ]  # fmt: skip
    lines.append({"rejected": [{"code": EVIL, "path": EVIL, "line": 1, "message": EVIL}]})
    source = write(tmp_path, [HEADER, *lines, summary_of(lines, never_fired=[EVIL])])
    page = report(source, tmp_path / "docket.html")
    parsed = Tables(page)
    assert parsed.tags["script"] == 1
    assert "{{ 7*7 }}" in parsed.text
    assert not INVISIBLE.search(page.replace("\n", ""))
    assert "\\u202e" in parsed.text
    short = report(source, tmp_path / "docket.md")
    assert "<script>" not in short
    assert "\u202e" not in short


def many(n: int, *, courts: int, seed: int = 1) -> Iterator[Line]:
    """Yield findings of many records with made-up courts."""
    rng = random.Random(seed)  # noqa: S311 - nothing is secret here
    provinces = "津冀晋内辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵"
    pattern = [f for f in listed() if f["record_type"] == "case"]
    for i in range(n):
        court = rng.randrange(courts)
        code = f"{provinces[court % len(provinces)]}{court // 30 % 20 + 1:02}{court // 600 + 1:02}"
        yield {
            "finding": {**pattern[rng.randrange(len(pattern))], "record": f"(2023){code}执{i // 3}号", "line": i // 3}
        }


def test_the_page_has_an_end(tmp_path: Path) -> None:
    """Long names, many courts, norms and codes: the page stays small, and what it leaves out it says."""
    long = '"' * 5000
    lines: list[Line] = [
        {"finding": {**line["finding"], "norm": f"N{i}{long}", "article": i % 999 + 1, "path": long,
                     "record": line["finding"]["record"] + long, "title": {"zh": long, "en": long},
                     "entities": {"a": long}, "missing": [f"/{i}x{long}"]}}
        for i, line in enumerate(many(3000, courts=3000))
    ]  # fmt: skip
    lines += [{"rejected": [{"code": f"{i}{long}", "path": long, "line": 1, "message": long}]} for i in range(300)]
    source = write(
        tmp_path, [HEADER, *lines, {"no": "line"}, summary_of(lines, never_fired=[f"{i}{long}" for i in range(2000)])]
    )
    page = report(source, tmp_path / "docket.html", code=4)
    assert len(page.encode()) < LARGEST
    parsed = Tables(page)
    (rows,) = parsed.under("heat")
    assert len(rows) == MOST_ROWS
    supreme = int(rows[0][1])
    assert supreme == len(violations(lines))
    courts = {c for f in listed(lines) for c in line_by_hand(f["record"][6:11])}
    assert f"另有 {len(courts) - MOST_ROWS} 个法院没有列出，已计入其上级。" in parsed.text


def test_memory_does_not_grow(tmp_path: Path) -> None:
    """Ten times as many findings of as many courts take no more memory."""

    def peak(n: int) -> int:
        source = write(tmp_path, [HEADER, *many(n, courts=40)], f"{n}.ndjson")
        program = load()
        tracemalloc.start()
        with FindingsFile(str(source), None) as file:
            docket = Docket(file.header, program.calendar, Courts(program.vocabulary, {}))
            for _ in count(file, docket):
                pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert sum(docket.verdicts.values()) == n
        return most

    peak(100)  # what is made once
    assert peak(20_000) < 1.25 * peak(2_000)


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    """With a terminal as standard error there is a bar, with the lines read."""
    ran = at_terminal("report", FINDINGS, "-o", tmp_path / "docket.html", "--lang", "en", piped=True, columns=100)
    assert ran.code == 0
    assert "lines" in ran.err


# -- in a browser ------------------------------------------------------------------------------------------------------
@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The page as a file."""
    report(FINDINGS, tmp_path / "docket.html")
    return tmp_path / "docket.html"


FIRST_CELLS = "rows => rows.filter(r => !r.hidden).map(r => [...r.cells].map(c => c.textContent.trim()))"


@needs_browser
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_quiet_and_fits(made: Path, width: int, dark: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """No complaint, no request, no sideways scrolling of the page."""
    with opened(made, width=width, dark=dark) as found:
        found.assert_quiet()
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found.page.evaluate("document.body.scrollWidth") <= width


LINES = """() => [...document.querySelectorAll('.wide table:not(.heat) :is(th, td)')].map(cell => {
    const inside = document.createRange();
    inside.selectNodeContents(cell);
    const lines = inside.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).lineHeight);
    return [Math.round(lines), cell.innerText];
})"""


@needs_browser
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (800, "screen"), (673, "print")])
def test_no_column_is_squeezed(tmp_path: Path, width: int, media: Literal["screen", "print"]) -> None:
    """Long English titles leave the other columns room: no cell has more than five lines; 673 pixels are A4's."""
    made = tmp_path / "docket.html"
    report(FINDINGS, made, "--lang", "en")
    with opened(made, width=width) as found:
        found.page.emulate_media(media=media)
        found.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        cells = found.page.evaluate(LINES)
    assert len(cells) > 500
    assert [(lines, text) for lines, text in cells if lines > 5] == []


@needs_browser
def test_sorting(made: Path) -> None:
    """A click sorts numbers downwards, the next upwards, the third restores; words are sorted upwards first."""
    with opened(made) as found:
        table = found.page.locator("section:has(#frequent) table")
        rows: Callable[[], list[list[str]]] = lambda: table.locator("tbody tr").evaluate_all(FIRST_CELLS)  # noqa: E731
        before = rows()
        late = table.get_by_role("button", name="逾期完成")
        key: Callable[[list[str]], int] = lambda row: int(row[3])  # noqa: E731
        late.click()
        assert [key(r) for r in rows()] == sorted(map(key, before), reverse=True)
        assert table.locator("th[aria-sort=descending]").count() == 1
        late.click()
        assert [key(r) for r in rows()] == sorted(map(key, before))
        late.click()
        assert rows() == before
        assert sorted(map(str, before)) == sorted(map(str, rows()))
        level = found.page.locator("section:has(#worst) table").get_by_role("button", name="级别")
        level.click()
        cells = found.page.locator("section:has(#worst) tbody tr").evaluate_all(FIRST_CELLS)
        assert [row[1] for row in cells] == sorted((row[1] for row in cells), key="高中低".index)
        found.assert_quiet()


@needs_browser
def test_filtering(made: Path) -> None:
    """Only rows with all words are left, and their number is shown."""
    with opened(made) as found:
        section = found.page.locator("section:has(#worst)")
        rows: Callable[[], list[list[str]]] = lambda: section.locator("tbody tr").evaluate_all(FIRST_CELLS)  # noqa: E731
        before = rows()
        section.get_by_role("searchbox").fill("京0105 违规")
        expected = [row for row in before if "京0105" in " ".join(row) and "违规" in " ".join(row)]
        assert 0 < len(expected) < len(before)
        assert rows() == expected
        assert section.locator("output").inner_text() == f"{len(expected)} / {len(before)}"
        section.get_by_role("searchbox").fill("")
        assert rows() == before
        found.assert_quiet()


@needs_browser
def test_a_link_leads_down_to_a_court(made: Path) -> None:
    """A court of the table opens the courts above it and shows its records."""
    with opened(made) as found:
        name = found.page.locator("section:has(#heat) tbody th", has_text="基层").first.locator("a")
        target = found.page.locator(f"[id='{(name.get_attribute('href') or '')[1:]}']")
        assert not target.is_visible()
        name.click()
        target.wait_for(state="visible")
        assert found.page.locator("details.court[open]", has=target).last.locator("table").first.is_visible()
        found.assert_quiet()


@needs_browser
def test_the_page_is_useful_without_script(made: Path) -> None:
    """Without script the same rows are there, nothing that does not work is shown, and courts open by hand."""
    with opened(made, script=False) as found:
        assert found.page.locator("section:has(#worst) tbody tr").count() == 50
        assert found.page.locator("button, input").count() == 0
        below = found.page.locator("details.court details.court").first
        below.locator("> summary").click()
        assert below.locator("details.court").first.is_visible()
        found.assert_quiet()
