"""``zhijian explain``."""

from __future__ import annotations

import sys
from typing import Any

import click

from validator.commands.one_record import asked, one_timeline
from validator.commands.settings import common, named, one_record_options
from validator.engine import explain
from validator.output.printing import Printer
from validator.questions.explanation import explanation


@click.command("explain")
@click.argument("record", callback=named)
@click.argument("norm")
@one_record_options
@common
def explain_command(record: str, norm: str, **settings: Any) -> int:
    """Say step by step why a norm has its verdict on a record.

    逐步说明结论的由来。
    """
    program, as_of, options, context, failed = asked(settings, [norm], "unknown-norm")
    timeline = one_timeline(program, record, settings)
    printer = Printer(sys.stdout)
    for wanted in dict.fromkeys(n.id for n in program.norms if options.selects(n)):  # with all its versions
        judged = explain(program, timeline, as_of, wanted, context=context, options=options)
        for text in explanation(judged, program, settings["lang"]):
            printer.line(text)
    return 4 if failed else 0
