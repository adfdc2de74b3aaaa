"""Letters: which findings lead to which paper, what stands in it, and that every value comes out as it is."""

import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from command_line import Ran, run
from golden import assert_golden
from jinja2 import Environment, meta, nodes
from letter_templates import LETTERS, made

from validator.reporting.letter import NAMES, Letter

RULES = Path(__file__).parent / "data" / "letters"
AS_OF = "2022-03-15"  # a Tuesday
PROMPTED = {"type": "prompted", "at": "2022-03-07", "about": "A1.1:m1:received@2022-03-01"}
RECORD: dict[str, Any] = {
    "record_type": "matter",
    "id": "m1",
    "items": [{"id": "i1"}, {"id": "i2"}],
    "events": [
        {"type": "received", "at": "2022-03-01"},
        {"type": "found", "at": "2022-03-02", "item": "i1"},
        {"type": "kept", "at": "2022-03-10", "item": "i1"},
        {"type": "found", "at": "2022-03-14", "item": "i2"},
        PROMPTED,
    ],
}


def written(tmp_path: Path, kind: str, record: dict[str, Any], *more: str, as_of: str = AS_OF) -> Ran:
    """Write a letter about a record."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    return run("letter", kind, path, "-p", RULES, "--as-of", as_of, *more)


def facts(letter: str) -> list[str]:
    """Return the headings of the facts of a Markdown letter."""
    return re.findall(r"^## \d+\. (.*)$", letter, re.MULTILINE)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", list(Letter))
def test_letters_are_those_that_were_looked_at(tmp_path: Path, kind: str, lang: str) -> None:
    """Each kind in each language from fixed facts, word for word."""
    ran = written(tmp_path, kind, RECORD, "--lang", lang)
    assert ran.code == 0
    assert_golden(f"letter-{kind}.{lang}.md", ran.out)


def test_a_general_measure_is_told_once(tmp_path: Path) -> None:
    """What a general remedy says stands once, with the numbers of all facts it follows; the norm's own at its fact."""
    again = [{"type": "received", "at": "2022-03-04"}, {"type": "found", "at": "2022-03-02", "item": "i2"}]
    letter = written(tmp_path, "notice", RECORD | {"events": [*RECORD["events"][:3], *again]}).out
    assert len(facts(letter)) == 4
    assert letter.count("一切违反") == 1
    assert "第1、2项：提示补正（监管人），适用于：一切违反" in letter
    assert letter.count("措施：提示立即保管（监管人）") == 2


def test_verdicts_and_remedies_choose_the_findings(tmp_path: Path) -> None:
    """A reminder is about terms that run, a notice about what is breached or late, reports about what stays undone.

    A1.1 (breached) leads to all papers, A1.2 (late for i1, running for i2) to a notice and a reminder by own words on
    the same basis; A1.3 is the same omission as A1.2, and no fact of its own.
    """
    found = {kind: facts(written(tmp_path, kind, RECORD).out) for kind in map(str, Letter)}
    assert found == {
        "reminder": ["发现物品后3日内保管"],
        "notice": ["收到后2个工作日内答复", "发现物品后3日内保管"],
        "report": ["收到后2个工作日内答复"],
        "supervision": ["收到后2个工作日内答复"],
    }


@pytest.mark.parametrize(("within", "code"), [("1", 5), ("2", 0)])
def test_a_reminder_is_about_what_ends_soon(tmp_path: Path, within: str, code: int) -> None:
    """The term of i2 ends on 17 March, two days after the 15th."""
    assert written(tmp_path, "reminder", RECORD, "--within", within).code == code


@pytest.mark.parametrize(("lang", "last"), [
    ("zh", "届满日：2022-03-03 至 2022-04-02 之间（可能已届期）"),
    ("en", "Last day: between 2022-03-03 and 2022-04-02 (perhaps over)"),
])  # fmt: skip
def test_a_reminder_tells_what_may_be_over(tmp_path: Path, lang: str, last: str) -> None:
    """Two working days from some day of March end on the 3rd at the earliest and on 2 April, a make-up workday.

    Of what may be over a reminder says so, as `due` does; nobody is told that it is violated.
    """
    record = {**RECORD, "items": [], "events": [{"type": "received", "at": "2022-03"}]}
    told = written(tmp_path, "reminder", record, "--lang", lang, as_of="2022-04-01").out
    assert f"\n{last}\n" in told
    assert ("查明即可确定：收到 2022-03：发生时间" if lang == "zh" else "would settle it: Received 2022-03: ") in told
    assert written(tmp_path, "notice", record, as_of="2022-04-01").code == 5
    silent = {**record, "events": [{"type": "received", "at": "2022-03-01"}], "known_until": "2022-03-02"}
    assert "\n届满日：2022-03-03（已届期，记录未更新）\n" in written(tmp_path, "reminder", silent).out


