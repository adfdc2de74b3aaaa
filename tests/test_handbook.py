"""What the handbook of the record language shows loads and does what it says, and it leaves out no word of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import ROOT, run

from validator import deadline
from validator.errors import InvalidPolicy
from validator.expressions.binder import FUNCTIONS
from validator.judging.opening import REASONS
from validator.reading.json_schema import schema
from validator.rules.rulebook import read_rules

HANDBOOK = (ROOT / "policies" / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {HANDBOOK[: m.start()].count("\n") + 1: yaml.safe_load(m[1]) for m in FENCED.finditer(HANDBOOK)}
"""The YAML blocks by their lines."""
ARTICLE = 13
"""The article from which the example of the handbook is."""


def is_record(block: Any) -> bool:
    """Say whether a block is parts of a record."""
    return isinstance(block, dict) and block.keys() <= schema("article")["$defs"]["record"]["properties"].keys()


WHOLE = next(block[0] for block in BLOCKS.values() if isinstance(block, list))
PARTS = {line: block for line, block in BLOCKS.items() if is_record(block)}
FILES = {line: block for line, block in BLOCKS.items() if isinstance(block, dict) and line not in PARTS}
COPY = f"A{ARTICLE}.900"
RECORD_IDS = {line: f"A{ARTICLE}.{900 + line}" for line in PARTS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder of own rules: all blocks, each part in the place of the same part of the whole record."""
    own = tmp_path_factory.mktemp("own")
    bare = {key: value for key, value in WHOLE.items() if key != "examples"}
    tried = [{**bare, **part, "id": RECORD_IDS[line]} for line, part in PARTS.items()]
    records = "".join(f"  - {written(record)}\n" for record in ({**WHOLE, "id": COPY}, *tried))
    shipped = (ROOT / "policies" / f"article-{ARTICLE}.yaml").read_text(encoding="utf-8")
    (own / f"article-{ARTICLE}.yaml").write_text(shipped + records, encoding="utf-8")
    for line, block in FILES.items():
        name = f"parameters.{line}.yaml" if "parameters" in block else f"words-{line}.yaml"
        (own / name).write_text(written(block), encoding="utf-8")
    return own


def written(block: object) -> str:
    """Write a block as JSON, which is YAML without anchors."""
    return json.dumps(block, ensure_ascii=False, default=str)


def test_every_block_is_tried() -> None:
    """A block is the whole record, parts of one, or a file of words, figures or days."""
    assert len(BLOCKS) == 1 + len(PARTS) + len(FILES)
    assert len(PARTS) > len(FILES) == 3


def test_blocks_load_and_the_example_comes_true(folder: Path) -> None:
    """Policy staff who copy what the handbook shows get rules without an error, and the example is right."""
    tested = run("test", str(folder), "--select", COPY)
    assert (tested.code, "1" in tested.out) == (0, True), tested.out + tested.err
    figures = [str(path) for path in folder.glob("parameters.*.yaml")]
    program = read_rules([str(folder)], parameters=figures).program
    assert {norm.id for norm in program.norms} >= {COPY, *RECORD_IDS.values()}
    for block in FILES.values():
        assert program.vocabulary.variables.keys() >= block.get("variables", {}).keys()
        assert all(program.vocabulary.parameters[name].values for name in block.get("parameters", {}))


