"""The ledger as a page: the counts of the matrix, the text of the law, and what a reader can see and reach."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from browser import needs_browser, opened
from command_line import SMALL, run
from golden import assert_golden

from validator.resources import resource_dir
from validator.version import __version__

ALL: dict[int, dict[str, dict[str, str]]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "norms.yaml").read_text(encoding="utf-8")
)["norms"]


class Page(HTMLParser):
    """What a page holds: ids, links to them, texts by element, and the squares of the overview by kind of check."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.squares: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._target = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = dict(attrs)
        if tag not in ("meta", "br", "rect", "path"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self._target = str(found["href"])
            self.links.append(self._target)
        if tag == "rect" and "a" in self._open:
            self.squares.setdefault(str(found["class"]).split()[-1], []).append(self._target.removeprefix("#"))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "br", "rect", "path"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the elements that are open."""
        for tag in set(self._open):
            self.texts[tag][-1] += data


@cache
def shipped(lang: str = "zh") -> str:
    """Return the page of the shipped rule set."""
    ran = run("norms", "--output-format", "html", "--lang", lang)
    assert ran.code == 0
    return ran.out


@cache
def page() -> Page:
    """Return what the page of the shipped rule set holds."""
    return Page(shipped())


@cache
def articles() -> dict[int, Any]:
    """Return the articles as they are written."""
    paths = resource_dir("policies").glob("article-*.yaml")
    written = (yaml.load(p.read_bytes(), yaml.CSafeLoader) for p in paths)
    return {article["article"]: article for article in written}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_small_page_is_the_one_that_was_looked_at(lang: str) -> None:
    """Byte for byte, apart from digests, the version and the style, which other pages share."""
    made = run("norms", "-p", SMALL, "--output-format", "html", "--lang", lang).out
    assert_golden(f"ledger.{lang}.html", made.replace(__version__, "VERSION"))


def test_every_norm_is_a_square_of_its_kind_of_check() -> None:
    """Of the matrix's norms each has a record among the squares with the pattern of its check, once."""
    squares = page().squares
    drawn = [i for ids in squares.values() for i in ids]
    assert len(drawn) == len(set(drawn)) == sum(len(a["records"]) for a in articles().values())
    for norms in ALL.values():
        for norm, wanted in norms.items():
            records = (norm, *(f"{norm}{letter}" for letter in "abcdefgh"))
            assert set(records) & set(squares[wanted["check"]]), norm


def test_the_law_stands_there_whole() -> None:
    """Each paragraph of each article, word for word."""
    texts = set(page().texts["p"])
    for article in articles().values():
        for paragraph in article["text"]:
            assert paragraph.strip() in texts, article["article"]


def test_the_counts_are_those_of_the_matrix() -> None:
    """43 articles, 314 norms, and the records by who checks them."""
    lead = page().texts["p"][0]
    assert lead.startswith("43条，314项规范，")
    checks = [r["check"] for a in articles().values() for r in a["records"]]
    legend = " ".join(page().texts["li"])
    for check, label in (("machine", "机器判断"), ("evidence", "凭签署的证据"), ("human", "人工评议")):
        assert f"{label} {checks.count(check)}" in legend


def test_links_lead_somewhere() -> None:
    """No id twice, no link to nothing, and 43 entries in the table of contents."""
    assert len(page().ids) == len(set(page().ids))
    assert {link.removeprefix("#") for link in page().links} <= set(page().ids)
    assert {f"#article-{n}" for n in range(1, 44)} <= set(page().links)


def test_what_is_set_no_longer_waits(tmp_path: Path) -> None:
    """A parameter that a court sets leaves the list of what is not set."""
    assert re.search(r"<code class=\"soft\">answer_days</code></th>", run(*SMALL_PAGE).out)
    own = tmp_path / "own.yaml"
    own.write_text(
        "parameters:\n  answer_days:\n    values:\n"
        "      - {from: 2022-01-01, value: 3, basis: {zh: 试验, en: Test}}\n", encoding="utf-8",
    )  # fmt: skip
    ran = run(*SMALL_PAGE, "--parameters", own)
    assert ran.code == 0
    assert "answer_days</code></th>" not in ran.out
    assert "<strong>已设定</strong>" in ran.out


SMALL_PAGE = ("norms", "-p", SMALL, "--output-format", "html")


def test_the_page_asks_for_nothing() -> None:
    """No script, and no address of anything else."""
    for lang in ("zh", "en"):
        assert "<script" not in shipped(lang)
        assert not re.search(r"(src|href)=\"(?!#)", shipped(lang))


@needs_browser
@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)])
def test_a_browser_shows_it(tmp_path: Path, width: int, *, dark: bool) -> None:
    """Nothing sticks out at the width of a telephone, and the page is quiet."""
    path = tmp_path / "ledger.html"
    path.write_text(shipped(), encoding="utf-8")
    with opened(path, width=width, dark=dark) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        squares, norms = (f"document.querySelectorAll('{css}').length" for css in (".norm-overview rect", "h3[id]"))
        assert found.page.evaluate(squares) == found.page.evaluate(norms) > 0
        found.assert_quiet()
