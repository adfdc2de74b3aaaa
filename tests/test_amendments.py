"""Amendments: what differs in words, which verdicts flip, two versions of a norm side by side by the trigger's date."""

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from browser import needs_browser, opened
from command_line import ROOT, run
from golden import assert_golden
from oracle_deadline import read_notices
from view_outline import diffs

from validator.reporting.template import render
from validator.version import __version__

POLICIES = ROOT / "policies"
NOTICES = read_notices()
AS_OF = "2025-12-31"
Record = dict[str, Any]


def last_day(start: date, working_days: int) -> date:
    """Count working days one after the other, the starting day left out, by the notices of the tests."""
    day = start
    while working_days:
        day += timedelta(days=1)
        working_days -= NOTICES.is_working(day)
    return day


# -- figures ----------------------------------------------------------------------------------------------------------
def amended(folder: Path, name: str, old: str, new: str) -> Path:
    """Write a shipped article with one text replaced, once."""
    folder.mkdir()
    text = (POLICIES / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def docket(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[date, date | None]]]:
    """Payments that arrive on every day of September and October 2025, the notice any number of days later or never."""
    facts: dict[str, tuple[date, date | None]] = {}
    path = tmp_path_factory.mktemp("docket") / "docket.ndjson"
    with path.open("w", encoding="utf-8") as file:
        for i in range(61):
            arrived = date(2025, 9, 1) + timedelta(days=i)
            sent = None if i % 9 == 4 else arrived + timedelta(days=i * 7 % 23)
            events: list[Record] = [{"type": "funds_arrived", "at": f"{arrived}T09:00:00+08:00", "payment": "p"}]
            if sent is not None:
                events.append({"type": "payment_notice_issued", "at": f"{sent}T17:00:00+08:00", "payment": "p"})
            record = {"record_type": "case", "id": f"案{i}", "type": "first_enforcement", "payments": [{"id": "p"}]}
            file.write(json.dumps(record | {"events": events}, ensure_ascii=False) + "\n")
            facts[f"案{i}"] = arrived, sent
    return path, facts


def test_diff_names_exactly_the_records_whose_verdict_flips(
    docket: tuple[Path, dict[str, tuple[date, date | None]]], tmp_path: Path
) -> None:
    """A22.1 from ten to eight working days: late are those whose notice came after the 8th and by the 10th."""
    path, facts = docket
    wanted = {
        record
        for record, (arrived, sent) in facts.items()
        if sent is not None and last_day(arrived, 8) < sent <= last_day(arrived, 10)
    }
    new = amended(tmp_path / "new", "article-22.yaml", "deadline: 10个工作日", "deadline: 8个工作日")
    ran = run("diff", POLICIES, new, "--records", path, "--as-of", AS_OF, "--output-format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["changes"] == [
        {"kind": "norm", "name": "A22.1", "path": "deadline", "old": "10个工作日", "new": "8个工作日"}
    ]
    own = [f for f in found["flips"] if f["norm"] == "A22.1"]
    assert [(f["old"], f["new"], f["count"]) for f in own] == [("compliant", "late", len(wanted))]
    assert {r["record"] for f in own for r in f["records"]} == wanted
    assert 3 < len(wanted) < 30
    assert found["records"] == len(facts)


def test_words_for_figures_days_and_declarations(tmp_path: Path) -> None:
    """A set parameter, a closed day, a renamed event and a norm that is gone are each said in one line."""
    new = tmp_path / "new"
    for path in POLICIES.rglob("*.yaml"):
        target = new / path.relative_to(POLICIES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    replace(new / "calendar.yaml", "to: 2026-02-23,", "to: 2026-02-24,")
    replace(new / "vocabulary" / "events-case.yaml", "zh: 结案, en", "zh: 案件办结, en")
    figures = tmp_path / "figures.yaml"
    figures.write_text(
        "parameters:\n  reminder_lead_days: {values: [{from: 2022-01-01, value: 3, basis: {zh: 试, en: test}}]}\n",
        encoding="utf-8",
    )
    ran = run("diff", POLICIES, new, "--new-parameters", figures)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "参数 reminder_lead_days: （无） → 3 (2022-01-01)",
        "日历 2026-02-24: 工作日 → 休息日",
        "事件 case_closed  label.zh: 结案 → 案件办结",
    ]
    assert run("diff", POLICIES, POLICIES, "--lang", "en").out == "the two rule sets do not differ\n"