@pytest.mark.parametrize("kind", ["notice", "report", "supervision"])
def test_what_was_corrected_is_not_held_against_anybody(tmp_path: Path, kind: str) -> None:
    """A correction that names the violation takes it off; one that names another does not."""
    mended = {"type": "mended", "at": "2022-03-08", "about": PROMPTED["about"]}
    other = {**mended, "about": "A1.1:m1:received@2022-02-01"}
    for event, listed in ((mended, False), (other, True)):
        record = {**RECORD, "events": [*RECORD["events"], event]}
        assert ("收到后2个工作日内答复" in facts(written(tmp_path, kind, record).out)) is listed


def test_nothing_to_write_about(tmp_path: Path) -> None:
    """Without such findings there is a sentence, exit code 5 and no file; with them the file is there."""
    record = {**RECORD, "events": [*RECORD["events"], {"type": "answered", "at": "2022-03-02"}]}
    target = tmp_path / "letter.docx"
    ran = written(tmp_path, "报告", record, "-o", str(target))
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.splitlines()[0] == "m1 没有这种文书所说的结论，没有写成文书"
    assert not target.exists()
    assert written(tmp_path, "报告", RECORD, "-o", str(target)).code == 0
    assert target.exists()


@pytest.mark.parametrize(("name", "code"), [("x.doc", 2), ("x.pdf", 2), ("x.html", 2), ("x.TXT", 0), ("x", 0)])
def test_no_letter_gets_a_suffix_that_says_something_else(tmp_path: Path, name: str, code: int) -> None:
    """Markdown in a file that Word or a browser opens would be taken for a broken file."""
    ran = written(tmp_path, "notice", RECORD, "-o", str(tmp_path / name))
    assert (ran.code, "letter-form" in ran.err, (tmp_path / name).exists()) == (code, code == 2, code == 0)


def test_kinds_have_names_in_both_languages(tmp_path: Path) -> None:
    """The names of the papers do as well as the words; another word gets the nearest and exit code 2."""
    assert {NAMES[n] for n in ("节点预警提示", "督促纠正通知", "报告", "督办函")} == set(Letter)
    assert written(tmp_path, "督办函", RECORD).out == written(tmp_path, "supervision", RECORD).out
    ran = written(tmp_path, "督促纠正通", RECORD)
    assert ran.code == 2
    assert "是不是“督促纠正通知”？" in ran.err


def test_a_breached_fact_cites_the_sentence(tmp_path: Path) -> None:
    """Place and whole sentence of the law stand below the fact; its events, what they say and their pointers too."""
    text = written(tmp_path, "report", RECORD).out
    assert "第1条（限期办理）第1款第1句\n\n> 收到后2个工作日内答复。\n" in text
    prompt = f"提示 · 所指：{PROMPTED['about']}"
    assert f"- 2022-03-01，收到（记录 /events/0）\n- 2022-03-07，{prompt}（记录 /events/4）\n" in text


def test_a_letter_rests_on_a_sentence_once(tmp_path: Path) -> None:
    """Two duties of one sentence (to correct, to urge) are two grounds of a letter; the sentence stands there once."""
    path = tmp_path / "record.json"
    opinion = {"type": "coordination_opinion_delivered", "at": "2022-11-10", "to_court_id": "c1", "opinion_id": "o1"}
    record = {"record_type": "dispute", "id": "d1", "type": "with_agency", "court_ids": ["c1"], "events": [opinion]}
    path.write_text(json.dumps(record), encoding="utf-8")
    text = run("letter", "supervision", path, "--as-of", "2023-01-01").out
    assert text.startswith("# 督办函\n")
    grounds = [line for line in text.split("## 督办的依据")[1].splitlines() if line.startswith("法〔2021〕322号")]
    assert [place.partition("（")[0] for place in grounds] == ["法〔2021〕322号第28条", "法〔2021〕322号第31条"]


