"""Users' own templates: what they are given, what they may do, and that each mistake is said with its place."""

import io
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import docx
import pytest
from command_line import ROOT, run
from test_letters import AS_OF, RECORD, RULES
from view_outline import outlines

from validator.errors import UsageError
from validator.reporting.own import InvalidTemplate, OwnTemplates
from validator.resources import resource_dir

NAME = "letters/notice.md.j2"
VIEW: dict[str, Any] = {"case": {"verdict": "breached", "facts": [1, 2]}, "court": "粤03"}
DOCKET = ROOT / "tests" / "data" / "docket.ndjson"
SECONDS = 60  # far more than a template may take, on a machine that has other work


def rendered(folder: Path, source: str | bytes, name: str = NAME, **more: str) -> str:
    """Render a template that a user wrote."""
    for path, text in {name: source, **more}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return OwnTemplates(str(folder)).render(name, VIEW, "zh")


def refusal(folder: Path, source: str | bytes, name: str = NAME, **more: str) -> str:
    """Return what is said of a template that can't be rendered, without the path of the folder."""
    with pytest.raises(InvalidTemplate) as caught:
        rendered(folder, source, name, **more)
    return "\n".join(p.render("zh") for p in caught.value.problems).replace(f"{folder}/", "")


# -- what is possible --------------------------------------------------------------------------------------------------
def test_an_own_template_comes_before_the_shipped_one(tmp_path: Path) -> None:
    """The user's text is what comes out."""
    assert rendered(tmp_path, "{{ case.verdict }} {{ court }}") == "breached 粤03"


def test_what_the_folder_has_not_is_shipped(tmp_path: Path) -> None:
    """A page may extend the shipped base; an own base may extend the shipped one by its other name."""
    page = rendered(tmp_path, "{% extends 'base.html.j2' %}{% block main %}{{ court }}{% endblock %}", "own.html.j2")
    assert "<main>\n粤03</main>" in page
    assert page.startswith("<!doctype html>")
    again = rendered(
        tmp_path, "{% extends 'base.html.j2' %}{% block main %}{{ court }}{% endblock %}", "own.html.j2",
        **{"base.html.j2": "{% extends 'shipped/base.html.j2' %}{% block foot %}本院{% endblock %}"},
    )  # fmt: skip
    assert again == page.replace("<footer>\n</footer>", "<footer>\n本院</footer>")


def test_values_are_escaped_by_the_name_of_the_template(tmp_path: Path) -> None:
    """In HTML, in Markdown, and not in plain text."""
    source = "{{ '<b>*' ~ court }}"
    assert rendered(tmp_path, source, "a.html.j2") == "&lt;b&gt;*粤03"
    assert rendered(tmp_path, source, "a.md.j2") == r"&lt;b&gt;\*粤03"
    assert rendered(tmp_path, source, "a.txt.j2") == "<b>*粤03"