def test_words_of_articles(tmp_path: Path) -> None:
    """The law of an article, its title and each paragraph; what differs in a long text, and not all of it."""
    new = amended(tmp_path / "new", "article-13.yaml", "必须在5个工作日内通过", "应当在5个工作日内通过")
    for old, other in (
        ("words: 必须在", "words: 应当在"),
        ("zh: 依法及时查封财产\n", "zh: 依法及时查控财产\n"),
        ("part: 3\n", "part: 3\nlaw: {zh: 某法, en: Some law}\n"),
    ):
        replace(new / "article-13.yaml", old, other)
    ran = run("diff", POLICIES, new)
    beside = "执行部门收到立案部门移送的案件材料后，{}在5个工作日内通过“总对总”“点对点”网…"
    assert ran.out.splitlines()[:4] == [
        "条文 13  title.zh: 依法及时查封财产 → 依法及时查控财产",
        f"条文 13  text.1: {beside.format('必须')} → {beside.format('应当')}",
        "条文 13  law.zh: （无） → 某法",
        "条文 13  law.en: （无） → Some law",
    ]
    found = json.loads(run("diff", POLICIES, new, "--output-format", "json").out)["changes"][1]
    assert found["new"].startswith("执行部门收到立案部门移送的案件材料后，应当在5个工作日内")
    assert found["new"].endswith("有效解决消极、拖延执行、选择性执行顽疾。")


@pytest.mark.parametrize(
    ("lang", "line"), [("zh", "规则 A2.2: 作风端正 → （无）"), ("en", "norm A2.2: Good conduct → (nothing)")]
)
def test_what_is_gone_is_named_in_the_language_of_the_reader(tmp_path: Path, lang: str, line: str) -> None:
    """A rule set without an article that the other has: the article and its norms by their titles."""
    small = ROOT / "tests" / "data" / "small"
    less = shutil.copytree(small, tmp_path / "less")
    (less / "article-2.yaml").unlink()
    assert line in run("diff", small, less, "--lang", lang).out


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text in a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_the_one_that_was_looked_at(lang: str) -> None:
    """Fixed findings before and after an amendment: a figure, a verdict that flips, a last day that moves."""
    *_, view = diffs(lang)
    page = render("diff.html.j2", view, lang)
    assert_golden(f"diff.{lang}.html", page.replace(__version__, "VERSION"))


@needs_browser
def test_the_page_shows_changes_and_flips(
    docket: tuple[Path, dict[str, tuple[date, date | None]]], tmp_path: Path
) -> None:
    """The page names the change and the flips, in either language, and asks for nothing."""
    new = amended(tmp_path / "new", "article-22.yaml", "deadline: 10个工作日", "deadline: 8个工作日")
    for lang, words in (("zh", ("10个工作日", "逾期完成")), ("en", ("Verdicts that change", "late"))):
        page = tmp_path / f"{lang}.html"
        ran = run("diff", POLICIES, new, "--records", docket[0], "--as-of", AS_OF, "-o", page, "--lang", lang)
        assert ran.code == 0, ran.err
        with opened(page, width=360) as shown:
            text = shown.page.inner_text("body")
            assert all(word in text for word in words), text
            assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
            shown.assert_quiet()