def test_what_nobody_knows_is_blank(tmp_path: Path) -> None:
    """Number, addressee, signatory, date, and what the team says are blanks in every letter."""
    for kind in Letter:
        text = written(tmp_path, kind, RECORD).out
        assert "【　　　　】〔　　　　〕＿＿＿＿号\n" in text
        assert text.endswith("＿＿＿＿年＿＿＿＿月＿＿＿＿日\n")
        assert re.search(r"^【[^】]+】：$", text, re.MULTILINE)


# -- Word --------------------------------------------------------------------------------------------------------------
def paragraphs(path: Path) -> list[str]:
    """Return the texts of the paragraphs of a Word document."""
    return [p.text for p in docx.Document(str(path)).paragraphs]


def shown(markdown: str) -> list[str]:
    """Return the paragraphs of Markdown as they are read."""
    lines = (re.sub(r"^(#+|>|-) ", "", line) for line in markdown.splitlines() if line.strip())
    return [html.unescape(re.sub(r"\\(.)", r"\1", line)) for line in lines]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", list(Letter))
def test_word_says_what_markdown_says(tmp_path: Path, kind: str, lang: str) -> None:
    """Both forms have the same paragraphs."""
    target = tmp_path / "letter.docx"
    assert written(tmp_path, kind, RECORD, "--lang", lang, "-o", str(target)).code == 0
    assert paragraphs(target) == shown(written(tmp_path, kind, RECORD, "--lang", lang).out)


