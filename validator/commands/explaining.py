"""``zhijian explain``."""

from __future__ import annotations

import sys
from typing import Any

import click

from validator.commands.one_record import one_record
from validator.commands.settings import (
    common,
    load_program,
    moment_of,
    one_record_options,
    options_of,
    print_problems,
    stdin,
    waived,
)
from validator.engine import explain, read_context
from validator.explanation import explanation
from validator.intake import read_records
from validator.render import Printer
from validator.timeline import read_record


@click.command("explain")
@click.argument("record")
@click.argument("norm")
@one_record_options
@common
def explain_command(record: str, norm: str, **settings: Any) -> int:
    """Say step by step why a norm has its verdict on a record.

    逐步说明结论的由来。
    """
    lang = settings["lang"]
    as_of = moment_of(settings["as_of"])
    program = load_program(settings["policies"], settings["parameters"], lang)
    options = options_of(program, [norm], "unknown-norm", in_force=settings["assume_in_force"], attested=False)
    options, faulty = waived(options, settings["waivers"], lang)
    context, problems = read_context(program, read_records(settings["context"], stdin()))
    print_problems(problems, lang)
    timeline = read_record(one_record(record, settings["identifier"]), program.vocabulary)
    print_problems(timeline.warnings, lang)
    printer = Printer(sys.stdout)
    for wanted in (n for n in program.norms if options.selects(n)):
        for judged in explain(program, timeline, as_of, wanted.id, context=context, options=options):
            for text in explanation(judged, program, lang):
                printer.line(text)
            printer.line()
    return 4 if problems or faulty else 0
