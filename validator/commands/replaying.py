"""``zhijian verify``: are findings as they were written?"""

from __future__ import annotations

import sys
from itertools import chain

import click

from validator.commands.settings import common, print_problems, stdin
from validator.errors import InvalidRecord, Problem
from validator.files import open_inputs
from validator.limits import DEFAULT
from validator.render import Printer, phrase
from validator.seal import verify


@click.command("verify")
@click.argument("findings", nargs=-1, required=True)
@common
def verify_command(findings: tuple[str, ...], lang: str) -> int:
    """Check that findings (NDJSON) are as they were written: no line changed, removed, added or moved.

    核对结论文件有没有被改动。
    """
    printer, broken = Printer(sys.stdout), False
    for file in open_inputs(findings, stdin(), DEFAULT):
        if isinstance(file, Problem):
            raise InvalidRecord(file)
        found = verify(chain(file.seen, file.lines()), file.path)
        damage = file.damage(found.lines)
        problems = found.problems if damage is None else (damage, *found.problems)
        print_problems(problems, lang)
        broken = broken or bool(problems)
        if not problems:
            printer.line(phrase(lang, "verified", path=file.path, lines=found.lines, **_told(found.header)))
    return 4 if broken else 0


def _told(header: object) -> dict[str, str]:
    """Return what the header of findings says of their origin."""
    values = header if isinstance(header, dict) else {}
    return {"version": str(values.get("zhijian", "?")), "as_of": str(values.get("as_of", "?"))}