def first_column(title: str) -> set[str]:
    """Return the words in the first column of the table with that title."""
    table = HANDBOOK.partition(f"| {title} |")[2].partition("\n\n")[0]
    return {word for row in table.splitlines()[2:] for word in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_no_key_is_left_out() -> None:
    """The tables name every key of a record, of an example, of what is expected of it, and of a vocabulary."""
    article, vocabulary = schema("article")["$defs"], schema("vocabulary")
    keys = re.findall(r"^\| `(\w+)` \| (是|) ?\|", HANDBOOK, re.MULTILINE)
    assert {key for key, _ in keys} == set(article["record"]["properties"])
    assert {key for key, must in keys if must} == set(article["record"]["required"])
    assert first_column("键 | 意思") == set(article["example"]["properties"])
    assert first_column("段 | 声明") == set(vocabulary["properties"])
    expected = HANDBOOK.partition("`expect` 里写了的才核对")[2].partition("## ")[0]
    assert set(re.findall(r"`(\w+)`", expected)) == set(article["expect"]["properties"])


def test_no_word_is_left_out() -> None:
    """It names every function, every kind of norm, every source and every reason."""
    article, vocabulary = schema("article")["$defs"], schema("vocabulary")["$defs"]
    words = {
        *FUNCTIONS, *REASONS, *article["record"]["properties"]["kind"]["enum"],
        *article["record"]["properties"]["check"]["enum"], *article["record"]["properties"]["level"]["enum"],
        *vocabulary["variable"]["properties"]["source"]["enum"],
    }  # fmt: skip
    assert {w for w in words if not re.search(rf"\b{w}\b", HANDBOOK)} == set()


NOTICE = """\
calendar:
  - year: 2027
    source: {zh: 通知（试验用）, en: A notice made up for this test}
    holidays: [{from: 2027-10-01, to: 2027-10-07, name: {zh: 国庆节, en: National Day}}]
    workdays: [2027-10-09]
"""


def test_days_of_ones_own_are_added_to_the_shipped_rules(tmp_path: Path) -> None:
    """A notice alone in a folder counts: Thu 30 September is 1, Fri 8 October 2, Saturday 9 October, worked, 3."""
    (tmp_path / "calendar-2027.yaml").write_text(NOTICE, encoding="utf-8")
    asked = ("deadline", "2027-09-29", "3个工作日")
    assert "2027-10-09  (2027-10-10T00:00:00+08:00)\n" in run(*asked, "-p", tmp_path).out
    assert "放假安排未公布" in run(*asked).out
    program = read_rules([str(tmp_path)]).program
    assert deadline(*asked[1:], program=program)["due_day"] == "2027-10-09"
    assert {norm.id for norm in program.norms} == {norm.id for norm in read_rules().program.norms}


def test_a_file_of_the_same_name_stands_in_place_of_the_shipped_one(tmp_path: Path) -> None:
    """So with words as with articles; an article that has the name of a file of words replaces nothing."""
    tables = (ROOT / "policies" / "tables.yaml").read_text(encoding="utf-8")
    (tmp_path / "tables.yaml").write_text(tables.replace("法定应合议事项表", "本院合议事项表"), encoding="utf-8")
    article = (ROOT / "policies" / "article-01.yaml").read_text(encoding="utf-8")
    shorter = article[: article.index("  - id: A1.2")]
    (tmp_path / "article-01.yaml").write_text(shorter, encoding="utf-8")
    program = read_rules([str(tmp_path)]).program
    assert program.vocabulary.tables["panel_matters"].label.zh == "本院合议事项表"
    assert [norm.id for norm in program.norms if norm.article == 1] == ["A1.1"]
    (tmp_path / "article-01.yaml").rename(tmp_path / "remedies.yaml")
    with pytest.raises(InvalidPolicy) as refused:
        read_rules([str(tmp_path)])
    assert {problem.code for problem in refused.value.problems} == {"versions-overlap"}


def test_an_article_of_ones_own_is_cited_as_what_it_is(tmp_path: Path) -> None:
    """The Opinions have 43 articles: a rule of the court that is added to them is not cited as their article 44."""
    article = """\
article: 44
title: {zh: 停车, en: Parking}
text: [车辆应当入库。]
records:
  - {id: A44.1, title: {zh: 入库, en: Inside}, source: {paragraph: 1, sentence: 1, words: 应当入库}, kind: achievement,
     check: machine, level: low, subject: case, trigger: {event: case_filed}, deadline: 5日, remedy: none,
     allowed_states: {event: case_closed}}
"""
    (tmp_path / "article-44.yaml").write_text("law: {zh: 甲院规程, en: Rules of A}\n" + article, encoding="utf-8")
    for lang, cited in (("zh", "  甲院规程第44条（停车）"), ("en", "  Rules of A art. 44 (Parking)")):
        assert run("show", "A44.1", "-p", str(tmp_path), "--lang", lang).out.splitlines()[1].startswith(cited)
    assert run("show", "A13.1", "-p", str(tmp_path)).out.splitlines()[1].startswith("  法〔2021〕322号第13条")


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    """A folder and a file in it, the folder in another way of writing, a link: no norm overlaps with itself."""
    (tmp_path / "own").mkdir()
    words = "entities:\n  letter: {label: {zh: 信, en: Letter}, plural: letters, record: true}\n"
    (tmp_path / "own" / "words.yaml").write_text(words, encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "own" / "words.yaml")
    paths = [tmp_path / "own", tmp_path / "own" / ".." / "own", tmp_path / "own" / "words.yaml", tmp_path / "link.yaml"]
    program = read_rules([str(path) for path in paths]).program
    assert set(program.vocabulary.entities) == {"letter"}


def test_types_of_records_are_seen_whatever_the_files_are_called(tmp_path: Path) -> None:
    """Of two files of one name in different folders one declares a type of records: the rules stand alone."""
    for folder, words in (("a", "letter: {label: {zh: 信, en: Letter}, plural: letters, record: true}"),
                          ("b", "stamp: {label: {zh: 邮票, en: Stamp}, plural: stamps, inside: letter}")):  # fmt: skip
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "words.yaml").write_text(f"entities:\n  {words}\n", encoding="utf-8")
    program = read_rules([str(tmp_path)]).program
    assert set(program.vocabulary.entities) == {"letter", "stamp"}
