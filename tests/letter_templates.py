"""Makes the Word templates of the letters from the Markdown ones: ``python tests/letter_templates.py``.

A paragraph of Markdown is a paragraph of Word. Of Jinja the Markdown templates use little: ``{{ _('text') }}`` becomes
the text itself in the language of the template, so that it can be edited in Word; values and loops stay. What ``_n``
says of a number becomes two texts where the language has two.
"""

import io
import re
import sys
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from validator.reporting.letter import Letter
from validator.reporting.template import translations
from validator.reporting.word import _timeless

LETTERS = Path(__file__).parent.parent / "reports" / "letters"
INCLUDE = re.compile(r'\{% include "letters/([a-z.0-9]+)" %\}\n')
TEXT = re.compile(r"\{\{ _n?\('([^']*)'(?:, (\w+))?((?:, \w+=[\w.]+)*)\) \}\}")
# Faces and sizes in points (GB/T 9704: 2nd size for the title, 3rd for the text), and what a machine has instead.
TITLE, HEADING, BODY = ("方正小标宋简体", 22), ("黑体", 16), ("仿宋_GB2312", 16)
INSTEAD = {"方正小标宋简体": "宋体", "黑体": "Noto Sans CJK SC", "仿宋_GB2312": "仿宋"}
LATIN = "Times New Roman"


def main() -> None:
    """Write all templates."""
    for kind in Letter:
        for lang in ("zh", "en"):
            (LETTERS / f"{kind}.{lang}.docx").write_bytes(made(kind, lang))
            sys.stdout.write(f"{kind}.{lang}.docx\n")


def made(kind: str, lang: str) -> bytes:
    """Return the Word template of a letter in a language."""
    document = docx.Document()
    _page(document)
    _name_faces(document)
    for line in _lines((LETTERS / f"{kind}.md.j2").read_text(encoding="utf-8"), lang):
        _paragraph(document, line, lang)
    document.core_properties.title = str(kind)
    document.core_properties.author = ""
    document.core_properties.comments = ""
    packed = io.BytesIO()
    document.save(packed)
    return _timeless(packed.getvalue())


def _lines(text: str, lang: str) -> list[str]:
    """Return the paragraphs of a template, sentences in the language, tags of whole paragraphs as docxtpl has them."""
    text = INCLUDE.sub(lambda found: (LETTERS / found[1]).read_text(encoding="utf-8"), text)
    catalogue = translations(lang)

    def sentence(found: re.Match[str]) -> str:
        text, number, values = found.groups()
        written, many = (catalogue.ngettext(text, text, n) if number else catalogue.gettext(text) for n in (1, 2))
        if written != many:
            written = f"{{% if {number} == 1 %}}{written}{{% else %}}{many}{{% endif %}}"
        for name, value in [("num", number), *re.findall(r", (\w+)=([\w.]+)", values)]:
            written = written.replace(f"%({name})s", f"{{{{ {value} }}}}")
        return written

    lines = [TEXT.sub(sentence, line) for line in text.splitlines()]
    whole = (re.sub(r"^\{% (.*) %\}$", r"{%p \1 %}", line) if line.count("{%") == 1 else line for line in lines)
    return [line for line in whole if line.strip() and not re.fullmatch(r"\{#.*#\}", line)]


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    face, size = BODY
    style = document.styles["Normal"]
    _dress(style, face, size)
    style.paragraph_format.line_spacing = Pt(28)
    style.paragraph_format.space_after = Pt(0)


def _name_faces(document: Any) -> None:
    """Say which face stands in for one that is not installed."""
    part = next(p for p in document.part.package.iter_parts() if p.partname == "/word/fontTable.xml")
    faces = "".join(
        f'<w:font w:name="{face}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for face, other in INSTEAD.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{faces}</w:fonts>".encode())


def _dress(style: Any, face: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    form = style.element.get_or_add_rPr()
    form.get_or_add_rFonts().set(qn("w:eastAsia"), face)
    language = form.makeelement(qn("w:lang"), {qn("w:val"): "en-US", qn("w:eastAsia"): "zh-CN"})
    form.append(language)


def _paragraph(document: Any, line: str, lang: str) -> None:
    mark = re.match(r"\{# (\w+) #\}", line)
    text = line[mark.end() :] if mark else line
    way = mark[1] if mark else next((w for start, w in STARTS.items() if text.startswith(start)), "body")
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text.removeprefix(next((s for s in STARTS if text.startswith(s)), "")))
    form = paragraph.paragraph_format
    if way == "title":
        paragraph.alignment, form.space_after, form.line_spacing = WD_ALIGN_PARAGRAPH.CENTER, Pt(14), Pt(36)
        _dress_run(run, *TITLE)
    elif way == "centre":
        paragraph.alignment, form.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(14)
    elif way == "right":
        paragraph.alignment, form.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(BODY[1] * 2)
    elif way == "heading":
        form.space_before, form.keep_with_next = Pt(8), True
        _indent(paragraph, lang)
        _dress_run(run, *HEADING)
    elif way == "quote":
        form.left_indent = Pt(BODY[1] * 2)
        run.font.size = Pt(14)
        form.line_spacing = Pt(24)
    elif way == "body" and not text.startswith("{%p"):
        _indent(paragraph, lang)


STARTS = {"# ": "title", "## ": "heading", "> ": "quote", "- ": "body"}


def _dress_run(run: Any, face: str, size: float) -> None:
    run.font.name, run.font.size = LATIN, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def _indent(paragraph: Any, lang: str) -> None:
    """Indent the first line by two characters, whatever the size of the face; English is not indented."""
    if lang == "zh":
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), "200")
        indent.set(qn("w:firstLine"), str(BODY[1] * 2 * 20))


if __name__ == "__main__":
    main()
