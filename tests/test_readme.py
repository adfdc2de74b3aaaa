"""What the README shows is what the program does: commands, output, code and tables."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from command_line import ROOT, Ran, load, run

import validator
from validator.errors import EXIT_CODES, EXIT_PRECEDENCE
from validator.judging.finding import VERDICT_LABELS, Verdict
from validator.legal_time.instant import format_day
from validator.messages import MESSAGES
from validator.output.publishing import json_line
from validator.reading.json_schema import schema, validate
from validator.reading.strict_yaml import load_yaml
from validator.sample import sample, sample_courts

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    """Return the fenced blocks of a kind."""
    found = [text for name, text in BLOCK.findall(README) if name == kind]
    assert found, kind
    return found


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first column has a heading."""
    lines = iter(README.splitlines())
    next(line for line in lines if line.startswith(f"| {heading} |"))
    next(lines)
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that the commands of the README name."""
    path = tmp_path_factory.mktemp("readme")
    docket = "".join(json_line(r) + "\n" for r in sample(5, 1))
    (path / "docket").mkdir()
    (path / "docket" / "a.ndjson").write_text(docket, encoding="utf-8")
    (path / "cases.ndjson").write_text(docket, encoding="utf-8")
    (path / "courts.ndjson").write_text("".join(json_line(r) + "\n" for r in sample_courts()), encoding="utf-8")
    shutil.copytree(ROOT / "policies", path / "policies")
    (path / "my-policies").mkdir()
    shutil.copy(ROOT / "policies" / "article-13.yaml", path / "my-policies")
    waiver = {"id": "w1", "norms": ["A13.1"], "records": ["x"], "reason": "r", "approved_by": "p",
              "granted": "2022-01-01", "expires": "2025-12-31"}  # fmt: skip
    (path / "waivers.yaml").write_text(json.dumps({"waivers": [waiver]}), encoding="utf-8")
    (path / "case.json").write_text(blocks("json")[0], encoding="utf-8")
    (path / "periods.ndjson").write_text('{"start": "2022-01-26", "period": "5个工作日"}\n', encoding="utf-8")
    return path


def command(line: str, cwd: Path) -> Ran:
    """Run a line of a shell block: one of our commands, with redirection and a comment."""
    words = shlex.split(line, comments=True)
    stdin = b""
    if "<" in words:
        at = words.index("<")
        stdin = (cwd / words[at + 1]).read_bytes()
        del words[at : at + 2]
    target = None
    if ">" in words:
        at = words.index(">")
        target = cwd / words[at + 1]
        del words[at : at + 2]
    assert words[0] == "zhijian"
    ran = run(*words[1:], stdin=stdin, cwd=cwd)
    if target is not None:
        target.write_text(ran.out, encoding="utf-8")
    return ran


def shell_lines() -> Iterator[str]:
    """Yield the lines of shell blocks that call the program; installing is what continuous integration does."""
    for block in blocks("sh"):
        yield from (line for line in block.splitlines() if line.startswith("zhijian "))


def test_the_commands_work(folder: Path) -> None:
    """Each command, one after the other, runs on files of the names it uses, and writes what it says it writes."""
    for line in shell_lines():
        ran = command(line, folder)
        assert ran.code in (0, 1), line + "\n" + ran.err
        for name in re.findall(r"(?:-o|>) (\S+)", line):
            assert (folder / name).stat().st_size > 0, line


def test_the_consoles_show_what_is_printed(folder: Path) -> None:
    """A block with a prompt is the command and exactly its output."""
    for block in blocks("console"):
        parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
        assert parts[0] == ""
        for line, output in zip(parts[1::2], parts[2::2], strict=True):
            assert command(line, folder).out == output


def test_the_first_command_judges_the_published_matters() -> None:
    """The command that follows the installation ends without rejected records."""
    (line,) = (b for b in blocks("sh") if ".venv/bin/zhijian" in b)
    ran = command(line.strip().rpartition("&& ")[2].replace(".venv/bin/", ""), ROOT)
    assert ran.code in (0, 1), ran.err
    assert " = 判断 12 件 + 拒绝 0 件" in ran.out


def test_the_python_code_runs(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of the library prints findings, why a step is denied, what runs, and an explanation."""
    monkeypatch.chdir(folder)
    for block in blocks("python"):
        with mock.patch.object(validator, "load", load):
            exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - the code of the README is what is tested
    lines = capsys.readouterr().out.splitlines()
    words = {line.split()[0] for line in lines if line}
    assert words & set(Verdict)
    assert words & {str(u) for u in validator.Urgency}
    assert any("'A24.13'" in line for line in lines)
    assert "规则  A13.1  收到移送材料后5个工作日内发起网络查询" in lines


def test_the_record_is_accepted_and_judged(folder: Path) -> None:
    """The example record has the findings that the text promises."""
    ran = run("check", "case.json", "--as-of", "2024-01-01", "--output-format", "json", cwd=folder)
    parsed: dict[str, Any] = json.loads(ran.out)
    assert parsed["summary"]["records"] == {"read": 1, "judged": 1, "rejected": 0}
    assert "A13.5" in {f["norm"] for f in parsed["findings"]}


def test_the_norm_has_the_form_of_norms() -> None:
    """The example record of a rule satisfies the schema."""
    (block,) = blocks("yaml")
    form = schema("article")
    article = "article: 13\ntitle: {zh: 甲, en: A}\nrecords:\n" + block
    assert [p.render("en") for p in validate(load_yaml(article.encode(), "README.md"), form)] == []


def test_the_message_is_one_of_ours() -> None:
    """The example of a message is written as messages are."""
    (text,) = (b for b in blocks("text") if ": unknown-event: " in b)
    head, line, carets, advice = text.rstrip("\n").split("\n")
    name = re.search(r"“(\w+)”", head)
    assert name is not None
    message = MESSAGES["unknown-event"]
    assert head.endswith(f": unknown-event: {message.zh.format(name=name[1])}")
    assert advice == f"  提示: {message.help_zh.format(nearest='case_materials_received')}"
    assert line.index(name[1]) == carets.index("^")
    assert carets.count("^") == len(name[1])


def test_the_exit_codes_are_those_of_the_program() -> None:
    """Codes, their meaning in both languages and their order."""
    shown = {int(code): meaning.replace("`", "") for code, meaning in table("exit code")}
    assert shown == {code: f"{words['en']} / {words['zh']}" for code, words in EXIT_CODES.items()}
    order = re.search(r"the first of ([\d, ]+) is returned", README)
    assert order is not None
    listed = [int(code) for code in order[1].split(",")]
    assert listed == [code for code in EXIT_PRECEDENCE if code in listed]
    assert set(EXIT_CODES) - set(listed) == {0, 70, 130, 143}


def test_the_verdicts_are_those_of_the_program() -> None:
    """Every verdict with its Chinese word, the worst apart."""
    rows = table("verdict")
    assert {row[0].strip("`"): row[1] for row in rows} == {str(v): VERDICT_LABELS[v].zh for v in Verdict}


def test_days_in_the_text_are_days() -> None:
    """Dates in the README exist."""
    for text in re.findall(r"\b\d{4}-\d{2}-\d{2}\b", README):
        assert format_day(validator.parse_as_of(text) // 86_400_000_000 + 1) == text