def test_word_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    """No time of day and no random id in the file."""
    for name in ("a.docx", "b.docx"):
        assert written(tmp_path, "notice", RECORD, "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as packed:
        assert {i.date_time for i in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


HOSTILE = [
    "<w:p>&amp;</w:p>", "]]>", "{{ 7 * 7 }}", "{% for x in y %}", "{_{ x }_}", "{_% x %_}", "a\u202eb",
    "\x00\x07\x1b[2J", "*b* _i_ `c` [l](x) # h | <script>", "\\*", "线\n段", "\ufffe",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_values_come_out_as_text(tmp_path: Path, value: str) -> None:
    """Neither XML nor Markdown nor Jinja in an id is obeyed; what is invisible is written as an escape."""
    events = [{**e, "item": value} if e.get("item") == "i1" else e for e in RECORD["events"]]
    record = {**RECORD, "items": [{"id": value}, {"id": "i2"}], "events": events}
    target = tmp_path / "letter.docx"
    assert written(tmp_path, "notice", record, "-o", str(target)).code == 0
    seen = value.translate({0: "\\u0000", 7: "\\u0007", 27: "\\u001b", 10: "\\n", 0x202E: "\\u202e", 0xFFFE: "\\ufffe"})
    assert f"对象：物品 {seen}" in paragraphs(target)
    assert f"对象：物品 {seen}" in shown(written(tmp_path, "notice", record).out)


def test_a_missing_package_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without docxtpl the advice is how to install it."""
    monkeypatch.setitem(__import__("sys").modules, "docxtpl", None)
    ran = written(tmp_path, "notice", RECORD, "-o", str(tmp_path / "letter.docx"))
    assert ran.code == 2
    assert "pip install 'zhijian-validator[letters]'" in ran.err


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
@pytest.mark.slow
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    """An office program makes a PDF of it."""
    target = tmp_path / "letter.docx"
    assert written(tmp_path, "notice", RECORD, "-o", str(target)).code == 0
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    convert = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(target)]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")


# -- the templates -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", list(Letter))
def test_word_templates_are_made_of_the_markdown_ones(kind: str, lang: str) -> None:
    """The documents that ship are those that ``python tests/letter_templates.py`` makes."""
    shipped, again = (LETTERS / f"{kind}.{lang}.docx").read_bytes(), made(kind, lang)
    for name in zipfile.ZipFile(io.BytesIO(again)).namelist():
        old, new = (zipfile.ZipFile(io.BytesIO(packed)).read(name) for packed in (shipped, again))
        assert old == new, name


@pytest.mark.parametrize("kind", list(Letter))
def test_word_templates_ask_for_nothing_but_the_view(kind: str) -> None:
    """Every name in the text of a Word template is one of the view's."""
    text = "\n".join(paragraphs(LETTERS / f"{kind}.zh.docx")).replace("{%p", "{%")
    tree = Environment(autoescape=True).parse(text)
    assert meta.find_undeclared_variables(tree) <= {
        "kind", "as_of", "within", "record", "facts", "measures", "grounds"
    }  # fmt: skip
    assert not list(tree.find_all(nodes.Call))


@pytest.mark.parametrize("command", [("letter", "notice"), ("report",), ("explain",)])
def test_a_figure_that_a_court_set_is_told_as_such(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Article 7 has no figure: a paper that says its 10 working days are over says whose they are."""
    record = {
        "record_type": "case", "id": "c1", "type": "first_enforcement", "assets": [],
        "events": [{"type": "case_filed", "at": "2022-03-01"}],
    }  # fmt: skip
    path, court = tmp_path / "record.json", tmp_path / "court.yaml"
    path.write_text(json.dumps(record), encoding="utf-8")
    values = "{from: 2022-01-01, value: 10, basis: {zh: 本院〔2021〕9号, en: our rules}}"
    values += ", {from: 2022-04-01, value: 20, basis: {zh: 新, en: new}}"
    court.write_text(f"parameters:\n  triage_days: {{values: [{values}]}}\n", encoding="utf-8")
    more = ["A7.1a"] if command == ("explain",) else []
    ran = run(*command, path, *more, "--as-of", "2022-12-31", "--parameters", court)
    assert "期限至 2022-03-15" in ran.out
    assert "数字出自参数“繁简分流的期限”：10个工作日（自 2022-01-01 起，依据：本院〔2021〕9号）" in ran.out
    assert "20个工作日" not in ran.out


def test_a_page_says_no_figure_of_what_complies(tmp_path: Path) -> None:
    """A page lists what complies in a line each: dozens of them told one figure again and again."""
    record = {
        "record_type": "case", "id": "c1", "type": "first_enforcement", "assets": [], "decisions": [{"id": "t1"}],
        "events": [
            {"type": "case_filed", "at": "2022-03-01"},
            {"type": "triage_decided", "at": "2022-03-02", "track": "simple", "decision": "t1"},
        ],
    }  # fmt: skip
    path, court = tmp_path / "record.json", tmp_path / "court.yaml"
    path.write_text(json.dumps(record), encoding="utf-8")
    values = "{from: 2022-01-01, value: 10, basis: {zh: 本院〔2021〕9号, en: our rules}}"
    court.write_text(f"parameters:\n  triage_days: {{values: [{values}]}}\n", encoding="utf-8")
    ran = run("report", path, "--as-of", "2022-12-31", "--parameters", court)
    assert "首次执行案件立案后或者集中查控完成后实施繁简分流：期限至 2022-03-15；2022-03-02 完成" in ran.out
    assert "数字出自参数" not in ran.out


def test_a_figure_of_the_law_is_nobodys_parameter(tmp_path: Path) -> None:
    """The 10 working days of article 22 stand in the law."""
    record = {
        "record_type": "case", "id": "c1", "assets": [], "payments": [{"id": "p1", "amount": 1}],
        "events": [{"type": "funds_arrived", "at": "2022-03-01", "payment": "p1"}],
    }  # fmt: skip
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    ran = run("letter", "notice", path, "--as-of", "2022-12-31")
    assert "期限至 2022-03-15" in ran.out
    assert "参数" not in ran.out


def test_a_report_on_what_follows_from_a_breach_names_it_and_has_the_figure_of_its_own_start(tmp_path: Path) -> None:
    """Nobody prompted after the 10 working days of article 22: the 24 hours for that are the court's."""
    record = {
        "record_type": "case", "id": "c1", "assets": [], "payments": [{"id": "p1", "amount": 1}],
        "events": [{"type": "funds_arrived", "at": "2022-03-01", "payment": "p1"}],
    }  # fmt: skip
    path, court = tmp_path / "record.json", tmp_path / "court.yaml"
    path.write_text(json.dumps(record), encoding="utf-8")
    values = (
        "{from: 2022-01-01, value: 24, basis: {zh: 甲, en: a}}, {from: 2022-03-10, value: 48, basis: {zh: 乙, en: b}}"
    )
    court.write_text(f"parameters:\n  prompt_correction_hours: {{values: [{values}]}}\n", encoding="utf-8")
    ran = run("letter", "report", path, "--as-of", "2022-12-31", "--parameters", court)
    assert ran.code == 0
    assert re.findall("数字出自参数“[^”]*”：([^；\\n]*)", ran.out) == ["48小时（自 2022-03-10 起，依据：乙）"]
    assert "A22.1“案款到账后10个工作日内向财务部门发出支付通知”的期限（记录 A22.1:p1:" in ran.out
