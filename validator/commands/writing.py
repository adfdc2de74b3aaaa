"""``zhijian letter``: the papers to which findings lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from validator.commands.one_record import asked, one_timeline
from validator.commands.settings import common, named, one_record_options, own_templates, refused
from validator.errors import exit_code, nearest, visible
from validator.judging.interpreter import judge_whole
from validator.output.phrases import phrase
from validator.output.publishing import opened, opened_binary
from validator.reporting.letter import NAMES, Letter, Matter, letter_view
from validator.reporting.own import OwnTemplates, rendered
from validator.reporting.word import fill_shipped

WITHIN = 7
_WORD = ".docx"
_SUFFIXES = (_WORD, ".md", ".txt", "")


@click.command("letter")
@click.argument("kind")
@click.argument("record", callback=named)
@one_record_options
@click.option("--within", type=click.IntRange(0, 3660), default=WITHIN,
              help="提示：几日内届满的期限 / reminder: terms that end in so many days (7)")  # fmt: skip
@own_templates
@click.option(
    "-o", "--output", callback=named, help="输出文件，.docx 为 Word 文件 / output file; .docx: Word, else Markdown"
)
@common
def letter_command(kind: str, record: str, **settings: Any) -> int:
    """Write the paper to which findings lead: reminder, notice, report, supervision; Word with -o X.docx.

    起草文书：节点预警提示、督促纠正通知、报告、督办函。
    """
    lang, output, own = settings["lang"], settings["output"], settings["own"]
    wanted, suffix = _kind(kind), Path(output or "").suffix.lower()
    if suffix not in _SUFFIXES:
        raise refused("letter-form", "-o", name=output, words=", ".join(s for s in _SUFFIXES if s))
    program, as_of, options, context, failed = asked(settings)
    timeline = one_timeline(program, record, settings)
    judged = judge_whole(program, timeline, as_of, context=context, options=options)
    view = letter_view(Matter(program, timeline, judged, as_of), wanted, settings["within"], lang)
    if not view["facts"]:
        click.echo(phrase(lang, "no_letter", record=visible(timeline.id)), err=True)
        return exit_code([5, 4] if failed else [5])
    if suffix == _WORD:
        name = f"letters/{wanted}.{lang}.docx"
        with opened_binary(output) as stream:
            stream.write(fill_shipped(name, view, lang) if own is None else OwnTemplates(own).fill(name, view, lang))
    else:
        name = f"letters/{wanted}.md.j2"
        with opened(output) as text:
            text.write(rendered(own, name, view, lang))
    return 4 if failed else 0


def _kind(word: str) -> Letter:
    """Return the kind of letter that a word in either language means."""
    if word not in NAMES:
        raise refused("unknown-letter", "letter", name=word, nearest=nearest(word, NAMES) or "",
                      words=", ".join(NAMES))  # fmt: skip
    return NAMES[word]
