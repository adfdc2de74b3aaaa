"""Templates and their English: every text has one, none is left over; what is escaped, and how."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import DictLoader, UndefinedError
from jinja2.ext import babel_extract

from validator.output.phrases import PHRASES, phrase
from validator.reporting import markdown, template
from validator.resources import resource_dir

REPORTS = resource_dir("reports")
CATALOGUES = sorted((REPORTS / "locale" / "en").glob("*.po"))
PLURAL_AFTER_ONE = re.compile(r"\b1 (?:more |working )?(?!(?:was|is|awaits|has|as|times)\b)(?:[a-z]+s|are|were)\b")
"""Words that only end like plurals are left out, and times, which are never told of one."""
EVIL = "<b>x</b> [a](javascript:b) *c* | d_e_ `f` # http://g {{ 7*7 }}"


def written() -> dict[str, str]:
    """Return the texts of all templates and where the first of each stands."""
    found: dict[str, str] = {}
    for path in sorted(REPORTS.rglob("*.j2")):
        with path.open("rb") as file:
            for line, _, texts, _ in babel_extract(file, ("_", "_n", "gettext", "ngettext"), [], {"trimmed": "true"}):
                text = str(texts if isinstance(texts, str | None) else texts[0])
                found.setdefault(text, f"{path.name}:{line}")
    return found


def translated(path: Path) -> list[Message]:
    """Return the messages of a catalogue, without its header."""
    with path.open("rb") as file:
        return [m for m in read_po(file, locale="en") if m.id]


def text_of(message: Message) -> str:
    """Return the text of a message, the first of plural forms."""
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_text_has_its_english() -> None:
    """No text of a template is missing in the catalogues, and none of theirs is left over."""
    english = {text_of(m) for path in CATALOGUES for m in translated(path)}
    texts = written()
    assert {where for text, where in texts.items() if text not in english} == set()
    assert english - set(texts) == set()


def test_the_english_is_finished() -> None:
    """Nothing is fuzzy or empty, and both languages have the same placeholders."""
    for path in CATALOGUES:
        for message in translated(path):
            assert message.string, message.id
            assert not message.fuzzy, message.id
            names, others = (set(re.findall(r"%\(\w+\)\w", str(t))) for t in (message.id, message.string))
            assert names == others, message.id


def test_no_text_has_a_plural_after_one() -> None:
    """Filled with 1 for every value no English text says "1 records", neither of a page nor of a command."""
    messages = (m.string for path in CATALOGUES for m in translated(path))
    texts = [re.sub(r"%\(\w+\)s", "1", t if isinstance(t, str) else t[0]) for t in messages]
    for name, text in PHRASES["en"].items():
        if not name.startswith("usage."):  # about words, not numbers
            texts.append(phrase("en", name, **dict.fromkeys(re.findall(r"{(\w+)", text), 1)))
    assert [text for text in texts if PLURAL_AFTER_ONE.search(text)] == []


@pytest.mark.parametrize(("n", "en"), [(0, "0 more lines cannot"), (1, "1 more line cannot"), (2, "2 more lines can")])
def test_a_text_about_a_number_has_the_form_of_it(n: int, en: str) -> None:
    """`_n` takes the English form for a number, in Markdown too; Chinese has one."""
    source = "{{ _n('还有 %(num)s 行读不懂。', n) }}"
    assert printed("a.html.j2", source, "en", n=n).startswith(en)
    assert printed("a.md.j2", source, "en", n=n).startswith(en)
    assert printed("a.html.j2", source, n=n) == f"还有 {n} 行读不懂。"


def test_no_two_catalogues_differ() -> None:
    """A text that several page families have is the same in English."""
    english: dict[str, object] = {}
    for path in CATALOGUES:
        for message in translated(path):
            assert english.setdefault(text_of(message), message.string) == message.string, message.id


# -- what is printed ---------------------------------------------------------------------------------------------------
def printed(name: str, source: str, lang: str = "zh", **view: object) -> str:
    """Return what a template with a name makes of a view."""
    environment = template._environment(DictLoader({name: source}), lang)
    if name.endswith(template.MARKDOWN):
        markdown.prepare(environment)
    return environment.get_template(name).render(view)


def test_html_is_escaped_by_the_name_of_the_template() -> None:
    """HTML and SVG escape, plain text does not."""
    assert printed("a.html.j2", "{{ x }}", x="<b>") == printed("a.svg.j2", "{{ x }}", x="<b>") == "&lt;b&gt;"
    assert printed("a.txt.j2", "{{ x }}", x="<b>") == "<b>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ x }}",
        "{{ [x] | join('、') }}",
        "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}",
        "{{ _('%(y)s', y=x) }}",
        "{% trans y=x %}{{ y }}{% endtrans %}",
    ],
)
def test_markdown_is_escaped_once_wherever_a_value_is_printed(source: str) -> None:
    """Each mark is escaped once: alone, in lists, macros and translated texts."""
    escaped = r"&lt;b&gt;x&lt;/b&gt; \[a\](javascript:b) \*c\* \| d\_e\_ \`f\` \# http:\//g {{ 7\*7 }}"
    assert printed("a.md.j2", source, x=EVIL) == escaped


@pytest.mark.parametrize(
    ("text", "shown"), [("- a", r"\- a"), ("1. a", r"1\. a"), ("12) a", r"12\) a"), ("1.5", "1.5"), ("a-b", "a-b")]
)
def test_a_value_begins_no_list_in_markdown(text: str, shown: str) -> None:
    """A dash or a number with a stop at the beginning of a value is text."""
    assert printed("a.md.j2", "{{ x }}", x=text) == shown


def test_what_a_view_does_not_have_stops_the_rendering() -> None:
    """A name that is not there is an error, not a gap."""
    with pytest.raises(UndefinedError):
        printed("a.html.j2", "{{ nothing }}")
