"""The page of a docket: what ``zhijian report`` makes of a file of findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from validator.batch.progress import progress, rate
from validator.commands.settings import draws, load_program, print_problems, read_others, refused, stdin
from validator.errors import Place, exit_code, too_many
from validator.output.phrases import phrase
from validator.output.publishing import opened
from validator.reading.files import stored_bytes
from validator.reporting.courts import Courts
from validator.reporting.docket import Docket, count
from validator.reporting.docket_view import disagreements, docket_view
from validator.reporting.findings_file import FindingsFile
from validator.reporting.own import rendered

OF_A_RECORD = {"identifier": "--id", "as_of": "--as-of", "assume_in_force": "--assume-in-force"}
"""Settings of the page of a record; findings have been judged already."""


def write_docket(source: str, form: str, settings: dict[str, Any]) -> int:
    """Write the page about a file of findings and return the exit code.

    Args:
        source: the file; ``-`` is standard input.
        form: "html", or another one for the short form in Markdown.
        settings: of the command.
    """
    for name, option in OF_A_RECORD.items():
        if settings[name]:
            raise refused("report-option", option, option=option)
    lang = settings["lang"]
    with FindingsFile(source, stdin()) as file:
        program = load_program(settings["policies"], settings["parameters"], lang)
        context, problems = read_others(program, settings)
        courts = Courts(program.vocabulary, context)
        docket = Docket(file.header, program.calendar, courts)
        with progress(stored_bytes([source]), _lines_read(lang), bar=draws(settings["output"])) as report:
            for lines in count(file, docket):
                report(lines, file.consumed())
    doubts = [*docket.problems, *disagreements(docket)]
    print_problems(doubts, lang)
    if docket.broken > len(docket.problems):
        print_problems([too_many(Place(source), len(docket.problems))], lang)
    name = f"docket.{'html' if form == 'html' else 'md'}.j2"
    page = rendered(settings["own"], name, docket_view(docket, courts, program, lang), lang)
    with opened(settings["output"]) as stream:
        stream.write(page)
    nothing = docket.totals is not None and not docket.totals.records.judged
    return exit_code([*([4] if problems or doubts else []), *([5] if nothing else [])])


def _lines_read(lang: str) -> Callable[[int, float], str]:
    """Return how is said how many lines have been read."""
    return lambda lines, seconds: phrase(lang, "lines_read", lines=lines, rate=rate(lines, seconds))