# -- versions ---------------------------------------------------------------------------------------------------------
def test_the_date_of_the_trigger_chooses_the_version(tmp_path: Path) -> None:
    """A13.1 has five working days until 30 June 2025 and three from 1 July on; whoever began before keeps five.

    Files received on Monday 23, Monday 30 June and Tuesday 1 July, queried on the fifth working day after: only the
    last is late, for its last day is Friday 4 July.
    """
    text = (POLICIES / "article-13.yaml").read_text("utf-8")
    block = re.search(r"  - id: A13\.1\n.*?(?=\n  - id: )", text, re.DOTALL)
    assert block is not None
    old, new = (
        block[0].replace("    subject: case\n", f"    subject: case\n    effective: {{{span}}}\n", 1)
        for span in ("from: 2021-12-06, to: 2025-06-30", "from: 2025-07-01")
    )
    changed = text.replace(block[0], old + "\n" + new.replace("deadline: 5个工作日", "deadline: 3个工作日"))
    folder = tmp_path / "amended"
    folder.mkdir()
    (folder / "article-13.yaml").write_text(changed, encoding="utf-8")
    rules = [p for p in sorted(POLICIES.rglob("*.yaml")) if p.name not in ("article-13.yaml", "parameters.demo.yaml")]
    chosen = [word for path in (*rules, folder) for word in ("-p", path)]
    received = [date(2025, 6, 23), date(2025, 6, 30), date(2025, 7, 1)]
    lines = [json.dumps(case(day, last_day(day, 5)), ensure_ascii=False) for day in received]
    ran = run("check", *chosen, "--as-of", AS_OF, "--select", "A13.1", "--output-format", "ndjson", "--show-all",
              stdin="\n".join(lines))  # fmt: skip
    found = [json.loads(line)["finding"] for line in ran.out.splitlines()[1:-1]]
    assert [(f["record"], f["verdict"], f["due_day"]) for f in found] == [
        ("2025-06-23", "compliant", "2025-06-30"),
        ("2025-06-30", "compliant", "2025-07-07"),
        ("2025-07-01", "late", "2025-07-04"),
    ]


def case(received: date, queried: date) -> Record:
    """Return a case whose file was received and whose debtor was queried on these days."""
    return {
        "record_type": "case", "id": str(received), "type": "first_enforcement",
        "parties": [{"id": "d", "role": "debtor"}],
        "events": [
            {"type": "case_materials_received", "at": f"{received}T09:00:00+08:00"},
            {"type": "online_query_initiated", "at": f"{queried}T09:00:00+08:00", "party": "d"},
        ],
    }  # fmt: skip


# -- an amended article -----------------------------------------------------------------------------------------------
EXAMPLE = """    examples:
      - name: 2026年7月1日查封，20日至7月21日
        as_of: 2026-12-31
        record:
          assets: [{id: a1, needs_realization: true, seizure_rank: first}]
          events: [{type: asset_controlled, at: 2026-07-01, asset: a1}]
        expect: {verdict: breached, due_day: 2026-07-21, version: 2026-07-01}
"""