def documented(name: str) -> list[str]:
    """Return the outline of a view in ``reports/README.md`` without its explanations."""
    text = (resource_dir("reports") / "README.md").read_text(encoding="utf-8")
    block = re.search(rf"^```{name}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert block
    return [re.sub(r" +# .*$", "", line) for line in block[1].splitlines()]


@pytest.mark.parametrize("name", ["letter", "ledger", "case", "docket", "diff"])
def test_every_name_of_a_view_is_documented(name: str) -> None:
    """The outline of each view in the README is that of real views, names and shapes."""
    assert documented(name) == outlines()[name]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("case", ("report", "case.json", "--as-of", "2022-03-15", "-p", RULES)),
        ("docket", ("report", DOCKET)),
        ("ledger", ("norms", "--output-format", "html", "-p", RULES)),
        ("diff", ("diff", RULES, RULES)),
    ],
)
def test_a_page_through_ones_own_template_is_the_same(
    tmp_path: Path, name: str, arguments: tuple[str | Path, ...]
) -> None:
    """A template that only extends the shipped one gives the same bytes: the view goes to the other process whole."""
    (tmp_path / "case.json").write_text(json.dumps(RECORD, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / f"{name}.html.j2").write_text(f"{{% extends 'shipped/{name}.html.j2' %}}\n", encoding="utf-8")
    pages = []
    for more in ((), ("--template", "own")):
        ran = run(*arguments, "-o", "page.html", *more, cwd=tmp_path)
        assert ran.code in (0, 1, 4), ran.err
        pages.append((tmp_path / "page.html").read_text("utf-8"))
    assert pages[0] == pages[1]


# -- mistakes ----------------------------------------------------------------------------------------------------------
def test_a_wrong_name_gets_the_nearest(tmp_path: Path) -> None:
    """File, line, column, the name and the nearest one; without a near one those that there are."""
    assert refusal(tmp_path, "\n{{ case.verdct }}\n") == (
        f"{NAME}:2:9: template-name: 没有“verdct”这个名称\n"
        "    2 | {{ case.verdct }}\n"
        "      |         ^^^^^^\n"
        "  提示: 是不是“verdict”？"
    )
    assert refusal(tmp_path, "{{ cuort }}").endswith("是不是“court”？")
    assert refusal(tmp_path, "{{ case.zzz }}").endswith("可用的名称：facts, verdict")


def test_a_mistake_in_an_included_template_has_its_place(tmp_path: Path) -> None:
    """The place is the file in which the name stands."""
    said = refusal(tmp_path, "{% include 'part.md.j2' %}", **{"part.md.j2": "a\nb\n{{ corut }}"})
    assert said.startswith("part.md.j2:3:4: template-name: 没有“corut”这个名称")


@pytest.mark.parametrize(
    ("source", "place", "said"),
    [
        ("a\n{% fro x in y %}", ":2", "template-syntax: 模板写法有误：没有“fro”这个标签"),
        ("{% for x in case.facts %}", ":1", "template-syntax: 模板写法有误：模板没有写完，缺少结束的标签"),
        ("a\n\n{{ court", ":3", "template-syntax: 模板写法有误：没有写完"),
        ("{{ court|uper }}", ":1", "template-syntax: 模板写法有误：没有名为“uper”的过滤器"),
        ("{{ court court }}", ":1", "template-syntax: 模板写法有误：应为“end of print statement”，却是“court”"),
        ("a\n{{ 1 / 0 }}", ":2", "template-failed: 这里无法计算：除数是零"),
        ("{{ case.facts() }}", ":1", "template-failed: 这里无法计算：这不是可以调用的"),
        ("{% for x in 3 %}{% endfor %}", ":1", "template-failed: 这里无法计算：这里需要一个列表"),
        (b"\xff\xfe", ":1", "not-utf-8: 编码不是 UTF-8（字节 0xFF），应为 UTF-8"),
        ("x" * ((1 << 20) + 1), "", "file-too-large: "),
    ],
)
def test_mistakes_are_said_in_chinese(tmp_path: Path, source: str | bytes, place: str, said: str) -> None:
    """Each with its file and line."""
    assert refusal(tmp_path, source).startswith(f"{NAME}{place}: {said}")


def test_a_folder_that_helps_nothing_is_refused(tmp_path: Path) -> None:
    """No folder, or one in which nothing would be used, is wrong usage: it must not be ignored."""
    for folder, code in ((tmp_path / "none", "template-folder"), (tmp_path, "template-none")):
        with pytest.raises(UsageError) as caught:
            OwnTemplates(str(folder)).render(NAME, VIEW, "zh")
        assert caught.value.problems[0].code == code


# -- hostile ones ------------------------------------------------------------------------------------------------------
REFUSED = {
    "template-refused": [
        "{{ case.__class__ }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ case|attr('__class__') }}",
        "{{ self.__init__.__globals__ }}", "{{ cycler.__init__.__globals__ }}", "{{ _.__globals__ }}",
        "{{ case.facts.append(3) }}", "{{ case.update({}) }}", "{{ '{0.__class__}'.format(court) }}",
    ],
    "template-missing": [
        "{% include '/etc/passwd' %}", "{% include '../../../../../etc/passwd' %}", "{% import 'os' as os %}",
        "{% extends 'letters/../../pyproject.toml' %}", "{% include 'a\\\\..\\\\b' %}",
        "{% from '/etc/hosts' import x %}",        "{% include 'shipped/../../pyproject.toml' %}",
    ],
    "template-too-large": [
        "{{ range(1000000000)|list }}", "{{ 'a' * 10000000000 }}", "{{ [0] * 10**9 }}", "{{ 9 ** 9999999 }}",
        "{{ 'a'|center(30000000000) }}", "{{ '{:>30000000000}'.format(3) }}",
        "{% for i in range(99999) %}{{ 'a' * 100000 }}{% endfor %}",
        "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
    ],
    "template-too-deep": [
        f"{{% include '{NAME}' %}}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    ],
    "template-stopped": [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("code", "source"), [(code, s) for code, sources in REFUSED.items() for s in sources])
def test_a_hostile_template_is_stopped(tmp_path: Path, code: str, source: str) -> None:
    """It sees nothing but the view, and it ends; the caller gets a problem and goes on."""
    start = time.monotonic()
    assert f" {code}: " in refusal(tmp_path, source).splitlines()[0]
    assert time.monotonic() - start < SECONDS


def test_a_link_leads_nowhere_else(tmp_path: Path) -> None:
    """A template that is a link to a file outside the folder is not there."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "link.md.j2").symlink_to(secret)
    assert " template-missing: " in refusal(folder, "{% include 'link.md.j2' %}")


def test_nothing_is_imported_from_where_the_user_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beside the user's work that has the name of a library is no library."""
    (tmp_path / "json.py").write_text("raise SystemExit('taken')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert rendered(tmp_path / "own", "{{ court }}") == "粤03"


# -- with commands -----------------------------------------------------------------------------------------------------
def letter(tmp_path: Path, *more: str) -> Any:
    """Write a notice with templates of one's own."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    return run("letter", "notice", path, "-p", RULES, "--as-of", AS_OF, "--template", str(tmp_path / "own"), *more)


def word(text: str) -> bytes:
    """Return a Word document with one paragraph."""
    document, packed = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(packed)
    return packed.getvalue()


def test_a_letter_of_ones_own(tmp_path: Path) -> None:
    """Markdown and Word; a mistake ends with exit code 3, no traceback and no file."""
    own, target = tmp_path / "own" / "letters", tmp_path / "a.docx"
    own.mkdir(parents=True)
    (own / "notice.md.j2").write_text("{{ facts|length }} {{ record.id }}\n", encoding="utf-8")
    assert letter(tmp_path).out == "2 m1\n"
    (own / "notice.zh.docx").write_bytes(word("{{ record.idd }}"))
    ran = letter(tmp_path, "-o", str(target))
    assert ran.code == 3
    assert "notice.zh.docx: template-name: 没有“idd”这个名称\n  提示: 是不是“id”？" in ran.err
    assert not target.exists()
    (own / "notice.zh.docx").write_bytes(b"no archive")
    assert "notice.zh.docx: template-no-word: 不是 Word 文件（.docx）" in letter(tmp_path, "-o", str(target)).err
    (own / "notice.zh.docx").write_bytes(word("{{ record.id }} <&>{{ record.id.__class__ }}"))
    assert " template-refused: " in letter(tmp_path, "-o", str(target)).err
    (own / "notice.zh.docx").write_bytes(word("{{ record.id }} 共{{ facts|length }}项"))
    assert letter(tmp_path, "-o", str(target)).code == 0
    assert [p.text for p in docx.Document(str(target)).paragraphs] == ["m1 共2项"]


def test_a_page_of_ones_own(tmp_path: Path) -> None:
    """The page of a record takes templates of a folder too."""
    (tmp_path / "case.txt.j2").write_text("{{ record.id }}: {{ articles|length }}\n", encoding="utf-8")
    path = tmp_path / "record.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    ran = run("report", path, "-p", RULES, "--as-of", AS_OF, "--template", tmp_path)
    assert (ran.code, ran.out) == (0, "m1: 1\n")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_renderer_that_dies_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends without an answer is a problem of the template."""
    monkeypatch.setattr("validator.reporting.own._RENDERER", ("-c", "import os; os.kill(os.getpid(), 9)"))
    assert " template-stopped: " in refusal(tmp_path, "{{ court }}")