def article_16(folder: Path) -> Path:
    """Amend article 16 from 1 July 2026, as the handbook says: the old file with its last days, a new one beside it.

    A16.2 has 20 days instead of 30, and another one acts; A16.3 is split.
    """
    text = (POLICIES / "article-16.yaml").read_text("utf-8")
    two, three = (re.search(rf"  - id: {id_}\n.*?(?=\n  - id: )", text, re.DOTALL)[0] for id_ in ("A16.2", "A16.3"))  # type: ignore[index]
    subject = "    subject: asset\n"
    folder.mkdir()
    for block in (two, three):
        text = text.replace(block, block.replace(subject, f"{subject}    effective: {{to: 2026-06-30}}\n", 1))
    (folder / "article-16.yaml").write_text(text, encoding="utf-8")
    head = text[: text.index("records:\n") + len("records:\n")]
    later = [b.replace(subject, f"{subject}    effective: {{from: 2026-07-01}}\n", 1) for b in (two, three, three)]
    two, first, second = (block.partition("    examples:\n")[0] for block in later)
    changed = two.replace("by: special_supervisor", "by: handler") + EXAMPLE
    changed += first.replace("A16.3\n", "A16.3a\n") + "\n" + second.replace("A16.3\n", "A16.3b\n")
    (folder / "article-16-2026.yaml").write_text((head + changed).replace("30日", "20日"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def amended_16(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the amended article 16."""
    return article_16(tmp_path_factory.mktemp("amended") / "court")


def seized(name: str, at: Any, priced: str | None = None, *, sold: bool = True) -> Record:
    """Return a case in which an asset that has to be sold (or not) was seized, and its pricing begun or not."""
    events: list[Record] = [{"type": "asset_controlled", "at": at, "asset": "a"}]
    if priced is not None:
        events.append({"type": "reference_price_started", "at": priced, "asset": "a"})
    asset = {"id": "a", "needs_realization": sold, "seizure_rank": "first"}
    return {"record_type": "case", "id": name, "type": "first_enforcement", "assets": [asset], "events": events}


SUMMER = {"not_before": "2026-06-01", "not_after": "2026-07-31"}


def test_what_had_begun_runs_on_under_the_old_version(amended_16: Path) -> None:
    """Seized on the last day of 30 days, on the first of 20, before all versions, and one cannot say on which day."""
    cases: list[tuple[str, Any, str | None, list[tuple[str, str | None, str | None]]]] = [
        ("old, in time", "2026-06-30T23:59:59", "2026-07-30", [("compliant", "2026-07-30", None)]),
        ("old, late", "2026-06-30", "2026-07-31", [("late", "2026-07-30", None)]),
        ("new, in time", "2026-07-01T00:00:00", "2026-07-21", [("compliant", "2026-07-21", "2026-07-01")]),
        ("new, late", "2026-07-01", "2026-07-22", [("late", "2026-07-21", "2026-07-01")]),
        # 30 days from June end from 1 to 30 July, 20 days from July from 21 July to 20 August
        ("perhaps either", SUMMER, "2026-07-10",
         [("undetermined", "2026-07-01", None), ("compliant", "2026-07-21", "2026-07-01")]),
        ("perhaps either, late", SUMMER, "2026-09-01",
         [("undetermined", "2026-07-01", None), ("undetermined", "2026-07-21", "2026-07-01")]),
        ("before the law", "2021-12-01", None, [("not_triggered", None, None)]),
        ("no sale", "2026-06-10", None, [("not_triggered", None, None)]),
    ]  # fmt: skip
    records = [seized(name, at, priced, sold=name != "no sale") for name, at, priced, _ in cases]
    found = judged(records, "-p", amended_16, "--as-of", "2026-12-31", "--select", "A16.2")
    for name, *_, findings in cases:
        assert [(f["verdict"], f.get("due_day"), f.get("version")) for f in found[name]] == findings, name
    assert [f["due_latest"][:10] for f in found["perhaps either, late"]] == ["2026-07-31", "2026-08-21"]
    assert [f["would_settle"] for f in found["perhaps either, late"]] == [["/events/0/at"]] * 2
    assert [found[name][0]["reason"] for name in ("before the law", "no sale")] == ["before_issue", "condition_false"]
    # on the last day of June nothing can have begun under the version of July
    eve = judged([records[4]], "-p", amended_16, "--as-of", "2026-06-30", "--select", "A16.2")["perhaps either"]
    assert [(f["verdict"], f["due_day"], f.get("version")) for f in eve] == [("undetermined", "2026-07-01", None)]


def test_whatever_tells_of_a_finding_tells_of_its_version(amended_16: Path, tmp_path: Path) -> None:
    """Title, words, term, actor and time in force are those of the version that was applied."""
    for name, at, days, span, actor in (
        ("old", "2026-06-30", "30日", "至 2026-06-30", "专项监管人员"),
        ("new", "2026-07-01", "20日", "自 2026-07-01 起", "承办人"),
    ):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(seized(name, at)), encoding="utf-8")
        options = (path, "-p", amended_16, "--as-of", "2026-08-31")
        text = run("explain", path, "A16.2", *options[1:]).out
        assert f"有效  {span}" in text
        assert f"“应当在{days}内启动确定财产处置参考价程序”" in text
        letter = run("letter", "notice", *options).out
        assert f"查封、扣押、冻结后{days}内启动确定参考价程序" in letter
        assert f"应当在{days}内启动确定财产处置参考价程序" in letter
        assert ("第16条（合理确定财产处置参考价）第1款第2句（有效至 2026-06-30）" in letter) == (name == "old")
        assert f"措施：专人提示承办人立即启动确定参考价程序（{actor}）" in letter
        clock = run("due", *options, "--select", "A16.2").out.splitlines()[0]
        assert f"（{actor}、" in clock


def test_a_letter_rests_on_the_version_of_its_own_day(tmp_path: Path) -> None:
    """A8.4 is amended in July 2026: a notice of August rests on the new version alone, whenever the breach was."""
    text = (POLICIES / "article-08.yaml").read_text("utf-8")
    block = re.search(r"  - id: A8\.4\n.*?(?=\n  - id: )", text, re.DOTALL)
    assert block is not None
    kind, spans = "    kind: ", ("{to: 2026-06-30}", "{from: 2026-07-01}")
    old, new = (block[0].replace(kind, f"    effective: {span}\n{kind}", 1) for span in spans)
    folder = tmp_path / "court"
    folder.mkdir()
    (folder / "article-08.yaml").write_text(text.replace(block[0], f"{old}\n{new}"), encoding="utf-8")
    path = tmp_path / "case.json"
    path.write_text(json.dumps(seized("案", "2026-05-06")), encoding="utf-8")
    letter = run("letter", "notice", path, "-p", folder, "--as-of", "2026-08-31").out
    assert re.findall("第8条（[^）]*）第1款第2句.*", letter) == ["第8条（确立专人监督管理制度）第1款第2句"]


def test_examples_of_a_norm_that_is_split_are_about_that_norm(amended_16: Path) -> None:
    """A16.3 ends when A16.3a and A16.3b begin: its examples expect nothing of those; `version` may be expected."""
    ran = run("test", amended_16)
    assert (ran.code, ran.err) == (0, "")


def test_lists_tell_versions_apart(amended_16: Path) -> None:
    """The ledger and `show` say when each version is in force; its page has both wordings, each link its own place."""
    shown = run("show", "A16", "-p", amended_16).out
    assert "A16.2  查封、扣押、冻结后30日内启动确定参考价程序  [至 2026-06-30]" in shown
    assert "A16.2  查封、扣押、冻结后20日内启动确定参考价程序  [自 2026-07-01 起]" in shown
    listed = run("norms", "-p", amended_16).out
    assert "查封、扣押、冻结后20日内启动确定参考价程序 (自 2026-07-01 起)" in listed
    page = run("norms", "-p", amended_16, "--output-format", "html").out
    sections = re.findall(r'<h3 id="(A16\.2[^"]*)">.*?</section>', page, re.DOTALL)
    assert sections == ["A16.2", "A16.2-2026-07-01"]
    for anchor, days, span in (("A16.2", "30日", "至 2026-06-30"), ("A16.2-2026-07-01", "20日", "自 2026-07-01 起")):
        section = re.search(rf'<h3 id="{anchor}">.*?</section>', page, re.DOTALL)
        assert section is not None
        assert f"起算后{days}内" in section[0]
        assert f"<dt>有效</dt><dd>{span}</dd>" in section[0]
    article = page[page.index('id="article-16"') : page.index('id="A16.1"')]
    marked = re.findall(r"<mark>(应当在[^<]*)</mark>", article)
    assert marked == [f"应当在{days}日内启动确定财产处置参考价程序" for days in (30, 20)]
    assert "有效 自 2026-07-01 起" in article


def test_diff_says_what_a_new_version_changes(amended_16: Path, tmp_path: Path) -> None:
    """The old version has only ended, the new one is told by what differs from it; what is new by its label."""
    word = "variables:\n  asset.contested: {label: {zh: 有争议, en: Contested}, type: boolean, source: recorded}\n"
    folder = tmp_path / "court"
    shutil.copytree(amended_16, folder)
    (folder / "words.yaml").write_text(word, encoding="utf-8")
    lines = run("diff", POLICIES, folder).out.splitlines()
    assert '规则 A16.2  effective: （无） → {"to": "2026-06-30"}' in lines
    assert "规则 A16.2  2026-07-01 deadline: 30日 → 20日" in lines
    assert "规则 A16.3a: （无） → 参考价确定后10日内启动财产变价程序" in lines
    assert "变量 asset.contested: （无） → 有争议" in lines
    assert not [line for line in lines if line.startswith(("规则 A16.2: ", "规则 A16.2  2026-07-01 effective"))]
    gone = run("diff", folder, POLICIES).out.splitlines()
    assert "规则 A16.2  2026-07-01: 查封、扣押、冻结后20日内启动确定参考价程序 → （无）" in gone


OLD, NEW = "article-16.yaml", "article-16-2026.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        (OLD, "{to: 2026-06-30}", "{to: 2026-07-15}", "versions-overlap",
         "是新旧两个版本的，旧版本的 effective 写 to: 2026-06-30，即新版本生效的前一日"),
        (OLD, "    effective: {to: 2026-06-30}\n", "", "versions-overlap",
         "是新旧两个版本的，旧版本的 effective 写 to: 2026-06-30，即新版本生效的前一日"),
        (NEW, "{from: 2026-07-01}", "{from: 2026-07-01, reaches_back: true}", "versions-overlap",
         "reaches_back 使一个版本也适用于另一个版本时（至 2026-06-30）开始的事项"),
        (OLD, "{to: 2026-06-30}", "{to: 2026-06-28}", "versions-leave-gap",
         "A16.2 自 2026-06-29 至 2026-06-30 没有有效的版本"),
        (OLD, "{to: 2026-06-30}", "{to: 2026-06-30}", "ended-but-named",
         "A16.3 有效至 2026-06-30，A12.4, A12.5 仍然指向它，此后不再因它开始"),
        (NEW, "article: 16", "law: {zh: 本院规程, en: Our rules}\narticle: 16", "own-law-in-force", ""),
        (NEW, "应当在20日内启动", "应当在10日内启动", "words-not-in-text",
         "条文的字句自 2026-07-01 起改了的，新条文另写一个文件，text 写新的，旧文件保留"),
    ],
)  # fmt: skip
def test_slips_of_those_who_amend_are_told(
    amended_16: Path, tmp_path: Path, file: str, old: str, new: str, code: str, words: str
) -> None:
    """No end, an overlap, a gap, a norm that others still follow: what is wrong, since when, and how to mend it."""
    folder = tmp_path / "court"
    shutil.copytree(amended_16, folder)
    path = folder / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    ran = run("lint", folder)
    told = ran.out + ran.err
    # of a law of its own each norm has a first day here, so nothing is told
    assert (f": {code}: " in told) == bool(words)
    assert words in told
    assert ran.code == (3 if code in ("versions-overlap", "words-not-in-text") else 0)


def test_rules_of_ones_own_law_are_told_from_when_they_are_applied(tmp_path: Path) -> None:
    """Without a day of its own a rule of the court is applied from the issue of the Opinions."""
    text = (
        (POLICIES / "article-16.yaml")
        .read_text("utf-8")
        .replace("article: 16\n", "article: 16\nlaw: {zh: 规程, en: R}\n")
    )
    (tmp_path / "article-16.yaml").write_text(text, encoding="utf-8")
    told = run("lint", tmp_path).out
    assert "own-law-in-force: A16.1 出自另一文件，没有写 effective 的 from，就从 2021-12-06 起适用" in told
    assert "提示: 写明该文件施行之日，如 effective: {from: 2025-03-01}" in told


def test_a_copy_of_the_types_of_records_is_told_once(amended_16: Path, tmp_path: Path) -> None:
    """Whoever copies all words has rules that stand alone: what is amiss is the copy, and not each norm and remedy."""
    folder = tmp_path / "court"
    shutil.copytree(amended_16, folder)
    shutil.copy(POLICIES / "vocabulary" / "entities.yaml", folder)
    shutil.copy(POLICIES / "vocabulary" / "variables.yaml", folder)
    path = folder / NEW
    path.write_text(path.read_text("utf-8").replace("case.suspended", "case.suspnded", 1), encoding="utf-8")
    for name in ("events-case", "events-assets", "events-other"):
        shutil.copy(POLICIES / "vocabulary" / f"{name}.yaml", folder)
    ran = run("lint", folder)
    assert ran.code == 3
    heads = re.findall(r"^\S+/([\w.-]+):\d+:\d+: ([\w-]+): ", ran.err, re.MULTILINE)
    assert heads == [(NEW, "unknown-attribute"), ("entities.yaml", "record-types-copied")]
    assert "删去这个照抄的文件，其余的文件就加在随程序安装的规则上" in ran.err


def test_a_word_that_is_declared_a_second_time_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    """Whoever adds a code to a shipped list declares it anew: the file to copy is named."""
    words = "variables:\n  asset.type: {label: {zh: 财产类型, en: Type}, values: [ship], source: recorded}\n"
    (tmp_path / "words.yaml").write_text(words, encoding="utf-8")
    ran = run("lint", tmp_path)
    assert ran.code == 3
    assert "words.yaml:2:3: declared-twice: “asset.type”声明了两次" in ran.err
    assert (
        f"另一处在 {POLICIES / 'vocabulary' / 'variables.yaml'}；要改那里的，把那个文件复制到自己的文件夹里改"
        in ran.err
    )


# -- figures over time ------------------------------------------------------------------------------------------------
def fed_back(name: str, at: Any, controlled: str | None) -> Record:
    """Return a case in which an asset was found, and controlled or not."""
    events: list[Record] = [{"type": "query_feedback_received", "at": at, "asset": "a", "executable": True}]
    if controlled is not None:
        events.append({"type": "asset_controlled", "at": controlled, "asset": "a"})
    asset = {"id": "a", "online_controllable": True, "control_exempt_ground": "none"}
    return {"record_type": "case", "id": name, "type": "first_enforcement", "assets": [asset], "events": events}


def figures(folder: Path, *rows: str) -> Path:
    """Write the hours within which control is taken at once, row by row."""
    values = ", ".join(f"{{{row}, basis: {{zh: 本院规程, en: Rules of the court}}}}" for row in rows)
    path = folder / "court.yaml"
    path.write_text(f"parameters:\n  immediate_control_hours: {{values: [{values}]}}\n", encoding="utf-8")
    return path


def judged(records: list[Record], *arguments: Any) -> dict[str, list[Record]]:
    """Return the findings on records by their ids."""
    lines = "\n".join(json.dumps(r, ensure_ascii=False) for r in records)
    ran = run("check", "-", *arguments, "--output-format", "ndjson", "--show-all", stdin=lines)
    assert ran.code in (0, 1), ran.err
    found: dict[str, list[Record]] = {r["id"]: [] for r in records}
    for line in ran.out.splitlines()[1:-1]:
        finding = json.loads(line)["finding"]
        found[finding["record"]].append(finding)
    return found


BORDER = {"not_before": "2025-08-31", "not_after": "2025-09-01"}
AUTUMN = {"not_before": "2025-08-31", "not_after": "2025-10-01"}


def test_a_coarse_date_takes_every_figure_that_was_in_force(tmp_path: Path) -> None:
    """Each figure counts from its own days; what is over by all of them is, and one in the middle is not forgotten.

    24 hours from August, 1000 hours (41 days and 16 hours) from 1 September, 12 hours from October.
    """
    court = figures(
        tmp_path, "from: 2025-08-01, value: 24", "from: 2025-09-01, value: 1000", "from: 2025-10-01, value: 12"
    )
    wanted: dict[str, tuple[Any, str | None, str, str | None]] = {
        "24": ("2025-08-31T10:00", "2025-09-01T11:00", "late", "2025-09-01T10:00:00+08:00"),
        "1000": ("2025-09-01T10:00", "2025-10-12T11:00", "compliant", "2025-10-13T02:00:00+08:00"),
        "12": ("2025-10-01T10:00", "2025-10-01T23:00", "late", "2025-10-01T22:00:00+08:00"),
        # 1000 hours from the end of September are over on 11 November at 16:00
        "any, in between": (AUTUMN, "2025-10-20", "undetermined", None),
        "any, after all": (AUTUMN, "2025-11-13", "late", None),
        "24 or 1000, never": (BORDER, None, "breached", None),
        "1000 or 12, late": ({"not_before": "2025-09-30", "not_after": "2025-10-01"}, "2025-12-01", "late", None),
    }
    records = [fed_back(name, at, controlled) for name, (at, controlled, *_) in wanted.items()]
    found = judged(records, "--as-of", AS_OF, "--select", "A13.4", "--parameters", court)
    for name, (_, _, verdict, due) in wanted.items():
        finding = found[name][0]
        assert (finding["verdict"], len(found[name])) == (verdict, 1), name
        assert due is None or finding["due"] == due, name
    assert found["any, in between"][0]["would_settle"] == ["/events/0/at", "/events/1/at"]


def test_a_figure_that_is_repealed_is_none_from_that_day(tmp_path: Path) -> None:
    """24 hours from March until August 2025: before and after somebody has to decide, and is told why."""
    court = figures(tmp_path, "from: 2025-03-01, value: 24", "from: 2025-09-01, value: unset")
    starts = {"before": "2025-02-28", "while": "2025-08-31", "after": "2025-09-01", "perhaps after": BORDER}
    records = [fed_back(name, start, "2025-12-01") for name, start in starts.items()]
    options = ("--as-of", AS_OF, "--parameters", court)
    found = judged(records, *options, "--select", "A13.4")
    assert {name: f["verdict"] for name, (f,) in found.items()} == {
        "before": "needs_review", "while": "late", "after": "needs_review", "perhaps after": "needs_review",
    }  # fmt: skip
    asked = [f["asks"] for name, (f,) in found.items() if name != "while"]
    assert asked == [["param.immediate_control_hours"]] * 3
    docket = tmp_path / "docket.ndjson"
    docket.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    words = {
        "before": "参数“立即采取控制措施的时限”起算时尚无数值，自 2025-03-01 起才有",
        "while": "数字出自参数“立即采取控制措施的时限”：24小时（自 2025-03-01 起，依据：本院规程）",
        "after": "参数“立即采取控制措施的时限”自 2025-09-01 起不再有数值（依据：本院规程）",
    }
    for name, sentence in words.items():
        assert sentence in run("explain", docket, "A13.4", "--id", name, *options).out
    shown = run("show", "immediate_control_hours", "--parameters", court).out.splitlines()
    assert [line.split() for line in shown[-2:]] == [
        ["自", "2025-03-01", "起", "24", "本院规程"],
        ["自", "2025-09-01", "起", "未设定", "本院规程"],
    ]


def test_a_figure_that_was_left_out_is_no_repeal(tmp_path: Path) -> None:
    """An empty value is refused, and the word for "none any more" is told; so it is for words that people try."""
    for written in ("value: ", "value: 废止"):
        ran = run("norms", "--parameters", figures(tmp_path, f"from: 2025-03-01, {written}"))
        assert ran.code == 3
        assert "不再有数值的写 unset" in ran.err
